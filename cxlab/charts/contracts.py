"""Contracts held after each renewal: what was seen, what the model expects, and beyond."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import GRID, INK, PANEL, VARIANTS

__all__ = ["contracts_held"]

_BLUE, _LEFT = VARIANTS[1], 46


def contracts_held(
    rows: pd.DataFrame, frame: Frame, *, axis_title: str, value_title: str, tested_from: float | None = None
) -> Any:
    """How many contracts are held after each renewal?

    Args:
        rows: one row per renewal, in order: renewal, actual (missing where not seen yet), expected, ci_low, ci_high.
        frame: words and width.
        axis_title: under the renewals.
        value_title: over the values.
        tested_from: the renewal after which nothing was seen; it is shaded.

    Returns:
        Points for what was seen, a dashed line with its band for what is expected.
    """
    x = alt.X("renewal:Q", axis=alt.Axis(title=axis_title, grid=False, format="d", tickMinStep=1),
              scale=alt.Scale(nice=False, zero=False))  # fmt: skip
    share = float(rows["expected"].max()) <= 1
    look = alt.Axis(title=value_title, gridColor=GRID, domain=False, titleX=-_LEFT + 10, tickCount=5,
                    format=".0%" if share else ",d")  # fmt: skip
    base = alt.Chart(rows)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", axis=look, scale=alt.Scale(zero=True))

    tips = [alt.Tooltip("renewal:Q", title="Renewal"),
            *(alt.Tooltip(f"{name}:Q", title=title, format=".1%" if share else ",.0f")
              for name, title in (("actual", "Held"), ("expected", "Expected")))]  # fmt: skip
    marks = [
        base.mark_area(color=_BLUE, opacity=0.2).encode(x=x, y=y("ci_low"), y2=alt.Y2("ci_high:Q")),
        base.mark_line(color=_BLUE, strokeDash=[6, 4], strokeWidth=2.4).encode(x=x, y=y("expected"), tooltip=tips),
        base.transform_filter("isValid(datum.actual)")
        .mark_point(color=INK, fill=INK, size=45, opacity=1)
        .encode(x=x, y=y("actual"), tooltip=tips),
    ]
    if tested_from is not None and tested_from < float(rows["renewal"].max()):
        place = pd.DataFrame({"renewal": [tested_from], "to": [float(rows["renewal"].max())]})
        marks.insert(0, alt.Chart(place).mark_rect(color=PANEL, opacity=1).encode(x=x, x2=alt.X2("to:Q")))
    chart = alt.layer(*marks).properties(width=frame.inner - _LEFT, height=190 if frame.narrow else 240)
    return frame.put(chart)
