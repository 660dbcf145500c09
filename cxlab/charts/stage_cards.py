"""A journey for small screens: one card per stage, one line per question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.stage_lanes import Lane
from cxlab.charts.stage_marks import heat, named_colours, parts_colours, placed, readings
from cxlab.charts.theme import AXIS, BAD_PALE, DIVERGING, GOOD_PALE, GRID, INK, MUTED, VARIANTS

__all__ = ["stage_cards"]

_LINE, _HEAD, _GAP, _LEFT, _WIDE = 23, 30, 14, 116, 96


def stage_cards(stages: pd.DataFrame, lanes: Sequence[Lane], parts: Sequence[str], frame: Frame) -> Any:
    """How do customers fare in each stage, card by card?

    Args:
        stages: one row per stage: stage, and tag ("hurts", "delights" or "").
        lanes: the questions from top to bottom.
        parts: names of the parts, the largest first.
        frame: words and width.

    Returns:
        The cards under each other.
    """
    tall = _HEAD + _LINE * len(lanes) + _GAP
    top = 40.0 if any(lane.kind == "parts" for lane in lanes) else 0.0
    cards = stages.reset_index(drop=True).assign(top=[top + tall * place for place in range(len(stages))])
    marks = [*_heads(cards, frame), *([_legend(parts, frame)] if top else [])]
    for place, lane in enumerate(lanes):
        rows = lane.rows.merge(cards[["stage", "top"]], on="stage")
        rows = rows.assign(y=rows["top"] + _HEAD + _LINE * (place + 0.5) + 3)
        rows = rows.assign(over=rows["y"] - 7, under=rows["y"] + 7)
        marks += [*_words(lane, rows, frame), *_drawn(lane, rows, frame)]
    return frame.put(alt.layer(*marks).properties(width=frame.inner, height=top + tall * len(cards)))


def _heads(cards: pd.DataFrame, frame: Frame) -> list[alt.Chart]:
    rows = cards.assign(
        x=0.0, end=float(frame.inner), bottom=cards["top"] + _HEAD - 4, middle=cards["top"] + _HEAD / 2 - 2, word=10.0,
        last=float(frame.inner - 10), name=[one if len(one) < 26 else one[:25] + "…" for one in cards["stage"]],
        told=[{"hurts": "▼ hurts", "delights": "▲ delights"}.get(tag, "") for tag in cards["tag"]],
    )  # fmt: skip
    base = alt.Chart(rows)
    drawn = [
        base.mark_rect(color=INK, cornerRadius=3).encode(
            x=placed("x"), x2="end:Q", y=placed("top", axis="y"), y2="bottom:Q"
        ),
        base.mark_text(align="left", baseline="middle", color="white", fontWeight="bold", fontSize=13).encode(
            x=placed("word"), y=placed("middle", axis="y"), text=alt.Text("name:N")
        ),
    ]
    for tag, colour in (("hurts", BAD_PALE), ("delights", GOOD_PALE)):
        own = rows[rows["tag"] == tag]
        if len(own):
            drawn.append(
                alt.Chart(own).mark_text(align="right", baseline="middle", color=colour, fontWeight="bold").encode(
                    x=placed("last"), y=placed("middle", axis="y"), text=alt.Text("told:N")
                )
            )  # fmt: skip
    return drawn


def _words(lane: Lane, rows: pd.DataFrame, frame: Frame) -> list[alt.Chart]:
    """What is asked at the left, the number at the right."""
    one = rows.drop_duplicates("stage").assign(title=lane.title, x=0.0, end=float(frame.inner))
    title = alt.Chart(one).mark_text(align="left", baseline="middle", color=MUTED, fontSize=12).encode(
        x=placed("x"), y=placed("y", axis="y"), text=alt.Text("title:N")
    )  # fmt: skip
    if lane.kind == "parts":
        return [title]
    told = alt.Chart(one).mark_text(align="right", baseline="middle", color=INK, fontSize=12, fontWeight="bold")
    return [title, told.encode(x=placed("end"), y=placed("y", axis="y"), text=alt.Text("told:N"))]


def _drawn(lane: Lane, rows: pd.DataFrame, frame: Frame) -> list[alt.Chart]:
    known = rows[rows["value"].notna()]
    if lane.kind == "words" or known.empty:
        return []
    if lane.kind == "parts":
        room = frame.inner - _LEFT
        return [_rects(known.assign(x=_LEFT + room * known["start"], end=_LEFT + room * known["end"]))]
    if lane.kind == "points":
        return _points(lane, known)
    share = (known["value"] / lane.most).clip(upper=1)
    colour = {"bars": VARIANTS[1], "losses": DIVERGING[1]}.get(lane.kind)
    shades = [colour or heat(value, lane.most) for value in known["value"]]
    pale = known.assign(x=float(_LEFT), end=float(_LEFT + _WIDE), colour=GRID)
    return [_rects(pale), _rects(known.assign(x=float(_LEFT), end=_LEFT + _WIDE * share, colour=shades))]


def _rects(rows: pd.DataFrame) -> alt.Chart:
    return alt.Chart(rows).mark_rect().encode(
        x=placed("x"), x2="end:Q", y=placed("over", axis="y"), y2="under:Q",
        color=alt.Color("colour:N", scale=None, legend=None), tooltip=[alt.Tooltip("tip:N", title="")],
    )  # fmt: skip


def _points(lane: Lane, rows: pd.DataFrame) -> list[alt.Chart]:
    """A point with its interval between 0 and 100, the target as a line."""
    rows = readings(rows)
    rows = rows.assign(
        x=_LEFT + _WIDE * rows["value"], from_=_LEFT + _WIDE * rows["low"], to=_LEFT + _WIDE * rows["high"],
        start=float(_LEFT), end=float(_LEFT + _WIDE),
    )  # fmt: skip
    base = alt.Chart(rows)
    drawn = [base.mark_rule(color=GRID, strokeWidth=2).encode(x=placed("start"), x2="end:Q", y=placed("y", axis="y"))]
    if lane.target is not None:
        goal = alt.Chart(rows.assign(goal=_LEFT + _WIDE * lane.target))
        drawn.append(goal.mark_rule(color=AXIS, strokeDash=[2, 2]).encode(
            x=placed("goal"), y=placed("over", axis="y"), y2="under:Q"))  # fmt: skip
    for (colour, shape, fill), own in rows.groupby(["colour", "shape", "fill"]):
        part = alt.Chart(own)
        drawn += [
            part.mark_rule(color=colour, strokeWidth=3).encode(x=placed("from_"), x2="to:Q", y=placed("y", axis="y")),
            part.mark_point(shape=shape, filled=True, fill=fill, stroke=colour, size=55, opacity=1).encode(
                x=placed("x"), y=placed("y", axis="y"), tooltip=[alt.Tooltip("tip:N", title="")]
            ),
        ]
    return drawn


def _legend(parts: Sequence[str], frame: Frame) -> alt.LayerChart:
    """Squares and names above the cards."""
    colours, rows, x, y = parts_colours(parts), [], 0.0, 2.0
    for name in parts:
        if x + 16 + 6.6 * len(name) > frame.inner:
            x, y = 0.0, y + 17
        rows.append(
            {"x": x, "end": x + 11, "word": x + 15, "name": name, "colour": colours[name], "y": y, "bottom": y + 11}
        )
        x += 30 + 6.6 * len(name)
    return named_colours(rows)
