"""Cox regression: which characteristics go with an event that comes sooner or later, people being watched so long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr, ndtri

from cxlab.errors import DataError
from cxlab.stats.partial_likelihood import Partial, Ties, partial_likelihood
from cxlab.stats.risk_sets import Lives, RiskSets, read_lives, sums_by
from cxlab.wording import count, sentence_list

__all__ = ["CoxFit", "Design", "cox_regression"]

Floats = NDArray[np.float64]
_STEPS, _STILL = 60, 1e-6  # Newton's last step leaves an error of about its square
_RUNS, _FLAT, _FOR_EVER = 0.3, 1e-6, 8
_NOTHING = 1e-9


@dataclass(frozen=True)
class Design:
    """What a regression was fitted to: rows, risk sets, and covariates centred and divided by their spread."""

    lives: Lives
    sets: RiskSets
    x: Floats
    scale: Floats
    ties: Ties

    def at(self, coefficients: Floats) -> Partial:
        """The partial likelihood at coefficients of the scaled covariates."""
        return partial_likelihood(self.lives, self.sets, self.x, coefficients, self.ties)


@dataclass(frozen=True)
class CoxFit:
    """A Cox regression.

    Attributes:
        names: The covariates, in order.
        coefficient: Their log hazard ratios.
        standard_error: Of these; robust to people who share a cluster where one was given.
        covariance: Of the coefficients.
        ci_low: Lower bounds of the coefficients.
        ci_high: Upper bounds of the coefficients.
        p_value: Of each being 0 (Wald).
        loglik: The partial log-likelihood.
        loglik_null: The same without covariates.
        n: People (rows, by their weights).
        events: Events.
        clusters: How many clusters, or None.
        confidence: The intervals' level.
    """

    names: tuple[str, ...]
    coefficient: Floats
    standard_error: Floats
    covariance: Floats
    ci_low: Floats
    ci_high: Floats
    p_value: Floats
    loglik: float
    loglik_null: float
    n: int
    events: int
    clusters: int | None
    confidence: float
    design: Design = field(repr=False)

    @property
    def hazard_ratio(self) -> Floats:
        """How many times as often the event comes, at any moment, for one more of each covariate."""
        return np.exp(self.coefficient)

    @property
    def hazard_ratio_low(self) -> Floats:
        """Lower bounds of the hazard ratios."""
        return np.exp(self.ci_low)

    @property
    def hazard_ratio_high(self) -> Floats:
        """Upper bounds of the hazard ratios."""
        return np.exp(self.ci_high)

    def wald(self, places: Sequence[int]) -> tuple[float, float]:
        """Are these coefficients all 0?

        Args:
            places: places of the covariates, such as the levels of one category.

        Returns:
            Chi-square with as many degrees of freedom, and p.
        """
        chosen = list(places)
        b = self.coefficient[chosen]
        statistic = float(b @ np.linalg.solve(self.covariance[np.ix_(chosen, chosen)], b))
        return statistic, float(chdtrc(len(chosen), statistic))


def cox_regression(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str],
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    ties: Ties = "efron",
    confidence: float = 0.95,
) -> CoxFit:
    """Which characteristics go with an event that comes sooner, the others being equal?

    Args:
        time: end of each row.
        event: 1 where the event came then, 0 where watching ended.
        covariates: one row of numbers per row, one column per covariate.
        names: what the covariates are called.
        entry: begin of each row where people are not watched from 0, or where covariates change; a row that begins
            at the moment of an event is not yet at risk then.
        strata: groups with a hazard of their own each.
        cluster: whose rows belong together; the variance is then robust to that.
        weights: how many people are alike in each row.
        ties: "efron" or "breslow": how events at the same moment count.
        confidence: level of the intervals.

    Returns:
        A CoxFit.

    Raises:
        DataError: nobody had the event; a covariate never varies among those at risk, follows from the others, or
            separates who had the event from who had not; lengths differ, or a value cannot be used.

    Assumes:
        Hazards that stay in proportion over time, and watching that ends for reasons unrelated to the event.

    Source:
        Cox (1972), JRSS B 34:187; Efron (1977), JASA 72:557; Lin & Wei (1989), JASA 84:1074 for the robust variance.
        Checked against R 4.2.2, survival 3.5-3, coxph, and statsmodels' PHReg.

    Examples:
        >>> months, left = [1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 0]
        >>> fit = cox_regression(months, left, [[1], [0], [1], [0], [1], [0]], names=["monthly contract"])
        >>> fit.hazard_ratio.round(2), fit.events
        (array([3.35]), 4)
    """
    lives = read_lives(time, event, entry, strata, weights)
    design = _design(lives, covariates, tuple(names), ties)
    null = design.at(np.zeros(len(names)))
    _refuse_unidentified(design, null, names)
    b, found = _climb(design, null, names)
    fit = _described(design, b, found, null, tuple(names), confidence)
    return fit if cluster is None else _robust(fit, found, cluster)


def _design(lives: Lives, covariates: ArrayLike, names: tuple[str, ...], ties: Ties) -> Design:
    x = np.asarray(covariates, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if x.shape != (len(lives.time), len(names)) or not names:
        raise DataError(
            f"The covariates have the shape {x.shape}; expected {len(lives.time)} rows and a column for each of "
            f"{len(names)} names."
        )
    bad = ~np.isfinite(x)
    if bad.any():
        told = sentence_list([f"{name!r} ({count(n)})" for name, n in zip(names, bad.sum(axis=0), strict=True) if n])
        raise DataError(f"Covariates lack a number in some rows: {told}. Drop these rows, or fill the values in.")
    sets = RiskSets.of(lives)
    share = lives.weight / lives.weight.sum()
    centred = x - share @ x
    spread = np.sqrt(share @ centred**2)
    scale = np.where(spread > _NOTHING * (1 + np.abs(share @ x)), spread, 1.0)
    return Design(lives, sets, centred / scale, scale, ties)


def _refuse_unidentified(design: Design, null: Partial, names: Sequence[str]) -> None:
    """Without covariates the information is how much each varies among those at risk, and with which others."""
    varies = np.diag(null.information())
    still = [name for name, v in zip(names, varies, strict=True) if not v > _NOTHING * design.sets.deaths.sum()]
    if still:
        raise DataError(
            f"{sentence_list([repr(name) for name in still])} never var{'y' if len(still) > 1 else 'ies'} among those "
            "at risk when the event came, so nothing can go with it. Leave it out."
        )
    root = np.sqrt(varies)
    shared = null.information() / np.outer(root, root)
    for k in range(1, len(names)):
        weights = np.linalg.lstsq(shared[:k, :k], shared[:k, k], rcond=1e-10)[0]
        if shared[k, k] - shared[k, :k] @ weights < 1e-8:
            others = [repr(name) for name, weight in zip(names[:k], weights, strict=True) if abs(weight) > 1e-4]
            raise DataError(
                f"{names[k]!r} follows from {sentence_list(others)} among those at risk (collinear), so that they "
                "cannot be told apart. Leave one of them out."
            )


def _climb(design: Design, null: Partial, names: Sequence[str]) -> tuple[Floats, Partial]:
    """Newton's steps, halved where they overshoot; on a flat likelihood one that still strides goes to infinity."""
    b, found, reach = np.zeros(len(names)), null, np.ptp(design.x, axis=0)
    strides = 0
    for _ in range(_STEPS):
        step = _step(found)
        if not np.isfinite(step).all():  # hazards so far apart that the smaller ones are 0
            step = b
            break
        tried = design.at(b + step)
        while not tried.loglik >= found.loglik - 1e-10 * abs(found.loglik) and np.abs(step).max() > 1e-12:
            step = step / 2
            tried = design.at(b + step)
        gain, b, found = tried.loglik - found.loglik, b + step, tried
        strides = strides + 1 if gain < _FLAT and np.abs(step * reach).max() > _RUNS else 0
        if strides == _FOR_EVER:
            break
        if np.abs(step).max() < _STILL:
            return b, found
    raise DataError(_runaway(design, step * reach, names))


