"""A service blueprint: lanes as rows, stages as columns, what happens as boxes with their numbers, arrows between."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.blueprint_grid import grid_shapes
from cxlab.charts.blueprint_shapes import TONES, Plan, Shapes
from cxlab.charts.blueprint_stack import stack_shapes
from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import AXIS, BAD, GRID, INK, PANEL

__all__ = ["blueprint_chart"]

_WORDS: dict[str, dict[str, Any]] = {
    "stage": {"fontSize": 13, "fontWeight": "bold", "align": "left"},
    "lane": {"fontSize": 11, "align": "left"},
    "line": {"fontSize": 11, "fontStyle": "italic", "align": "left", "baseline": "bottom"},
    "line, right": {"fontSize": 11, "fontStyle": "italic", "align": "right", "baseline": "bottom"},
    "name": {"fontSize": 12, "fontWeight": "bold", "align": "left"},
    "told": {"fontSize": 11, "align": "left"},
}
_BOXES: dict[str, dict[str, Any]] = {
    "lane": {"fill": PANEL, "stroke": None},
    "measured": {"fill": "white", "stroke": AXIS, "strokeWidth": 1.2, "cornerRadius": 3},
    "plain": {"fill": "white", "stroke": AXIS, "strokeWidth": 1.2, "strokeDash": [4, 3], "cornerRadius": 3},
    "bad": {"fill": "white", "stroke": BAD, "strokeWidth": 1.6, "strokeDash": [4, 3], "cornerRadius": 3},
    "track": {"fill": GRID, "stroke": None},
}


def blueprint_chart(plan: Plan, frame: Frame) -> Any:
    """What happens where, and where does it wait?

    Args:
        plan: boxes and arrows.
        frame: words and width.

    Returns:
        A grid of lanes and stages; where there is no room for it, the stages below each other.
    """
    shapes = None if frame.narrow else grid_shapes(plan, frame.inner)
    shapes = shapes or stack_shapes(plan, frame.inner)
    marks = [*_rectangles(shapes, ("lane",)), *_rules(shapes), *_arrows(shapes)]
    marks += [*_rectangles(shapes, ("measured", "plain", "bad", "track", "bar")), *_words(shapes)]
    return frame.put(alt.layer(*marks).properties(width=shapes.width, height=shapes.height + 4))


def _at(field: str) -> dict[str, Any]:
    return {"shorthand": f"{field}:Q", "scale": None, "axis": None}


def _ends() -> dict[str, Any]:
    return {"x": alt.X(**_at("x")), "y": alt.Y(**_at("y"))}


def _rectangles(shapes: Shapes, kinds: tuple[str, ...]) -> list[alt.Chart]:
    """Rectangles of each kind, drawn in this order."""
    frame, found = shapes.frame("rectangles"), []
    for kind in kinds:
        rows = frame[frame["kind"] == kind]
        if len(rows):
            corners = {**_ends(), "x2": alt.X2("x2"), "y2": alt.Y2("y2")}
            if kind == "bar":
                corners["color"] = alt.Color("colour:N", scale=None, legend=None)
            if kind in ("measured", "plain", "bad"):
                corners["tooltip"] = [alt.Tooltip("tip:N", title="")]
            found.append(alt.Chart(rows).mark_rect(**_BOXES.get(kind, {})).encode(**corners))
    return found


def _rules(shapes: Shapes) -> list[alt.Chart]:
    rows = shapes.frame("rules")
    if rows.empty:
        return []
    return [alt.Chart(rows).mark_rule(color=INK, strokeDash=[7, 4], strokeWidth=1).encode(**_ends(), x2=alt.X2("x2"))]


def _arrows(shapes: Shapes) -> list[alt.Chart]:
    """Lines and heads; the longest wait is thicker and lies on top."""
    paths, heads, found = shapes.frame("paths"), shapes.frame("heads"), []
    for tone in ("plain", "within", "between", "longest"):
        rows, ends = (frame[frame["tone"] == tone] if len(frame) else frame for frame in (paths, heads))
        if len(rows):
            found += _arrow(rows, ends, tone)
    return found


def _arrow(rows: pd.DataFrame, ends: pd.DataFrame, tone: str) -> list[alt.Chart]:
    look = {"color": TONES[tone], "strokeWidth": 2.4 if tone == "longest" else 1.4}
    dash = {"strokeDash": [3, 3]} if tone == "plain" else {}
    line = alt.Chart(rows).mark_line(strokeJoin="round", **look, **dash)
    head = alt.Chart(ends).mark_point(shape="triangle", filled=True, size=46, opacity=1, color=TONES[tone])
    tip = [alt.Tooltip("tip:N", title="")]
    return [
        line.encode(**_ends(), detail="path:N", order="order:Q", tooltip=tip),
        head.encode(**_ends(), angle=alt.Angle("angle:Q", scale=None)),
    ]


def _words(shapes: Shapes) -> list[alt.Chart]:
    frame = shapes.frame("words")
    colour = alt.Color("colour:N", scale=None, legend=None)
    found = []
    for kind, look in _WORDS.items():
        rows = frame[frame["kind"] == kind]
        if kind in ("lane", "line", "line, right") and len(rows):
            ground = alt.Stroke("ground:N", scale=None, legend=None)
            halo = alt.Chart(rows).mark_text(strokeWidth=5, strokeJoin="round", **look)
            found.append(halo.encode(**_ends(), text="text:N", stroke=ground, color=colour))
        if len(rows):
            found.append(alt.Chart(rows).mark_text(**look).encode(**_ends(), text="text:N", color=colour))
    return found
