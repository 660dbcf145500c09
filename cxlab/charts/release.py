"""Cohorts before and after a release: shares with their trends, and changes that should or should not be there."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import AXIS, CONTROL, INK, MUTED, VARIANTS

__all__ = ["changes_by_cohort", "cohorts_at_release"]


def _x(title: str) -> alt.X:
    return alt.X(
        "at:Q",
        axis=alt.Axis(title=title, grid=False, tickMinStep=1, format="d"),
        scale=alt.Scale(nice=False, padding=8),
    )


def _release(x: alt.X, value: float = -0.5) -> list[Any]:
    """The line between the last cohort before and the first one after."""
    base = alt.Chart(pd.DataFrame({"at": [value], "told": ["release"]}))
    rule = base.mark_rule(color=INK, strokeDash=[2, 3], strokeWidth=1.2).encode(x=x)
    word = base.mark_text(align="left", dx=4, baseline="top", fontSize=12, color=MUTED)
    return [rule, word.encode(x=x, y=alt.YValue(0), text="told:N")]


def cohorts_at_release(rows: pd.DataFrame, frame: Frame, *, value_title: str, time_title: str) -> Any:
    """What share of each cohort came back, and how did the trend break?

    Args:
        rows: one row per group and cohort: group, at (periods since the first one after the release), rate, ci_low,
            ci_high, fitted and without (missing for the comparison group), told (words for the tooltip).
        frame: the words around it, and the width.
        value_title: heading over the value axis.
        time_title: heading under the time axis.

    Returns:
        The chart; the group with the release is blue, the comparison grey.
    """
    groups = list(dict.fromkeys(rows["group"]))
    colour = alt.Color(
        "group:N", scale=alt.Scale(domain=groups, range=[VARIANTS[1], CONTROL][: len(groups)]),
        legend=alt.Legend(title=None, orient="top") if len(groups) > 1 else None,
    )  # fmt: skip
    x = _x(time_title)
    # An axis that began at 0 would press shares of 40% flat; points need none, and bars would.
    scale = alt.Scale(zero=False, nice=True)

    def y(column: str) -> alt.Y:
        axis = alt.Axis(title=value_title, format=".0%", tickCount=5)
        return alt.Y(f"{column}:Q", scale=scale, axis=axis)

    base = alt.Chart(rows)
    tooltip = [alt.Tooltip("told:N", title="Cohort")]
    bars = base.mark_rule(strokeWidth=1.6, opacity=0.45).encode(
        x=x, y=y("ci_low"), y2=alt.Y2("ci_high:Q"), color=colour, tooltip=tooltip
    )
    points = base.mark_point(filled=True, size=46, opacity=1).encode(x=x, y=y("rate"), color=colour, tooltip=tooltip)
    known = base.transform_filter("isValid(datum.fitted)")
    line = known.mark_line(strokeWidth=2.4).encode(x=x, y=y("fitted"), detail="side:N", color=colour)
    other = base.transform_filter("isValid(datum.without)").mark_line(strokeWidth=2, strokeDash=[5, 4], color=AXIS)
    layers = [bars, other.encode(x=x, y=y("without")), line, points, *_release(x)]
    height = 210 if frame.narrow else 290
    return frame.put(alt.layer(*layers).properties(width=frame.width - 96, height=height))


def changes_by_cohort(rows: pd.DataFrame, frame: Frame, *, axis: alt.Axis, none: float, log: bool, marked: bool) -> Any:
    """How large is a change at each cohort, and which of them are beyond chance?

    Args:
        rows: one row per cohort: at, effect, ci_low, ci_high, kind ("asked" or "real") and told.
        frame: the words around it, and the width.
        axis: of the values.
        none: the value of no change.
        log: whether half and twice lie equally far from it.
        marked: whether the release is marked between the cohorts.

    Returns:
        The chart; what is real is blue, all else grey.
    """
    x = _x("Periods since the first one after the release")
    scale = alt.Scale(type="log", nice=False, zero=False) if log else alt.Scale(nice=True)
    colour = alt.Color("kind:N", legend=None, scale=alt.Scale(domain=["asked", "real"], range=[CONTROL, VARIANTS[1]]))
    tooltip = [alt.Tooltip("told:N", title="Cohort")]

    def y(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", scale=scale, axis=axis)

    base = alt.Chart(rows)
    zero = alt.Chart(pd.DataFrame({"none": [none]})).mark_rule(color=INK, strokeWidth=1.2).encode(y=y("none"))
    bars = base.mark_rule(strokeWidth=3, strokeCap="round").encode(
        x=x, y=y("ci_low"), y2=alt.Y2("ci_high:Q"), color=colour, tooltip=tooltip
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(x=x, y=y("effect"), color=colour, tooltip=tooltip)
    layers = [zero, bars, points, *(_release(x) if marked else [])]
    return frame.put(alt.layer(*layers).properties(width=frame.width - 96, height=180 if frame.narrow else 230))
