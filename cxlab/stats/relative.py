"""Relative effects: how much more, as a fraction of the control."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Relative(NamedTuple):
    """A relative effect; the limits are None where the data do not bound it."""

    effect: float | None
    ci_low: float | None
    ci_high: float | None


class Limits(NamedTuple):
    """An estimate with how far its interval reaches down and up."""

    estimate: float
    down: float
    up: float


class LogRatio(NamedTuple):
    """The logarithm of a ratio of two levels and its variance."""

    estimate: float
    variance: float


def log_ratio(treatment: float, treatment_variance: float, control: float, control_variance: float) -> LogRatio:
    """How many times the control is the treatment, on the scale on which equal percentages are equal distances?

    Args:
        treatment: Estimate of the treatment, above 0.
        treatment_variance: Variance of that estimate.
        control: Estimate of the control, above 0.
        control_variance: Variance of that estimate.

    Returns:
        log(treatment / control) and its variance by the delta method.

    Assumes:
        Independent arms, both well above 0 in units of their standard errors.

    Source:
        Katz, Baptista, Azen & Pike (1978), Biometrics 34:469 (the interval exp(log ratio ± z se)).

    Examples:
        >>> [round(value, 4) for value in log_ratio(11.0, 0.04, 10.0, 0.04)]
        [0.0953, 0.0007]
    """
    variance = treatment_variance / treatment**2 + control_variance / control**2
    return LogRatio(float(np.log(treatment / control)), variance)


def _root(treatment: float, treatment_reach: float, control: float, control_reach: float, sign: int) -> float:
    """Solve (treatment - r control)^2 = treatment_reach^2 + r^2 control_reach^2 for one limit r."""
    a = control**2 - control_reach**2
    c = treatment**2 - treatment_reach**2
    inner = max((treatment * control) ** 2 - a * c, 0.0)
    return float((treatment * control + sign * np.sqrt(inner)) / a)


def relative_from_limits(treatment: Limits, control: Limits) -> Relative:
    """Which relative effects agree with the intervals of two independent estimates?

    The limits exclude zero exactly when the interval of the difference made from the same reaches does.

    Args:
        treatment: Estimate of the treatment and the reach of its interval.
        control: The same of the control.

    Returns:
        Treatment / control - 1. Without limits where the control's interval includes zero; without effect
        where the control is zero or negative.

    Source:
        Fieller (1954), JRSS-B 16:175; with unequal reaches Donner & Zou (2012), Statistical Methods in
        Medical Research 21:347 (the MOVER for ratios, with Wilson limits the partner of Newcombe's difference).

    Examples:
        >>> relative_from_limits(Limits(12.0, 1.0, 1.0), Limits(10.0, 0.0, 0.0))
        Relative(effect=0.19999999999999996, ci_low=0.10000000000000009, ci_high=0.30000000000000004)
        >>> relative_from_limits(Limits(12.0, 1.0, 1.0), Limits(1.0, 2.0, 2.0)).ci_low is None
        True
    """
    if control.estimate <= 0:
        return Relative(None, None, None)
    effect = treatment.estimate / control.estimate - 1
    if control.estimate <= max(control.up, control.down):
        return Relative(effect, None, None)
    low = _root(treatment.estimate, treatment.down, control.estimate, control.up, -1)
    high = _root(treatment.estimate, treatment.up, control.estimate, control.down, +1)
    return Relative(effect, low - 1, high - 1)


def fieller(
    treatment: float, treatment_variance: float, control: float, control_variance: float, *, quantile: float
) -> Relative:
    """By what fraction is the treatment above the control?

    Args:
        treatment: Estimate of the treatment.
        treatment_variance: Variance of that estimate.
        control: Estimate of the control.
        control_variance: Variance of that estimate.
        quantile: The quantile that the absolute interval used, so that both agree about zero.

    Returns:
        Treatment / control - 1 with Fieller's limits; None where they are unbounded.

    Assumes:
        Independent arms.

    Source:
        Fieller (1954), JRSS-B 16:175.

    Examples:
        >>> fieller(11.0, 0.04, 10.0, 0.04, quantile=1.96).ci_low > 0
        True
    """
    one, zero = quantile * np.sqrt(treatment_variance), quantile * np.sqrt(control_variance)
    return relative_from_limits(Limits(treatment, one, one), Limits(control, zero, zero))
