"""Reading an experiment whose places switched between variants: one row per place and period, summed in SQL."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cxlab.data import ALL, Table, parse_duration
from cxlab.errors import DataError, ParameterError
from cxlab.experiments.blocks import Block
from cxlab.experiments.measurement import Measurement, measure
from cxlab.experiments.metrics import Metric
from cxlab.experiments.rows import Rows
from cxlab.experiments.studies import refuse_caps, refuse_kinds
from cxlab.experiments.switchback import Periods, SwitchbackStudy
from cxlab.wording import count

__all__ = ["read_switchback"]

_WORDS = (
    "Variants switched every {length}{places}: one period in one place is one value, the average of its rows, and "
    "every period weighs the same{slots}. p and interval: the assignment drawn again {draws} times, as many periods of "
    "each variant in each place (Bojinov, Simchi-Levi & Zhao 2023); relative: as a factor on the control.",
    "Rows within {carry_over} after a switch are left out.",
)
_LEAST = 2


@dataclass(frozen=True)
class _Clock:
    """Where periods begin: at midnight before the first row, in the table's time zone; lengths in microseconds."""

    moment: str
    length: int
    carry_over: int
    origin: pd.Timestamp

    @property
    def since(self) -> str:
        """SQL of the time since the period began."""
        return f"({self.moment} - {self.period} * {self.length})"

    @property
    def period(self) -> str:
        """SQL of the period's number."""
        return f"CAST(floor({self.moment} / {self.length}.0) AS BIGINT)"


def read_switchback(
    table: Table, metrics: tuple[Metric, ...], variant: str, control: str, *, length: str, time: str | None,
    place: str | None = None, carry_over: str | None = None,
) -> SwitchbackStudy:  # fmt: skip
    """What did each period in each place bring?

    Args:
        table: rows with a moment, a variant and values.
        metrics: what is measured.
        variant: column with the variant that was on.
        control: its value that all others are compared with.
        length: of a period.
        time: column of the moment.
        place: column of what switches as a whole, or None.
        carry_over: time after a switch that is left out, or None.

    Returns:
        The study.

    Raises:
        DataError: a period holds several variants, or a variant has fewer than two periods.
        ParameterError: no time, lengths that do not go together, or metrics that are no averages.
    """
    refuse_kinds(metrics, "switchback")
    refuse_caps(metrics, "`switchback`", "Leave the cap out: p comes from drawing the assignment again.")
    _refuse_adjusted(metrics)
    if time is None:
        raise ParameterError("`switchback` needs `time`, the column with the moment of each row.")
    every, left_out = _lengths(length, carry_over)
    keys = {"moment": (time, "time")} | ({"place": (place, "text")} if place else {})
    measured = measure(table, metrics, variant, control, None, Rows(keys, apart=True))
    clock = _clock(table, measured, every, left_out)
    frame = _blocks(table, measured, clock, with_place=place is not None)
    _refuse_mixed(frame, length, place and table.column(place), clock)
    _refuse_few(frame, measured, length)
    periods = Periods.of(_placed(frame, clock), clock.length)
    words = (
        _WORDS[0].format(length=length, places=f" in each '{table.column(place)}'" if place else "",
                         slots=periods.slots_words, draws=count(periods.draws)),
        *([_WORDS[1].format(carry_over=carry_over)] if carry_over else []),
    )  # fmt: skip
    return SwitchbackStudy(
        table=table, measured=replace(measured, rows=_sizes(frame, measured)), variant=variant,
        own_methods=True, semantics=words, periods=periods,
        length=length, carry_over=carry_over,
    )  # fmt: skip


def _sizes(frame: pd.DataFrame, measured: Measurement) -> dict[tuple[str, str], int]:
    """Periods per variant: they are what was assigned and planned."""
    return {(ALL, variant): int((frame["variant"] == variant).sum()) for variant in measured.variants}


def _refuse_adjusted(metrics: tuple[Metric, ...]) -> None:
    found = [metric for metric in metrics if metric.covariates]
    if found:
        raise ParameterError(
            f"`switchback` cannot adjust {found[0].name!r} for a covariate; places and the time of day are taken out "
            "already. Leave the covariate out."
        )
    against = [metric for metric in metrics if metric.test != "superiority"]
    if against:
        raise ParameterError(
            f"`switchback` cannot test {against[0].name!r} against a margin; read its interval, or leave `test` out."
        )


