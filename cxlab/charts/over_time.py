"""The effect by days since assignment: each day with its interval, and the level of the first and the last half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts import theme

__all__ = ["effect_by_age"]

HEIGHT, AXIS_ROOM = 300, 44


def effect_by_age(
    ages: pd.DataFrame, halves: pd.DataFrame, *, title: str, subtitle: str, note: str, description: str,
    value_title: str, age_title: str = "Days since assignment", width: int = 680,
) -> Any:  # fmt: skip
    """Does the effect stay, day after day?

    Args:
        ages: one row per day since assignment, in order: age, effect, ci_low, ci_high.
        halves: one row per level to draw, in order: start, end (ages), effect, label.
        title: the finding.
        subtitle: what is drawn, for whom, and what a bar means.
        note: the caution that changes the reading.
        description: the text alternative.
        value_title: heading over the value axis.
        age_title: heading under the axis of ages.
        width: width of the page in pixels; below 500 the narrow layout.

    Returns:
        The chart.
    """
    look = _look(ages, halves, value_title, age_title, narrow=theme.is_narrow(width))
    layers = [_zero(look), *_days(ages, look), *_levels(halves, look)]
    chart = alt.layer(*layers).properties(width=width - AXIS_ROOM - 24, height=220 if look.narrow else HEIGHT)
    return theme.figure(
        chart, title=title, subtitle=subtitle, note=note, description=description, width=width - AXIS_ROOM
    )


@dataclass(frozen=True)
class _Look:
    """What all layers share."""

    x: alt.X
    axis: alt.Axis
    ends: tuple[float, float]
    narrow: bool

    def y(self, column: str) -> alt.Y:
        """The value axis for a column."""
        return alt.Y(f"{column}:Q", axis=self.axis, scale=alt.Scale(domain=list(self.ends), nice=False))


def _look(ages: pd.DataFrame, halves: pd.DataFrame, value_title: str, age_title: str, *, narrow: bool) -> _Look:
    low = min(float(ages["ci_low"].min()), float(halves["effect"].min()), 0.0)
    high = max(float(ages["ci_high"].max()), float(halves["effect"].max()), 0.0)
    # Room for the labels, which stand above everything.
    reach = (high - low) or 1.0
    ends = (low - 0.04 * reach, high + (0.3 if narrow else 0.2) * reach)
    first, last = int(ages["age"].min()), int(ages["age"].max())
    step = max(1, -(-(last - first) // (6 if narrow else 14)))
    ticks = alt.Axis(title=age_title, values=list(range(first, last + 1, step)), grid=False, format="d")
    x = alt.X("age:Q", axis=ticks, scale=alt.Scale(domain=[first - 0.5, last + 0.5], nice=False))
    axis = alt.Axis(title=value_title, tickCount=6, labelExpr=theme.CHANGE)
    return _Look(x, axis, ends, narrow)


def _zero(look: _Look) -> alt.Chart:
    rows = pd.DataFrame({"zero": [0.0]})
    return alt.Chart(rows).mark_rule(color=theme.INK, strokeWidth=1.2).encode(y=look.y("zero"))


def _days(ages: pd.DataFrame, look: _Look) -> list[alt.Chart]:
    """Each day's effect with its interval."""
    base, blue = alt.Chart(ages[["age", "effect", "ci_low", "ci_high"]]), theme.VARIANTS[1]
    tips = [
        alt.Tooltip("age:Q", title="Days since assignment"), alt.Tooltip("effect:Q", title="Change", format="+,.4~r"),
        alt.Tooltip("ci_low:Q", title="from", format="+,.4~r"), alt.Tooltip("ci_high:Q", title="to", format="+,.4~r"),
    ]  # fmt: skip
    bars = base.mark_rule(color=blue, opacity=0.4, strokeWidth=2.5 if look.narrow else 4)
    points = base.mark_point(color=blue, fill=blue, opacity=1, size=24 if look.narrow else 48)
    return [
        bars.encode(x=look.x, y=look.y("ci_low"), y2=alt.Y2("ci_high:Q"), tooltip=tips),
        points.encode(x=look.x, y=look.y("effect"), tooltip=tips),
    ]


def _levels(halves: pd.DataFrame, look: _Look) -> list[alt.Chart]:
    """The level of each half as a line, and above all days what it is."""
    low, high = look.ends
    start, end = halves["start"], halves["end"]
    rows = halves.assign(age=start - 0.4, to=end + 0.4, middle=(start + end) / 2, top=high - 0.01 * (high - low))
    x = look.x.copy()
    x["shorthand"] = "middle:Q"
    line = alt.Chart(rows).mark_rule(color=theme.SEQUENTIAL[5], strokeWidth=3)
    size = 12 if look.narrow else 13
    text = alt.Chart(rows).mark_text(
        color=theme.INK, fontSize=size, fontWeight="bold", baseline="top", lineBreak="\n", lineHeight=size + 4
    )
    return [
        line.encode(x=look.x, x2=alt.X2("to:Q"), y=look.y("effect")),
        text.encode(x=x, y=look.y("top"), text="label:N"),
    ]
