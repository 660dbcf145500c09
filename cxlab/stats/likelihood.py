"""Maximum likelihood for a few positive parameters: on their logarithms, with profile and robust intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import chdtri, ndtri

__all__ = ["Maximum", "known_inverse", "maximum_likelihood", "no_narrower", "profile_intervals", "two_sided"]

Floats = NDArray[np.float64]
RowLogLikelihood = Callable[[Floats], Floats]

_STEP, _BOUND, _HOPELESS = 2e-4, 8.5, 1e12
_FLAT = 2.5  # a standard error of a parameter's logarithm: its value is known to a factor of twelve at best
_FAR = 7.0
_MOVED = 1e-3  # of a parameter's logarithm: the curvature there is the same to three digits


class Maximum(NamedTuple):
    """Where the likelihood is highest.

    `values` are the parameters, `covariance` is that of their logarithms, robust to a wrong model, `information` the
    negative second derivatives there, `scores` one row of first derivatives per observation; `flat` says that the data
    do not determine all parameters.
    """

    values: Floats
    loglik: float
    information: Floats
    scores: Floats
    covariance: Floats
    flat: bool


def maximum_likelihood(rows: RowLogLikelihood, weights: Floats, starts: Sequence[Sequence[float]]) -> Maximum:
    """Which positive parameters make the observations most likely?

    Args:
        rows: parameters to the log-likelihood of each observation.
        weights: how many customers are alike in each observation.
        starts: where to begin; a later one is tried only where the one before leads nowhere.

    Returns:
        The maximum.

    Source:
        Quasi-Newton steps on the logarithms of the parameters, then Newton steps; the covariance is the sandwich of
        Huber (1967) and White (1982).

    Examples:
        >>> import numpy as np
        >>> times = np.array([1.0, 2.0, 3.0, 6.0])
        >>> found = maximum_likelihood(lambda p: np.log(p[0]) - p[0] * times, np.ones(4), [[1.0]])
        >>> round(float(found.values[0]), 6), found.flat
        (0.333333, False)
    """
    best: Maximum | None = None
    for start in starts:
        found = _climbed(rows, weights, np.log(np.asarray(start, dtype=float)))
        if best is None or found.loglik > best.loglik + 1e-6:
            best = found
        if not best.flat:
            break
    assert best is not None
    return best


def _total(rows: RowLogLikelihood, weights: Floats, logs: Floats) -> float:
    with np.errstate(all="ignore"):
        value = float(weights @ rows(np.exp(logs)))
    return value if np.isfinite(value) else -_HOPELESS


def _climbed(rows: RowLogLikelihood, weights: Floats, logs: Floats) -> Maximum:
    size = float(weights.sum())
    found = minimize(
        lambda at: -_total(rows, weights, at) / size, logs, method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * len(logs), options={"maxiter": 300, "ftol": 1e-13, "gtol": 1e-7},
    )  # fmt: skip
    at, information = _polished(rows, weights, found.x)
    scores = _scores(rows, at)
    loglik = _total(rows, weights, at)
    covariance, flat = _sandwich(information, scores, weights)
    flat = flat or bool((np.abs(at) > _BOUND - 0.1).any())
    return Maximum(np.exp(at), loglik, information, scores, covariance, flat)


def _polished(rows: RowLogLikelihood, weights: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Newton steps as long as they lead up: the quasi-Newton search stops a little early on flat ridges.

    The second derivatives are taken anew only where a step was long enough to change them.
    """
    information = _information(rows, weights, at)
    for _ in range(4):
        if np.linalg.eigvalsh(information)[0] <= 0:
            break
        step = np.linalg.solve(information, weights @ _scores(rows, at))
        longest = float(np.abs(step).max())
        if longest > 0.5 or longest < 1e-6 or _total(rows, weights, at + step) < _total(rows, weights, at):
            break
        at = at + step
        if longest > _MOVED:
            information = _information(rows, weights, at)
    return at, information


def _scores(rows: RowLogLikelihood, at: Floats) -> Floats:
    columns = []
    for k in range(len(at)):
        away = _STEP * np.eye(len(at))[k]
        with np.errstate(all="ignore"):
            columns.append((rows(np.exp(at + away)) - rows(np.exp(at - away))) / (2 * _STEP))
    return np.nan_to_num(np.array(columns).T)


def _information(rows: RowLogLikelihood, weights: Floats, at: Floats) -> Floats:
    unit, step = np.eye(len(at)), 1e-3
    found = np.empty((len(at), len(at)))
    middle = _total(rows, weights, at)
    for i in range(len(at)):
        up, down = (_total(rows, weights, at + sign * step * unit[i]) for sign in (1, -1))
        found[i, i] = (2 * middle - up - down) / step**2
        for j in range(i):
            ends = [_total(rows, weights, at + step * (p * unit[i] + q * unit[j])) for p in (1, -1) for q in (1, -1)]
            found[i, j] = found[j, i] = -(ends[0] - ends[1] - ends[2] + ends[3]) / (4 * step**2)
    return found


def _sandwich(information: Floats, scores: Floats, weights: Floats) -> tuple[Floats, bool]:
    roots = np.linalg.eigvalsh(information)
    if roots[0] <= 0 or roots[0] < 1 / _FLAT**2:
        return np.full_like(information, np.nan), True
    bread = np.linalg.inv(information)
    covariance = bread @ (scores.T * weights) @ scores @ bread
    return np.asarray(covariance), False


