"""A journey on one sheet: a column per stage, a lane per question, everything placed in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.stage_marks import HEAT, heat, named_colours, parts_colours, placed, readings
from cxlab.charts.theme import AXIS, BAD, DIVERGING, GOOD, INK, MUTED, VARIANTS, lines

__all__ = ["Lane", "stage_lanes"]

Kind = Literal["bars", "losses", "words", "points", "cells", "parts"]
_HEIGHT = {"bars": 74, "losses": 62, "words": 30, "points": 104, "cells": 34, "parts": 78}
_LABEL, _GAP, _HEAD = 128, 10, 40


@dataclass(frozen=True)
class Lane:
    """One question asked of every stage.

    Attributes:
        kind: how it is drawn.
        title: the question in two or three words.
        note: what the number is of.
        rows: one row per stage (parts: per stage and part): stage, value (missing where it is not told), low, high,
            told, tip; points: reading ("met", "missed", "undecided" or ""); parts: part, start, end.
        target: the share that points are measured against.
        most: the value that fills a cell with the darkest colour, or the height of a bar.
    """

    kind: Kind
    title: str
    note: str
    rows: pd.DataFrame
    target: float | None = None
    most: float = 1.0


def stage_lanes(stages: pd.DataFrame, lanes: Sequence[Lane], parts: Sequence[str], frame: Frame) -> Any:
    """How do customers fare in each stage?

    Args:
        stages: one row per stage: stage, and tag ("hurts", "delights" or "").
        lanes: the questions from top to bottom.
        parts: names of the parts, the largest first.
        frame: words and width.

    Returns:
        Columns under their headers; lanes with their titles at the left.
    """
    columns = _columns(stages, frame)
    marks, y = _heads(columns), float(_HEAD + 22)
    for lane in lanes:
        marks += [*_titles(lane, y), *_DRAW[lane.kind](lane, lane.rows.merge(columns, on="stage"), y)]
        y += _HEIGHT[lane.kind] + _GAP
        if lane.kind == "parts":
            marks.append(_legend(parts, y))
            y += 24
    return frame.put(alt.layer(*marks).properties(width=frame.inner, height=y))


def _columns(stages: pd.DataFrame, frame: Frame) -> pd.DataFrame:
    """Where each stage stands."""
    wide = (frame.inner - _LABEL) / len(stages)
    left = [_LABEL + wide * place for place in range(len(stages))]
    return stages.reset_index(drop=True).assign(
        left=left, right=[one + wide - 8 for one in left], middle=[one + wide / 2 - 4 for one in left], wide=wide
    )


def _text(rows: pd.DataFrame, x: str, y: float, field: str, **mark: Any) -> alt.Chart:
    look = {"baseline": "middle", "fontSize": 12, "color": INK} | mark
    return alt.Chart(rows.assign(at=y)).mark_text(**look).encode(
        x=placed(x), y=placed("at", axis="y"), text=alt.Text(f"{field}:N")
    )  # fmt: skip


def _heads(columns: pd.DataFrame) -> list[alt.Chart]:
    """The stages' names, and under them what makes a stage a moment of truth."""
    wide = float(columns["wide"].iloc[0])
    names = [lines(name, wide - 12, 6.6)[:2] for name in columns["stage"]]
    rows = columns.assign(
        top=0.0, bottom=float(_HEAD), first=[one[0] for one in names],
        second=[one[1] if len(one) > 1 else "" for one in names],
        colour=[BAD if tag == "hurts" else GOOD for tag in columns["tag"]],
        told=[{"hurts": "▼ hurts", "delights": "▲ delights"}.get(tag, "") for tag in columns["tag"]],
    )  # fmt: skip
    one, two = rows[rows["second"] == ""], rows[rows["second"] != ""]
    bold = {"color": "white", "fontWeight": "bold"}
    box = alt.Chart(rows).mark_rect(color=INK, cornerRadius=3).encode(
        x=placed("left"), x2="right:Q", y=placed("top", axis="y"), y2="bottom:Q"
    )  # fmt: skip
    drawn = [box]
    drawn += [_text(one, "middle", _HEAD / 2, "first", **bold)] if len(one) else []
    if len(two):
        drawn += [_text(two, "middle", 13, "first", **bold), _text(two, "middle", 28, "second", **bold)]
    tags = rows[rows["told"] != ""]
    for colour, own in tags.groupby("colour"):
        drawn.append(_text(own, "middle", _HEAD + 11, "told", color=colour, fontWeight="bold"))
    return drawn


