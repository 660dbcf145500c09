"""Looking several times: limits that keep the chance of a false alarm, by numerical integration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from cxlab.errors import ParameterError, choose

__all__ = [
    "HIGHEST", "Crossings", "Spending", "crossing_probabilities", "repeated_p_value", "spending_bounds", "spent",
]  # fmt: skip

Spending: TypeAlias = Literal["obrien-fleming", "pocock", "hwang-shih-decani"]
Floats: TypeAlias = NDArray[np.float64]

HIGHEST = 7.5
"""No limit is higher: beyond it the normal tail is below 1e-13."""
_REACH = 8.0
_NODES, _MOST_NODES = 401, 1601
_LEVELS = np.exp(np.linspace(np.log(1e-9), np.log(0.5), 40))


def spent(time: float, *, alpha: float = 0.025, spending: Spending = "obrien-fleming", gamma: float = -4.0) -> float:
    """How much of the allowed error may be used up when this share of the information is in?

    Args:
        time: share of the planned information; from 1 on everything may be used.
        alpha: one-sided error in all.
        spending: how it is spread: "obrien-fleming" late, "pocock" evenly, "hwang-shih-decani" by gamma.
        gamma: shape of the last one; negative values spend late.

    Returns:
        The error used up so far.

    Source:
        Lan & DeMets (1983), Biometrika 70:659; Hwang, Shih & DeCani (1990). Checked against rpact 3.3.4.

    Examples:
        >>> [round(spent(t), 4) for t in (0.25, 0.5, 1.0)]
        [0.0, 0.0015, 0.025]
    """
    choose("spending", spending, get_args(Spending))
    share = min(time, 1.0)
    if spending == "obrien-fleming":
        return float(2 * ndtr(-ndtri(1 - alpha / 2) / np.sqrt(share)))
    if spending == "pocock":
        return float(alpha * np.log1p((np.e - 1) * share))
    return alpha * share if gamma == 0 else float(alpha * np.expm1(-gamma * share) / np.expm1(-gamma))


def spending_bounds(
    information: Sequence[float],
    *,
    alpha: float = 0.025,
    spending: Spending = "obrien-fleming",
    gamma: float = -4.0,
) -> Floats:
    """How far must an effect lie from zero, in standard errors, at each look?

    Args:
        information: share of the planned information at each look, rising; looks need not be planned or even.
        alpha: one-sided error in all looks together.
        spending: how the error is spread over the looks.
        gamma: shape of "hwang-shih-decani".

    Returns:
        One limit per look. A look after everything is used up repeats the limit before: it is not paid for.

    Raises:
        ParameterError: looks that do not rise.

    Source:
        Jennison & Turnbull (2000), chapters 7 and 19. Checked against rpact 3.3.4 to 1e-4.

    Examples:
        >>> spending_bounds([0.2, 0.4, 0.6, 0.8, 1.0]).round(2).tolist()
        [4.88, 3.36, 2.68, 2.29, 2.03]
    """
    return np.array(_bounds(_times(information), alpha, spending, gamma, None))


def _times(information: Sequence[float]) -> tuple[float, ...]:
    times = tuple(float(time) for time in information)
    if not times or times[0] <= 0 or any(b <= a for a, b in pairwise(times)):
        listed = ", ".join(f"{time:g}" for time in times)
        raise ParameterError(
            f"`information` is {listed or 'empty'}; expected shares above 0, each above the one before."
        )
    return times


@lru_cache(maxsize=4096)
def _bounds(
    times: tuple[float, ...], alpha: float, spending: Spending, gamma: float, nodes: int | None
) -> tuple[float, ...]:
    """The limits; each from the density of what has not crossed any limit before it."""
    walk, used = _Walk(times, nodes=nodes), 0.0
    found: list[float] = []
    for time in times:
        allowed = spent(time, alpha=alpha, spending=spending, gamma=gamma)
        if found and used >= alpha - 1e-12:
            found.append(found[-1])
        else:
            found.append(walk.limit(allowed - used))
            used = allowed
        walk.step(-np.inf, found[-1])
    return tuple(found)


@lru_cache(maxsize=16)
def _rule(nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights, which take longer to find than to use."""
    return np.polynomial.legendre.leggauss(nodes)


class _Walk:
    """The density of a score with independent increments that has not crossed a limit yet, look by look."""

    def __init__(self, times: Sequence[float], nodes: int | None = None) -> None:
        self.times, self.place = list(times), 0
        steps = np.diff([0.0, *times])
        needed = 100 * int(0.4 * np.sqrt(max(times) / min(steps))) if nodes is None else nodes
        self.nodes, self.weights = _rule(min(max(needed, nodes or _NODES), _MOST_NODES))
        self.points, self.mass = np.zeros(1), np.ones(1)

    @property
    def width(self) -> float:
        """Information between the look before and this one."""
        return self.times[self.place] - (self.times[self.place - 1] if self.place else 0.0)

    def above(self, limit: float) -> float:
        """Chance of not having crossed before and lying above this limit (in standard errors) now."""
        reach = limit * np.sqrt(self.times[self.place])
        return float(self.mass @ ndtr((self.points - reach) / np.sqrt(self.width)))

    def limit(self, chance: float) -> float:
        """Which limit is crossed upwards with this chance, by bisection."""
        low, high = -_REACH, HIGHEST
        if self.above(high) >= chance:
            return high
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.above(middle) > chance else (low, middle)
        return (low + high) / 2

    def step(self, low: float, high: float) -> None:
        """Go on from this look with what lies between the limits."""
        root, width = np.sqrt(self.times[self.place]), self.width
        start, end = max(low, -_REACH) * root, min(high, _REACH) * root
        points = (start + end) / 2 + max(end - start, 0.0) / 2 * self.nodes
        gaps = (points[:, None] - self.points[None, :]) / np.sqrt(width)
        density = np.exp(-0.5 * gaps * gaps) @ self.mass / np.sqrt(2 * np.pi * width)
        self.points, self.mass = points, density * self.weights * max(end - start, 0.0) / 2
        self.place += 1


