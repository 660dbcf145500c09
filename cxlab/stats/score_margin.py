"""Two shares against a margin: score tests and intervals with the shares fitted under the hypothesis itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

__all__ = ["ScoreTest", "farrington_manning_test", "miettinen_nurminen_interval", "miettinen_nurminen_ratio"]

_STEPS, _FAR = 80, 1e3


class ScoreTest(NamedTuple):
    """A score statistic and its two one-sided p-values."""

    z: float
    p_above: float
    p_below: float


def farrington_manning_test(
    x1: float, n1: float, x0: float, n0: float, *, margin: float = 0.0, ratio: float = 1.0
) -> ScoreTest:
    """Is the first share above (or below) a multiple of the second plus a margin?

    Args:
        x1: how many did it in the first group.
        n1: size of the first group.
        x0: how many did it in the second group.
        n0: size of the second group.
        margin: the hypothesis is first = second + margin; 0 where a ratio is given.
        ratio: the hypothesis is first = ratio x second; 1 where a margin is given.

    Returns:
        z, the p-value of "first is larger than that" and of "first is smaller than that".

    Assumes:
        Independent groups of independent trials.

    Source:
        Farrington and Manning 1990, Stat Med 9:1447, with constrained maximum likelihood found by bisection.
        Equal to rpact 3.3.4; statsmodels 0.15.0 differs for a margin other than 0.

    Examples:
        >>> test = farrington_manning_test(116, 400, 122, 400, margin=-0.10)
        >>> round(test.z, 5), round(test.p_above, 6)
        (2.63499, 0.004207)
    """
    gap, variance = x1 / n1 - ratio * x0 / n0 - margin, _variance(x1, n1, x0, n0, margin, ratio)
    if variance <= 0:
        z = 0.0 if abs(gap) < 1e-12 else float(np.copysign(np.inf, gap))
    else:
        z = float(gap / np.sqrt(variance))
    return ScoreTest(z, float(ndtr(-z)), float(ndtr(z)))


def _variance(x1: float, n1: float, x0: float, n0: float, margin: float, ratio: float) -> float:
    """Variance of first - ratio x second, with both shares at their likeliest values under the hypothesis."""
    share = _likeliest(x1, n1, x0, n0, margin, ratio)
    first = min(max(ratio * share + margin, 0.0), 1.0)
    return first * (1 - first) / n1 + ratio**2 * share * (1 - share) / n0


def _likeliest(x1: float, n1: float, x0: float, n0: float, margin: float, ratio: float) -> float:
    """The second share where the likelihood is largest; its slope falls from left to right."""
    low, high = max(0.0, -margin / ratio), min(1.0, (1 - margin) / ratio)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        first = ratio * middle + margin
        slope = ratio * (_per(x1, first) - _per(n1 - x1, 1 - first)) + _per(x0, middle) - _per(n0 - x0, 1 - middle)
        low, high = (middle, high) if slope > 0 else (low, middle)
    return (low + high) / 2


def _per(number: float, share: float) -> float:
    """A count by its share; nothing counted weighs nothing, whatever the share."""
    return 0.0 if number == 0 else number / max(share, 1e-300)


def miettinen_nurminen_interval(
    x1: float, n1: float, x0: float, n0: float, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Between which values does the difference of two shares lie?

    Args:
        x1: how many did it in the first group.
        n1: size of the first group.
        x0: how many did it in the second group.
        n0: size of the second group.
        confidence: level of the interval, as a fraction.

    Returns:
        Lower and upper limit of first minus second: the margins that the score test does not reject.

    Assumes:
        Independent groups of independent trials.

    Source:
        Miettinen and Nurminen 1985, Stat Med 4:213, with their factor N / (N - 1).

    Examples:
        >>> [round(limit, 4) for limit in miettinen_nurminen_interval(56, 70, 48, 80)]
        [0.0528, 0.3382]
    """
    reach = _reach(n1 + n0, confidence)
    gap = x1 / n1 - x0 / n0

    def z(margin: float) -> float:
        return farrington_manning_test(x1, n1, x0, n0, margin=margin).z

    return _crossing(z, reach, -1.0, gap), _crossing(z, -reach, gap, 1.0)


def miettinen_nurminen_ratio(
    x1: float, n1: float, x0: float, n0: float, *, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Between which values does the ratio of two shares lie?

    Args:
        x1: how many did it in the first group.
        n1: size of the first group.
        x0: how many did it in the second group; nobody leaves the ratio without limit.
        n0: size of the second group.
        confidence: level of the interval, as a fraction.

    Returns:
        Lower and upper limit of first / second; None where nobody did it in the second group.

    Source:
        Miettinen and Nurminen 1985, Stat Med 4:213, ratio of proportions.

    Examples:
        >>> [round(limit, 3) for limit in miettinen_nurminen_ratio(56, 70, 48, 80)]
        [1.079, 1.672]
    """
    if x0 == 0:
        return None
    reach = _reach(n1 + n0, confidence)
    estimate = (x1 / n1) / (x0 / n0)

    def z(logarithm: float) -> float:
        return farrington_manning_test(x1, n1, x0, n0, ratio=float(np.exp(logarithm))).z

    middle = float(np.log(estimate)) if estimate > 0 else -30.0
    low = 0.0 if estimate == 0 else float(np.exp(_crossing(z, reach, middle - 30, middle)))
    return low, float(np.exp(_crossing(z, -reach, middle, middle + 60)))


def _reach(total: float, confidence: float) -> float:
    """The largest z that is not rejected; the variance is widened by N / (N - 1)."""
    return float(ndtri((1 + confidence) / 2) * np.sqrt(total / (total - 1)))


def _crossing(z: Callable[[float], float], level: float, low: float, high: float) -> float:
    """Where a falling statistic passes a level; it has no limit where nothing varies, and is cut there."""
    from scipy.optimize import brentq

    def above(place: float) -> float:
        return min(max(z(place) - level, -_FAR), _FAR)

    if above(low) <= 0:
        return low
    if above(high) >= 0:
        return high
    return float(brentq(above, low, high, xtol=1e-15))
