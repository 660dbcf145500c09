"""Where paths are after so many events, whole paths, and loops, in one batch of people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxlab.journeys.path_moves import Asked, Found, numbered, persons, run_sums
from cxlab.journeys.walk_cuts import Batch, runs

__all__ = ["MORE", "count_loops", "count_places", "ways"]

MORE = 255
"""How a path goes on that has more events than are told."""


def ways(batch: Batch, asked: Asked) -> NDArray[np.uint8]:
    """The first events of each path, and how it goes on.

    Args:
        batch: paths of some people.
        asked: what they are counted by.

    Returns:
        One row per path: number of the event at each position, or of the state that it ended in; last, how it goes on
        after these: with more events, or with the state.
    """
    places, state = asked.positions, states(batch, asked)
    found = np.repeat(state[:, None], places + 1, axis=1).astype(np.uint8)
    place = batch.place
    near = place < places
    found[batch.path[near], place[near]] = batch.event[near]
    found[batch.length > places, -1] = MORE
    return found


def states(batch: Batch, asked: Asked) -> NDArray[np.intp]:
    """How each path ends: at its end, open, or at the goal."""
    last = batch.starts + batch.length - 1
    state = np.where(batch.time[last] <= asked.limit, asked.start + 1, asked.start + 2)
    return np.where(batch.event[last] == asked.goal, asked.goal, state)


def count_places(batch: Batch, asked: Asked, found: NDArray[np.uint8]) -> Found:
    """Where are paths at each position, and where do they go from there?

    Args:
        batch: paths of some people.
        asked: what they are counted by.
        found: their `ways`, and in the last column how the path goes on.

    Returns:
        By name, counts of one shape in all batches.
    """
    size, groups, places = len(asked.labels), asked.groups, asked.positions
    own, group = persons(batch, asked)
    m = np.bincount(own, minlength=len(group))
    sizes = np.stack([np.bincount(group, one, groups) for one in (None, m, m * m)])
    rates = np.zeros((4, places, size, groups))
    flows = np.zeros((2, places, size, size))
    for place in range(places):
        key = numbered((found[:, place], size), (group[own], groups))
        order = np.argsort(key, kind="stable")
        starts = runs(key[order], own[order])
        who, y = own[order][starts], np.diff(starts, append=len(order))
        rates[:, place] = run_sums(key[order][starts], y, m[who], size * groups).reshape(4, size, groups)
        if place + 1 < places:
            flows[:, place] = _onward(batch, asked, found[:, place : place + 2], own, place)
    ends = np.bincount(states(batch, asked), minlength=size).astype(float)
    usual = np.stack([np.bincount(batch.event, one, size) for one in (None, batch.place)])
    return {"usual": usual, "sizes": sizes.astype(float), "places": rates, "flows": flows, "ends": ends}


def _onward(
    batch: Batch, asked: Asked, found: NDArray[np.uint8], own: NDArray[np.intp], place: int
) -> NDArray[np.float64]:  # fmt: skip
    """From one position to the next: people and paths."""
    size, length = len(asked.labels), batch.length
    going = (length > place) & ~((length == place + 1) & (found[:, 0] == asked.goal))
    key, who = numbered((found[going, 0], size), (found[going, 1], size)), own[going]
    order = np.argsort(key, kind="stable")
    starts = runs(key[order], who[order])
    first, y = key[order][starts].astype(np.intp), np.diff(starts, append=len(order))
    both = [np.bincount(first, one, size * size) for one in (None, y)]
    return np.stack(both).reshape(2, size, size).astype(float)


def count_loops(batch: Batch, asked: Asked) -> Found:
    """Who does the same again on one path: at all, twice in a row, after something else?

    Args:
        batch: paths of some people.
        asked: what they are counted by.

    Returns:
        By name, people with each event, and those who do it again.
    """
    size, groups = len(asked.labels), asked.groups
    own, group = persons(batch, asked)
    again = np.append(False, batch.event[1:] == batch.event[:-1])
    again[batch.starts] = False
    order = np.argsort(batch.event, kind="stable")
    event, path = batch.event[order], batch.path[order]
    starts = runs(event, path)
    times, again = np.diff(starts, append=len(event)), np.add.reduceat(again[order], starts, dtype=np.int64)
    event, who = event[starts], own[path[starts]]
    starts = runs(event, who)
    key = event[starts].astype(np.intp) * groups + group[who[starts]]
    marks = (times > 1, again > 0, times - again > 1)
    every = [None, *(np.logical_or.reduceat(mark, starts) for mark in marks)]
    return {"loops": np.stack([np.bincount(key, one, size * groups) for one in every]).reshape(4, size, groups)}
