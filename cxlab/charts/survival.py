"""Survival curves: the share still without the event, in steps, with bands, and who is still watched below."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts import theme

__all__ = ["MOST_CURVES", "survival_curves"]

MOST_CURVES = 4
_SHARE = [0, 0.25, 0.5, 0.75, 1]


def survival_curves(
    curves: pd.DataFrame, *, title: str, subtitle: str | Sequence[str], note: str, description: str,
    value_title: str, time_title: str,
    width: int = 680, whole: bool = False,
) -> Any:  # fmt: skip
    """What share is still without the event at each time, one line per group?

    Args:
        curves: one row per group and time, in order: group, time, n (still watched), estimate, ci_low, ci_high; at
            most four groups, the control first.
        title: the finding.
        subtitle: what, who, meaning of the band.
        note: the caution that changes the reading.
        description: the text alternative.
        value_title: heading over the value axis.
        time_title: heading under the time axis.
        width: width of the page in pixels; below 500 the narrow layout.
        whole: whether times are whole numbers, such as periods.

    Returns:
        The chart.
    """
    narrow = theme.is_narrow(width)
    groups = list(dict.fromkeys(curves["group"]))
    last, left = float(curves["time"].max()), 92 if narrow else 124
    parts = 3 if narrow else 6
    ticks = [round(last * part, 6) for part in np.linspace(0, 1, parts + 1)]
    if whole:
        ticks = [float(tick) for tick in range(0, int(last) + 1, max(1, -(-int(last) // parts)))]
    inner = width - left - 24
    scale = alt.Scale(domain=[0, last], nice=False)
    axis = alt.Axis(values=ticks, title=time_title, grid=False, format=".3~g")
    x, bare = alt.X("time:Q", scale=scale, axis=axis), alt.X("time:Q", scale=scale, axis=None)
    colour = alt.Color(
        "group:N", legend=None, scale=alt.Scale(domain=groups, range=list(theme.VARIANTS[: len(groups)]))
    )
    picture = alt.layer(
        _half(value_title), *_lines(curves, x, colour, value_title), _names(curves, x, colour, value_title)
    )
    picture = picture.properties(width=inner, height=200 if narrow else 290)
    watched = _watched(curves, groups, ticks, bare, colour).properties(width=inner, height=20 * len(groups))
    chart = alt.vconcat(picture, watched, spacing=4).resolve_scale(color="shared")
    return theme.figure(chart, title=title, subtitle=subtitle, note=note, description=description, width=width - 60)


def _y(column: str, title: str) -> alt.Y:
    axis = alt.Axis(values=_SHARE, format=".0%", title=title)
    return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)


def _lines(curves: pd.DataFrame, x: alt.X, colour: alt.Color, title: str) -> list[alt.Chart]:
    base = alt.Chart(curves)
    band = base.mark_area(opacity=0.2, interpolate="step-after")
    line = base.mark_line(strokeWidth=2.4, interpolate="step-after")
    return [
        band.encode(x=x, y=_y("ci_low", title), y2=alt.Y2("ci_high:Q"), color=colour),
        line.encode(x=x, y=_y("estimate", title), color=colour),
    ]


def _half(title: str) -> alt.Chart:
    """The line at which half have had the event."""
    rule = alt.Chart(alt.Data(values=[{"half": 0.5}])).mark_rule(color=theme.INK, strokeDash=[4, 3], strokeWidth=1)
    return rule.encode(y=_y("half", title))


def _names(curves: pd.DataFrame, x: alt.X, colour: alt.Color, title: str) -> alt.Chart:
    """Each line's name and last value, the highest above its line and the others below theirs."""
    ends = curves.groupby("group", sort=False).tail(1)
    order = ends["estimate"].rank(ascending=False, method="first").to_numpy()
    late = curves[curves["time"] >= 0.55 * curves["time"].max()]
    place = np.where(order == 1, late["ci_high"].max() + 0.05, ends["ci_low"].min() - 0.065 * (order - 1))
    place = _apart(np.clip(place, 0.03, 0.97))
    words = [f"{row.group}: {100 * row.estimate:.0f} of 100" for row in ends.itertuples()]
    data = ends.assign(place=place, text=words)
    mark = alt.Chart(data).mark_text(align="right", dx=-2, fontSize=12.5, fontWeight="bold", limit=260)
    return mark.encode(x=x, y=_y("place", title), text="text:N", color=colour)


def _apart(place: np.ndarray, least: float = 0.06) -> np.ndarray:
    """Names that would stand on one another are pushed up, the lowest first."""
    told = place.astype(float).copy()
    order = np.argsort(told, kind="stable")
    for below, above in pairwise(order):
        told[above] = max(told[above], told[below] + least)
    return told


def _watched(curves: pd.DataFrame, groups: list[str], ticks: list[float], x: alt.X, colour: alt.Color) -> alt.Chart:
    """How many are still watched at each tick."""
    rows = []
    for group in groups:
        own = curves[curves["group"] == group]
        for tick in ticks:
            place = np.searchsorted(own["time"].to_numpy(), tick - 1e-9, side="left")
            n = int(own["n"].iloc[min(int(place), len(own) - 1)]) if tick <= float(own["time"].max()) + 1e-9 else 0
            rows.append({"group": group, "time": tick, "text": f"{n:,}"})
    axis = alt.Axis(
        title="Still watched", domain=False, ticks=False, grid=False, labelLimit=64, labelPadding=22, titleX=-74
    )
    y = alt.Y("group:N", sort=groups, axis=axis)
    return alt.Chart(pd.DataFrame(rows)).mark_text(fontSize=11.5).encode(x=x, y=y, text="text:N", color=colour)
