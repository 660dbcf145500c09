"""BG/BB: at each of many occasions a customer buys or not, and may leave between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, expit, gammaln

from cxlab.stats.hypergeometric import with_one
from cxlab.stats.purchase_rows import Ahead, PurchaseRows, mean_rate

__all__ = ["BgBb"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BgBb:
    """A chance to buy at each occasion (beta `alpha`, `beta`) and one to leave before it (beta `gamma`, `delta`).

    `x` counts occasions with a purchase, `t_x` is the last of them, `age` how many there were.

    Source:
        Fader, Hardie & Shang (2010), Marketing Science 29:1086; checked by enumeration of all histories, by summation
        and by simulation.

    Examples:
        >>> model = BgBb(1.204, 0.750, 0.657, 2.783)
        >>> model.expected([1, 6]).round(3).tolist()
        [0.498, 2.22]
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    name: ClassVar[str] = "bg/bb"
    parameters: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    discrete: ClassVar[bool] = True

    @classmethod
    def starts(cls, rows: PurchaseRows) -> list[list[float]]:
        """Where to look for the maximum first."""
        rate = min(max(mean_rate(rows), 0.005), 0.9)
        odds = (1 - rate) / rate
        return [[1.0, 0.5 * odds, 0.7, 3.0], [0.5, 0.5 * odds, 0.3, 5.0], [3.0, 3.0 * odds, 3.0, 30.0]]

    def loglik(self, rows: PurchaseRows) -> Floats:
        """The log-likelihood of each row."""
        alive, gone = self._paths(rows)
        return np.asarray(np.logaddexp(alive, gone))

    def alive(self, rows: PurchaseRows) -> Floats:
        """The chance that each is still a customer at the last occasion."""
        alive, gone = self._paths(rows)
        return np.asarray(expit(alive - gone))

    def _paths(self, rows: PurchaseRows) -> tuple[Floats, Floats]:
        """Log-weights of still being there and of having left at one of the occasions since the last purchase."""
        x, t_x, n = (part.astype(int) for part in (rows.x, rows.t_x, rows.age))
        counts = np.arange(n.max(initial=0) + 1)
        bought, not_bought, seen = (gammaln(one + counts) for one in (self.alpha, self.beta, self.alpha + self.beta))
        stay, left = betaln(self.gamma, self.delta + counts), betaln(self.gamma + 1, self.delta + counts)
        whole = betaln(self.alpha, self.beta) + betaln(self.gamma, self.delta)
        alive = bought[x] + not_bought[n - x] - seen[n] + stay[n] - whole
        # Having left after occasion m depends on x and m alone: sums over m are differences of sums to the end.
        kinds, of = np.unique(x, return_inverse=True)
        after = np.maximum(counts - kinds[:, None], 0)
        each = np.where(counts >= kinds[:, None], not_bought[after] + left - seen, -np.inf)
        top = each.max(axis=1, keepdims=True)
        to_end = np.cumsum(np.exp(each - top)[:, ::-1], axis=1)[:, ::-1]
        with np.errstate(divide="ignore"):
            gone = bought[x] + top[of, 0] - whole + np.log(np.maximum(to_end[of, t_x] - to_end[of, n], 0.0))
        return alive, gone

    def expected(self, time: ArrayLike) -> Floats:
        """Expected purchases of a new customer at so many occasions."""
        zero = np.zeros_like(np.asarray(time, dtype=float))
        return self.ahead(zero, zero, time)

    def ahead(self, x: ArrayLike, age: ArrayLike, time: ArrayLike) -> Floats:
        """Expected purchases at so many further occasions of a customer who is still there."""
        x, age, time = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in (x, age, time)))
        occasions = np.arange(1, max(int(time.max(initial=0)), 0) + 1)
        stays = np.exp(betaln(self.gamma, self.delta + age[..., None] + occasions)
                       - betaln(self.gamma, self.delta + age)[..., None])  # fmt: skip
        there = np.where(occasions <= np.floor(time)[..., None], stays, 0.0).sum(axis=-1)
        return np.asarray((self.alpha + x) / (self.alpha + self.beta + age) * there)

    def discounted(self, x: ArrayLike, age: ArrayLike, rate: float) -> Floats:
        """Expected purchases without end of a customer who is still there; the next occasion is discounted once."""
        x, age, factor = np.asarray(x, dtype=float), np.asarray(age, dtype=float), float(np.exp(-rate))
        stays = (self.delta + age) / (self.gamma + self.delta + age)
        whole = with_one(self.delta + age + 1, self.gamma + self.delta + age + 1, factor)
        return np.asarray((self.alpha + x) / (self.alpha + self.beta + age) * stays * factor * whole)

    def simulated(self, rows: PurchaseRows, until: ArrayLike, rng: np.random.Generator) -> Ahead:
        """Draw each customer's purchases from now on; a row of zeros is a new customer."""
        alive = np.flatnonzero(rng.random(len(rows.x)) < self.alive(rows))
        x, age = rows.x[alive], rows.age[alive]
        buys = rng.beta(self.alpha + x, self.beta + age - x)
        leaves = rng.beta(self.gamma, self.delta + age)
        until = np.broadcast_to(np.asarray(until, dtype=float), len(rows.x))[alive]
        stayed = np.minimum(rng.geometric(np.maximum(leaves, 1e-9)) - 1, np.floor(until)).astype(int)
        owner = np.repeat(np.arange(len(alive)), stayed)
        occasion = np.arange(len(owner)) - np.repeat(np.cumsum(stayed) - stayed, stayed) + 1.0
        bought = rng.random(len(owner)) < buys[owner]
        return Ahead(alive[owner[bought]], occasion[bought])
