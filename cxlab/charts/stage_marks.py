"""Places, colours and shapes that the journey's pictures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.theme import BAD, GOOD, INK, SEGMENTS, UNDECIDED, VARIANTS

__all__ = ["HEAT", "heat", "named_colours", "parts_colours", "placed", "readings"]

HEAT = ("#FBEAE5", "#F5CDBE", "#EBAA91", "#D97F5C", "#BF5430", "#A8360F")
_MARKS = {
    "met": (GOOD, "circle"),
    "missed": (BAD, "square"),
    "undecided": (UNDECIDED, "diamond"),
    "": (VARIANTS[1], "circle"),
}


def placed(field: str, *, axis: str = "x") -> Any:
    """An encoding in pixels: no axis, no rescaling.

    Args:
        field: column of the place.
        axis: "x" or "y".

    Returns:
        The encoding.
    """
    given: dict[str, Any] = {"shorthand": f"{field}:Q", "scale": None, "axis": None}
    return alt.X(**given) if axis == "x" else alt.Y(**given)


def heat(value: float, most: float) -> str:
    """Which colour has a cell?

    Args:
        value: how much it hurts.
        most: the value of the darkest colour.

    Returns:
        A colour, the paler the less.

    Examples:
        >>> heat(0.0, 1.0) == HEAT[0], heat(2.0, 1.0) == HEAT[-1]
        (True, True)
    """
    return HEAT[min(int(max(value, 0.0) / most * len(HEAT)), len(HEAT) - 1)]


def parts_colours(names: Sequence[str]) -> dict[str, str]:
    """One colour for each part, the same in every stage.

    Args:
        names: the parts, the largest first.

    Returns:
        Part -> colour.
    """
    return {name: SEGMENTS[place % len(SEGMENTS)] for place, name in enumerate(names)}


def readings(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with colour, shape and filling of their marks."""
    marks = [_MARKS[one] for one in rows["reading"]]
    fill = ["white" if one == "undecided" else colour for one, (colour, _) in zip(rows["reading"], marks, strict=True)]
    return rows.assign(colour=[colour for colour, _ in marks], shape=[shape for _, shape in marks], fill=fill)


def named_colours(rows: list[dict[str, Any]]) -> Any:
    """Squares of colour, each with its name beside it.

    Args:
        rows: one per part, in pixels: x, end, y, bottom, word (where the name begins), name and colour.

    Returns:
        An Altair chart.
    """
    base = alt.Chart(pd.DataFrame(rows))
    square = base.mark_rect().encode(
        x=placed("x"),
        x2="end:Q",
        y=placed("y", axis="y"),
        y2="bottom:Q",
        color=alt.Color("colour:N", scale=None, legend=None),
    )
    words = base.mark_text(align="left", baseline="top", fontSize=12, color=INK).encode(
        x=placed("word"), y=placed("y", axis="y"), text=alt.Text("name:N")
    )
    return alt.layer(square, words)
