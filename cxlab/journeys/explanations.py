"""One person's way through a funnel: which events were taken for which step, and why it ended there."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from cxlab.data import literal
from cxlab.errors import DataError
from cxlab.journeys.attempts import attempts_of
from cxlab.journeys.definitions import semantics
from cxlab.journeys.events import EventLog
from cxlab.journeys.fetched import mask_sql
from cxlab.journeys.kernel import chain_of
from cxlab.journeys.peers import levels_elsewhere
from cxlab.journeys.rules import Chain
from cxlab.journeys.why_ended import why_ended
from cxlab.journeys.words import moment

__all__ = ["Explanation", "explained"]

_MOST = 20_000


@dataclass(frozen=True)
class Explanation:
    """What was matched for one person.

    Attributes:
        unit: the person.
        events: one row per event: case (number of the visit or case), time, event, serves (numbers of the steps that it
            could serve), taken (the step that it was taken for; missing where it was not).
        reasons: per case, why the way ended there.
        elsewhere: how many steps the known tools would count: tool, level, note.
        semantics: the definitions behind it.
    """

    unit: str
    events: pd.DataFrame
    reasons: tuple[str, ...]
    elsewhere: pd.DataFrame
    semantics: tuple[str, ...]

    def __str__(self) -> str:
        tools = "\n".join(f"{row.tool}: {row.note or f'{row.level} steps'}" for row in self.elsewhere.itertuples())
        return "\n\n".join([self.unit, "\n".join(self.reasons), self.events.to_string(index=False), tools])

    def _repr_html_(self) -> str:
        reasons = "".join(f"<p>{escape(reason)}</p>" for reason in self.reasons)
        shown = self.events.astype(object).where(self.events.notna(), "")
        return f"<h4>{escape(self.unit)}</h4>{reasons}{shown.to_html(index=False)}{self.elsewhere.to_html(index=False)}"


def explained(log: EventLog, unit: Any) -> Explanation:
    """Which chain of this person was matched, and why did it end there?

    Args:
        log: the events.
        unit: the person.

    Raises:
        DataError: there is no such person, or the person has too many events to look at.
    """
    rows = _rows(log, str(unit))
    parts = [_of_case(log, number, own) for number, (_, own) in enumerate(rows.groupby("u", sort=False), 1)]
    frame = pd.concat([events for events, _ in parts], ignore_index=True)
    return Explanation(
        str(unit), frame, tuple(reason for _, reasons in parts for reason in reasons), levels_elsewhere(log, rows),
        semantics(log, None, 0.95),
    )  # fmt: skip


def _rows(log: EventLog, unit: str) -> pd.DataFrame:
    """All events of one person: u, t, event, mask."""
    person = "person" if log.settings.clustered else "u"
    found = log.table.query(
        f"SELECT u::VARCHAR AS u, t, event, {mask_sql(log)} AS mask FROM {log.events} "
        f"WHERE {person}::VARCHAR = {literal(unit)} ORDER BY u, t, place, segment, mask LIMIT {_MOST + 1}"
    )
    if found.empty:
        raise DataError(
            f"There is nobody {unit!r} in the data up to `observe_until`. Give the value as the data have it."
        )
    if len(found) > _MOST:
        raise DataError(f"{unit!r} has more than {_MOST:,} events, too many to look at one by one.")
    return found


def _of_case(log: EventLog, number: int, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The events of one case with what they were taken for, and why its chains ended."""
    times, masks = rows["t"].astype(int).tolist(), rows["mask"].astype(int).tolist()
    if log.settings.choices.get("counting") == "attempts":
        chains = [attempt.chain for attempt in attempts_of(times, masks, log.rules)]
    else:
        chains = [chain_of(times, masks, log.rules)]
    taken = pd.Series(pd.NA, index=range(len(times)), dtype="Int64")
    for chain in chains:
        _mark(log, chain, times, masks, taken)
    serves = [", ".join(str(step) for step in _served(log, mask)) for mask in masks]
    frame = pd.DataFrame({
        "case": number, "time": [moment(t, log.table.tz) for t in times], "event": rows["event"].to_numpy(),
        "serves": serves, "taken": taken.array,
    })  # fmt: skip
    reasons = [
        why_ended(log, chain, times, masks, rows["event"].tolist()) for chain in chains or [chain_of([], [], log.rules)]
    ]
    several = len(reasons) > 1
    return frame, [
        f"{log.settings.counted.one.capitalize()} {k}: {r}" if several else r for k, r in enumerate(reasons, 1)
    ]


def _served(log: EventLog, mask: int) -> list[int]:
    """Numbers of the steps that an event could serve."""
    order = (*log.settings.required, *sorted(log.settings.optional))
    return sorted(number for k, number in enumerate(order) if mask >> k & 1)


def _mark(log: EventLog, chain: Chain, times: list[int], masks: list[int], taken: pd.Series) -> None:
    """Write the step beside each event of the chain."""
    settings = log.settings
    pairs = [
        *zip(settings.required, chain.times, strict=False),
        *zip(sorted(settings.optional), chain.optional, strict=False),
    ]
    for number, time in sorted(pair for pair in pairs if pair[1] is not None):
        fits = (
            event for event, (at, mask) in enumerate(zip(times, masks, strict=True))
            if at == time and (settings.choices["order"] == "any" or number in _served(log, mask)) and mask
            and (pd.isna(taken[event]) or settings.choices["event_reuse"])
        )  # fmt: skip
        event = next(fits, None)
        if event is not None:
            taken[event] = number
