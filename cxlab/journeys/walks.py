"""The events of each person in order, as numbers: read in batches of people, sorted side by side, cut into paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data import ALL, Table, literal
from cxlab.journeys.keys import Whole
from cxlab.journeys.threads import side_by_side
from cxlab.journeys.walk_cuts import Batch, Cuts, Sorting, cut_paths

__all__ = ["People", "Walks", "random_groups", "read_walks"]

_EVENTS = 1_250_000
_SPARSE = 4  # ids may be this many times as many as the events before they get a table of numbers


@dataclass(frozen=True)
class People:
    """How people, and what they are cut by, are numbered.

    Attributes:
        kind: type of the ids.
        lowest: the lowest id, where whole ids are their own numbers; None where there is a table.
        codes: how many numbers of paths there are; of people, where no visits are named.
        table: name of the table of numbers: u, code, person, and session where visits are named.
        person: number of the person by code, where visits are named.
        segments: groups of the breakdown, by number.
        group: number of the group by person; None without a breakdown.
    """

    kind: str
    lowest: int | None
    codes: int
    table: str
    person: Whole | None = None
    segments: tuple[str, ...] = (ALL,)
    group: NDArray[np.uint16] | None = None

    def groups(self, person: Whole) -> NDArray[np.uint16]:
        """The groups that people are in."""
        return np.zeros(len(person), np.uint16) if self.group is None else self.group[person]


@dataclass(frozen=True)
class Walks:
    """All paths, as numbers.

    Attributes:
        people: how people are numbered.
        names: events by number; rare ones together come last.
        batches: the paths, some people at a time; emptied when everything is counted.
    """

    people: People
    names: tuple[str, ...]
    batches: list[Batch] = field(default_factory=list)


@dataclass(frozen=True)
class _Read:
    """What has been read into the engine.

    Attributes:
        table: the source.
        name: prefix of the tables.
        given: the arguments of the analysis.
        seen: names of the events, by number.
        first: first instant.
        bits: bits of the times and of the events.
    """

    table: Table
    name: str
    given: Mapping[str, Any]
    seen: tuple[str, ...]
    first: int
    bits: tuple[int, int]

    def make(self, name: str, sql: str) -> str:
        """Keep an intermediate answer."""
        self.table.engine.execute(f"CREATE OR REPLACE TEMP TABLE {self.name}_{name} AS {sql}", scratch=True)
        return f"{self.name}_{name}"

    def drop(self, *names: str) -> None:
        """Let intermediate answers go."""
        for name in names:
            self.table.engine.execute(f"DROP TABLE IF EXISTS {self.name}_{name}", scratch=True)


def read_walks(
    table: Table, name: str, rows: str, *, given: Mapping[str, Any], seen: Sequence[str], cuts: Cuts,
    span: tuple[int, int], refuse: Callable[[Sequence[str]], None],
) -> Walks:  # fmt: skip
    """Read the events and put them in order.

    Args:
        table: the source.
        name: prefix of the tables; that of numbers stays until the caller drops it.
        rows: SQL of the events, as `event_rows` gives it.
        given: the arguments of the analysis: session, segment and channel are looked at.
        seen: names of all events, in the order in which they follow one another within one instant.
        cuts: where paths begin and end, and how events are numbered.
        span: first and last instant.
        refuse: raises where the groups of the breakdown cannot be told.

    Returns:
        The paths; without any where none begins.
    """
    first, last = span
    read = _Read(table, name, given, tuple(seen), first, ((last - first).bit_length(), len(seen).bit_length()))
    try:
        _store(read, rows)
        people = _people(read)
        refuse(people.segments)
        return Walks(people, cuts.names, [*side_by_side(partial(_cut, read, people, cuts), _fetched(read, people))])
    finally:
        read.drop("read", "coded", "groups")


def random_groups(table: Table, people: People, number: int) -> NDArray[np.uint16]:
    """A random group for each person, by number of the person; always the same one for the same id.

    Args:
        table: the source.
        people: how people are numbered.
        number: how many groups.

    Returns:
        The groups, from 0 on.
    """
    known = f"SELECT DISTINCT person, u FROM {people.table}"
    if people.lowest is not None:
        known = f"SELECT range AS person, (range + {people.lowest})::{people.kind} AS u FROM range({people.codes})"
    found = table.engine.arrays(f"SELECT (hash(u) % {number})::USMALLINT AS fold FROM ({known}) ORDER BY person")
    return found["fold"]


def _store(read: _Read, rows: str) -> None:
    """The events with their numbers, in the engine."""
    listed = ", ".join(f"({literal(name)}, {place})" for place, name in enumerate(read.seen))
    more = "".join(f", r.{role}" for role in ("session", "segment", "channel") if read.given.get(role) is not None)
    joined = f"{rows} AS r JOIN (VALUES {listed}) AS n(event, e) ON r.event = n.event"
    read.make("read", f"SELECT r.u, r.t, n.e::USMALLINT AS e{more} FROM {joined}")


def _people(read: _Read) -> People:
    """Numbers of the people, or of their visits, and the group that each is in."""
    engine, source = read.table.engine, f"{read.name}_read"
    kind, low, high, rows = engine.rows(f"SELECT any_value(typeof(u)), min(u), max(u), count(*) FROM {source}")[0]
    whole = read.given["session"] is None and str(kind).endswith("INT")
    if whole and int(high) - int(low) < _SPARSE * rows + _EVENTS:
        return _grouped(read, People(str(kind), int(low), int(high) - int(low) + 1, ""))
    if read.given["session"] is None:
        coded = f"SELECT u, row_number() OVER () - 1 AS code, code AS person FROM (SELECT DISTINCT u FROM {source})"
    else:
        coded = (
            "SELECT u, session, row_number() OVER (ORDER BY u, session) - 1 AS code, "
            f"dense_rank() OVER (ORDER BY u) - 1 AS person FROM (SELECT DISTINCT u, session FROM {source})"
        )
    table = read.make("codes", coded)
    found = engine.arrays(f"SELECT person FROM {table} ORDER BY code")["person"].astype(np.int64)
    people = _grouped(
        read, People(str(kind), None, len(found), table, None if read.given["session"] is None else found)
    )
    using = "(u)" if read.given["session"] is None else "(u, session)"
    channel = "" if read.given.get("channel") is None else ", r.channel"
    read.make("coded", f"SELECT c.code, r.t, r.e{channel} FROM {source} AS r JOIN {table} AS c USING {using}")
    read.drop("read")
    return people


def _grouped(read: _Read, people: People) -> People:
    """With the breakdown: each person is in the group of the first event."""
    if read.given["segment"] is None:
        return people
    engine = read.table.engine
    first = f"SELECT u, arg_min(segment, ROW(t, e)) AS segment FROM {read.name}_read GROUP BY u"
    table = read.make("groups", first)
    segments = tuple(str(name) for (name,) in engine.rows(f"SELECT DISTINCT segment FROM {table} ORDER BY 1"))
    listed = ", ".join(f"({literal(name)}, {place})" for place, name in enumerate(segments))
    number = f"u::BIGINT - {people.lowest}"
    joined = f"{table} AS g JOIN (VALUES {listed}) AS n(segment, number) USING (segment)"
    if people.lowest is None:
        joined, number = f"{joined} JOIN (SELECT DISTINCT u, person FROM {people.table}) AS c USING (u)", "person"
    found = engine.arrays(f"SELECT {number} AS person, number FROM {joined}")
    group = np.zeros(people.codes, np.uint16)
    group[found["person"]] = found["number"]
    return replace(people, segments=segments, group=group)


def _fetched(read: _Read, people: People) -> Iterator[tuple[int, Sorting]]:
    """The events of some people at a time, not yet in order; with the lowest of their numbers."""
    dense = people.lowest is not None
    source, code = f"{read.name}_{'read' if dense else 'coded'}", f"(u::BIGINT - {people.lowest})" if dense else "code"
    rows = int(read.table.engine.rows(f"SELECT count(*) FROM {source}")[0][0])
    width = 1 << max(63 - sum(read.bits), 0)
    size = min(max(people.codes * _EVENTS // max(rows, 1), 1), max(width, 1 << 12))
    starts = np.arange(0, people.codes, size)
    if people.person is not None:
        starts = np.unique(np.searchsorted(people.person, people.person[starts]))
    for low, high in zip(starts, [*starts[1:], people.codes], strict=True):
        inside = f"FROM {source} WHERE {code} >= {low} AND {code} < {high}"
        yield int(low), _unsorted(read, inside, f"({code} - {low})", packed=high - low <= width)


def _unsorted(read: _Read, inside: str, code: str, *, packed: bool) -> Sorting:
    time, event = read.bits
    if packed and read.given.get("channel") is None:
        key = f"({code} << {time + event}) + ((t - {read.first}) << {event}) + e"
        return Sorting(read.bits, key=read.table.engine.arrays(f"SELECT {key} AS key {inside}")["key"])
    channel = "" if read.given.get("channel") is None else ", channel"
    found = read.table.engine.arrays(f"SELECT {code} AS code, t - {read.first} AS t, e{channel} {inside}")
    return Sorting(read.bits, parts=(found["code"], found["t"], found["e"]), channel=found.get("channel"))


def _cut(read: _Read, people: People, cuts: Cuts, fetched: tuple[int, Sorting]) -> Batch:
    low, unsorted = fetched
    return cut_paths(unsorted.sorted(), cuts, first=read.first, low=low, person=people.person)
