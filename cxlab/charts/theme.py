"""Colours, sizes and the frame of every picture."""

import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any

import altair as alt

__all__ = [
    "AXIS", "BAD", "BAD_PALE", "CHANGE", "CONTROL", "DIVERGING", "FONT", "GOOD", "GOOD_PALE", "GRID", "INK", "MUTED",
    "NARROW", "PANEL", "SEGMENTS", "SEQUENTIAL", "UNDECIDED", "VARIANTS", "figure", "is_narrow", "lines",
]  # fmt: skip

FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
INK, MUTED, AXIS, GRID, PANEL = "#1B2026", "#4A545E", "#8A939C", "#E6EAED", "#F6F8F9"
VARIANTS = ("#59636E", "#0072B2", "#5B1769", "#8F6A00")
CONTROL = VARIANTS[0]
SEGMENTS = ("#216BBD", "#692886", "#B86A4F", "#489F90", "#A98B14", "#2E3640")
GOOD, BAD, UNDECIDED = "#0B6B5D", "#B23A1E", "#6B7680"
GOOD_PALE, BAD_PALE = "#E3F1EE", "#FBEAE5"
DIVERGING = ("#A8360F", "#E0916F", "#D9DEE2", "#5AA398", "#00665A")
SEQUENTIAL = ("#EEF4F9", "#C9DDEC", "#94BEDC", "#549BC7", "#1B74AC", "#0B4F7F", "#06304F")
NARROW = 500
CHANGE = "(datum.value > 0 ? '+' : datum.value < 0 ? '\u2212' : '') + format(abs(datum.value), ',.4~r')"
"""How an axis writes changes: with their sign, and never as a power of ten."""
_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "white",
    "padding": {"left": 4, "right": 8, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        "domainColor": AXIS, "tickColor": AXIS, "gridColor": GRID, "gridWidth": 1, "labelPadding": 5, "titlePadding": 8,
    },
    "axisX": {"grid": False},
    "axisY": {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleY": -12,
              "domain": False, "ticks": False},
    "header": {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": MUTED},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": MUTED, "symbolSize": 100},
    "text": {"font": FONT, "fontSize": 12, "color": INK},
    "concat": {"spacing": 10},
}  # fmt: skip


def is_narrow(width: int) -> bool:
    """Is this width drawn in the layout for small screens?"""
    return width < NARROW


def lines(text: str, width: float, letter: float) -> list[str]:
    """A text broken into lines.

    Args:
        text: the text.
        width: room in pixels.
        letter: average width of a letter in pixels.

    Returns:
        At least one line.

    Examples:
        >>> lines("nothing to see", 60, 6)
        ['nothing to', 'see']
    """
    return textwrap.wrap(text, max(int(width / letter), 8)) or [""]


def _wrapped(text: str, width: int, letter: float) -> list[str]:
    return textwrap.wrap(text, max(int(width / letter), 20)) or [""]


def figure(
    chart: Any, *, title: str, subtitle: str | Sequence[str], note: str = "", description: str, width: int = 680
) -> Any:
    """A picture with its frame: the finding as title, what and who below it, the caution as a note.

    Args:
        chart: an Altair chart, layered or concatenated.
        title: the finding, at most 90 characters.
        subtitle: what, unit, who, when, n and the meaning of bar or band.
        note: the caution that changes the reading.
        description: the text alternative, from the result's headline.
        width: width of the page in pixels.

    Returns:
        The chart with title, note, fonts and text alternative.
    """
    narrow = is_narrow(width)
    told = [subtitle] if isinstance(subtitle, str) else list(subtitle)
    small, large = (12, 16) if narrow else (13, 18)
    head = alt.TitleParams(
        text=_wrapped(title, width, large * 0.5),
        subtitle=[line for part in told for line in _wrapped(part, width, small * 0.5)],
        anchor="start", frame="bounds", fontSize=large, fontWeight="bold", color=INK,
        subtitleFontSize=small, subtitleColor=MUTED,
        subtitlePadding=6, offset=14, lineHeight=large * 1.25, subtitleLineHeight=small * 1.35,
    )  # fmt: skip
    # Made in one go: each further step, such as `properties` or `configure`, would copy the whole picture.
    parts, apart = ([chart, _note(note, width)], 8) if note else ([chart], alt.Undefined)
    return alt.VConcatChart(vconcat=parts, spacing=apart, title=head, description=description, config=_config())


@cache
def _config() -> alt.Config:
    return alt.Config(**_CONFIG)


def _note(note: str, width: int) -> alt.Chart:
    lines = _wrapped(note, width, 5.6)
    mark = {"align": "left", "baseline": "top", "fontSize": 11, "color": MUTED, "lineHeight": 15, "x": 0, "y": 0}
    return (
        alt.Chart(alt.Data(values=[{}]))
        .mark_text(text=lines, **mark)
        .properties(width=width - 30, height=15 * len(lines))
    )
