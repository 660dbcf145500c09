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
    """How true effects are spread: mean, standard deviation, standard error of the mean, and from how many effects."""

    mean: float
    sd: float
    se_of_mean: float
    n: int


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
    return EffectPrior(mean, math.sqrt(between), float(weight.sum() ** -0.5), len(effect))


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
    """Where do true effects lie, given each estimate and a prior that was estimated from all of them?

    Args:
        effects: Estimated effects.
        ses: Their standard errors.
        prior: The prior; from three effects or fewer nothing is drawn towards it.

    Returns:
        Means and standard deviations; these hold how uncertain the prior's mean and standard deviation are.

    Source:
        Morris (1983), JASA 78:47, formulas 1.15 to 1.20.

    Examples:
        >>> means, sds = shrunken_effects([3.0], [1.0], EffectPrior(1.0, 1.0, 0.0, 1_000_000))
        >>> means.round(3).tolist(), sds.round(3).tolist()
        ([2.0], [0.707])
    """
    effect, variance = np.asarray(effects, dtype=float), np.asarray(ses, dtype=float) ** 2
    total = variance + prior.sd**2
    drawn = max((prior.n - 3) / max(prior.n - 1, 1), 0.0) * variance / total
    gap = effect - prior.mean
    of_mean = (drawn * prior.se_of_mean) ** 2
    of_sd = 2 / max(prior.n - 3, 1) * drawn**2 * (variance.mean() + prior.sd**2) / total * gap**2
    return effect - drawn * gap, np.sqrt(variance * (1 - drawn) + of_mean + of_sd)
