"""The events as they are read: checked columns, what occurs in them, and the rules in microseconds."""

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count as counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import ALL, NOT_GIVEN, Table, literal
from cxlab.data.calendar import INSTANT, last_moment, parse_instant
from cxlab.errors import ParameterError
from cxlab.journeys.rules import Rules
from cxlab.journeys.settings import Settings, settle, ticks
from cxlab.journeys.steps import Step, refuse_unseen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EventLog", "event_rows", "read_events", "seen_events", "ticks"]

_numbers = counter()


@dataclass(frozen=True)
class EventLog:
    """Events ready for counting.

    Attributes:
        table: the source.
        events: SQL of the checked events: u (what is counted), person, event, t (microseconds), segment, place (row),
            and the properties that steps ask for.
        seen: names of events with their number, the most frequent first.
        first: first instant in the data.
        last: last instant in the data.
        settings: what was asked, resolved.
        rules: what counts as a chain.
        segmented: is there a breakdown?
        name: prefix of the temporary tables.
        unheld: number of events without a value of what is held constant; they are left out.
        matched: by step and then by exclusion, how many events serve it; empty where names alone decide.
    """

    table: Table
    events: str
    seen: Mapping[str, int]
    first: int
    last: int
    settings: Settings
    rules: Rules
    segmented: bool
    name: str
    unheld: int = 0
    matched: tuple[int, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in their order."""
        return self.settings.steps

    @property
    def properties(self) -> dict[str, str]:
        """Columns of properties by what they are called in the events."""
        return {column: f"p{k}" for k, column in enumerate(self.settings.columns)}

    @property
    def overlapping(self) -> bool:
        """Could one event serve two steps?"""
        names = [name for step in self.steps for name in step.events or ("",)]
        return len(names) != len(set(names)) or not all(step.events for step in self.steps)

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
    early = settle(steps, choices)
    relation = event_rows(table, _columns(columns, early), early.choices["ties"], limits["observe_until"])
    seen, first, last = seen_events(table, relation)
    settings = settle(steps, choices, seen)
    refuse_unseen(settings.steps, seen)
    if settings.columns != early.columns:
        relation = event_rows(table, _columns(columns, settings), settings.choices["ties"], limits["observe_until"])
    rules = settings.rules(
        entry_from=limits["entry_from"], entry_to=limits["entry_to"],
        data_end=last if limits["observe_until"] is None else limits["observe_until"],
    )  # fmt: skip
    unheld = _unheld(table, relation, settings)
    return EventLog(
        table, _keyed(relation, settings), seen, first, last, settings, rules, "segment" in columns,
        f"cx_funnel_{next(_numbers)}", unheld, _matched(table, relation, settings),
    )  # fmt: skip


def _matched(table: Table, relation: str, settings: Settings) -> tuple[int, ...]:
    """How many events serve each step and exclusion, where properties decide."""
    if not settings.columns:
        return ()
    properties = {column: f"p{k}" for k, column in enumerate(settings.columns)}
    every = [*settings.steps, *(one.step for one in settings.exclusions)]
    sums = ", ".join(f"count(*) FILTER ({step.sql(properties)})" for step in every)
    return tuple(int(n) for n in table.engine.rows(f"SELECT {sums} FROM {relation}")[0])


def _columns(columns: Mapping[str, tuple[str, str]], settings: Settings) -> dict[str, tuple[str, str]]:
    """The columns with those of properties, of what is held constant and of the visit."""
    c = settings.choices
    more = {f"p{k}": (column, "text?") for k, column in enumerate(settings.columns)}
    more |= {f"h{k}": (column, "text?") for k, column in enumerate(c.get("hold") or ())}
    return {**columns, **({"session": (c["session"], "text?")} if c.get("session") else {}), **more}


def _held(settings: Settings) -> list[str]:
    """What, beside the person, an event must share with others to be counted with them."""
    held = [f"h{k}" for k, _ in enumerate(settings.choices.get("hold") or ())]
    return [*held, "session"] if settings.choices.get("session") else held


def _unheld(table: Table, relation: str, settings: Settings) -> int:
    """Events that belong to no case, because a value is missing."""
    missing = " OR ".join(f"{name} IS NULL" for name in _held(settings))
    return int(table.engine.rows(f"SELECT count(*) FROM {relation} WHERE {missing}")[0][0]) if missing else 0


def _keyed(relation: str, settings: Settings) -> str:
    """The events under what is counted: a person, or what a person did in one visit or with one thing."""
    held, gap = _held(settings), ticks(settings.choices.get("session_gap"), "session_gap")
    if held:
        key = " || chr(31) || ".join(["u::VARCHAR", *held])
        there = " AND ".join(f"{name} IS NOT NULL" for name in held)
        relation = f"(SELECT * REPLACE ({key} AS u) FROM (SELECT *, u AS person FROM {relation}) WHERE {there})"
    elif settings.clustered:
        relation = f"(SELECT *, u AS person FROM {relation})"
    if gap is None:
        return relation
    spaced = f"SELECT *, t - lag(t) OVER (PARTITION BY u ORDER BY t) > {gap} AS fresh FROM {relation}"
    order = "(PARTITION BY u ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    visit = f"SELECT *, coalesce(sum(fresh::INT) OVER {order}, 0) AS visit FROM ({spaced})"
    return f"(SELECT * REPLACE (u::VARCHAR || chr(31) || visit AS u) FROM ({visit}))"


def event_rows(table: Table, columns: Mapping[str, tuple[str, str]], ties: str, until: int | None) -> str:
    """SQL of the events; the number of the row only where it decides; further columns under their own names."""
    typed = table.typed(**columns)
    row = "row_number() OVER ()" if ties == "row_order" else "0"
    segment = f"coalesce(segment, {literal(NOT_GIVEN)})" if "segment" in columns else literal(ALL)
    told = {"channel": f"coalesce(channel, {literal(NOT_GIVEN)}) AS channel"}
    more = [name for name in columns if name not in ("unit", "event", "time", "segment")]
    further = "".join(f", {told.get(name, name)}" for name in more)
    read = f"SELECT unit AS u, event, epoch_us(time) AS t, {segment} AS segment, {row} AS place{further} FROM {typed}"
    return f"({read})" if until is None else f"(SELECT * FROM ({read}) WHERE t <= {until})"


def seen_events(table: Table, relation: str) -> tuple[dict[str, int], int, int]:
    """Names of the events with their number, first and last instant."""
    counts = "count(*) AS n, min(t) AS first, max(t) AS last"
    frame = table.query(f"SELECT event, {counts} FROM {relation} GROUP BY event ORDER BY n DESC, event")
    if frame.empty:
        raise ParameterError("`observe_until` lies before the first event in the data; choose a later moment.")
    seen = dict(zip(frame["event"], frame["n"].astype(int), strict=True))
    return seen, int(frame["first"].min()), int(frame["last"].max())
