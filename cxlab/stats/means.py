"""Differences of two independent estimates, with Student's t: Welch's test and what rests on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit


class Arm(NamedTuple):
    """One group's estimate, the variance of that estimate, and its degrees of freedom."""

    n: int
    estimate: float
    variance: float
    df: float


class Difference(NamedTuple):
    """A difference of two estimates with its interval and two-sided p value."""

    effect: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    p_value: float
    quantile: float


def mean_arm(n: int, mean: float, variance: float) -> Arm:
    """How sure is a group's mean?

    Args:
        n: Number of units, at least two.
        mean: Their mean.
        variance: Their variance, with n - 1 as divisor.

    Returns:
        The arm with the variance of its mean.

    Examples:
        >>> mean_arm(4, 10.0, 8.0)
        Arm(n=4, estimate=10.0, variance=2.0, df=3)
    """
    return Arm(n, mean, variance / n, n - 1)


def welch_df(treatment: Arm, control: Arm) -> float:
    """How many degrees of freedom has a difference of two arms with unequal variances?

    Args:
        treatment: The one arm.
        control: The other arm.

    Returns:
        Satterthwaite's approximation; the smaller arm's value when neither varies.

    Source:
        Welch (1947), Biometrika 34:28; Satterthwaite (1946).

    Examples:
        >>> welch_df(Arm(10, 1.0, 0.5, 9), Arm(10, 0.0, 0.5, 9))
        18.0
    """
    total = treatment.variance + control.variance
    if total == 0:
        return float(min(treatment.df, control.df))
    parts = treatment.variance**2 / treatment.df + control.variance**2 / control.df
    return float(total**2 / parts) if parts > 0 else float(treatment.df + control.df)


def t_difference(effect: float, se: float, df: float, *, confidence: float = 0.95) -> Difference:
    """What interval and p value has an effect whose standard error is known?

    Args:
        effect: The estimated difference.
        se: Its standard error.
        df: Degrees of freedom of Student's t.
        confidence: Level of the interval, as a fraction.

    Returns:
        The difference. Without any spread the interval is the effect itself, and p is 1 where it is 0, else 0.

    Examples:
        >>> round(t_difference(2.0, 1.0, 1e9).p_value, 4)
        0.0455
    """
    quantile = float(stdtrit(df, 0.5 + confidence / 2))
    p_value = 2 * float(stdtr(df, -abs(effect) / se)) if se > 0 else float(effect == 0)
    return Difference(effect, se, df, effect - quantile * se, effect + quantile * se, p_value, quantile)


def arm_difference(treatment: Arm, control: Arm, *, confidence: float = 0.95, df: float | None = None) -> Difference:
    """How far is the treatment above the control?

    Args:
        treatment: The arm with the change.
        control: The arm without it.
        confidence: Level of the interval, as a fraction.
        df: Degrees of freedom; Welch's when left out.

    Returns:
        Treatment minus control, with Welch's interval and p value.

    Assumes:
        Independent units; means near enough to normal.

    Source:
        Welch (1947), Biometrika 34:28. Checked against R 4.2.2 t.test.

    Examples:
        >>> d = arm_difference(mean_arm(10, 2.33, 4.009), mean_arm(10, 0.75, 3.2006))
        >>> round(d.effect, 2), round(d.df, 2), round(d.p_value, 3)
        (1.58, 17.78, 0.079)
    """
    se = float(np.sqrt(treatment.variance + control.variance))
    freedom = welch_df(treatment, control) if df is None else df
    return t_difference(treatment.estimate - control.estimate, se, freedom, confidence=confidence)
