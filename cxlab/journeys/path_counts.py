"""What is counted along paths: moves, places at each position, whole paths, loops; only small frames leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL
from cxlab.journeys.path_clusters import Clusters, find_clusters
from cxlab.journeys.path_log import END, OPEN, PathLog
from cxlab.journeys.path_moves import Asked, Found, Waits, count_moves
from cxlab.journeys.path_order import OrderCounts, count_order
from cxlab.journeys.path_places import count_loops, count_places, ways
from cxlab.journeys.path_ways import Taken, different_ways
from cxlab.journeys.threads import side_by_side
from cxlab.journeys.walk_cuts import Batch
from cxlab.journeys.walks import random_groups

__all__ = ["GROUPS", "PathCounts", "count_paths"]

GROUPS = 40
"""Random groups of people, from whose differences intervals of removal effects are told."""
_SUMS = ("n", "y", "yy", "ym")
_TRIED = ("people", "m", "mm")
_LOOPS = ("n", "repeated", "in_a_row", "returned")


@dataclass(frozen=True)
class PathCounts:
    """Counts of paths; y is how often each person did it, m how often the person could.

    Attributes:
        moves: segment, source, target, n (people), y, yy, ym.
        sources: segment, source, people, m, mm.
        waits: segment, source, target, median_time (seconds).
        positions: segment, position, event, n, y, yy, ym; ends and open ones among the events.
        sizes: segment, people, m (paths), mm.
        flows: position, source, target, n (people), paths.
        variants: segment, path, n, y, yy, ym of whole paths that several people took.
        different: number of different paths.
        loops: segment, event, size, repeated, in_a_row, returned (people).
        groups: by segment (and "all") moves by random group of people: start and places by places, goal and end; empty
            without goal.
        turns: counted triples in two halves of people; None without goal.
        usual: events by number of the event in its path, on average the earliest first.
        ends: how many paths end, are open, and reached the goal.
        tied: moves between events of one instant.
        unknown: moves that are left out because what comes after is not known yet.
        order: counts against the declared order; None without one.
        clusters: groups of ways; None where they are not asked for.
    """

    moves: pd.DataFrame
    sources: pd.DataFrame
    waits: pd.DataFrame
    positions: pd.DataFrame
    sizes: pd.DataFrame
    flows: pd.DataFrame
    variants: pd.DataFrame
    different: int
    loops: pd.DataFrame
    groups: Mapping[str, NDArray[np.float64]]
    turns: NDArray[np.float64] | None
    usual: tuple[str, ...]
    ends: dict[str, int]
    tied: int
    unknown: int
    order: OrderCounts | None = None
    clusters: Clusters | None = None


def count_paths(
    log: PathLog, positions: int, stages: Sequence[str] | None = None, *, clusters: bool = False
) -> PathCounts:
    """Count what is asked of the paths.

    Args:
        log: the paths.
        positions: how many events from the start are told apart.
        stages: events in their intended order; None where there is no such order.
        clusters: are groups of ways looked for?

    Returns:
        The counts.
    """
    asked = _asked(log, positions)
    total: Found = {}
    waits, taken = [], []
    again = stages is not None or clusters  # what is asked in SQL needs all paths once more
    batches = log.walks.batches if again else log.walks.taken()
    for counts, pauses, way in side_by_side(partial(_count, asked=asked), batches):
        total = {name: total.get(name, 0.0) + found for name, found in counts.items()}
        waits.append(pauses)
        taken.append(way)
    variants, different = different_ways(taken, asked)
    return PathCounts(
        **_frames(total, asked), waits=_waits(waits, asked), variants=variants, different=different,
        groups={} if log.goal is None else _groups(total["folds"], asked),
        turns=None if log.goal is None else _inner(total["turns"], asked),
        usual=_usual(total["usual"], asked),
        ends=_ends(total["ends"], asked), tied=int(total["tied"][0]), unknown=int(total["unknown"][0]),
        order=None if stages is None else count_order(log, stages), clusters=find_clusters(log) if clusters else None,
    )  # fmt: skip


def _asked(log: PathLog, positions: int) -> Asked:
    people, names = log.walks.people, log.walks.names
    goal = -1 if log.goal is None else names.index(log.goal)
    fold = np.zeros(0, np.uint16) if log.goal is None else random_groups(log.table, people, GROUPS)
    return Asked(people, names, goal, log.limit, positions, fold, GROUPS)


def _count(batch: Batch, asked: Asked) -> tuple[Found, Waits, Taken]:
    """All that is counted in one batch."""
    moves, waits = count_moves(batch, asked)
    found = ways(batch, asked)
    counts = {**moves, **count_places(batch, asked, found), **count_loops(batch, asked)}
    return counts, waits, Taken(found, batch.person)


def _frames(total: Found, asked: Asked) -> dict[str, pd.DataFrame]:
    """What was counted as frames, with names."""
    labels, segments = pd.Index(asked.labels), pd.Index(asked.people.segments)
    events = {"source": labels, "target": labels}
    places = pd.RangeIndex(1, asked.positions + 1)
    loops = _frame(total["loops"], {"event": labels, "segment": segments}, _LOOPS)
    return {
        "moves": _frame(total["moves"], {**events, "segment": segments}, _SUMS),
        "sources": _frame(total["sources"], {"source": labels, "segment": segments}, _TRIED),
        "positions": _frame(total["places"], {"position": places, "event": labels, "segment": segments}, _SUMS),
        "sizes": _frame(total["sizes"], {"segment": segments}, _TRIED),
        "flows": _frame(total["flows"], {"position": places, **events}, ("n", "paths")),
        "loops": loops[loops["event"] != asked.labels[asked.other]] if asked.other >= 0 else loops,
    }  # fmt: skip


def _frame(found: NDArray[np.float64], axes: Mapping[str, pd.Index], columns: Sequence[str]) -> pd.DataFrame:
    """One row for everything that occurs."""
    at = np.nonzero(found[0])
    names = {name: index[where] for (name, index), where in zip(axes.items(), at, strict=True)}
    return pd.DataFrame(
        {**names, **{name: part[at].astype(np.int64) for name, part in zip(columns, found, strict=True)}}
    )


def _waits(found: Sequence[Waits], asked: Asked) -> pd.DataFrame:
    """The median time of each move; over everybody too, where there is a breakdown."""
    size, groups = len(asked.labels), asked.groups
    end = asked.start + 1
    moves = [
        move
        for move in range(size * size)
        if move % size != end and any(len(one.of(move * groups, groups)) for one in found)
    ]
    medians = side_by_side(partial(_medians, found=found, asked=asked), moves)
    rows = [
        (segment, asked.labels[move // size], asked.labels[move % size], median)
        for move, told in zip(moves, medians, strict=True)
        for segment, median in told.items()
    ]
    return pd.DataFrame(rows, columns=["segment", "source", "target", "median_time"])


def _medians(move: int, found: Sequence[Waits], asked: Asked) -> dict[str, float]:
    """The median of one move in seconds, by group and over everybody."""
    groups = asked.groups
    own = {
        name: np.concatenate([one.of(move * groups + group, 1) for one in found])
        for group, name in enumerate(asked.people.segments)
    }
    whole = {ALL: np.concatenate(list(own.values()))} if groups > 1 else {}
    return {name: float(np.median(waits)) / 1e6 for name, waits in {**own, **whole}.items() if len(waits)}


def _usual(found: NDArray[np.float64], asked: Asked) -> tuple[str, ...]:
    times, places = found[:, : asked.start]
    order = np.argsort(np.where(times > 0, places / np.maximum(times, 1), np.inf), kind="stable")
    return tuple(asked.names[number] for number in order if times[number] > 0)


def _ends(found: NDArray[np.float64], asked: Asked) -> dict[str, int]:
    states = {END: asked.start + 1, OPEN: asked.start + 2, **({"goal": asked.goal} if asked.goal >= 0 else {})}
    return {state: int(found[number]) for state, number in states.items() if found[number]}


def _groups(found: NDArray[np.float64], asked: Asked) -> dict[str, NDArray[np.float64]]:
    """Moves of each random group of people, of everybody and by segment."""
    own = {
        segment: _inner(found[..., number], asked)
        for number, segment in enumerate(asked.people.segments)
        if found[..., number].any()
    }
    return own if set(own) == {ALL} else {ALL: np.sum(list(own.values()), axis=0), **own}


def _inner(found: NDArray[np.float64], asked: Asked) -> NDArray[np.float64]:
    """From the start and the places to the places, the goal and the end, in this order."""
    places = [number for number in range(asked.start) if number != asked.goal]
    inner = np.array([asked.start, *places])
    outer = np.array([*places, asked.goal, asked.start + 1])
    found = found[..., inner, :][..., outer]
    return found if found.ndim == 3 else found[:, inner]
