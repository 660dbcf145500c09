"""Sums that describe a group of units: they add up over groups, and every mean and covariance follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Moments:
    """How many units there are, and where their values lie and spread.

    The sums are taken about one constant for all groups, so that groups add up and no digits are lost
    where the mean is much larger than the spread.

    Args:
        centre: The constant that was subtracted from each variable.
        n: Number of units.
        sums: Sum of each centred variable.
        products: Sum of each product of two centred variables, a square matrix.

    Examples:
        >>> whole = Moments.of([[1.0, 2.0, 6.0]]) + Moments.of([[3.0]])
        >>> whole.n, float(whole.mean[0])
        (4, 3.0)
    """

    centre: NDArray[np.float64]
    n: int
    sums: NDArray[np.float64]
    products: NDArray[np.float64]

    @classmethod
    def of(cls, variables: object, centre: object = None) -> Moments:
        """What are the sums of these variables (one row per variable)?"""
        values = np.atleast_2d(np.asarray(variables, dtype=float))
        constant = np.zeros(len(values)) if centre is None else np.asarray(centre, dtype=float)
        shifted = values - constant[:, None]
        return cls(constant, values.shape[1], shifted.sum(axis=1), shifted @ shifted.T)

    def __add__(self, other: Moments) -> Moments:
        """What are the sums of both groups together?"""
        return Moments(self.centre, self.n + other.n, self.sums + other.sums, self.products + other.products)

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean of each variable."""
        return self.centre + self.sums / self.n

    @property
    def scatter(self) -> NDArray[np.float64]:
        """The sums of squares and products about the means."""
        return self.products - np.outer(self.sums, self.sums) / self.n

    @property
    def covariance(self) -> NDArray[np.float64]:
        """The covariance matrix, with n - 1 as divisor."""
        return self.scatter / (self.n - 1)

    def combine(self, weights: object, constant: float = 0.0) -> tuple[float, float]:
        """What are mean and variance of a weighted sum of the variables?"""
        w = np.asarray(weights, dtype=float)
        return constant + float(w @ self.mean), max(float(w @ self.covariance @ w), 0.0)