def _lengths(length: str, carry_over: str | None) -> tuple[int, int]:
    every = parse_duration(length, argument="switchback")
    left_out = parse_duration(carry_over or "0min", argument="carry_over")
    if not every > left_out:
        raise ParameterError(
            f"`carry_over` is {carry_over!r} and `switchback` {length!r}; expected a carry-over shorter than a period, "
            "or nothing is left of it."
        )
    return every.value // 1000, left_out.value // 1000


def _clock(table: Table, measured: Measurement, length: int, carry_over: int) -> _Clock:
    local = table.local("moment")
    first = table.query(f"SELECT date_trunc('day', min({local}))::TIMESTAMP AS origin FROM {measured.units} AS u")
    origin = pd.Timestamp(first["origin"].iloc[0])
    moment = f"(epoch_us({local}) - {int(origin.value // 1000)})"
    return _Clock(moment, length, carry_over, origin)


def _blocks(table: Table, measured: Measurement, clock: _Clock, *, with_place: bool) -> pd.DataFrame:
    """One row per place and period: its variant, its rows, and the sums of each metric by part of the period."""
    place = "place" if with_place else "'all'"
    middle = (clock.carry_over + clock.length) // 2
    parts = {
        "0": f"since >= {clock.carry_over}", "1": f"since < {clock.carry_over}",
        "e": f"since >= {clock.carry_over} AND since < {middle}", "l": f"since >= {middle}",
    }  # fmt: skip
    parts |= {f"q{i}": f"since * 4 >= {i * clock.length} AND since * 4 < {(i + 1) * clock.length}" for i in range(4)}
    sums = [one for index, block in enumerate(measured.blocks) for one in _sums(index, block, parts)]
    timed = f"SELECT *, {clock.period} AS period, {clock.since} AS since FROM {measured.units} AS u"
    return table.query(
        f"SELECT {place} AS place, period, min(variant) AS variant, count(DISTINCT variant) AS variants, "
        f"count(*) AS n, count(*) FILTER ({parts['1']}) AS early, {', '.join(sums)} FROM ({timed}) AS timed "
        f"GROUP BY 1, 2 ORDER BY 1, 2"
    )


def _sums(index: int, block: Block, parts: dict[str, str]) -> list[str]:
    value = block.own[0]
    weight = block.own[1] if len(block.own) > 1 else f"CASE WHEN {value} IS NOT NULL THEN 1.0 END"
    found = [f"count({value}) AS m{index}_n"]
    for name, when in parts.items():
        for letter, sql in (("t", value), ("w", weight)):
            found.append(f"coalesce(sum({sql}) FILTER ({when}), 0)::DOUBLE AS m{index}_{letter}{name}")
    return found


def _refuse_mixed(frame: pd.DataFrame, length: str, place: str | None, clock: _Clock) -> None:
    mixed = frame[frame["variants"] > 1]
    if mixed.empty:
        return
    one = mixed.iloc[0]
    start = clock.origin + pd.Timedelta(int(one["period"]) * clock.length, unit="us")
    where = f" in {one['place']!r}" if place else ""
    raise DataError(
        f"{count(len(mixed))} of {count(len(frame))} periods of {length} hold rows of several variants, such as the "
        f"one from {start:%Y-%m-%d %H:%M}{where}; expected one variant in each. Check the length of the periods"
        + ("" if place else ", or name the column of what switches as a whole with cluster=")
        + ". Periods begin at midnight."
    )


def _refuse_few(frame: pd.DataFrame, measured: Measurement, length: str) -> None:
    for variant in measured.variants:
        for index, metric in enumerate(measured.metrics):
            n = int(((frame["variant"] == variant) & (frame[f"m{index}_w0"] > 0)).sum())
            if n < _LEAST:
                raise DataError(
                    f"Variant {variant!r} has {count(n)} period{'' if n == 1 else 's'} of {length} with a value of "
                    f"{metric.name!r}; expected two or more, better ten."
                )


def _placed(frame: pd.DataFrame, clock: _Clock) -> pd.DataFrame:
    """When each period was, and whether its place had another variant before."""
    start = clock.origin + pd.to_timedelta(frame["period"] * clock.length, unit="us")
    before = frame.groupby("place", sort=False)["variant"].shift()
    minute = start.dt.hour * 60 + start.dt.minute
    return frame.assign(
        day=start.dt.normalize(), day_slot=minute, week_slot=start.dt.day_of_week * 1440 + minute,
        switched=np.asarray(before.notna() & (before != frame["variant"]), dtype=bool),
    )  # fmt: skip
