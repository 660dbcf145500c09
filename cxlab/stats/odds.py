"""Odds of an answer above a cut: one odds ratio for all cuts, and one for each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, expit, logit, ndtri, xlogy

__all__ = ["LogOdds", "Proportional", "cut_odds", "proportional_odds"]

Floats = NDArray[np.float64]
_STEPS, _TINY = 60, 1e-10


class LogOdds(NamedTuple):
    """A log odds ratio with its standard error and interval; above 0 where the treatment answers higher."""

    value: float
    se: float
    ci_low: float
    ci_high: float


class Proportional(NamedTuple):
    """One log odds ratio for all cuts, and the p value of its being the same at each."""

    odds: LogOdds
    p_same: float


def _with_interval(value: float, se: float, confidence: float) -> LogOdds:
    half = float(ndtri((1 + confidence) / 2)) * se
    return LogOdds(value, se, value - half, value + half)


def proportional_odds(treatment: ArrayLike, control: ArrayLike, *, confidence: float = 0.95) -> Proportional | None:
    """By how much do the odds of a higher answer rise, if by the same at every cut?

    Args:
        treatment: How many of the treatment gave each answer, lowest answer first.
        control: The same of the control.
        confidence: Level of the interval, as a fraction.

    Returns:
        The maximum-likelihood log odds ratio of the cumulative logit model, and the p value of a likelihood ratio
        test of one ratio for all cuts (1 with two answers); None where the answers do not overlap or do not differ.

    Source:
        McCullagh (1980), JRSS-B 42:109; the standard error from the observed information, as in R's MASS::polr.

    Examples:
        >>> found = proportional_odds([8, 20, 52, 88, 62], [12, 25, 60, 80, 43])
        >>> round(found.odds.value, 5), round(found.odds.se, 5), round(found.p_same, 2)
        (0.4002, 0.17139, 0.99)
    """
    counts = np.array([control, treatment], dtype=float)
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or _separated(counts):
        return None
    share = counts.sum(axis=0).cumsum()[:-1] / counts.sum()
    at = np.append(logit(share), 0.0)
    for _ in range(_STEPS):
        score, information = _derivatives(at, counts)
        step = np.asarray(np.linalg.solve(information, score), dtype=float)
        at = _climbed(at, step, counts)
        if float(np.abs(step).max()) < _TINY:
            break
    se = float(np.sqrt(np.linalg.inv(_derivatives(at, counts)[1])[-1, -1]))
    spare = counts.shape[1] - 2
    excess = max(2 * (_free(counts) - _likelihood(at, counts)), 0.0)
    return Proportional(_with_interval(float(at[-1]), se, confidence), float(chdtrc(spare, excess)) if spare else 1.0)


def _separated(counts: Floats) -> bool:
    """Do all answers of one group lie above, or level with the edge of, those of the other?"""
    used = [np.flatnonzero(row) for row in counts]
    return bool(used[0].max() <= used[1].min() or used[1].max() <= used[0].min())


def _cumulative(at: Floats) -> Floats:
    """Chance of an answer up to each cut, one row per group, with 0 and 1 at the ends."""
    inner = expit(np.stack([at[:-1], at[:-1] - at[-1]]))
    return np.hstack([np.zeros((2, 1)), inner, np.ones((2, 1))])


def _likelihood(at: Floats, counts: Floats) -> float:
    chance = np.diff(_cumulative(at), axis=1)
    return float(xlogy(counts, chance).sum()) if chance.min() > 0 else -np.inf


def _free(counts: Floats) -> float:
    """The likelihood of each group's own shares."""
    return float(xlogy(counts, counts / counts.sum(axis=1, keepdims=True)).sum())


def _climbed(at: Floats, step: Floats, counts: Floats) -> Floats:
    """The step, halved until it does not lead down."""
    now, size = _likelihood(at, counts), 1.0
    while size > 1e-8 and _likelihood(at + size * step, counts) < now:
        size /= 2
    return at + size * step


def _derivatives(at: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Score and observed information."""
    cuts = len(at) - 1
    score, information = np.zeros(cuts + 1), np.zeros((cuts + 1, cuts + 1))
    for group, row in enumerate(counts):
        design = np.hstack([np.eye(cuts), np.full((cuts, 1), -float(group))])
        reached = _cumulative(at)[group]
        slope = reached * (1 - reached)
        bend = slope * (1 - 2 * reached)
        rows = np.vstack([np.zeros(cuts + 1), design, np.zeros(cuts + 1)])
        chance, first = np.diff(reached), np.diff(slope[:, None] * rows, axis=0)
        second = np.diff(bend[:, None, None] * rows[:, :, None] * rows[:, None, :], axis=0)
        score += (row / chance) @ first
        information += np.einsum("j,jk,jl->kl", row / chance**2, first, first)
        information -= np.einsum("j,jkl->kl", row / chance, second)
    return score, information


def cut_odds(above1: float, below1: float, above0: float, below0: float, *, confidence: float = 0.95) -> LogOdds:
    """By how much do the odds of answering above one cut rise?

    Args:
        above1: How many of the treatment answer above the cut.
        below1: How many of the treatment do not.
        above0: The same of the control.
        below0: How many of the control do not.
        confidence: Level of the interval, as a fraction.

    Returns:
        The log odds ratio; half a person is added to each count where one is 0.

    Source:
        Woolf (1955), Annals of Human Genetics 19:251; Haldane (1956), 20:309, for counts of 0.

    Examples:
        >>> [round(v, 4) for v in cut_odds(20, 10, 10, 20)]
        [1.3863, 0.5477, 0.3128, 2.4598]
    """
    cells = np.array([above1, below1, above0, below0], dtype=float)
    cells = cells + 0.5 if cells.min() == 0 else cells
    value = float(np.log(cells) @ np.array([1.0, -1.0, -1.0, 1.0]))
    return _with_interval(value, float(np.sqrt((1 / cells).sum())), confidence)
