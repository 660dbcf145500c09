"""A score with independent increments between limits: where it crosses first, by numerical integration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from cxlab.errors import ParameterError

__all__ = ["HIGHEST", "Crossings", "Walk", "crossing_probabilities", "rising"]

Floats: TypeAlias = NDArray[np.float64]

HIGHEST = 7.5
"""No limit is higher: beyond it the normal tail is below 1e-13."""
_REACH = 8.0
_NODES, _MOST_NODES = 401, 1601


def rising(information: Sequence[float]) -> tuple[float, ...]:
    """Which shares of the information are there at each look?

    Args:
        information: shares above 0, each above the one before.

    Returns:
        The shares.

    Raises:
        ParameterError: they do not rise.

    Examples:
        >>> rising([0.5, 1])
        (0.5, 1.0)
    """
    times = tuple(float(time) for time in information)
    if not times or times[0] <= 0 or any(b <= a for a, b in pairwise(times)):
        listed = ", ".join(f"{time:g}" for time in times)
        raise ParameterError(
            f"`information` is {listed or 'empty'}; expected shares above 0, each above the one before."
        )
    return times


@lru_cache(maxsize=16)
def _rule(nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights, which take longer to find than to use."""
    return np.polynomial.legendre.leggauss(nodes)


class Walk:
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
        self._times = rising(information)
        self._upper, self._lower = list(upper), [-np.inf] * len(upper) if lower is None else list(lower)
        walk, self._held = Walk(self._times), []
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