def _titles(lane: Lane, y: float) -> list[alt.Chart]:
    middle = y + _HEIGHT[lane.kind] / 2
    told = pd.DataFrame({"x": [0.0], "title": [lane.title], "note": [lane.note]})
    if not lane.note:
        return [_text(told, "x", middle, "title", align="left", fontWeight="bold", fontSize=13)]
    return [
        _text(told, "x", middle - 8, "title", align="left", fontWeight="bold", fontSize=13),
        _text(told, "x", middle + 9, "note", align="left", color=MUTED, fontSize=11),
    ]


def _tip() -> list[alt.Tooltip]:
    return [alt.Tooltip("tip:N", title="")]


def _bars(lane: Lane, rows: pd.DataFrame, y: float) -> list[alt.Chart]:
    """Bars from the bottom of the lane, with their number above."""
    floor, room = y + _HEIGHT[lane.kind], _HEIGHT[lane.kind] - 16
    colour = VARIANTS[1] if lane.kind == "bars" else DIVERGING[1]
    known = rows[rows["value"].notna()]
    top = floor - room * known["value"] / lane.most
    known = known.assign(top=top, floor=floor)
    peak = rows["high"].fillna(rows["value"])
    told = rows.assign(above=(floor - room * peak / lane.most).fillna(floor - 12) - 9)
    sure, weight = known[known["low"].notna()], "bold" if lane.kind == "bars" else "normal"
    ends = {name: floor - room * sure[name] / lane.most for name in ("low", "high")}
    return [
        alt.Chart(known).mark_rect(color=colour).encode(
            x=placed("left"), x2="right:Q", y=placed("top", axis="y"), y2="floor:Q", tooltip=_tip()
        ),
        *([alt.Chart(sure.assign(**ends)).mark_rule(color=INK, strokeWidth=1.6).encode(
            x=placed("middle"), y=placed("low", axis="y"), y2="high:Q")] if len(sure) else []),
        alt.Chart(told).mark_text(fontSize=12, baseline="middle", color=INK, fontWeight=weight).encode(
            x=placed("middle"), y=placed("above", axis="y"), text=alt.Text("told:N")
        ),
    ]  # fmt: skip


def _words(lane: Lane, rows: pd.DataFrame, y: float) -> list[alt.Chart]:
    return [_text(rows, "middle", y + _HEIGHT[lane.kind] / 2, "told")]


def _points(lane: Lane, rows: pd.DataFrame, y: float) -> list[alt.Chart]:
    """A line through the stages, its band, and for each stage a point with its interval."""
    known = readings(rows[rows["value"].notna()])
    ends = [*known["low"], *known["high"], *([] if lane.target is None else [lane.target])]
    bottom, top = (min(ends), max(ends)) if ends else (0.0, 1.0)
    size, room = max(top - bottom, 0.1), _HEIGHT[lane.kind] - 16

    def place(values: Any) -> Any:
        return y + 8 + room * (top - values) / size

    known = known.assign(
        at=place(known["value"]), from_=place(known["low"]), to=place(known["high"]), side=known["middle"] + 9
    )
    drawn = []
    if lane.target is not None:
        rule = pd.DataFrame({"x": [float(_LABEL)], "x2": [float(rows["right"].max())], "y": [place(lane.target)]})
        drawn.append(alt.Chart(rule).mark_rule(color=AXIS, strokeDash=[4, 3]).encode(
            x=placed("x"), x2="x2:Q", y=placed("y", axis="y")))  # fmt: skip
    if known.empty:
        return [*drawn, _text(rows, "middle", y + room / 2, "told", color=MUTED)]
    missing = rows[rows["value"].isna()]
    base = alt.Chart(known)
    return [
        base.mark_area(color=AXIS, opacity=0.18).encode(x=placed("middle"), y=placed("from_", axis="y"), y2="to:Q"),
        *drawn,
        base.mark_line(color=AXIS, strokeWidth=1.6).encode(x=placed("middle"), y=placed("at", axis="y")),
        *_marks(known),
        *[
            base.mark_text(align="left", fontSize=12, baseline="middle", **look).encode(
                x=placed("side"), y=placed("at", axis="y"), text=alt.Text("told:N")
            )
            for look in ({"stroke": "white", "strokeWidth": 4, "color": "white"}, {"color": INK})
        ],
        *([_text(missing, "middle", y + room / 2, "told", color=MUTED, fontSize=11)] if len(missing) else []),
    ]  # fmt: skip


