"""Survey scores: the answers as bars, groups and waves as points with intervals, and shares around the middle."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.theme import AXIS, BAD, DIVERGING, GOOD, GRID, INK, MUTED, UNDECIDED, figure, is_narrow

__all__ = ["CLASS_COLOURS", "Frame", "answer_bars", "class_bars", "group_points", "wave_points"]

CLASS_COLOURS = (DIVERGING[0], "#AEB4BF", DIVERGING[4])
_READINGS = {"better": ("circle", GOOD, GOOD), "worse": ("square", BAD, BAD), "all": ("circle", INK, INK),
             "undecided": ("diamond", UNDECIDED, "white")}  # fmt: skip
_BLUE = "#0072B2"
_LABEL = 24


@dataclass(frozen=True)
class Frame:
    """The words around a picture, and the width of its page."""

    title: str
    subtitle: str
    description: str
    note: str = ""
    width: int = 680

    @property
    def narrow(self) -> bool:
        """Is the layout for small screens drawn?"""
        return is_narrow(self.width)

    @property
    def inner(self) -> int:
        """Width inside the margins."""
        return self.width - 28

    def put(self, chart: Any) -> Any:
        """The picture in its frame."""
        return figure(
            chart, title=self.title, subtitle=self.subtitle, note=self.note, description=self.description, width=self.width
        )


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
    bars = alt.Chart(drawn).mark_bar().encode(x=x, y=y, color=colour, tooltip=_tips(answer="Answer", height="Height"))
    numbers = alt.Chart(drawn).mark_text(dy=-8, fontSize=12, color=INK).encode(x=x, y=y, text=alt.Text("height:Q", format=".0f"))
    reach = {place: float(group["height"].max()) for place, group in drawn.groupby("place")}
    heads = classes.assign(answer=classes["at"].astype(int).astype(str), height=classes["place"].map(reach))
    named = alt.Chart(heads).encode(x=x, y=y)
    inks = alt.Color("place:O", legend=None, scale=alt.Scale(domain=[0, 1, 2], range=[CLASS_COLOURS[0], MUTED, CLASS_COLOURS[2]]))
    bold = named.mark_text(dy=-42, fontSize=13, fontWeight="bold").encode(text="name:N", color=inks)
    told = named.mark_text(dy=-26, fontSize=12).encode(text="told:N", color=inks)
    layers = alt.layer(bars, numbers, bold, told).resolve_scale(color="independent")
    return frame.put(layers.properties(width=min(frame.inner, 560), height=230))


def _tips(**fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(name, title=title, **({"format": ".1f"} if name == "hundred" else {})) for name, title in fields.items()]


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
    drawn = _numbered(rows)
    left, right = (0, frame.inner - 14) if frame.narrow else (190, frame.inner - 190)
    step = 52 if frame.narrow else 40
    base = alt.Chart(drawn).encode(y=_row())
    x = alt.X("value:Q", scale=_reach(drawn, limits, (left, right)), axis=_score_axis(axis, percent, (left + right) / 2))
    drop = 11 if frame.narrow else 0
    marks = [
        base.mark_rule(strokeWidth=4, yOffset=drop, clip=False).encode(x=x, x2="ci_high:Q", color=_ink()).transform_calculate(value="datum.ci_low"),
        base.mark_point(size=110, filled=False, strokeWidth=2, opacity=1, yOffset=drop).encode(
            x=x, color=_ink(), fill=_ink(2), shape=_ink(0), tooltip=_tips(label="Group", n="Answers", told="Score")
        ),
    ]  # fmt: skip
    text = _narrow_words(base, frame) if frame.narrow else _wide_words(base, frame, ("Group", "Answers", "Score (interval)"))
    chart = alt.layer(*marks, *text).properties(width=frame.inner, height=step * len(drawn))
    return frame.put(chart)


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    short = [label if len(label) <= _LABEL else label[: _LABEL - 1] + "…" for label in rows["label"]]
    numbered = rows.reset_index(drop=True).assign(label=short)
    return numbered.assign(row=range(len(numbered)))


def _row() -> alt.Y:
    return alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))


def _reach(drawn: pd.DataFrame, limits: tuple[float, float], span: tuple[float, float]) -> alt.Scale:
    """The part of the scale that the intervals need, with a little room."""
    low, high = float(drawn["ci_low"].min()), float(drawn["ci_high"].max())
    if low != low:
        low, high = limits
    room = 0.08 * (high - low) or 0.1 * (limits[1] - limits[0])
    return alt.Scale(domain=[max(low - room, limits[0]), min(high + room, limits[1])], range=list(span), nice=False, zero=False)


def _score_axis(title: str, percent: bool, middle: float | None = None) -> alt.Axis:  # noqa: FBT001
    number = "format(abs(datum.value), '.0%')" if percent else "format(abs(datum.value), '~g')"
    place = {} if middle is None else {"titleX": middle, "titleAlign": "center"}
    return alt.Axis(
        orient="bottom", grid=True, gridColor=GRID, domainColor=AXIS, tickCount=5, title=title, labelFlush=False,
        labelExpr=f"(datum.value < 0 ? '\u2212' : '') + {number}", labelOverlap=True, **place,
    )  # fmt: skip


def _ink(part: int = 1) -> Any:
    """Colour (1), fill (2) or shape (0) of a reading."""
    values = [_READINGS[name][part] for name in _READINGS]
    scale = alt.Scale(domain=list(_READINGS), range=values)
    channel = (alt.Shape, alt.Color, alt.Fill)[part]
    return channel("reading:N", legend=None, scale=scale)


def _wide_words(base: alt.Chart, frame: Frame, heads: tuple[str, str, str]) -> list[alt.Chart]:
    ends = ((0, "left", "label"), (frame.inner - 130, "right", "n_told"), (frame.inner, "right", "told"))
    words = [
        base.mark_text(align=align, fontSize=13, color=INK if name != "n_told" else MUTED).encode(x=alt.value(at), text=f"{name}:N")
        for at, align, name in ends
    ]  # fmt: skip
    top = alt.Chart(alt.Data(values=[{}]))
    titles = [
        top.mark_text(text=head, align=align, baseline="bottom", fontSize=12, color=MUTED).encode(x=alt.value(at), y=alt.value(-4))
        for (at, align, _), head in zip(ends, heads, strict=True)
    ]  # fmt: skip
    return words + titles


def _narrow_words(base: alt.Chart, frame: Frame) -> list[alt.Chart]:
    """Label and reading above the bar."""
    label = base.mark_text(align="left", fontSize=12, fontWeight="bold", color=INK, dy=-11)
    told = base.mark_text(align="right", fontSize=12, color=INK, dy=-11)
    return [
        label.encode(x=alt.value(0), text="label:N"),
        told.encode(x=alt.value(frame.inner - 14), text="told:N"),
    ]


def wave_points(rows: pd.DataFrame, frame: Frame, *, limits: tuple[float, float], axis: str, percent: bool) -> Any:
    """How has the score gone, wave by wave?

    Args:
        rows: one row per wave, in order: label, n, told, value, ci_low, ci_high (missing where it is not drawn).
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
        base.mark_rule(strokeWidth=4, color=_BLUE, opacity=0.35).encode(y=y, y2="ci_high:Q").transform_calculate(value="datum.ci_low"),
        base.mark_line(strokeWidth=2.4, color=_BLUE).encode(y=y),
        base.mark_point(size=90, filled=True, color=_BLUE, opacity=1).encode(
            y=y, tooltip=_tips(label="Wave", n="Answers", told="Score")
        ),
    ]  # fmt: skip
    return frame.put(alt.layer(*marks).properties(width=frame.inner - 50, height=height))


