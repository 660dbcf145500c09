"""Walks from place to place until they end: how often is the goal reached, and how often without one of the places?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from cxlab.errors import DataError

__all__ = ["Limits", "Removal", "grouped_removal", "log_likelihoods", "removal_effects"]

Floats = NDArray[np.float64]


class Removal(NamedTuple):
    """The share that reaches the goal, the part of it that each place's removal would lose, and credits (sum 1)."""

    reached: float
    effect: Floats
    credit: Floats


def removal_effects(moves: ArrayLike) -> Removal:
    """How much would be lost if a place led nowhere any more?

    Args:
        moves: counted moves; rows are the start and then each place, columns each place, then the goal, then the end.

    Returns:
        The share of walks that reach the goal; for each place the part of it that is lost when whoever comes there
        ends; and the effects as shares of their sum (0 where the goal is never reached).

    Raises:
        DataError: there is no move from the start, or the table does not have one row more than places.

    Assumes:
        Where a walk goes next depends on where it is, not on how it got there. Walks at places from which none was
        seen to leave do not reach the goal.

    Source:
        Kemeny & Snell (1960), Finite Markov Chains, for the fundamental matrix; Anderl et al. (2016), IJRM 33:457, for
        the removal effect. Checked on the textbook case of three channels.

    Examples:
        >>> moves = [[2, 1, 0, 0, 0], [0, 1, 0, 0, 1], [0, 0, 2, 0, 0], [0, 0, 0, 1, 1]]
        >>> found = removal_effects(moves)
        >>> round(found.reached, 3), found.effect.round(3).tolist(), found.credit.round(3).tolist()
        (0.333, [0.5, 1.0, 1.0], [0.2, 0.4, 0.4])
    """
    counted = np.asarray(moves, dtype=float)
    places = counted.shape[0] - 1
    if counted.shape[1] != places + 2:
        raise DataError(f"The moves have {counted.shape[1]} columns; expected {places + 2}: places, goal and end.")
    if not counted[0].sum() > 0:
        raise DataError("No walk leaves the start; expected at least one.")
    chance = counted / np.maximum(counted.sum(axis=1, keepdims=True), 1e-300)
    left = _left(chance)
    inner = np.linalg.inv(np.eye(len(left)) - chance[1:, :places][np.ix_(left, left)])
    onward, through = np.zeros(places), np.zeros(places)
    onward[left] = inner @ chance[1 + left, places]  # chance of the goal from each place
    through[left] = (chance[0, left] @ inner) / np.diag(inner) * onward[left]
    reached = float(chance[0, places] + chance[0, :places] @ onward)
    effect = np.clip(through / reached, 0.0, 1.0) if reached > 0 else np.zeros(places)
    return Removal(reached, effect, effect / effect.sum() if effect.sum() > 0 else effect)


def _left(chance: Floats) -> NDArray[np.intp]:
    """The places from which a walk can come to the goal or to an end; from the others nothing is known to lead out."""
    places = chance.shape[0] - 1
    out = chance[1:, places:].sum(axis=1) > 0
    for _ in range(places):
        out |= (chance[1:, :places][:, out] > 0).any(axis=1)
    return np.flatnonzero(out)


class Limits(NamedTuple):
    """Ends of the intervals: of the share that reaches the goal, of each effect and of each credit."""

    reached: tuple[float, float]
    effect: tuple[Floats, Floats]
    credit: tuple[Floats, Floats]


def grouped_removal(moves: ArrayLike, *, confidence: float = 0.95) -> tuple[Removal, Limits]:
    """How sure are removal effects, when walks of the same person belong together?

    Args:
        moves: one table of moves per random group of persons, stacked.
        confidence: level of the intervals, as a fraction.

    Returns:
        What all groups together tell, and its intervals.

    Assumes:
        Persons are independent and were put into the groups at random, such as by a hash of their ids.

    Source:
        Kott (2001), Journal of Official Statistics 17:521 (the delete-a-group jackknife). Its coverage was simulated.

    Examples:
        >>> moves = [[[9, 9, 1], [0, 3, 6]], [[9, 9, 1], [0, 4, 5]], [[9, 9, 1], [0, 3, 6]]]
        >>> found, limits = grouped_removal(moves)
        >>> bool(limits.reached[0] <= found.reached <= limits.reached[1])
        True
    """
    groups = np.asarray(moves, dtype=float)
    total, count = groups.sum(axis=0), len(groups)
    whole = _row(removal_effects(total))
    without = np.array([_row(removal_effects(total - one)) for one in groups if (total - one)[0].sum() > 0])
    error = np.sqrt((count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    reach = float(stdtrit(max(count - 1, 1), (1 + confidence) / 2)) * error
    low, high, places = np.clip(whole - reach, 0.0, 1.0), np.clip(whole + reach, 0.0, 1.0), groups.shape[1] - 1
    ends = [(low[part], high[part]) for part in (slice(1, places + 1), slice(places + 1, None))]
    return removal_effects(total), Limits((float(low[0]), float(high[0])), ends[0], ends[1])


def _row(found: Removal) -> Floats:
    return np.concatenate([[found.reached], found.effect, found.credit])


def log_likelihoods(seen: ArrayLike, new: ArrayLike, *, trust: float = 20.0) -> tuple[float, float]:
    """Does it help to know where somebody was before, when the next place is foretold?

    Args:
        seen: counted triples (before, here, next) that are learnt from.
        new: triples that are foretold.
        trust: how many imagined moves, divided as by the place alone, are added to what is known of the place and the
            one before it.

    Returns:
        Average log-likelihood of a new move, by the place alone and by the place and the one before.

    Examples:
        >>> import numpy as np
        >>> turns = np.zeros((2, 2, 2)); turns[0, 0, 1] = turns[1, 0, 0] = turns[0, 1, 0] = turns[1, 1, 1] = 50
        >>> alone, both = log_likelihoods(turns, turns)
        >>> both > alone
        True
    """
    known, told = np.asarray(seen, dtype=float), np.asarray(new, dtype=float)
    here = known.sum(axis=0) + 0.5
    alone = here / here.sum(axis=1, keepdims=True)
    both = (known + trust * alone) / (known.sum(axis=2, keepdims=True) + trust)
    total = max(told.sum(), 1.0)
    return float((told.sum(axis=0) * np.log(alone)).sum() / total), float((told * np.log(both)).sum() / total)
