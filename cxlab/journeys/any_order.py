"""Steps in any order: as many of them as possible inside one window."""

from collections.abc import Sequence

from cxlab.journeys.matching import augment
from cxlab.journeys.rules import NO_CHAIN, Chain, Rules

__all__ = ["any_order_chain"]


def any_order_chain(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Chain:
    """How many of the steps did this unit do inside one window?

    Args:
        times: times of the events, rising.
        masks: steps that each event serves, bit k for step k + 1.
        rules: window and range; the range is for the first event of the set.

    Returns:
        The first set that is as large as any, with the earliest event for every step.
    """
    starts = rules.starts(times, masks, serving=(1 << rules.steps) - 1)
    best: list[int] = []
    for start in starts:
        chosen = _events_from(times, masks, rules, start)
        if len(chosen) > len(best):
            best = chosen
        if len(best) == rules.steps:
            break
    if not best:
        return NO_CHAIN
    still = len(best) < rules.steps and any(rules.unfinished(times[start]) for start in starts)
    return Chain(len(best), tuple(times[event] for event in best), best[0], is_open=still)


def _events_from(times: Sequence[int], masks: Sequence[int], rules: Rules, start: int) -> list[int]:
    """Events of the largest set within one window of `start`; taken as they come, so the earliest ones."""
    holder: dict[int, int] = {}
    chosen: list[int] = []
    for event in range(start, len(times)):
        if not rules.within(times[start], times[event]) or len(chosen) == rules.steps:
            break
        if augment(masks, holder, event, (1 << rules.steps) - 1):
            chosen.append(event)
    return chosen
