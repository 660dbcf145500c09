"""Streams from place to place: how many go from each event to the next, drawn as bands between columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import AXIS, GOOD, INK, MUTED, SEGMENTS

__all__ = ["OTHERS", "flows_chart"]

OTHERS = "others"
_NODE, _GAP, _POINTS, _LEAST, _LABELLED = 11, 7, 21, 0.8, 9
_ENDS = "#C9CFD5"


def flows_chart(flows: pd.DataFrame, frame: Frame, *, names: Mapping[str, str], goal: str | None = None) -> Any:
    """Where do people go, from their first event to the next ones?

    Args:
        flows: one row per band: position, source, target, paths, told (what it says when pointed at) and drawn.
        frame: words and width.
        names: what ends and put-together events are called; what is in here goes to the bottom of its column.
        goal: the event that paths are meant to reach.

    Returns:
        One column per position, a block per event as high as its paths, and a band for every move between them.
    """
    height = 300 if frame.narrow else 380
    nodes = _placed(_nodes(flows, names, goal), frame, height)
    colour = alt.Color("colour:N", scale=None, legend=None)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, frame.inner]), axis=None)
    y = alt.Y("low:Q", scale=alt.Scale(domain=[height, 0]), axis=None)
    tip = [alt.Tooltip("told:N", title="")]
    bands, blocks = alt.Chart(_bands(flows, nodes)), alt.Chart(nodes)
    labels = alt.Chart(nodes[nodes["high"] - nodes["low"] >= _LABELLED])
    words = labels.mark_text(align="left", dx=4, fontSize=10 if frame.narrow else 11, color=INK)
    marks = [
        bands.mark_area(opacity=0.3).encode(x=x, y=y, y2="high:Q", detail="band:N", color=colour, tooltip=tip),
        blocks.mark_rect().encode(x=x, x2="right:Q", y=y, y2="high:Q", color=colour, tooltip=tip),
        words.encode(x=alt.X("right:Q"), y=alt.Y("middle:Q"), text="label:N"),
    ]
    return frame.put(alt.layer(*marks).properties(width=frame.inner, height=height))


def _nodes(flows: pd.DataFrame, names: Mapping[str, str], goal: str | None) -> pd.DataFrame:
    """One row per position and event: as high as what comes in, or at first as what goes out."""
    first = flows[flows["position"] == flows["position"].min()].groupby("source")["paths"].sum()
    begin = pd.DataFrame({"position": int(flows["position"].min()), "event": first.index, "paths": first.to_numpy()})
    later = flows.assign(position=flows["position"] + 1).groupby(["position", "target"], as_index=False)["paths"].sum()
    nodes = pd.concat([begin, later.rename(columns={"target": "event"})], ignore_index=True)
    places = {name: place for place, name in enumerate(names, 1)} | ({goal: -1} if goal else {})
    nodes = nodes.assign(rank=[places.get(one, 0) for one in nodes["event"]], share=nodes["paths"] / float(first.sum()))
    nodes = nodes.sort_values(["position", "rank", "paths", "event"], ascending=[True, True, False, True])
    palette = _palette([*nodes["event"]], names, goal)
    return nodes.assign(colour=nodes["event"].map(palette), name=[names.get(one, one) for one in nodes["event"]])


def _palette(events: Sequence[str], names: Mapping[str, str], goal: str | None) -> dict[str, str]:
    """Each event keeps one colour in all columns; ends are grey, the goal is green."""
    told = [name for name in dict.fromkeys(events) if name not in names and name != goal]
    colours = {name: SEGMENTS[place % len(SEGMENTS)] for place, name in enumerate(told)}
    return {**dict.fromkeys(names, _ENDS), OTHERS: AXIS, **colours, **({goal: GOOD} if goal else {})}


def _placed(nodes: pd.DataFrame, frame: Frame, height: int) -> pd.DataFrame:
    """Where each block stands, in pixels."""
    first, last = int(nodes["position"].min()), int(nodes["position"].max())
    room = 74 if frame.narrow else 112  # for the last column's names
    x = (nodes["position"] - first) * (frame.inner - room - _NODE) / max(last - first, 1)
    most = int(nodes.groupby("position").size().max())
    scale = (height - _GAP * (most - 1)) / float(nodes[nodes["position"] == first]["paths"].sum())
    size = np.maximum(nodes["paths"] * scale, _LEAST)
    low = (size + _GAP).groupby(nodes["position"]).cumsum() - size - _GAP
    rows = nodes.to_dict("records")
    return nodes.assign(
        x=x, right=x + _NODE, low=low, high=low + size, middle=low + size / 2, scale=scale,
        label=[_label(row, 11 if frame.narrow else 15) for row in rows],
        told=[f"{row['name']}, event {row['position']}: {row['share']:.1%} of all" for row in rows],
    )  # fmt: skip


def _label(row: dict[Any, Any], longest: int) -> str:
    name = row["name"] if len(row["name"]) <= longest else row["name"][: longest - 1] + "…"
    return f"{name} {row['share']:.0%}"


def _bands(flows: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Each band as points along its two edges, which leave and arrive level."""
    place = nodes.set_index(["position", "event"])
    order = place["low"]
    flows = flows.assign(
        out=[order.get((p, s), np.nan) for p, s in zip(flows["position"], flows["source"], strict=True)],
        into=[order.get((p + 1, t), np.nan) for p, t in zip(flows["position"], flows["target"], strict=True)],
        size=flows["paths"] * float(nodes["scale"].iloc[0]),
    ).dropna(subset=["out", "into"])  # fmt: skip
    flows = flows.sort_values(["position", "out", "into"])
    flows["begin"] = flows["out"] + flows.groupby(["position", "source"])["size"].cumsum() - flows["size"]
    flows = flows.sort_values(["position", "into", "out"])
    flows["arrive"] = flows["into"] + flows.groupby(["position", "target"])["size"].cumsum() - flows["size"]
    along = np.linspace(0, 1, _POINTS)
    bend = 3 * along**2 - 2 * along**3
    rows = flows[flows["drawn"]].itertuples()
    return pd.concat([_band(row, place, along, bend, number) for number, row in enumerate(rows)], ignore_index=True)


def _band(row: Any, place: pd.DataFrame, along: Any, bend: Any, number: int) -> pd.DataFrame:
    source, target = place.loc[(row.position, row.source)], place.loc[(row.position + 1, row.target)]
    left, right = float(source["right"]), float(target["x"])
    low = row.begin + (row.arrive - row.begin) * bend
    return pd.DataFrame({
        "band": number, "x": left + (right - left) * along, "low": low, "high": low + row.size, "told": row.told,
        "colour": source["colour"] if row.source != OTHERS else MUTED,
    })  # fmt: skip
