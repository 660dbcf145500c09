"""Answers on a scale: how sure is a net promoter score, a mean answer, and a difference of two?

Net promoter scores are on -1..1 here, promoters' share minus detractors' share. Counts may be fractions, so that
answers of repeated customers can be counted at their effective number.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from cxlab.errors import choose

__all__ = ["NPS_METHODS", "mean_difference", "mean_interval", "nps_difference", "nps_interval", "nps_variance"]

Floats = NDArray[np.float64]
Method = Literal["auto", "adjusted", "score", "wald"]
NPS_METHODS = ("auto", "adjusted", "score", "wald")
_PSEUDO = np.array([0.75, 1.5, 0.75])
_FEW = 10
_HALVINGS = 60


def nps_variance(counts: ArrayLike) -> Floats:
    """How much does one answer vary, counted as -1, 0 or 1?

    Args:
        counts: detractors, passives, promoters along the last axis.

    Returns:
        The variance with the number of answers as divisor; missing where there are none.

    Examples:
        >>> nps_variance([[1, 2, 3], [1, 0, 1]]).round(4).tolist()
        [0.5556, 1.0]
    """
    share = _shares(np.asarray(counts, float))
    return np.asarray(share[..., 0] + share[..., 2] - (share[..., 2] - share[..., 0]) ** 2)


def _shares(counts: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def nps_interval(
    counts: ArrayLike, *, confidence: float = 0.95, method: Method = "auto"
) -> tuple[Floats, Floats, Floats]:
    """How high is a net promoter score, and between which values does it lie?

    Args:
        counts: detractors, passives, promoters along the last axis.
        confidence: level of the interval, as a fraction.
        method: "adjusted" Wald adds 3/4, 3/2 and 3/4 answers; "score" inverts the score test; "wald" is for
            comparison only; "auto" is the score for at most 10 answers and where the adjusted one would leave the
            scale or all answers agree, else the adjusted one.

    Returns:
        Score, lower and upper limit, on -1..1; missing where there are no answers.

    Raises:
        ParameterError: the method is unknown.

    Assumes:
        Independent answers.

    Source:
        Rocks 2016, The American Statistician 70:365; checked against the public R package NPS 2.0.999.

    Examples:
        >>> [round(float(v), 4) for v in nps_interval([10, 15, 25])]
        [0.3, 0.073, 0.493]
        >>> [round(float(v), 4) for v in nps_interval([2, 3, 5])]
        [0.3, -0.2166, 0.6753]
    """
    choose("method", method, NPS_METHODS)
    x = np.asarray(counts, float)
    share = _shares(x)
    value = np.asarray(share[..., 2] - share[..., 0])
    if method == "score":
        low, high = _score_limits(x, confidence)
    else:
        low, high = _wald_limits(x if method == "wald" else x + _PSEUDO, confidence)
    if method == "auto":
        total = x.sum(axis=-1)
        use = (total <= _FEW) | (low < -1) | (high > 1) | (x.max(axis=-1) == total)
        scored = _score_limits(x, confidence)
        low, high = np.where(use, scored[0], low), np.where(use, scored[1], high)
    empty = np.isnan(value)
    return value, np.where(empty, np.nan, np.clip(low, -1, 1)), np.where(empty, np.nan, np.clip(high, -1, 1))


def _wald_limits(counts: Floats, confidence: float) -> tuple[Floats, Floats]:
    share, total = _shares(counts), counts.sum(axis=-1)
    centre = share[..., 2] - share[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        half = ndtri((1 + confidence) / 2) * np.sqrt(nps_variance(counts) / total)
    return np.asarray(centre - half), np.asarray(centre + half)


def _score_limits(counts: Floats, confidence: float) -> tuple[Floats, Floats]:
    """The two values that the score test just does not refuse, by bisection."""
    z = float(ndtri((1 + confidence) / 2))
    share = _shares(counts)
    value = np.asarray(share[..., 2] - share[..., 0])
    low = _bisect(counts, -np.ones_like(value), value, z)
    high = _bisect(counts, value, np.ones_like(value), -z)
    return np.where(share[..., 0] == 1, -1.0, low), np.where(share[..., 2] == 1, 1.0, high)


def _bisect(counts: Floats, left: Floats, right: Floats, target: float) -> Floats:
    """Where the falling score statistic meets the target."""
    for _ in range(_HALVINGS):
        middle = (left + right) / 2
        above = _score_statistic(counts, middle) > target
        left, right = np.where(above, middle, left), np.where(above, right, middle)
    return np.asarray((left + right) / 2)


def _score_statistic(counts: Floats, d: Floats) -> Floats:
    """Distance from a true value d in standard errors, the share of detractors fitted under d."""
    b, c, n = counts[..., 0], counts[..., 2], counts.sum(axis=-1)
    first, second, third = 2 * n, (2 * n - c + b) * d - b - c, -b * d * (1 - d)
    with np.errstate(divide="ignore", invalid="ignore"):
        q = (np.sqrt(np.maximum(second**2 - 4 * first * third, 0)) - second) / (2 * first)
        return np.asarray((c - b - n * d) / np.sqrt(n * np.maximum(2 * q + d * (1 - d), 0)))


def nps_difference(
    counts1: ArrayLike,
    counts0: ArrayLike,
    *,
    covariance: ArrayLike = 0.0,
    confidence: float = 0.95,
    method: Literal["adjusted", "wald"] = "adjusted",
) -> tuple[Floats, Floats, Floats, Floats]:
    """How far apart are two net promoter scores, first minus second?

    Args:
        counts1: detractors, passives, promoters of the first group, along the last axis.
        counts0: the same of the second group.
        covariance: of the two scores, where the same customers answered in both.
        confidence: level of the interval, as a fraction.
        method: "adjusted" adds 3/4, 3/2 and 3/4 answers to each group for interval and p-value; "wald" adds none.

    Returns:
        Difference, lower limit, upper limit and two-sided p-value, on -2..2.

    Raises:
        ParameterError: the method is unknown.

    Source:
        Rocks 2016; "wald" equals nps.test of the R package NPS 1.1, whose difference has lost its sign. By exact
        enumeration of 81 pairs of shapes the adjusted interval covers 95.2 % (worst 90.8 %) with 20 and 20 answers,
        95.3 % (88.7 %) with 10 and 10; equal scores are told apart in at most 5.3 %.

    Examples:
        >>> [round(float(v), 4) for v in nps_difference([18, 24, 38], [30, 22, 28], method="wald")]
        [0.275, 0.0193, 0.5307, 0.0351]
    """
    choose("method", method, ("adjusted", "wald"))
    x1, x0 = np.asarray(counts1, float), np.asarray(counts0, float)
    added = _PSEUDO if method == "adjusted" else np.zeros(3)
    share1, share0, moved1, moved0 = (_shares(x) for x in (x1, x0, x1 + added, x0 + added))
    effect = (share1 - share0) @ np.array([-1.0, 0.0, 1.0])
    centre = (moved1 - moved0) @ np.array([-1.0, 0.0, 1.0])
    variance = _mean_variance(x1 + added) + _mean_variance(x0 + added) - 2 * np.asarray(covariance, float)
    return (np.asarray(effect), *_normal_limits(centre, variance, confidence, least=-2.0))


def _mean_variance(counts: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(nps_variance(counts) / counts.sum(axis=-1))


def _normal_limits(
    centre: Floats, variance: Floats, confidence: float, *, least: float
) -> tuple[Floats, Floats, Floats]:
    """Limits within least..-least, and the two-sided p-value; without any spread p is 1 at 0, else 0."""
    se = np.sqrt(np.maximum(variance, 0))
    half = ndtri((1 + confidence) / 2) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(se > 0, 2 * ndtr(-np.abs(centre) / se), np.where(centre == 0, 1.0, 0.0))
    low, high = np.clip(centre - half, least, -least), np.clip(centre + half, least, -least)
    return low, high, np.where(np.isnan(centre + variance), np.nan, p)


def mean_interval(counts: ArrayLike, values: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """How high is the mean answer on a scale, and between which values does it lie?

    Args:
        counts: how many gave each answer, along the last axis.
        values: the answers of the scale, lowest first.
        confidence: level of the interval, as a fraction.

    Returns:
        Mean, lower and upper limit within the scale; missing where there are no answers.

    Assumes:
        Independent answers.

    Source:
        Wald interval after adding one answer, spread evenly over the scale. By exact enumeration of 16 shapes on
        5 and 7 answers it covers 95.8 % (worst 91.3 %) with 5 answers and 95.4 % (93.5 %) with 20; Student's t
        90.9 % (79.7 %) and 94.2 % (92.8 %).

    Examples:
        >>> [round(float(v), 3) for v in mean_interval([2, 1, 0, 0, 1], [1, 2, 3, 4, 5])]
        [2.25, 1.0, 3.824]
        >>> [round(float(v), 3) for v in mean_interval([0, 0, 0, 0, 9], [1, 2, 3, 4, 5])]
        [5.0, 4.336, 5.0]
    """
    x, v = np.asarray(counts, float), np.asarray(values, float)
    mean = _shares(x) @ v
    centre, variance = _evened(x, v)
    half = ndtri((1 + confidence) / 2) * np.sqrt(variance)
    low, high = np.clip(centre - half, v.min(), v.max()), np.clip(centre + half, v.min(), v.max())
    empty = np.isnan(mean)
    return np.asarray(mean), np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def _evened(counts: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Mean and its variance after adding one answer, spread evenly over the scale."""
    x = counts + 1 / len(values)
    share, total = _shares(x), x.sum(axis=-1)
    mean = share @ values
    return np.asarray(mean), np.asarray((share @ values**2 - mean**2) / total)


