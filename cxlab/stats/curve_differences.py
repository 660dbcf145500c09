"""Do survival curves differ more than chance explains: over all groups, within strata, and pair by pair?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from cxlab.stats.group_counts import GroupCounts, group_counts
from cxlab.stats.multiplicity import holm

__all__ = ["LogRank", "PairTest", "log_rank", "log_rank_pairs"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LogRank:
    """Whether survival curves differ more than chance explains.

    Attributes:
        statistic: The chi-square of the log-rank test.
        df: Its degrees of freedom: groups that can be compared, minus one.
        p_value: Its p-value; nan where nothing can be compared.
        groups: The groups, in order.
        observed: Events in each group.
        expected: Events each group would have had if all groups (within each stratum) shared one curve.
    """

    statistic: float
    df: int
    p_value: float
    groups: tuple
    observed: Floats
    expected: Floats


class PairTest(NamedTuple):
    """Two groups, the log-rank test between them, and its p corrected for all pairs."""

    group: object
    against: object
    statistic: float
    p_value: float
    p_adjusted: float


def log_rank(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, *, strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> LogRank:  # fmt: skip
    """Do the groups' survival curves differ more than chance explains?

    Args:
        time: One number per person: time until the event or until watching ended.
        event: One flag per person: 1 if the event was seen, 0 if watching ended first.
        group: The group of each person.
        strata: Groups within which people are compared, such as the channel they came by; all together if not given.
        weights: How many people each entry stands for; one each by default.

    Returns:
        A LogRank: statistic, df, p_value, groups, observed, expected.

    Raises:
        DataError: If there are fewer than two groups, or a time or flag is not usable.

    Assumes:
        People are independent, and when watching ends has nothing to do with the event.

    Source:
        Mantel 1966, with the hypergeometric variance; strata: scores and variances are added up. Numbers checked
        against R 4.2.2, survival 3.5-3, survdiff(rho = 0).

    Examples:
        >>> test = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], ["a", "a", "a", "b", "b", "b"])
        >>> round(test.statistic, 3), test.df
        (5.052, 1)
    """
    return _tested(group_counts(time, event, group, strata=strata, weights=weights))


def log_rank_pairs(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, *, strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> tuple[PairTest, ...]:  # fmt: skip
    """Which two groups differ more than chance explains?

    Args:
        time: One number per person: time until the event or until watching ended.
        event: One flag per person: 1 if the event was seen, 0 if watching ended first.
        group: The group of each person.
        strata: Groups within which people are compared; all together if not given.
        weights: How many people each entry stands for; one each by default.

    Returns:
        One test for each two groups, its p adjusted for how many there are (Holm).

    Raises:
        DataError: If there are fewer than two groups, or a time or flag is not usable.

    Source:
        The log-rank test of the two groups alone, as R's survdiff on a subset; Holm 1979.

    Examples:
        >>> found = log_rank_pairs([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0], list("aabbcc"))
        >>> [(test.group, test.against, round(test.p_adjusted, 3)) for test in found]
        [('a', 'b', 0.269), ('a', 'c', 0.269), ('b', 'c', 0.269)]
    """
    counts = group_counts(time, event, group, strata=strata, weights=weights)
    pairs = list(combinations(range(len(counts.groups)), 2))
    tests = [_tested(counts.of([a, b])) for a, b in pairs]
    adjusted = holm([test.p_value for test in tests])
    return tuple(
        PairTest(test.groups[0], test.groups[1], test.statistic, test.p_value, float(p))
        for test, p in zip(tests, adjusted, strict=True)
    )


def _tested(counts: GroupCounts) -> LogRank:
    events, at_risk = counts.events[0], counts.at_risk
    total, risk = events.sum(axis=1), at_risk.sum(axis=1)
    expected = at_risk * (total / np.maximum(risk, 1e-300))[:, None]
    score = (events - expected).sum(axis=0)
    variance = _variance(total, risk, at_risk)
    # One group's score follows from the others': what is left of that direction is rounding, not a degree of freedom.
    df = int(np.linalg.matrix_rank(variance, tol=1e-9 * max(float(np.trace(variance)), 1e-300), hermitian=True))
    statistic = float(score @ np.linalg.pinv(variance, rcond=1e-9, hermitian=True) @ score)
    p_value = float(chdtrc(df, statistic)) if df else float("nan")
    return LogRank(statistic, df, p_value, counts.groups, events.sum(axis=0), expected.sum(axis=0))


def _variance(total: Floats, risk: Floats, at_risk: Floats) -> Floats:
    share = at_risk / np.maximum(risk, 1e-300)[:, None]
    # With one person left nothing can vary; the term is 0, not 0/0.
    scale = total * np.maximum(risk - total, 0) / np.maximum(risk - 1, 1)
    return np.asarray(np.diag(scale @ share) - (share * scale[:, None]).T @ share)
