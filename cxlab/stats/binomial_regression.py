"""Shares of several groups on covariates, when shares vary by more than chance alone lets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, stdtr, stdtrit

from cxlab.errors import DataError

__all__ = ["BinomialFit", "Link", "binomial_regression"]

Floats = NDArray[np.float64]
Link = Literal["logit", "identity"]
_STEPS, _STILL, _EDGE, _NEVER = 60, 1e-10, 30.0, 1e-7
_ENDLESS = (
    "The odds have no finite value: there are groups side by side of whom nobody, or everybody, counts. Make groups "
    "larger, such as by longer periods, or count something else."
)


@dataclass(frozen=True)
class BinomialFit:
    """A regression of shares.

    Attributes:
        coefficient: One per column: log odds, or differences of shares.
        covariance: Of these, with the dispersion in it where it is above 1.
        dispersion: How much shares vary against what chance alone lets them (Pearson); about 1 where it is chance.
        df: Degrees of freedom of the dispersion.
        fitted: The share of each group.
        residuals: Pearson's, one per group.
    """

    coefficient: Floats
    covariance: Floats
    dispersion: float
    df: int
    fitted: Floats
    residuals: Floats

    @property
    def t_df(self) -> float:
        """Degrees of freedom of the t quantiles; without end where chance alone is all that is allowed for."""
        return float(self.df) if self.dispersion > 1 else float("inf")

    def contrast(self, weights: ArrayLike, *, confidence: float = 0.95) -> tuple[float, float, float, float]:
        """A combination of coefficients.

        Args:
            weights: one per coefficient.
            confidence: level of the interval.

        Returns:
            Value, lower and upper bound, and p of its being 0, by t.
        """
        c = np.asarray(weights, dtype=float)
        value, error = float(c @ self.coefficient), float(np.sqrt(c @ self.covariance @ c))
        half = float(stdtrit(self.t_df, (1 + confidence) / 2)) * error
        p_value = float(2 * stdtr(self.t_df, -abs(value) / error)) if error > 0 else float("nan")
        return value, value - half, value + half, p_value


def binomial_regression(x: ArrayLike, successes: ArrayLike, n: ArrayLike, *, link: Link = "logit") -> BinomialFit:
    """How do shares go with covariates, when they vary by more than chance alone lets them?

    Args:
        x: one row of covariates per group, with a column of ones where a level is wanted.
        successes: how many of each group.
        n: the size of each group.
        link: "logit" for log odds, "identity" for differences of shares.

    Returns:
        The fit.

    Raises:
        DataError: too few groups for the columns, columns that follow from others, or shares of 0 or 1 that a column
            explains without fail.

    Assumes:
        Independent groups, whose shares vary about the model in proportion to p (1 - p) / n, and by no less than chance
        alone: a dispersion below 1 is taken for 1.

    Source:
        McCullagh & Nelder (1989), Generalized Linear Models, 4.5 (Pearson dispersion, t quantiles), as R's
        quasibinomial. Coefficients and Pearson's chi-square equal statsmodels' GLM.

    Examples:
        >>> x = [[1, 0], [1, 1], [1, 2], [1, 3]]
        >>> fit = binomial_regression(x, [10, 14, 15, 21], [50, 50, 50, 50])
        >>> fit.coefficient.round(3), fit.df
        (array([-1.37,  0.33]), 2)
    """
    columns, k, size = np.asarray(x, float), np.asarray(successes, float), np.asarray(n, float)
    df = len(k) - columns.shape[1]
    if df < 1:
        raise DataError(f"{len(k)} groups for {columns.shape[1]} columns; more groups than columns are needed.")
    b, p = _fitted(columns, k, size, link)
    spread = np.maximum(p * (1 - p), 1e-12) / size
    residuals = (k / size - p) / np.sqrt(spread)
    information = _information(columns, p, size, link)
    if link == "logit" and min(p.min(), 1 - p.max()) < _NEVER:
        raise DataError(_ENDLESS)
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise DataError("A column of the regression follows from others (collinear); leave it out.")
    dispersion = float(residuals @ residuals) / df
    return BinomialFit(b, max(dispersion, 1.0) * np.linalg.inv(information), dispersion, df, p, residuals)


def _information(x: Floats, p: Floats, n: Floats, link: Link) -> Floats:
    weight = n * np.maximum(p * (1 - p), 1e-12) if link == "logit" else n / np.maximum(p * (1 - p), 1e-12)
    return np.asarray(x.T @ (x * weight[:, None]))


def _fitted(x: Floats, k: Floats, n: Floats, link: Link) -> tuple[Floats, Floats]:
    """Iterated least squares, from shares that are never 0 or 1."""
    p = (k + 0.5) / (n + 1)
    b: Floats = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        weight = n * p * (1 - p) if link == "logit" else n / (p * (1 - p))
        work = np.log(p / (1 - p)) + (k / n - p) / (p * (1 - p)) if link == "logit" else k / n
        root = np.sqrt(weight)
        new = np.linalg.lstsq(x * root[:, None], work * root, rcond=None)[0]
        step, b = float(np.abs(new - b).max()), np.asarray(new, float)
        if float(np.abs(b).max()) > _EDGE:
            break
        p = np.clip(expit(x @ b) if link == "logit" else x @ b, 1e-9, 1 - 1e-9)
        if step < _STILL:
            return b, p
    raise DataError(_ENDLESS)
