"""Proportions: how sure is a share, and a difference of two shares?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

__all__ = ["newcombe_difference", "wilson_interval"]

Floats = NDArray[np.float64]


def wilson_interval(
    successes: ArrayLike, n: ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Between which values does a share lie?

    Args:
        successes: how many of n did it; number or array.
        n: how many could have; where it is 0 the interval is missing.
        confidence: level of the interval, as a fraction.

    Returns:
        Lower and upper limits within [0, 1].

    Assumes:
        Independent trials.

    Source:
        Wilson 1927, JASA 22:209; without continuity correction; equal to R's prop.test(correct=FALSE) and to
        statsmodels' proportion_confint(method="wilson").

    Examples:
        >>> low, high = wilson_interval(3, 12)
        >>> round(float(low), 4), round(float(high), 4)
        (0.0889, 0.5323)
    """
    x, total = np.asarray(successes, float), np.asarray(n, float)
    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (x + z2 / 2) / (total + z2)
        half = np.sqrt(z2 * (x * (total - x) / total + z2 / 4)) / (total + z2)
    low = np.where(x <= 0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(x >= total, 1.0, np.minimum(centre + half, 1.0))
    missing = ~(total > 0)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def newcombe_difference(
    x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """How large is the difference of two shares, and between which values does it lie?

    Args:
        x1: how many did it in the first group.
        n1: size of the first group.
        x0: how many did it in the second group.
        n0: size of the second group.
        confidence: level of the interval, as a fraction.

    Returns:
        Difference first minus second, lower limit, upper limit.

    Assumes:
        Independent groups of independent trials.

    Source:
        Newcombe 1998, Stat Med 17:873, method 10 (hybrid score); equal to statsmodels'
        confint_proportions_2indep(method="newcomb").

    Examples:
        >>> [round(float(v), 4) for v in newcombe_difference(56, 70, 48, 80)]
        [0.2, 0.0524, 0.3339]
    """
    low1, high1 = wilson_interval(x1, n1, confidence=confidence)
    low0, high0 = wilson_interval(x0, n0, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1 = np.asarray(x1, float) / np.asarray(n1, float)
        p0 = np.asarray(x0, float) / np.asarray(n0, float)
    effect = np.asarray(p1 - p0)
    below = np.sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2)
    above = np.sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2)
    return effect, np.asarray(effect - below), np.asarray(effect + above)