def class_bars(rows: pd.DataFrame, parts: pd.DataFrame, names: tuple[str, str, str], frame: Frame) -> Any:
    """Which part of each group answered well, which badly?

    Args:
        rows: one row per group, in order: label, n_told and told (the score in words).
        parts: three rows per group: row (its place in `rows`), place (0 bad, 1 middle, 2 good) and share.
        names: what the three classes are called.
        frame: words and width.

    Returns:
        Bars to both sides of a line on which the middle class is centred.
    """
    left, right = (0, frame.inner - 14) if frame.narrow else (170, frame.inner - 190)
    laid = _centred(parts)
    reach = max(-float(laid["start"].min()), float(laid["end"].max()))
    scale = alt.Scale(domain=[-reach, reach], range=[left, right], nice=False)
    base = alt.Chart(_numbered(rows)).encode(y=_row())
    colours = alt.Color(
        "name:N", sort=None, scale=alt.Scale(domain=list(names), range=list(CLASS_COLOURS)),
        legend=alt.Legend(title=None, orient="top", direction="horizontal", symbolType="square", columnPadding=8 if frame.narrow else 16,
                          offset=4 if frame.narrow else 22),
    )  # fmt: skip
    bars = alt.Chart(laid.assign(name=[names[place] for place in laid["place"]])).encode(y=_row())
    x = alt.X("start:Q", scale=scale, axis=None)
    thick, drop = (20, 10) if frame.narrow else (26, 0)
    marks = [
        alt.Chart(alt.Data(values=[{}])).mark_rule(color=INK, strokeWidth=1.2).encode(x=alt.value((left + right) / 2)),
        bars.mark_bar(height=thick, yOffset=drop, stroke="white").encode(x=x, x2="end:Q", color=colours, tooltip=_tips(name="Answers", hundred="Of 100")),
        *_numbers_on(bars, scale, drop),
    ]  # fmt: skip
    words = _narrow_words(base, frame) if frame.narrow else _wide_words(base, frame, ("Group", "Answers", "Score (interval)"))
    return frame.put(alt.layer(*marks, *words).properties(width=frame.inner, height=(50 if frame.narrow else 42) * len(rows)))


def _centred(parts: pd.DataFrame) -> pd.DataFrame:
    """Start and end of each part when the middle of the middle class lies at 0."""
    wide = parts.pivot(index="row", columns="place", values="share")
    edges = [-wide[1] / 2 - wide[0], -wide[1] / 2, wide[1] / 2, wide[1] / 2 + wide[2]]
    laid = [
        pd.DataFrame({"row": wide.index, "place": place, "start": edges[place], "end": edges[place + 1]}) for place in range(3)
    ]
    whole = pd.concat(laid, ignore_index=True)
    return whole.assign(middle=(whole["start"] + whole["end"]) / 2, hundred=100 * (whole["end"] - whole["start"]))


def _numbers_on(bars: alt.Chart, scale: alt.Scale, drop: int) -> list[alt.Chart]:
    """The number on each part that has room for it."""
    wide = bars.transform_filter("datum.hundred >= 4")
    x = alt.X("middle:Q", scale=scale, axis=None)
    outer = wide.transform_filter("datum.place != 1").mark_text(fontSize=12, color="white", dy=drop)
    inner = wide.transform_filter("datum.place == 1").mark_text(fontSize=12, color=INK, dy=drop)
    return [mark.encode(x=x, text=alt.Text("hundred:Q", format=".0f")) for mark in (outer, inner)]
