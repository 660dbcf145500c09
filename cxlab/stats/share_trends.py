"""Shares in a row of groups: do they rise or fall from group to group by more than chance explains?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, expit, stdtr, stdtrit

from cxlab.errors import DataError

__all__ = ["FEWEST", "ShareTrend", "share_trend"]

Floats = NDArray[np.float64]
FEWEST = 5
_STEPS, _STEEPEST = 50, 30.0


@dataclass(frozen=True)
class ShareTrend:
    """A straight line through the log odds of shares.

    Attributes:
        slope: change of the log odds from one place to the next.
        ci_low: lower limit of the slope.
        ci_high: upper limit of the slope.
        p_value: of no slope, two-sided.
        dispersion: Pearson's chi-square per degree of freedom; the variance is so many times the binomial.
        fitted: share on the line at each place.
        fitted_low: lower limit of that share.
        fitted_high: upper limit of that share.
        effect: share on the line at the last place minus the one at the first.
        effect_low: lower limit of that change.
        effect_high: upper limit of that change.
    """

    slope: float
    ci_low: float
    ci_high: float
    p_value: float
    dispersion: float
    fitted: Floats
    fitted_low: Floats
    fitted_high: Floats
    effect: float
    effect_low: float
    effect_high: float


def share_trend(place: ArrayLike, successes: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> ShareTrend | None:
    """Do shares rise or fall along a row of groups?

    Args:
        place: where each group stands, such as 0, 1, 2.
        successes: how many of each group did it.
        n: how many of each group could have.
        confidence: level of the intervals, as a fraction.

    Returns:
        The trend; None with fewer than five groups, where all or none did it, or where a line through the log odds has
        no finite slope.

    Raises:
        DataError: lengths differ.

    Assumes:
        Groups are independent; if they scatter more than chance around the line, they do so alike.

    Source:
        Binomial regression with logit link and Pearson dispersion (McCullagh and Nelder 1989, 4.5), t quantiles;
        equal to statsmodels' GLM with scale="X2".

    Examples:
        >>> trend = share_trend(range(6), [20, 28, 22, 33, 27, 36], [100] * 6)
        >>> round(trend.slope, 3), round(trend.p_value, 3)
        (0.127, 0.078)
    """
    x, y, total = (np.asarray(values, float) for values in (place, successes, n))
    if not x.shape == y.shape == total.shape:
        raise DataError(f"share_trend: lengths differ: {x.size} places, {y.size} successes, {total.size} sizes.")
    kept = total > 0
    x, y, total = x[kept], y[kept], total[kept]
    if len(x) < FEWEST or not 0 < y.sum() < total.sum():
        return None
    x = x - x.mean()
    line = _line(x, y, total)
    return None if line is None else _trend(x, y, total, *line, confidence)


def _line(x: Floats, y: Floats, n: Floats) -> tuple[Floats, Floats] | None:
    """Intercept and slope by Newton's method, and the inverse of their information."""
    design = np.column_stack([np.ones_like(x), x])
    beta = np.array([np.log(y.sum() / (n - y).sum()), 0.0])
    for _ in range(_STEPS):
        p = expit(design @ beta)
        information = design.T @ (design * (n * p * (1 - p))[:, None])
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, design.T @ (y - n * p))
        beta = beta + step
        if np.abs(beta).max() > _STEEPEST:
            return None
        if np.abs(step).max() < 1e-10:
            return beta, np.linalg.inv(information)
    return None


def _trend(x: Floats, y: Floats, n: Floats, beta: Floats, inverse: Floats, confidence: float) -> ShareTrend:
    design = np.column_stack([np.ones_like(x), x])
    p, df = expit(design @ beta), len(x) - 2
    # Held above what chance alone goes below once in twenty rows, and not above 1: with t quantiles that would call far
    # fewer than one trend in twenty where there is none.
    dispersion = max(float(((y - n * p) ** 2 / (n * p * (1 - p))).sum() / df), float(chdtri(df, 0.95)) / df)
    covariance, t = dispersion * inverse, float(stdtrit(df, (1 + confidence) / 2))
    error = float(np.sqrt(covariance[1, 1]))
    reach = t * np.sqrt(np.einsum("ij,jk,ik->i", design, covariance, design))
    at = design @ beta
    slope, low, high = (float(beta[1]) + t * error * side for side in (0, -1, 1))
    effect, effect_low, effect_high = (_between_ends(x, n * p * (1 - p), beta, one) for one in (slope, low, high))
    return ShareTrend(
        slope=slope, ci_low=low, ci_high=high,
        p_value=float(2 * stdtr(df, -abs(beta[1]) / error)), dispersion=dispersion,
        fitted=p, fitted_low=expit(at - reach), fitted_high=expit(at + reach),
        effect=effect, effect_low=effect_low, effect_high=effect_high,
    )  # fmt: skip


def _between_ends(x: Floats, information: Floats, beta: Floats, slope: float) -> float:
    """The change from the first share to the last with this slope, turned about the point that it is independent of.

    So the interval of the change leaves out zero exactly where the slope's does, also where shares are near 0 or 1.
    """
    centre = float((information * x).sum() / information.sum())
    ends = float(beta[0] + beta[1] * centre) + slope * (x[[0, -1]] - centre)
    return float(np.diff(expit(ends))[0])
