"""The looks of a test that is watched: what each showed, and what an estimate is worth after a stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from cxlab.data import ALL, Table
from cxlab.data.calendar import iso_local
from cxlab.data.excerpts import Excerpt, excerpts
from cxlab.errors import DataError
from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric
from cxlab.experiments.watch import Monitoring, Watch, checked_looks
from cxlab.results import Check
from cxlab.stats.always_valid import running_p_values
from cxlab.stats.sequential import peeking_error
from cxlab.stats.stopping import stagewise
from cxlab.wording import count, share

__all__ = ["History", "history_of", "looks_check", "looks_table", "stopped_early"]

_FIELDS = {one.name for one in fields(Effect)}


@dataclass(frozen=True)
class History:
    """How a test is watched, and its data as they stood at the looks before this one."""

    watch: Watch
    past: tuple[Excerpt, ...] = field(default=(), repr=False)
    last: str | None = None
    zone: str = "UTC"
    timed: bool = False

    def tables(self, effects: Sequence[Effect], again: Callable[..., Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        """The table "looks", where there is anything to tell.

        Args:
            effects: the effects now.
            again: the analysis, run anew on what an earlier look saw.
            asked: its settings.

        Returns:
            The further table by its name; empty where nothing is watched.
        """
        if not self.watch.active:
            return {}
        settings = {**asked, "monitoring": "none", "looks": None, "segment": None}
        settings.pop("data", None)
        seen = [self._seen(place, again, settings) for place in range(len(self.watch.sizes) - 1)]
        told: list[str | None] = [iso_local(one.moment, self.zone) for one in self.past]
        moments = told or [None] * len(seen)
        now = [effect for effect in effects if effect.segment == ALL]
        return {"looks": looks_table(self.watch, [*seen, now], [*moments, self.last])}

    def _seen(self, place: int, again: Callable[..., Any], settings: Mapping[str, Any]) -> list[Effect]:
        """What an earlier look showed; nothing where there was too little to compare."""
        if not self.past:
            return []

        def at_level(level: float) -> list[Effect]:
            return _read(again(self.past[place].table, **{**settings, "confidence": level}).table)

        try:
            return self.watch.effects(at_level, place)
        except DataError:
            return []


def _read(table: pd.DataFrame) -> list[Effect]:
    """Effects out of a result's table."""
    rows = table[[name for name in table if name in _FIELDS]].astype(object)
    whole = rows[rows["segment"] == ALL]
    return [Effect(**record) for record in whole.where(whole.notna(), None).to_dict("records")]


def history_of(
    table: Table, monitoring: Monitoring, looks: Sequence[int] | None, *, n: int, planned_n: int | None,
    confidence: float, metrics: tuple[Metric, ...], time: str | None, unit: str | None, last: str | None,
    again: bool = True,
) -> History:  # fmt: skip
    """Which looks were there, and what did the data hold at each?

    Args:
        table: the data.
        monitoring: how the chance of a false alarm is kept.
        looks: numbers of units at which results were or will be looked at.
        n: number of units now.
        planned_n: planned number of units.
        confidence: level over all looks together.
        metrics: what is measured.
        time: column with the time of assignment; without it earlier looks cannot be made again.
        unit: column of the unit.
        last: last moment in the data.
        again: can the design's data be cut at an earlier moment?

    Returns:
        The looks so far, this one last.
    """
    asked = checked_looks(looks)
    before, later = [look for look in asked if look < n], tuple(look for look in asked if look > n)
    past = excerpts(table, time, before, unit=unit) if time and again and before and monitoring != "none" else ()
    sizes = [one.n for one in past if one.n < n] if past else before
    watch = Watch(monitoring, (*sizes, n), later, planned_n, round(1 - confidence, 15), metrics)
    return History(watch, tuple(one for one in past if one.n < n), last, table.tz, time is not None or not again)


_COLUMNS = [
    "metric", "variant", "look", "until", "n", "information", "effect", "ci_low", "ci_high", "boundary", "p_value",
    "crossed", "adjusted_effect", "adjusted_ci_low", "adjusted_ci_high",
]  # fmt: skip


def looks_table(watch: Watch, seen: Sequence[Sequence[Effect]], moments: Sequence[str | None]) -> pd.DataFrame:
    """What did each look show?

    Args:
        watch: how the test is watched.
        seen: the effects at each look; empty where they cannot be told.
        moments: until when each look saw.

    Returns:
        One row per metric, variant and look: metric, variant, look (from 1), until, n, information (share of the
        planned size), effect, ci_low, ci_high (valid at this look and all others), boundary (how far from zero the
        effect must lie), p_value (the smallest so far, for always valid ones), crossed, and in the last row of a
        stopped test adjusted_effect, adjusted_ci_low, adjusted_ci_high: allowing for the looks.
    """
    rows = []
    for now in seen[-1]:
        own = [_of(effects, now) for effects in seen]
        lines = [_line(watch, place, now, effect, moments[place]) for place, effect in enumerate(own)]
        rows += [dict(zip(_COLUMNS, line, strict=False)) for line in _adjusted(watch, lines, now)]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    numbers = [name for name in _COLUMNS if name not in ("metric", "variant", "look", "until", "n", "crossed")]
    return frame.astype(dict.fromkeys(numbers, float) | {"n": int, "look": int, "crossed": bool})


