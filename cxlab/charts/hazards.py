"""How many times as often customers of each kind leave: points with intervals on a scale of ratios."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame, row_scale
from cxlab.charts.theme import AXIS, BAD, GOOD, GRID, INK, MUTED, UNDECIDED

__all__ = ["hazard_ratios"]

_LEFT, _RIGHT = 216, 156
_LABEL = 30
_TICKS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20)
_READINGS = {
    "sooner": ("square", BAD, BAD),
    "later": ("circle", GOOD, GOOD),
    "undecided": ("diamond", UNDECIDED, "white"),
    "reference": ("circle", MUTED, "white"),
}


def hazard_ratios(rows: pd.DataFrame, frame: Frame, *, axis_title: str) -> Any:
    """Who leaves sooner than whom, and how sure is that?

    Args:
        rows: one row per level, in order: label, told ("1.75 (1.55 to 1.98)"), estimate, ci_low, ci_high (missing for
            a reference) and reading ("sooner", "later", "undecided" or "reference").
        frame: words and width.
        axis_title: what the axis holds.

    Returns:
        Point and bar per level on a logarithmic scale, with its numbers in words and a line at 1.
    """
    left, right = (8, frame.inner - 22) if frame.narrow else (_LEFT, frame.inner - _RIGHT)
    label = [one if len(one) <= _LABEL else one[: _LABEL - 1] + "…" for one in rows["label"]]
    drawn = rows.reset_index(drop=True).assign(label=label, row=range(len(rows)))
    base = alt.Chart(drawn).encode(y=row_scale())
    scale, ticks = _reach(drawn, (left, right))
    look = alt.Axis(orient="bottom", grid=True, gridColor=GRID, domainColor=AXIS, values=ticks, title=axis_title,
                    titleX=(left + right) / 2, titleAlign="center", titleAnchor="middle", titleY=30, format="~g",
                    labelOverlap=True)  # fmt: skip
    x = alt.X("estimate:Q", scale=scale, axis=look)
    drop = 11 if frame.narrow else 0
    tips = [alt.Tooltip("label:N", title="Customers"), alt.Tooltip("told:N", title="Times as often")]
    one = alt.Chart(alt.Data(values=[{"estimate": 1}])).mark_rule(color=INK, strokeWidth=1.2)
    bars = base.transform_filter("isValid(datum.ci_low)").transform_calculate(estimate="datum.ci_low")
    marks = [
        one.encode(x=x),
        bars.mark_rule(strokeWidth=4, yOffset=drop).encode(x=x, x2=alt.X2("ci_high:Q"), color=_ink(1), tooltip=tips),
        base.mark_point(size=100, filled=False, strokeWidth=2, opacity=1, yOffset=drop).encode(
            x=x, color=_ink(1), fill=_ink(2), shape=_ink(0), tooltip=tips
        ),
    ]
    step = 48 if frame.narrow else 32
    chart = alt.layer(*marks, *_words(base, frame)).properties(width=frame.inner, height=step * len(drawn))
    return frame.put(chart)


def _reach(drawn: pd.DataFrame, span: tuple[float, float]) -> tuple[alt.Scale, list[float]]:
    """As far as the intervals go, at most from a hundredth to a hundred times, and the ticks within."""
    ends = drawn[["estimate", "ci_low", "ci_high"]]
    low, high = max(min(float(ends.min().min()), 0.8), 0.01), min(max(float(ends.max().max()), 1.25), 100.0)
    domain = [low / 1.04, high * 1.04]
    scale = alt.Scale(type="log", domain=domain, range=list(span), nice=False, clamp=True)
    return scale, [tick for tick in _TICKS if domain[0] <= tick <= domain[1]]


def _ink(part: int) -> Any:
    """Shape (0), colour (1) or fill (2) of a reading."""
    scale = alt.Scale(domain=list(_READINGS), range=[values[part] for values in _READINGS.values()])
    return (alt.Shape, alt.Color, alt.Fill)[part]("reading:N", legend=None, scale=scale)


def _words(base: alt.Chart, frame: Frame) -> list[Any]:
    """Each row's kind of customer and its numbers; above the bar where it is narrow."""
    look: dict[str, Any] = {"baseline": "middle", "fontSize": 12, "color": INK, "dy": -9 if frame.narrow else 0}
    label = base.mark_text(align="left", **look).encode(x=alt.XValue(0), text=alt.Text("label:N"))
    end = frame.inner - (14 if frame.narrow else 0)
    told = base.mark_text(align="right", **look).encode(x=alt.XValue(end), text=alt.Text("told:N"))
    if frame.narrow:  # a white edge keeps the line at 1 out of the words
        edge = base.mark_text(align="right", stroke="white", strokeWidth=5, **(look | {"color": "white"}))
        return [edge.encode(x=alt.XValue(end), text=alt.Text("told:N")), label, told]
    top = alt.Chart(alt.Data(values=[{}]))
    heads = ((0, "left", "Customers"), (end, "right", "Times as often (interval)"))
    return [label, told, *(
        top.mark_text(text=words, align=align, baseline="bottom", fontSize=12, color=MUTED)
        .encode(x=alt.XValue(at), y=alt.YValue(-4))
        for at, align, words in heads
    )]  # fmt: skip
