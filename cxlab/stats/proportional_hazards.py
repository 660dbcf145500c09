"""Do hazards stay in proportion over time? The test that a Cox regression's single number per covariate rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from cxlab.errors import DataError
from cxlab.stats.cox import CoxFit

__all__ = ["Proportional", "TimeScale", "proportional_hazards"]

Floats = NDArray[np.float64]
TimeScale = Literal["km", "rank", "identity"]


class Proportional(NamedTuple):
    """Whether one covariate's (or one term's, or all covariates') hazard ratio changes over time."""

    name: str
    statistic: float
    df: int
    p_value: float


def proportional_hazards(
    fit: CoxFit, *, scale: TimeScale = "km", terms: Sequence[str] | None = None
) -> tuple[Proportional, ...]:
    """Does a hazard ratio change over time?

    Args:
        fit: the regression.
        scale: how time counts: "km" by the share who had the event before, "rank" by the order of all times, "identity"
            as it is.
        terms: which term each covariate belongs to, such as the category whose levels they are; each is its own if not
            given.

    Returns:
        One test per term, and one for all together, named "GLOBAL".

    Raises:
        DataError: terms and covariates differ in number.

    Source:
        Grambsch & Therneau (1994), Biometrika 81:515, as the score test of the product with time. Checked against
        R 4.2.2, survival 3.5-3, cox.zph.

    Examples:
        >>> from cxlab.stats.cox import cox_regression
        >>> fit = cox_regression([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 0], [[1], [0], [1], [0], [1], [0]], names=["x"])
        >>> [(test.name, round(test.p_value, 3)) for test in proportional_hazards(fit)]
        [('x', 0.627), ('GLOBAL', 0.627)]
    """
    labels = list(fit.names if terms is None else terms)
    if len(labels) != len(fit.names):
        raise DataError(f"Found {len(labels)} terms for {len(fit.names)} covariates; expected one each.")
    # At the fitted coefficients the score is 0: taking the mean off changes nothing but rounding.
    g = _time(fit, scale)
    g = g - np.average(g, weights=fit.design.sets.deaths)
    found = fit.design.at(fit.coefficient * fit.design.scale)
    score = found.score(g)
    plain, once, twice = found.information(), found.information(g), found.information(g**2)
    # What is left of the products with time once the covariates themselves are taken into account.
    left = twice - once @ np.linalg.solve(plain, once)
    tests = []
    for name in dict.fromkeys(labels):
        places = [k for k, label in enumerate(labels) if label == name]
        tests.append(_test(name, score[places], left[np.ix_(places, places)]))
    return (*tests, _test("GLOBAL", score, left))


def _test(name: str, score: Floats, information: Floats) -> Proportional:
    """A regression with few moments of events may leave nothing that could change."""
    unit = np.sqrt(np.maximum(np.diag(information), 1e-300))  # each covariate on a scale of its own
    score, information = score / unit, information / np.outer(unit, unit)
    df = int(np.linalg.matrix_rank(information, tol=1e-9, hermitian=True))
    if not df:
        return Proportional(name, float("nan"), 0, float("nan"))
    statistic = float(score @ np.linalg.pinv(information, rcond=1e-9, hermitian=True) @ score)
    return Proportional(name, statistic, df, float(chdtrc(df, statistic)))


def _time(fit: CoxFit, scale: TimeScale) -> Floats:
    """How each moment counts."""
    sets, lives = fit.design.sets, fit.design.lives
    if scale == "identity":
        return sets.time
    if scale == "rank":
        times, place = np.unique(lives.time, return_inverse=True)
        rows = np.bincount(place.reshape(-1), lives.weight)
        return (np.cumsum(rows) - (rows - 1) / 2)[np.searchsorted(times, sets.time)]
    return _before(lives.time, lives.happened, lives.entry, lives.weight, sets.time)


def _before(time: Floats, happened: NDArray[np.bool_], entry: Floats, weight: Floats, at: Floats) -> Floats:
    """The share who had the event before each moment, all strata together."""
    moments = np.unique(time[happened])
    order, late = np.argsort(time), np.sort(entry)
    left = np.cumsum(weight[order][::-1])[::-1]
    begun = np.concatenate([[0.0], np.cumsum(weight[np.argsort(entry)])])
    at_risk = np.append(left, 0.0)[np.searchsorted(time[order], moments, side="left")]
    at_risk -= begun[-1] - begun[np.searchsorted(late, moments, side="left")]
    died = np.bincount(np.searchsorted(moments, time[happened]), weight[happened])
    gone = 1 - np.cumprod(1 - died / at_risk)
    return np.concatenate([[0.0], gone])[np.searchsorted(moments, at, side="left")]
