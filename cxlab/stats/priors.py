"""What do past effects say about each other? A normal prior estimated from them, and effects drawn towards it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["EffectPrior", "effect_prior", "shrunken_effects"]

Floats = NDArray[np.float64]

_HALVINGS = 90


class EffectPrior(NamedTuple):
    """How true effects are spread: their mean, standard deviation, and the standard error of the mean."""

    mean: float
    sd: float
    se_of_mean: float


def effect_prior(effects: ArrayLike, ses: ArrayLike) -> EffectPrior:
    """How large are true effects, over many experiments?

    Args:
        effects: One estimated effect per experiment, of all experiments, not only of those that won.
        ses: Their standard errors, all positive.

    Returns:
        Mean and standard deviation of the true effects; the standard deviation is 0 where chance alone explains
        how the estimates differ.

    Assumes:
        Independent experiments whose true effects are drawn from one normal distribution.

    Source:
        Paule & Mandel (1982), J Research NBS 87:377. Checked against statsmodels 0.15.0 combine_effects.

    Examples:
        >>> prior = effect_prior([0.0, 2.0, 4.0], [1.0, 1.0, 1.0])
        >>> round(prior.mean, 6), round(prior.sd, 6)
        (2.0, 1.732051)
    """
    effect, variance = np.asarray(effects, dtype=float), np.asarray(ses, dtype=float) ** 2
    between = _between(effect, variance)
    weight = 1 / (variance + between)
    mean = float((weight * effect).sum() / weight.sum())
    return EffectPrior(mean, math.sqrt(between), float(weight.sum() ** -0.5))


def _between(effect: Floats, variance: Floats) -> float:
    """The variance between true effects at which Cochran's Q is what it should be."""
    low, high = 0.0, float(np.ptp(effect)) ** 2
    if _excess(effect, variance, low) <= 0:
        return 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _excess(effect, variance, middle) > 0 else (low, middle)
    return (low + high) / 2


def _excess(effect: Floats, variance: Floats, between: float) -> float:
    weight = 1 / (variance + between)
    mean = (weight * effect).sum() / weight.sum()
    return float((weight * (effect - mean) ** 2).sum()) - (len(effect) - 1)


def shrunken_effects(effects: ArrayLike, ses: ArrayLike, prior: EffectPrior) -> tuple[Floats, Floats]:
    """Where do true effects lie, given each estimate and the prior?

    Args:
        effects: Estimated effects.
        ses: Their standard errors.
        prior: Mean and standard deviation of true effects.

    Returns:
        Means and standard deviations. The uncertainty of the prior's mean is part of them, that of its standard
        deviation is not.

    Source:
        Efron (2011), JASA 106:1602; Kackar & Harville (1984), JASA 79:853, for the uncertain mean.

    Examples:
        >>> means, sds = shrunken_effects([3.0], [1.0], EffectPrior(1.0, 1.0, 0.0))
        >>> means.tolist(), sds.round(3).tolist()
        ([2.0], [0.707])
    """
    effect, variance = np.asarray(effects, dtype=float), np.asarray(ses, dtype=float) ** 2
    drawn = variance / (variance + prior.sd**2)
    means = effect + drawn * (prior.mean - effect)
    return means, np.sqrt((1 - drawn) * variance + (drawn * prior.se_of_mean) ** 2)
