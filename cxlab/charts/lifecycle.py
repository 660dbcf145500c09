"""Who is active, where they come from and how often they come."""

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts import theme

__all__ = ["active_periods", "lifecycle_bars"]

LEFT = 76
_COLOURS = {
    "Returning": theme.CONTROL, "Resurrected": theme.VARIANTS[2], "New": theme.VARIANTS[1], "Dormant": theme.BAD,
}  # fmt: skip


def lifecycle_bars(
    rows: pd.DataFrame, *, title: str, subtitle: str, note: str, description: str, value_title: str, time_title: str,
    width: int = 680,
) -> Any:  # fmt: skip
    """Who is active in each period, and who stays away?

    Args:
        rows: one row per period and state, in order: period (text), state ("Returning", "Resurrected", "New",
            "Dormant"), n (below zero for dormant), early (drawn pale).
        title: the finding.
        subtitle: what, who, until when.
        note: the caution that changes the reading.
        description: the text alternative.
        value_title: heading over the value axis.
        time_title: heading under the periods.
        width: width of the page in pixels.

    Returns:
        The chart; narrow for small screens below 500 pixels.
    """
    narrow = theme.is_narrow(width)
    order = list(dict.fromkeys(rows["period"]))
    axis = alt.Axis(title=time_title, values=order[:: -(-len(order) // (3 if narrow else 7))], labelAngle=0,
                    grid=False, labelOverlap=True)  # fmt: skip
    x = alt.X("period:O", sort=order, axis=axis, scale=alt.Scale(paddingInner=0.2))
    legend = alt.Legend(orient="top", title=None, columns=2 if narrow else 4)
    colour = alt.Color("state:N", legend=legend, scale=alt.Scale(domain=list(_COLOURS), range=[*_COLOURS.values()]))
    data = rows.assign(people=rows["n"].abs(), place=rows["state"].map({s: i for i, s in enumerate(_COLOURS)}))
    base = alt.Chart(data)
    bars = base.mark_bar().encode(
        x=x, y=alt.Y("n:Q", axis=alt.Axis(title=value_title, format=",~d", tickCount=5)), color=colour,
        order=alt.Order("place:Q"), opacity=alt.condition("datum.early", alt.value(0.45), alt.value(1.0)),
        tooltip=[alt.Tooltip("period:N", title=time_title), alt.Tooltip("state:N", title="State"),
                 alt.Tooltip("people:Q", title="Customers", format=",")],
    )  # fmt: skip
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=theme.INK, strokeWidth=1.2).encode(y="zero:Q")
    chart = alt.layer(bars, zero).properties(width=width - LEFT, height=200 if narrow else 280)
    return theme.figure(chart, title=title, subtitle=subtitle, note=note, description=description, width=width - 44)


def active_periods(
    rows: pd.DataFrame, *, title: str, subtitle: str, note: str, description: str, value_title: str, count_title: str,
    width: int = 680,
) -> Any:  # fmt: skip
    """In how many periods are customers active?

    Args:
        rows: one row per number of periods: active_periods, n, share, ci_low, ci_high.
        title: the finding.
        subtitle: what, who, until when, meaning of the bars.
        note: the caution that changes the reading.
        description: the text alternative.
        value_title: heading over the value axis.
        count_title: heading under the numbers of periods.
        width: width of the page in pixels.

    Returns:
        The chart; narrow for small screens below 500 pixels.
    """
    narrow = theme.is_narrow(width)
    x = alt.X("active_periods:O", axis=alt.Axis(title=count_title, labelAngle=0, labelOverlap=True, grid=False))
    look = alt.Axis(title=value_title, format=".0%", tickCount=5)
    base = alt.Chart(rows)
    tooltip = [
        alt.Tooltip("active_periods:O", title=count_title), alt.Tooltip("n:Q", title="Customers", format=","),
        alt.Tooltip("share:Q", title="Share", format=".1%"), alt.Tooltip("ci_low:Q", title="from", format=".1%"),
        alt.Tooltip("ci_high:Q", title="to", format=".1%"),
    ]  # fmt: skip
    chart = alt.layer(
        base.mark_bar(color=theme.VARIANTS[1]).encode(x=x, y=alt.Y("share:Q", axis=look), tooltip=tooltip),
        base.mark_rule(color=theme.INK, strokeWidth=1.6).encode(x=x, y=alt.Y("ci_low:Q", axis=look), y2="ci_high:Q"),
    ).properties(width=width - LEFT, height=180 if narrow else 240)
    return theme.figure(chart, title=title, subtitle=subtitle, note=note, description=description, width=width - 44)
