"""Why customers are gone: the share that left for each reason, one on top of the other, over time."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import AXIS, GRID, INK, SEGMENTS

__all__ = ["MOST_AREAS", "incidence_areas"]

MOST_AREAS = len(SEGMENTS)
_LEFT, _BESIDE = 46, 178


def incidence_areas(rows: pd.DataFrame, frame: Frame, *, time_title: str) -> Any:
    """Which share has left for each reason by each time?

    Args:
        rows: one row per reason and time, reasons in order from below: reason, time, estimate (share gone for it) and
            told ("18 of 100") of its last time; at most six reasons.
        frame: words and width.
        time_title: under the axis.

    Returns:
        One area per reason, stacked: their upper edge is the share that left at all.
    """
    order = list(dict.fromkeys(rows["reason"]))
    place = {reason: k for k, reason in enumerate(order)}
    upper = rows.groupby("time")["estimate"].cumsum()
    drawn = rows.assign(high=upper, low=upper - rows["estimate"], place=[place[one] for one in rows["reason"]])
    top = min(1.0, float(drawn["high"].max()) * 1.12 or 1.0)
    last = float(drawn["time"].max())
    under = alt.Axis(title=time_title, grid=False, tickCount=5 if frame.narrow else 8, domainColor=AXIS)
    beside = alt.Axis(title="Share gone", format="%", tickCount=5, gridColor=GRID, titleX=-_LEFT + 10)
    x = alt.X("time:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=under)
    y = alt.Y("low:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=beside)
    colour = alt.Color("reason:N", legend=None,
                       scale=alt.Scale(domain=order, range=list(SEGMENTS[: len(order)])))  # fmt: skip
    tips = [alt.Tooltip("reason:N", title="Reason"), alt.Tooltip("time:Q", title=time_title, format=".1f"),
            alt.Tooltip("estimate:Q", title="Gone for it", format=".1%")]  # fmt: skip
    areas = alt.Chart(drawn).mark_area(interpolate="step-after", opacity=0.85, stroke="white", strokeWidth=1)
    layers = [areas.encode(x=x, y=y, y2=alt.Y2("high:Q"), color=colour, tooltip=tips), *_names(drawn, frame, x, y, top)]
    width = frame.inner - _LEFT - (0 if frame.narrow else _BESIDE)
    return frame.put(alt.layer(*layers).properties(width=width, height=220 if frame.narrow else 280))


def _names(drawn: pd.DataFrame, frame: Frame, x: alt.X, y: alt.Y, top: float) -> list[alt.Chart]:
    """Each reason beside the end of its area, apart enough to be read; above the picture's areas where it is narrow."""
    ends = drawn.groupby("reason", sort=False).tail(1).sort_values("low").reset_index(drop=True)
    apart = top * (0.075 if frame.narrow else 0.06)
    at = ((ends["low"] + ends["high"]) / 2).to_list()
    if frame.narrow:
        at = [top - apart * (len(ends) - k) for k in range(len(ends))]
    for k in range(1, len(at)):
        at[k] = max(at[k], at[k - 1] + apart)
    words = [f"{row.reason}: {row.told}" for row in ends.itertuples()]
    data = ends.assign(low=[min(one, top) for one in at], text=words, time=0.0 if frame.narrow else ends["time"])
    look: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": 12, "dx": 8, "limit": _BESIDE + 60}
    base = alt.Chart(data)
    swatch = base.mark_point(
        shape="square", filled=True, size=70, opacity=1, dx=6, xOffset=6 if not frame.narrow else 8
    )
    scale = alt.Scale(domain=list(dict.fromkeys(drawn["reason"])), range=list(SEGMENTS[: len(data)]))
    return [
        swatch.encode(x=x, y=y, color=alt.Color("reason:N", legend=None, scale=scale)),
        base.mark_text(color=INK, **(look | {"dx": 16})).encode(x=x, y=y, text="text:N"),
    ]
