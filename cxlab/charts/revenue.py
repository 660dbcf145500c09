"""Revenue from a start to an end, change by change, and how much of it stays over time."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import AXIS, BAD, CONTROL, GOOD, GRID, INK, VARIANTS

__all__ = ["rates_over_time", "revenue_bridge"]

_LEFT = 52
_COLOURS = {"level": CONTROL, "gain": GOOD, "loss": BAD}
_NET, _GROSS = VARIANTS[1], VARIANTS[3]


def revenue_bridge(rows: pd.DataFrame, frame: Frame, *, value_title: str) -> Any:
    """Through which changes did revenue get from its start to its end?

    Args:
        rows: one row per bar, in order: label, low, high, kind ("level", "gain" or "loss") and told.
        frame: words and width.
        value_title: over the amounts.

    Returns:
        A bar for the start and the end, and floating ones for the changes in between, each with its amount.
    """
    order = list(rows["label"])
    names = alt.Axis(title=None, labelAngle=-40 if frame.narrow else 0, domainColor=AXIS, ticks=False)
    x = alt.X("label:N", sort=order, scale=alt.Scale(paddingInner=0.25), axis=names)
    look = alt.Axis(title=value_title, gridColor=GRID, domain=False, titleX=-_LEFT + 10, tickCount=5, format="~s")
    base = alt.Chart(rows)
    colour = alt.Color("kind:N", legend=None, scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())))
    tips = [alt.Tooltip("label:N", title="Change"), alt.Tooltip("told:N", title="Amount")]
    marks = [
        base.mark_bar().encode(x=x, y=alt.Y("low:Q", axis=look), y2=alt.Y2("high:Q"), color=colour, tooltip=tips),
        base.mark_text(baseline="bottom", dy=-5, color=INK, fontSize=10 if frame.narrow else 12).encode(
            x=x, y=alt.Y("high:Q"), text=alt.Text("told:N")
        ),
    ]
    chart = alt.layer(*marks).properties(width=frame.inner - _LEFT, height=200 if frame.narrow else 250)
    return frame.put(chart)


def rates_over_time(rows: pd.DataFrame, frame: Frame, *, axis_title: str | None, ordinal: bool = False) -> Any:
    """How much of revenue stays, gross and net, one end after the other?

    Args:
        rows: one row per place and rate, in order: place, rate ("Gross" or "Net"), value, ci_low, ci_high.
        frame: words and width.
        axis_title: under the places.
        ordinal: whether places are whole numbers instead of names in their order.

    Returns:
        A line with its band for each rate; a dashed line where all of it stays.
    """
    order = list(dict.fromkeys(rows["place"]))
    look = alt.Axis(title=axis_title, grid=False, labelAngle=0, labelOverlap=True, ticks=False, domainColor=AXIS)
    x = alt.X("place:O" if ordinal else "place:N", sort=order, axis=look, scale=alt.Scale(type="point", padding=0.3))
    axis = alt.Axis(title="Revenue kept", gridColor=GRID, domain=False, titleX=-_LEFT + 10, tickCount=5, format="%")
    scale = alt.Scale(zero=False, nice=True)
    colour = alt.Color("rate:N", legend=None, scale=alt.Scale(domain=["Net", "Gross"], range=[_NET, _GROSS]))
    base = alt.Chart(rows)
    y = alt.Y("value:Q", axis=axis, scale=scale)
    tips = [alt.Tooltip("place:N", title="Until"), alt.Tooltip("rate:N", title="Rate"),
            *(alt.Tooltip(f"{name}:Q", title=title, format=".1%")
              for name, title in (("value", "Kept"), ("ci_low", "Interval from"), ("ci_high", "to")))]  # fmt: skip
    beside = 0 if frame.narrow else 52
    ends = rows[rows["place"] == order[-1]].assign(told=[f"{rate} {value:.0%}" for rate, value in _last(rows, order)])
    words: dict[str, Any] = {"align": "right", "dy": -12} if frame.narrow else {"align": "left", "dx": 10}
    marks = [
        alt.Chart(pd.DataFrame({"y": [1.0]})).mark_rule(color=INK, strokeDash=[5, 3]).encode(y=alt.Y("y:Q")),
        base.mark_area(opacity=0.18).encode(x=x, y=alt.Y("ci_low:Q"), y2=alt.Y2("ci_high:Q"), color=colour),
        base.mark_line(strokeWidth=2.4).encode(x=x, y=y, color=colour),
        base.mark_point(filled=True, size=36, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
        alt.Chart(ends)
        .mark_text(fontWeight="bold", fontSize=12, **words)
        .encode(x=x, y=y, color=colour, text="told:N"),
    ]
    chart = alt.layer(*marks).properties(width=frame.inner - _LEFT - beside, height=190 if frame.narrow else 250)
    return frame.put(chart)


def _last(rows: pd.DataFrame, order: list[Any]) -> list[tuple[str, float]]:
    last = rows[rows["place"] == order[-1]]
    return list(zip(last["rate"], last["value"], strict=True))
