"""Steps in order where the start alone does not decide what can follow: adjacency, and clocks that differ.

From every start, layer by layer, the events that can serve the next step. A rule for the time between two steps
is a further condition in `Walk.follows`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from cxlab.journeys.rules import NO_CHAIN, Chain, Rules

__all__ = ["searched_chain"]


class State(NamedTuple):
    """Where a chain stands: its last event, and its events so far where one event could serve two steps."""

    last: int
    used: frozenset[int] = frozenset()


class Walk:
    """The events of one unit, ready to be walked from any start."""

    def __init__(self, times: Sequence[int], masks: Sequence[int], rules: Rules) -> None:
        self.times, self.masks, self.rules = times, masks, rules
        self._foreign: dict[int, list[int]] = {}
        self._serving: dict[int, list[int]] = {}
        self.overlapping = any(mask & (mask - 1) for mask in masks)

    def serving(self, step: int) -> list[int]:
        """Positions of the events that serve this step."""
        if step not in self._serving:
            bit = 1 << (step - 1)
            self._serving[step] = [i for i, mask in enumerate(self.masks) if mask & bit]
        return self._serving[step]

    def foreign(self, depth: int) -> list[int]:
        """Times of the events that break a run standing at this step."""
        if depth not in self._foreign:
            bit = 1 << (depth - 1)
            pairs = zip(self.times, self.masks, strict=True)
            self._foreign[depth] = [time for time, mask in pairs if not mask & bit]
        return self._foreign[depth]

    def state(self, event: int, before: frozenset[int] = frozenset()) -> State:
        """The state after this event."""
        return State(event, before | {event} if self.overlapping else frozenset())

    def follows(self, depth: int, last: int, event: int) -> bool:
        """May `event` come straight after `last`, which served step `depth`?"""
        later, earlier = self.times[event], self.times[last]
        if self.rules.ties == "row_order":
            in_order = event > last
        elif self.rules.ties == "strict":
            in_order = later > earlier
        else:
            in_order = later >= earlier - self.rules.tolerance
        return in_order and (self.rules.order != "strict" or not self.broken(depth, earlier, later))

    def broken(self, depth: int, one: int, other: int) -> bool:
        """Does an event that does not repeat step `depth` lie strictly between two times?"""
        foreign = self.foreign(depth)
        at = bisect_right(foreign, min(one, other))
        return at < len(foreign) and foreign[at] < max(one, other)

    def next_states(self, depth: int, state: State, start: int) -> list[State]:
        """States of depth + 1 that this one leads to."""
        events = self.serving(depth + 1)
        low = bisect_left(events, self.times[state.last] - self.rules.tolerance, key=self.times.__getitem__)
        found = []
        for event in events[low:]:
            if not self.rules.within(start, self.times[event]) or self.hopeless(depth, state.last, event):
                break
            taken = event in state.used or event == state.last
            if not taken and self.follows(depth, state.last, event):
                found.append(self.state(event, state.used))
        return found

    def hopeless(self, depth: int, last: int, event: int) -> bool:
        """Is the run broken before `event`, and so before any later one?"""
        later, earlier = self.times[event], self.times[last]
        return self.rules.order == "strict" and later > earlier and self.broken(depth, earlier, later)

    def layers(self, start: int) -> list[set[State]]:
        """The states of every depth that chains from this event reach."""
        layers = [{self.state(start)}]
        while len(layers) < self.rules.steps:
            nexts = {n for s in layers[-1] for n in self.next_states(len(layers), s, self.times[start])}
            if not nexts:
                break
            layers.append(nexts if self.keeps_all else {min(nexts, key=lambda s: self.times[s.last])})
        return layers

    @cached_property
    def keeps_all(self) -> bool:
        """Must all states be kept? Otherwise the earliest last event can do whatever a later one can."""
        return self.overlapping or self.rules.order == "strict"

    def may_go_on(self, layers: list[set[State]]) -> bool:
        """Could events after the end of the data still advance one of these chains?"""
        if self.rules.order != "strict":
            return True
        return any(
            bisect_right(self.foreign(depth), self.times[state.last]) == len(self.foreign(depth))
            for depth, layer in enumerate(layers[: self.rules.steps - 1], 1)
            for state in layer
        )


def searched_chain(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Chain:
    """Which chain did this unit get furthest with, tried from every start?

    Args:
        times: times of the events, rising.
        masks: steps that each event serves, bit k for step k + 1.
        rules: order, ties, tolerance, window, range.

    Returns:
        The deepest chain; then the earliest to finish, the latest to start, the earliest times between.
    """
    walk = Walk(times, masks, rules)
    reached = {start: walk.layers(start) for start in rules.starts(times, masks)}
    if not reached:
        return NO_CHAIN
    level = max(map(len, reached.values()))
    ends = {s: min(times[x.last] for x in ls[-1]) for s, ls in reached.items() if len(ls) == level}
    end = min(ends.values())
    start = max(times[s] for s, finish in ends.items() if finish == end)
    found = [(_earliest(walk, s, level, end), s) for s in ends if ends[s] == end and times[s] == start]
    still = level < rules.steps and any(
        rules.unfinished(times[s]) and walk.may_go_on(layers) for s, layers in reached.items()
    )
    path, position = min(found)
    return Chain(level, path, position, is_open=still)


def _earliest(walk: Walk, start: int, level: int, end: int) -> tuple[int, ...]:
    """Times of the chain from `start` to `end` whose times between are earliest, step by step."""
    alive: dict[tuple[int, State], bool] = {}

    def arrives(depth: int, state: State) -> bool:
        key = (depth, state)
        if key not in alive:
            nexts = walk.next_states(depth, state, walk.times[start]) if depth < level else []
            at_end = depth == level and walk.times[state.last] == end
            alive[key] = at_end or any(arrives(depth + 1, n) for n in nexts)
        return alive[key]

    path, layer = [walk.times[start]], {walk.state(start)}
    for depth in range(1, level):
        nexts = {n for s in layer for n in walk.next_states(depth, s, walk.times[start])}
        layer = {n for n in nexts if arrives(depth + 1, n)}
        path.append(min(walk.times[n.last] for n in layer))
        layer = {n for n in layer if walk.times[n.last] == path[-1]}
    return tuple(path)
