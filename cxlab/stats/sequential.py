"""Looking several times: limits that keep the chance of a false alarm, by numerical integration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from cxlab.errors import choose
from cxlab.stats.crossings import HIGHEST, Walk, crossing_probabilities, rising

__all__ = [
    "Spending",
    "classical_bounds",
    "peeking_error",
    "repeated_p_value",
    "spending_bounds",
    "spent",
]  # fmt: skip

Spending: TypeAlias = Literal["obrien-fleming", "pocock", "hwang-shih-decani"]
Floats: TypeAlias = NDArray[np.float64]

_LEVELS = np.exp(np.linspace(np.log(1e-9), np.log(0.5), 40))


def spent(time: float, *, alpha: float = 0.025, spending: Spending = "obrien-fleming", gamma: float = -4.0) -> float:
    """How much of the allowed error may be used up when this share of the information is in?

    Args:
        time: share of the planned information; from 1 on everything may be used.
        alpha: one-sided error in all.
        spending: how it is spread: "obrien-fleming" late, "pocock" evenly, "hwang-shih-decani" by gamma.
        gamma: shape of the last one; negative values spend late.

    Returns:
        The error used up so far.

    Source:
        Lan & DeMets (1983), Biometrika 70:659; Hwang, Shih & DeCani (1990). Checked against rpact 3.3.4.

    Examples:
        >>> [round(spent(t), 4) for t in (0.25, 0.5, 1.0)]
        [0.0, 0.0015, 0.025]
    """
    choose("spending", spending, get_args(Spending))
    share = min(time, 1.0)
    if spending == "obrien-fleming":
        return float(2 * ndtr(-ndtri(1 - alpha / 2) / np.sqrt(share)))
    if spending == "pocock":
        return float(alpha * np.log1p((np.e - 1) * share))
    return alpha * share if gamma == 0 else float(alpha * np.expm1(-gamma * share) / np.expm1(-gamma))


def spending_bounds(
    information: Sequence[float],
    *,
    alpha: float = 0.025,
    spending: Spending = "obrien-fleming",
    gamma: float = -4.0,
) -> Floats:
    """How far must an effect lie from zero, in standard errors, at each look?

    Args:
        information: share of the planned information at each look, rising; looks need not be planned or even.
        alpha: one-sided error in all looks together.
        spending: how the error is spread over the looks.
        gamma: shape of "hwang-shih-decani".

    Returns:
        One limit per look. A look after everything is used up repeats the limit before: it is not paid for.

    Raises:
        ParameterError: looks that do not rise.

    Source:
        Jennison & Turnbull (2000), chapters 7 and 19. Checked against rpact 3.3.4 to 1e-4.

    Examples:
        >>> spending_bounds([0.2, 0.4, 0.6, 0.8, 1.0]).round(2).tolist()
        [4.88, 3.36, 2.68, 2.29, 2.03]
    """
    return np.array(_bounds(rising(information), alpha, spending, gamma, None))


@lru_cache(maxsize=4096)
def _bounds(
    times: tuple[float, ...], alpha: float, spending: Spending, gamma: float, nodes: int | None
) -> tuple[float, ...]:
    """The limits; each from the density of what has not crossed any limit before it."""
    walk, used = Walk(times, nodes=nodes), 0.0
    found: list[float] = []
    for time in times:
        allowed = spent(time, alpha=alpha, spending=spending, gamma=gamma)
        if found and used >= alpha - 1e-12:
            found.append(found[-1])
        else:
            found.append(walk.limit(allowed - used))
            used = allowed
        walk.step(-np.inf, found[-1])
    return tuple(found)


def peeking_error(looks: Sequence[float], *, alpha: float = 0.05) -> float:
    """How often does a test without any effect find one, if it is read at every look as if it were the only one?

    Args:
        looks: share of the information (or number of units) at each look, rising.
        alpha: two-sided level at which each look is read.

    Returns:
        The chance of at least one false alarm.

    Source:
        Armitage, McPherson & Rowe (1969).

    Examples:
        >>> round(peeking_error([1, 2, 3, 4, 5]), 3)
        0.142
    """
    limit = [float(ndtri(1 - alpha / 2))] * len(looks)
    shares = [look / looks[-1] for look in looks]
    up, down = crossing_probabilities(shares, limit, lower=[-one for one in limit])
    return float(up.sum() + down.sum())


def classical_bounds(
    looks: int, *, alpha: float = 0.025, shape: Literal["obrien-fleming", "pocock"] = "obrien-fleming"
) -> Floats:
    """Which are the first published limits, for evenly spaced looks?

    Args:
        looks: how many.
        alpha: one-sided error in all looks together.
        shape: "pocock" has one limit for all looks, "obrien-fleming" limits that fall with the square root of time.

    Returns:
        One limit per look.

    Source:
        Pocock (1977); O'Brien & Fleming (1979); Jennison & Turnbull (2000), tables 2.1 and 2.3.

    Examples:
        >>> classical_bounds(5, shape="pocock").round(3).tolist()
        [2.413, 2.413, 2.413, 2.413, 2.413]
    """
    times = np.arange(1, looks + 1) / looks
    form = np.ones(looks) if shape == "pocock" else np.sqrt(1 / times)
    low, high = 0.5, 6.0
    for _ in range(50):
        middle = (low + high) / 2
        crossed = crossing_probabilities(times.tolist(), (middle * form).tolist())[0].sum()
        low, high = (middle, high) if crossed > alpha else (low, middle)
    return np.asarray((low + high) / 2 * form)


def repeated_p_value(
    p_value: float, information: Sequence[float], *, spending: Spending = "obrien-fleming", gamma: float = -4.0
) -> float:
    """Which p value has an effect at the last of several looks, however often was looked?

    Args:
        p_value: two-sided p value of the last look alone.
        information: share of the planned information at each look, rising; the last is this one.
        spending: how the error is spread.
        gamma: shape of "hwang-shih-decani".

    Returns:
        The smallest two-sided error at which this look would have crossed its limit: it is below alpha exactly
        where the repeated interval leaves zero out.

    Source:
        Jennison & Turnbull (2000), section 9.4.

    Examples:
        >>> round(repeated_p_value(0.01, [0.5, 1.0]), 3), round(repeated_p_value(0.01, [0.5]), 3)
        (0.01, 0.074)
    """
    z = float(-ndtri(min(max(p_value, 1e-300), 1.0) / 2))
    levels, limits = _p_grid(rising(information), spending, gamma)
    quantiles = -ndtri(levels)
    if z <= limits[-1]:
        return 1.0
    return float(min(2 * ndtr(-np.interp(z, limits[::-1], quantiles[::-1])), 1.0))


@lru_cache(maxsize=512)
def _p_grid(times: tuple[float, ...], spending: Spending, gamma: float) -> tuple[Floats, Floats]:
    """The last look's limit for many levels: high limits first, never rising."""
    usual = np.array([0.0005, 0.005, 0.01, 0.025, 0.05, 0.1])
    levels = np.unique(np.concatenate([_LEVELS, usual]))
    limits = np.array([_bounds(times, float(level), spending, gamma, 161)[-1] for level in levels])
    limits = np.minimum.accumulate(limits)
    first = max(int(np.sum(limits >= HIGHEST)) - 1, 0)  # beyond the highest limit the largest of its levels stands
    return levels[first:], limits[first:]
