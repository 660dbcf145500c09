"""One attempt after the other: each opens at a first step when none is open."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from cxlab.journeys.chains import found_chain
from cxlab.journeys.layers import NEVER, Layers, State
from cxlab.journeys.rules import NO_CHAIN, Chain, Rules

__all__ = ["Attempt", "attempts_of"]


@dataclass
class Attempt:
    """An attempt: when it opened, how deep it came, and until when it may go on.

    Attributes:
        opened: time of its first start.
        until: the last moment at which one of its chains may be carried on.
        depths: by depth, when it was first reached and the latest start behind that.
        converted: did it come to the last step?
        chain: the reported chain.
    """

    opened: int
    until: int
    depths: dict[int, tuple[int, int]] = field(default_factory=dict)
    converted: bool = False
    chain: Chain = NO_CHAIN

    def reaches(self, depth: int, time: int, start: int, until: int) -> None:
        """A chain of this attempt gets to this depth."""
        first, latest = self.depths.get(depth, (time, start))
        self.depths[depth] = (first, max(latest, start)) if time == first else (first, latest)
        self.until = max(self.until, until)


def attempts_of(times: Sequence[int], masks: Sequence[int], rules: Rules) -> list[Attempt]:
    """Which attempts did this unit make, one after the other?

    An attempt stays open while one of its chains may go on. It closes when it reaches the last step, when no chain may
    go on, or at a barrier that leaves none. In an attempt of `first_only` the chains all begin at its first start.

    Args:
        times: times of the events, rising.
        masks: steps that each event serves, and what it bars.
        rules: what counts as a chain.

    Returns:
        The attempts, each with its chain.
    """
    own = Layers(times, masks, replace(rules, first_only=False))
    starts = own.rules.starts(times, masks)
    found = list(_from_first(own, starts) if rules.first_only else _attempts(own, own.from_starts(starts)))
    for attempt in found:
        level = max(attempt.depths)
        chain = found_chain(own, level, *attempt.depths[level])
        still = not attempt.converted and rules.data_end is not None and attempt.until > rules.data_end
        attempt.chain = chain._replace(is_open=still and rules.window is not None)
    return found


def _attempts(own: Layers, layers: Sequence[Sequence[State]]) -> Iterator[Attempt]:
    """Go through what was reached in time, within an instant in the order of the steps."""
    reached = sorted(
        (max(own.times[state.event], state.start), depth, state.event, state.start)
        for depth, layer in enumerate(layers, 1)
        for state in layer
    )
    attempt: Attempt | None = None
    after = -NEVER
    for time, depth, event, start in reached:
        if attempt is not None and (attempt.until < time or (attempt.converted and time > after)):
            yield attempt
            attempt = None
        if attempt is None and depth == 1 and time > after:
            attempt = Attempt(time, time)
        if attempt is None or start < attempt.opened or (attempt.converted and time > after):
            continue
        attempt.reaches(depth, own.times[event], start, own.alive_until(depth, State(event, start)))
        if depth == own.rules.steps:
            attempt.converted, after = True, time
    if attempt is not None:
        yield attempt


def _from_first(own: Layers, starts: Sequence[int]) -> Iterator[Attempt]:
    """One start after the other, each as soon as the attempt before is over."""
    after = -NEVER
    for start in starts:
        time = own.times[start]
        if time <= after:
            continue
        near = _near(own, time)
        (attempt,) = list(_attempts(near, near.from_starts([e for e in near.serving(1) if near.times[e] == time])))[:1]
        after = attempt.depths[own.rules.steps][0] if attempt.converted else attempt.until
        yield attempt


def _near(own: Layers, start: int) -> Layers:
    """The events that a chain begun at this time may meet."""
    rules = own.rules
    low = bisect_left(own.times, start - rules.tolerance * rules.steps)
    high = len(own.times) if rules.window is None else bisect_right(own.times, start + rules.window)
    return Layers(own.times[low:high], own.masks[low:high], rules)
