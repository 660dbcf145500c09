"""Two estimates of the same thing: do they differ by more than their intervals allow?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

__all__ = ["Changes", "changes_between"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Changes:
    """After minus before, with interval and p-value, one entry per pair of estimates."""

    difference: Floats
    low: Floats
    high: Floats
    p_value: Floats


def changes_between(
    before: ArrayLike, after: ArrayLike, *, levels: tuple[float, float] = (0.95, 0.95), confidence: float = 0.95
) -> Changes:
    """How much has each estimate changed, and how much of that may be chance?

    Args:
        before: one row per estimate: value, low and high end of its interval.
        after: the same of the later run.
        levels: confidence of the intervals before and after.
        confidence: level of the interval of the difference.

    Returns:
        Difference, interval and p-value (two-sided); missing where a number is missing.

    Assumes:
        The two runs rest on independent samples. Shared customers make the two estimates move together: then the
        interval is too wide and a change is found too seldom (the test is conservative). Intervals that were too
        narrow themselves stay too narrow.

    Source:
        Zou and Donner 2008, Stat Med 27:1693 (the distances of two intervals combined; with Wilson's intervals of two
        shares this is Newcombe 1998, Stat Med 17:873, method 10).

    Examples:
        >>> found = changes_between([[0.10, 0.08, 0.12]], [[0.16, 0.13, 0.19]])
        >>> [round(float(v[0]), 3) for v in (found.difference, found.low, found.high, found.p_value)]
        [0.06, 0.024, 0.096, 0.001]
    """
    first, second = np.atleast_2d(np.asarray(before, float)), np.atleast_2d(np.asarray(after, float))
    missing = np.isnan(first).any(axis=1) | np.isnan(second).any(axis=1)
    first, second = (np.where(missing[:, None], np.nan, rows) for rows in (first, second))
    down_first, up_first = _distances(first, levels[0])
    down_second, up_second = _distances(second, levels[1])
    difference = second[:, 0] - first[:, 0]
    down, up = np.hypot(down_second, up_first), np.hypot(up_second, down_first)
    z = ndtri((1 + confidence) / 2)
    towards_zero = np.where(difference > 0, down, up)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(difference == 0, 0.0, np.abs(difference) / towards_zero)
    return Changes(difference, difference - z * down, difference + z * up, 2 * ndtr(-score))


def _distances(rows: Floats, level: float) -> tuple[Floats, Floats]:
    """From the value to the two ends of its interval, in standard errors' worth."""
    z = ndtri((1 + level) / 2)
    return (rows[:, 0] - rows[:, 1]) / z, (rows[:, 2] - rows[:, 0]) / z
