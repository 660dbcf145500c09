"""The paths as they are read: events in order, cut into visits, from where they begin to where they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count as counter
from typing import Any

import pandas as pd

from cxlab.data import ALL, Table, literal
from cxlab.data.calendar import INSTANT, last_moment
from cxlab.errors import DataError, ParameterError, nearest
from cxlab.journeys.events import event_rows, seen_events, ticks
from cxlab.wording import sentence_list

__all__ = ["END", "OPEN", "OTHER", "START", "STATES", "PathLog", "path_log"]

START, END, OPEN, OTHER = "(start)", "(end)", "(open)", "(other)"
STATES = (END, OPEN)
_QUIET = 0.95  # after so much of the pauses between two events, a path that is quiet counts as ended
_numbers = counter()


@dataclass(frozen=True)
class PathLog:
    """Paths ready for counting.

    Attributes:
        table: the source.
        steps: temporary table: u, p (path), k (position), e (event, rare ones put together), t, segment, target (the
            next event, or null), wait (microseconds until then), and the channel, if there is one.
        named: the events told by name, the most frequent first.
        folded: how many events are put together.
        goal: event that ends a path as reached.
        limit: last instant of which it is known what came after it, in microseconds.
        pause: how long a path must be quiet to count as ended, in microseconds.
        until: end of the log, in microseconds.
        first: first instant in the data.
        segmented: is there a breakdown?
    """

    table: Table
    steps: str
    named: tuple[str, ...]
    folded: int
    goal: str | None
    limit: int
    pause: int
    until: int
    first: int
    segmented: bool

    @property
    def places(self) -> tuple[str, ...]:
        """Where a walk may be before it ends: every named event but the goal, and rare ones together."""
        return (*(name for name in self.named if name != self.goal), *((OTHER,) if self.folded else ()))

    def moves(self) -> str:
        """SQL of all moves whose end is known: segment, u, source, target, wait, and where it came from."""
        reached = "" if self.goal is None else f" AND NOT (target IS NULL AND e = {literal(self.goal)})"
        known = f"t <= {self.limit}{reached}"
        before = f"coalesce(before, {literal(START)}) AS before"
        onward = f"SELECT segment, u, {before}, e AS source, coalesce(target, {literal(END)}) AS target, wait"
        begin = f"SELECT segment, u, NULL, {literal(START)}, e, NULL FROM {self.steps} WHERE k = 1"
        return f"({onward} FROM {self.steps} WHERE {known} UNION ALL {begin})"

    def ends(self) -> str:
        """SQL of each path's last event: segment, u, p, k, state ("(end)", "(open)", or null where the goal was)."""
        state = f"CASE WHEN t <= {self.limit} THEN {literal(END)} ELSE {literal(OPEN)} END"
        if self.goal is not None:
            state = f"CASE WHEN e = {literal(self.goal)} THEN NULL ELSE {state} END"
        return f"(SELECT segment, u, p, k, e, {state} AS state FROM {self.steps} WHERE target IS NULL)"


@contextmanager
def path_log(table: Table, given: Mapping[str, Any]) -> Iterator[PathLog]:
    """Read the paths; what was kept in the engine is dropped at the end.

    Args:
        table: the source.
        given: the arguments of `journey_paths` or `journey_friction`.

    Yields:
        The paths.

    Raises:
        ParameterError: an event asked for is not there, or a moment is not one.
        DataError: a column is missing or holds what it must not; no path begins.
    """
    limit = _moment(given["observe_until"], table.tz)
    rows = event_rows(table, _columns(given), "step_order", limit)
    seen, first, last = seen_events(table, rows)
    _refuse_unseen(given, seen)
    named = _named(given, seen)
    name = f"cx_paths_{next(_numbers)}"
    log = PathLog(
        table, name, named, len(seen) - len(named), given["goal"], last, 0, last if limit is None else limit, first,
        given["segment"] is not None,
    )  # fmt: skip
    table.engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_steps_sql(given, rows, named)}", scratch=True)
    try:
        pause = _pause(log, given)
        yield replace(log, pause=pause, limit=log.until - pause)
    finally:
        table.engine.execute(f"DROP TABLE IF EXISTS {name}", scratch=True)


