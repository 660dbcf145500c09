"""Steps in any order: as many of them as possible inside one window; some may keep their place."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from cxlab.journeys.layers import NEVER
from cxlab.journeys.matching import augment
from cxlab.journeys.rules import NO_CHAIN, Chain, Rules

__all__ = ["any_order_chain", "first_bits"]


def first_bits(rules: Rules) -> int:
    """Bits of the steps with which a chain may begin."""
    return _blocks(rules)[0] if rules.order == "any" else 1


def _blocks(rules: Rules) -> list[int]:
    """Bits of the steps that may change places with each other, block after block."""
    blocks = [0]
    for step in range(1, rules.steps + 1):
        alone = step in rules.anchored
        if alone and blocks[-1]:
            blocks.append(0)
        blocks[-1] |= 1 << (step - 1)
        if alone:
            blocks.append(0)
    return [block for block in blocks if block]


class Choice:
    """The events of one unit, ready to be chosen from."""

    def __init__(self, times: Sequence[int], masks: Sequence[int], rules: Rules) -> None:
        self.times, self.masks, self.rules = times, masks, rules
        self.barriers = [t for t, mask in zip(times, masks, strict=True) if mask & rules.barring(1)]
        self.places: dict[int, list[int]] = {}
        for event, mask in enumerate(masks):
            self.places.setdefault(mask & rules.required_bits, []).append(event)
        self.places.pop(0, None)

    def limit(self, start: int) -> int:
        """The last moment that a set begun at this time may reach: its window, or before a barrier."""
        limit = NEVER if self.rules.window is None else start + self.rules.window
        following = bisect_right(self.barriers, start)
        return min(limit, self.barriers[following] - 1) if following < len(self.barriers) else limit

    def near(self, bits: int, first: int, limit: int) -> list[int]:
        """The events from position `first` on that may be needed: of events alike no more than there are steps."""
        found = []
        for mask, places in self.places.items():
            if mask & bits:
                low = bisect_left(places, first)
                found += places[low : low + self.rules.steps]
        return sorted(event for event in found if self.times[event] <= limit)

    def events_from(self, start: int) -> list[int]:
        """Events of the largest set that begins here; taken as they come, so the earliest ones."""
        limit, first, chosen = self.limit(self.times[start]), start, list[int]()
        for bits in _blocks(self.rules):
            taken = self._block(bits, first, limit, set(chosen))
            chosen += taken
            if len(taken) < bits.bit_count():
                break
            first = bisect_left(self.times, self.times[chosen[-1]])
        return chosen

    def _block(self, bits: int, first: int, limit: int, before: set[int]) -> list[int]:
        holder, taken = dict[int, int](), list[int]()
        for event in self.near(bits, first, limit):
            if len(taken) == bits.bit_count():
                break
            if event not in before and augment(self.masks, holder, event, bits):
                taken.append(event)
        return taken


def any_order_chain(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Chain:
    """How many of the steps did this unit do inside one window?

    Args:
        times: times of the events, rising.
        masks: steps that each event serves, and what it bars.
        rules: window, range, barriers and what keeps its place; the range is for the first event of the set.

    Returns:
        The first set that is as large as any, with the earliest event for every step.
    """
    choice = Choice(times, masks, rules)
    starts = rules.starts(times, masks, serving=first_bits(rules))
    best: list[int] = []
    for start in starts:
        chosen = choice.events_from(start)
        if len(chosen) > len(best):
            best = chosen
        if len(best) == rules.steps or (rules.window is None and not choice.barriers and not rules.anchored):
            break
    if not best:
        return NO_CHAIN
    last = choice.barriers[-1] if choice.barriers else -NEVER
    going = (start for start in starts if rules.unfinished(times[start]))
    still = len(best) < rules.steps and any(times[start] >= last for start in going)
    return Chain(len(best), tuple(times[event] for event in best), best[0], is_open=still)