def profile_intervals(rows: RowLogLikelihood, weights: Floats, found: Maximum, *, confidence: float = 0.95) -> Floats:
    """Between which values does each parameter lie, the others fitted anew at each?

    Args:
        rows: parameters to the log-likelihood of each observation.
        weights: how many customers are alike in each observation.
        found: the maximum.
        confidence: level, as a fraction.

    Returns:
        One row per parameter: lower and upper end; an end that the data leave open is missing.

    Source:
        Likelihood ratio against chi-square with one degree of freedom; Venzon & Moolgavkar (1988) for the profile.

    Examples:
        >>> import numpy as np
        >>> times = np.array([1.0, 2.0, 3.0, 6.0])
        >>> rows = lambda p: np.log(p[0]) - p[0] * times
        >>> found = maximum_likelihood(rows, np.ones(4), [[1.0]])
        >>> profile_intervals(rows, np.ones(4), found).round(3).tolist()
        [[0.103, 0.774]]
    """
    limit = float(chdtri(1, 1 - confidence)) / 2
    ends = [[_end(rows, weights, found, k, sign, limit) for sign in (-1, 1)] for k in range(len(found.values))]
    return np.array(ends, dtype=float)


def _end(rows: RowLogLikelihood, weights: Floats, found: Maximum, k: int, sign: int, limit: float) -> float:
    """Outwards in steps until the likelihood has dropped enough, then by false position on its root."""
    spread, path = _path(found, k)
    others = np.log(found.values)
    inner, inner_drop, outer, drop = 0.0, 0.0, spread * np.sqrt(2 * limit), 0.0
    while outer < _FAR:
        drop, others = _drop(rows, weights, found, (k, sign * outer), others + sign * path * (outer - inner))
        if drop >= limit:
            break
        inner, inner_drop, outer = outer, drop, outer * 1.5
    else:
        return np.nan
    want, middle = np.sqrt(limit), outer
    for _ in range(12):
        if abs(drop - limit) < 2e-4:
            return float(found.values[k] * np.exp(sign * outer))
        middle = inner + (outer - inner) * (want - np.sqrt(inner_drop)) / (np.sqrt(drop) - np.sqrt(inner_drop))
        middle_drop, others = _drop(rows, weights, found, (k, sign * middle), others + sign * path * (middle - outer))
        if abs(middle_drop - limit) < 2e-4:
            break
        if middle_drop < limit:
            inner, inner_drop = middle, middle_drop
        else:
            outer, drop = middle, middle_drop
    return float(found.values[k] * np.exp(sign * middle))


def _path(found: Maximum, k: int) -> tuple[float, Floats]:
    """Standard error of one parameter, and how the others follow it, where the likelihood is a parabola."""
    if np.linalg.eigvalsh(found.information)[0] <= 0:
        return 1.0, np.zeros(len(found.values))
    inverse = np.linalg.inv(found.information)
    return float(min(np.sqrt(inverse[k, k]), 2.0)), np.asarray(inverse[k] / inverse[k, k])


def _drop(
    rows: RowLogLikelihood, weights: Floats, found: Maximum, moved: tuple[int, float], others: Floats
) -> tuple[float, Floats]:
    """How far is the likelihood below its maximum where one parameter is moved and the others follow?"""
    k, off = moved
    at, rest = np.clip(others, -_BOUND, _BOUND), [j for j in range(len(others)) if j != k]
    at[k] = np.log(found.values[k]) + off
    if not rest:
        return max(found.loglik - _total(rows, weights, at), 0.0), at

    def below(part: Floats) -> float:
        full = at.copy()
        full[rest] = np.clip(part, -_BOUND, _BOUND)
        return -_total(rows, weights, full)

    inner = found.information[np.ix_(rest, rest)]
    known = {"hess_inv0": _symmetric_inverse(inner)} if np.linalg.eigvalsh(inner)[0] > 1e-6 else {}
    fitted = minimize(below, at[rest], method="BFGS", options={"maxiter": 40, "gtol": 0.02, **known})
    at[rest] = fitted.x
    return max(found.loglik + float(fitted.fun), 0.0), at


def _symmetric_inverse(matrix: Floats) -> Floats:
    inverse = np.linalg.inv(matrix)
    return np.asarray((inverse + inverse.T) / 2)


def known_inverse(information: Floats) -> Floats:
    """Inverse of the information in the directions that the data determine; in the others nothing varies.

    Args:
        information: negative second derivatives of the log-likelihood.

    Returns:
        The inverse.

    Examples:
        >>> import numpy as np
        >>> known_inverse(np.diag([4.0, 1e-9])).tolist()
        [[0.25, 0.0], [0.0, 0.0]]
    """
    roots, axes = np.linalg.eigh(information)
    kept = roots >= 1 / _FLAT**2
    return np.asarray((axes[:, kept] / roots[kept]) @ axes[:, kept].T)


def no_narrower(robust: Floats, own: Floats) -> Floats:
    """The robust covariance, in no direction below the one that holds where the model is right.

    Args:
        robust: the sandwich; from few observations it comes out a little too small.
        own: the inverse information.

    Returns:
        The least covariance that is as wide as the model's own in every direction and as the robust one beyond.

    Examples:
        >>> import numpy as np
        >>> no_narrower(np.diag([0.5, 3.0]), np.eye(2)).round(9).tolist()
        [[1.0, 0.0], [0.0, 3.0]]
    """
    roots, axes = np.linalg.eigh(own)
    size = np.sqrt(np.maximum(roots, 1e-12))
    half, inverse = (axes * size) @ axes.T, (axes / size) @ axes.T
    wider, along = np.linalg.eigh(inverse @ robust @ inverse)
    return np.asarray(half @ (along * np.maximum(wider, 1.0)) @ along.T @ half)


def two_sided(confidence: float) -> float:
    """How many standard errors does an interval reach to each side?

    Args:
        confidence: level, as a fraction.

    Returns:
        1.96 for 0.95.

    Examples:
        >>> round(two_sided(0.95), 3)
        1.96
    """
    return float(ndtri((1 + confidence) / 2))
