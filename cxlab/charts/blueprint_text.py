"""Boxes of a blueprint: their words, and how high that makes them."""

from __future__ import annotations

import textwrap

from cxlab.charts.blueprint_shapes import TONES, Box, Point, Shapes
from cxlab.charts.theme import BAD, INK, MUTED

__all__ = ["LINE", "box_height", "put_box", "wrapped"]

LINE = 15
_PAD, _BAR, _NAME, _TOLD, _MOST = 7, 5, 6.4, 6.0, 4


def wrapped(text: str, room: float, letter: float, most: int) -> list[str]:
    """A text in lines that fit; what is too much ends in dots.

    Args:
        text: the text.
        room: in pixels.
        letter: average width of a letter.
        most: how many lines at most.

    Returns:
        The lines.

    Examples:
        >>> wrapped("Take the parcel in", 70, 7, 2)
        ['Take the', 'parcel in']
        >>> wrapped("confirmations", 70, 7, 2)
        ['confirmat-', 'ions']
    """
    width = max(int(room / letter), 4)
    fitting = " ".join(part for word in text.split() for part in _parts(word, width))
    return textwrap.wrap(fitting, width, max_lines=most, placeholder="…", break_on_hyphens=False) or [""]


def _parts(word: str, width: int) -> list[str]:
    """A word that no line can hold is hyphenated."""
    if len(word) <= width:
        return [word]
    return [f"{word[: width - 1]}-", *_parts(word[width - 1 :], width)]


def _lines(box: Box, size: float) -> tuple[list[str], list[str]]:
    """Name and numbers; the shorter form where the longer does not fit."""
    room = size - 2 * _PAD
    told = [long if len(long) * _TOLD <= room else short for long, short in box.told]
    return wrapped(box.name, room, _NAME, _MOST), [wrapped(one, room, _TOLD - 0.6, 1)[0] for one in told]


def box_height(box: Box, size: float) -> float:
    """How high is a box of this width?

    Args:
        box: the node.
        size: its width in pixels.

    Returns:
        Pixels.
    """
    name, told = _lines(box, size)
    return _PAD + LINE * (len(name) + len(told)) + (_BAR + 3 if box.wait[0] > 0 else 0) + 4


def put_box(shapes: Shapes, box: Box, upper: Point, lower: Point) -> None:
    """Draw a box with its words and its bar.

    Args:
        shapes: what it is added to.
        box: the node.
        upper: its upper left corner.
        lower: its lower right corner.
    """
    size = lower[0] - upper[0]
    name, told = _lines(box, size)
    shapes.rectangle(upper, lower, kind=box.look, tip=box.tip)
    ink = MUTED if box.look == "plain" else INK
    for row, line in enumerate((*name, *told)):
        kind = "name" if row < len(name) else "told"
        colour = ink if kind == "name" else BAD if box.look == "bad" else MUTED
        shapes.word((upper[0] + _PAD, upper[1] + _PAD + LINE * row + LINE / 2), line, kind=kind, colour=colour)
    if box.wait[0] > 0:
        _put_bar(shapes, box, (upper[0] + _PAD, lower[1] - 5 - _BAR), size - 2 * _PAD)


def _put_bar(shapes: Shapes, box: Box, corner: Point, full: float) -> None:
    """How long it takes, as part of the longest time, with its interval."""
    (left, top), (wait, low, high) = corner, box.wait
    shapes.rectangle(corner, (left + full, top + _BAR), kind="track")
    end = (left + max(full * wait, 1.5), top + _BAR)
    shapes.rectangle(corner, end, kind="bar", colour=TONES[box.tone])
    if low == low:
        limits = (left + full * low, left + full * min(high if high == high else 1.0, 1.0))
        shapes.rectangle((limits[0], top + 1.5), (limits[1], top + _BAR - 1.5), kind="bar", colour=INK)
