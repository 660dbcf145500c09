"""What does looking early cost: how many more units are planned, and how many are used in the end?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from scipy.special import ndtri

from cxlab.stats.crossings import Crossings

__all__ = ["LookingCost", "looking_cost"]

_MOST_DRIFT = 20.0


class LookingCost(NamedTuple):
    """The price of several looks.

    Args:
        drift: expected z at the planned end, so that an effect is found this often.
        inflation: planned units, as a multiple of those of a test with one look.
        expected: units used on average where the effect is there, as a share of the planned ones.
        expected_null: the same where there is none.
    """

    drift: float
    inflation: float
    expected: float
    expected_null: float


def looking_cost(
    information: Sequence[float], limits: Callable[[float], Sequence[float]], *, power: float, alpha: float = 0.05
) -> LookingCost:
    """How much larger must a test be whose results are looked at several times?

    Args:
        information: share of the planned units at each look, rising to 1.
        limits: the limits at the looks, in standard errors, for an expected z at the end.
        power: wanted chance to cross the better limit at some look.
        alpha: two-sided error of the test with one look that it is compared with.

    Returns:
        Drift, inflation and expected sizes.

    Source:
        Jennison & Turnbull (2000), chapter 2. Checked against their tables 2.2 and 2.4, and by simulation.

    Examples:
        >>> from cxlab.stats.sequential import spending_bounds
        >>> looks = (1 / 3, 2 / 3, 1.0)
        >>> cost = looking_cost(looks, lambda _: spending_bounds(looks, spending="pocock"), power=0.8)
        >>> round(cost.inflation, 2), round(cost.expected, 2)
        (1.17, 0.7)
    """
    times = tuple(information)

    def chances(drift: float, shown: float) -> float:
        return float(_walked(times, tuple(limits(drift))).at(shown)[0].sum())

    drift = _reached(lambda one: chances(one, one), power)
    alone = float(ndtri(1 - alpha / 2) + ndtri(power))
    walked = _walked(times, tuple(limits(drift)))
    return LookingCost(drift, (drift / alone) ** 2, _used(times, walked, drift), _used(times, walked, 0.0))


@lru_cache(maxsize=64)
def _walked(times: tuple[float, ...], limits: tuple[float, ...]) -> Crossings:
    return Crossings(times, limits, [-limit for limit in limits])


def _used(times: tuple[float, ...], walked: Crossings, drift: float) -> float:
    """The share of the planned units that is used on average."""
    up, down = walked.at(drift)
    stops = up + down
    return float(sum(t * p for t, p in zip(times[:-1], stops[:-1], strict=True)) + times[-1] * (1 - stops[:-1].sum()))


def _reached(chance_of: Callable[[float], float], chance: float) -> float:
    low, high = 0.0, _MOST_DRIFT
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if chance_of(middle) >= chance else (middle, high)
    return high
