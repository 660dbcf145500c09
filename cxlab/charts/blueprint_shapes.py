"""What a blueprint is drawn from: rectangles, words, rules and arrows at places in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from cxlab.charts.theme import AXIS, BAD, INK, MUTED, VARIANTS

__all__ = ["TONES", "Box", "Plan", "Shapes", "lines_between"]

TONES = {"longest": BAD, "between": VARIANTS[1], "within": AXIS, "plain": AXIS}
"""Colour of an arrow and its bar: the longest wait, a wait between lanes, one within a lane, no time known."""

_LINES = {1: "line of interaction", 2: "line of visibility", 3: "line of internal interaction"}
_HEADS = {(1, 0): (90, -3, 0), (-1, 0): (270, 3, 0), (0, 1): (180, 0, -3), (0, -1): (0, 0, 3)}  # angle and place
Point = tuple[float, float]


def lines_between(upper: int, lower: int) -> list[str]:
    """Which lines lie between two lanes, counted from the top?

    Args:
        upper: the upper lane.
        lower: the lower lane.

    Returns:
        Their names.

    Examples:
        >>> lines_between(0, 1), lines_between(1, 3)
        ([], ['line of interaction', 'line of visibility'])
    """
    return [_LINES[lane] for lane in range(upper, lower) if lane in _LINES]


@dataclass(frozen=True)
class Box:
    """A node: what stands in it, and where it belongs.

    Attributes:
        name: what it is called.
        stage: number of its stage.
        lane: number of its lane from the top.
        told: its numbers, each with a shorter form.
        look: "measured", "plain" (no numbers) or "bad" (something is wrong with it).
        wait: length of its bar, from 0 to 1, and the ends of its interval.
        tone: one of `TONES`.
        tip: what it says when pointed at.
    """

    name: str
    stage: int
    lane: int
    told: tuple[tuple[str, str], ...]
    look: str
    wait: tuple[float, float, float]
    tone: str
    tip: str


@dataclass(frozen=True)
class Plan:
    """What is to be drawn.

    Attributes:
        stages: names of the stages.
        lanes: names of the lanes.
        boxes: the nodes.
        arrows: source and target by the boxes' places in the list, tone, and what it says when pointed at.
    """

    stages: Sequence[str]
    lanes: Sequence[str]
    boxes: Sequence[Box]
    arrows: Sequence[tuple[int, int, str, str]]


@dataclass
class Shapes:
    """Shapes that have found their places; the frames are made of them."""

    width: float
    height: float = 0.0
    rectangles: list[dict[str, object]] = field(default_factory=list)
    words: list[dict[str, object]] = field(default_factory=list)
    rules: list[dict[str, object]] = field(default_factory=list)
    paths: list[dict[str, object]] = field(default_factory=list)
    heads: list[dict[str, object]] = field(default_factory=list)

    def rectangle(self, left: Point, right: Point, *, kind: str, colour: str = INK, tip: str = "") -> None:
        """A rectangle from its upper left to its lower right corner."""
        ends = dict(zip(("x", "y", "x2", "y2"), (*left, *right), strict=True))
        self.rectangles.append({**ends, "kind": kind, "colour": colour, "tip": tip})

    def word(self, at: Point, text: str, *, kind: str, colour: str = INK, ground: str = "white") -> None:
        """A line of text, on a ground that keeps arrows away from it."""
        self.words.append({"x": at[0], "y": at[1], "text": text, "kind": kind, "colour": colour, "ground": ground})

    def rule(self, y: float, name: str, *, left: bool = False) -> None:
        """A named line across the whole picture; its name stands at the right, or at the left."""
        self.rules.append({"x": 0, "x2": self.width, "y": y})
        self.word((0 if left else self.width, y - 4), name, kind="line" if left else "line, right", colour=MUTED)

    def arrow(self, points: Sequence[Point], *, tone: str, tip: str = "") -> None:
        """An arrow along these points."""
        number = len(self.heads)
        own = {"path": number, "tone": tone, "tip": tip}
        self.paths += [{**own, "x": x, "y": y, "order": place} for place, (x, y) in enumerate(points)]
        (x0, y0), (x1, y1) = points[-2:]
        angle, back, up = _HEADS[(x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)]
        self.heads.append({**own, "x": x1 + back, "y": y1 + up, "angle": angle})

    def frame(self, name: str) -> pd.DataFrame:
        """One kind of shape as a table."""
        return pd.DataFrame(getattr(self, name))
