"""An arm's values on several covariates: slopes, leverages and the HC2 variance of the adjusted mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxlab.stats.moments import Moments

__all__ = ["Plane", "fit_plane", "hc2_plane_variance", "independent", "pooled_slopes"]

Vector = NDArray[np.float64]
_SMALLEST = 1e-9


class Plane(NamedTuple):
    """The least-squares plane of an arm's values on its covariates; `inverse` is that of the covariates' scatter."""

    n: int
    mean_value: float
    means: Vector
    slopes: Vector
    inverse: Vector

    def at(self, covariates: Vector) -> float:
        """The value the plane expects at these covariates."""
        return float(self.mean_value + self.slopes @ (covariates - self.means))


def independent(scatters: Sequence[Vector]) -> list[int]:
    """Which covariates say something that the ones before them do not, in every arm?

    Args:
        scatters: each arm's matrix of sums of squares and products about the means.

    Returns:
        Their places, in order.

    Examples:
        >>> independent([np.array([[2.0, 4.0, 0.0], [4.0, 8.0, 0.0], [0.0, 0.0, 1.0]])])
        [0, 2]
    """
    kept: list[int] = []
    for place in range(len(scatters[0])):
        if all(_remains(scatter, kept, place) for scatter in scatters):
            kept.append(place)
    return kept


def _remains(scatter: Vector, kept: list[int], place: int) -> bool:
    """Is there spread left once the covariates before are taken out?"""
    own = scatter[place, place]
    if own <= 0:
        return False
    inner, cross = scatter[np.ix_(kept, kept)], scatter[kept, place]
    rest = own - (cross @ np.linalg.solve(inner, cross) if kept else 0.0)
    return bool(rest > _SMALLEST * own)


def fit_plane(moments: Moments, value: ArrayLike, covariates: Sequence[int], constant: float = 0.0) -> Plane:
    """How do an arm's values go with several covariates?

    Args:
        moments: the arm's sums.
        value: weights that make the value from the variables.
        covariates: places of the covariates among the variables, none a combination of the others.
        constant: added to each value.

    Returns:
        The least-squares plane.

    Examples:
        >>> plane = fit_plane(Moments.of([[1, 3, 2, 4], [0, 1, 0, 1], [0, 0, 1, 1]]), [1, 0, 0], [1, 2])
        >>> plane.slopes.tolist()
        [2.0, 1.0]
    """
    v, places = np.asarray(value, dtype=float), list(covariates)
    scatter = moments.scatter
    inverse: Vector = np.asarray(np.linalg.inv(scatter[np.ix_(places, places)]), dtype=np.float64)
    slopes = inverse @ (scatter[places] @ v)
    return Plane(moments.n, constant + float(v @ moments.mean), moments.mean[places], slopes, inverse)


def pooled_slopes(arms: Sequence[Moments], value: ArrayLike, covariates: Sequence[int]) -> Vector:
    """By how much do values rise with each covariate, inside the arms taken together?

    Args:
        arms: the arms' sums.
        value: weights that make the value from the variables.
        covariates: places of the covariates among the variables.

    Returns:
        One slope per covariate.

    Examples:
        >>> pooled_slopes([Moments.of([[1, 3], [0, 1]]), Moments.of([[5, 7], [4, 5]])], [1, 0], [1]).tolist()
        [2.0]
    """
    places, scatter = list(covariates), np.sum([arm.scatter for arm in arms], axis=0)
    return np.asarray(
        np.linalg.solve(scatter[np.ix_(places, places)], scatter[places] @ np.asarray(value, dtype=float))
    )


def hc2_plane_variance(plane: Plane, at: ArrayLike, values: ArrayLike, covariates: ArrayLike) -> float:
    """How sure is the plane's value at given covariates, whatever the spread around it?

    Args:
        plane: the arm's plane.
        at: the covariates at which it is read: their means over all arms.
        values: the arm's values.
        covariates: one row per covariate.

    Returns:
        The HC2 variance; the same sum is taken inside the database for large tables.

    Source:
        Lin (2013), Annals of Applied Statistics 7:295; MacKinnon & White (1985) for HC2. Checked against statsmodels
        0.15.0 OLS with HC2.

    Examples:
        >>> plane = fit_plane(Moments.of([[1, 2, 4], [0, 1, 2]]), [1, 0], [1])
        >>> round(hc2_plane_variance(plane, [1.0], [1, 2, 4], [[0, 1, 2]]), 4)
        0.0556
    """
    gaps = np.asarray(covariates, dtype=float) - plane.means[:, None]
    rest = np.asarray(values, dtype=float) - plane.mean_value - plane.slopes @ gaps
    tilt = plane.inverse @ (np.asarray(at, dtype=float) - plane.means)
    leverage = 1 / plane.n + np.einsum("in,ij,jn->n", gaps, plane.inverse, gaps)
    weight = 1 / plane.n + tilt @ gaps
    return float((weight**2 * rest**2 / (1 - leverage)).sum())
