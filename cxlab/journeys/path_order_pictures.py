"""Pictures against the declared order, and of the groups of ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.moves import parts_chart
from cxlab.charts.score_rows import Frame
from cxlab.data import ALL
from cxlab.journeys.path_order import ANY_STAGE
from cxlab.journeys.path_words import WAY_NAMES, kept, place_name
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, publishable
from cxlab.wording import count, interval, share

if TYPE_CHECKING:
    from cxlab.journeys.paths import PathsResult

__all__ = ["order_pictures"]


def order_pictures(result: PathsResult) -> dict[str, Callable[[int], Any]]:
    """Which of these pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it.
    """
    drawn: dict[str, Callable[[int], Any]] = {}
    if len(_ways(result)):
        drawn["order"] = lambda width: _order(result, width)
    if len(_back(result)):
        drawn["back"] = lambda width: _stages(result, width)
    if len(_groups(result)):
        drawn["groups"] = lambda width: _grouped(result, width)
    return drawn


def _own(result: PathsResult, name: str) -> pd.DataFrame:
    """Rows of everybody, where enough people stand behind all of them together."""
    frame = result.tables.get(name, pd.DataFrame(columns=["segment", "n", "rate"]))
    rows = publishable(frame)
    rows = rows[(rows["segment"] == ALL) & rows["rate"].notna()]
    return rows if int(result.table["source_moves"].max()) >= SMALLEST_DRAWN else rows.head(0)


def _ways(result: PathsResult) -> pd.DataFrame:
    return _own(result, "conformance")


def _back(result: PathsResult) -> pd.DataFrame:
    rows = _own(result, "backtracking")
    if rows.empty:
        return rows
    return rows[(rows["measure"] == "moves") & (rows["stage"] != ANY_STAGE) & (rows["n"] >= SMALLEST_DRAWN)]


def _groups(result: PathsResult) -> pd.DataFrame:
    return _own(result, "clusters")


def _bars(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    told = [
        f"{name.replace(chr(10), ' ')}: {share(row.rate)} ({interval(row.ci_low, row.ci_high, share)})"
        for name, row in zip(names, rows.itertuples(), strict=True)
    ]
    return rows.assign(name=names, value=rows["rate"], told=told)[["name", "value", "ci_low", "ci_high", "told"]]


def _what(result: PathsResult) -> str:
    return "visits" if result.parameters["session"] or result.parameters["session_gap"] else "paths"


def _order(result: PathsResult, width: int) -> Any:
    rows, what = _ways(result), _what(result)
    stages = result.parameters["stages"]
    frame = Frame(
        f"{share(kept(rows), 0)} of {what} keep the order as far as they go",
        f"Part of all {what}; each is in one row. Order: {' → '.join(stages)}. Lines: {100 * result.confidence:g}% "
        f"intervals. {result.who}",
        f"Bars of how {what} keep the order. {result.headline} Numbers in the table below.",
        "Other events between two stages are a detour; the same stage twice in a row is none. Rows of fewer than "
        f"{SMALLEST_GROUP} people are left out, and one more so that they cannot be told from the rest.", width,
    )  # fmt: skip
    return parts_chart(_bars(rows, [WAY_NAMES[way] for way in rows["way"]]), frame, axis=f"Of all {what}", most=0.4)


def _stages(result: PathsResult, width: int) -> Any:
    rows = _back(result)
    top = rows.loc[rows["rate"].idxmax()]
    frame = Frame(
        f"From {place_name(top['stage'])}, {share(top['rate'], 0)} of moves to another stage lead back",
        f"Part of the moves from each stage to another one that go to an earlier stage. Lines: "
        f"{100 * result.confidence:g}% intervals. {result.who}",
        f"Bars of moves back from each stage. {result.headline} Numbers in the table below.",
        f"Stages that fewer than {SMALLEST_DRAWN} people left for another one are not drawn.", width,
    )  # fmt: skip
    return parts_chart(
        _bars(rows, list(rows["stage"])), frame, axis="Of the moves from there to another stage", most=0.5
    )


def _grouped(result: PathsResult, width: int) -> Any:
    rows, goal = _groups(result), result.parameters["goal"]
    names = [f"{row.cluster}\n{share(row.rate, 0)} of all" for row in rows.itertuples()]
    title = f"{len(rows)} groups of ways, the largest {share(rows['rate'].max(), 0)} of all"
    axis = f"Of these {_what(result)}"
    if goal and rows["goal_rate"].notna().all():
        best, least = rows.loc[rows["goal_rate"].idxmax()], rows.loc[rows["goal_rate"].idxmin()]
        title = (
            f"{share(best['goal_rate'], 0)} with {best['cluster']} reach {place_name(goal)}, "
            f"{share(least['goal_rate'], 0)} with {least['cluster']}"
        )
        rows = rows.assign(**{name: rows[f"goal_{name}"] for name in ("rate", "ci_low", "ci_high")})
        axis = f"Of them that reach {place_name(goal)}"
    frame = Frame(
        title, f"Groups are called by what they do far more often than the others. Lines: {100 * result.confidence:g}% "
        f"intervals. {count(_groups(result)['paths'].sum())} {_what(result)} with two events or more. {result.who}",
        f"Bars of how large each group of ways is. {result.headline} Numbers in the table below.",
        "Ways were put together by which events and which moves they have, before the goal.", width,
    )  # fmt: skip
    return parts_chart(_bars(rows, names), frame, axis=axis, most=0.5)
