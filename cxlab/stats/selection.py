"""The winner's curse: an effect that was chosen because it looked large looks larger than it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfcx, log_ndtr, ndtr, ndtri

from cxlab.errors import ParameterError

__all__ = [
    "Conditional", "Total", "conditional_effect", "corrected_total", "excess_and_variance", "expected_inflation",
    "selection_bias",
]  # fmt: skip

Floats = NDArray[np.float64]

_HALVINGS = 90
_POINTS, _MASS = hermegauss(21)


class Conditional(NamedTuple):
    """An effect corrected for having passed a threshold, with its interval."""

    effect: float
    ci_low: float
    ci_high: float


class Total(NamedTuple):
    """The sum of the chosen effects as observed, what choosing added to it, and the sum without that."""

    observed: float
    bias: float
    corrected: float
    se: float
    ci_low: float
    ci_high: float


def _density(z: Floats) -> Floats:
    return np.asarray(np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi))


def expected_inflation(effect: float, se: float, threshold: float) -> float:
    """By how much does an effect look too large, where only those beyond a threshold are told?

    Args:
        effect: The true effect.
        se: Standard error of its estimate.
        threshold: How many standard errors an estimate must exceed to be told.

    Returns:
        The expected estimate, given that it was told, minus the true effect.

    Source:
        The mean of a truncated normal distribution; Gelman & Carlin (2014), Perspectives on Psychological
        Science 9:641.

    Examples:
        >>> round(expected_inflation(0.02, 0.02, 1.96), 4)
        0.0299
    """
    return se * math.sqrt(2 / math.pi) / float(erfcx((threshold - effect / se) / math.sqrt(2)))


def conditional_effect(effect: float, se: float, threshold: float, *, confidence: float = 0.95) -> Conditional:
    """How large is an effect that passed a threshold, judged by that alone?

    Args:
        effect: The observed effect, above threshold times se.
        se: Its standard error.
        threshold: How many standard errors it had to exceed.
        confidence: Level of the interval, as a fraction.

    Returns:
        The effect that is most likely under the normal distribution cut off at the threshold, and the interval
        that holds among all effects that pass. An effect just above the threshold says little: its interval
        reaches far down.

    Raises:
        ParameterError: the effect did not pass the threshold.

    Source:
        Zhong & Prentice (2008), Biostatistics 9:621 (estimate); exact interval by inversion of the truncated
        normal's distribution function.

    Examples:
        >>> found = conditional_effect(0.060, 0.02, 1.96)
        >>> round(found.effect, 4), round(found.ci_low, 4), round(found.ci_high, 4)
        (0.0504, -0.016, 0.0987)
    """
    z = effect / se
    if z <= threshold:
        raise ParameterError(f"`effect` is {z:.3g} standard errors; expected more than the threshold {threshold:.3g}.")
    tail = (1 - confidence) / 2
    reach = 12 + 50 / (z - threshold)  # further down nothing agrees with an effect that passed
    most_likely = _solve(lambda true: true + expected_inflation(true, 1.0, threshold) - z, z - reach, z)
    low = _solve(lambda true: _exceeds(z, true, threshold) - math.log(tail), z - reach, z + 12)
    high = _solve(lambda true: _exceeds(z, true, threshold) - math.log1p(-tail), z - reach, z + 12)
    return Conditional(most_likely * se, low * se, high * se)


def _exceeds(z: float, true: float, threshold: float) -> float:
    """The logarithm of the chance to see more than z, among estimates beyond the threshold."""
    far, near = z - true, threshold - true
    if near <= 0:
        return float(log_ndtr(-far) - log_ndtr(-near))
    # Far below the threshold both chances are too small for a number; their ratio is not.
    ratio = float(erfcx(far / math.sqrt(2)) / erfcx(near / math.sqrt(2)))
    return math.log(ratio) - (far - near) * (far + near) / 2


def _solve(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where does a rising function cross 0?"""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def selection_bias(effects: ArrayLike, ses: ArrayLike, threshold: float, *, sds: ArrayLike = 0.0) -> Floats:
    """What does choosing by the threshold add to the sum of the chosen effects, effect by effect?

    Args:
        effects: Where each true effect lies; the plug-in takes the observed ones.
        ses: Standard errors of the estimates.
        threshold: How many standard errors an estimate must exceed to be chosen.
        sds: How sure it is where each true effect lies, as standard deviations; 0 takes the effects as known.

    Returns:
        The expected excess of each effect, chosen or not.

    Source:
        Lee & Shen (2018), KDD, section 3; averaged over a normal distribution of the true effect.

    Examples:
        >>> selection_bias([0.02, -0.02], [0.02, 0.02], 1.96).round(5).tolist()
        [0.00503, 0.0001]
    """
    effect, se, sd = (np.asarray(part, dtype=float) for part in (effects, ses, sds))
    wider = np.sqrt(1 + (sd / se) ** 2)
    return np.asarray(se * _density((threshold - effect / se) / wider) / wider)


