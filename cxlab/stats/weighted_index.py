"""An index: the weighted mean of several shares of the same people, and how sure it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

__all__ = ["Index", "weighted_index"]

Floats = NDArray[np.float64]


class Index(NamedTuple):
    """An index from 0 to 1 with its interval; missing where a share is."""

    estimate: float
    ci_low: float
    ci_high: float


def weighted_index(found: ArrayLike, tried: ArrayLike, weights: ArrayLike, *, confidence: float = 0.95) -> Index:
    """How high is the weighted mean of several shares, when the same people stand in several of them?

    Args:
        found: how often it was: one row per share, one column per random group of people.
        tried: how often it could have been, alike.
        weights: of the shares, 0 or more; what has no weight may be missing.
        confidence: level of the interval, as a fraction.

    Returns:
        The index. Missing where a share with a weight has nothing tried.

    Assumes:
        People are independent and were put into the groups at random, such as by a hash of their ids.

    Source:
        Kott (2001), Journal of Official Statistics 17:521 (the delete-a-group jackknife). Its coverage was simulated.

    Examples:
        >>> found = weighted_index([[5, 4, 6, 5], [1, 2, 2, 1]], [[10, 10, 10, 10], [10, 10, 10, 10]], [1, 1])
        >>> round(found.estimate, 3), bool(found.ci_low < found.estimate < found.ci_high)
        (0.325, True)
    """
    y, m, w = (np.asarray(one, dtype=float) for one in (found, tried, weights))
    y, m, w = y[w > 0], m[w > 0], w[w > 0]
    groups, total = y.shape[1], m.sum(axis=1)
    if not len(w) or not (total > 0).all():
        return Index(np.nan, np.nan, np.nan)
    estimate = float(w @ (y.sum(axis=1) / total) / w.sum())
    left = total[:, None] - m
    if not (left > 0).all():  # everybody is in one group: nothing is known of how people differ
        return Index(estimate, np.nan, np.nan)
    without = w @ ((y.sum(axis=1)[:, None] - y) / left) / w.sum()
    error = float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum()))
    reach = float(stdtrit(max(groups - 1, 1), (1 + confidence) / 2)) * error
    return Index(estimate, max(estimate - reach, 0.0), min(estimate + reach, 1.0))
