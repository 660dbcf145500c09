"""Does an effect differ between segments? Cochran's Q and effects drawn towards their mean."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc


class Heterogeneity(NamedTuple):
    """How much effects differ: Q with its p value, the common effect, and each effect drawn towards it."""

    q: float
    df: int
    p_value: float
    common: float
    between_variance: float
    shrunken: NDArray[np.float64]


def heterogeneity_test(effects: ArrayLike, variances: ArrayLike) -> Heterogeneity:
    """Do these effects differ by more than chance explains?

    Args:
        effects: One effect per segment.
        variances: The variance of each effect, all positive.

    Returns:
        Cochran's Q against a chi-square with segments - 1 degrees of freedom; the common effect, weighted by
        1/variance; the variance between segments (DerSimonian-Laird); the shrunken effects.

    Assumes:
        Independent segments, fixed before the treatment.

    Source:
        Cochran (1954), Biometrics 10:101; DerSimonian & Laird (1986), Controlled Clinical Trials 7:177.

    Examples:
        >>> h = heterogeneity_test([1.0, 3.0], [0.5, 0.5])
        >>> h.q, h.df, h.common, h.shrunken.tolist()
        (4.0, 1, 2.0, [1.25, 2.75])
    """
    effect, variance = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    weight = 1 / variance
    common = float((weight * effect).sum() / weight.sum())
    q, df = float((weight * (effect - common) ** 2).sum()), len(effect) - 1
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    between = max((q - df) / float(scale), 0.0) if df else 0.0
    shrunken = common + (effect - common) * between / (between + variance)
    p_value = float(chdtrc(df, q)) if df else 1.0
    return Heterogeneity(q, df, p_value, common, between, shrunken)