def mean_difference(
    counts1: ArrayLike,
    counts0: ArrayLike,
    values: ArrayLike,
    *,
    covariance: ArrayLike = 0.0,
    confidence: float = 0.95,
) -> tuple[Floats, Floats, Floats, Floats]:
    """How far apart are two mean answers, first minus second?

    Args:
        counts1: how many of the first group gave each answer, along the last axis.
        counts0: the same of the second group.
        values: the answers of the scale, lowest first.
        covariance: of the two means, where the same customers answered in both.
        confidence: level of the interval, as a fraction.

    Returns:
        Difference, lower limit, upper limit and two-sided p-value.

    Source:
        Wald after adding to each group one answer, spread evenly over the scale. By exact enumeration of 36 pairs of
        shapes on 5 answers it covers 94.9 % (worst 93.2 %) with 10 and 10 answers, 94.8 % (91.6 %) with 5 and 5.

    Examples:
        >>> [round(float(v), 3) for v in mean_difference([2, 5, 9], [8, 5, 3], [1, 2, 3])]
        [0.75, 0.204, 1.208, 0.006]
    """
    x1, x0, v = np.asarray(counts1, float), np.asarray(counts0, float), np.asarray(values, float)
    (mean1, variance1), (mean0, variance0) = _evened(x1, v), _evened(x0, v)
    variance = variance1 + variance0 - 2 * np.asarray(covariance, float)
    effect = np.asarray((_shares(x1) - _shares(x0)) @ v)
    return (effect, *_normal_limits(mean1 - mean0, variance, confidence, least=v.min() - v.max()))
