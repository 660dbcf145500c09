"""How far quantile differences stray by chance anywhere on a grid: the limit that holds for all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from cxlab.errors import ParameterError

__all__ = ["simultaneous_quantile"]

_NODES, _STEPS, _NEAR, _STEP = 61, 30, 1e-11, 0.001


def simultaneous_quantile(shares: Sequence[float], confidence: float = 0.95) -> float:
    """How many standard errors wide must a band be, to hold at all these quantiles together?

    Args:
        shares: The quantiles' shares between 0 and 1, rising.
        confidence: Chance that all of them lie inside, as a fraction.

    Returns:
        The limit of the largest absolute value of a Brownian bridge at the shares, each divided by its standard error;
        between that of a single interval and that of Bonferroni.

    Raises:
        ParameterError: shares that do not rise between 0 and 1, by 0.001 or more.

    Assumes:
        Independent units; large samples. Exact for two groups of one distribution, and where the densities of both keep
        one ratio; otherwise neighbouring quantiles hang together less, and the limit is a little short.

    Source:
        Doksum & Sievers (1976), Biometrika 63:421 (bands for the difference of quantiles); the bridge divided by its
        standard error is a score at information share / (1 - share), so that equal steps of information give
        Pocock's (1977) constants, against which it was checked.

    Examples:
        >>> round(simultaneous_quantile([0.5]), 4), round(simultaneous_quantile([0.25, 0.5, 0.75]), 3)
        (1.96, 2.345)
    """
    listed = tuple(float(share) for share in shares)
    if not listed or not (listed[0] > 0 and listed[-1] < 1) or any(np.diff(listed) < _STEP - 1e-9):
        given = ", ".join(map(str, listed)) or "empty"
        raise ParameterError(f"`shares` are {given}; expected them to rise from 0 to 1 by {_STEP} or more.")
    return _limit(listed, float(confidence))


@lru_cache(maxsize=64)
def _limit(shares: tuple[float, ...], confidence: float) -> float:
    information = np.array(shares) / (1 - np.array(shares))
    kept = np.sqrt(information[:-1] / information[1:])
    single = float(ndtri((1 + confidence) / 2))
    if len(shares) == 1:
        return single
    # The chance is smooth and rises between a single interval's limit and Šidák's, so secants settle in a few steps.
    before, now = single, float(ndtri((1 + confidence ** (1 / len(shares))) / 2))
    missed, misses = _inside(before, kept) - confidence, _inside(now, kept) - confidence
    for _ in range(_STEPS):
        if abs(misses) < _NEAR or misses == missed:
            break
        before, now = now, now - misses * (now - before) / (misses - missed)
        missed, misses = misses, _inside(now, kept) - confidence
    return now


@lru_cache(maxsize=8)
def _rule(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(nodes)


def _inside(limit: float, kept: np.ndarray) -> float:
    """The chance that a standard normal chain with these correlations never leaves the limits."""
    # Neighbours that hang together closely need nodes that lie as close.
    nodes, weights = _rule(max(_NODES, int(25 / np.sqrt(1 - kept.max() ** 2))))
    z, weight = limit * nodes, limit * weights
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    for share in kept:
        spread = np.sqrt(1 - share * share)
        gaps = (z[:, None] - share * z[None, :]) / spread
        density = np.exp(-gaps * gaps / 2) @ (density * weight) / (spread * np.sqrt(2 * np.pi))
    return float(density @ weight)
