"""Does somebody of one group answer higher than somebody of the other? Brunner and Munzel, from counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from cxlab.stats.means import Arm, t_difference, welch_df

__all__ = ["Superiority", "brunner_munzel", "mann_whitney"]

Floats = NDArray[np.float64]


class Superiority(NamedTuple):
    """The chance that one of the treatment answers higher than one of the control, ties counted half."""

    probability: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    p_value: float


def _placements(treatment: Floats, control: Floats) -> tuple[Floats, Floats]:
    """For each answer: how much of the other group lies below it, ties counted half."""
    beneath = np.cumsum(control) - control / 2
    return beneath, np.cumsum(treatment) - treatment / 2


def brunner_munzel(treatment: ArrayLike, control: ArrayLike, *, confidence: float = 0.95) -> Superiority:
    """How likely does one of the treatment answer higher than one of the control?

    Args:
        treatment: How many of the treatment gave each answer, lowest answer first; two or more in all.
        control: The same of the control.
        confidence: Level of the interval, as a fraction.

    Returns:
        P(T > C) + P(T = C)/2 with interval (kept within 0 and 1) and the two-sided p value of its being one half.
        The standard error is 0 where the groups do not overlap: then neither means anything.

    Assumes:
        Independent answers; the two groups may spread differently.

    Source:
        Brunner & Munzel (2000), Biometrical Journal 42:17. Checked against the R package lawstat and SciPy.

    Examples:
        >>> found = brunner_munzel([8, 20, 52, 88, 62], [12, 25, 60, 80, 43])
        >>> round(found.probability, 6), round(found.p_value, 4)
        (0.560968, 0.019)
    """
    x1, x0 = np.asarray(treatment, float), np.asarray(control, float)
    n1, n0 = float(x1.sum()), float(x0.sum())
    place1, place0 = _placements(x1, x0)
    theta = float(x1 @ place1) / (n1 * n0)
    # A midrank over all minus one within the own group is the placement: the rest of the formula is a variance.
    one, zero = _spread(x1, place1) / (n1 * n0**2), _spread(x0, place0) / (n0 * n1**2)
    df = welch_df(Arm(int(n1), 0.0, one, n1 - 1), Arm(int(n0), 0.0, zero, n0 - 1))
    found = t_difference(theta - 0.5, float(np.sqrt(one + zero)), df, confidence=confidence)
    low, high = max(0.5 + found.ci_low, 0.0), min(0.5 + found.ci_high, 1.0)
    return Superiority(theta, found.se, df, low, high, found.p_value)


def _spread(counts: Floats, place: Floats) -> float:
    n = float(counts.sum())
    return float(counts @ (place - float(counts @ place) / n) ** 2) / (n - 1)


def mann_whitney(treatment: ArrayLike, control: ArrayLike) -> tuple[float, float]:
    """Are the two groups' answers spread alike?

    Args:
        treatment: How many of the treatment gave each answer, lowest answer first.
        control: The same of the control.

    Returns:
        U (pairs with the treatment higher, ties counted half) and its two-sided p value, without continuity
        correction. It tests whether the distributions are the same; for an interval take `brunner_munzel`.

    Source:
        Mann & Whitney (1947); equal to R's wilcox.test(correct=FALSE, exact=FALSE).

    Examples:
        >>> u, p = mann_whitney([8, 20, 52, 88, 62], [12, 25, 60, 80, 43])
        >>> u, round(p, 6)
        (28385.0, 0.019601)
    """
    x1, x0 = np.asarray(treatment, float), np.asarray(control, float)
    n1, n0, ties = float(x1.sum()), float(x0.sum()), x1 + x0
    n = n1 + n0
    u = float(x1 @ _placements(x1, x0)[0])
    variance = n1 * n0 / 12 * (n + 1 - float((ties**3 - ties).sum()) / (n * (n - 1)))
    if variance <= 0:
        return u, 1.0
    return u, float(2 * ndtr(-abs(u - n1 * n0 / 2) / np.sqrt(variance)))
