"""How an effect unfolds: by calendar day, so far, by days since assignment, and whether it fades or grows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cxlab.experiments.day_sums import (
    Sums,
    age_sums,
    arrivals,
    day_sums,
    half_sums,
    halves,
    names_of,
    oldest,
    running_sums,
)
from cxlab.experiments.effects import compare_cells
from cxlab.experiments.measurement import Cell
from cxlab.experiments.metrics import Metric
from cxlab.experiments.problems import problem_of
from cxlab.experiments.told_days import TOO_SMALL, Told, told_days
from cxlab.experiments.unit_days import UnitDays
from cxlab.stats.means import Arm, arm_difference
from cxlab.stats.moments import Moments
from cxlab.stats.multiplicity import holm
from cxlab.stats.ratios import linearise

__all__ = ["NOVELTY", "over_time"]

_LONGEST = 28
_NUMBERS = ["n", "control_n", "effect", "ci_low", "ci_high", "size"]
NOVELTY = [
    "metric", "variant", "days", "early_days", "n", "control_n", "early_effect", "late_effect", "effect", "ci_low",
    "ci_high", "se", "p_value", "size",
]  # fmt: skip
"""Columns of the table "novelty", before p-values are adjusted."""


def over_time(days: UnitDays, variants: tuple[str, ...], confidence: float) -> dict[str, pd.DataFrame]:
    """How does the effect unfold?

    Args:
        days: one row per unit and day.
        variants: the control, then the others.
        confidence: level of the intervals.

    Returns:
        "by_day" (values of one day, over all units that had come), "cumulative" (values up to that day) and, where
        half of the units were followed for two days or more, "by_age" (by days since assignment, of the units that
        completed them all) and "novelty" (late minus early). `size` is the smallest group that a row tells of, by
        itself or by its difference to another row: rows below five stay in Python.

    Source:
        Late minus early mean within each unit, Welch (1947) between variants: it keeps the correlation of a unit's
        days, which a slope through daily effects would not.
    """
    last, age = oldest(days)
    if last is None:
        return {}
    came = arrivals(days, variants, last)
    window = _window(came, last, age + 1)
    told, dates = told_days(came, window.until), pd.DatetimeIndex(came.index)
    path = _Path(days, variants, confidence, came, told)
    tables = {
        "by_day": path.table("day", day_sums(days), dates),
        "cumulative": path.table("day", running_sums(days, dates), dates),
    }
    if window.until is None:
        return tables
    cohort = replace(path, until=window.until)
    tables["by_age"] = cohort.table("age", age_sums(days, window.until, window.days), range(window.days))
    tables["novelty"] = _novelty(cohort, half_sums(days, window.until, window.days), window.days)
    return tables


@dataclass(frozen=True)
class _Window:
    """How many days since assignment are asked for, and until when a unit must have come to complete them."""

    days: int = 0
    until: pd.Timestamp | None = None


def _window(came: pd.DataFrame, last: pd.Timestamp, longest: int) -> _Window:
    """As many days as half of the units completed, at most four weeks; fewer where a small group would stand out."""
    total = came["n"].sum(axis=1).to_numpy()
    completed = (last - pd.DatetimeIndex(came.index)).days.to_numpy() + 1
    most = min(int(completed[total >= total[-1] / 2].max()), _LONGEST, longest)
    wanted = [_Window(days, last - pd.Timedelta(days - 1, "D")) for days in range(most, 1, -1)]
    safe = (one for one in wanted if told_days(came, one.until).cohort >= TOO_SMALL)
    return next(safe, wanted[0] if wanted else _Window())


@dataclass(frozen=True)
class _Path:
    """What each row of a table needs; with `until`, the units assigned until then instead of those who had come."""

    days: UnitDays
    variants: tuple[str, ...]
    confidence: float
    came: pd.DataFrame
    told: Told
    until: pd.Timestamp | None = None

    def sizes(self, index: int, key: Hashable) -> tuple[dict[str, int], int]:
        """Units per variant behind a row, and the smallest group that it tells of."""
        size = self.told.cohort if self.until else self.told.sizes[key]
        row: Any = self.came.loc[self.until or key]
        return {name: int(row[f"k{index}", name]) for name in self.variants}, size

    def table(self, key: str, sums: Sums, keys: Any) -> pd.DataFrame:
        """One row per metric, variant and key."""
        rows = [row for index in range(len(self.days.metrics)) for one in keys for row in self._rows(index, one, sums)]
        frame = pd.DataFrame(rows, columns=["metric", "variant", key, *_NUMBERS])
        if key == "day":
            frame["day"] = frame["day"].dt.strftime("%Y-%m-%d")
        return frame.astype(dict.fromkeys(("effect", "ci_low", "ci_high"), float))

    def _rows(self, index: int, key: Hashable, sums: Sums) -> Iterator[tuple[Any, ...]]:
        metric = self.days.metrics[index]
        sizes, size = self.sizes(index, key)
        cells = {
            name: _cell(sums.moments(key, name, n, names_of(index, metric)))
            for name, n in sizes.items()
        }  # fmt: skip
        control = cells[self.variants[0]]
        for name in self.variants[1:]:
            yield (metric.name, name, key, *_compared(metric, cells[name], control, self.confidence), size)


def _cell(moments: Moments) -> Cell:
    return Cell(moments.n, moments, None, 0.0)


def _compared(metric: Metric, one: Cell, zero: Cell, confidence: float) -> tuple[Any, ...]:
    if problem_of(metric, {"one": one, "zero": zero}):
        return one.rows, zero.rows, None, None, None
    found = compare_cells(metric, one, zero, confidence).difference
    return one.rows, zero.rows, found.effect, found.ci_low, found.ci_high


def _novelty(path: _Path, sums: Sums, ages: int) -> pd.DataFrame:
    """Each unit's late mean minus its early mean: what stays the same over a unit's days falls out."""
    rows = []
    for index, metric in enumerate(path.days.metrics):
        sizes, size = path.sizes(index, 0)
        names = halves(names_of(index, metric))
        cells = {name: sums.moments(0, name, n, names) for name, n in sizes.items()}
        control = cells[path.variants[0]]
        for name in path.variants[1:]:
            head = (metric.name, name, ages, ages // 2, sizes[name], control.n)
            rows.append((*head, *_change(cells[name], control, path.confidence), size))
    frame = pd.DataFrame(rows, columns=NOVELTY)
    frame = frame.astype(dict.fromkeys(NOVELTY[6:-1], float))
    primary = frame["metric"].isin([metric.name for metric in path.days.metrics if metric.role == "primary"])
    adjusted = holm(frame["p_value"].where(primary).to_numpy(float))
    return frame.assign(p_adjusted=np.where(primary, adjusted, np.nan))


def _change(one: Moments, zero: Moments, confidence: float) -> tuple[float | None, ...]:
    """Early effect, late effect, and how far they are apart."""
    nothing = (None,) * 7
    pair = len(one.sums) == 4
    if min(one.n, zero.n) < 2 or (pair and min(*one.sums[[1, 3]], *zero.sums[[1, 3]]) <= 0):
        return nothing
    (early1, late1, arm1), (early0, late0, arm0) = _halves(one), _halves(zero)
    if arm1.variance + arm0.variance <= 0:
        return nothing
    gap = arm_difference(arm1, arm0, confidence=confidence)
    return early1 - early0, late1 - late0, gap.effect, gap.ci_low, gap.ci_high, gap.se, gap.p_value


def _halves(cell: Moments) -> tuple[float, float, Arm]:
    """Early and late level, and the arm of their difference."""
    mean = [float(one) for one in cell.mean]
    if len(mean) == 2:
        early, late, weights = mean[0], mean[1], [-1.0, 1.0]
    else:
        first, second = linearise(mean[0], mean[1]), linearise(mean[2], mean[3])
        early, late = first.constant, second.constant
        weights = [-first.numerator_weight, -first.denominator_weight, second.numerator_weight,
                   second.denominator_weight]  # fmt: skip
    variance = cell.combine(weights)[1] / cell.n
    return early, late, Arm(cell.n, late - early, variance, cell.n - 1)
