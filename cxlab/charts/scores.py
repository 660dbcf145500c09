"""Survey scores: the answers as bars, groups and waves as points with their intervals."""

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import CLASS_COLOURS, Frame, numbered, row_scale, row_words, tips
from cxlab.charts.theme import AXIS, BAD, GOOD, GRID, INK, MUTED, UNDECIDED

__all__ = ["answer_bars", "group_points", "wave_points"]

_READINGS = {
    "better": ("circle", GOOD, GOOD),
    "worse": ("square", BAD, BAD),
    "all": ("circle", INK, INK),
    "undecided": ("diamond", UNDECIDED, "white"),
}
_BLUE = "#0072B2"
_LABELLED = 13  # waves up to which each point bears its number


def answer_bars(rows: pd.DataFrame, classes: pd.DataFrame, frame: Frame) -> Any:
    """How many of 100 gave each answer?

    Args:
        rows: one row per answer: answer, place (0 bad, 1 middle, 2 good) and height (of 100, or a number).
        classes: one row per class: place, name, told ("48 of 100") and at (the answer in its middle).
        frame: words and width.

    Returns:
        Bars in three colours, each class named above its bars.
    """
    drawn = rows.assign(answer=rows["answer"].astype(int).astype(str))
    top = float(drawn["height"].max())
    y = alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[0, 1.32 * top], nice=False))
    look = alt.Axis(labelAngle=0, title=None, ticks=False, domainColor=AXIS, labelFontSize=12)
    x = alt.X("answer:O", sort=None, axis=look, scale=alt.Scale(paddingInner=0.08))
    colour = alt.Color("place:O", legend=None, scale=alt.Scale(domain=[0, 1, 2], range=list(CLASS_COLOURS)))
    bars = alt.Chart(drawn).mark_bar().encode(x=x, y=y, color=colour, tooltip=tips(answer="Answer", height="Height"))
    numbers = (
        alt.Chart(drawn)
        .mark_text(dy=-8, fontSize=12, color=INK)
        .encode(x=x, y=y, text=alt.Text("height:Q", format=".0f"))
    )
    reach = [float(rows.loc[(rows["answer"] - at).abs() <= 1, "height"].max()) for at in classes["at"]]
    heads = classes.assign(answer=classes["at"].astype(int).astype(str), height=reach)
    named = alt.Chart(heads).encode(x=x, y=y)
    inks = alt.Color(
        "place:O", legend=None, scale=alt.Scale(domain=[0, 1, 2], range=[CLASS_COLOURS[0], MUTED, CLASS_COLOURS[2]])
    )
    bold = named.mark_text(dy=-42, fontSize=13, fontWeight="bold").encode(text=alt.Text("name:N"), color=inks)
    told = named.mark_text(dy=-26, fontSize=12).encode(text=alt.Text("told:N"), color=inks)
    layers = alt.layer(bars, numbers, bold, told).resolve_scale(color="independent")
    return frame.put(layers.properties(width=min(frame.inner, 560), height=230))


def group_points(rows: pd.DataFrame, frame: Frame, *, limits: tuple[float, float], axis: str, percent: bool) -> Any:
    """How high is the score of each group, and how sure?

    Args:
        rows: one row per group, in order: label, n, told, value, ci_low, ci_high (missing where it is not drawn) and
            reading ("all", "better", "worse", "undecided").
        frame: words and width.
        limits: smallest and largest possible score.
        axis: what the score axis holds.
        percent: write the axis in per cent.

    Returns:
        Point and bar per group, with its number of answers and its score in words.
    """
    drawn = numbered(rows)
    left, right = (0, frame.inner - 14) if frame.narrow else (190, frame.inner - 190)
    step = 52 if frame.narrow else 40
    base = alt.Chart(drawn).encode(y=row_scale())
    x = alt.X(
        "value:Q", scale=_reach(drawn, limits, (left, right)), axis=_score_axis(axis, percent, (left + right) / 2)
    )
    drop = 11 if frame.narrow else 0
    marks = [
        base.mark_rule(strokeWidth=4, yOffset=drop, clip=False)
        .encode(x=x, x2=alt.X2("ci_high:Q"), color=_ink())
        .transform_calculate(value="datum.ci_low"),
        base.mark_point(size=110, filled=False, strokeWidth=2, opacity=1, yOffset=drop).encode(
            x=x, color=_ink(), fill=_ink(2), shape=_ink(0), tooltip=tips(label="Group", n="Answers", told="Score")
        ),
    ]
    text = row_words(base, frame)
    chart = alt.layer(*marks, *text).properties(width=frame.inner, height=step * len(drawn))
    return frame.put(chart)


