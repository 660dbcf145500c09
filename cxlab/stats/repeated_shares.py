"""Shares of what people do several times: how sure is such a share, when each person's doings are alike?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxlab.stats.clusters import effective_number
from cxlab.stats.proportions import wilson_interval

__all__ = ["RepeatedShares", "repeated_shares"]

Floats = NDArray[np.float64]


class RepeatedShares(NamedTuple):
    """Shares with their intervals, and how many independent doings each rests on."""

    share: Floats
    ci_low: Floats
    ci_high: Floats
    effective: Floats


def repeated_shares(
    found: ArrayLike, tried: ArrayLike, *, squares: ArrayLike, products: ArrayLike, tried_squares: ArrayLike,
    people: ArrayLike, confidence: float = 0.95,
) -> RepeatedShares:  # fmt: skip
    """Which share of what people did was of this kind?

    Args:
        found: how often it was, over all people: the sum of each person's y.
        tried: how often it could have been: the sum of each person's m.
        squares: sum of y squared over people.
        products: sum of y m over people.
        tried_squares: sum of m squared over people.
        people: how many people tried at all.
        confidence: level of the intervals, as a fraction.

    Returns:
        The shares, with Wilson's interval on as many independent doings as these are worth.

    Assumes:
        People are independent of each other.

    Source:
        The variance of a ratio over clusters (Taylor); Korn & Graubard (1998) for the effective number; Wilson (1927).

    Examples:
        >>> once = repeated_shares(4, 10, squares=4, products=4, tried_squares=10, people=10)
        >>> [round(float(v), 3) for v in once[:3]]
        [0.4, 0.168, 0.687]
        >>> often = repeated_shares(4, 10, squares=16, products=16, tried_squares=52, people=2)
        >>> bool(often.ci_high > once.ci_high)
        True
    """
    y, m, yy, ym, mm, n = (np.asarray(one, float) for one in (found, tried, squares, products, tried_squares, people))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(m > 0, y / m, np.nan)
        clustered = (yy - 2 * share * ym + share**2 * mm) / m**2
    worth = np.vectorize(_worth, otypes=[float])(m, share * (1 - share), clustered, n, confidence)
    low, high = wilson_interval(share * worth, worth, confidence=confidence)
    return RepeatedShares(share, low, high, worth)


def _worth(m: float, variance: float, clustered: float, people: float, confidence: float) -> float:
    return (
        np.nan if not m > 0 else effective_number(m, variance, max(clustered, 0.0), int(people), confidence=confidence)
    )
