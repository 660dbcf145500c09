"""Cox's partial likelihood at given coefficients, with Efron's or Breslow's account of ties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxlab.stats.risk_sets import Lives, RiskSets, sums_by

__all__ = ["Partial", "Ties", "partial_likelihood"]

Floats = NDArray[np.float64]
Ties = Literal["efron", "breslow"]


@dataclass(frozen=True)
class Partial:
    """The likelihood, and the sums from which its derivatives follow.

    At a moment with d deaths, Efron takes them one after another, each time leaving out a share a = 0, 1/d, ... of
    those who die; with phi = at risk - a * dying, `c` holds the sums of 1/phi and a/phi, and `q` those of 1/phi²,
    a/phi² and a²/phi². `risk_x` and `dying_x` are sums of covariates, weighted by everybody's relative hazard.
    """

    lives: Lives
    sets: RiskSets
    x: Floats
    loglik: float
    relative: Floats
    c: tuple[Floats, Floats]
    q: tuple[Floats, Floats, Floats]
    risk_x: Floats
    dying_x: Floats

    @property
    def _hazard(self) -> Floats:
        """Everybody's relative hazard, times how many are alike."""
        return self.relative * self.lives.weight

    def score(self, at: Floats | None = None) -> Floats:
        """First derivatives.

        Args:
            at: a number for each moment by which its part counts; 1 if not given.

        Returns:
            One number per covariate.
        """
        g = np.ones(len(self.sets.time)) if at is None else at
        died = self.sets.died
        seen = (self.lives.weight[died] * g[self.sets.moment]) @ self.x[died]
        expected = (g * self.c[0]) @ self.risk_x - (g * self.c[1]) @ self.dying_x
        return np.asarray(seen - expected)

    def information(self, at: Floats | None = None) -> Floats:
        """Second derivatives, with the sign turned.

        Args:
            at: a number for each moment by which its part counts; 1 if not given.

        Returns:
            A matrix.
        """
        g = np.ones(len(self.sets.time)) if at is None else at
        died, w = self.sets.died, self._hazard
        whole = self.x.T @ (self.x * (w * self.sets.over(g * self.c[0]))[:, None])
        xd, share = self.x[died], w[died] * (g * self.c[1])[self.sets.moment]
        whole -= xd.T @ (xd * share[:, None])
        q, s, e = [g * one for one in self.q], self.risk_x, self.dying_x
        crossed = s.T @ (e * q[1][:, None])
        means = s.T @ (s * q[0][:, None]) - crossed - crossed.T + e.T @ (e * q[2][:, None])
        return np.asarray(whole - means)

    def residuals(self) -> Floats:
        """Each row's part in the score (score residuals).

        Returns:
            One row per row, one column per covariate; people alike in a row have it each.

        Source:
            Therneau, Grambsch & Fleming (1990), Biometrika 77:147, with Efron's ties as in R's residuals.coxph.
        """
        (c0, c1), (q0, q1, q2) = self.c, self.q
        own = q0[:, None] * self.risk_x - q1[:, None] * self.dying_x
        left = -self.relative[:, None] * (self.x * self.sets.over(c0)[:, None] - self.sets.over(own))
        died, j = self.sets.died, self.sets.moment
        d = self.sets.deaths[:, None]
        mean = (c0[:, None] * self.risk_x - c1[:, None] * self.dying_x) / d
        spared = q1[:, None] * self.risk_x - q2[:, None] * self.dying_x
        left[died] += self.x[died] - mean[j]
        left[died] += self.relative[died, None] * (self.x[died] * c1[j, None] - spared[j])
        return left


def partial_likelihood(lives: Lives, sets: RiskSets, x: Floats, coefficients: Floats, ties: Ties) -> Partial:
    """How likely is the order in which people had the event?

    Args:
        lives: the rows.
        sets: their risk sets.
        x: covariates, one column each.
        coefficients: one per covariate.
        ties: "efron" or "breslow".

    Returns:
        The likelihood with its derivatives at hand.
    """
    score = x @ coefficients
    # The likelihood does not change when all hazards are multiplied; this keeps them from overflowing.
    score = score - score.max()
    relative = np.exp(score)
    hazard, died = relative * lives.weight, sets.died
    at_risk, dying = sets.at_risk(hazard), sets.of_dead(hazard[died])
    j, a = _one_by_one(sets.deaths, ties)
    phi = at_risk[j] - a * dying[j]
    size = len(sets.time)
    with np.errstate(all="ignore"):
        loglik = float(lives.weight[died] @ score[died] - np.log(phi).sum())
        once, twice = 1 / phi, 1 / phi**2
        sums = [sums_by(j, part, size) for part in (once, a * once, twice, a * twice, a**2 * twice)]
    weighted = x * hazard[:, None]
    return Partial(
        lives, sets, x, loglik, relative, (sums[0], sums[1]), (sums[2], sums[3], sums[4]), sets.at_risk(weighted),
        sets.of_dead(weighted[died]),
    )  # fmt: skip


def _one_by_one(deaths: Floats, ties: Ties) -> tuple[NDArray[np.intp], Floats]:
    """The moment of each death, and which share of the dying has left when its turn comes."""
    d = deaths.astype(np.intp)
    j = np.repeat(np.arange(len(d)), d)
    if ties == "breslow":
        return j, np.zeros(len(j))
    turn = np.arange(len(j)) - np.repeat(np.cumsum(d) - d, d)
    return j, turn / d[j]
