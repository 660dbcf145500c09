"""Steps in order where one event could serve two steps at one instant: every start is tried with every choice.

From every start, layer by layer, the events that can serve the next step, each with the events taken so far.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from cxlab.errors import DataError
from cxlab.journeys.layers import Layers
from cxlab.journeys.layers import State as Reached
from cxlab.journeys.rules import NO_CHAIN, Chain, Rules

__all__ = ["searched_chain"]

_MOST = 5_000  # events of one unit: the search looks at every pair of them


class State(NamedTuple):
    """Where a chain stands: its last event, and its events so far."""

    last: int
    used: frozenset[int]


class Walk:
    """The events of one unit, ready to be walked from any start."""

    def __init__(self, times: Sequence[int], masks: Sequence[int], rules: Rules) -> None:
        self.times, self.rules = times, rules
        self.own = Layers(times, masks, rules, apart=False)

    def state(self, event: int, before: frozenset[int] = frozenset()) -> State:
        """The state after this event."""
        return State(event, before | {event})

    def next_states(self, depth: int, state: State, start: int) -> list[State]:
        """States of depth + 1 that this one leads to."""
        events, earlier = self.own.serving(depth + 1), self.times[state.last]
        found = []
        for event in events[bisect_left(events, earlier - self.rules.tolerance, key=self.times.__getitem__) :]:
            low, high = self.own.bounds(depth, event)
            if not self.rules.within(start, self.times[event]) or (low > earlier and self.times[event] > earlier):
                break
            by_row = self.rules.ties != "row_order" or event > state.last
            if low <= earlier <= high and by_row and event not in state.used:
                found.append(self.state(event, state.used))
        return found

    def layers(self, start: int) -> list[set[State]]:
        """The states of every depth that chains from this event reach."""
        layers = [{self.state(start)}]
        while len(layers) < self.rules.steps:
            nexts = {n for s in layers[-1] for n in self.next_states(len(layers), s, self.times[start])}
            if not nexts:
                break
            layers.append(nexts)
        return layers

    def may_go_on(self, start: int, layers: list[set[State]]) -> bool:
        """Could events after the end of the data still advance one of these chains?"""
        began = self.times[start]
        return self.own.may_go_on([[Reached(state.last, began) for state in layer] for layer in layers])


def searched_chain(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Chain:
    """Which chain did this unit get furthest with, tried from every start?

    Args:
        times: times of the events, rising.
        masks: steps that each event serves, and what it bars.
        rules: what counts as a chain, but for `drops` and `optional`.

    Returns:
        The deepest chain; then the earliest to finish, the latest to start, the earliest times between.

    Raises:
        DataError: the unit has too many events for every choice to be tried.
    """
    _refuse(times, rules)
    walk = Walk(times, masks, rules)
    reached = {start: walk.layers(start) for start in rules.starts(times, masks)}
    if not reached:
        return NO_CHAIN
    level = max(map(len, reached.values()))
    ends = {s: min(times[x.last] for x in ls[-1]) for s, ls in reached.items() if len(ls) == level}
    end = min(ends.values())
    start = max(times[s] for s, finish in ends.items() if finish == end)
    found = [(_earliest(walk, s, level, end), s) for s in ends if ends[s] == end and times[s] == start]
    still = level < rules.steps and any(walk.may_go_on(s, layers) for s, layers in reached.items())
    path, position = min(found)
    return Chain(level, path, position, is_open=still)


def _refuse(times: Sequence[int], rules: Rules) -> None:
    if rules.drops:
        raise DataError(
            "An event serves two steps at an instant at which more happened, which `on_exclusion='drop_unit'` does "
            "not go with. Let each event serve one step, or leave `on_exclusion` out."
        )
    if len(times) > _MOST:
        raise DataError(
            f"One customer has {len(times):,} events of these steps; expected at most {_MOST:,} where an event serves "
            "two steps at an instant at which more happened. Let each event serve one step, or keep robots and test "
            "accounts out of the data."
        )


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
