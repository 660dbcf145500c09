"""What pictures of scores share: the words around them, and rows with text beside the marks."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.theme import DIVERGING, INK, MUTED, figure, is_narrow

__all__ = ["CLASS_COLOURS", "Frame", "numbered", "row_scale", "row_words", "tips"]

CLASS_COLOURS = (DIVERGING[0], "#AEB4BF", DIVERGING[4])
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
            chart,
            title=self.title,
            subtitle=self.subtitle,
            note=self.note,
            description=self.description,
            width=self.width,
        )


def tips(**fields: str) -> list[alt.Tooltip]:
    """Which fields does a tooltip tell?

    Args:
        fields: column=title.

    Returns:
        The tooltip.
    """
    return [
        alt.Tooltip(name, title=title, **({"format": ".1f"} if name == "hundred" else {}))
        for name, title in fields.items()
    ]


def numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their place and with labels that fit.

    Args:
        rows: one row per group, with its label.

    Returns:
        The rows with `row`.
    """
    short = [label if len(label) <= _LABEL else label[: _LABEL - 1] + "…" for label in rows["label"]]
    numbered = rows.reset_index(drop=True).assign(label=short)
    return numbered.assign(row=range(len(numbered)))


def row_scale() -> alt.Y:
    """The vertical place of a row, the same for marks and text."""
    return alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))


def row_words(base: alt.Chart, frame: Frame) -> list[alt.Chart]:
    """Each row's label, number of answers and score in words: beside the marks, or above them where it is narrow.

    Args:
        base: the rows, with label, n_told and told.
        frame: words and width.

    Returns:
        The layers.
    """
    return _narrow_words(base, frame) if frame.narrow else _wide_words(base, frame)


def _wide_words(base: alt.Chart, frame: Frame) -> list[alt.Chart]:
    """Columns of text beside the marks."""
    ends = ((0, "left", "label"), (frame.inner - 130, "right", "n_told"), (frame.inner, "right", "told"))
    words = [
        base.mark_text(align=align, fontSize=13, color=INK if name != "n_told" else MUTED).encode(
            x=alt.XValue(at), text=alt.Text(f"{name}:N")
        )
        for at, align, name in ends
    ]
    top = alt.Chart(alt.Data(values=[{}]))
    titles = [
        top.mark_text(text=head, align=align, baseline="bottom", fontSize=12, color=MUTED).encode(
            x=alt.XValue(at), y=alt.YValue(-4)
        )
        for (at, align, _), head in zip(ends, ("Group", "Answers", "Score (interval)"), strict=True)
    ]
    return words + titles


def _narrow_words(base: alt.Chart, frame: Frame) -> list[alt.Chart]:
    """Label and reading above the bar."""
    label = base.mark_text(align="left", fontSize=12, fontWeight="bold", color=INK, dy=-11)
    told = base.mark_text(align="right", fontSize=12, color=INK, dy=-11)
    return [
        label.encode(x=alt.XValue(0), text=alt.Text("label:N")),
        told.encode(x=alt.XValue(frame.inner - 14), text=alt.Text("told:N")),
    ]
