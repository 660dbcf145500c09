"""Proportions: how sure is a share, and a difference of two shares?"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtr, ndtri

__all__ = ["fisher_exact_test", "newcombe_difference", "pooled_z_test", "wald_difference", "wilson_interval"]

Floats = NDArray[np.float64]


def wilson_interval(successes: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
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


def wald_difference(
    x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """How large is the difference of two shares in large groups?

    Args:
        x1: how many did it in the first group.
        n1: size of the first group.
        x0: how many did it in the second group.
        n0: size of the second group.
        confidence: level of the interval, as a fraction.

    Returns:
        Difference first minus second, lower limit, upper limit.

    Assumes:
        Thousands of units; below that `newcombe_difference` keeps its level.

    Source:
        Equal to the interval of R's prop.test(correct=FALSE).

    Examples:
        >>> [round(float(v), 4) for v in wald_difference(8279, 45489, 8502, 44700)]
        [-0.0082, -0.0133, -0.0031]
    """
    total1, total0 = np.asarray(n1, float), np.asarray(n0, float)
    p1, p0 = np.asarray(x1, float) / total1, np.asarray(x0, float) / total0
    half = ndtri((1 + confidence) / 2) * np.sqrt(p1 * (1 - p1) / total1 + p0 * (1 - p0) / total0)
    effect = np.asarray(p1 - p0)
    return effect, np.asarray(effect - half), np.asarray(effect + half)


def pooled_z_test(x1: float, n1: float, x0: float, n0: float) -> tuple[float, float]:
    """Do two shares differ by more than chance explains?

    Args:
        x1: how many did it in the first group.
        n1: size of the first group.
        x0: how many did it in the second group.
        n0: size of the second group.

    Returns:
        z and the two-sided p-value; z squared is Pearson's chi-square without continuity correction.

    Source:
        Equal to R's prop.test(correct=FALSE).

    Examples:
        >>> z, p = pooled_z_test(8279, 45489, 8502, 44700)
        >>> round(z, 4), round(p, 6)
        (-3.1644, 0.001554)
    """
    share = (x1 + x0) / (n1 + n0)
    if share in (0.0, 1.0):
        return 0.0, 1.0
    z = (x1 / n1 - x0 / n0) / np.sqrt(share * (1 - share) * (1 / n1 + 1 / n0))
    return float(z), float(2 * ndtr(-abs(z)))


def fisher_exact_test(
    x1: int, n1: int, x0: int, n0: int, *, way: Literal["two-sided", "greater", "less"] = "two-sided"
) -> float:
    """Do two shares differ by more than chance explains, where few did it?

    Args:
        x1: how many did it in the first group.
        n1: size of the first group.
        x0: how many did it in the second group.
        n0: size of the second group.
        way: "greater" asks only whether the first share is larger, "less" only whether it is smaller.

    Returns:
        Fisher's p-value: all tables with these margins that are no likelier than this one; one-sided, all with as
        many or more (or fewer) in the first group.

    Source:
        Fisher 1935; equal to R's fisher.test and to scipy.stats.fisher_exact.

    Examples:
        >>> round(fisher_exact_test(3, 10, 9, 11), 5)
        0.02997
    """
    total = x1 + x0
    support = np.arange(max(0, total - n0), min(total, n1) + 1)
    log_p = _log_choose(n1, support) + _log_choose(n0, total - support)
    p = np.exp(log_p - log_p.max())
    sides = {"two-sided": p <= p[support == x1] * (1 + 1e-7), "greater": support >= x1, "less": support <= x1}
    return float(min(p[sides[way]].sum() / p.sum(), 1.0))


def _log_choose(n: int, k: NDArray[np.int_]) -> Floats:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
