"""Ratios of rates in rows, on a scale where half and twice lie equally far from no difference."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts.score_rows import Frame, row_scale
from cxlab.charts.theme import BAD, GOOD, GRID, INK, MUTED, UNDECIDED

__all__ = ["hazard_ratio_forest"]

_KINDS = {
    "good": ("circle", GOOD, GOOD), "bad": ("square", BAD, BAD), "open": ("diamond", UNDECIDED, "white"),
    "wrong": ("cross", MUTED, MUTED),
}  # fmt: skip
_TICKS = (0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 5, 10, 20)
_STEP, _DROP = 46, 9


def hazard_ratio_forest(rows: pd.DataFrame, frame: Frame, *, axis_title: str) -> Any:
    """How many times as often does it happen, row by row, and what does each interval allow?

    Args:
        rows: one row per estimate, in order: label, about (second line), estimate, ci_low, ci_high (missing where
            there is no honest one), told (number and interval), reading (a word) and kind: "good", "bad", "open", or
            "wrong" for what must not be read as an answer.
        frame: the words around it, and the width.
        axis_title: what the axis holds.

    Returns:
        The chart.
    """
    drawn = rows.reset_index(drop=True).assign(row=range(len(rows)))
    base = alt.Chart(drawn).encode(y=row_scale())
    left, right = (0, frame.inner - 20) if frame.narrow else (206, 466)
    x = _x(drawn, left, right, axis_title, frame)
    words = _narrow_words(base, frame) if frame.narrow else _wide_words(base, frame, right + 22)
    chart = alt.layer(_one(x), *_marks(base, x, _DROP if frame.narrow else 0), *words)
    return frame.put(chart.properties(width=frame.inner, height=_STEP * len(drawn)))


def _x(rows: pd.DataFrame, left: int, right: int, title: str, frame: Frame) -> alt.X:
    values = rows[["estimate", "ci_low", "ci_high"]].to_numpy(float)
    low, high = min(float(np.nanmin(values)), 1.0) / 1.08, max(float(np.nanmax(values)), 1.0) * 1.08
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    if frame.narrow and len(ticks) > 5:
        ticks = [tick for tick in ticks if tick in (0.1, 0.2, 0.5, 1, 2, 5, 10)]
    axis = alt.Axis(
        values=ticks, format="~g", title=title, grid=True, gridColor=GRID, titleX=(left + right) / 2,
        titleAlign="center", labelOverlap=True, orient="bottom",
    )  # fmt: skip
    scale = alt.Scale(type="log", domain=[low, high], range=[left, right], nice=False)
    return alt.X("estimate:Q", scale=scale, axis=axis)


def _field(x: alt.X, name: str) -> alt.X:
    other = x.copy()
    other["shorthand"] = name
    return other


def _one(x: alt.X) -> alt.Chart:
    line = alt.Chart(alt.Data(values=[{"one": 1}])).mark_rule(color=INK, strokeWidth=1.2)
    return line.encode(x=_field(x, "one:Q"))


def _marks(base: alt.Chart, x: alt.X, drop: int) -> list[Any]:
    tooltip = [alt.Tooltip("label:N", title="How"), alt.Tooltip("told:N", title="Ratio"),
               alt.Tooltip("reading:N", title="Reading")]  # fmt: skip
    known = base.transform_filter("isValid(datum.ci_low)")
    bar = known.mark_rule(strokeWidth=4, strokeCap="round", yOffset=drop)
    marks: list[Any] = [bar.encode(x=_field(x, "ci_low:Q"), x2=alt.X2("ci_high:Q"), color=_colour(), tooltip=tooltip)]
    for kind, (shape, stroke, fill) in _KINDS.items():
        look = {"shape": shape, "stroke": stroke, "fill": fill, "strokeWidth": 1.6, "opacity": 1, "size": 100}
        point = base.transform_filter(f"datum.kind == '{kind}'").mark_point(yOffset=drop, **look)
        marks.append(point.encode(x=x, tooltip=tooltip))
    return marks


def _colour() -> alt.Color:
    return alt.Color(
        "kind:N", legend=None, scale=alt.Scale(domain=list(_KINDS), range=[look[1] for look in _KINDS.values()])
    )


def _wide_words(base: alt.Chart, frame: Frame, beside: int) -> list[Any]:
    """Label and second line before the marks, reading and numbers after them."""
    places = ((0, "label", -8, "bold", 12), (0, "about", 8, "normal", 11), (beside, "told", 8, "normal", 11))
    words = [
        base.mark_text(align="left", dy=dy, fontWeight=weight, fontSize=size, color=INK if dy < 0 else MUTED,
                       limit=frame.inner - beside if at else 200)
        .encode(x=alt.XValue(at), text=alt.Text(f"{name}:N"))
        for at, name, dy, weight, size in places
    ]  # fmt: skip
    reading = base.mark_text(align="left", dy=-8, fontWeight="bold", fontSize=12, limit=frame.inner - beside)
    return [*words, reading.encode(x=alt.XValue(beside), text=alt.Text("reading:N"), color=_colour())]


def _narrow_words(base: alt.Chart, frame: Frame) -> list[Any]:
    """Label and numbers above each bar; a white edge keeps lines out of the words."""
    look = {"align": "left", "fontSize": 12, "fontWeight": "bold", "dy": -11, "limit": frame.inner - 130}
    label = alt.Text("label:N")
    told = base.mark_text(align="right", fontSize=12, dy=-11)
    return [
        base.mark_text(**look, stroke="white", strokeWidth=4, color="white").encode(x=alt.XValue(0), text=label),
        base.mark_text(**look, color=INK).encode(x=alt.XValue(0), text=label),
        told.encode(x=alt.XValue(frame.inner - 14), text=alt.Text("told:N"), color=_colour()),
    ]
