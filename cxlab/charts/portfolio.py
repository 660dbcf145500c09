"""Past experiments: observed beside corrected effects, the running total, and how far splits are from the plan."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame, numbered, row_scale
from cxlab.charts.theme import AXIS, BAD, BAD_PALE, GRID, INK, MUTED, UNDECIDED, VARIANTS

__all__ = ["corrected_effects", "running_total", "split_monitor"]

_BLUE = VARIANTS[1]
_LEFT, _RIGHT = 210, 140
_AXIS_ROOM = 46


def corrected_effects(rows: pd.DataFrame, frame: Frame, *, axis_title: str) -> Any:
    """How large is each shipped effect, as observed and drawn towards all experiments?

    Args:
        rows: one row per experiment, in order: label, observed, effect, ci_low, ci_high (as they are written) and told
            ("+0.8 → +0.4").
        frame: words and width.
        axis_title: what the axis holds.

    Returns:
        A ring for what was observed, a point with its interval for what is left.
    """
    drawn = numbered(rows)
    left, right = (0, frame.inner - 14) if frame.narrow else (_LEFT, frame.inner - _RIGHT)
    base = alt.Chart(drawn).encode(y=row_scale())
    ends = drawn[["observed", "ci_low", "ci_high"]]
    low, high = min(float(ends.min().min()), 0.0), max(float(ends.max().max()), 0.0)
    room = 0.04 * (high - low)
    scale = alt.Scale(domain=[low - room, high + room], range=[left, right], nice=False)
    look = _axis(axis_title, titleX=(left + right) / 2, titleAlign="center", tickCount=5, labelFlush=False)
    x = alt.X("effect:Q", scale=scale, axis=look)
    drop = 11 if frame.narrow else 0
    tips = [alt.Tooltip("label:N", title="Experiment"), alt.Tooltip("told:N", title="Observed → corrected")]
    marks = [
        _zero(x),
        base.mark_rule(strokeWidth=4, strokeCap="round", color=_BLUE, yOffset=drop).encode(
            x=_on(x, "ci_low"), x2=alt.X2("ci_high:Q"), tooltip=tips
        ),
        base.mark_point(
            size=90, shape="circle", stroke=UNDECIDED, fill="white", strokeWidth=2, opacity=1, yOffset=drop
        ).encode(x=_on(x, "observed"), tooltip=tips),
        base.mark_point(size=90, shape="circle", stroke=_BLUE, fill=_BLUE, opacity=1, yOffset=drop).encode(
            x=x, tooltip=tips
        ),
    ]
    chart = alt.layer(*marks, *_words(base, frame)).properties(
        width=frame.inner, height=(44 if frame.narrow else 26) * len(drawn)
    )
    return frame.put(chart)


def _words(base: alt.Chart, frame: Frame) -> list[Any]:
    """Name and numbers of each row."""
    dy, size = (-9, 12) if frame.narrow else (0, 12)
    look: dict[str, Any] = {"baseline": "middle", "fontSize": size, "dy": dy, "color": INK}
    limit = frame.inner - 120 if frame.narrow else _LEFT - 10
    label = base.mark_text(align="left", limit=limit, **look).encode(x=alt.XValue(0), text=alt.Text("label:N"))
    told = base.mark_text(align="right", **look).encode(
        x=alt.XValue(frame.inner - (14 if frame.narrow else 0)), text=alt.Text("told:N")
    )
    if frame.narrow:  # a white edge keeps the line at 0 out of the words
        halo = base.mark_text(align="left", limit=limit, stroke="white", strokeWidth=4, **(look | {"color": "white"}))
        return [halo.encode(x=alt.XValue(0), text=alt.Text("label:N")), label, told]
    top = alt.Chart(alt.Data(values=[{}]))
    heads = [(0, "left", "Experiment"), (frame.inner, "right", "Observed → corrected")]
    return [label, told, *(
        top.mark_text(text=words, align=align, baseline="bottom", fontSize=12, color=MUTED)
        .encode(x=alt.XValue(at), y=alt.YValue(-4))
        for at, align, words in heads
    )]  # fmt: skip


def running_total(rows: pd.DataFrame, frame: Frame, *, axis_title: str, ends: tuple[str, str]) -> Any:
    """How did the sum of shipped changes grow, as observed and without the winner's curse?

    Args:
        rows: one row per experiment, in order of its end: time, observed, effect, ci_low, ci_high (as they are
            written).
        frame: words and width.
        axis_title: what the value axis holds.
        ends: words beside the ends of the observed and of the corrected line.

    Returns:
        A dashed grey step for the observed sum, a blue one with its band for what is left.
    """
    beside = 0 if frame.narrow else 168
    x = alt.X("time:T", axis=alt.Axis(title=None, grid=False, tickCount=4 if frame.narrow else 6, format="%b %Y",
                                      labelOverlap=True, labelFlush=False))  # fmt: skip
    base = alt.Chart(rows)
    y = alt.Y("effect:Q", axis=_axis(axis_title, orient="left", titleX=-_AXIS_ROOM + 10), scale=alt.Scale(nice=True))
    step = {"interpolate": "step-after", "strokeWidth": 2.4}
    tips = [alt.Tooltip("time:T", title="Until"), alt.Tooltip("observed:Q", title="Observed", format=".1f"),
            alt.Tooltip("effect:Q", title="Corrected", format=".1f")]  # fmt: skip
    marks = [
        base.mark_area(interpolate="step-after", opacity=0.2, color=_BLUE).encode(
            x=x, y=_on(y, "ci_low"), y2=alt.Y2("ci_high:Q")
        ),
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK, strokeWidth=1.2).encode(y=_on(y, "zero")),
        base.mark_line(color=UNDECIDED, strokeDash=[5, 4], **step).encode(x=x, y=_on(y, "observed")),
        base.mark_line(color=_BLUE, **step).encode(x=x, y=y, tooltip=tips),
    ]
    last = rows.tail(1)
    places = (("observed", ends[0], MUTED, -12), ("ci_low" if frame.narrow else "effect", ends[1], _BLUE, 14))
    for column, words, colour, off in places:
        look: dict[str, Any] = {"fontSize": 12, "fontWeight": "bold", "color": colour, "baseline": "middle"}
        place = {"align": "right", "dy": off, "dx": -6} if frame.narrow else {"align": "left", "dx": 8}
        text = alt.Chart(last).mark_text(text=words, **look, **place)
        marks.append(text.encode(x=x, y=_on(y, column)))
    chart = alt.layer(*marks).properties(width=frame.inner - beside - _AXIS_ROOM, height=220 if frame.narrow else 270)
    return frame.put(chart)


def split_monitor(rows: pd.DataFrame, frame: Frame, *, limit: float) -> Any:
    """Which experiments were not split as planned, and does that come at certain times?

    Args:
        rows: one row per experiment: time, label, z (standard errors from the planned share), told and broken.
        frame: words and width.
        limit: how many standard errors are still taken for chance.

    Returns:
        A point per experiment between its limits; squares with their name outside.
    """
    most = max(float(rows["z"].abs().max()), limit) * 1.15
    x = alt.X("time:T", axis=alt.Axis(title=None, grid=False, tickCount=4 if frame.narrow else 6, format="%b %Y",
                                      labelOverlap=True, labelFlush=False))  # fmt: skip
    y = alt.Y("z:Q", scale=alt.Scale(domain=[-most, most], nice=False),
              axis=_axis("Standard errors from the planned split", orient="left", titleX=-_AXIS_ROOM + 10))  # fmt: skip
    zones = alt.Chart(alt.Data(values=[{"low": limit, "high": most}, {"low": -most, "high": -limit}]))
    tips = [alt.Tooltip("label:N", title="Experiment"), alt.Tooltip("told:N", title="Split")]
    base = alt.Chart(rows).encode(x=x, y=y, tooltip=tips)
    good, bad = base.transform_filter("!datum.broken"), base.transform_filter("datum.broken")
    marks = [
        zones.mark_rect(color=BAD_PALE, opacity=1).encode(y=_on(y, "low"), y2=alt.Y2("high:Q")),
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK, strokeWidth=1.2).encode(y=_on(y, "zero")),
        good.mark_point(size=50, shape="circle", fill=UNDECIDED, stroke=UNDECIDED, opacity=1),
        bad.mark_point(size=90, shape="square", fill=BAD, stroke=BAD, opacity=1),
    ]
    for part, align in (("datum.late", "right"), ("!datum.late", "left")):
        look: dict[str, Any] = {"fontSize": 12, "baseline": "middle", "color": INK, "dx": 9 if align == "left" else -9}
        named = bad.transform_filter(part).mark_text(align=align, limit=220, **look)
        marks.append(named.encode(text=alt.Text("label:N")))
    chart = alt.layer(*marks).properties(width=frame.inner - _AXIS_ROOM, height=200 if frame.narrow else 230)
    return frame.put(chart)


def _axis(title: str, *, orient: str = "bottom", **look: Any) -> alt.Axis:
    return alt.Axis(
        orient=orient, title=title, grid=True, gridColor=GRID, domainColor=AXIS, labelOverlap=True, **look,
        labelExpr="(datum.value > 0 ? '+' : datum.value < 0 ? '\u2212' : '') + format(abs(datum.value), '.3~g')",
    )  # fmt: skip


def _on(axis: Any, name: str) -> Any:
    """The same axis and scale for another column."""
    other = axis.copy()
    other["shorthand"] = f"{name}:Q"
    return other


def _zero(x: alt.X) -> alt.Chart:
    line = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK, strokeWidth=1.2)
    return line.encode(x=_on(x, "zero"))
