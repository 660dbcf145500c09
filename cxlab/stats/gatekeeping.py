"""Questions in order of rank: what ranks second is asked only where what ranks first was answered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["gatekept"]


def gatekept(primary: Sequence[ArrayLike], secondary: Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
    """Which findings stand when secondary questions are asked only after the primary ones, in a fixed order?

    Each variant begins with an equal part of the level. Its primary questions share it (Holm); once all of them are
    answered, its secondary questions are asked one after the other, each with the whole part; a variant that is
    through passes its part on to the others. The chance of any false finding stays at the level.

    Args:
        primary: per variant, the p-values of its primary questions; missing ones stay missing and do not count.
        secondary: per variant, the p-values of its secondary questions, in their order.

    Returns:
        Per variant, the adjusted p-values: primary ones first, then secondary ones.

    Assumes:
        The order was fixed before the data.

    Source:
        Bretz, Maurer, Brannath & Posch (2009), Statistics in Medicine 28:586, with this one graph.

    Examples:
        >>> gatekept([[0.01]], [[0.03, 0.02]])[0].tolist()
        [0.01, 0.03, 0.03]
        >>> gatekept([[0.20]], [[0.001]])[0].tolist()
        [0.2, 0.2]
    """
    ladders = [
        _Ladder(np.asarray(a, dtype=float), np.asarray(b, dtype=float)) for a, b in zip(primary, secondary, strict=True)
    ]
    reached = 0.0
    while unfinished := [ladder for ladder in ladders if not ladder.finished]:
        part = len(unfinished)
        best = min(unfinished, key=lambda ladder: ladder.smallest())
        reached = max(reached, min(best.smallest() * part, 1.0))
        best.reject(reached)
    return [ladder.adjusted for ladder in ladders]


class _Ladder:
    """One variant's questions, and how far it has got."""

    def __init__(self, primary: NDArray[np.float64], secondary: NDArray[np.float64]) -> None:
        self.p = np.concatenate([primary, secondary])
        self.adjusted = np.full(len(self.p), np.nan)
        places = [int(i) for i in np.flatnonzero(~np.isnan(self.p))]
        self._first = sorted((i for i in places if i < len(primary)), key=lambda i: self.p[i])
        self._then = [i for i in places if i >= len(primary)]

    @property
    def finished(self) -> bool:
        return not self._first and not self._then

    def smallest(self) -> float:
        """The next p-value, times how many share the variant's part."""
        if self._first:
            return float(self.p[self._first[0]]) * len(self._first)
        return float(self.p[self._then[0]])

    def reject(self, reached: float) -> None:
        """The next question gets its adjusted p-value, and the one after it is asked."""
        self.adjusted[(self._first or self._then).pop(0)] = reached
