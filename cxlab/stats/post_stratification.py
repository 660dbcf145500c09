"""Effects within strata, put together by the strata's shares: chance imbalances between arms no longer count."""

from __future__ import annotations

from collections.abc import Sequence

from cxlab.stats.means import Arm

__all__ = ["stratified_arm"]


def stratified_arm(arms: Sequence[Arm], weights: Sequence[float]) -> Arm:
    """What is an arm's estimate, had it every stratum in the share that all arms together have?

    Args:
        arms: the arm's estimate in each stratum.
        weights: each stratum's share of all units; they add up to 1.

    Returns:
        The weighted estimate; the degrees of freedom are Satterthwaite's over the strata.

    Assumes:
        Strata known before the treatment; two units or more of the arm in each.

    Source:
        Miratrix, Sekhon & Yu (2013), JRSS-B 75:369.

    Examples:
        >>> stratified_arm([Arm(10, 1.0, 0.2, 9), Arm(30, 3.0, 0.1, 29)], [0.5, 0.5]).estimate
        2.0
    """
    n = sum(arm.n for arm in arms)
    estimate = sum(weight * arm.estimate for arm, weight in zip(arms, weights, strict=True))
    parts = [weight**2 * arm.variance for arm, weight in zip(arms, weights, strict=True)]
    below = sum(part**2 / arm.df for part, arm in zip(parts, arms, strict=True) if arm.df > 0)
    df = sum(parts) ** 2 / below if below > 0 else sum(arm.df for arm in arms)
    return Arm(n, float(estimate), float(sum(parts)), float(df))
