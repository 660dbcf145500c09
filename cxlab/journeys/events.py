"""The events as they are read: checked columns, what occurs in them, and the rules in microseconds."""

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count as counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import ALL, NOT_GIVEN, Table, literal, parse_duration
from cxlab.data.calendar import INSTANT, last_moment, parse_instant
from cxlab.errors import ParameterError
from cxlab.journeys.rules import Rules
from cxlab.journeys.steps import Step, parse_steps, refuse_unseen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EventLog", "event_rows", "read_events", "seen_events", "ticks"]

_numbers = counter()


@dataclass(frozen=True)
class EventLog:
    """Events ready for counting.

    Attributes:
        table: the source.
        events: SQL of the checked events: u (unit), event, t (microseconds), segment, place (row).
        seen: names of events with their number, the most frequent first.
        first: first instant in the data.
        last: last instant in the data.
        steps: the steps.
        rules: what counts as a chain.
        segmented: is there a breakdown?
        name: prefix of the temporary tables.
    """

    table: Table
    events: str
    seen: Mapping[str, int]
    first: int
    last: int
    steps: tuple[Step, ...]
    rules: Rules
    segmented: bool
    name: str

    @property
    def overlapping(self) -> bool:
        """Could one event serve two steps?"""
        names = [name for step in self.steps for name in step.events]
        return len(names) != len(set(names))

    def make(self, table: str, sql: str) -> str:
        """Keep an intermediate answer in the engine."""
        self.table.engine.execute(f"CREATE OR REPLACE TEMP TABLE {self.name}_{table} AS {sql}", scratch=True)
        return f"{self.name}_{table}"

    @contextmanager
    def cleaned(self) -> "Iterator[EventLog]":
        """Drop the intermediate answers at the end."""
        try:
            yield self
        finally:
            sql = f"SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, '{self.name}_')"
            for (table,) in self.table.engine.rows(sql):
                self.table.engine.execute(f"DROP TABLE {table}", scratch=True)


def ticks(duration: str | None, argument: str) -> int | None:
    """A length of time in microseconds; None stays."""
    return None if duration is None else int(parse_duration(duration, argument=argument) / pd.Timedelta(1, "us"))


def _limits(choices: Mapping[str, Any], tz: str) -> dict[str, int | None]:
    """The moments given, in microseconds since 1970 UTC: entries half-open, the last day seen with its end."""
    readers = {"observe_until": last_moment, "entry_from": parse_instant, "entry_to": parse_instant}
    given = {name: read for name, read in readers.items() if choices[name] is not None}
    found = {name: read(choices[name], argument=name, tz=tz) for name, read in given.items()}
    limits = dict.fromkeys(readers) | {name: (at - pd.Timestamp(0)) // INSTANT for name, at in found.items()}
    low, high = limits["entry_from"], limits["entry_to"]
    if low is not None and high is not None and low >= high:
        raise ParameterError(
            f"`entry_from` is {choices['entry_from']!r} and `entry_to` {choices['entry_to']!r}: no start lies from the "
            "one to before the other. Give a later `entry_to`."
        )
    return limits


def read_events(
    table: Table, *, columns: Mapping[str, tuple[str, str]], steps: object, choices: dict[str, Any]
) -> EventLog:
    """Check the columns, look at what occurs, and settle the rules.

    Args:
        table: the source.
        columns: role -> (column, kind), as `Table.typed` takes them.
        steps: the steps as the user gave them.
        choices: the other settings of the analysis.

    Returns:
        The events.

    Raises:
        DataError: a column is missing or holds what it must not; no step occurs.
        ParameterError: a setting is not one.
    """
    limits = _limits(choices, table.tz)
    parsed = parse_steps(steps)
    tolerance = ticks(choices["tolerance"], "tolerance") or 0
    window = ticks(choices["within"], "within")
    relation = event_rows(table, columns, choices["ties"], limits["observe_until"])
    seen, first, last = seen_events(table, relation)
    parsed = parse_steps(steps, seen)
    refuse_unseen(parsed, seen)
    rules = Rules(
        steps=len(parsed), order=choices["order"], ties=choices["ties"], tolerance=tolerance, window=window,
        entry_from=limits["entry_from"], entry_to=limits["entry_to"],
        data_end=last if limits["observe_until"] is None else limits["observe_until"],
    )  # fmt: skip
    return EventLog(
        table, relation, seen, first, last, parsed, rules, "segment" in columns, f"cx_funnel_{next(_numbers)}"
    )


def event_rows(table: Table, columns: Mapping[str, tuple[str, str]], ties: str, until: int | None) -> str:
    """SQL of the events; the number of the row only where it decides."""
    typed = table.typed(**columns)
    row = "row_number() OVER ()" if ties == "row_order" else "0"
    segment = f"coalesce(segment, {literal(NOT_GIVEN)})" if "segment" in columns else literal(ALL)
    more = ", session" if "session" in columns else ""
    more += f", coalesce(channel, {literal(NOT_GIVEN)}) AS channel" if "channel" in columns else ""
    read = f"SELECT unit AS u, event, epoch_us(time) AS t, {segment} AS segment, {row} AS place{more} FROM {typed}"
    return f"({read})" if until is None else f"(SELECT * FROM ({read}) WHERE t <= {until})"


def seen_events(table: Table, relation: str) -> tuple[dict[str, int], int, int]:
    """Names of the events with their number, first and last instant."""
    counts = "count(*) AS n, min(t) AS first, max(t) AS last"
    frame = table.query(f"SELECT event, {counts} FROM {relation} GROUP BY event ORDER BY n DESC, event")
    if frame.empty:
        raise ParameterError("`observe_until` lies before the first event in the data; choose a later moment.")
    seen = dict(zip(frame["event"], frame["n"].astype(int), strict=True))
    return seen, int(frame["first"].min()), int(frame["last"].max())
