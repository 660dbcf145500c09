"""One age over all cohorts: a point with its interval for each, and the line through them with its band."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts import theme

__all__ = ["cohort_trend"]

LEFT = 70


def cohort_trend(
    cohorts: pd.DataFrame, *, title: str, subtitle: str | Sequence[str], note: str, description: str, value_title: str,
    cohort_title: str, width: int = 680,
) -> Any:  # fmt: skip
    """Does coming back rise or fall from cohort to cohort?

    Args:
        cohorts: one row per cohort, in order: cohort (text), n, rate, ci_low, ci_high (missing where too few), fitted,
            fitted_low, fitted_high; where it has `state`, what is not "complete" is drawn hollow and on no line.
        title: the finding.
        subtitle: what, until when, meaning of bars and band.
        note: the change with its interval, and the caution that changes the reading.
        description: the text alternative.
        value_title: heading over the value axis.
        cohort_title: heading under the cohorts.
        width: width of the page in pixels.

    Returns:
        The chart; narrow for small screens below 500 pixels.
    """
    narrow = theme.is_narrow(width)
    order = list(cohorts["cohort"])
    every = -(-len(order) // (3 if narrow else 7))
    axis = alt.Axis(title=cohort_title, values=order[::every], labelAngle=0, grid=False, labelOverlap=True)
    x = alt.X("cohort:O", sort=order, axis=axis, scale=alt.Scale(domain=order))
    top = min(1.0, 1.1 * float(cohorts[["ci_high", "fitted_high"]].max().max()))
    layers = [*_line(cohorts, x, value_title, top), *_points(cohorts, x, value_title, top)]
    chart = alt.layer(*layers).properties(width=width - LEFT, height=200 if narrow else 260)
    return theme.figure(chart, title=title, subtitle=subtitle, note=note, description=description, width=width - 44)


def _y(column: str, title: str, top: float) -> alt.Y:
    axis = alt.Axis(title=title, format=".0%", tickCount=5)
    return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[0, top], nice=True), axis=axis)


def _line(cohorts: pd.DataFrame, x: alt.X, title: str, top: float) -> list[alt.Chart]:
    base = alt.Chart(cohorts[["cohort", "fitted", "fitted_low", "fitted_high"]].dropna())
    band = base.mark_area(opacity=0.2, color=theme.VARIANTS[1])
    line = base.mark_line(strokeWidth=2.4, color=theme.VARIANTS[1])
    return [
        band.encode(x=x, y=_y("fitted_low", title, top), y2=alt.Y2("fitted_high:Q")),
        line.encode(x=x, y=_y("fitted", title, top)),
    ]


def _points(cohorts: pd.DataFrame, x: alt.X, title: str, top: float) -> list[alt.Chart]:
    rows = cohorts.assign(whole=cohorts["state"] == "complete" if "state" in cohorts else True)
    rows = rows[["cohort", "n", "rate", "ci_low", "ci_high", "whole"]].dropna()
    base = alt.Chart(rows)
    tooltip = [
        alt.Tooltip("cohort:N", title="Cohort"), alt.Tooltip("n:Q", title="Customers seen", format=","),
        alt.Tooltip("rate:Q", title="Share", format=".1%"), alt.Tooltip("ci_low:Q", title="from", format=".1%"),
        alt.Tooltip("ci_high:Q", title="to", format=".1%"),
    ]  # fmt: skip
    bars = base.mark_rule(strokeWidth=3, color=theme.MUTED, opacity=0.6)
    look = {"size": 60, "opacity": 1, "stroke": theme.INK}
    points = [
        alt.Chart(part).mark_point(fill=fill, **look).encode(x=x, y=_y("rate", title, top), tooltip=tooltip)
        for part, fill in ((rows[rows["whole"]], theme.INK), (rows[~rows["whole"]], "white"))
        if len(part)
    ]
    return [bars.encode(x=x, y=_y("ci_low", title, top), y2=alt.Y2("ci_high:Q")), *points]
