"""From paths to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.flows import OTHERS, flows_chart
from cxlab.charts.moves import moves_chart, parts_chart
from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import is_narrow
from cxlab.data import ALL
from cxlab.journeys.path_arcs import arc_pictures
from cxlab.journeys.path_log import END, OPEN, OTHER, START
from cxlab.journeys.path_order_pictures import order_pictures
from cxlab.journeys.path_words import place_name
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, publishable
from cxlab.wording import count, duration, share

if TYPE_CHECKING:
    from cxlab.journeys.paths import PathsResult

__all__ = ["path_pictures"]

_NAMES = {OTHERS: "others", OTHER: "rarer events", OPEN: "still open", END: "the end"}
_PLACES, _WRITTEN = 6, 7  # events told apart in one column of the flow; columns of a small field that are written on


def path_pictures(result: PathsResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it.
    """
    drawn: dict[str, Callable[[int], Any]] = {}
    if result.data.rows and int(result.tables["flows"]["n"].max() or 0) >= SMALLEST_GROUP:
        drawn["flow"] = lambda width: _flow(result, width)
    drawn |= arc_pictures(result)
    if len(_cells(result)):
        drawn["moves"] = lambda width: _moves(result, width)
    if len(_lost(result)):
        drawn["without"] = lambda width: _without(result, width)
    return drawn | order_pictures(result)


def _flow(result: PathsResult, width: int) -> Any:
    columns = 3 if is_narrow(width) else 5
    goal = result.parameters["goal"]
    flows = _folded(result.tables["flows"].query("position < @columns"), goal)
    frame = Frame(
        _flow_title(result), f"Height: part of all, event by event. {result.who}",
        f"Flow chart of the first {columns} events. {result.headline} Numbers in the table below.",
        f"In each column the {_PLACES} most frequent events; bands of fewer than {SMALLEST_GROUP} people are left out.",
        width,
    )  # fmt: skip
    return flows_chart(flows, frame, names=_NAMES, goal=goal)


def _flow_title(result: PathsResult) -> str:
    """Where most paths begin, and how many end there."""
    own = result.table[(result.table["segment"] == ALL) & (result.table["n"] >= SMALLEST_GROUP)]
    begin = own[own["source"] == START]
    if begin.empty:
        return "The first events"
    top = begin.loc[begin["moves"].idxmax()]
    onward = own[(own["source"] == top["target"]) & ~own["target"].isin([END, OPEN])]
    more = (
        ""
        if onward.empty
        else f"; from there most go on to {place_name(onward.loc[onward['moves'].idxmax()]['target'])}"
    )
    return f"{share(top['rate'], 0)} begin with {place_name(top['target'])}{more}"[:110]


def _folded(flows: pd.DataFrame, goal: str | None) -> pd.DataFrame:
    """The most frequent events of each column; the others together, and what few people do not at all."""
    into = flows.assign(position=flows["position"] + 1).groupby(["position", "target"])["paths"].sum()
    out = flows[flows["position"] == 1].groupby(["position", "source"])["paths"].sum()
    size = pd.concat([out.rename_axis(["position", "event"]), into.rename_axis(["position", "event"])])
    size = size[~size.index.get_level_values("event").isin(list(_NAMES))]
    kept = {key for _, rows in size.groupby(level="position") for key in rows.nlargest(_PLACES).index}

    def told(position: int, name: str) -> str:
        return name if name in (END, OPEN, goal) or (position, name) in kept else OTHERS

    named = flows.assign(
        source=[told(p, s) for p, s in zip(flows["position"], flows["source"], strict=True)],
        target=[told(p + 1, t) for p, t in zip(flows["position"], flows["target"], strict=True)],
    )  # fmt: skip
    bands = named.groupby(["position", "source", "target"], as_index=False)[["n", "paths"]].sum()
    return bands.assign(told=[_band(row) for row in bands.to_dict("records")], drawn=bands["n"] >= SMALLEST_GROUP)


def _band(row: dict[Any, Any]) -> str:
    source, target = (_NAMES.get(row[end], row[end]) for end in ("source", "target"))
    return f"{source} → {target}: {count(row['paths'])}"


def _cells(result: PathsResult) -> pd.DataFrame:
    rows = publishable(result.table)
    rows = rows[(rows["segment"] == ALL) & rows["rate"].notna()]
    return rows[rows["source_moves"] >= SMALLEST_DRAWN]


def _moves(result: PathsResult, width: int) -> Any:
    rows = _cells(result)
    names = {START: "(start)", END: "(end)", OPEN: "(open)", OTHER: "(rarer)"}
    sources = list(dict.fromkeys(rows["source"]))
    known = [name for name in sources if name != START]
    goal = result.parameters["goal"]
    targets = [name for name in [*known, goal, END] if name is not None and name in set(rows["target"])]
    rows = rows[rows["target"].isin(targets)]
    crowded = is_narrow(width) and len(targets) > _WRITTEN  # no room for words in so small a cell
    rows = rows.assign(
        told=["" if rate < 0.095 or crowded else share(rate, 0) for rate in rows["rate"]],
        tip=[_move(row) for row in rows.to_dict("records")],
        source=[names.get(name, name) for name in rows["source"]],
        target=[names.get(name, name) for name in rows["target"]],
    )
    top = rows[~rows["source"].isin(["(start)"]) & ~rows["target"].isin(["(end)"])]
    best = top.loc[top["rate"].idxmax()] if len(top) else rows.loc[rows["rate"].idxmax()]
    frame = Frame(
        f"{share(best['rate'], 0)} of the moves from “{best['source']}” go to “{best['target']}”",
        f"Which event comes next; each row adds up to 100%. {result.who}",
        f"Heat map of moves between events. {result.headline} Numbers in the table below.",
        f"Rows with fewer than {SMALLEST_DRAWN} moves, and moves of fewer than {SMALLEST_GROUP} people, are not drawn.",
        width,
    )  # fmt: skip
    return moves_chart(
        rows, frame, sources=[names.get(name, name) for name in sources],
        targets=[names.get(name, name) for name in targets],
    )  # fmt: skip


def _move(row: dict[Any, Any]) -> str:
    wait = "" if pd.isna(row["median_time"]) else f", half within {duration(row['median_time'])}"
    return f"{row['source']} → {row['target']}: {share(row['rate'])} of {count(row['source_moves'])} moves{wait}"


def _lost(result: PathsResult) -> pd.DataFrame:
    rows = result.tables.get("removal", pd.DataFrame(columns=["n", "event"]))
    return rows[(rows["n"] >= SMALLEST_DRAWN) & (rows["event"] != OTHER)] if len(rows) else rows


def _without(result: PathsResult, width: int) -> Any:
    rows = _lost(result)
    top, goal = rows.iloc[0], place_name(result.parameters["goal"])
    rows = rows.assign(name=rows["event"], value=rows["effect"], told=[
        f"{row.event}: {share(row.effect)} ({share(row.ci_low)} to {share(row.ci_high)})" for row in rows.itertuples()
    ])  # fmt: skip
    frame = Frame(
        f"Without {place_name(top['event'])}, {share(top['effect'], 0)} fewer would reach {goal}",
        f"If whoever comes to an event ended there. Lines: {100 * result.confidence:g}% intervals. {result.who}",
        f"Bars of what would be lost without each event. {result.headline} Numbers in the table below.",
        "It describes ways that were taken; people who could not go this way might have found another one.", width,
    )  # fmt: skip
    return parts_chart(rows, frame, axis="Part of those who reach the goal that would be lost")
