"""Events in a row in their usual order, and an arc for every move: onward on one side, back on the other."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.stage_marks import placed
from cxlab.charts.theme import AXIS, BAD, GOOD, INK, MUTED, VARIANTS, lines

__all__ = ["arcs_chart"]

_POINTS, _WIDEST, _LOOP, _ROOM, _WIDE = 31, 13.0, 18.0, 150.0, 92.0
_SIDES = {"onward": VARIANTS[1], "goal": GOOD, "back": BAD}


def arcs_chart(nodes: pd.DataFrame, arcs: pd.DataFrame, frame: Frame) -> Any:
    """Where do people go on to, and where do they turn back?

    Args:
        nodes: one row per event in its usual order: event, name, told (what it says when pointed at).
        arcs: one row per move: source, target (events), moves, side ("onward", "goal" or "back"), label (written at its
            top; may be empty) and told.
        frame: words and width.

    Returns:
        Boxes in a row, or in a column on small screens; arcs as wide as their moves.
    """
    arcs = _reaching(nodes, arcs, (frame.inner - _WIDE) / 2 - 8 if frame.narrow else _ROOM)
    boxes, height = _boxes(nodes, arcs, frame)
    drawn = _drawn(arcs.sort_values("moves", ascending=False), boxes, frame)
    marks = [*_curves(drawn), *_names(boxes), *_labels(drawn)]
    return frame.put(alt.layer(*marks).properties(width=frame.inner, height=height))


def _reaching(nodes: pd.DataFrame, arcs: pd.DataFrame, room: float) -> pd.DataFrame:
    """How far each arc reaches from the row: the farther, the more events lie between."""
    at = {event: place for place, event in enumerate(nodes["event"])}
    span = abs(arcs["source"].map(at) - arcs["target"].map(at))
    reach = 26 + (room - 26) * (span / max(len(nodes) - 1, 1)) ** 0.75
    return arcs.assign(reach=reach.mask(span == 0, _LOOP))


def _boxes(nodes: pd.DataFrame, arcs: pd.DataFrame, frame: Frame) -> tuple[pd.DataFrame, float]:
    """Where each event stands, and the height of all."""
    place = np.arange(len(nodes))
    if frame.narrow:
        wide, tall = _WIDE, 30.0
        x, y = np.full(len(nodes), frame.inner / 2), tall / 2 + 4 + 52.0 * place
        height = float(y[-1]) + tall / 2 + 4
    else:
        step, tall = frame.inner / len(nodes), 40.0
        wide = min(step - 10, 104.0)
        above, below = (
            float(arcs.loc[side, "reach"].max()) for side in (arcs["side"] != "back", arcs["side"] == "back")
        )
        above, below = (0.0 if np.isnan(one) else one + 14 for one in (above, below))
        x, y, height = step * (place + 0.5), np.full(len(nodes), above + tall / 2), above + tall + below
    return nodes.assign(x=x, y=y, left=x - wide / 2, right=x + wide / 2, top=y - tall / 2, bottom=y + tall / 2), height


def _drawn(arcs: pd.DataFrame, boxes: pd.DataFrame, frame: Frame) -> pd.DataFrame:
    """Each arc as points from the middle of one box to that of the other, on the side of its direction."""
    at = boxes.set_index("event")
    middle, edges = ("y", ("right", "left")) if frame.narrow else ("x", ("top", "bottom"))
    along, widest = np.linspace(0, np.pi, _POINTS), float(arcs["moves"].max())
    parts = []
    for number, row in enumerate(arcs.to_dict("records")):
        a, b, back = at.loc[row["source"]], at.loc[row["target"]], row["side"] == "back"
        apart = _LOOP / 2 if row["source"] == row["target"] else -6.0 if back else 6.0
        begin, end = (
            (a[middle] - apart, a[middle] + apart) if apart == _LOOP / 2 else (a[middle] + apart, b[middle] - apart)
        )
        away = 1 if back != frame.narrow else -1
        turn = begin + (end - begin) * (1 - np.cos(along)) / 2
        rise = a[edges[back]] + away * np.sin(along) * row["reach"]
        parts.append(pd.DataFrame({
            "x": rise if frame.narrow else turn, "y": turn if frame.narrow else rise, "arc": number,
            "step": range(_POINTS), "thick": 1 + (_WIDEST - 1) * row["moves"] / widest, "label": row["label"],
            "told": row["told"], "colour": _SIDES[row["side"]],
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _curves(drawn: pd.DataFrame) -> list[alt.Chart]:
    plain = {"scale": None, "legend": None}
    line = alt.Chart(drawn).mark_line(opacity=0.55, strokeCap="butt")
    # Drawn in the order of its points, as a curve may turn back on itself.
    return [line.encode(
        x=placed("x"), y=placed("y", axis="y"), detail="arc:N", order="step:Q", color=alt.Color("colour:N", **plain),
        strokeWidth=alt.StrokeWidth("thick:Q", **plain), tooltip=[alt.Tooltip("told:N", title="")],
    )]  # fmt: skip


def _names(boxes: pd.DataFrame) -> list[alt.Chart]:
    """The events' boxes with their names in one or two lines."""
    wide = float(boxes["right"].iloc[0] - boxes["left"].iloc[0])
    told = [_broken(name, wide - 8) for name in boxes["name"]]
    rows = boxes.assign(first=[one[0] for one in told], second=[one[1] for one in told])
    rows = rows.assign(above=rows["y"] - 7, below=rows["y"] + 7)
    tip = [alt.Tooltip("told:N", title="")]
    box = alt.Chart(rows).mark_rect(color="white", stroke=AXIS, cornerRadius=4).encode(
        x=placed("left"), x2="right:Q", y=placed("top", axis="y"), y2="bottom:Q", tooltip=tip
    )  # fmt: skip
    drawn = [box]
    for own, columns in (
        (rows[rows["second"] == ""], {"first": "y"}),
        (rows[rows["second"] != ""], {"first": "above", "second": "below"}),
    ):
        if len(own):
            drawn += [
                alt.Chart(own).mark_text(baseline="middle", fontSize=11, color=INK).encode(
                    x=placed("x"), y=placed(y, axis="y"), text=alt.Text(f"{column}:N"), tooltip=tip
                )
                for column, y in columns.items()
            ]  # fmt: skip
    return drawn


def _broken(name: str, room: float) -> tuple[str, str]:
    """A name in at most two lines that fit."""
    most = max(int(room / 5.9), 8)
    parts = lines(name.replace("_", " "), room, 5.9)
    first = parts[0] if len(parts[0]) <= most else parts[0][: most - 1] + "…"
    rest = " ".join(parts[1:])
    return first, rest if len(rest) <= most else rest[: most - 1] + "…"


def _labels(drawn: pd.DataFrame) -> list[alt.Chart]:
    """The share at the top of an arc."""
    tops = drawn[(drawn["step"] == _POINTS // 2) & (drawn["label"] != "")]
    if tops.empty:
        return []
    base = alt.Chart(tops).encode(x=placed("x"), y=placed("y", axis="y"), text=alt.Text("label:N"))
    halo = base.mark_text(baseline="middle", fontSize=11, stroke="white", strokeWidth=4, color="white")
    return [halo, base.mark_text(baseline="middle", fontSize=11, color=MUTED, fontWeight="bold")]
