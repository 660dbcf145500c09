"""Shares in rows: one bar with its interval for each, the numbers behind it."""

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame, row_scale
from cxlab.charts.theme import GRID, INK, MUTED, VARIANTS

__all__ = ["share_rows"]


def share_rows(rows: pd.DataFrame, frame: Frame, *, axis_title: str) -> Any:
    """How large is the share of each row?

    Args:
        rows: one row per share, in order: label, about (second line), rate, ci_low, ci_high (missing where there are
            too few to draw one) and told (the share and its interval in words).
        frame: the words around it, and the width.
        axis_title: what the axis holds.

    Returns:
        The chart.
    """
    drawn = rows.reset_index(drop=True).assign(row=range(len(rows)), zero=0.0)
    base = alt.Chart(drawn).encode(y=row_scale())
    left, right = (0, frame.inner - 20) if frame.narrow else (186, frame.inner - 150)
    known = drawn["ci_high"].dropna()
    top = min(1.0, 1.08 * float(known.max())) if len(known) else 1.0
    axis = alt.Axis(
        format=".0%" if top >= 0.04 else ".1%", tickCount=4 if frame.narrow else 6, title=axis_title, grid=True,
        gridColor=GRID, titleX=(left + right) / 2, titleAlign="center", orient="bottom", labelOverlap=True,
    )  # fmt: skip
    x = alt.X("rate:Q", axis=axis, scale=alt.Scale(domain=[0, top], range=[left, right], nice=False))
    words = _narrow_words(base, frame) if frame.narrow else _wide_words(base, right + 14)
    chart = alt.layer(*_marks(base, x, 10 if frame.narrow else 0), *words)
    return frame.put(chart.properties(width=frame.inner, height=46 * len(drawn)))


def _marks(base: alt.Chart, x: alt.X, drop: int) -> list[Any]:
    known = base.transform_filter("isValid(datum.ci_low)")
    tooltip = [alt.Tooltip("label:N", title="after"), alt.Tooltip("told:N", title="share")]
    start = x.copy()
    start["shorthand"] = "zero:Q"
    return [
        known.mark_rule(color=VARIANTS[1], strokeWidth=14, yOffset=drop).encode(
            x=start, x2=alt.X2("rate:Q"), tooltip=tooltip
        ),
        known.mark_rule(color=INK, strokeWidth=2, yOffset=drop).encode(
            x=alt.X("ci_low:Q"), x2=alt.X2("ci_high:Q"), tooltip=tooltip
        ),
    ]


def _wide_words(base: alt.Chart, beside: int) -> list[Any]:
    look = {"align": "left", "limit": 180}
    return [
        base.mark_text(dy=-8, fontSize=12, fontWeight="bold", color=INK, **look).encode(
            x=alt.XValue(0), text=alt.Text("label:N")
        ),
        base.mark_text(dy=8, fontSize=11, color=MUTED, **look).encode(x=alt.XValue(0), text=alt.Text("about:N")),
        base.mark_text(fontSize=12, color=INK, align="left").encode(x=alt.XValue(beside), text=alt.Text("told:N")),
    ]


def _narrow_words(base: alt.Chart, frame: Frame) -> list[Any]:
    label = base.mark_text(align="left", fontSize=12, fontWeight="bold", color=INK, dy=-10, limit=frame.inner - 150)
    told = base.mark_text(align="right", fontSize=12, color=INK, dy=-10)
    return [
        label.encode(x=alt.XValue(0), text=alt.Text("label:N")),
        told.encode(x=alt.XValue(frame.inner - 14), text=alt.Text("told:N")),
    ]
