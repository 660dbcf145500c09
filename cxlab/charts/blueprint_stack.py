"""A blueprint stage by stage, for small screens and many stages: boxes below each other, arrows at the right."""

from __future__ import annotations

from cxlab.charts.blueprint_shapes import Plan, Point, Shapes, lines_between
from cxlab.charts.blueprint_text import LINE, box_height, put_box
from cxlab.charts.theme import MUTED

__all__ = ["stack_shapes"]

_STAGE, _LABEL, _BETWEEN, _RULE, _TRACK, _MOST = 28, 17, 10, 20, 6, 6


def stack_shapes(plan: Plan, width: float) -> Shapes:
    """Where does everything stand, when there is room for one column only?

    Args:
        plan: what is to be drawn.
        width: room in pixels.

    Returns:
        The shapes.
    """
    tracks = _tracks(plan)
    right = width - 12 - _TRACK * (min(max(tracks.values(), default=0), _MOST - 1) + 1)
    shapes, places = Shapes(width), dict[int, tuple[Point, Point]]()
    for stage, name in enumerate(plan.stages):
        _stage(plan, shapes, places, stage, name, right)
    for number, (source, target, tone, tip) in enumerate(plan.arrows):
        x = right + 8 + _TRACK * (tracks[number] % _MOST)
        begin, end = _exit(places[source]), _entry(places[target])
        shapes.arrow([(right, begin), (x, begin), (x, end), (right + 1, end)], tone=tone, tip=tip)
    for number, box in enumerate(plan.boxes):
        put_box(shapes, box, *places[number])
    return shapes


def _exit(place: tuple[Point, Point]) -> float:
    return place[1][1] - 12


def _entry(place: tuple[Point, Point]) -> float:
    return place[0][1] + 12


def _stage(
    plan: Plan, shapes: Shapes, places: dict[int, tuple[Point, Point]], stage: int, name: str, right: float
) -> None:
    """A stage's name, and its boxes lane by lane with the lines between them."""
    shapes.word((0, shapes.height + 12), name, kind="stage")
    top, before = shapes.height + _STAGE, None
    for lane, label in enumerate(plan.lanes):
        own = [number for number, box in enumerate(plan.boxes) if (box.stage, box.lane) == (stage, lane)]
        if not own:
            continue
        lines: list[str] = [] if before is None else lines_between(before, lane)
        if lines:
            shapes.rule(top + _RULE - 8, _joined(lines), left=True)
            top += _RULE
        shapes.word((0, top + 6), label, kind="lane", colour=MUTED)
        top += _LABEL
        for number in own:
            bottom = top + box_height(plan.boxes[number], right)
            places[number] = ((0, top), (right, bottom))
            top = bottom + _BETWEEN
        before = lane
    shapes.height = top + LINE / 2


def _joined(lines: list[str]) -> str:
    words = [line.removeprefix("line of ") for line in lines]
    return lines[0] if len(lines) == 1 else f"lines of {', '.join(words[:-1])} and {words[-1]}"


def _tracks(plan: Plan) -> dict[int, int]:
    """Which arrow runs on which track: those that overlap lie beside each other, short ones innermost."""
    order = sorted(range(len(plan.boxes)), key=lambda k: (plan.boxes[k].stage, plan.boxes[k].lane, k))
    row = {number: place for place, number in enumerate(order)}
    spans = {n: sorted((row[a], row[b])) for n, (a, b, *_) in enumerate(plan.arrows)}
    found: dict[int, int] = {}
    for number in sorted(spans, key=lambda n: (spans[n][1] - spans[n][0], spans[n][0])):
        low, high = spans[number]
        taken = {found[n] for n in found if spans[n][0] < high and low < spans[n][1]}
        found[number] = next(track for track in range(len(plan.arrows) + 1) if track not in taken)
    return found
