"""Counts of events: exact answers where few happened, and whether the events come one by one as those assume."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import bdtr, bdtrc, betaincinv, gammaincinv, ndtr


class RateRatio(NamedTuple):
    """How many times as often something happened, with exact limits and p value; None where they are not known."""

    ratio: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float


class Dispersion(NamedTuple):
    """How much counts vary against what single events would: 1 where they come one by one, more in bursts."""

    variance_to_mean: float
    p_value: float


def dispersion(variance: float, mean: float, n: int) -> Dispersion:
    """Do events come one by one, or do some units have them in bursts?

    Args:
        variance: Variance of the counts about what their exposure lets expect.
        mean: Mean count, above 0.
        n: Number of units.

    Returns:
        Variance over mean, and the one-sided p value of its being above 1.

    Source:
        Fisher (1950), Biometrics 6:17; the index has expectation 1 and, for Poisson counts, variance 2/n.

    Examples:
        >>> dispersion(0.5, 0.5, 200).p_value
        0.5
        >>> dispersion(1.0, 0.5, 200).p_value < 0.001
        True
    """
    found = variance / mean
    return Dispersion(found, float(ndtr(-(found - 1) * np.sqrt(n / 2))))


def poisson_interval(events: int, exposure: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Between which values does a rate of single events lie?

    Args:
        events: How many happened.
        exposure: Over how much: units, days.
        confidence: Level of the interval, as a fraction.

    Returns:
        Exact lower and upper limit per one of exposure.

    Source:
        Garwood (1936), Biometrika 28:437; equal to R's poisson.test.

    Examples:
        >>> [round(v, 6) for v in poisson_interval(137, 24.19893)]
        [4.753125, 6.692709]
    """
    tail = (1 - confidence) / 2
    low = float(gammaincinv(events, tail)) if events else 0.0
    return low / exposure, float(gammaincinv(events + 1, 1 - tail)) / exposure


def exact_rate_ratio(
    events1: int, exposure1: float, events0: int, exposure0: float, *, confidence: float = 0.95
) -> RateRatio:
    """How many times as often does something happen, where few did?

    Args:
        events1: Events in the treatment.
        exposure1: Its exposure: units, days.
        events0: Events in the control.
        exposure0: Its exposure.
        confidence: Level of the interval, as a fraction.

    Returns:
        The ratio of the rates; its limits are those of Clopper and Pearson for the treatment's share of all events,
        its p value is twice the smaller tail, so that both always agree. Without events in the control the ratio
        and its upper limit are not known; without any events nothing is, and p is 1.

    Assumes:
        Single events (no bursts), independent of each other.

    Source:
        Przyborowski & Wilenski (1940), Biometrika 31:313; Clopper & Pearson (1934), Biometrika 26:404. Limits are
        equal to those of R's poisson.test.

    Examples:
        >>> found = exact_rate_ratio(11, 800, 21, 3011)
        >>> round(found.ratio, 6), round(found.ci_low, 6), round(found.ci_high, 6)
        (1.971488, 0.858426, 4.277266)
    """
    total, tail = events1 + events0, (1 - confidence) / 2
    if total == 0:
        return RateRatio(None, None, None, 1.0)
    expected = exposure1 / (exposure1 + exposure0)
    below = float(bdtr(events1, total, expected))
    above = float(bdtrc(events1 - 1, total, expected)) if events1 else 1.0
    low = float(betaincinv(events1, events0 + 1, tail)) if events1 else 0.0
    high = float(betaincinv(events1 + 1, events0, 1 - tail)) if events0 else None
    scale = exposure0 / exposure1
    ratio = events1 / events0 * scale if events0 else None
    upper = high / (1 - high) * scale if high is not None else None
    return RateRatio(ratio, low / (1 - low) * scale, upper, min(1.0, 2 * min(below, above)))
