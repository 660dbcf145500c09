"""Which ways do customers take, where do they turn back, and which places does the goal hang on?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from cxlab.data import as_table
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.journeys import path_words as words
from cxlab.journeys.path_checks import path_checks
from cxlab.journeys.path_clusters import cluster_table
from cxlab.journeys.path_compared import compared_tables
from cxlab.journeys.path_counts import PathCounts, count_paths
from cxlab.journeys.path_log import PathLog, path_log
from cxlab.journeys.path_order_tables import back_table, lost_table, turn_table, way_table
from cxlab.journeys.path_tables import loop_table, move_table, place_table, removal_table, variant_table
from cxlab.results import Result

if TYPE_CHECKING:
    import altair as alt

__all__ = ["PathsResult", "journey_paths"]

Repeats = Literal["keep", "merge"]
_MOST_NAMED, _MOST_POSITIONS, _MOST_STAGES = 30, 12, 12
_INNER = ("effective", "size")  # what only the comparison of groups needs


@dataclass(frozen=True, kw_only=True, repr=False)
class PathsResult(Result):
    """Paths: the table of moves, and in `tables` places, flows, variants, loops, removal and comparison.

    Attributes:
        who: whose paths, when and how they are cut, for the line under each picture.
        reached: share of paths that reach the goal with its interval; None without a goal.
        usual_order: events as they usually follow one another: by their mean number in a path.
    """

    who: str = ""
    reached: tuple[float, float, float] | None = field(default=None, repr=False)
    usual_order: tuple[str, ...] = field(default=(), repr=False)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.journeys.path_display import path_display

        return path_display(self)

    def _pictures(self) -> Mapping[str, Callable[[int], alt.Chart]]:  # type: ignore[override]
        from cxlab.journeys.path_pictures import path_pictures

        return path_pictures(self)

    def _check_titles(self) -> Mapping[str, str]:
        return words.CHECK_TITLES


def journey_paths(
    data: Any,
    *,
    unit: str = "unit",
    event: str = "event",
    time: str = "time",
    session: str | None = None,
    session_gap: str | None = None,
    begin: str | None = None,
    goal: str | None = None,
    stages: list[str] | None = None,
    top: int = 10,
    positions: int = 5,
    repeats: Repeats = "keep",
    clusters: bool = False,
    segment: str | None = None,
    observe_until: str | None = None,
    confidence: float = 0.95,
) -> PathsResult:
    """Which ways do customers take, where do they turn back, and on which places does the goal hang?

    Args:
        data: one row per event: a table, a data frame or a path.
        unit: column of the person (or case) an event belongs to.
        event: column of the event's name.
        time: column of the event's time.
        session: column of the visit; a path is then one visit, else all that a person did.
        session_gap: a longer pause than this begins a new path, such as "30min"; not together with `session`.
        begin: event with which a path begins; what came before it, and paths without it, are left out.
        goal: event that a path is meant to reach; the path ends there.
        stages: events in their intended order, for who goes back and which paths keep to it; no order if not set.
        top: how many events are told by name; rarer ones go together as "(other)".
        positions: how many events from the start of a path are told apart.
        repeats: "merge" counts the same event several times in a row once.
        clusters: look for groups of ways that are alike, and tell them if they are stable.
        segment: column whose value at a person's first event divides people into groups.
        observe_until: until when people were seen; the last event if not set.
        confidence: level of the intervals, such as 0.95.

    Returns:
        A PathsResult. `table`: one row per segment and move: segment, source, target, n (people), moves, source_moves,
        rate (of the moves from the source), ci_low, ci_high, median_time (seconds). `tables`: "places" (where paths are
        at each position), "flows" (from each position to the next), "variants" (whole paths), "loops" (who does the
        same again), with a goal "removal" (what would be lost without a place), with stages
        "conformance" (which paths keep the order), "deviations", "backtracking" (who goes back) and "lost_time"; with
        `clusters` "clusters" (groups of ways); with a segment "comparison" of the moves and a "…_comparison" of every
        other table.

    Raises:
        ParameterError: a choice that is none, an event that never occurs, or both `session` and `session_gap`.
        DataError: a column is missing or holds what it must not; no path begins; a group is called "all".

    Assumes:
        People are independent of each other; all their events up to observe_until are in the data. Removal effects
        also assume that where people go next depends on where they are, which a check looks at.

    Source:
        Wilson (1927) with the effective number of Korn & Graubard (1998), as a person makes a move several times;
        Benjamini & Hochberg (1995); removal effects after Anderl et al. (2016), IJRM 33:456, intervals by Kott (2001).
        Counts checked against DuckDB, ClickHouse, pandas and pm4py on published logs.

    Examples:
        >>> import pandas as pd
        >>> log = pd.DataFrame({
        ...     "unit": ["a", "a", "a", "b", "b", "c"],
        ...     "event": ["home", "cart", "pay", "home", "help", "home"],
        ...     "time": ["2026-05-01 10:00", "2026-05-01 10:05", "2026-05-01 10:09", "2026-05-02", "2026-05-02 00:02",
        ...              "2026-05-03"],
        ... })
        >>> found = journey_paths(log, goal="pay", observe_until="2026-05-31")
        >>> found.table.loc[found.table["source"] == "home", ["target", "n", "moves", "source_moves"]].values.tolist()
        [['(end)', 1, 1, 3], ['cart', 1, 1, 3], ['help', 1, 1, 3]]
        >>> round(found.reached[0], 3)
        0.333
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _refuse(given)
    table = as_table(data)
    asked = [table.tz, table.time_format, table.missing, table.decimal, table.roles, {**given, "confidence": None}]
    log, counts = table.engine.once(f"journey_paths {asked!r}", lambda: _count(table, given))
    return _result(log, counts, given)


