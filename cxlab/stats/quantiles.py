"""Quantiles: how long do the slowest tenth take, and how sure is that, where rows may repeat within units?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, bdtrik, ndtri

from cxlab.stats.means import Arm

__all__ = ["Reach", "order_statistic_interval", "order_statistic_ranks", "quantile_arm", "reach", "share_error"]

Floats = NDArray[np.float64]


class Reach(NamedTuple):
    """The two shares between which the quantile's own share lies, and whether both are shares at all."""

    low: float
    high: float
    inside: bool


def share_error(q: float, rows: int, at_most: int, *, units: int | None = None, squares: float | None = None) -> float:
    """How sure is it which share of rows lies at or below the quantile?

    Args:
        q: The quantile's share, between 0 and 1.
        rows: Number of rows.
        at_most: Rows at or below the quantile.
        units: Number of independent units; None where each row is one.
        squares: Sum over units of the square of (rows at or below - q rows); None where each row is a unit.

    Returns:
        The standard error of the share, over units.

    Source:
        Deng, Knoblich & Lu (2018), KDD, section 4 (linearisation over units).

    Examples:
        >>> round(share_error(0.5, 100, 50), 5)
        0.05025
    """
    if units is None or squares is None:
        units, squares = rows, at_most * (1 - q) ** 2 + (rows - at_most) * q**2
    return float(np.sqrt(squares * units / max(units - 1, 1)) / rows)


def reach(q: float, error: float, confidence: float = 0.95) -> Reach:
    """At which shares is the distribution read to see how sure its quantile is?

    Args:
        q: The quantile's share.
        error: Standard error of the share.
        confidence: Level of the interval, as a fraction.

    Returns:
        The share minus and plus the error times the normal quantile, kept within 0 and 1.

    Source:
        Woodruff (1952), JASA 47:635.

    Examples:
        >>> [round(float(v), 3) for v in reach(0.9, 0.01)]
        [0.88, 0.92, 1.0]
    """
    half = float(ndtri((1 + confidence) / 2)) * error
    return Reach(max(q - half, 0.0), min(q + half, 1.0), half <= min(q, 1 - q))


def quantile_arm(
    values: ArrayLike, q: float, *, unit: ArrayLike | None = None, confidence: float = 0.95
) -> tuple[Arm, float, float]:
    """How large is a quantile, and how sure is it?

    Args:
        values: One number per row.
        q: The quantile's share, between 0 and 1.
        unit: The unit of each row; None where each row is one.
        confidence: Level at which the distribution is read.

    Returns:
        The arm (type-7 quantile; n counts units), and Woodruff's limits. The variance is that of limits 2 z standard
        errors apart. The same sums are taken inside the database for large tables.

    Source:
        Woodruff (1952), JASA 47:635; Hyndman & Fan (1996), type 7; linearised over units as in Deng, Knoblich & Lu
        (2018).

    Examples:
        >>> arm, low, high = quantile_arm(range(1, 101), 0.5)
        >>> arm.estimate, round(low, 2), round(high, 2)
        (50.5, 40.75, 60.25)
    """
    y = np.asarray(values, dtype=float)
    found = float(np.quantile(y, q))
    below = y <= found
    if unit is None:
        units, error = len(y), share_error(q, len(y), int(below.sum()))
    else:
        place = np.unique(np.asarray(unit), return_inverse=True)[1]
        sums = np.bincount(place, weights=below - q)
        units, error = len(sums), share_error(q, len(y), int(below.sum()), units=len(sums), squares=float(sums @ sums))
    ends = reach(q, error, confidence)
    low, high = (float(v) for v in np.quantile(y, [ends.low, ends.high]))
    se = (high - low) / (2 * float(ndtri((1 + confidence) / 2)))
    return Arm(units, found, se**2, units - 1), low, high


def order_statistic_ranks(n: int, q: float, confidence: float = 0.95) -> tuple[int, int]:
    """Which of n sorted values are the limits of a quantile, whatever the distribution?

    Args:
        n: Number of independent values.
        q: The quantile's share, between 0 and 1.
        confidence: Level of the interval, as a fraction.

    Returns:
        The two ranks, counted from 1; 0 or n + 1 where no value is a limit.

    Source:
        David & Nagaraja (2003), Order Statistics, section 7.1. Checked against R 4.2.2 qbinom.

    Examples:
        >>> order_statistic_ranks(200, 0.9)
        (171, 189)
    """
    tail = (1 - confidence) / 2
    return _binomial_quantile(tail, n, q), _binomial_quantile(1 - tail, n, q) + 1


def _binomial_quantile(p: float, n: int, q: float) -> int:
    """The smallest count whose cumulative probability reaches p."""
    above = int(np.ceil(bdtrik(p, n, q)))
    below = max(above - 1, 0)
    return below if bdtr(below, n, q) >= p else above


def order_statistic_interval(values: ArrayLike, q: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Between which values does a quantile lie, without any approximation?

    Args:
        values: Independent values.
        q: The quantile's share, between 0 and 1.
        confidence: Level of the interval, as a fraction.

    Returns:
        Two of the values; minus or plus infinity where too few lie on that side.

    Source:
        David & Nagaraja (2003), Order Statistics, section 7.1.

    Examples:
        >>> order_statistic_interval(range(1, 101), 0.5)
        (40.0, 61.0)
    """
    y = np.concatenate([[-np.inf], np.sort(np.asarray(values, dtype=float)), [np.inf]])
    low, high = order_statistic_ranks(len(y) - 2, q, confidence)
    return float(y[low]), float(y[high])
