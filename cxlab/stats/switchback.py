"""Periods that switched between two variants: effects from block means, by lot and over days.

A block is one period in one place. Effects are least-squares contrasts after place and time-of-week effects; p-values
draw the assignment again, and intervals hold every effect that such a test does not reject.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxlab.stats.means import Difference, t_difference
from cxlab.stats.relative import Relative

__all__ = [
    "Blocks", "Redrawn", "contrast", "effects_matrix", "interval_by_lot", "redraw", "robust_difference", "robust_ratio",
]  # fmt: skip

Vector = NDArray[np.float64]
Places = NDArray[np.int64]


class Blocks(NamedTuple):
    """Blocks in order: their treatment (1 or 0), value, the effects taken out, and what was drawn together."""

    treated: Vector
    values: Vector
    basis: Vector


def effects_matrix(*groups: Places) -> Vector:
    """Which orthonormal columns span the averages of these groups?

    Args:
        groups: each a number per block, such as its place or its time of the week.

    Returns:
        One row per block; the columns include the overall average.

    Examples:
        >>> effects_matrix(np.array([0, 0, 1, 1])).shape
        (4, 2)
    """
    parts = [np.ones((len(groups[0]), 1))]
    parts += [(group[:, None] == np.unique(group)[None, :]).astype(float) for group in groups]
    left, size, _ = np.linalg.svd(np.hstack(parts), full_matrices=False)
    return np.asarray(left[:, size > 1e-9 * size[0]], dtype=np.float64)


def contrast(blocks: Blocks) -> float:
    """How far are treated blocks above the others, place and time of the week taken out?

    Args:
        blocks: the blocks.

    Returns:
        The least-squares effect.

    Examples:
        >>> contrast(Blocks(np.array([1.0, 0, 1, 0]), np.array([3.0, 1, 5, 3]), np.full((4, 1), 0.5)))
        2.0
    """
    rest = blocks.treated - blocks.basis @ (blocks.basis.T @ blocks.treated)
    return float(rest @ blocks.values / (rest @ blocks.treated))


def redraw(treated: Vector, strata: Places, draws: int, seed: int) -> Vector:
    """What else could the lot have drawn, with as many treated in each stratum?

    Args:
        treated: 1 for treated, one number per drawn period.
        strata: within which group each was drawn, such as its place.
        draws: how many assignments to draw.
        seed: start of the random numbers.

    Returns:
        One column per draw.

    Examples:
        >>> redraw(np.array([1.0, 0, 1, 0]), np.zeros(4, dtype=int), 3, 1).sum(axis=0).tolist()
        [2.0, 2.0, 2.0]
    """
    generator = np.random.default_rng(seed)
    drawn = np.empty((len(treated), draws))
    for stratum in np.unique(strata):
        inside = strata == stratum
        order = generator.random((int(inside.sum()), draws)).argsort(axis=0)
        drawn[inside] = treated[inside][order]
    return drawn


class Redrawn(NamedTuple):
    """Contrasts under assignments drawn again: of the values, and of the values of treated blocks alone."""

    whole: Vector
    treated_part: Vector
    treatment: Vector


def interval_by_lot(
    observed: tuple[float, float], drawn: Redrawn, *, confidence: float, sign: int = 0
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Which effects, added or multiplied, would the lot not have made surprising?

    Args:
        observed: the contrast of the values, and that of the values of treated blocks alone.
        drawn: the same under assignments drawn again, and the contrast of the true treatment.
        confidence: level of the intervals, as a fraction.
        sign: 1 or -1 for a p-value of a change in that direction only; 0 for both.

    Returns:
        Limits of the added effect, limits of the factor on treated blocks (before 1 is taken off), and the p-value.

    Source:
        Test inversion under a constant effect: for every draw the values of the effect at which it would be as extreme
        as the true assignment form an interval; Rosenbaum (2002), Observational Studies, chapter 2.

    Examples:
        >>> drawn = Redrawn(np.array([0.5, -0.5]), np.array([0.3, 0.1]), np.array([0.2, -0.2]))
        >>> interval_by_lot((1.0, 2.0), drawn, confidence=0.5)[2]
        0.3333333333333333
    """
    effect, treated = observed
    size = len(drawn.whole) + 1
    added = _limits(effect, -1.0, drawn.whole, -drawn.treatment, size, confidence)
    # values of treated blocks divided by the factor f: the contrast is linear in s = 1 / f
    scaled = _limits(effect - treated, treated, drawn.whole - drawn.treated_part, drawn.treated_part, size, confidence)
    factor = (1 / scaled[1] if scaled[1] > 0 else np.inf, 1 / scaled[0] if scaled[0] > 0 else np.inf)
    if sign:
        extreme = sign * drawn.whole >= sign * effect - 1e-12 * abs(effect)
    else:
        extreme = np.abs(drawn.whole) >= abs(effect) * (1 - 1e-12)
    return added, factor, float((1 + extreme.sum()) / size)