def _of(effects: Sequence[Effect], wanted: Effect) -> Effect | None:
    same = (one for one in effects if (one.metric, one.variant) == (wanted.metric, wanted.variant))
    return next(same, None)


def _line(watch: Watch, place: int, now: Effect, effect: Effect | None, until: str | None) -> list[Any]:
    head = [now.metric, now.variant, place + 1, until, watch.sizes[place], watch.information[place]]
    if effect is None or effect.effect is None or effect.ci_low is None or effect.ci_high is None:
        return [*head, None, None, None, None, None, False]
    boundary = watch.reach(place, effect) * effect.se if effect.se else None
    crossed = effect.ci_low > 0 or effect.ci_high < 0
    return [*head, effect.effect, effect.ci_low, effect.ci_high, boundary, effect.p_value, crossed]


def _adjusted(watch: Watch, lines: list[list[Any]], now: Effect) -> list[list[Any]]:
    """Running p values, and the stopped test's estimate with its looks allowed for."""
    if not watch.sequential:
        running = running_p_values([1.0 if line[10] is None else line[10] for line in lines])
        lines = [[*line[:10], float(p) if line[10] is not None else None, line[11]]
                 for line, p in zip(lines, running, strict=True)]  # fmt: skip
    ended = lines[-1][11] or watch.information[-1] >= 1
    if len(lines) < 2 or not ended or any(line[11] for line in lines[:-1]) or not now.se or now.effect is None:
        return lines
    shares = np.array(watch.sizes) / watch.sizes[-1]
    reaches = [watch.reach(place, now) for place in range(len(lines))]
    found = stagewise(shares.tolist(), reaches, now.effect / now.se, confidence=1 - watch.alpha)
    return [*lines[:-1], [*lines[-1], found.estimate * now.se, found.ci_low * now.se, found.ci_high * now.se]]


def stopped_early(table: pd.DataFrame, metric: str, variant: str) -> pd.Series | None:
    """The look at which a metric's limit was crossed before the planned size, where that look is the present one."""
    own = table[(table["metric"] == metric) & (table["variant"] == variant)]
    if (
        own.empty
        or not own["crossed"].iloc[-1]
        or not own["information"].iloc[-1] < 1
        or own["crossed"].iloc[:-1].any()
    ):
        return None
    return own.iloc[-1]


def looks_check(history: History, table: pd.DataFrame | None, main: Metric) -> tuple[Check, ...]:
    """Were the looks paid for?

    Args:
        history: the looks.
        table: the table of looks.
        main: the first primary metric.

    Returns:
        The check `looks`; none where nothing is watched and nobody looked before.
    """
    watch = history.watch
    if not watch.active:
        return (_peeked(watch),) if len(watch.sizes) > 1 else ()
    if watch.beyond:
        message = (
            f"{count(watch.sizes[-1])} customers: this look comes after the planned {count(watch.planned_n)} had been "
            "seen, and nothing is left to spend on it. Read it as exploratory."
        )
        return (Check("looks", False, "warning", message),)
    return (Check("looks", True, "info", _told(history, table, main)),)


def _peeked(watch: Watch) -> Check:
    chance = peeking_error(watch.sizes, alpha=watch.alpha)
    message = (
        f"Looked at {len(watch.sizes)} times without limits made for it: {share(chance, 0)} of tests without any "
        f"effect would show one at some look, not {watch.alpha:.0%}. Plan the looks (`monitoring`) next time."
    )
    return Check("looks", False, "warning", message)


def _told(history: History, table: pd.DataFrame | None, main: Metric) -> str:
    watch = history.watch
    number, of = len(watch.sizes), "" if watch.open_ended else f" of {count(watch.planned_n)} planned"
    message = f"Look {number}, at {count(watch.sizes[-1])}{of} customers; {watch.words} allows for all looks."
    if table is not None:
        before = table[(table["metric"] == main.name) & table["crossed"] & (table["look"] < number)]
        if len(before):
            message += f" The limit was crossed at look {before['look'].min()} already."
    if len(history.past) < number - 1 and not history.timed:
        message += " Name the time of assignment (`time`) to have the earlier looks drawn."
    return message
