"""Plans of tests: what is found after so many weeks, and how often a change of so much is found."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import AXIS, GRID, INK, MUTED, VARIANTS

__all__ = ["plan_curve"]

_BLUE = VARIANTS[1]
_ROOM = 52


def plan_curve(
    rows: pd.DataFrame, frame: Frame, *, x_title: str, y_title: str, aim: float | None = None, aim_words: str = "",
    point: tuple[float, float] | None = None, point_words: str = "", y_format: str = ",~r", x_format: str = ",~r",
) -> Any:  # fmt: skip
    """How does what a test finds grow?

    Args:
        rows: the curve in order: x, y and told (words of the tooltip).
        frame: words and width.
        x_title: heading under the axis.
        y_title: heading over the value axis.
        aim: a height to be reached, drawn as a dashed line.
        aim_words: what it is.
        point: the plan itself, as a place on the curve.
        point_words: what stands beside it.
        y_format: format of the value axis.
        x_format: format of the other axis.

    Returns:
        A line with the plan as a point on it.
    """
    x = alt.X("x:Q", scale=alt.Scale(nice=False, zero=False), axis=_axis(x_title, x_format, grid=False,
              tickCount=5 if frame.narrow else 8, tickMinStep=1 if x_format == "d" else 0))  # fmt: skip
    top = max([float(rows["y"].max()), *([aim] if aim is not None else [])])
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, 1.05 * top], nice=False), axis=_axis(y_title, y_format, tickCount=5))
    tips = [alt.Tooltip("told:N", title="Plan")]
    base = alt.Chart(rows)
    layers: list[Any] = [base.mark_line(color=_BLUE, strokeWidth=2.4).encode(x=x, y=y)]
    layers.append(base.mark_point(color=_BLUE, filled=True, size=40, opacity=1).encode(x=x, y=y, tooltip=tips))
    layers += _aim(x, y, aim, aim_words, rows)
    layers += _point(x, y, point, point_words, rows)
    chart = alt.layer(*layers).properties(width=frame.inner - _ROOM, height=220 if frame.narrow else 280)
    return frame.put(chart)


def _axis(title: str, form: str, **more: Any) -> alt.Axis:
    return alt.Axis(title=title, format=form, domainColor=AXIS, tickColor=AXIS, gridColor=GRID, labelColor=MUTED,
                    labelOverlap=True, **more)  # fmt: skip


def _aim(x: alt.X, y: alt.Y, aim: float | None, words: str, rows: pd.DataFrame) -> list[Any]:
    if aim is None:
        return []
    line = alt.Chart(pd.DataFrame({"y": [aim], "x": [float(rows["x"].max())], "words": [words]}))
    text = line.mark_text(align="right", baseline="bottom", dy=-5, fontSize=12, color=INK)
    return [line.mark_rule(color=INK, strokeDash=[5, 4]).encode(y=y), text.encode(x=x, y=y, text="words:N")]


def _point(x: alt.X, y: alt.Y, point: tuple[float, float] | None, words: str, rows: pd.DataFrame) -> list[Any]:
    if point is None:
        return []
    middle = (float(rows["x"].min()) + float(rows["x"].max())) / 2
    late = point[0] > middle
    at = alt.Chart(pd.DataFrame({"x": [point[0]], "y": [point[1]], "words": [words]}))
    look: dict[str, Any] = {"align": "right" if late else "left", "dx": -12 if late else 12}
    text = at.mark_text(baseline="top", dy=8, fontSize=12, fontWeight="bold", color=INK, **look)
    ring = at.mark_point(color=_BLUE, size=260, strokeWidth=2.4, filled=False, opacity=1)
    return [ring.encode(x=x, y=y), text.encode(x=x, y=y, text="words:N")]