def _marks(known: pd.DataFrame) -> list[alt.Chart]:
    drawn, thick = [], {"strokeWidth": 2}
    for (colour, shape, fill), own in known.groupby(["colour", "shape", "fill"]):
        base = alt.Chart(own)
        drawn += [
            base.mark_rule(color=colour, strokeWidth=4, strokeCap="round").encode(
                x=placed("middle"), y=placed("from_", axis="y"), y2="to:Q", tooltip=_tip()
            ),
            base.mark_point(shape=shape, filled=True, fill=fill, stroke=colour, size=95, opacity=1, **thick).encode(
                x=placed("middle"), y=placed("at", axis="y"), tooltip=_tip()
            ),
        ]  # fmt: skip
    return drawn


def _cells(lane: Lane, rows: pd.DataFrame, y: float) -> list[alt.Chart]:
    """The darker the more."""
    known = rows["value"].notna()
    colour = [heat(value, lane.most) if there else "#F6F8F9" for value, there in zip(rows["value"], known, strict=True)]
    rows = rows.assign(top=y, bottom=y + _HEIGHT[lane.kind], colour=colour, dark=[one in HEAT[4:] for one in colour])
    drawn = [
        alt.Chart(rows).mark_rect(cornerRadius=3).encode(
            x=placed("left"), x2="right:Q", y=placed("top", axis="y"), y2="bottom:Q", tooltip=_tip(),
            color=alt.Color("colour:N", scale=None, legend=None),
        )
    ]  # fmt: skip
    for dark, own in rows.groupby("dark"):
        look = {"color": "white" if dark else INK, "fontWeight": "bold", "fontSize": 13}
        drawn.append(_text(own, "middle", y + _HEIGHT[lane.kind] / 2, "told", **look))
    return drawn


def _parts(lane: Lane, rows: pd.DataFrame, y: float) -> list[alt.Chart]:
    """A bar from top to bottom, divided."""
    high = _HEIGHT[lane.kind]
    rows = rows.assign(top=y + high * rows["start"], bottom=y + high * rows["end"])
    return [
        alt.Chart(rows).mark_rect(stroke="white", strokeWidth=1).encode(
            x=placed("left"), x2="right:Q", y=placed("top", axis="y"), y2="bottom:Q", tooltip=_tip(),
            color=alt.Color("colour:N", scale=None, legend=None),
        )
    ]  # fmt: skip


def _legend(parts: Sequence[str], y: float) -> alt.LayerChart:
    """Squares and names in one line."""
    colours = parts_colours(parts)
    x, rows = 0.0, []
    for name in parts:
        rows.append(
            {"x": x, "end": x + 11, "word": x + 16, "name": name, "colour": colours[name], "y": y + 1, "bottom": y + 12}
        )
        x += 34 + 6.6 * len(name)
    return named_colours(rows)


_DRAW = {"bars": _bars, "losses": _bars, "words": _words, "points": _points, "cells": _cells, "parts": _parts}
