"""One arm's share: how many did it, how sure that is, and how far its interval reaches."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from cxlab.experiments.measurement import Cell
from cxlab.stats.means import Arm
from cxlab.stats.proportions import wilson_interval
from cxlab.stats.relative import Limits

__all__ = ["share_arm", "successes", "wald_limits", "wilson_limits"]


def successes(cell: Cell) -> tuple[int, int]:
    """How many did it, of how many."""
    return round(float(cell.values.mean[0]) * cell.values.n), cell.values.n


def share_arm(x: int, n: int) -> Arm:
    """A share with its variance."""
    return Arm(n, x / n, x / n * (1 - x / n) / n, n - 1)


def wilson_limits(x: int, n: int, confidence: float) -> Limits:
    """A share with the reach of Wilson's interval."""
    low, high = wilson_interval(x, n, confidence=confidence)
    return Limits(x / n, x / n - float(low), float(high) - x / n)


def wald_limits(x: int, n: int, confidence: float) -> Limits:
    """A share with the reach of the plain interval."""
    reach = float(ndtri((1 + confidence) / 2) * np.sqrt(share_arm(x, n).variance))
    return Limits(x / n, reach, reach)
