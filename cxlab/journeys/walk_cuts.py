"""Sorted events are cut into paths: by pauses, by what begins them, by the goal that ends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxlab.journeys.keys import Whole
from cxlab.journeys.threads import side_by_side

__all__ = ["Batch", "Cuts", "Sorting", "cut_paths", "runs", "usual_wait"]

Numbers = NDArray[np.uint16]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cuts:
    """Where a path begins and ends, and how events are numbered.

    Attributes:
        names: events by number, as they are told; rare ones together come last.
        told: the number of each event by its place among all.
        gap: a longer pause begins a new path, in microseconds.
        visits: are visits named?
        merged: are immediate repeats left out?
        begin: place of the event that begins a path.
        goal: place of the event that ends it.
    """

    names: tuple[str, ...]
    told: Numbers
    gap: int | None
    visits: bool
    merged: bool
    begin: int | None
    goal: int | None


class Events(NamedTuple):
    """Events in order.

    Attributes:
        code: who, or which visit.
        time: microseconds since the first instant.
        event: place among all events.
        channel: of each; None where none is asked for.
    """

    code: Whole
    time: Whole
    event: Numbers
    channel: NDArray[Any] | None

    def taken(self, rows: NDArray[np.intp]) -> Events:
        """Some of them."""
        channel = None if self.channel is None else self.channel[rows]
        return Events(self.code[rows], self.time[rows], self.event[rows], channel)


@dataclass(frozen=True)
class Sorting:
    """Events of some people, not in order yet.

    Attributes:
        bits: of the times and of the events.
        key: who, when and what in one number; None where that has no room.
        parts: who, when and what, where they are not in one number.
        channel: of each event, beside the parts.
    """

    bits: tuple[int, int]
    key: Whole | None = None
    parts: tuple[Whole, Whole, Numbers] | None = None
    channel: NDArray[Any] | None = None

    def sorted(self) -> Events:
        """By who, when and what."""
        time, event = self.bits
        if self.key is not None:
            key = np.sort(self.key)
            what = (key & ((1 << event) - 1)).astype(np.uint16)
            return Events(key >> (time + event), (key >> event) & ((1 << time) - 1), what, None)
        assert self.parts is not None
        order = np.lexsort(self.parts[::-1])
        code, moment, what = self.parts[0][order], self.parts[1][order], self.parts[2][order]
        return Events(code.astype(np.int64), moment, what, None if self.channel is None else self.channel[order])


@dataclass(frozen=True)
class Batch:
    """Paths of some people, whole and in order.

    Attributes:
        path: number of the path, by event.
        time: microseconds since 1970, by event.
        event: what, by event, as it is told.
        channel: by event; None where none is asked for.
        starts: first event, by path.
        person: number of the person, by path.
        visit: which of the person's paths it is, or which visit, by path.
    """

    path: NDArray[np.int32]
    time: Whole
    event: Numbers
    channel: NDArray[Any] | None
    starts: NDArray[np.intp]
    person: Whole
    visit: Whole

    @property
    def length(self) -> NDArray[np.intp]:
        """Number of events, by path."""
        return np.diff(self.starts, append=len(self.path))

    @property
    def last(self) -> Flags:
        """Is it the last event of its path?"""
        last = np.zeros(len(self.path), bool)
        last[self.starts[1:] - 1] = True
        last[-1:] = True
        return last

    @property
    def place(self) -> NDArray[np.intp]:
        """Which event of its path it is, from 0."""
        return np.arange(len(self.path)) - self.starts[self.path]

    @property
    def wait(self) -> Whole:
        """Microseconds until the next event; of no meaning at the last of a path."""
        return np.diff(self.time, append=0)


def cut_paths(events: Events, cuts: Cuts, *, first: int, low: int, person: Whole | None) -> Batch:
    """Cut sorted events into paths.

    Args:
        events: in order.
        cuts: where paths begin and end.
        first: the first instant, in microseconds since 1970.
        low: the lowest code of this batch, from which those of the events count.
        person: who, by code; None where the codes are the people's own.

    Returns:
        The paths.
    """
    fresh = np.zeros(len(events.code), bool)
    fresh[runs(events.code)] = True
    if cuts.gap is not None:
        fresh[1:] |= np.diff(events.time) > cuts.gap
    path, code = np.cumsum(fresh, dtype=np.int32) - np.int32(1), events.code[fresh] + low
    visit, starts = code if cuts.visits else _ordinal(code), np.flatnonzero(fresh)
    if cuts.merged or cuts.begin is not None or cuts.goal is not None:
        kept = _kept(events.event, fresh, path, cuts)
        events, starts = events.taken(kept), runs(path[kept])
        code, visit = code[path[kept][starts]], visit[path[kept][starts]]
        path = np.repeat(np.arange(len(starts), dtype=np.int32), np.diff(starts, append=len(kept)))
    return Batch(
        path,
        events.time + first,
        cuts.told[events.event],
        events.channel,
        starts,
        code if person is None else person[code],
        visit,
    )


def _ordinal(code: Whole) -> Whole:
    """Which one it is of those with the same code, from 0."""
    starts = runs(code)
    return np.arange(len(code)) - np.repeat(starts, np.diff(starts, append=len(code)))


def _kept(event: Numbers, fresh: Flags, path: NDArray[np.int32], cuts: Cuts) -> NDArray[np.intp]:
    """Without immediate repeats, where these are not wanted; from what begins a path to what ends it."""
    kept = np.arange(len(event))
    if cuts.merged:
        again = np.zeros(len(event), bool)
        again[1:] = event[1:] == event[:-1]
        kept = np.flatnonzero(fresh | ~again)
    if cuts.begin is not None:
        kept = kept[_before(path[kept], event[kept] == cuts.begin, own=True) > 0]
    if cuts.goal is not None:
        kept = kept[_before(path[kept], event[kept] == cuts.goal, own=False) == 0]
    return kept


def _before(path: NDArray[np.int32], hit: Flags, *, own: bool) -> Whole:
    """How many hits lie before each event of its path, its own among them or not?"""
    starts = runs(path)
    total: Whole = np.cumsum(hit) - hit
    before: Whole = total - np.repeat(total[starts], np.diff(starts, append=len(path)))
    return before + hit if own else before


def runs(*columns: NDArray[Any]) -> NDArray[np.intp]:
    """Where, in rows that are in order, do values change?

    Args:
        columns: of one length; a run ends where one of them changes.

    Returns:
        The first row of each run.
    """
    fresh = np.ones(len(columns[0]), bool)
    fresh[1:] = False
    for column in columns:
        fresh[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(fresh)


def usual_wait(batches: Sequence[Batch], share: float) -> float:
    """How long is the longest of the shortest waits, of which there are this many?

    Args:
        batches: the paths.
        share: of all waits between two events of a path, such as 0.95.

    Returns:
        Microseconds, between two waits in proportion; 0 where no path has two events.
    """
    many = sum(len(batch.path) - len(batch.starts) for batch in batches)
    if not many:
        return 0.0
    rank = (many - 1) * share
    # Only waits near the wanted one are sorted; a sample says where that is, and is not trusted.
    sample = np.concatenate([_sample(batch) for batch in batches])
    floor = int(np.quantile(sample, max(share - 0.03, 0.0))) if len(sample) else 0
    below, near = _near(batches, floor)
    if below > int(rank):
        below, near = _near(batches, 0)
    place = int(rank) - below
    near.partition([place, min(place + 1, len(near) - 1)])
    low, high = near[place], near[min(place + 1, len(near) - 1)]
    return float(low + (high - low) * (rank - int(rank)))


def _sample(batch: Batch) -> Whole:
    every = max(len(batch.path) // 4096, 1)
    own = batch.path[1::every] == batch.path[:-1:every]
    return (batch.time[1::every] - batch.time[:-1:every])[own]


def _near(batches: Sequence[Batch], floor: int) -> tuple[int, Whole]:
    """How many waits are below a wait, and the others."""

    def apart(batch: Batch) -> tuple[int, Whole]:
        wait, last = batch.wait, batch.last
        near = wait[(wait >= floor) & ~last]
        return len(wait) - len(batch.starts) - len(near), near

    found = list(side_by_side(apart, batches))
    return sum(below for below, _ in found), np.concatenate([near for _, near in found])
