"""From where to where: a field of shares, one row per event, one column per next event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import INK, SEQUENTIAL, VARIANTS

__all__ = ["moves_chart", "parts_chart"]

_LEFT, _LONG = 128, 200  # room for names, and for long ones


def moves_chart(
    rows: pd.DataFrame, frame: Frame, *, sources: Sequence[str], targets: Sequence[str], across: str = "Next"
) -> Any:  # fmt: skip
    """Where do people go next, from each event?

    Args:
        rows: one row per move: source, target, rate, told (what stands in the cell, may be empty) and tip.
        frame: words and width.
        sources: the rows from top to bottom.
        targets: the columns from left to right.
        across: what the columns are.

    Returns:
        A heat map of shares.
    """
    look = {"ticks": False, "domain": False, "labelLimit": 110}
    x = alt.X(
        "target:N",
        sort=list(targets),
        axis=alt.Axis(title=across, labelAngle=-50 if across == "Next" else 0, orient="top", **look),
    )
    y = alt.Y("source:N", sort=list(sources), axis=alt.Axis(title=None, **look))
    scale = alt.Scale(range=list(SEQUENTIAL), domain=[0, max(0.3, float(rows["rate"].max()))])
    base = alt.Chart(rows)
    dark = alt.condition(f"datum.rate > {scale.domain[1] * 0.55}", alt.value("white"), alt.value(INK))
    marks = [
        base.mark_rect(stroke="white").encode(
            x=x, y=y, color=alt.Color("rate:Q", scale=scale, legend=None), tooltip=[alt.Tooltip("tip:N", title="")]
        ),
        base.mark_text(fontSize=9 if frame.narrow else 11).encode(x=x, y=y, text="told:N", color=dark),
    ]
    height = 24 * len(sources)
    return frame.put(alt.layer(*marks).properties(width=frame.inner - _LEFT, height=height))


def parts_chart(rows: pd.DataFrame, frame: Frame, *, axis: str, most: float = 1.0) -> Any:
    """How large is each share, and how sure is that?

    Args:
        rows: one row per share, in order: name (where it may break, a line break), value, ci_low, ci_high and told.
        frame: words and width.
        axis: what the shares are of.
        most: where the axis ends at least.

    Returns:
        A bar with its interval for each share.
    """
    order = list(rows["name"])
    long = max(len(part) for name in order for part in name.split("\n")) > 18
    left = (150 if frame.narrow else _LONG) if long else _LEFT
    look = alt.Axis(
        title=None, ticks=False, domain=False, labelLimit=left - 8, labelExpr=r"split(datum.label, '\n')",
        labelLineHeight=13, labelOffset=-6 if any("\n" in name for name in order) else 0,
    )  # fmt: skip
    y = alt.Y("name:N", sort=order, axis=look)
    scale = alt.Scale(domain=[0, max(most, 1.03 * float(rows["ci_high"].max()))], nice=False)
    x = alt.X("value:Q", axis=alt.Axis(title=axis, format="%", tickCount=5, grid=True), scale=scale)
    base = alt.Chart(rows)
    marks = [
        base.mark_bar(color=VARIANTS[1], opacity=0.75, height=14).encode(
            x=x, y=y, tooltip=[alt.Tooltip("told:N", title="")]
        ),
        base.mark_rule(color=INK, strokeWidth=1.6).encode(x=alt.X("ci_low:Q"), x2="ci_high:Q", y=y),
    ]
    height = (32 if any("\n" in name for name in order) else 24) * len(order)
    return frame.put(alt.layer(*marks).properties(width=frame.inner - left, height=height))
