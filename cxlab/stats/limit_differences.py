"""Two estimates of independent groups, each with its interval: how far are they apart?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

__all__ = ["difference_from_limits"]

Floats = NDArray[np.float64]


def difference_from_limits(
    first: ArrayLike, low1: ArrayLike, high1: ArrayLike, other: ArrayLike, low0: ArrayLike, high0: ArrayLike,
    *, confidence: float = 0.95,
) -> tuple[Floats, Floats, Floats, Floats]:  # fmt: skip
    """How far apart are two estimates, first minus other?

    Args:
        first: estimate of the first group.
        low1: its lower limit.
        high1: its upper limit.
        other: estimate of the other group.
        low0: its lower limit.
        high0: its upper limit.
        confidence: level of all intervals, as a fraction.

    Returns:
        Difference, lower and upper limit, and the two-sided p-value of the side that lies towards no difference.

    Assumes:
        The groups are independent.

    Source:
        Zou and Donner (2008), Statistics in Medicine 27:1693 (recovery of variances from limits).

    Examples:
        >>> [round(float(v), 4) for v in difference_from_limits(0.8, 0.6911, 0.8777, 0.6, 0.4904, 0.7004)[:3]]
        [0.2, 0.0519, 0.3343]
    """
    e1, l1, h1, e0, l0, h0 = (np.asarray(v, float) for v in (first, low1, high1, other, low0, high0))
    found = np.asarray(e1 - e0)
    below = np.asarray(np.sqrt((e1 - l1) ** 2 + (h0 - e0) ** 2))
    above = np.asarray(np.sqrt((h1 - e1) ** 2 + (e0 - l0) ** 2))
    towards = np.where(found > 0, below, above)
    z = float(ndtri((1 + confidence) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(towards > 0, 2 * ndtr(-z * np.abs(found) / towards), np.where(found == 0, 1.0, np.nan))
    return found, np.asarray(found - below), np.asarray(found + above), np.asarray(p)
