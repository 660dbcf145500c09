"""Whole paths: which of them many people take, and how many different ones there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.journeys.path_log import END, OPEN
from cxlab.journeys.path_moves import Asked, run_sums
from cxlab.journeys.path_places import MORE
from cxlab.journeys.walk_cuts import runs
from cxlab.results import SMALLEST_GROUP

__all__ = ["Taken", "different_ways"]

_TOLD = 25
_WORD = 8


class Taken(NamedTuple):
    """The paths of one batch: their `ways`, and the number of the person, both by path."""

    ways: NDArray[np.uint8]
    person: NDArray[np.int64]


def different_ways(taken: Sequence[Taken], asked: Asked) -> tuple[pd.DataFrame, int]:
    """Which paths are taken most often, up to so many events?

    Args:
        taken: the paths of all batches.
        asked: what they are counted by.

    Returns:
        One row per segment and path that enough people took: segment, path, n (people), y (paths), yy, ym; and how many
        different paths there are.
    """
    found = np.concatenate([part.ways for part in taken])
    person = np.unique(np.concatenate([part.person for part in taken]), return_inverse=True)
    way, examples = _alike(found)
    m = np.bincount(person[1])[person[1]]
    order = np.lexsort((person[1], way))
    starts = runs(way[order], person[1][order])
    rows = order[starts]
    y, m, way = np.diff(starts, append=len(order)), m[rows], way[rows]
    group = asked.people.groups(person[0])[person[1][rows]]
    told = []
    for number, path in _most(way, y, found[examples], asked).items():
        own = way == number
        part = run_sums(group[own], y[own], m[own], asked.groups)
        told += [(asked.people.segments[g], path, *part[:, g].astype(int)) for g in np.flatnonzero(part[0])]
    return pd.DataFrame(told, columns=["segment", "path", "n", "y", "yy", "ym"]), len(examples)


def _alike(found: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The number of each path's way, and one path of each."""
    wide = -(-found.shape[1] // _WORD) * _WORD
    filled = np.zeros((len(found), wide), np.uint8)
    filled[:, : found.shape[1]] = found
    words = filled.view(np.uint64)
    way = pd.factorize(words[:, 0])[0]
    for word in words.T[1:]:
        other, kinds = pd.factorize(word)
        way = pd.factorize(way * len(kinds) + other)[0]
    examples = np.zeros(way.max() + 1, np.intp)
    examples[way] = np.arange(len(way))
    return way, examples


def _most(way: NDArray[np.intp], y: NDArray[np.intp], examples: NDArray[np.uint8], asked: Asked) -> dict[int, str]:
    """Of the ways of enough people those taken most often, in words."""
    people, paths = np.bincount(way), np.bincount(way, y)
    enough = np.flatnonzero(people >= SMALLEST_GROUP)
    least = np.sort(paths[enough])[-_TOLD:][:1]
    often = enough[paths[enough] >= least] if len(enough) else enough
    told = {int(number): _told(examples[number], asked) for number in often}
    first = sorted(told, key=lambda number: (-paths[number], told[number]))[:_TOLD]
    return {number: told[number] for number in first}


def _told(way: NDArray[np.uint8], asked: Asked) -> str:
    """A path in words: its events, and how it goes on."""
    *events, ending = way
    if ending == asked.goal:
        events = events[: events.index(ending) + 1]
    names = [asked.names[number] for number in events if number < asked.start]
    further = {MORE: "…", asked.start + 1: END, asked.start + 2: OPEN}.get(int(ending))
    return " → ".join([*names, further] if further else names)
