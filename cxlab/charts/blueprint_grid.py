"""A blueprint as a grid: a lane per row, a stage per column, arrows in the gutters between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from cxlab.charts.blueprint_shapes import Plan, Point, Shapes, lines_between
from cxlab.charts.blueprint_text import LINE, box_height, put_box, wrapped
from cxlab.charts.theme import MUTED, PANEL

__all__ = ["NARROWEST", "grid_shapes"]

NARROWEST = 80  # a box that is narrower holds no words
_GUTTERS = (26, 20)  # up to five columns, and more
_SIDE, _STACK, _LABEL, _FOOT, _BETWEEN, _TRACK = 10, 12, 24, 8, 20, 4


@dataclass(frozen=True)
class Place:
    """Where a box stands."""

    left: float
    top: float
    right: float
    bottom: float
    ceiling: float  # above it, its lane is free of boxes

    @property
    def middle(self) -> Point:
        """Its centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def grid_shapes(plan: Plan, width: float) -> Shapes | None:
    """Where does everything stand?

    Args:
        plan: what is to be drawn.
        width: room in pixels.

    Returns:
        The shapes, or None where the columns would be too narrow.
    """
    columns = max(len(plan.stages), 1)
    gutter = _gutter(plan)
    size = (width - 2 * _SIDE - gutter * (columns - 1)) / columns
    if size < NARROWEST:
        return None
    shapes = Shapes(width)
    lefts = [_SIDE + stage * (size + gutter) for stage in range(columns)]
    top = _stages(plan, shapes, lefts, size)
    places = _lanes(plan, shapes, lefts, size, top)
    _arrows(plan, shapes, places)
    for number, box in enumerate(plan.boxes):
        place = places[number]
        put_box(shapes, box, (place.left, place.top), (place.right, place.bottom))
    return shapes


def _gutter(plan: Plan) -> int:
    return _GUTTERS[len(plan.stages) > 5]


def _stages(plan: Plan, shapes: Shapes, lefts: list[float], size: float) -> float:
    """The stages' names on top."""
    names = [wrapped(name, size, 6.6, 2) for name in plan.stages]
    rows = max(map(len, names))
    for left, lines in zip(lefts, names, strict=True):
        for row, line in enumerate(lines):
            shapes.word((left, 8 + LINE * (row + rows - len(lines))), line, kind="stage")
    return 8 + LINE * rows


def _lanes(plan: Plan, shapes: Shapes, lefts: list[float], size: float, top: float) -> dict[int, Place]:
    """Each lane is as high as its highest column; lines lie between them."""
    places: dict[int, Place] = {}
    lane_top = top
    for lane, name in enumerate(plan.lanes):
        ceiling = lane_top + _LABEL
        bottoms = [_column(plan, places, (lane, stage), (left, ceiling), size) for stage, left in enumerate(lefts)]
        bottom = max([*bottoms, ceiling - 6]) + _FOOT
        shapes.rectangle((0, lane_top), (shapes.width, bottom), kind="lane")
        shapes.word((6, lane_top + 11), name, kind="lane", colour=MUTED, ground=PANEL)
        shapes.height = bottom
        lines = lines_between(lane, lane + 1) if lane + 1 < len(plan.lanes) else []
        for line in lines:
            shapes.rule(bottom + _BETWEEN - 4, line)
        lane_top = bottom + (_BETWEEN if lines else 4)
    return places


def _column(plan: Plan, places: dict[int, Place], cell: tuple[int, int], corner: Point, size: float) -> float:
    """Boxes of one lane and stage, one below the other; returns where they end."""
    top = corner[1]
    for number, box in enumerate(plan.boxes):
        if (box.lane, box.stage) == cell:
            bottom = top + box_height(box, size)
            places[number] = Place(corner[0], top, corner[0] + size, bottom, corner[1])
            top = bottom + _STACK
    return max(top - _STACK, corner[1] - 6)


@dataclass
class _Gutters:
    """Tracks in the gutters: arrows of one source share one, others lie beside it."""

    taken: dict[int, dict[int, float]]
    arrived: dict[int, int]

    def track(self, gutter: int, left: float, source: int) -> float:
        own = self.taken.setdefault(gutter, {})
        return own.setdefault(source, left + 6 + _TRACK * (len(own) % 4))

    def entry(self, target: Place, number: int) -> float:
        """Where the next arrow comes in, so that several do not lie on each other."""
        self.arrived[number] += 1
        step = (0, -9, 9, -16, 16)[(self.arrived[number] - 1) % 5]
        return target.middle[1] + min(
            max(step, target.top - target.middle[1] + 4), target.bottom - target.middle[1] - 4
        )


def _arrows(plan: Plan, shapes: Shapes, places: dict[int, Place]) -> None:
    gutters = _Gutters({}, defaultdict(int))
    for source, target, tone, tip in plan.arrows:
        points = _route(plan, places, gutters, source, target)
        shapes.arrow(points, tone=tone, tip=tip)


def _route(plan: Plan, places: dict[int, Place], gutters: _Gutters, source: int, target: int) -> list[Point]:
    begin, end = places[source], places[target]
    here, there = plan.boxes[source].stage, plan.boxes[target].stage
    if here == there:
        return _within_column(plan, places, gutters, source, target)
    track = gutters.track(here, begin.right, source)
    start: list[Point] = [(begin.right, begin.middle[1]), (track, begin.middle[1])]
    entry = gutters.entry(end, target)
    if there == here + 1:
        return [*start, (track, entry), (end.left - 1, entry)]
    channel = end.ceiling - 6
    last = gutters.track(there - 1, end.left - _gutter(plan), source) if there else 3.0 + len(gutters.taken) % 2
    return [*start, (track, channel), (last, channel), (last, entry), (end.left - 1, entry)]


def _within_column(plan: Plan, places: dict[int, Place], gutters: _Gutters, source: int, target: int) -> list[Point]:
    """Straight down or up where no box lies between; else around at the right."""
    begin, end = places[source], places[target]
    down = end.top > begin.top
    low, high = (begin.bottom, end.top) if down else (end.bottom, begin.top)
    own = plan.boxes[source].stage
    if not any(low < places[k].middle[1] < high for k in _in_column(plan, own)):
        x = begin.middle[0] + (-9 if down else 9)
        return [(x, begin.bottom), (x, end.top - 1)] if down else [(x, begin.top), (x, end.bottom + 1)]
    track = gutters.track(own, begin.right, source)
    return [
        (begin.right, begin.middle[1]),
        (track, begin.middle[1]),
        (track, end.middle[1]),
        (end.right + 1, end.middle[1]),
    ]


def _in_column(plan: Plan, stage: int) -> Iterable[int]:
    return (number for number, box in enumerate(plan.boxes) if box.stage == stage)
