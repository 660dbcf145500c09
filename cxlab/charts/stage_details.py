"""What stands behind one stage, and behind the pain index of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import INK, SEGMENTS, VARIANTS

__all__ = ["Panel", "pain_bars", "stage_panels"]

_LEFT, _ROW = 150, 24


class Panel(NamedTuple):
    """One question about a stage: its words, and rows of label, value (0 to 1), low, high (may be missing) and told."""

    title: str
    rows: pd.DataFrame


def stage_panels(panels: Sequence[Panel], frame: Frame) -> Any:
    """What happens in one stage?

    Args:
        panels: the questions from top to bottom.
        frame: words and width.

    Returns:
        Bars under each question.
    """
    return frame.put(alt.vconcat(*[_panel(one, frame) for one in panels], spacing=18))


def _panel(panel: Panel, frame: Frame) -> Any:
    left, right = (118, 98) if frame.narrow else (_LEFT, 150)
    most = max(float(panel.rows[["value", "high"]].max().max()), 0.1)
    x, y = _places(most, left, frame.inner - right), _rows(panel.rows["label"])
    base, known = alt.Chart(panel.rows), alt.Chart(panel.rows[panel.rows["low"].notna()])
    marks = [
        base.mark_bar(color=VARIANTS[1], opacity=0.8, height=13).encode(x=x("value"), x2=alt.datum(0), y=y),
        known.mark_rule(color=INK, strokeWidth=1.5).encode(x=x("low"), x2="high:Q", y=y),
        *_sides(base, y, "label", left, frame),
    ]
    title = alt.TitleParams(panel.title, anchor="start", frame="group", fontSize=13, color=INK, offset=6)
    return alt.layer(*marks).properties(width=frame.inner, height=_ROW * len(panel.rows), title=title)


def _places(most: float, left: float, right: float) -> Callable[[str], alt.X]:
    """Where values lie between the labels and the numbers, which stand inside the picture too."""
    scale = alt.Scale(domain=[0, most], range=[left, right], nice=False)
    return lambda field: alt.X(f"{field}:Q", scale=scale, axis=None)


def _rows(labels: Sequence[str]) -> alt.Y:
    return alt.Y("label:N", sort=list(labels), axis=None)


def _sides(base: alt.Chart, y: alt.Y, label: str, left: float, frame: Frame) -> list[alt.Chart]:
    """The label at the left of each row, the number at the right."""
    look = {"align": "right", "fontSize": 12, "color": INK, "baseline": "middle"}
    return [
        base.mark_text(**look, limit=left - 8).encode(x=alt.XValue(left - 8), y=y, text=alt.Text(f"{label}:N")),
        base.mark_text(**look).encode(x=alt.XValue(frame.inner), y=y, text=alt.Text("told:N")),
    ]


def pain_bars(rows: pd.DataFrame, sums: pd.DataFrame, components: Sequence[str], frame: Frame) -> Any:
    """Of what is the pain in each stage made?

    Args:
        rows: one row per stage and component: label (the stage), component (in words), start, end (points) and tip.
        sums: one row per stage: label, low, high and told.
        components: the components in words, in the order of the bars.
        frame: words and width.

    Returns:
        One divided bar per stage, with its interval.
    """
    left, right = (92, 74) if frame.narrow else (128, 96)
    x, y = _places(max(float(sums["high"].max()), 10.0), left, frame.inner - right), _rows(sums["label"])
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", columns=1 if frame.narrow else 3, symbolType="square"
    )
    scale = alt.Scale(domain=list(components), range=list(SEGMENTS[: len(components)]))
    colour = alt.Color("component:N", sort=None, legend=legend, scale=scale)
    total = alt.Chart(sums)
    marks = [
        alt.Chart(rows).mark_bar(height=18, stroke="white").encode(
            x=x("start"), x2="end:Q", y=y, color=colour, tooltip=[alt.Tooltip("tip:N", title="")]
        ),
        total.mark_rule(color=INK, strokeWidth=1.6).encode(x=x("low"), x2="high:Q", y=y),
        *_sides(total, y, "label", left, frame),
    ]  # fmt: skip
    return frame.put(alt.layer(*marks).properties(width=frame.inner, height=34 * len(sums)))
