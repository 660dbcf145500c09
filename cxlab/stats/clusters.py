"""Repeated answers of the same customers: how many independent answers are they worth?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtrit

from cxlab.stats.proportions import wilson_interval

__all__ = ["Products", "cluster_covariance", "effective_number", "share_difference"]

Floats = NDArray[np.float64]


class Products(NamedTuple):
    """Sums over customers of products of two groups' totals: s is a customer's sum of values, m how many.

    `customers` answered in both; `beyond` of them answered more often in the second group.
    """

    ss: float
    sm: float
    ms: float
    mm: float
    customers: int
    beyond: int = 0


def cluster_covariance(products: Products, mean1: float, mean0: float, n1: float, n0: float) -> float:
    """How much do two means move together because the same customers answered in both?

    Args:
        products: sums over the customers of both groups; of one group with itself for a variance.
        mean1: mean of the first group.
        mean0: mean of the second group.
        n1: answers in the first group.
        n0: answers in the second group.

    Returns:
        The linearised covariance of the two means.

    Source:
        Taylor linearisation of a ratio mean over clusters; as in R's survey::svymean without finite correction,
        before the factor customers / (customers - 1).

    Examples:
        >>> cluster_covariance(Products(4.0, 4.0, 4.0, 8.0, 2), 0.5, 0.5, 4, 4)
        0.125
    """
    total = products.ss - mean1 * products.ms - mean0 * products.sm + mean1 * mean0 * products.mm
    return total / (n1 * n0)


def effective_number(n: float, variance: float, clustered: float, customers: int, *, confidence: float = 0.95) -> float:
    """How many independent answers are these answers of repeated customers worth?

    Args:
        n: number of answers.
        variance: variance of one answer.
        clustered: variance of the mean over customers, from `cluster_covariance`.
        customers: how many customers gave them.
        confidence: level of the intervals that will use the number, for few customers.

    Returns:
        n where nobody answered twice; else n over the design effect, never more than n and reduced for few
        customers; the number of customers where all answers agree.

    Source:
        Korn and Graubard 1998, Survey Methodology 24:193 (effective sample size with degrees of freedom).

    Examples:
        >>> effective_number(40, 0.5, 0.5 / 40, 40)
        40.0
        >>> round(effective_number(40, 0.5, 0.5 / 20, 20), 1)
        16.7
    """
    if customers >= n:
        return float(n)
    if customers < 2:
        return 1.0
    if variance <= 0:
        return float(customers)
    quantile = (1 + confidence) / 2
    fewness = float(ndtri(quantile) / stdtrit(customers - 1, quantile)) ** 2
    effect = clustered * customers / (customers - 1) / (variance / n)
    return n * fewness / max(effect, 1.0)


def share_difference(
    x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, *, covariance: ArrayLike = 0.0, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """How far apart are two shares, first minus second, where some customers may have answered in both?

    Args:
        x1: favourable answers of the first group; may be effective numbers.
        n1: answers of the first group.
        x0: favourable answers of the second group.
        n0: answers of the second group.
        covariance: of the two shares, from `cluster_covariance`.
        confidence: level of the interval, as a fraction.

    Returns:
        Difference, lower limit, upper limit and two-sided p-value.

    Source:
        Newcombe 1998, method 10; with a covariance Zou 2007, Psychological Methods 12:399 (the same recovery of
        variances from limits with a correlation). The p-value is of the pooled test.

    Examples:
        >>> [round(float(v), 4) for v in share_difference(56, 70, 48, 80)]
        [0.2, 0.0524, 0.3339, 0.008]
    """
    x1, n1, x0, n0 = (np.asarray(v, float) for v in (x1, n1, x0, n0))
    (low1, high1), (low0, high0) = (wilson_interval(x, n, confidence=confidence) for x, n in ((x1, n1), (x0, n0)))
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p0, pooled = x1 / n1, x0 / n0, (x1 + x0) / (n1 + n0)
        own = np.sqrt(p1 * (1 - p1) / n1 * p0 * (1 - p0) / n0)
        rho = np.clip(np.where(own > 0, np.asarray(covariance, float) / own, 0.0), -1, 1)
        se = np.sqrt(np.maximum(pooled * (1 - pooled) * (1 / n1 + 1 / n0) - 2 * np.asarray(covariance, float), 0))
        p = np.where(se > 0, 2 * ndtr(-np.abs(p1 - p0) / se), 1.0)
    below = _joined(p1 - low1, high0 - p0, rho)
    above = _joined(high1 - p1, p0 - low0, rho)
    return np.asarray(p1 - p0), np.asarray(p1 - p0 - below), np.asarray(p1 - p0 + above), p


def _joined(first: Floats, second: Floats, rho: Floats) -> Floats:
    return np.sqrt(np.maximum(first**2 + second**2 - 2 * rho * first * second, 0))
