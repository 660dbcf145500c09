"""Whole clusters were assigned (shops, teams, regions): how sure is an arm's average, with few of them?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxlab.stats.means import Arm, Difference, t_difference

__all__ = ["ClusterArm", "ClusterSums", "cluster_arm", "cluster_difference", "intraclass_correlation"]


class ClusterSums(NamedTuple):
    """One arm's clusters, added up; w is a cluster's weight (its rows), t its total, h = w / sum of w.

    `squares` sums (t - mean w)^2 / (1 - h), `square_weights` w^2, `leveraged` w^2 / (1 - h) and `leveraged_squares`
    w^4 / (1 - h)^2; `levels` sums t^2 / w.
    """

    clusters: int
    weight: float
    total: float
    squares: float
    square_weights: float
    leveraged: float
    leveraged_squares: float
    levels: float = 0.0

    @classmethod
    def of(cls, totals: ArrayLike, weights: ArrayLike) -> ClusterSums:
        """What are the sums of these clusters' totals and weights?"""
        t, w = np.asarray(totals, dtype=float), np.asarray(weights, dtype=float)
        share = 1 - w / w.sum()
        rest = t - t.sum() / w.sum() * w
        sums = (rest**2 / share, w**2, w**2 / share, w**4 / share**2, t**2 / w)
        return cls(len(t), float(w.sum()), float(t.sum()), *(float(part.sum()) for part in sums))


class ClusterArm(NamedTuple):
    """One arm's average with its CR2 variance, and what its degrees of freedom need."""

    arm: Arm
    working: float
    spread: float


def cluster_arm(sums: ClusterSums) -> ClusterArm:
    """What is an arm's average over rows, and how sure is it when whole clusters were assigned?

    Args:
        sums: the arm's clusters, two or more.

    Returns:
        The average with Bell and McCaffrey's bias-reduced variance.

    Source:
        Bell & McCaffrey (2002), Survey Methodology 28:169; Pustejovsky & Tipton (2018), JBES 36:672, for two arms in
        closed form. Checked against R estimatr 1.0.0 lm_robust (CR2).

    Examples:
        >>> found = cluster_arm(ClusterSums.of([2.0, 4.0, 6.0], [2, 2, 2]))
        >>> found.arm.estimate, round(found.arm.variance, 4), round(found.arm.df, 6)
        (2.0, 0.3333, 2.0)
    """
    n = sums.weight
    working = 1 / n
    spread = sums.square_weights / n**4 + max(sums.leveraged**2 - sums.leveraged_squares, 0.0) / n**6
    arm = Arm(sums.clusters, sums.total / n, sums.squares / n**2, working**2 / spread)
    return ClusterArm(arm, working, spread)


def cluster_difference(treatment: ClusterArm, control: ClusterArm, *, confidence: float = 0.95) -> Difference:
    """How far is the treatment above the control, when whole clusters were assigned?

    Args:
        treatment: the arm with the change.
        control: the arm without it.
        confidence: level of the interval, as a fraction.

    Returns:
        The difference with Student's t at Satterthwaite's degrees of freedom.

    Assumes:
        Independent clusters.

    Source:
        Bell & McCaffrey (2002); Pustejovsky & Tipton (2018).

    Examples:
        >>> arms = [cluster_arm(ClusterSums.of(t, [2, 2, 2])) for t in ([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])]
        >>> found = cluster_difference(*arms)
        >>> round(found.effect, 2), round(found.df, 2), round(found.p_value, 3)
        (1.0, 4.0, 0.196)
    """
    df = (treatment.working + control.working) ** 2 / (treatment.spread + control.spread)
    se = float(np.sqrt(treatment.arm.variance + control.arm.variance))
    return t_difference(treatment.arm.estimate - control.arm.estimate, se, df, confidence=confidence)


def intraclass_correlation(arms: list[ClusterSums], square_values: float) -> float | None:
    """How alike are the rows of one cluster?

    Args:
        arms: the clusters of all arms, weighted by their rows.
        square_values: sum of all squared values.

    Returns:
        The analysis-of-variance estimate, pooled within arms; None where no cluster has two rows.

    Source:
        Donner & Koval (1980), Biometrics 36:19.

    Examples:
        >>> arm = ClusterSums.of([2.0, 0.0], [2, 2])
        >>> intraclass_correlation([arm], 2.0)
        1.0
    """
    rows, clusters = sum(arm.weight for arm in arms), sum(arm.clusters for arm in arms)
    between_df = clusters - len(arms)
    if rows <= clusters or between_df < 1:
        return None
    levels = sum(arm.levels for arm in arms)
    between = (levels - sum(arm.total**2 / arm.weight for arm in arms)) / between_df
    within = max(square_values - levels, 0.0) / (rows - clusters)
    size = (rows - sum(arm.square_weights / arm.weight for arm in arms)) / between_df
    total = between + (size - 1) * within
    return float((between - within) / total) if total > 0 else None
