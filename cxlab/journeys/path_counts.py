"""What is counted along paths: moves, places at each position, whole paths, loops; only small frames leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL, literal
from cxlab.journeys.path_clusters import Clusters, find_clusters
from cxlab.journeys.path_log import END, OPEN, OTHER, START, PathLog
from cxlab.journeys.path_order import OrderCounts, count_order
from cxlab.results import SMALLEST_GROUP

__all__ = ["GROUPS", "PathCounts", "count_paths"]

GROUPS = 40
"""Random groups of people, from whose differences intervals of removal effects are told."""
_VARIANTS = 25
_TRIED = "count(*) AS people, sum(m) AS m, sum(m * m) AS mm"
_SUMS = "count(*) AS n, sum(y) AS y, sum(y * y) AS yy, sum(y * m) AS ym"


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
    ask = log.table.query
    own = f"SELECT segment, u, source, target, count(*) AS y FROM {log.moves()} AS moves GROUP BY 1, 2, 3, 4"
    tried = f"SELECT segment, u, source, count(*) AS m FROM {log.moves()} AS moves GROUP BY 1, 2, 3"
    known = f"SELECT own.*, m FROM ({own}) AS own JOIN ({tried}) AS tried USING (segment, u, source)"
    ties = f"SELECT count(CASE WHEN wait = 0 THEN 1 END), count(CASE WHEN t > {log.limit} THEN 1 END) FROM {log.steps}"
    tied, unknown = log.table.engine.rows(ties)[0]
    variants, different = _variants(log, positions)
    return PathCounts(
        moves=ask(f"SELECT segment, source, target, {_SUMS} FROM ({known}) AS known GROUP BY 1, 2, 3"),
        sources=ask(f"SELECT segment, source, {_TRIED} FROM ({tried}) AS tried GROUP BY 1, 2"),
        waits=pd.concat([ask(_waits(log, group)) for group in _levels(log)], ignore_index=True),
        positions=ask(_positions(log, positions)),
        sizes=ask(f"SELECT segment, {_TRIED} FROM ({_sizes(log)}) AS sizes GROUP BY 1"),
        flows=ask(_flows(log, positions)),
        variants=variants, different=different, loops=ask(_loops(log)),
        groups={} if log.goal is None else _groups(log), turns=None if log.goal is None else _turns(log),
        ends=_ends(log), tied=int(tied), unknown=int(unknown),
        order=None if stages is None else count_order(log, stages), clusters=find_clusters(log) if clusters else None,
    )  # fmt: skip


def _levels(log: PathLog) -> list[str]:
    return ["segment", literal(ALL)] if log.segmented else ["segment"]


def _sizes(log: PathLog) -> str:
    return f"SELECT segment, u, count(*) AS m FROM {log.steps} WHERE k = 1 GROUP BY 1, 2"


def _waits(log: PathLog, group: str) -> str:
    half = "quantile_cont(wait, 0.5) / 1e6 AS median_time"
    return (
        f"SELECT {group} AS segment, source, target, {half} FROM {log.moves()} AS moves WHERE wait IS NOT NULL "
        "GROUP BY 1, 2, 3"
    )


def _positions(log: PathLog, positions: int) -> str:
    """Which share of paths is where, at each position; those that have ended stay where they ended."""
    places = ", ".join(f"({place})" for place in range(1, positions + 1))
    state = "coalesce(state, e)"
    after = (
        f"SELECT l.segment, l.u, g.k, {state} AS e FROM {log.ends()} AS l JOIN (VALUES {places}) AS g(k) ON g.k > l.k"
    )
    seen = f"SELECT segment, u, k, e FROM {log.steps} WHERE k <= {positions} UNION ALL {after}"
    own = f"SELECT segment, u, k, e, count(*) AS y FROM ({seen}) AS seen GROUP BY 1, 2, 3, 4"
    joined = f"({own}) AS own JOIN ({_sizes(log)}) AS sizes ON own.u = sizes.u"
    return f"SELECT own.segment, k AS position, e AS event, {_SUMS} FROM {joined} GROUP BY 1, 2, 3"


def _flows(log: PathLog, positions: int) -> str:
    """From each position to the next, over everybody."""
    goal = "" if log.goal is None else f" AND NOT (target IS NULL AND e = {literal(log.goal)})"
    state = f"CASE WHEN t <= {log.limit} THEN {literal(END)} ELSE {literal(OPEN)} END"
    return (
        f"SELECT k AS position, e AS source, coalesce(target, {state}) AS target, count(DISTINCT u) AS n, "
        f"count(*) AS paths FROM {log.steps} WHERE k < {positions}{goal} GROUP BY 1, 2, 3"
    )


def _variants(log: PathLog, positions: int) -> tuple[pd.DataFrame, int]:
    """The paths that most often were taken, up to so many events."""
    ends = f"SELECT u, p, state, k AS last FROM {log.ends()} AS ends"
    after = f"CASE WHEN last > {positions} THEN ' → …' ELSE coalesce(' → ' || state, '') END"
    cut = f"SELECT u, p, string_agg(e, ' → ' ORDER BY k) AS begin FROM {log.steps} WHERE k <= {positions} GROUP BY 1, 2"
    whole = f"SELECT c.u, begin || {after} AS path FROM ({cut}) AS c JOIN ({ends}) AS l ON c.u = l.u AND c.p = l.p"
    own = f"SELECT u, path, count(*) AS y FROM ({whole}) AS whole GROUP BY 1, 2"
    joined = f"({own}) AS own JOIN ({_sizes(log)}) AS sizes ON own.u = sizes.u"
    several = f"HAVING count(*) >= {SMALLEST_GROUP} ORDER BY sum(y) DESC, path LIMIT {_VARIANTS}"
    most = f"SELECT path FROM ({own}) AS most GROUP BY 1 {several}"
    rows = f"SELECT segment, path, {_SUMS} FROM {joined} WHERE path IN ({most}) GROUP BY 1, 2"
    frame = log.table.query(rows)
    different = log.table.engine.rows(f"SELECT count(DISTINCT path) FROM ({whole}) AS whole")[0][0]
    return frame, int(different)


def _loops(log: PathLog) -> str:
    """Who did the same more than once on one path: twice in a row, or again after something else?"""
    again = "CASE WHEN before = e THEN 1 ELSE 0 END"
    sums = f"count(*) AS times, sum({again}) AS again"
    path = f"SELECT segment, u, p, e, {sums} FROM {log.steps} WHERE e <> {literal(OTHER)} GROUP BY 1, 2, 3, 4"
    marks = (
        "max(CASE WHEN times > 1 THEN 1 ELSE 0 END) AS repeated, "
        "max(CASE WHEN again > 0 THEN 1 ELSE 0 END) AS in_a_row, "
        "max(CASE WHEN times - again > 1 THEN 1 ELSE 0 END) AS returned"
    )
    person = f"SELECT segment, u, e, {marks} FROM ({path}) AS paths GROUP BY 1, 2, 3"
    sums = ", ".join(f"sum({name}) AS {name}" for name in ("repeated", "in_a_row", "returned"))
    return f"SELECT segment, e AS event, count(*) AS n, {sums} FROM ({person}) AS person GROUP BY 1, 2"


def _ends(log: PathLog) -> dict[str, int]:
    rows = log.table.engine.rows(f"SELECT coalesce(state, 'goal'), count(*) FROM {log.ends()} AS ends GROUP BY 1")
    return {str(state): int(n) for state, n in rows}


def _groups(log: PathLog) -> dict[str, NDArray[np.float64]]:
    """Moves of each random group of people, of everybody and by segment."""
    fold = f"CAST(hash(u) % {GROUPS} AS INTEGER) AS fold"
    frame = log.table.query(
        f"SELECT segment, {fold}, source, target, count(*) AS y FROM {log.moves()} AS moves GROUP BY 1, 2, 3, 4"
    )
    own = {str(segment): _grouped(log, rows) for segment, rows in frame.groupby("segment")}
    return own if set(own) == {ALL} else {ALL: np.sum(list(own.values()), axis=0), **own}


def _grouped(log: PathLog, frame: pd.DataFrame) -> NDArray[np.float64]:
    places = log.places
    rows = {name: place for place, name in enumerate([START, *places])}
    columns = {name: place for place, name in enumerate([*places, log.goal, END])}
    found = np.zeros((GROUPS, len(rows), len(columns)))
    at = (frame["fold"].astype(int), frame["source"].map(rows), frame["target"].map(columns))
    found[tuple(np.asarray(one, int) for one in at)] = frame["y"]
    return found


def _turns(log: PathLog) -> NDArray[np.float64]:
    """Where people were before, where they are, where they go: in two halves of people."""
    places = log.places
    frame = log.table.query(
        "SELECT CAST(hash(u) % 2 AS INTEGER) AS half, before, source, target, count(*) AS y "
        f"FROM {log.moves()} AS moves WHERE before IS NOT NULL GROUP BY 1, 2, 3, 4"
    )
    inner = {name: place for place, name in enumerate([START, *places])}
    outer = {name: place for place, name in enumerate([*places, log.goal, END])}
    found = np.zeros((2, len(inner), len(inner), len(outer)))
    at = (frame["half"].astype(int), frame["before"].map(inner), frame["source"].map(inner), frame["target"].map(outer))
    found[tuple(np.asarray(one, int) for one in at)] = frame["y"]
    return found
