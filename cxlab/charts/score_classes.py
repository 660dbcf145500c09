"""Which part of each group answered well, which badly: bars to both sides of the middle."""

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import CLASS_COLOURS, Frame, numbered, row_scale, row_words, tips
from cxlab.charts.theme import INK

__all__ = ["class_bars"]


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
    middle = alt.Chart(alt.Data(values=[{}])).mark_rule(color=INK, strokeWidth=1.2)
    marks = [middle.encode(x=alt.XValue((left + right) / 2)), *_bars(laid, names, scale, frame)]
    words = row_words(alt.Chart(numbered(rows)).encode(y=row_scale()), frame)
    height = (50 if frame.narrow else 42) * len(rows)
    return frame.put(alt.layer(*marks, *words).properties(width=frame.inner, height=height))


def _bars(laid: pd.DataFrame, names: tuple[str, str, str], scale: alt.Scale, frame: Frame) -> list[alt.Chart]:
    named = alt.Chart(laid.assign(name=[names[place] for place in laid["place"]])).encode(y=row_scale())
    thick, drop = (20, 10) if frame.narrow else (26, 0)
    bars = named.mark_bar(height=thick, yOffset=drop, stroke="white").encode(
        x=alt.X("start:Q", scale=scale, axis=None),
        x2=alt.X2("end:Q"),
        color=_colours(names, frame),
        tooltip=tips(name="Answers", hundred="Of 100"),
    )
    return [bars, *_numbers_on(named, scale, drop)]


def _colours(names: tuple[str, str, str], frame: Frame) -> alt.Color:
    columns, offset = (8, 4) if frame.narrow else (16, 22)
    legend = alt.Legend(
        title=None,
        orient="top",
        direction="horizontal",
        symbolType="square",
        columnPadding=columns,
        offset=offset,
    )
    return alt.Color("name:N", sort=None, scale=alt.Scale(domain=list(names), range=list(CLASS_COLOURS)), legend=legend)


def _centred(parts: pd.DataFrame) -> pd.DataFrame:
    """Start and end of each part when the middle of the middle class lies at 0."""
    wide = parts.pivot(index="row", columns="place", values="share")
    edges = [-wide[1] / 2 - wide[0], -wide[1] / 2, wide[1] / 2, wide[1] / 2 + wide[2]]
    laid = [
        pd.DataFrame({"row": wide.index, "place": place, "start": edges[place], "end": edges[place + 1]})
        for place in range(3)
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
