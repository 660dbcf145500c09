"""From event to event in one batch of people: who went where how often, and how often each could."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxlab.journeys.keys import Whole
from cxlab.journeys.path_log import END, OPEN, OTHER, START
from cxlab.journeys.walk_cuts import Batch, runs
from cxlab.journeys.walks import People

__all__ = ["Asked", "Found", "Waits", "count_moves", "numbered", "persons", "run_sums"]

Found = dict[str, NDArray[Any]]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Asked:
    """What all batches are counted by.

    Attributes:
        people: how people are numbered.
        names: events by number.
        goal: number of the event that ends a path; -1 without one.
        limit: last instant of which it is known what came after it, in microseconds.
        positions: how many events from the start are told apart.
        fold: random group of each person, by number; empty without goal.
        folds: how many random groups there are.
    """

    people: People
    names: Sequence[str]
    goal: int
    limit: int
    positions: int
    fold: NDArray[np.uint16]
    folds: int

    @property
    def labels(self) -> tuple[str, ...]:
        """Events and states by number."""
        return (*self.names, START, END, OPEN)

    @property
    def start(self) -> int:
        """Number of where paths start; those of their end and of being open follow."""
        return len(self.names)

    @property
    def other(self) -> int:
        """Number of rare events together; -1 without any."""
        return len(self.names) - 1 if self.names and self.names[-1] == OTHER else -1

    @property
    def groups(self) -> int:
        """How many groups of the breakdown there are."""
        return len(self.people.segments)


class Waits(NamedTuple):
    """How long people waited, in microseconds, by number of what they waited for; and where each number begins.

    The numbers of moves that end nowhere are of no meaning.
    """

    bounds: Indices
    wait: Whole

    def of(self, first: int, many: int) -> Whole:
        """The waits of so many numbers, from the first on."""
        return self.wait[self.bounds[first] : self.bounds[first + many]]


def persons(batch: Batch, asked: Asked) -> tuple[Indices, NDArray[np.uint16]]:
    """The people of a batch from 0 on, by path; and the group of each of them."""
    heads = runs(batch.person)
    own = np.repeat(np.arange(len(heads)), np.diff(heads, append=len(batch.person)))
    return own, asked.people.groups(batch.person[heads])


def numbered(*parts: tuple[Any, int], spare: int = 0) -> NDArray[Any]:
    """Several numbers in one, in the narrowest type: sixteen bits are sorted in two sweeps."""
    size = int(np.prod([width for _, width in parts])) + spare
    kind = np.uint16 if size <= 1 << 16 else np.int64
    found: NDArray[Any] = np.zeros(len(parts[0][0]), kind)
    for part, width in parts:
        found = found * kind(width) + np.asarray(part, kind)
    return found


def run_sums(key: NDArray[Any], y: NDArray[Any], m: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Over people: how many, how often, the squares, and how often times how often each could."""
    key, y = key.astype(np.intp), y.astype(float)
    return np.stack([np.bincount(key, one, size).astype(float) for one in (None, y, y * y, y * m)])


def count_moves(batch: Batch, asked: Asked) -> tuple[Found, Waits]:
    """Who goes from where to where?

    Args:
        batch: paths of some people.
        asked: what they are counted by.

    Returns:
        By name, counts of one shape in all batches; and the waits of all moves between events, by source, target and
        group in one number.
    """
    size, groups, last, wait = len(asked.labels), asked.groups, batch.last, batch.wait
    known = batch.time <= asked.limit
    tied = np.sum((wait == 0) & ~last)
    counts: Found = {"tied": np.array([tied], float), "unknown": np.array([np.sum(~known)], float)}
    known &= ~(last & (batch.event == asked.goal))
    target = np.append(batch.event[1:], np.uint16(0))
    target[last] = asked.start + 1
    own, group = persons(batch, asked)
    who = own[batch.path]
    key = numbered((batch.event, size), (target, size), (group[who] if groups > 1 else 0, groups), spare=1)
    key[~known] = size * size * groups
    order = np.argsort(key, kind="stable")[: np.sum(known)]
    key = key[order]
    begin = numbered((np.full(len(own), asked.start), size), (batch.event[batch.starts], size), (group[own], groups))
    by = np.argsort(begin, kind="stable")
    person = batch.person[runs(batch.person)]
    onward, begun = (_by_person(*part, group, asked, person) for part in ((key, who[order]), (begin[by], own[by])))
    counts |= {name: onward[name] + begun[name] for name in onward}
    if asked.goal >= 0:
        counts["turns"] = _turns(batch, asked, known, target)
    return counts, Waits(_bounds(key, size * size * groups), wait[order])


def _bounds(key: NDArray[Any], size: int) -> Indices:
    """Where in sorted numbers each one begins, and where all end."""
    return np.append(0, np.cumsum(np.bincount(key, minlength=size)))


def _turns(batch: Batch, asked: Asked, known: NDArray[np.bool_], target: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Where people were before, where they are, where they go: in two halves of people."""
    size = len(asked.labels)
    before = np.append(asked.start, batch.event[:-1])
    before[batch.starts] = asked.start
    half = asked.fold[batch.person[batch.path[known]]].astype(np.intp) % 2
    key = ((half * size + before[known]) * size + batch.event[known]) * size + target[known]
    return np.bincount(key, minlength=2 * size**3).reshape(2, size, size, size).astype(float)


def _by_person(
    key: NDArray[Any], who: Indices, group: NDArray[np.uint16], asked: Asked, person: Whole
) -> Found:  # fmt: skip
    """Moves and what could have been moves, over people; by random group of people too, if there is a goal."""
    size, groups = len(asked.labels), asked.groups
    starts = runs(key, who)
    y, who, key = np.diff(starts, append=len(key)), who[starts], key[starts].astype(np.intp)
    source = key // (size * groups)
    m = np.zeros(len(y))
    tried = np.zeros((3, size, groups))
    for place, (low, high) in enumerate(pairwise(_bounds(source, size))):
        could = np.bincount(who[low:high], y[low:high], len(group))
        m[low:high] = could[who[low:high]]
        did = could > 0
        tried[:, place] = [np.bincount(group[did], one, groups) for one in (None, could[did], could[did] ** 2)]
    counts: Found = {
        "moves": run_sums(key, y, m, size * size * groups).reshape(4, size, size, groups),
        "sources": tried,
    }
    if asked.goal >= 0:
        fold = asked.fold[person[who]].astype(np.intp) * (size * size * groups) + key
        shape = (asked.folds, size, size, groups)
        counts["folds"] = np.bincount(fold, y, int(np.prod(shape))).reshape(shape)
    return counts
