"""Gamma-Gamma: what customers spend per purchase, and what to expect of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from cxlab.stats.likelihood import Maximum, maximum_likelihood, profile_intervals

__all__ = ["GammaGamma", "SpendFit", "fit_spend"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GammaGamma:
    """Purchases of one customer vary (gamma, shape `p`) about a mean that differs between customers (gamma `q`, `v`).

    Source:
        Fader & Hardie (2013), note 025; Fader, Hardie & Lee (2005), Journal of Marketing Research 42:415. CDNOW
        estimates are in the tests.

    Examples:
        >>> model = GammaGamma(6.25, 3.74, 15.44)
        >>> round(model.mean, 2), round(float(model.expected(2, 22.35)), 2)
        (35.22, 24.66)
    """

    p: float
    q: float
    v: float

    parameters: ClassVar[tuple[str, ...]] = ("p", "q", "v")

    @property
    def mean(self) -> float:
        """The mean over customers; infinite where their spread is."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def loglik(self, x: ArrayLike, mean: ArrayLike) -> Floats:
        """The log-likelihood of customers' mean amounts over so many purchases."""
        x, z = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
        shape = self.p * x
        start = gammaln(shape + self.q) - gammaln(shape) - gammaln(self.q) + self.q * np.log(self.v)
        return np.asarray(
            start + (shape - 1) * np.log(z) + shape * np.log(x) - (shape + self.q) * np.log(self.v + x * z)
        )

    def expected(self, x: ArrayLike, mean: ArrayLike) -> Floats:
        """Expected amount per purchase of a customer with so many purchases of some mean; x = 0 is a new one."""
        x = np.asarray(x, dtype=float)
        total = np.where(x > 0, x * np.nan_to_num(np.asarray(mean, dtype=float)), 0.0)
        return np.asarray(self.p * (self.v + total) / (self.p * x + self.q - 1))

    def simulated(self, x: Floats, mean: Floats, rng: np.random.Generator) -> Floats:
        """Draw the mean amount of customers, given what they have spent."""
        total = np.where(x > 0, x * np.nan_to_num(mean), 0.0)
        return np.asarray(self.p / rng.gamma(self.p * x + self.q, 1 / (self.v + total)))


class SpendFit(NamedTuple):
    """A fitted model of spend, and which customers it was fitted on."""

    model: GammaGamma
    x: Floats
    mean: Floats
    found: Maximum

    @property
    def logs(self) -> Floats:
        """The parameters' logarithms."""
        return np.asarray(np.log(self.found.values))

    def intervals(self, confidence: float = 0.95) -> Floats:
        """Lower and upper end of each parameter, by profile likelihood."""
        scaled = self.found._replace(
            values=self.found.values / [1.0, 1.0, self.scale],
            loglik=self.found.loglik + len(self.x) * float(np.log(self.scale)),
        )
        ends = profile_intervals(
            lambda values: GammaGamma(*values).loglik(self.x, self.mean / self.scale), np.ones(len(self.x)), scaled,
            confidence=confidence,
        )  # fmt: skip
        return np.asarray(ends * np.array([[1.0], [1.0], [self.scale]]))

    @property
    def scale(self) -> float:
        """The mean amount, by which amounts are divided before a search: a currency's unit must not matter."""
        return _centre(self.x, self.mean)


def _centre(x: Floats, mean: Floats) -> float:
    return float(np.average(mean, weights=x))


def fit_spend(x: ArrayLike, mean: ArrayLike) -> SpendFit:
    """Which Gamma-Gamma parameters make these customers' mean amounts most likely?

    Args:
        x: purchases that each mean is over, above 0.
        mean: mean amount per purchase, above 0.

    Returns:
        The fitted model.

    Examples:
        >>> import numpy as np
        >>> rng = np.random.default_rng(2)
        >>> x, true = rng.integers(1, 6, 4000), GammaGamma(6.0, 4.0, 15.0)
        >>> level = true.p / rng.gamma(true.q, 1 / true.v, 4000)
        >>> fit = fit_spend(x, rng.gamma(true.p * x) * level / (true.p * x))
        >>> round(fit.model.mean)
        30
    """
    x, mean = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
    scale, ones = _centre(x, mean), np.ones(len(x))
    starts = [[5.0, 4.0, 0.6], [1.5, 6.0, 3.0], [20.0, 2.0, 0.1]]
    found = maximum_likelihood(lambda values: GammaGamma(*values).loglik(x, mean / scale), ones, starts)
    found = found._replace(values=found.values * [1.0, 1.0, scale], loglik=found.loglik - len(x) * float(np.log(scale)))
    return SpendFit(GammaGamma(*found.values), x, mean, found)
