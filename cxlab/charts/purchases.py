"""Purchases seen and expected: over time with the test shaded, by how often customers bought, and by tenth of value."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import AXIS, GRID, INK, MUTED, PANEL, SEQUENTIAL, VARIANTS

__all__ = ["purchase_frequency", "purchase_tracking", "value_tenths"]

_BLUE, _LEFT = VARIANTS[1], 46
_SUMS = ("actual_so_far", "expected_so_far", "so_far_ci_low", "so_far_ci_high")
_EACH = ("actual", "expected", "ci_low", "ci_high")


def purchase_tracking(rows: pd.DataFrame, frame: Frame, *, titles: tuple[str, str], ends: tuple[str, str]) -> Any:
    """Does the model foretell purchases that it has not seen?

    Args:
        rows: one row per period, in order: end, window ("fitted" or "tested"), actual, expected, ci_low, ci_high and
            the same so far (actual_so_far, expected_so_far, so_far_ci_low, so_far_ci_high).
        frame: words and width.
        titles: over the sums and over the single periods.
        ends: words beside the ends of the expected and of the seen line.

    Returns:
        Two pictures over one time axis; the part on which the model is tested is shaded.
    """
    beside = 0 if frame.narrow else 118
    width, heights = frame.inner - beside - _LEFT, ((170, 90) if frame.narrow else (240, 110))
    upper = alt.layer(*_panel(rows, _SUMS, titles[0], axis=False), *_windows(rows, frame), *_ends(rows, frame, ends))
    lower = alt.layer(*_panel(rows, _EACH, titles[1], axis=True))
    chart = alt.vconcat(
        upper.properties(width=width, height=heights[0]), lower.properties(width=width, height=heights[1]), spacing=30
    ).resolve_scale(x="shared")
    return frame.put(chart)


def _time(*, axis: bool) -> alt.X:
    look = alt.Axis(title=None, grid=False, format="%b %Y", labelOverlap=True, labelFlush=False, tickCount=6)
    return alt.X("end:T", axis=look if axis else alt.Axis(title=None, grid=False, labels=False, tickCount=6))


def _panel(rows: pd.DataFrame, columns: tuple[str, str, str, str], title: str, *, axis: bool) -> list[Any]:
    """Shade, band, expected and seen."""
    seen, expected, low, high = columns
    base, x = alt.Chart(rows), _time(axis=axis)
    look = alt.Axis(title=title, gridColor=GRID, domain=False, titleX=-_LEFT + 10, tickCount=5, format=",d")

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", axis=look, scale=alt.Scale(zero=True))

    tested = rows[rows["window"] == "tested"]
    shade = pd.DataFrame({"end": [_cut(rows)], "to": [rows["end"].iloc[-1]]})
    tips = [alt.Tooltip("end:T", title="Until"), alt.Tooltip(f"{seen}:Q", title="Came", format=",d"),
            alt.Tooltip(f"{expected}:Q", title="Expected", format=",.1f")]  # fmt: skip
    return [
        alt.Chart(shade).mark_rect(color=PANEL, opacity=1).encode(x=x, x2=alt.X2("to:T")),
        alt.Chart(shade).mark_rule(color=INK, strokeDash=[5, 3], strokeWidth=1.2).encode(x=x),
        alt.Chart(tested).mark_area(color=_BLUE, opacity=0.2).encode(x=x, y=y(low), y2=alt.Y2(f"{high}:Q")),
        base.mark_line(color=_BLUE, strokeDash=[6, 4], strokeWidth=2.4).encode(x=x, y=y(expected)),
        base.mark_line(color=INK, strokeWidth=2.0).encode(x=x, y=y(seen), tooltip=tips),
    ]


def _cut(rows: pd.DataFrame) -> Any:
    return rows.loc[rows["window"] == "fitted", "end"].iloc[-1]


def _windows(rows: pd.DataFrame, frame: Frame) -> list[Any]:
    """What is fitted and what is tested, written at the line between."""
    place = alt.Chart(pd.DataFrame({"end": [_cut(rows)]}))
    words = (("right", -7, "fitted" if frame.narrow else "model fitted here"),
             ("left", 7, "tested" if frame.narrow else "tested here"))  # fmt: skip
    return [
        place.mark_text(text=text, align=align, dx=dx, baseline="top", color=MUTED, fontSize=12).encode(
            x=_time(axis=False), y=alt.YValue(2)
        )
        for align, dx, text in words
    ]


def _ends(rows: pd.DataFrame, frame: Frame, ends: tuple[str, str]) -> list[Any]:
    """The last value of both lines, the higher one above."""
    last = rows.tail(1)
    above = float(last["expected_so_far"].iloc[0]) >= float(last["actual_so_far"].iloc[0])
    found = []
    pairs = (("expected_so_far", ends[0], _BLUE, above), ("actual_so_far", ends[1], INK, not above))
    for column, text, colour, high in pairs:
        place: dict[str, Any] = {"align": "left", "dx": 8, "dy": -9 if high else 9}
        if frame.narrow:
            place = {"align": "right", "dx": -2, "dy": -30 if high else 72}
        mark = alt.Chart(last).mark_text(
            text=text, color=colour, fontSize=12, fontWeight="bold", baseline="middle", **place
        )
        found.append(mark.encode(x=_time(axis=False), y=alt.Y(f"{column}:Q")))
    return found


def purchase_frequency(rows: pd.DataFrame, frame: Frame, *, axis_title: str, value_title: str) -> Any:
    """How many customers bought how often, seen and as the model has it?

    Args:
        rows: one row per number of repeat purchases, in order: frequency, n, expected, ci_low, ci_high.
        frame: words and width.
        axis_title: under the numbers of purchases.
        value_title: over the numbers of customers.

    Returns:
        Bars for what was seen, a point with its range for what the model expects.
    """
    order = list(rows["frequency"])
    x = alt.X("frequency:N", sort=order, axis=alt.Axis(title=axis_title, labelAngle=0, domainColor=AXIS, ticks=False),
              scale=alt.Scale(paddingInner=0.3))  # fmt: skip
    look = alt.Axis(title=value_title, gridColor=GRID, domain=False, titleX=-_LEFT + 10, tickCount=5, format=",d")
    base = alt.Chart(rows)
    tips = [alt.Tooltip("frequency:N", title="Repeat purchases"), alt.Tooltip("n:Q", title="Customers", format=",d"),
            alt.Tooltip("expected:Q", title="Expected", format=",.0f")]  # fmt: skip
    marks = [
        base.mark_bar(color="#C9D0D6").encode(x=x, y=alt.Y("n:Q", axis=look), tooltip=tips),
        base.mark_rule(color=_BLUE, strokeWidth=4, strokeCap="round").encode(
            x=x, y=alt.Y("ci_low:Q"), y2=alt.Y2("ci_high:Q")
        ),
        base.mark_point(color=_BLUE, fill=_BLUE, size=70, opacity=1).encode(x=x, y=alt.Y("expected:Q"), tooltip=tips),
    ]
    chart = alt.layer(*marks).properties(width=frame.inner - _LEFT, height=190 if frame.narrow else 230)
    return frame.put(chart)


def value_tenths(rows: pd.DataFrame, frame: Frame, *, axis_title: str, value_title: str) -> Any:
    """How is the value spread over customers?

    Args:
        rows: one row per tenth, the most valuable first: tenth, value, ci_low, ci_high and told.
        frame: words and width.
        axis_title: under the tenths.
        value_title: over the values.

    Returns:
        A bar per tenth with its interval and its share in words.
    """
    x = alt.X("tenth:O", axis=alt.Axis(title=axis_title, labelAngle=0, domainColor=AXIS, ticks=False),
              scale=alt.Scale(paddingInner=0.3))  # fmt: skip
    look = alt.Axis(title=value_title, gridColor=GRID, domain=False, titleX=-_LEFT + 10, tickCount=5, format=",d")
    base = alt.Chart(rows)
    tips = [alt.Tooltip("tenth:O", title="Tenth"), alt.Tooltip("told:N", title="Share of all value")]
    marks = [
        base.mark_bar(color=SEQUENTIAL[3]).encode(x=x, y=alt.Y("value:Q", axis=look), tooltip=tips),
        base.mark_rule(color=INK, strokeWidth=1.6).encode(x=x, y=alt.Y("ci_low:Q"), y2=alt.Y2("ci_high:Q")),
        base.mark_text(baseline="bottom", dy=-5, fontSize=11 if frame.narrow else 12, color=INK).encode(
            x=x, y=alt.Y("ci_high:Q"), text=alt.Text("told:N")
        ),
    ]
    chart = alt.layer(*marks).properties(width=frame.inner - _LEFT, height=190 if frame.narrow else 230)
    return frame.put(chart)
