"""Which events can serve which step: layer by layer over all starts at once.

A chain that stands at an event of step d can go on from it in the same ways whatever its start, as long as the window
is not over; so of all chains that end at one event the one with the latest start stands for all. Every further rule
(window of a step, gap, barrier, adjacency, ties, tolerance) bounds the time of the step before from below or above, and
these bounds only rise with time: a running maximum over a sliding window finds the next layer in one pass.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from cxlab.journeys.rules import Rules

__all__ = ["NEVER", "Layers", "State"]

NEVER = 1 << 62
_Known = dict[int, list[int]]


class State(NamedTuple):
    """A step reached: the position of its event, and the latest start of the chains that end there."""

    event: int
    start: int


class Layers:
    """The events of one unit under the rules.

    Attributes:
        apart: is it settled by the times alone that an event does not follow itself? So it is unless an event that
            serves two steps shares its instant with others.
    """

    def __init__(self, times: Sequence[int], masks: Sequence[int], rules: Rules, *, apart: bool = True) -> None:
        self.times, self.masks, self.rules = times, masks, rules
        self.apart = apart and not rules.reuse and rules.ties != "row_order"
        self._serving, self._barred, self._foreign = _Known(), _Known(), _Known()

    def serving(self, step: int) -> list[int]:
        """Positions of the events that serve this step."""
        if step not in self._serving:
            bit = 1 << (step - 1)
            self._serving[step] = [i for i, mask in enumerate(self.masks) if mask & bit]
        return self._serving[step]

    def barred(self, depth: int) -> list[int]:
        """Times of the events that a chain standing at this step may not go past."""
        if depth not in self._barred:
            bits = self.rules.barring(depth)
            self._barred[depth] = (
                [t for t, mask in zip(self.times, self.masks, strict=True) if mask & bits] if bits else []
            )
        return self._barred[depth]

    def foreign(self, depth: int) -> list[int]:
        """Times of the events that break a run standing at this step."""
        if self.rules.order != "strict":
            return []
        if depth not in self._foreign:
            bit = 0 if self.rules.breaks_at_repeat else 1 << (depth - 1)
            self._foreign[depth] = [t for t, mask in zip(self.times, self.masks, strict=True) if not mask & bit]
        return self._foreign[depth]

    def bounds(self, depth: int, event: int) -> tuple[int, int]:
        """Earliest and latest time that step `depth` may have for this event to be the next one."""
        rules, time = self.rules, self.times[event]
        longest, shortest = rules.step_window(depth + 1), rules.gap(depth + 1)
        low = -NEVER if longest is None else time - longest
        high = time - shortest if shortest else time + rules.tolerance
        if rules.ties == "strict" or (self.apart and self.masks[event] >> (depth - 1) & 1):
            high = min(high, time - 1)
        barred, foreign = self.barred(depth), self.foreign(depth)
        if barred and (last := bisect_right(barred, time)):
            low = max(low, barred[last - 1])
        if foreign:
            last, following = bisect_left(foreign, time), bisect_right(foreign, time)
            low = max(low, foreign[last - 1]) if last else low
            high = min(high, foreign[following]) if following < len(foreign) else high
        return low, high

    def advance(self, depth: int, layer: Sequence[State]) -> list[State]:
        """The states of step depth + 1 that those of step `depth` lead to."""
        times, window, found, at = self.times, deque[State](), [], 0
        by_row = self.rules.ties == "row_order"
        for event in self.serving(depth + 1):
            low, high = self.bounds(depth, event)
            while at < len(layer) and times[layer[at].event] <= high and not (by_row and layer[at].event >= event):
                while window and window[-1].start <= layer[at].start:
                    window.pop()
                window.append(layer[at])
                at += 1
            while window and times[window[0].event] < low:
                window.popleft()
            if window and self.rules.within(window[0].start, times[event]):
                found.append(State(event, window[0].start))
        return found

    def from_starts(self, starts: Sequence[int]) -> list[list[State]]:
        """The states of every step that chains from these events reach."""
        layers = [[State(event, self.times[event]) for event in starts]] if starts else []
        while layers and len(layers) < self.rules.steps:
            following = self.advance(len(layers), layers[-1])
            if not following:
                break
            layers.append(following)
        return layers

    def alive_until(self, depth: int, state: State) -> int:
        """The last moment at which an event could still carry on a chain that stands here."""
        rules, time = self.rules, self.times[state.event]
        if depth == rules.steps:
            return time
        limit = NEVER if rules.window is None else state.start + rules.window
        longest = rules.step_window(depth + 1)
        limit = limit if longest is None else min(limit, time + longest)
        for times, grace in ((self.barred(depth), 1), (self.foreign(depth), 0)):
            following = bisect_right(times, time)
            limit = min(limit, times[following] - grace) if following < len(times) else limit
        return limit

    def may_go_on(self, layers: Sequence[Sequence[State]]) -> bool:
        """Could events after the end of the data still advance one of these chains?"""
        rules = self.rules
        if rules.window is None or rules.data_end is None:
            return False
        return any(
            self.alive_until(depth, state) > rules.data_end
            for depth, layer in enumerate(layers[: rules.steps - 1], 1)
            for state in reversed(layer)
        )

    def links(self, depth: int, layer: Sequence[int], event: int) -> tuple[int, int]:
        """The part of a sorted layer of step `depth` from which this event can follow, as a slice."""
        low, high = self.bounds(depth, event)
        first = bisect_left(layer, low, key=self.times.__getitem__)
        last = bisect_right(layer, high, key=self.times.__getitem__)
        return first, min(last, bisect_left(layer, event)) if self.rules.ties == "row_order" else last
