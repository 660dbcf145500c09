"""Are the groups as large as planned, and do they miss values alike? Pearson's chi-square."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc


class ChiSquare(NamedTuple):
    """A chi-square test."""

    statistic: float
    df: int
    p_value: float


def sample_ratio_test(counts: ArrayLike, ratio: ArrayLike) -> ChiSquare:
    """Are units split between the variants as planned?

    Args:
        counts: Units per variant.
        ratio: Planned ratio in the same order; any positive numbers.

    Returns:
        Pearson's chi-square with one degree of freedom less than there are variants.

    Source:
        Fabijan et al. (2019), KDD. Checked against R 4.2.2 chisq.test.

    Examples:
        >>> round(sample_ratio_test([50000, 50850], [1, 1]).p_value, 5)
        0.00744
    """
    observed, planned = np.asarray(counts, dtype=float), np.asarray(ratio, dtype=float)
    expected = observed.sum() * planned / planned.sum()
    statistic = float(((observed - expected) ** 2 / expected).sum())
    df = len(observed) - 1
    return ChiSquare(statistic, df, float(chdtrc(df, statistic)))


def equal_share_test(counts: ArrayLike, totals: ArrayLike) -> ChiSquare:
    """Is the same share of each group concerned?

    Args:
        counts: Units concerned (for instance without a value) per group.
        totals: All units per group.

    Returns:
        Pearson's chi-square of the two-row table; p is 1 where nobody or everybody is concerned.

    Source:
        Pearson (1900), without continuity correction. Checked against R 4.2.2 prop.test.

    Examples:
        >>> round(equal_share_test([8279, 8502], [45489, 44700]).statistic, 4)
        10.0132
    """
    x, n = np.asarray(counts, dtype=float), np.asarray(totals, dtype=float)
    share, df = x.sum() / n.sum(), len(x) - 1
    if share in (0.0, 1.0):
        return ChiSquare(0.0, df, 1.0)
    statistic = float(((x - n * share) ** 2 / (n * share * (1 - share))).sum())
    return ChiSquare(statistic, df, float(chdtrc(df, statistic)))
