"""Looking at any time: intervals and p values that hold at all sample sizes at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["AlwaysValid", "always_valid", "e_value", "mixture_weight", "reach", "running_p_values", "sprt_weight"]


class AlwaysValid(NamedTuple):
    """An interval that holds at every sample size, and the evidence against no effect."""

    ci_low: float
    ci_high: float
    e_value: float
    p_value: float


def mixture_weight(n: float, *, tuning: float, alpha: float = 0.05) -> float:
    """How much information is in, on the scale on which the interval is tightest at a chosen size?

    Args:
        n: number of units in both groups so far.
        tuning: number of units at which the interval shall be tightest; chosen before the data.
        alpha: two-sided error.

    Returns:
        n times the squared mixture parameter, a number without unit.

    Source:
        Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), Annals of Statistics, arXiv 2103.06476.

    Examples:
        >>> round(mixture_weight(1, tuning=5000) ** 0.5, 6)
        0.03984
    """
    return float(n * (-2 * np.log(alpha) + np.log(1 - 2 * np.log(alpha))) / tuning)


def sprt_weight(se: float, *, scale: float) -> float:
    """The same for a mixture over effects of a known size (the mixture sequential probability ratio test).

    Args:
        se: standard error of the effect so far.
        scale: standard deviation of the effects that are expected, such as the smallest one that matters.

    Returns:
        The squared scale in units of the squared standard error.

    Source:
        Johari, Koomen, Pekelis & Walsh (2017), KDD.

    Examples:
        >>> round(sprt_weight(0.004, scale=0.008), 6)
        4.0
    """
    return (scale / se) ** 2


def reach(weight: float, *, alpha: float = 0.05) -> float:
    """How many standard errors does the always valid interval reach to either side?

    Args:
        weight: the information so far, from `mixture_weight` or `sprt_weight`.
        alpha: two-sided error over all times together.

    Returns:
        Half the interval's width in standard errors.

    Examples:
        >>> round(reach(mixture_weight(8000, tuning=5000)) * 0.004, 6)
        0.01219
    """
    return float(np.sqrt(2 * (weight + 1) / weight * (np.log1p(weight) / 2 - np.log(alpha))))


def e_value(z: float, weight: float) -> float:
    """How strong is the evidence against no effect, whenever one looks?

    Args:
        z: the effect in its standard errors.
        weight: the information so far.

    Returns:
        The likelihood ratio of a normal mixture of effects to none; above 1 / alpha it shows an effect.

    Examples:
        >>> round(e_value(3.0, mixture_weight(8000, tuning=5000)), 3)
        17.512
    """
    exponent = z * z * weight / (2 * (weight + 1)) - np.log1p(weight) / 2
    return float(np.exp(min(exponent, 700.0)))


def always_valid(effect: float, se: float, weight: float, *, alpha: float = 0.05) -> AlwaysValid:
    """Between which values does an effect lie, however often and whenever was looked?

    Args:
        effect: the estimated effect so far.
        se: its standard error.
        weight: the information so far.
        alpha: two-sided error over all times together.

    Returns:
        Interval, e-value and p value.

    Assumes:
        Some hundreds of units in each group: it rests on the central limit theorem at every look.

    Source:
        Waudby-Smith et al. (2024), arXiv 2103.06476; Johari et al. (2017). Checked against R.

    Examples:
        >>> found = always_valid(0.012, 0.004, mixture_weight(8000, tuning=5000))
        >>> round(found.ci_low, 5), round(found.ci_high, 5), round(found.p_value, 4)
        (-0.00019, 0.02419, 0.0571)
    """
    half, evidence = reach(weight, alpha=alpha) * se, e_value(effect / se, weight)
    return AlwaysValid(effect - half, effect + half, evidence, min(1.0, 1.0 / evidence))


def running_p_values(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Which p value holds at each look, given all looks before it?

    Args:
        p_values: always valid p values in the order of the looks.

    Returns:
        The smallest so far.

    Examples:
        >>> running_p_values([0.4, 0.03, 0.2]).tolist()
        [0.4, 0.03, 0.03]
    """
    return np.minimum.accumulate(np.asarray(p_values, dtype=float))