def _count(table: Any, given: dict[str, Any]) -> tuple[PathLog, PathCounts]:
    """What is counted does not depend on the level of the intervals."""
    with path_log(table, given) as log:
        return log, count_paths(log, given["positions"], given["stages"], clusters=given["clusters"])


def _refuse(given: dict[str, Any]) -> None:
    """Settings that are none, named before the data are read."""
    choose("repeats", given["repeats"], get_args(Repeats))
    for name, most in (("top", _MOST_NAMED), ("positions", _MOST_POSITIONS)):
        value = given[name]
        if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= most:
            raise ParameterError(f"`{name}` is {value!r}; expected a whole number from 2 to {most}.")
    if given["session"] is not None and given["session_gap"] is not None:
        raise ParameterError("`session` and `session_gap` both say where a path ends; leave one out.")
    if given["begin"] is not None and given["begin"] == given["goal"]:
        raise ParameterError(f"`begin` and `goal` are both {given['goal']!r}; expected two different events.")
    if given["stages"] is not None:
        _refuse_stages(given["stages"])
    if not isinstance(given["clusters"], bool):
        raise ParameterError(f"`clusters` is {given['clusters']!r}; expected True or False.")
    check_confidence(given["confidence"])


def _refuse_stages(stages: Any) -> None:
    named = isinstance(stages, (list, tuple)) and all(isinstance(name, str) for name in stages)
    if not named or not 2 <= len(stages) <= _MOST_STAGES or len(set(stages)) < len(stages):
        raise ParameterError(
            f"`stages` is {stages!r}; expected from 2 to {_MOST_STAGES} different events in their intended order."
        )


def _against_order(counts: PathCounts, stages: tuple[str, ...], level: dict[str, float]) -> dict[str, pd.DataFrame]:
    """Who goes back, what that takes, which paths keep the order, and in what others do not."""
    order = counts.order
    assert order is not None
    return {
        "conformance": way_table(order, counts, **level), "deviations": turn_table(order, counts, **level),
        "backtracking": back_table(order, stages=stages, **level),
        "lost_time": lost_table(order, stages=stages, **level),
    }  # fmt: skip


def _result(log: PathLog, counts: PathCounts, given: dict[str, Any]) -> PathsResult:
    """Estimates, words and checks around the counts."""
    level = {"confidence": given["confidence"]}
    moves = move_table(counts, **level)
    tables = {
        "places": place_table(counts, **level), "flows": counts.flows, "variants": variant_table(counts, **level),
        "loops": loop_table(counts, **level),
    }  # fmt: skip
    reached = None
    if log.goal is not None:
        tables["removal"], reached = removal_table(log, counts, **level)
    if counts.order is not None:
        tables |= _against_order(counts, tuple(given["stages"]), level)
    if counts.clusters is not None and counts.clusters.found:
        tables["clusters"] = cluster_table(counts.clusters, goal=log.goal is not None, **level)
    if log.segmented:
        tables |= compared_tables(log, counts, moves, tables, **level)
    tables = {name: frame.drop(columns=[*_INNER], errors="ignore") for name, frame in tables.items()}
    told = words.Told(log, counts, moves, tables, reached, given)
    return PathsResult(
        analysis="journey_paths", title="Which ways do customers take?", headline=words.path_headline(told),
        table=moves.drop(columns="effective"), tables=tables, checks=path_checks(told), parameters=given,
        semantics=words.path_definitions(told), figures=words.path_figures(told), status="Described",
        data=log.table.note(given["time"]), scope=words.path_scope(told), who=words.path_who(told), reached=reached,
        usual_order=counts.usual,
        **level,
    )  # fmt: skip
