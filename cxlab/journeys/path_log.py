"""The paths as they are read: events in order, cut into visits, from where they begin to where they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count as counter
from typing import Any

import numpy as np
import pandas as pd

from cxlab.data import Table, literal
from cxlab.data.calendar import INSTANT, last_moment
from cxlab.data.groups import refuse_total
from cxlab.errors import DataError, ParameterError, nearest
from cxlab.journeys.events import event_rows, seen_events, ticks
from cxlab.journeys.walk_cuts import Cuts, usual_wait
from cxlab.journeys.walk_table import keep_walks
from cxlab.journeys.walks import Walks, read_walks
from cxlab.wording import sentence_list

__all__ = ["END", "OPEN", "OTHER", "START", "STATES", "PathLog", "path_log"]

START, END, OPEN, OTHER = "(start)", "(end)", "(open)", "(other)"
STATES = (END, OPEN)
_MOST_SEGMENTS = 20
_QUIET = 0.95  # after so much of the pauses between two events, a path that is quiet counts as ended
_numbers = counter()


@dataclass(frozen=True)
class PathLog:
    """Paths ready for counting.

    Attributes:
        table: the source.
        name: prefix of the temporary tables.
        walks: the paths as numbers, until everything is counted.
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
    name: str
    walks: Walks
    named: tuple[str, ...]
    folded: int
    goal: str | None
    limit: int
    pause: int
    until: int
    first: int
    segmented: bool

    @cached_property
    def steps(self) -> str:
        """Temporary table of the events, made when it is first asked for.

        Columns: u, p (path), k (position), e (event, rare ones put together), t, segment, before and target (the events
        around it, or null), wait (microseconds until the next), and the channel, if there is one.
        """
        return keep_walks(self.table.engine, self.walks, f"{self.name}_steps")

    @property
    def places(self) -> tuple[str, ...]:
        """Where a walk may be before it ends: every named event but the goal, and rare ones together."""
        return (*(name for name in self.named if name != self.goal), *((OTHER,) if self.folded else ()))

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
    until = _moment(given["observe_until"], table.tz)
    rows = event_rows(table, _columns(given), "step_order", until)
    seen, first, last = seen_events(table, rows)
    _refuse_unseen(given, seen)
    named = _named(given, seen)
    name, end = f"cx_paths_{next(_numbers)}", last if until is None else until
    walks = read_walks(
        table, name, rows, given=given, seen=dict(sorted(seen.items())), cuts=_cuts(given, sorted(seen), named),
        span=(first, last), refuse=lambda groups: _refuse_groups(groups, given["segment"]),
    )  # fmt: skip
    try:
        pause = _pause(walks, given)
        yield PathLog(
            table, name, walks, named, len(seen) - len(named), given["goal"], end - pause, pause, end, first,
            given["segment"] is not None,
        )  # fmt: skip
    finally:
        walks.batches.clear()
        for kept in ("steps", "codes"):
            table.engine.execute(f"DROP TABLE IF EXISTS {name}_{kept}", scratch=True)


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


def _cuts(given: Mapping[str, Any], seen: list[str], named: tuple[str, ...]) -> Cuts:
    """Where paths begin and end; what is not told by name goes together."""
    numbers = {name: number for number, name in enumerate(named)}
    told = np.array([numbers.get(name, len(named)) for name in seen], np.uint16)
    begin, goal = (None if given[role] is None else seen.index(given[role]) for role in ("begin", "goal"))
    names = named if len(named) == len(seen) else (*named, OTHER)
    return Cuts(
        names,
        told,
        ticks(given["session_gap"], "session_gap"),
        given["session"] is not None,
        given["repeats"] != "keep",
        begin,
        goal,
    )


def _refuse_groups(groups: Sequence[str], column: str | None) -> None:
    """Groups that cannot be told."""
    if column is None:
        return
    refuse_total(set(groups), column)
    if len(groups) > _MOST_SEGMENTS:
        raise DataError(
            f"`segment`: column {column!r} divides people into {len(groups):,} groups; expected at most "
            f"{_MOST_SEGMENTS}. Choose a column with fewer values, or put values together."
        )


def _pause(walks: Walks, given: Mapping[str, Any]) -> int:
    """How long must a path be quiet to count as ended?"""
    if not walks.batches:
        raise DataError(f"No path begins with {given['begin']!r} up to `observe_until`; choose a later moment.")
    if given["session_gap"] is not None:
        return int(ticks(given["session_gap"], "session_gap") or 0)
    return int(usual_wait(walks.batches, _QUIET))