def _moment(text: str | None, tz: str) -> int | None:
    """The end of the log in microseconds."""
    if text is None:
        return None
    return int((last_moment(text, argument="observe_until", tz=tz) - pd.Timestamp(0)) // INSTANT)


def _columns(given: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    columns = {"unit": (given["unit"], "id"), "event": (given["event"], "text"), "time": (given["time"], "time")}
    if given["session"] is not None:
        columns["session"] = (given["session"], "id")
    if given.get("channel") is not None:
        columns["channel"] = (given["channel"], "text?")
    if given["segment"] is not None:
        columns["segment"] = (given["segment"], "text?")
    return columns


def _refuse_unseen(given: Mapping[str, Any], seen: Mapping[str, int]) -> None:
    for role, name in _asked(given):
        if name not in seen:
            some = ", ".join(repr(name) for name in list(seen)[:8])
            told = f"is {name!r}" if isinstance(given[role], str) else f"has {name!r}"
            raise ParameterError(
                f"`{role}` {told}, which never occurs in column {given['event']!r}."
                f"{nearest(name, seen)} Its most frequent events are {some}."
            )
    taken = [name for name in (START, END, OPEN, OTHER) if name in seen]
    if taken:
        raise DataError(
            f"Column {given['event']!r} has events called {sentence_list([repr(name) for name in taken])}, which is "
            "what paths are described with. Rename them."
        )


def _asked(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Role and name of each event that was asked for."""
    found = []
    for role in ("begin", "goal", "stages", "errors", "contacts"):
        names = None if role == "contacts" and given.get("channel") is not None else given.get(role)
        found += [(role, name) for name in ([names] if isinstance(names, str) else names or [])]
    return found


def _named(given: Mapping[str, Any], seen: Mapping[str, int]) -> tuple[str, ...]:
    """The most frequent events, and those that were asked for."""
    wanted = {name for _, name in _asked(given)}
    frequent = [name for name in seen if name not in wanted][: max(given["top"] - len(wanted), 0)]
    return tuple(name for name in seen if name in {*wanted, *frequent})


def _steps_sql(given: Mapping[str, Any], rows: str, named: tuple[str, ...]) -> str:
    """Events in order, cut into paths; where a path begins and ends; what came before and after each."""
    listed = ", ".join(literal(name) for name in named)
    folded = f"CASE WHEN event IN ({listed}) THEN event ELSE {literal(OTHER)} END AS e"
    segment = "first_value(segment) OVER (PARTITION BY u ORDER BY t, event) AS segment"
    if given["segment"] is None:
        segment = f"{literal(ALL)} AS segment"
    channel = "channel, " if given.get("channel") is not None else ""
    cut = f"SELECT u, t, event, {channel}{folded}, {segment}, {_path(given)} AS p FROM {_spaced(given, rows)} AS spaced"
    placed = (
        f"SELECT *, row_number() OVER (PARTITION BY u, p ORDER BY t, event) AS i FROM ({_merged(given, cut)}) AS cut"
    )
    kept = _between(given, placed)
    order = "OVER (PARTITION BY u, p ORDER BY i)"
    return (
        f"SELECT u, p, t, e, {channel}segment, row_number() {order} AS k, lag(e) {order} AS before, "
        f"lead(e) {order} AS target, lead(t) {order} - t AS wait FROM ({kept}) AS kept"
    )


def _spaced(given: Mapping[str, Any], rows: str) -> str:
    """Events with the time of the one before, where a long pause begins a new path."""
    if given["session_gap"] is None:
        return rows
    return f"(SELECT *, lag(t) OVER (PARTITION BY u ORDER BY t, event) AS earlier FROM {rows} AS read)"


def _path(given: Mapping[str, Any]) -> str:
    if given["session"] is not None:
        return "session"
    if given["session_gap"] is None:
        return "0"
    gap = ticks(given["session_gap"], "session_gap")
    new = f"CASE WHEN t - earlier > {gap} THEN 1 ELSE 0 END"
    return f"sum({new}) OVER (PARTITION BY u ORDER BY t, event ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"


def _merged(given: Mapping[str, Any], cut: str) -> str:
    """Without immediate repeats, where these are not wanted."""
    if given["repeats"] == "keep":
        return cut
    last = "lag(event) OVER (PARTITION BY u, p ORDER BY t, event)"
    return f"SELECT * FROM (SELECT *, {last} AS last FROM ({cut}) AS cut) AS told WHERE last IS NULL OR last <> event"


def _between(given: Mapping[str, Any], placed: str) -> str:
    """From the event that begins a path to the one that reaches its goal."""
    kept = placed
    if given["begin"] is not None:
        first = f"min(CASE WHEN event = {literal(given['begin'])} THEN i END) OVER (PARTITION BY u, p)"
        kept = f"SELECT * FROM (SELECT *, {first} AS begun FROM ({kept}) AS placed) AS begins WHERE i >= begun"
    if given["goal"] is not None:
        last = f"min(CASE WHEN event = {literal(given['goal'])} THEN i END) OVER (PARTITION BY u, p)"
        marked = f"SELECT *, {last} AS reached FROM ({kept}) AS begun"
        kept = f"SELECT * FROM ({marked}) AS ends WHERE reached IS NULL OR i <= reached"
    return kept


def _pause(log: PathLog, given: Mapping[str, Any]) -> int:
    """How long must a path be quiet to count as ended?"""
    units, usual = log.table.engine.rows(f"SELECT count(*), quantile_cont(wait, {_QUIET}) FROM {log.steps}")[0]
    if not units:
        raise DataError(f"No path begins with {given['begin']!r} up to `observe_until`; choose a later moment.")
    if given["session_gap"] is not None:
        return int(ticks(given["session_gap"], "session_gap") or 0)
    return int(usual or 0)