def _step(found: Partial) -> Floats:
    # A ridge far below rounding keeps a step finite where the likelihood has gone flat.
    information = found.information()
    ridge = 1e-14 * np.eye(len(information)) * max(float(np.trace(information)), 1e-300)
    return np.clip(np.linalg.solve(information + ridge, found.score()), -5.0, 5.0)


def _runaway(design: Design, stride: Floats, names: Sequence[str]) -> str:
    moving = np.abs(stride) >= 0.1 * np.abs(stride).max()
    told = sentence_list([repr(name) for name, moves in zip(names, moving, strict=True) if moves])
    return (
        f"The hazard ratio of {told} has no finite value: with it the data tell without fail who has the event next "
        f"(perfect separation; {count(int(design.sets.deaths.sum()))} events). Put rare levels together, or leave it "
        "out."
    )


def _described(
    design: Design, b: Floats, found: Partial, null: Partial, names: tuple[str, ...], confidence: float
) -> CoxFit:
    coefficient = b / design.scale
    covariance = np.linalg.inv(found.information()) / np.outer(design.scale, design.scale)
    fit = CoxFit(
        names, coefficient, coefficient, covariance, coefficient, coefficient, coefficient, found.loglik, null.loglik,
        round(float(design.lives.weight.sum())), round(float(design.sets.deaths.sum())), None, confidence, design,
    )  # fmt: skip
    return _with_variance(fit, covariance, None)


def _with_variance(fit: CoxFit, covariance: Floats, clusters: int | None) -> CoxFit:
    error = np.sqrt(np.diag(covariance))
    width = ndtri((1 + fit.confidence) / 2) * error
    return replace(
        fit, covariance=covariance, standard_error=error, clusters=clusters, ci_low=fit.coefficient - width,
        ci_high=fit.coefficient + width, p_value=2 * ndtr(-np.abs(fit.coefficient / error)),
    )  # fmt: skip


def _robust(fit: CoxFit, found: Partial, cluster: ArrayLike) -> CoxFit:
    """Score residuals, added up within clusters, take the place of the information's spread."""
    whose = np.asarray(cluster)
    design = fit.design
    if whose.shape != design.lives.time.shape or (design.lives.weight != 1).any():
        raise DataError(
            f"Found {whose.size} clusters for {design.lives.time.size} rows; expected one each, and no weights."
        )
    names, place = np.unique(whose, return_inverse=True)
    residuals = found.residuals()
    sums = sums_by(place.reshape(-1), residuals, len(names))
    moved = np.linalg.solve(found.information(), sums.T) / design.scale[:, None]
    return _with_variance(fit, moved @ moved.T, len(names))