def corrected_total(
    effects: ArrayLike,
    ses: ArrayLike,
    chosen: ArrayLike,
    threshold: float,
    *,
    likely: tuple[ArrayLike, ArrayLike] | None = None,
    confidence: float = 0.95,
) -> Total:
    """What did the chosen changes bring together, without the winner's curse?

    Args:
        effects: Observed effects of all experiments, chosen or not.
        ses: Their standard errors.
        chosen: Which effects are added up.
        threshold: How many standard errors an effect had to exceed to be chosen.
        likely: Where each true effect lies, as means and standard deviations; None plugs in the observed effects.
        confidence: Level of the interval, as a fraction.

    Returns:
        The sum of the chosen effects minus the expected excess of all experiments, with its interval.

    Assumes:
        Independent experiments, effects that add up, estimates near enough to normal, one threshold.

    Source:
        Lee & Shen (2018), KDD. The plug-in takes off too much where most true effects are small; averaged over where
        they are likely to lie, the excess is right on average. The variance of sum minus excess minus truth is exact
        for a known effect, and averaged alike.

    Examples:
        >>> found = corrected_total([0.05, 0.01, 0.00], [0.02, 0.02, 0.02], [True, False, False], 1.96)
        >>> round(found.observed, 3), round(found.corrected, 4)
        (0.05, 0.0392)
    """
    effect, se = np.asarray(effects, dtype=float), np.asarray(ses, dtype=float)
    observed = float(effect[np.asarray(chosen, dtype=bool)].sum())
    parts = excess_and_variance(effect, se, threshold, likely=likely)
    bias, error = float(parts[0].sum()), math.sqrt(float(parts[1].sum()))
    reach = float(ndtri((1 + confidence) / 2)) * error
    corrected = observed - bias
    return Total(observed, bias, corrected, error, corrected - reach, corrected + reach)


def excess_and_variance(
    effects: ArrayLike, ses: ArrayLike, threshold: float, *, likely: tuple[ArrayLike, ArrayLike] | None = None
) -> tuple[Floats, Floats]:
    """What does each experiment take off a sum of chosen effects, and how much does it add to its variance?

    Args:
        effects: Observed effects.
        ses: Their standard errors.
        threshold: How many standard errors an effect had to exceed to be chosen.
        likely: Where each true effect lies, as means and standard deviations; None plugs in the observed effects.

    Returns:
        Expected excess and variance of each experiment; both add up over experiments.

    Examples:
        >>> excess, variance = excess_and_variance([0.05], [0.02], 1.96)
        >>> round(float(excess[0]), 5), round(float(variance[0]), 6)
        (0.0069, 0.000247)
    """
    effect, se = np.asarray(effects, dtype=float), np.asarray(ses, dtype=float)
    if likely is None:
        return selection_bias(effect, se, threshold), se**2 * _expected_variance(effect / se, se / se, threshold)
    centre, spread = (np.asarray(part, dtype=float) for part in likely)
    excess = selection_bias(centre, se, threshold, sds=spread)
    return excess, se**2 * _expected_variance(centre / se, spread / se, threshold)


def _expected_variance(centre: Floats, spread: Floats, threshold: float) -> Floats:
    """The variance of one experiment's part, averaged over where its true effect may lie."""
    true = centre[:, None] + spread[:, None] * _POINTS
    return np.asarray(_variance(threshold - true) @ (_MASS / _MASS.sum()))


def _variance(gap: Floats) -> Floats:
    """The variance of (Z - true)·1(Z > threshold) - density(threshold - Z), with gap = threshold - true."""
    root2, root15 = math.sqrt(2), math.sqrt(1.5)
    density, beyond = _density(gap), ndtr(-gap)
    plug_in = _density(gap / root2) / root2
    square = _density(gap / root15) / root15 / (2 * math.sqrt(math.pi))
    product = plug_in * (gap / 2 * ndtr(-gap / root2) + _density(gap / root2) / root2)
    second = beyond + gap * density - 2 * product + square
    return np.asarray(np.maximum(second - (density - plug_in) ** 2, 0.0))
