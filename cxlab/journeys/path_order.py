"""What is counted against a declared order: who goes back, what that takes, and which paths keep the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cxlab.data import ALL, literal
from cxlab.journeys.path_log import OPEN, PathLog

__all__ = ["ANY_STAGE", "GRID", "OrderCounts", "count_order"]

ANY_STAGE = "(any)"
GRID = tuple(place / 100 for place in range(101))
"""Shares at which the distribution of lost times is read."""
_SEEN = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
_SUMS = "count(*) AS n, sum(y) AS y, sum(y * y) AS yy, sum(y * m) AS ym"


@dataclass(frozen=True)
class OrderCounts:
    """Counts against the order; y is how often each person did it, m how often the person could.

    Attributes:
        back: segment, stage, people (who went on from it to another stage), went (of them back), y (moves back), yy,
            ym, m (moves to another stage), mm.
        lost: segment, stage, n (people who fell back), falls (how often), regained, people (who regained it), times
            (seconds until then, at the shares of `GRID`), spread (sum over people of the square of how many more of
            their times lie below the median than above, halved).
        ways: segment, way, n, y, yy, ym of whole paths.
        turns: segment, kind, stage, other, n, y, yy, ym of what is unlike the order, in paths.
    """

    back: pd.DataFrame
    lost: pd.DataFrame
    ways: pd.DataFrame
    turns: pd.DataFrame


def count_order(log: PathLog, stages: Sequence[str]) -> OrderCounts:
    """Count what is asked of the order.

    Args:
        log: the paths.
        stages: events in their intended order.

    Returns:
        The counts.
    """
    name = f"{log.steps}_order"
    log.table.engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_marked(log, stages)}", scratch=True)
    try:
        ask = log.table.query
        return OrderCounts(
            ask(_back(log, name, stages)), ask(_lost(log, name)), ask(_ways(log, name, len(stages))),
            ask(_turns(log, name, stages)),
        )  # fmt: skip
    finally:
        log.table.engine.execute(f"DROP TABLE IF EXISTS {name}", scratch=True)


def _marked(log: PathLog, stages: Sequence[str]) -> str:
    """Each step with its stage, the stage before, the furthest so far, and whether a stage follows."""
    cases = " ".join(f"WHEN {literal(stage)} THEN {place}" for place, stage in enumerate(stages, 1))
    order = "OVER (PARTITION BY u, p ORDER BY k"
    marked = f"SELECT segment, u, p, k, t, e, CASE e {cases} END AS i FROM {log.steps}"
    at = "CASE WHEN i IS NOT NULL THEN t END"
    return (
        f"SELECT *, last_value(i IGNORE NULLS) {order} {_SEEN}) AS back, max(i) {order} {_SEEN}) AS top, "
        f"last_value({at} IGNORE NULLS) {order} {_SEEN}) AS left_at, count(i) {order}) AS j, "
        "count(i) OVER (PARTITION BY u, p) AS stages, max(i) OVER (PARTITION BY u, p) AS furthest "
        f"FROM ({marked}) AS marked"
    )


def _named(column: str, stages: Sequence[str]) -> str:
    cases = " ".join(f"WHEN {place} THEN {literal(stage)}" for place, stage in enumerate(stages, 1))
    return f"CASE {column} {cases} END"


def _back(log: PathLog, name: str, stages: Sequence[str]) -> str:
    """Moves from a stage to another one, and how many of them lead back."""
    moves = f"SELECT segment, u, back, i FROM {name} WHERE i <> back AND left_at <= {log.limit}"
    y = "count(CASE WHEN i < back THEN 1 END) AS y, count(*) AS m"
    each = f"SELECT segment, u, {_named('back', stages)} AS stage, {y} FROM ({moves}) AS moves GROUP BY 1, 2, 3"
    whole = f"SELECT segment, u, {literal(ANY_STAGE)} AS stage, {y} FROM ({moves}) AS moves GROUP BY 1, 2, 3"
    sums = f"{_SUMS}, sum(m) AS m, sum(m * m) AS mm, count(*) AS people, count(CASE WHEN y > 0 THEN 1 END) AS went"
    return f"SELECT segment, stage, {sums} FROM ({each} UNION ALL {whole}) AS own GROUP BY 1, 2"


def _falls(log: PathLog, name: str) -> str:
    """Each time that somebody leaves the furthest stage for an earlier one: until when?"""
    furthest = f"SELECT * FROM {name} WHERE i IS NOT NULL AND (top IS NULL OR i >= top)"
    order = "OVER (PARTITION BY u, p ORDER BY k)"
    later = f"lead(t) {order} - t AS lost, lead(j) {order} AS again"
    onward = f"SELECT segment, u, e, t, j, stages, {later} FROM ({furthest}) AS furthest"
    fell = f"SELECT * FROM ({onward}) AS onward WHERE coalesce(again, stages + 1) > j + 1 AND t <= {log.limit}"
    groups = ["segment", literal(ALL)] if log.segmented else ["segment"]
    lost = "CASE WHEN again IS NOT NULL THEN lost / 1e6 END AS lost"
    parts = [
        f"SELECT {group} AS segment, u, {stage} AS stage, {lost} FROM fell"
        for group in groups
        for stage in ("e", literal(ANY_STAGE))
    ]
    return f"WITH fell AS ({fell}), falls AS ({' UNION ALL '.join(parts)})"


def _lost(log: PathLog, name: str) -> str:
    """How long it took those who came back, as a distribution, and how alike the times of one person are."""
    shares = ", ".join(f"{share:.2f}" for share in GRID)
    half = f"SELECT segment, stage, quantile_cont(lost, [{shares}]) AS times FROM falls GROUP BY 1, 2"
    side = "sum(CASE WHEN lost IS NULL THEN 0 WHEN lost <= times[51] THEN 0.5 ELSE -0.5 END) AS side"
    own = (
        f"SELECT segment, stage, u, any_value(times) AS times, count(*) AS falls, count(lost) AS regained, {side} "
        "FROM falls JOIN halves USING (segment, stage) GROUP BY 1, 2, 3"
    )
    sums = "sum(falls) AS falls, sum(regained) AS regained, count(CASE WHEN regained > 0 THEN 1 END) AS people"
    return (
        f"{_falls(log, name)}, halves AS ({half}), own AS ({own}) SELECT segment, stage, count(*) AS n, {sums}, "
        "any_value(times) AS times, sum(side * side) AS spread FROM own GROUP BY 1, 2"
    )


def _paths(log: PathLog) -> str:
    return f"SELECT segment, u, count(*) AS m FROM {log.steps} WHERE k = 1 GROUP BY 1, 2"


def _shares(log: PathLog, own: str, keys: str) -> str:
    """Sums over people of how many of their paths were such."""
    joined = f"({own}) AS own JOIN ({_paths(log)}) AS sizes ON own.u = sizes.u"
    return f"SELECT own.segment, {keys}, {_SUMS} FROM {joined} GROUP BY own.segment, {keys}"


def _between() -> str:
    """Is this an event outside the stages, after one of them and before another?"""
    return "i IS NULL AND j > 0 AND j < stages"


def _ways(log: PathLog, name: str, last: int) -> str:
    """Does a path keep the order, wholly or not?"""
    marks = (
        "count(CASE WHEN i < back THEN 1 END) AS backs, count(DISTINCT i) AS kinds, max(furthest) AS furthest, "
        f"count(CASE WHEN {_between()} THEN 1 END) AS detours"
    )
    path = f"SELECT u, p, {marks} FROM {name} GROUP BY 1, 2"
    way = (
        f"CASE WHEN state = {literal(OPEN)} THEN 'open' WHEN furthest IS NULL THEN 'none' WHEN backs > 0 THEN "
        "'out_of_order' WHEN kinds < furthest THEN 'skips' WHEN detours > 0 THEN 'detours' "
        f"WHEN furthest = {last} THEN 'wholly' ELSE 'stopped' END AS way"
    )
    told = f"SELECT segment, l.u, {way} FROM {log.ends()} AS l JOIN ({path}) AS path ON l.u = path.u AND l.p = path.p"
    return _shares(log, f"SELECT segment, u, way, count(*) AS y FROM ({told}) AS told GROUP BY 1, 2, 3", "way")


def _turns(log: PathLog, name: str, stages: Sequence[str]) -> str:
    """What is unlike the order: stages left out, moves back, and events between the stages."""
    here, before = _named("i", stages), _named("back", stages)
    goes = (
        f"SELECT DISTINCT segment, u, p, 'back' AS kind, {before} AS stage, {here} AS other FROM {name} WHERE i < back"
    )
    aside = f"SELECT DISTINCT segment, u, p, 'detour', {before}, e FROM {name} WHERE {_between()}"
    listed = ", ".join(f"({place}, {literal(stage)})" for place, stage in enumerate(stages, 1))
    seen = f"SELECT DISTINCT u, p, i FROM {name} WHERE i IS NOT NULL"
    whole = f"SELECT DISTINCT segment, u, p, furthest FROM {name} WHERE furthest IS NOT NULL"
    skipped = (
        f"SELECT w.segment, w.u, w.p, 'left_out', s.stage, '' FROM ({whole}) AS w "
        f"JOIN (VALUES {listed}) AS s(i, stage) ON s.i < w.furthest "
        f"LEFT JOIN ({seen}) AS seen ON w.u = seen.u AND w.p = seen.p AND s.i = seen.i WHERE seen.i IS NULL"
    )
    every = f"{goes} UNION ALL {aside} UNION ALL {skipped}"
    own = f"SELECT segment, u, kind, stage, other, count(*) AS y FROM ({every}) AS every GROUP BY 1, 2, 3, 4, 5"
    return _shares(log, own, "kind, stage, other")