class Crossings:
    """With which chance is a limit crossed first at each look, for any size of the effect?

    The densities are integrated once, without an effect; one with an effect is that one, tilted.

    Args:
        information: share of the planned information at each look, rising.
        upper: the upper limits in standard errors.
        lower: the lower limits; None means there are none.

    Source:
        Armitage, McPherson & Rowe (1969), JRSS A 132:235; Jennison & Turnbull (2000), chapter 19.
    """

    def __init__(self, information: Sequence[float], upper: Sequence[float], lower: Sequence[float] | None) -> None:
        self._times = _times(information)
        self._upper, self._lower = list(upper), [-np.inf] * len(upper) if lower is None else list(lower)
        walk, self._held = _Walk(self._times), []
        for low, high in zip(self._lower, self._upper, strict=True):
            self._held.append((walk.points, walk.mass, walk.width))
            if len(self._held) < len(self._times):
                walk.step(low, high)

    def at(self, drift: float) -> tuple[Floats, Floats]:
        """The chances at an effect.

        Args:
            drift: expected z when all planned information is in; 0 is no effect.

        Returns:
            Chances of crossing upwards and downwards at each look.
        """
        chances = [self._chances(place, drift) for place in range(len(self._times))]
        up, down = np.array(chances).T
        return up, down

    def _chances(self, place: int, drift: float) -> tuple[float, float]:
        points, mass, width = self._held[place]
        before, root = self._times[place] - width, np.sqrt(self._times[place])
        tilted = mass * np.exp(drift * points - drift * drift * before / 2)
        centre, spread = points + drift * width, np.sqrt(width)
        up = tilted @ ndtr((centre - self._upper[place] * root) / spread)
        return float(up), float(tilted @ ndtr((self._lower[place] * root - centre) / spread))


def crossing_probabilities(
    information: Sequence[float], upper: Sequence[float], *, lower: Sequence[float] | None = None, drift: float = 0.0
) -> tuple[Floats, Floats]:
    """With which chance is a limit crossed first at each look?

    Args:
        information: share of the planned information at each look, rising.
        upper: the upper limits in standard errors.
        lower: the lower limits; None means there are none.
        drift: expected z when all planned information is in; 0 is no effect.

    Returns:
        Chances of crossing upwards and downwards at each look.

    Source:
        Armitage, McPherson & Rowe (1969), JRSS A 132:235. Checked against rpact 3.3.4.

    Examples:
        >>> up, down = crossing_probabilities([0.5, 1.0], [1.96, 1.96], lower=[-1.96, -1.96])
        >>> round(float(up.sum() + down.sum()), 4)
        0.0831
    """
    return Crossings(information, upper, lower).at(drift)


def repeated_p_value(
    p_value: float, information: Sequence[float], *, spending: Spending = "obrien-fleming", gamma: float = -4.0
) -> float:
    """Which p value has an effect at the last of several looks, however often was looked?

    Args:
        p_value: two-sided p value of the last look alone.
        information: share of the planned information at each look, rising; the last is this one.
        spending: how the error is spread.
        gamma: shape of "hwang-shih-decani".

    Returns:
        The smallest two-sided error at which this look would have crossed its limit: it is below alpha exactly
        where the repeated interval leaves zero out.

    Source:
        Jennison & Turnbull (2000), section 9.4.

    Examples:
        >>> round(repeated_p_value(0.01, [0.5, 1.0]), 3), round(repeated_p_value(0.01, [0.5]), 3)
        (0.01, 0.074)
    """
    z = float(-ndtri(min(max(p_value, 1e-300), 1.0) / 2))
    levels, limits = _p_grid(_times(information), spending, gamma)
    quantiles = -ndtri(levels)
    if z <= limits[-1]:
        return 1.0
    return float(min(2 * ndtr(-np.interp(z, limits[::-1], quantiles[::-1])), 1.0))


@lru_cache(maxsize=512)
def _p_grid(times: tuple[float, ...], spending: Spending, gamma: float) -> tuple[Floats, Floats]:
    """The last look's limit for many levels: high limits first, never rising."""
    usual = np.array([0.0005, 0.005, 0.01, 0.025, 0.05, 0.1])
    levels = np.unique(np.concatenate([_LEVELS, usual]))
    limits = np.array([_bounds(times, float(level), spending, gamma, 161)[-1] for level in levels])
    limits = np.minimum.accumulate(limits)
    first = max(int(np.sum(limits >= HIGHEST)) - 1, 0)  # beyond the highest limit the largest of its levels stands
    return levels[first:], limits[first:]