def _reach(drawn: pd.DataFrame, limits: tuple[float, float], span: tuple[float, float]) -> alt.Scale:
    """The part of the scale that the intervals need, with a little room."""
    low, high = float(drawn["ci_low"].min()), float(drawn["ci_high"].max())
    if low != low:
        low, high = limits
    room = 0.08 * (high - low) or 0.1 * (limits[1] - limits[0])
    return alt.Scale(
        domain=[max(low - room, limits[0]), min(high + room, limits[1])], range=list(span), nice=False, zero=False
    )


def _score_axis(title: str, percent: bool, middle: float | None = None) -> alt.Axis:
    number = "format(abs(datum.value), '.0%')" if percent else "format(abs(datum.value), '~g')"
    place = {} if middle is None else {"titleX": middle, "titleAlign": "center"}
    return alt.Axis(
        orient="bottom",
        grid=True,
        gridColor=GRID,
        domainColor=AXIS,
        tickCount=5,
        title=title,
        labelFlush=False,
        labelExpr=f"(datum.value < 0 ? '\u2212' : '') + {number}",
        labelOverlap=True,
        **place,
    )


def _ink(part: int = 1) -> Any:
    """Colour (1), fill (2) or shape (0) of a reading."""
    values = [_READINGS[name][part] for name in _READINGS]
    scale = alt.Scale(domain=list(_READINGS), range=values)
    channel = (alt.Shape, alt.Color, alt.Fill)[part]
    return channel("reading:N", legend=None, scale=scale)


def wave_points(rows: pd.DataFrame, frame: Frame, *, limits: tuple[float, float], axis: str, percent: bool) -> Any:
    """How has the score gone, wave by wave?

    Args:
        rows: one row per wave, in order: label, n, told, short (the score alone), running (not over yet), value,
            ci_low, ci_high (missing where it is not drawn).
        frame: words and width.
        limits: smallest and largest possible score.
        axis: what the score axis holds.
        percent: write the axis in per cent.

    Returns:
        A line with a bar for each interval.
    """
    drawn = rows.tail(6 if frame.narrow else 60).reset_index(drop=True)
    turn = len(drawn) > (4 if frame.narrow else 9)
    look = alt.Axis(title=None, labelAngle=-45 if turn else 0, labelOverlap=True, domainColor=AXIS, tickColor=AXIS)
    x = alt.X("label:O", sort=None, axis=look, scale=alt.Scale(type="point", padding=0.5))
    height = 230
    side = _score_axis(axis, percent)
    side.orient, side.titleAlign = "left", "left"
    y = alt.Y("value:Q", scale=_reach(drawn, limits, (height, 0)), axis=side)
    base = alt.Chart(drawn).encode(x=x)
    marks = [
        base.mark_rule(strokeWidth=4, color=_BLUE, opacity=0.35)
        .encode(y=y, y2=alt.Y2("ci_high:Q"))
        .transform_calculate(value="datum.ci_low"),
        base.mark_line(strokeWidth=2.4, color=_BLUE).encode(y=y),
        base.mark_point(size=90, filled=False, strokeWidth=2, color=_BLUE, opacity=1).encode(
            y=y,
            fill=alt.condition("datum.running", alt.value("white"), alt.value(_BLUE)),
            tooltip=tips(label="Wave", n="Answers", told="Score"),
        ),
    ]
    if len(drawn) <= _LABELLED:
        above = base.mark_text(dy=-9, fontSize=12, color=INK).transform_calculate(value="datum.ci_high")
        marks.append(above.encode(y=y, text=alt.Text("short:N")))
    return frame.put(alt.layer(*marks).properties(width=frame.inner - 50, height=height))
