"""Chains of many units from packed arrays of events."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxlab.journeys.any_order import any_order_chain
from cxlab.journeys.ordered import ordered_chain
from cxlab.journeys.rules import Chain, Rules
from cxlab.journeys.search import searched_chain

__all__ = ["Chains", "chain_of", "chains_of", "only_finished"]


class Chains(NamedTuple):
    """One row per unit, in the order of the units.

    Attributes:
        level: steps reached.
        times: one column per step; meaningless from column `level` on.
        start: row of the chain's first event among the rows given, -1 without a chain.
        is_open: may still go on after the end of the data.
    """

    level: NDArray[np.int64]
    times: NDArray[np.int64]
    start: NDArray[np.int64]
    is_open: NDArray[np.bool_]


def _method(rules: Rules) -> Callable[[Sequence[int], Sequence[int], Rules], Chain]:
    if rules.order == "any":
        return any_order_chain
    return searched_chain if rules.order == "strict" or rules.tolerance else ordered_chain


def chain_of(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Chain:
    """Which chain of steps do the events of one unit hold?

    Args:
        times: times of the events, rising; of one instant in the order of their rows.
        masks: steps that each event serves, bit k for step k + 1.
        rules: what counts as a chain.

    Examples:
        >>> chain_of([0, 3, 4, 9], [1, 2, 1, 4], Rules(steps=3, window=10))
        Chain(level=3, times=(0, 3, 9), start=0, is_open=False)
    """
    return _method(rules)(times, masks, rules)


def only_finished(rules: Rules) -> Rules:
    """The same rules for starts whose window is over at the end of the data."""
    if rules.window is None or rules.data_end is None:
        return rules
    limit = rules.data_end - rules.window + 1
    return replace(rules, entry_to=limit if rules.entry_to is None else min(limit, rules.entry_to))


def chains_of(
    unit: NDArray[np.int64], time: NDArray[np.int64], mask: NDArray[np.int64], rules: Rules
) -> tuple[Chains, Chains]:
    """Which chain of steps does every unit have?

    Args:
        unit: a number per event, sorted.
        time: microseconds, rising within a unit; of one instant in the order of their rows.
        mask: steps that the event serves.
        rules: what counts as a chain.

    Returns:
        Over all starts, and over those whose window is over; one row per distinct unit, in the order given.
    """
    bounds = [0, *(np.flatnonzero(np.diff(unit)) + 1).tolist(), len(unit)] if len(unit) else [0]
    method, finished, times, masks = _method(rules), only_finished(rules), time.tolist(), mask.tolist()
    whole, settled = [], []
    for low, high in pairwise(bounds):
        own_times, own_masks = times[low:high], masks[low:high]
        whole.append(method(own_times, own_masks, rules))
        late = rules.unfinished(own_times[-1]) and whole[-1].level > 0
        settled.append(method(own_times, own_masks, finished) if late else whole[-1])
    return _packed(whole, bounds, rules.steps), _packed(settled, bounds, rules.steps)


def _packed(chains: list[Chain], bounds: list[int], steps: int) -> Chains:
    """The chains of all units as arrays."""
    times = np.zeros((len(chains), steps), np.int64)
    for row, chain in enumerate(chains):
        times[row, : chain.level] = chain.times
    return Chains(
        level=np.array([chain.level for chain in chains], np.int64), times=times,
        start=np.array([low + c.start if c.level else -1 for low, c in zip(bounds, chains, strict=False)], np.int64),
        is_open=np.array([chain.is_open for chain in chains], bool),
    )  # fmt: skip
