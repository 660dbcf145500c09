"""Several questions at once: p-values corrected for how many were asked."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["benjamini_hochberg", "holm"]

Floats = NDArray[np.float64]


def _known(p: ArrayLike) -> tuple[Floats, NDArray[np.intp]]:
    """The values, and the places of those that are not missing, smallest first."""
    values = np.asarray(p, float)
    order = np.argsort(values, kind="stable")
    return values, order[~np.isnan(values[order])]


def holm(p: ArrayLike) -> Floats:
    """Which findings stand when the chance of any false one is to stay at the level?

    Args:
        p: p-values; missing ones stay missing and do not count.

    Returns:
        Adjusted p-values in the same order.

    Source:
        Holm 1979, Scand J Stat 6:65; equal to R's p.adjust(method="holm").

    Examples:
        >>> [round(float(v), 3) for v in holm([0.01, 0.04, 0.03])]
        [0.03, 0.06, 0.06]
    """
    values, order = _known(p)
    adjusted = np.full(values.shape, np.nan)
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * values[order]), 1.0)
    return adjusted


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Which findings stand when the share of false ones among them is to stay at the level?

    Args:
        p: p-values; missing ones stay missing and do not count.

    Returns:
        Adjusted p-values in the same order.

    Source:
        Benjamini and Hochberg 1995, JRSS B 57:289; equal to R's p.adjust(method="BH").

    Examples:
        >>> [round(float(v), 3) for v in benjamini_hochberg([0.01, 0.04, 0.03])]
        [0.03, 0.04, 0.04]
    """
    values, order = _known(p)
    adjusted = np.full(values.shape, np.nan)
    factors = len(order) / np.arange(len(order), 0, -1)
    adjusted[order[::-1]] = np.minimum(np.minimum.accumulate(factors * values[order[::-1]]), 1.0)
    return adjusted