def _limits(
    start: float, slope: float, starts: Vector, slopes: Vector, size: int, confidence: float
) -> tuple[float, float]:
    """Where |start + slope d| stays below too many of |starts + slopes d|: one interval around its zero a draw."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        one, other = (starts - start) / (slope - slopes), -(starts + start) / (slope + slopes)
    steep = np.abs(slopes) < abs(slope) * (1 - 1e-12)
    low = np.sort(np.where(steep, np.minimum(one, other), -np.inf))
    high = np.sort(np.where(steep, np.maximum(one, other), np.inf))[::-1]
    place = int(np.floor((1 - confidence) * size + 1e-9)) - 1
    if place < 0:
        return -float("inf"), float("inf")
    return float(low[place]), float(high[place])


def robust_difference(blocks: Blocks, clusters: Places, *, confidence: float) -> Difference:
    """How far are treated blocks above the others, when blocks of one cluster (such as a day) go together?

    Args:
        blocks: the blocks.
        clusters: each block's cluster.
        confidence: level of the interval, as a fraction.

    Returns:
        The least-squares effect with CR2 variance and Satterthwaite's degrees of freedom.

    Source:
        Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), JBES 36:672, section 2.

    Examples:
        >>> blocks = Blocks(np.array([1.0, 0, 1, 0]), np.array([3.0, 1, 5, 2]), np.full((4, 1), 0.5))
        >>> found = robust_difference(blocks, np.arange(4), confidence=0.95)
        >>> round(found.effect, 2), round(found.se, 3), round(found.df, 2)
        (2.5, 1.118, 2.0)
    """
    rest = blocks.treated - blocks.basis @ (blocks.basis.T @ blocks.treated)
    scale = float(np.sqrt(rest @ rest))
    design = np.column_stack([blocks.basis, rest / scale])
    effect = float(rest @ blocks.values) / scale**2
    residual = blocks.values - design @ (design.T @ blocks.values)
    names = np.unique(clusters)
    weights = np.zeros((len(rest), len(names)))
    variance = 0.0
    for column, name in enumerate(names):
        inside = clusters == name
        part = design[inside]
        adjusted = _inverse_root(np.eye(len(part)) - part @ part.T) @ part[:, -1] / scale
        weights[inside, column] = adjusted
        variance += float(adjusted @ residual[inside]) ** 2
    moved = weights - design @ (design.T @ weights)
    products = moved.T @ moved
    df = float(np.trace(products) ** 2 / (products**2).sum())
    return t_difference(effect, float(np.sqrt(variance)), df, confidence=confidence)


def robust_ratio(blocks: Blocks, clusters: Places, *, confidence: float) -> Relative:
    """How far are treated blocks above the others, as a fraction, when blocks of one cluster go together?

    Args:
        blocks: the blocks.
        clusters: each block's cluster.
        confidence: level of the interval, as a fraction.

    Returns:
        The factor minus 1. Its interval holds every factor f for which the treated values and f times the others do
        not differ, so that it excludes 0 exactly when the difference's interval does; no limits where it is unbounded.

    Source:
        Fieller (1954) with the covariance of the two levels, from three variances of `robust_difference`.

    Examples:
        >>> blocks = Blocks(np.array([1.0, 0, 1, 0] * 3), np.array([3.0, 2, 5, 3, 4, 3, 4, 2, 3, 3, 5, 2]),
        ...                 np.full((12, 1), 12**-0.5))
        >>> [round(float(end), 2) for end in robust_ratio(blocks, np.arange(12), confidence=0.95)]
        [0.6, 0.2, 1.14]
    """
    treated, others = blocks.values * blocks.treated, blocks.values * (1 - blocks.treated)
    both = robust_difference(blocks, clusters, confidence=confidence)
    above, below = (contrast(blocks._replace(values=part)) for part in (treated, -others))
    if below <= 0:
        return Relative(None, None, None)
    one, zero = (robust_difference(blocks._replace(values=part), clusters, confidence=confidence).se ** 2
                 for part in (treated, others))  # fmt: skip
    shared = (both.se**2 - one - zero) / 2
    square, middle, rest = _fieller(above, below, one, zero, -shared, both.quantile)
    if square <= 0 or middle**2 < square * rest:
        return Relative(above / below - 1, None, None)
    reach = float(np.sqrt(middle**2 - square * rest))
    return Relative(above / below - 1, (middle - reach) / square - 1, (middle + reach) / square - 1)


def _fieller(
    above: float, below: float, one: float, zero: float, shared: float, quantile: float
) -> tuple[float, float, float]:
    """The terms of square f² - 2 middle f + rest ≤ 0, which holds for the factors f that are not rejected."""
    q2 = quantile**2
    return below**2 - q2 * zero, above * below - q2 * shared, above**2 - q2 * one


def _inverse_root(matrix: Vector) -> Vector:
    """The symmetric inverse square root, directions without spread left out."""
    size, vectors = np.linalg.eigh(matrix)
    kept = size > 1e-9
    return np.asarray((vectors[:, kept] / np.sqrt(size[kept])) @ vectors[:, kept].T, dtype=np.float64)
