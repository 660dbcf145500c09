"""The reported chain of one unit, and its attempts, from the layers of the steps."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from cxlab.journeys.layers import NEVER, Layers, State
from cxlab.journeys.rules import NO_CHAIN, Chain, Rules
from cxlab.journeys.skipped import with_skipped

__all__ = ["chain_from_layers", "found_chain"]


class Goal(NamedTuple):
    """How deep, when first completed, and with which latest start."""

    level: int
    end: int
    start: int


def chain_from_layers(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Chain:
    """Which chain did this unit get furthest with?

    Args:
        times: times of the events, rising; of one instant in the order of their rows.
        masks: steps that each event serves, and what it bars.
        rules: what counts as a chain.

    Returns:
        The deepest chain; then the earliest to finish, the latest to start, the most optional steps, the earliest times
        between.
    """
    own = Layers(times, masks, rules)
    starts = rules.starts(times, masks)
    layers = own.from_starts(starts)
    if not layers:
        return NO_CHAIN
    goal = _goal(own, layers)
    if rules.drops and any(own.barred(depth) for depth in range(1, rules.steps)):
        clean = _clean_goal(own, starts)
        if clean is None:
            return NO_CHAIN
        goal = clean
    still = goal.level < rules.steps and own.may_go_on(layers)
    return found_chain(own, goal.level, goal.end, goal.start)._replace(is_open=still)


def _goal(own: Layers, layers: Sequence[Sequence[State]]) -> Goal:
    end = min(own.times[state.event] for state in layers[-1])
    return Goal(len(layers), end, max(state.start for state in layers[-1] if own.times[state.event] == end))


def _clean_goal(own: Layers, starts: Sequence[int]) -> Goal | None:
    """The best of the chains that are as deep as any and meet no barrier, before or after their last step."""
    free = Layers(own.times, own.masks, own.rules.past_barriers)
    level, found = len(free.from_starts(starts)), []
    barred = own.barred(level) if level < own.rules.steps else []
    for start in starts:
        layers = own.from_starts([start])
        began = own.times[start]
        limit = NEVER if own.rules.window is None else began + own.rules.window
        for state in layers[-1] if len(layers) == level else ():
            end = own.times[state.event]
            following = bisect_right(barred, end)
            if following == len(barred) or barred[following] > limit:
                found.append(Goal(level, end, began))
    return min(found, key=lambda goal: (goal.end, -goal.start)) if found else None


def found_chain(own: Layers, level: int, end: int, start: int) -> Chain:
    """The chain of this depth from `start` to `end` with the most optional steps and the earliest times between.

    Args:
        own: the unit's events.
        level: number of required steps.
        end: time of the last of them.
        start: time of the first.
    """
    slack = own.rules.tolerance * level
    low, high = bisect_left(own.times, start - slack), bisect_right(own.times, end + slack)
    part = Layers(own.times[low:high], own.masks[low:high], own.rules)
    first = [event for event in part.serving(1) if part.times[event] == start]
    alive = _alive(part, [[state.event for state in layer] for layer in part.from_starts(first)][:level], end)
    if own.rules.optional:
        return with_skipped(own, [[low + event for event in layer] for layer in alive])
    path, current = [start], alive[0]
    for depth, layer in enumerate(alive[1:], 1):
        reached = [event for event in layer if _meets(part, depth, current, event)]
        path.append(min(part.times[event] for event in reached))
        current = [event for event in reached if part.times[event] == path[-1]]
    return Chain(level, tuple(path), low + alive[0][0], is_open=False)


def _meets(own: Layers, depth: int, layer: Sequence[int], event: int) -> bool:
    first, last = own.links(depth, layer, event)
    return first < last


def _alive(own: Layers, layers: list[list[int]], end: int) -> list[list[int]]:
    """The events of every step that lie on a chain to one that ends then."""
    alive = [[event for event in layers[-1] if own.times[event] == end]]
    for depth in range(len(layers) - 1, 0, -1):
        layer, marks = layers[depth - 1], [0] * (len(layers[depth - 1]) + 1)
        for event in alive[0]:
            first, last = own.links(depth, layer, event)
            if first < last:
                marks[first] += 1
                marks[last] -= 1
        kept, inside = [], 0
        for event, mark in zip(layer, marks, strict=False):
            inside += mark
            if inside:
                kept.append(event)
        alive.insert(0, kept)
    return alive
