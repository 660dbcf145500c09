"""Pareto/NBD: buying at random times, leaving at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, gammaln

from cxlab.stats.purchase_rows import Ahead, PurchaseRows, TimeGrid, mean_rate

__all__ = ["ParetoNbd"]

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
_FEW, _FEW_WEIGHTS = np.polynomial.legendre.leggauss(20)
_PANEL, _PANEL_WEIGHTS = np.polynomial.legendre.leggauss(8)
_NEAR = 1e-5


@dataclass(frozen=True)
class ParetoNbd:
    """Purchases at a random rate (gamma `r`, `alpha`) until a lifetime of random rate ends (gamma `s`, `beta`).

    Source:
        Schmittlein, Morrison & Colombo (1987), Management Science 33:1; Fader, Hardie & Lee (2005), Journal of
        Marketing Research 42:415, for the discounted purchases. The integral over lifetimes that have ended, a
        difference of two hypergeometric functions, is taken on Gauss-Legendre nodes of the logarithm of time: quicker,
        and no digits are lost. Where many customers share days, it is taken between days. CDNOW estimates are in the
        tests.

    Examples:
        >>> model = ParetoNbd(0.5533, 10.578, 0.6062, 11.668)
        >>> round(float(model.expected(39.0)), 3)
        1.213
    """

    r: float
    alpha: float
    s: float
    beta: float

    name: ClassVar[str] = "pareto/nbd"
    parameters: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    discrete: ClassVar[bool] = False

    @classmethod
    def starts(cls, rows: PurchaseRows) -> list[list[float]]:
        """Where to look for the maximum first."""
        rate = mean_rate(rows)
        age = float(rows.n @ rows.age / rows.n.sum())
        return [[0.7, 0.5 / rate, 0.6, 0.4 * age], [1.0, 1.0 / rate, 2.0, 3.0 * age], [0.4, 0.2 / rate, 0.3, 0.1 * age]]

    def loglik(self, rows: PurchaseRows) -> Floats:
        """The log-likelihood of each row."""
        start = gammaln(self.r + rows.x) - gammaln(self.r) + self.r * np.log(self.alpha) + self.s * np.log(self.beta)
        alive, gone = self._paths(rows)
        return np.asarray(start + np.logaddexp(alive, gone))

    def alive(self, rows: PurchaseRows) -> Floats:
        """The chance that each is still a customer."""
        alive, gone = self._paths(rows)
        return np.asarray(expit(alive - gone))

    def _paths(self, rows: PurchaseRows) -> tuple[Floats, Floats]:
        """Log-weights of still being there and of having left since the last purchase."""
        alive = -(self.r + rows.x) * np.log(self.alpha + rows.age) - self.s * np.log(self.beta + rows.age)
        grid = rows.grid
        fewer = len(grid.kinds) * len(grid.times) < len(rows.x) * len(_FEW)
        # What falls within less than the first moment is too steep for the points between moments.
        smooth = len(grid.times) > 1 and min(self.alpha, self.beta) >= grid.times[1]
        return alive, self._gone_by_moment(grid) if fewer and smooth else self._gone(rows)

    def _gone_by_moment(self, grid: TimeGrid) -> Floats:
        """Between neighbouring moments the integral is taken once for each number of purchases, then added up."""
        smaller = min(self.alpha, self.beta)
        at = np.log(smaller + grid.times)
        half = np.diff(at)[:, None] / 2
        nodes = at[:-1, None] + half * (_PANEL + 1)
        since = np.exp(nodes)
        shared = nodes - (self.s + 1) * np.log(self.beta - smaller + since) + np.log(half * _PANEL_WEIGHTS)
        steep = np.log(self.alpha - smaller + since)
        falls = np.exp(steep[:, :1] - steep)  # one more purchase multiplies what lies later in a panel by this
        part = np.exp(shared - shared[:, :1]) * falls ** (self.r + grid.kinds[0])
        sums = []
        for more in np.diff(grid.kinds, prepend=grid.kinds[0]):
            part = part * falls**more if more else part
            sums.append(part.sum(axis=1))
        panels = np.log(sums) + shared[:, 0] - (self.r + grid.kinds)[:, None] * steep[:, 0]
        later = np.logaddexp.accumulate(panels[:, ::-1], axis=1)[:, ::-1]
        later = np.pad(later, ((0, 0), (0, 1)), constant_values=-np.inf)
        whole, beyond = later[grid.kind, grid.begin], later[grid.kind, grid.end]
        with np.errstate(divide="ignore", invalid="ignore"):
            gone = np.log(self.s) + whole + np.log(-np.expm1(beyond - whole))
        return np.where(grid.begin < grid.end, gone, -np.inf)

    def _gone(self, rows: PurchaseRows) -> Floats:
        """The integral from the last purchase on, for every row by itself."""
        k, smaller = self.r + rows.x, min(self.alpha, self.beta)
        begins, ends = np.log(smaller + rows.t_x), np.log(smaller + rows.age)
        steep = (
            k * np.exp(begins) / (self.alpha + rows.t_x) + (self.s + 1) * np.exp(begins) / (self.beta + rows.t_x) - 1
        )
        # Many purchases make the integrand fall steeply: what lies 32 powers of e lower adds nothing.
        reach = np.minimum(ends - begins, 32 / np.maximum(steep, 1e-9))[:, None]
        at = begins[:, None] + reach * (_FEW + 1) / 2
        since = np.exp(at)
        each = (
            at - k[:, None] * np.log(self.alpha - smaller + since) - (self.s + 1) * np.log(self.beta - smaller + since)
        )
        top = each[:, 0]
        with np.errstate(divide="ignore"):
            return np.asarray(top + np.log(self.s * reach[:, 0] / 2 * (np.exp(each - top[:, None]) @ _FEW_WEIGHTS)))

    def expected(self, time: ArrayLike) -> Floats:
        """Expected repeat purchases of a new customer until some time after the first purchase."""
        zero = np.zeros_like(np.asarray(time, dtype=float))
        return self.ahead(zero, zero, time)

    def ahead(self, x: ArrayLike, age: ArrayLike, time: ArrayLike) -> Floats:
        """Expected purchases within some time from now of a customer who is still there."""
        x, age, time = (np.asarray(part, dtype=float) for part in (x, age, time))
        s = self.s if abs(self.s - 1) > _NEAR else 1 + _NEAR
        shrunk = -np.expm1((1 - s) * np.log1p(time / (self.beta + age)))
        return np.asarray((self.r + x) * (self.beta + age) / ((self.alpha + age) * (s - 1)) * shrunk)

    def discounted(self, x: ArrayLike, age: ArrayLike, rate: float) -> Floats:
        """Expected purchases without end of a customer who is still there, discounted continuously.

        In closed form this is Tricomi's function; it is computed as its integral, on 40 Gauss-Legendre nodes of
        log(1 + time / age), because the library's function loses digits for some parameters.
        """
        x, age = np.asarray(x, dtype=float), np.asarray(age, dtype=float)
        scale = (self.beta + age)[..., None]
        far = np.log1p(40 / (rate * scale))
        at = far * (_NODES + 1) / 2
        weights = _WEIGHTS * far / 2 * scale * np.exp((1 - self.s) * at)
        whole = (weights * np.exp(-rate * scale * np.expm1(at))).sum(axis=-1)
        return np.asarray((self.r + x) / (self.alpha + age) * whole)

    def simulated(self, rows: PurchaseRows, until: ArrayLike, rng: np.random.Generator) -> Ahead:
        """Draw each customer's purchases from now on; a row of zeros is a new customer."""
        alive = np.flatnonzero(rng.random(len(rows.x)) < self.alive(rows))
        rate = rng.gamma(self.r + rows.x[alive], 1 / (self.alpha + rows.age[alive]))
        leaving = rng.gamma(self.s, 1 / (self.beta + rows.age[alive]))
        until = np.broadcast_to(np.asarray(until, dtype=float), len(rows.x))[alive]
        life = np.minimum(rng.standard_exponential(len(alive)) / np.maximum(leaving, 1e-300), until)
        bought = rng.poisson(rate * life)
        return Ahead(np.repeat(alive, bought), rng.random(int(bought.sum())) * np.repeat(life, bought))
