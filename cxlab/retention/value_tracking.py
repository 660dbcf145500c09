"""The model's test: fitted on the first part of the log, held against the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.retention.purchase_history import History
from cxlab.retention.value_estimates import Total, about, futures
from cxlab.retention.value_fit import ValueFit
from cxlab.stats.likelihood import two_sided
from cxlab.stats.purchase_rows import Ahead, PurchaseRows

__all__ = ["Tracking", "track"]

Floats = NDArray[np.float64]
_NEARLY = 0.05
_TAIL, _REPLAYS, _MOST_REPLAYED = 7, 60, 1_000_000


@dataclass(frozen=True)
class Tracking:
    """Seen against expected: by period, by how often customers had bought, and in total after the cut."""

    periods: pd.DataFrame
    frequency: pd.DataFrame
    holdout: pd.DataFrame
    expected: Total
    came: int
    cut: int
    fit: ValueFit = field(repr=False)

    @property
    def error(self) -> float:
        """By how much was expected too much, relative to what came?"""
        return self.expected.estimate / self.came - 1 if self.came else float("nan")

    @property
    def holds(self) -> bool:
        """Did as many come as the model takes for possible, or nearly so?"""
        return self.possible or abs(self.error) <= _NEARLY

    @property
    def possible(self) -> bool:
        """Did as many come as chance explains?"""
        return bool(self.expected.ci_low <= self.came <= self.expected.ci_high)


def track(history: History, fit: ValueFit, cut: int, *, confidence: float, seed: int) -> Tracking:
    """Does the model foretell what it has not seen?

    Args:
        history: all purchases.
        fit: the models, fitted on what was seen until the cut.
        cut: the last day before the test.
        confidence: level of the ranges.
        seed: of the simulated futures.

    Returns:
        The tracking.
    """
    ahead = float(history.elapsed(history.last - cut))
    whole = int(np.floor(ahead + 1e-9))
    drawn, _ = futures(fit, max(ahead, 1e-9), seed)
    owner, when, _ = history.repeats(history.last)
    known = np.isin(owner, fit.spell.of)
    day = history.first[owner[known]] + when[known] * history.days
    after = day > cut + 1e-6
    expected = _conditional(fit, np.array([ahead]))[0]
    return Tracking(
        periods=_periods(history, fit, cut, whole, day, drawn, confidence),
        frequency=_frequency(fit, confidence, seed),
        holdout=_by_frequency(fit, np.bincount(owner[known][after], minlength=len(history.ids))[fit.spell.of], ahead),
        expected=about(float(expected), drawn.sum(axis=1), confidence), came=int(after.sum()), cut=cut,
        fit=fit,
    )  # fmt: skip


def _conditional(fit: ValueFit, ahead: Floats) -> Floats:
    """Expected purchases of all customers within so many periods after the cut."""
    model, rows = fit.purchases.model, fit.rows
    pairs, of = np.unique(np.column_stack([rows.x, rows.age]), axis=0, return_inverse=True)
    alive = np.bincount(of.reshape(-1), rows.n * model.alive(rows))
    return np.array([alive @ model.ahead(pairs[:, 0], pairs[:, 1], one) for one in ahead])


def _unconditional(history: History, fit: ValueFit, ends: Floats) -> Floats:
    """Expected repeat purchases of all customers until each day, from their first purchases on."""
    first, n = np.unique(history.first[fit.spell.of], return_counts=True)
    passed = np.maximum(history.elapsed(ends[:, None] - first), 0.0)
    times, of = np.unique(passed, return_inverse=True)
    return np.asarray(fit.purchases.model.expected(times)[of.reshape(passed.shape)] @ n)


def _periods(
    history: History, fit: ValueFit, cut: int, whole: int, day: Floats, drawn: Floats, confidence: float
) -> pd.DataFrame:
    """Periods end at the cut and at whole periods before and after it."""
    first = history.first[fit.spell.of]
    before = int(np.ceil((cut - int(first.min())) / history.days))
    ends = np.asarray(cut + history.days * np.arange(-before + 1, whole + 1), dtype=np.float64)
    seen = np.searchsorted(np.sort(day), ends + 1e-6, side="right").astype(float)
    fitted = _unconditional(history, fit, ends[:before])
    tested = seen[before - 1] + _conditional(fit, np.arange(1.0, whole + 1))
    sums = np.concatenate([fitted, tested])
    each = np.concatenate([np.diff(fitted, prepend=0.0), np.diff(tested, prepend=seen[before - 1])])
    half = two_sided(confidence)
    so_far = half * drawn.cumsum(axis=1)[:, :whole].std(axis=0, ddof=1)
    alone = half * drawn[:, :whole].std(axis=0, ddof=1)
    missing = np.full(before, np.nan)
    return pd.DataFrame({
        "period": np.arange(1, len(ends) + 1), "end": np.floor(ends + 1e-6).astype(int),
        "window": np.where(np.arange(len(ends)) < before, "fitted", "tested"),
        "n": np.searchsorted(np.sort(first), ends, side="right"),
        "actual": np.diff(seen, prepend=0.0), "expected": each,
        "ci_low": np.concatenate([missing, np.maximum(each[before:] - alone, 0)]),
        "ci_high": np.concatenate([missing, each[before:] + alone]),
        "actual_so_far": seen, "expected_so_far": sums,
        "so_far_ci_low": np.concatenate([missing, np.maximum(tested - so_far, seen[before - 1])]),
        "so_far_ci_high": np.concatenate([missing, tested + so_far]),
    })  # fmt: skip


def _frequency(fit: ValueFit, confidence: float, seed: int) -> pd.DataFrame:
    """How many customers bought how often until the cut, seen and as the model replays it."""
    rng, each = np.random.default_rng(seed), fit.each
    zero = np.zeros(len(each.x))
    new = PurchaseRows(zero, zero, zero, zero, np.arange(len(zero)))
    seen = _classes(each.x)
    replays = int(np.clip(_MOST_REPLAYED // len(zero), 10, _REPLAYS))
    drawn = np.array([
        _classes(_replayed(fit.purchases.model.simulated(new, each.age, rng), each.age)) for _ in range(replays)
    ])  # fmt: skip
    half = two_sided(confidence) * drawn.std(axis=0, ddof=1)
    mean = drawn.mean(axis=0)
    labels = [str(k) for k in range(_TAIL)] + [f"{_TAIL} or more"]
    return pd.DataFrame({
        "frequency": labels, "n": seen.astype(int), "expected": mean, "ci_low": np.maximum(mean - half, 0),
        "ci_high": mean + half,
    })  # fmt: skip


def _replayed(bought: Ahead, age: Floats) -> Floats:
    inside = bought.time <= age[bought.owner]
    return np.bincount(bought.owner[inside], minlength=len(age)).astype(float)


def _classes(x: Floats) -> Floats:
    return np.bincount(np.minimum(x, _TAIL).astype(int), minlength=_TAIL + 1).astype(float)


def _by_frequency(fit: ValueFit, came: Any, ahead: float) -> pd.DataFrame:
    """Purchases after the cut by how often customers had bought before it."""
    model, rows = fit.purchases.model, fit.rows
    each = (model.alive(rows) * model.ahead(rows.x, rows.age, ahead))[rows.of]
    group = np.minimum(fit.spell.x, _TAIL).astype(int)
    n = np.bincount(group, minlength=_TAIL + 1)
    sums = [np.bincount(group, part, minlength=_TAIL + 1) for part in (came, each)]
    labels = [str(k) for k in range(_TAIL)] + [f"{_TAIL} or more"]
    frame = pd.DataFrame({"frequency": labels, "n": n, "actual": sums[0], "expected": sums[1]})
    size = np.maximum(n, 1)
    return frame.assign(actual_each=frame["actual"] / size, expected_each=frame["expected"] / size)[n > 0]
