"""What looking early costs before a test, and what its estimate is worth after a stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from cxlab.stats.crossings import Crossings
from cxlab.stats.sequential import Spending, spending_bounds

__all__ = ["Cost", "Stopped", "looking_cost", "stagewise"]

_FARTHEST = 12.0
_STEPS = 36


class Stopped(NamedTuple):
    """What a stopped test says, allowing for the looks; effects in standard errors at full information."""

    p_value: float
    estimate: float
    ci_low: float
    ci_high: float


def stagewise(information: Sequence[float], upper: Sequence[float], z: float, *, confidence: float = 0.95) -> Stopped:
    """Which effect is as likely too small as too large for a test that stopped at its last look?

    Args:
        information: share of the planned information at each look that was taken, rising.
        upper: the limits at these looks, in standard errors; the lower ones are their mirror image.
        z: the effect at the last look in its standard errors.
        confidence: level of the interval, as a fraction.

    Returns:
        Two-sided p value, median-unbiased estimate and interval. One standard error at full information is the
        unit: multiply by the last look's standard error times the square root of its share of the information.

    Source:
        Tsiatis, Rosner & Mehta (1984), Biometrics 40:797: an earlier stop is more extreme than a later one.

    Examples:
        >>> found = stagewise([0.25, 0.5], [4.33, 2.96], 3.2)
        >>> round(3.2 / 0.5**0.5, 2), round(found.estimate, 2)
        (4.53, 4.52)
        >>> late = stagewise([0.2, 0.4, 0.6, 0.8], [2.41, 2.41, 2.41, 2.41], 2.5)
        >>> round(late.estimate * 0.8**0.5, 2)
        2.31
    """
    lower = [*(-limit for limit in upper[:-1]), -np.inf]
    crossings = Crossings(information, [*upper[:-1], z], lower)

    def beyond(drift: float) -> float:
        return float(crossings.at(drift)[0].sum())

    tail, centre = (1 - confidence) / 2, z / np.sqrt(information[-1])
    low, middle, high = (_solve(beyond, chance, float(centre)) for chance in (tail, 0.5, 1 - tail))
    chance = beyond(0.0)
    return Stopped(float(min(2 * min(chance, 1 - chance), 1.0)), middle, low, high)


def _solve(chance_of: Callable[[float], float], chance: float, centre: float) -> float:
    """Where a rising function takes a value, by bisection around a centre."""
    low, high = centre - _FARTHEST, centre + _FARTHEST
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if chance_of(middle) < chance else (low, middle)
    return (low + high) / 2


class Cost(NamedTuple):
    """What looking costs: how much larger the test must be at most, and how large it is on average."""

    inflation: float
    expected_share: float
    power: float
    drift: float


def looking_cost(
    information: Sequence[float],
    *,
    alpha: float = 0.025,
    power: float = 0.8,
    spending: Spending = "obrien-fleming",
    bounds: Sequence[float] | None = None,
) -> Cost:
    """How much larger must a test be that is looked at several times, and how much shorter is it on average?

    Args:
        information: share of the planned information at each look, rising; the last is 1.
        alpha: one-sided error in all looks together.
        power: wanted chance of finding the planned effect.
        spending: how the error is spread over the looks.
        bounds: other limits than those of the spending.

    Returns:
        Largest size over that of a test with one look; average share of the largest size that is needed when the
        planned effect is true; the chance of finding it; and its expected z at full size.

    Source:
        Jennison & Turnbull (2000), sections 2.3 and 2.4, tables 2.2 and 2.4.

    Examples:
        >>> cost = looking_cost([0.2, 0.4, 0.6, 0.8, 1.0])
        >>> round(cost.inflation, 2), round(cost.expected_share, 2)
        (1.02, 0.8)
    """
    limits = list(spending_bounds(information, alpha=alpha, spending=spending) if bounds is None else bounds)
    crossings = Crossings(information, limits, [-limit for limit in limits])

    def found(drift: float) -> float:
        return float(crossings.at(drift)[0].sum())

    single = float(ndtri(1 - alpha) + ndtri(power))
    drift = _solve(found, power, single)
    up, down = crossings.at(drift)
    stop = up + down
    stop[-1] += 1 - stop.sum()
    share = float(stop @ np.asarray(information)) / information[-1]
    return Cost((drift / single) ** 2 * information[-1], share, power, drift)
