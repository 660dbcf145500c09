"""What reading every look as the only one does, and the first published limits against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.special import ndtri

from cxlab.stats.sequential import Floats, crossing_probabilities

__all__ = ["classical_bounds", "peeking_error"]


def peeking_error(looks: Sequence[float], *, alpha: float = 0.05) -> float:
    """How often does a test without any effect find one, if it is read at every look as if it were the only one?

    Args:
        looks: share of the information (or number of units) at each look, rising.
        alpha: two-sided level at which each look is read.

    Returns:
        The chance of at least one false alarm.

    Source:
        Armitage, McPherson & Rowe (1969).

    Examples:
        >>> round(peeking_error([1, 2, 3, 4, 5]), 3)
        0.142
    """
    limit = [float(ndtri(1 - alpha / 2))] * len(looks)
    shares = [look / looks[-1] for look in looks]
    up, down = crossing_probabilities(shares, limit, lower=[-one for one in limit])
    return float(up.sum() + down.sum())


def classical_bounds(
    looks: int, *, alpha: float = 0.025, shape: Literal["obrien-fleming", "pocock"] = "obrien-fleming"
) -> Floats:
    """Which are the first published limits, for evenly spaced looks?

    Args:
        looks: how many.
        alpha: one-sided error in all looks together.
        shape: "pocock" has one limit for all looks, "obrien-fleming" limits that fall with the square root of time.

    Returns:
        One limit per look.

    Source:
        Pocock (1977); O'Brien & Fleming (1979); Jennison & Turnbull (2000), tables 2.1 and 2.3.

    Examples:
        >>> classical_bounds(5, shape="pocock").round(3).tolist()
        [2.413, 2.413, 2.413, 2.413, 2.413]
    """
    times = np.arange(1, looks + 1) / looks
    form = np.ones(looks) if shape == "pocock" else np.sqrt(1 / times)
    low, high = 0.5, 6.0
    for _ in range(50):
        middle = (low + high) / 2
        crossed = crossing_probabilities(times.tolist(), (middle * form).tolist())[0].sum()
        low, high = (middle, high) if crossed > alpha else (low, middle)
    return np.asarray((low + high) / 2 * form)
