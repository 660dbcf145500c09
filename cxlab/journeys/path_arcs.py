"""Pictures of where paths usually are: onward and back from event to event, and event by event from the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.arcs import arcs_chart
from cxlab.charts.moves import moves_chart
from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import is_narrow
from cxlab.data import ALL
from cxlab.journeys.path_log import END, OPEN, OTHER, START
from cxlab.journeys.path_words import place_name
from cxlab.results import SMALLEST_DRAWN, publishable
from cxlab.wording import count, duration, share

if TYPE_CHECKING:
    from cxlab.journeys.paths import PathsResult

__all__ = ["arc_pictures"]

_STATES = (START, END, OPEN)
_DRAWN, _MOVES, _WRITTEN = 8, 14, 6  # events, arcs, shares written on arcs


def arc_pictures(result: PathsResult) -> dict[str, Callable[[int], Any]]:
    """Which of these pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it.
    """
    drawn: dict[str, Callable[[int], Any]] = {}
    if len(_onward(result)):
        drawn["onward"] = lambda width: _graph(result, width)
    if len(_places(result)):
        drawn["places"] = lambda width: _matrix(result, width)
    return drawn


def _everybody(rows: pd.DataFrame) -> pd.DataFrame:
    rows = publishable(rows)
    return rows[(rows["segment"] == ALL) & rows["rate"].notna()]


def _order(result: PathsResult) -> dict[str, int]:
    """Which event comes before which, as they usually follow one another; the goal last."""
    goal = result.parameters["goal"]
    names = [name for name in result.usual_order if name not in (OTHER, goal)]
    return {name: place for place, name in enumerate([*names, *([] if goal is None else [goal])])}


def _onward(result: PathsResult) -> pd.DataFrame:
    """The most frequent moves between the most frequent events, at least one from and one to each; and their side."""
    rows, usual, goal = _everybody(result.table), _order(result), result.parameters["goal"]
    inner = rows[(rows["source_moves"] >= SMALLEST_DRAWN) & rows["source"].isin(usual) & rows["target"].isin(usual)]
    inner = inner.sort_values(["moves", "source", "target"], ascending=[False, True, True])
    size = inner.groupby("source")["moves"].sum().add(inner.groupby("target")["moves"].sum(), fill_value=0)
    kept = {*size.nlargest(_DRAWN).index, goal, *inner.loc[inner["target"] == goal, "source"].head(1)}
    inner = inner[inner["source"].isin(kept) & inner["target"].isin(kept)]
    apart = inner[inner["source"] != inner["target"]]
    each = [apart.drop_duplicates(end).index for end in ("source", "target")]
    inner = inner[inner.index.isin({*inner.head(_MOVES).index, *each[0], *each[1]})]
    back = [usual[a] > usual[b] for a, b in zip(inner["source"], inner["target"], strict=True)]
    side = pd.Series(["back" if one else "onward" for one in back], index=inner.index, dtype=object)
    return inner.assign(side=side.mask(inner["target"] == goal, "goal"))


def _graph(result: PathsResult, width: int) -> Any:
    arcs, usual = _onward(result), _order(result)
    apart = arcs[arcs["source"] != arcs["target"]]
    written = set(apart.nlargest(_WRITTEN if not is_narrow(width) else 4, "moves").index)
    arcs = arcs.assign(
        label=[share(rate, 0) if row in written else "" for row, rate in arcs["rate"].items()],
        told=[_told(row) for row in arcs.to_dict("records")],
    )
    events = sorted({*arcs["source"], *arcs["target"]}, key=usual.__getitem__)
    nodes = pd.DataFrame({"event": events, "name": events, "told": [_node(result, name) for name in events]})
    sides = "Right: onward; left: back" if is_narrow(width) else "Above: onward; below: back"
    frame = Frame(
        _graph_title(apart if len(apart) else arcs),
        f"{sides}. Width: number of moves; numbers: share of the moves from there. {result.who}",
        f"Arcs between events in their usual order. {result.headline} Numbers in the table below.",
        "Onward is to what usually comes later. Frequent moves alone are drawn; starts and ends are in the table.",
        width,
    )  # fmt: skip
    return arcs_chart(nodes, arcs, frame)


def _graph_title(arcs: pd.DataFrame) -> str:
    """The most frequent move, and its time."""
    top = arcs.loc[arcs["moves"].idxmax()]
    soon = "" if pd.isna(top["median_time"]) else f", half within {duration(top['median_time'])}"
    return f"Most often {place_name(top['source'])} leads to {place_name(top['target'])}{soon}"


def _told(row: dict[Any, Any]) -> str:
    wait = "" if pd.isna(row["median_time"]) else f", half within {duration(row['median_time'])}"
    return (
        f"{row['source']} → {row['target']}: {count(row['moves'])}, {share(row['rate'])} of the moves from "
        f"{row['source']}{wait}"
    )


def _node(result: PathsResult, name: str) -> str:
    rows = _everybody(result.table)
    own = rows[rows["source"] == name]
    ends = own.loc[own["target"] == END, "rate"]
    last = f"; {share(float(ends.iloc[0]))} of the paths there end" if len(ends) else ""
    return f"{name}: {count(own['source_moves'].iloc[0])} moves from there{last}" if len(own) else name


def _places(result: PathsResult) -> pd.DataFrame:
    """Shares of paths at each position, of enough paths."""
    rows = result.tables["places"]
    first = rows[(rows["segment"] == ALL) & (rows["position"] == 1)]
    return _everybody(rows) if first["paths"].sum() >= SMALLEST_DRAWN else rows.head(0)


def _matrix(result: PathsResult, width: int) -> Any:
    rows = _places(result)
    names = {END: "(ended)", OPEN: "(open)", OTHER: "(rarer)"}
    last = rows.groupby("event")["paths"].sum().sort_values(ascending=False)
    inner = [name for name in last.index if name not in names]
    events = [*inner[:12], *(name for name in names if name in last.index)]
    rows = rows[rows["event"].isin(events)]
    rows = rows.assign(
        source=[names.get(name, name) for name in rows["event"]], target=rows["position"].astype(str),
        told=["" if rate < 0.045 else share(rate, 0) for rate in rows["rate"]],
        tip=[f"Event {one['position']}: {share(one['rate'])} at {names.get(one['event'], one['event'])}"
             for one in rows.to_dict("records")],
    )  # fmt: skip
    frame = Frame(
        _matrix_title(result, rows),
        f"Share of paths at each event from the start; each column adds up to 100%. {result.who}",
        f"Heat map of events by their number from the start. {result.headline} Numbers in the table below.",
        "Paths that have ended stay where they ended. What fewer than 5 people did is not drawn.", width,
    )  # fmt: skip
    targets = [str(place) for place in sorted(rows["position"].unique())]
    return moves_chart(
        rows, frame, sources=[names.get(name, name) for name in events], targets=targets, across="Event number"
    )  # fmt: skip


def _matrix_title(result: PathsResult, rows: pd.DataFrame) -> str:
    """How many have come to their end, or to the goal, after the last position."""
    place, goal = int(rows["position"].max()), result.parameters["goal"]
    at = rows[rows["position"] == place].set_index("event")["rate"]
    told = f"By event {place}, {share(float(at.get(END, 0.0)), 0)} of the paths have ended"
    return told if goal is None else f"{told} and {share(float(at.get(goal, 0.0)), 0)} have reached {place_name(goal)}"
