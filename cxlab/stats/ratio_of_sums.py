"""What became of a sum: the same units' later amounts over their earlier ones, where few units may hold most of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, stdtrit

__all__ = ["Ratio", "effective_number", "kept_share", "ratios_of_sums"]

Floats = NDArray[np.float64]
_DRAWS = 2_000
_LARGE = 2_000  # units of equal size from which the sums are as good as normal
_FEWEST, _CHANGED = 10, 5  # units, and units whose amount changed, below which no interval can be told
_AT_ONCE = 2_000_000  # weights in memory


class Ratio(NamedTuple):
    """A ratio of sums with its standard error and interval; no interval where it cannot be told."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float


_NOTHING = Ratio(np.nan, np.nan, np.nan, np.nan)


def effective_number(base: ArrayLike) -> float:
    """How many units of equal size would make a sum as steady as these?

    Args:
        base: each unit's part of the sum, 0 or more.

    Returns:
        The sum squared over the sum of squares: the number of units where all are alike, 1 where one holds all.

    Source:
        Kish (1965), Survey Sampling.

    Examples:
        >>> effective_number([1, 1, 1, 1]), round(effective_number([97, 1, 1, 1]), 2)
        (4.0, 1.06)
    """
    sizes = np.asarray(base, dtype=float)
    squares = float((sizes**2).sum())
    return float(sizes.sum() ** 2 / squares) if squares > 0 else 0.0


def ratios_of_sums(tops: ArrayLike, base: ArrayLike, *, confidence: float = 0.95, seed: int = 1) -> list[Ratio]:
    """What are several sums over the same units, as fractions of one earlier sum?

    Args:
        tops: each unit's later amounts, one column per sum.
        base: each unit's earlier amount, above 0.
        confidence: level of the intervals, as a fraction.
        seed: of the bootstrap's random numbers.

    Returns:
        The ratios. An interval reaches as far as the studentised bootstrap over units or the linearised one with
        Student's t on the effective number of units, whichever is wider at that end; the latter alone where 2,000
        units of equal weight stand behind it. None with fewer than 10 units, or fewer than 5 whose amount changed.

    Assumes:
        Units are independent.

    Source:
        Linearised variance: Cochran (1977), Sampling Techniques, 6.3. Bootstrap-t: Efron & Tibshirani (1993), 12.5.

    Examples:
        >>> found = ratios_of_sums([[9], [11], [0], [10], [12], [10], [9], [11], [10], [10]], [10] * 10)[0]
        >>> found.estimate, round(found.se, 3)
        (0.92, 0.106)
    """
    later, earlier = np.atleast_2d(np.asarray(tops, dtype=float)), np.asarray(base, dtype=float)
    n, total = len(earlier), float(earlier.sum())
    if total <= 0:
        return [_NOTHING] * later.shape[1]
    estimates = later.sum(axis=0) / total
    rest = later - estimates * earlier[:, None]
    errors = np.sqrt(n / max(n - 1, 1) * (rest**2).sum(axis=0)) / total
    changed = (np.abs(later - earlier[:, None]) > 1e-9 * earlier[:, None]).sum(axis=0)
    reach = float(stdtrit(max(effective_number(earlier) - 1, 1), (1 + confidence) / 2))
    below, above = np.full(len(estimates), reach), np.full(len(estimates), reach)
    told = (n >= _FEWEST) & (changed >= _CHANGED) & (errors > 1e-12)
    if told.any() and effective_number(earlier) < _LARGE:
        drawn = _studentised(later[:, told], earlier, estimates[told], seed)
        below[told] = np.fmax(reach, np.nanquantile(drawn, (1 + confidence) / 2, axis=0))
        above[told] = np.fmax(reach, -np.nanquantile(drawn, (1 - confidence) / 2, axis=0))
    lows = np.where(told, np.maximum(estimates - below * errors, 0), np.nan)
    highs = np.where(told, estimates + above * errors, np.nan)
    return [Ratio(*map(float, one)) for one in zip(estimates, errors, lows, highs, strict=True)]


def _studentised(later: Floats, earlier: Floats, estimates: Floats, seed: int) -> Floats:
    """How far drawn samples lie from the sample, in standard errors of their own; one row per draw."""
    draw, n, k = np.random.default_rng(seed), len(earlier), later.shape[1]
    own = earlier[:, None]
    columns = np.column_stack([later, later**2, later * own, own, own**2])
    found = []
    size = max(1, _AT_ONCE // n)
    for start in range(0, _DRAWS, size):
        sums = _weights(draw, n, min(size, _DRAWS - start)) @ columns
        e, ee, es, s, ss = sums[:, :k], sums[:, k : 2 * k], sums[:, 2 * k : 3 * k], sums[:, [-2]], sums[:, [-1]]
        drawn = e / s
        spread = np.sqrt(np.maximum(ee - 2 * drawn * es + drawn**2 * ss, 0) * n / (n - 1)) / s
        found.append(np.divide(drawn - estimates, spread, out=np.full_like(drawn, np.nan), where=spread > 1e-12))
    return np.concatenate(found)


def _weights(draw: np.random.Generator, n: int, draws: int) -> Floats:
    """How often each unit is in each of the drawn samples."""
    places = draw.integers(n, size=(draws, n)) + n * np.arange(draws)[:, None]
    return np.bincount(places.ravel(), minlength=draws * n).reshape(draws, n).astype(np.float64)


def kept_share(kept: ArrayLike, base: ArrayLike, *, confidence: float = 0.95) -> Ratio:
    """Which share of a sum is kept, where no unit can keep more than it had?

    Args:
        kept: what each unit keeps, 0 to its base.
        base: each unit's earlier amount, above 0.
        confidence: level of the interval, as a fraction.

    Returns:
        The share. Its interval is the exact one of a binomial share with as many units as would be as unsure, at most
        the effective number; it stays honest where nobody has lost anything yet. None with fewer than 5 units.

    Assumes:
        Units are independent.

    Source:
        Korn & Graubard (1998), Survey Methodology 24:193, with the effective number of units as its upper limit.

    Examples:
        >>> found = kept_share([10] * 20, [10] * 20)
        >>> found.estimate, round(found.ci_low, 3), found.ci_high
        (1.0, 0.832, 1.0)
    """
    part, whole = np.asarray(kept, dtype=float), np.asarray(base, dtype=float)
    n, total = len(whole), float(whole.sum())
    if total <= 0:
        return _NOTHING
    share = float(part.sum() / total)
    if n < _CHANGED:
        return Ratio(share, np.nan, np.nan, np.nan)
    se = float(np.sqrt(n / (n - 1) * ((part - share * whole) ** 2).sum()) / total)
    tail = (1 - confidence) / 2
    most = effective_number(whole)
    alike = min(most, share * (1 - share) / se**2) if se > 1e-12 else most
    successes = share * alike
    low = float(betaincinv(successes, alike - successes + 1, tail)) if successes > 1e-9 else 0.0
    high = float(betaincinv(successes + 1, alike - successes, 1 - tail)) if alike - successes > 1e-9 else 1.0
    return Ratio(share, se, low, high)
