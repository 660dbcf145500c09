"""Chains of many units from packed arrays of events."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import DataError
from cxlab.journeys.any_order import any_order_chain
from cxlab.journeys.attempts import attempts_of
from cxlab.journeys.chains import chain_from_layers
from cxlab.journeys.ordered import ordered_chain
from cxlab.journeys.rules import Chain, Rules
from cxlab.journeys.search import searched_chain

_Row = tuple[int, int, int, Chain]  # place of the unit, its first row, when the attempt opened, the chain

__all__ = ["Chains", "chain_of", "chains_of", "only_finished"]


class Chains(NamedTuple):
    """One row per unit, in the order of the units; per attempt where these are counted.

    Attributes:
        unit: place of the unit among those given.
        level: required steps reached.
        times: one column per required step; meaningless from column `level` on.
        optional: one column per optional step; missing (-1) where it is not in the chain.
        opened: time at which the attempt began; 0 where units are counted.
        start: row of the chain's first event among the rows given, -1 without a chain.
        is_open: may still go on after the end of the data.
    """

    unit: NDArray[np.int64]
    level: NDArray[np.int64]
    times: NDArray[np.int64]
    optional: NDArray[np.int64]
    opened: NDArray[np.int64]
    start: NDArray[np.int64]
    is_open: NDArray[np.bool_]


def _crowded(times: Sequence[int], masks: Sequence[int], rules: Rules) -> bool:
    """Does an event that serves two steps share its instant with another that serves one?"""
    if rules.ties != "step_order" or rules.reuse:
        return False
    bits = [(time, mask & rules.required_bits) for time, mask in zip(times, masks, strict=True)]
    serving = [(time, mask) for time, mask in bits if mask]
    return any(
        later - earlier <= rules.tolerance and (one & (one - 1) or other & (other - 1))
        for (earlier, one), (later, other) in pairwise(serving)
    )


def _method(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Callable[..., Chain]:
    if rules.order == "any":
        return any_order_chain
    if not _crowded(times, masks, rules):
        return chain_from_layers
    return ordered_chain if rules.plain and rules.order == "ordered" else searched_chain


def chain_of(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Chain:
    """Which chain of steps do the events of one unit hold?

    Args:
        times: times of the events, rising; of one instant in the order of their rows.
        masks: steps that each event serves, bit k for step k + 1.
        rules: what counts as a chain.

    Examples:
        >>> chain_of([0, 3, 4, 9], [1, 2, 1, 4], Rules(steps=3, window=10))
        Chain(level=3, times=(0, 3, 9), start=0, is_open=False, optional=())
    """
    return _method(times, masks, rules)(times, masks, rules)


def only_finished(rules: Rules) -> Rules:
    """The same rules for starts whose window is over at the end of the data."""
    if rules.window is None or rules.data_end is None:
        return rules
    limit = rules.data_end - rules.window + 1
    return replace(rules, entry_to=limit if rules.entry_to is None else min(limit, rules.entry_to))


def chains_of(
    unit: NDArray[np.int64], time: NDArray[np.int64], mask: NDArray[np.int64], rules: Rules, *, attempts: bool = False
) -> tuple[Chains, Chains]:
    """Which chain of steps does every unit have, or each of its attempts?

    Args:
        unit: a number per event, sorted.
        time: microseconds, rising within a unit; of one instant in the order of their rows.
        mask: steps that the event serves, and what it bars.
        rules: what counts as a chain.
        attempts: count attempts one after the other?

    Returns:
        Over all starts, and over those whose window is over. One row per distinct unit in the order given; with
        `attempts` one per attempt, and in the second as many rows as there are attempts begun early enough.
    """
    bounds = [0, *(np.flatnonzero(np.diff(unit)) + 1).tolist(), len(unit)] if len(unit) else [0]
    each, finished = _attempted if attempts else _single, only_finished(rules)
    times, masks = time.tolist(), mask.tolist()
    whole, settled = list[_Row](), list[_Row]()
    for place, (low, high) in enumerate(pairwise(bounds)):
        events = (times[low:high], masks[low:high])
        found = each(*events, rules)
        late = rules.unfinished(events[0][-1]) and any(chain.level for _, chain in found)
        whole += [(place, low, *row) for row in found]
        settled += [(place, low, *row) for row in (each(*events, finished) if late else found)]
    return _packed(whole, rules), _packed(settled, rules)


def _single(times: Sequence[int], masks: Sequence[int], rules: Rules) -> list[tuple[int, Chain]]:
    return [(0, chain_of(times, masks, rules))]


def _attempted(times: Sequence[int], masks: Sequence[int], rules: Rules) -> list[tuple[int, Chain]]:
    if _crowded(times, masks, rules):
        raise DataError(
            "An event serves two steps at an instant at which more happened, so attempts cannot be told apart. Let "
            "each event serve one step, or count people."
        )
    return [(attempt.opened, attempt.chain) for attempt in attempts_of(times, masks, rules)]


def _packed(rows: list[_Row], rules: Rules) -> Chains:
    """The chains of all units as arrays."""
    times = np.zeros((len(rows), rules.steps), np.int64)
    optional = np.full((len(rows), len(rules.optional)), -1, np.int64)
    for row, (*_, chain) in enumerate(rows):
        times[row, : chain.level] = chain.times
        for step, moment in enumerate(chain.optional):
            optional[row, step] = -1 if moment is None else moment
    return Chains(
        unit=np.array([place for place, *_ in rows], np.int64),
        level=np.array([chain.level for *_, chain in rows], np.int64), times=times, optional=optional,
        opened=np.array([opened for _, _, opened, _ in rows], np.int64),
        start=np.array([low + c.start if c.level else -1 for _, low, _, c in rows], np.int64),
        is_open=np.array([chain.is_open for *_, chain in rows], bool),
    )  # fmt: skip
