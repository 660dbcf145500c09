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
from cxlab.journeys.parts import divided
from cxlab.journeys.threads import side_by_side
from cxlab.journeys.walk_cuts import Batch, Cuts, Sorting, cut_paths

__all__ = ["People", "Walks", "random_groups", "read_walks"]

_EVENTS = 1_250_000
_SPARSE = 4  # ids may be this many times as many as the events before they get a table of numbers
_BITS, _FEWEST = (
    63,
    12,
)  # of a number; and at least bits for people in one number with when and what; with fewer, batches would be too small


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

    def taken(self) -> Iterator[Batch]:
        """Each batch once; it is let go of when the next one is asked for."""
        while self.batches:
            yield self.batches.pop(0)


@dataclass(frozen=True)
class _Read:
    """What has been read into the engine.

    Attributes:
        table: the source.
        name: prefix of the tables.
        given: the arguments of the analysis.
        rows: SQL of the events, with the number of each event's name as e.
        events: how many there are.
        first: first instant.
        bits: bits of the times and of the events.
    """

    table: Table
    name: str
    given: Mapping[str, Any]
    rows: str
    events: int
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
    table: Table, name: str, rows: str, *, given: Mapping[str, Any], seen: Mapping[str, int], cuts: Cuts,
    span: tuple[int, int], refuse: Callable[[Sequence[str]], None],
) -> Walks:  # fmt: skip
    """Read the events and put them in order.

    Args:
        table: the source.
        name: prefix of the tables; that of numbers stays until the caller drops it.
        rows: SQL of the events, as `event_rows` gives it.
        given: the arguments of the analysis: session, segment and channel are looked at.
        seen: how often each event occurs, in the order in which they follow one another within one instant.
        cuts: where paths begin and end, and how events are numbered.
        span: first and last instant.
        refuse: raises where the groups of the breakdown cannot be told.

    Returns:
        The paths; without any where none begins.
    """
    first, last = span
    listed = ", ".join(f"({literal(event)}, {place})" for place, event in enumerate(seen))
    told = f"(SELECT r.*, n.e FROM {rows} AS r JOIN (VALUES {listed}) AS n(event, e) ON r.event = n.event)"
    bits = (last - first).bit_length(), len(seen).bit_length()
    read = _Read(table, name, given, told, sum(seen.values()), first, bits)
    try:
        people = _people(read)
        refuse(people.segments)
        batches = side_by_side(partial(_cut, read, people, cuts), _fetched(read, people))
        return Walks(people, cuts.names, [batch for batch in batches if len(batch.starts)])
    finally:
        read.drop("groups")


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


def _people(read: _Read) -> People:
    """Numbers of the people, or of their visits, and the group that each is in."""
    engine, session = read.table.engine, read.given["session"] is not None
    kind = str(engine.rows(f"SELECT typeof(u) FROM {read.rows} LIMIT 1")[0][0])
    if not session and kind.endswith("INT"):
        low, high = map(int, engine.rows(f"SELECT min(u), max(u) FROM {read.rows}")[0])
        if high - low < _SPARSE * read.events + _EVENTS:
            return _grouped(read, People(kind, low, high - low + 1, ""))
    coded = f"SELECT u, row_number() OVER () - 1 AS code, code AS person FROM (SELECT DISTINCT u FROM {read.rows})"
    if session:
        coded = (
            "SELECT u, session, row_number() OVER (ORDER BY u, session) - 1 AS code, "
            f"dense_rank() OVER (ORDER BY u) - 1 AS person FROM (SELECT DISTINCT u, session FROM {read.rows})"
        )
    table = read.make("codes", coded)
    person = engine.arrays(f"SELECT person FROM {table} ORDER BY code")["person"].astype(np.int64)
    return _grouped(read, People(kind, None, len(person), table, person if session else None))


def _grouped(read: _Read, people: People) -> People:
    """With the breakdown: each person is in the group of the first event."""
    if read.given["segment"] is None:
        return people
    engine = read.table.engine
    first = f"SELECT u, arg_min(segment, ROW(t, e)) AS segment FROM {read.rows} GROUP BY u"
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
    persons = people.codes if people.person is None else int(people.person[-1]) + 1
    shift, room = max(persons * _EVENTS // read.events, 1).bit_length() - 1, _BITS - sum(read.bits)
    if people.person is None and room >= _FEWEST:
        shift = min(shift, room)
    lows = np.arange(0, persons, 1 << shift)
    if people.person is not None:
        lows = np.searchsorted(people.person, lows)
    widest = int(np.diff(lows, append=people.codes).max() - 1).bit_length()
    packed = widest <= room and read.given.get("channel") is None
    sql = _numbered(read, people, shift, packed=packed)
    for low, found in zip(lows, divided(read.table.engine, sql, len(lows)), strict=True):
        whole = None if packed else (found["code"], found["t"], found["e"])
        yield int(low), Sorting(read.bits, found.get("key"), whole, found.get("channel"))


def _numbered(read: _Read, people: People, shift: int, *, packed: bool) -> str:
    """SQL of every event: its part; who, counted from the part's first, when and what, in one number or apart."""
    if people.lowest is not None:
        who = f"(r.u - ({people.lowest}))::BIGINT"
        part, code, source = f"{who} >> {shift}", f"{who} & {(1 << shift) - 1}", f"{read.rows} AS r"
    else:
        using = "u, session" if people.person is not None else "u"
        first = f"SELECT *, min(code) OVER (PARTITION BY person >> {shift}) AS first FROM {people.table}"
        part, code, source = (
            f"c.person >> {shift}",
            "c.code - c.first",
            f"{read.rows} AS r JOIN ({first}) AS c USING ({using})",
        )
    time, event = read.bits
    when, what = f"(r.t - ({read.first}))", "r.e::USMALLINT AS e"
    if packed:
        key = f"(({code}) << {time + event}) + ({when} << {event}) + r.e"
        return f"SELECT ({part})::UINTEGER AS part, {key} AS key FROM {source}"
    channel = "" if read.given.get("channel") is None else ", r.channel"
    return f"SELECT ({part})::UINTEGER AS part, {code} AS code, {when} AS t, {what}{channel} FROM {source}"


def _cut(read: _Read, people: People, cuts: Cuts, fetched: tuple[int, Sorting]) -> Batch:
    low, unsorted = fetched
    return cut_paths(unsorted.sorted(), cuts, first=read.first, low=low, person=people.person)
