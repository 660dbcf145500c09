"""BG/NBD and MBG/NBD: buying at random times, leaving with some chance after a purchase."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, expit, gammaln

from cxlab.stats.hypergeometric import at_negative
from cxlab.stats.purchase_rows import Ahead, PurchaseRows, mean_rate

__all__ = ["BgNbd", "MbgNbd"]

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_NEAR = 1e-4


@dataclass(frozen=True)
class BgNbd:
    """Purchases at a random rate (gamma `r`, `alpha`), and a chance to leave after each one (beta `a`, `b`).

    Source:
        Fader, Hardie & Lee (2005), Marketing Science 24:275; their CDNOW estimates are in the tests. Expectations are
        written with the Pfaff transformation, so that many purchases do not overflow.

    Examples:
        >>> model = BgNbd(0.2426, 4.4136, 0.7929, 2.4259)
        >>> round(float(model.expected(39.0)), 3)
        1.195
    """

    r: float
    alpha: float
    a: float
    b: float

    name: ClassVar[str] = "bg/nbd"
    parameters: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    discrete: ClassVar[bool] = False
    _first: ClassVar[int] = 0  # can a customer leave right after the first purchase?

    @classmethod
    def starts(cls, rows: PurchaseRows) -> list[list[float]]:
        """Where to look for the maximum first."""
        rate = mean_rate(rows)
        return [[0.7, 0.5 / rate, 0.8, 2.5], [0.3, 0.1 / rate, 0.3, 3.0], [2.0, 2.0 / rate, 3.0, 20.0]]

    def loglik(self, rows: PurchaseRows) -> Floats:
        """The log-likelihood of each row."""
        counts, of = _counts(rows.x)
        rate = (gammaln(self.r + counts) - gammaln(self.r) + self.r * np.log(self.alpha))[of]
        alive, gone = self._paths(rows)
        return np.asarray(rate + np.maximum(alive, gone) + np.log1p(np.exp(-np.abs(alive - gone))))

    def alive(self, rows: PurchaseRows) -> Floats:
        """The chance that each is still a customer."""
        alive, gone = self._paths(rows)
        return np.asarray(expit(alive - gone))

    def _paths(self, rows: PurchaseRows) -> tuple[Floats, Floats]:
        """Log-weights of still being there and of having left after the last purchase."""
        (counts, of), shift, whole = _counts(rows.x), self._first, betaln(self.a, self.b)
        stays = (betaln(self.a, self.b + counts + shift) - whole)[of]
        with np.errstate(invalid="ignore"):
            leaves = betaln(self.a + 1, self.b + counts + shift - 1) - whole
        leaves[counts + shift == 0] = -np.inf
        grid, bought = rows.grid, self.r + rows.x
        passed = np.log(self.alpha + grid.times)
        return stays - bought * passed[grid.end], leaves[of] - bought * passed[grid.begin]

    def expected(self, time: ArrayLike) -> Floats:
        """Expected repeat purchases of a new customer until some time after the first purchase."""
        start = self.b / (self.a + self.b) if self._first else 1.0
        zero = np.zeros_like(np.asarray(time, dtype=float))
        return start * self.ahead(zero, zero, time)

    def ahead(self, x: ArrayLike, age: ArrayLike, time: ArrayLike) -> Floats:
        """Expected purchases within some time from now of a customer who is still there."""
        if abs(self.a - 1) < _NEAR / 2:  # there the expectation is finite, but the difference of two infinite parts
            beside = (replace(self, a=1 - _NEAR), replace(self, a=1 + _NEAR))
            return np.asarray(sum(one.ahead(x, age, time) for one in beside) / 2)
        x, age = np.asarray(x, dtype=float), np.asarray(age, dtype=float)
        c = self.a + self.b + x + self._first - 1
        stays = at_negative(self.r + x, self.a - 1, c, np.asarray(time, dtype=float) / (self.alpha + age))
        return np.asarray(c / (self.a - 1) * (1 - stays))

    def discounted(self, x: ArrayLike, age: ArrayLike, rate: float) -> Floats:
        """Expected purchases without end of a customer who is still there, discounted continuously.

        The rate of purchases is known in closed form; its Laplace transform is integrated on 24 Gauss-Legendre nodes of
        log(1 + time / age), which is exact to about 1e-7.
        """
        x, scale = np.asarray(x, dtype=float)[..., None], self.alpha + np.asarray(age, dtype=float)[..., None]
        far = np.log1p(40 / (rate * scale))
        at = far * (_NODES + 1) / 2
        time = scale * np.expm1(at)
        flow = at_negative(self.r + x + 1, self.a, self.a + self.b + x + self._first, time / scale)
        weights = _WEIGHTS * far / 2 * scale * np.exp(at)
        return np.asarray((self.r + x[..., 0]) / scale[..., 0] * (weights * flow * np.exp(-rate * time)).sum(axis=-1))

    def simulated(self, rows: PurchaseRows, until: ArrayLike, rng: np.random.Generator) -> Ahead:
        """Draw each customer's purchases from now on; a row of zeros is a new customer."""
        alive = np.flatnonzero(rng.random(len(rows.x)) < self.alive(rows))
        rate = rng.gamma(self.r + rows.x[alive], np.reciprocal(self.alpha + rows.age[alive]))
        leaving = rng.beta(self.a, self.b + rows.x[alive] + self._first)
        seen = np.broadcast_to(np.asarray(until, dtype=float), len(rows.x))[alive]
        return _bought(rng, alive, rate, leaving, seen)


@dataclass(frozen=True)
class MbgNbd(BgNbd):
    """BG/NBD in which a customer can leave right after the first purchase too.

    Source:
        Batislam, Denizel & Filiztekin (2007), International Journal of Research in Marketing 24:201.

    Examples:
        >>> model = MbgNbd(0.5, 6.0, 0.9, 1.5)
        >>> from cxlab.stats.purchase_rows import purchase_rows
        >>> model.alive(purchase_rows([0], [0], [30])).round(3).tolist()
        [0.405]
    """

    name: ClassVar[str] = "mbg/nbd"
    _first: ClassVar[int] = 1

    @classmethod
    def starts(cls, rows: PurchaseRows) -> list[list[float]]:
        """Where to look for the maximum first."""
        rate = mean_rate(rows)
        return [[0.6, 0.3 / rate, 0.9, 1.5], [1.5, 1.0 / rate, 0.5, 1.0], [0.5, 0.3 / rate, 4.0, 20.0]]


def _counts(x: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Every number of purchases once, and which each row has: functions of it alone need not be computed for all."""
    of = x.astype(np.intp)
    return np.arange(int(of.max(initial=0)) + 1.0), of


def _bought(rng: np.random.Generator, owner: Any, rate: Any, leaving: Any, until: Any) -> Ahead:
    """Purchase after purchase, until everybody has left or is out of sight."""
    passed, owners, times = np.zeros(len(owner)), [np.empty(0, np.intp)], [np.empty(0)]
    while len(owner):
        passed = passed + rng.standard_exponential(len(owner)) / np.maximum(rate, 1e-300)
        seen = passed <= until
        owner, rate, leaving, until, passed = (part[seen] for part in (owner, rate, leaving, until, passed))
        owners.append(owner)
        times.append(passed)
        stays = rng.random(len(owner)) >= leaving
        owner, rate, leaving, until, passed = (part[stays] for part in (owner, rate, leaving, until, passed))
    return Ahead(np.concatenate(owners), np.concatenate(times))
