"""Sums of a metric's values by day: of the day itself, so far, by days since assignment, early and late."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.experiments.metrics import Metric
from cxlab.experiments.unit_days import UnitDays
from cxlab.stats.moments import Moments

__all__ = [
    "Sums", "age_sums", "arrivals", "day_sums", "half_sums", "halves", "names_of", "oldest", "running_sums",
]  # fmt: skip


@dataclass(frozen=True)
class Sums:
    """Sums and products per key (a day, an age) and variant; what is not there adds nothing."""

    records: dict[Hashable, dict[tuple[str, str], float]]

    def moments(self, key: Hashable, variant: str, n: int, names: Sequence[str]) -> Moments:
        """The sums of one cell over its n units, those without a row among them."""
        record, size = self.records.get(key, {}), len(names)
        products: NDArray[np.float64] = np.zeros((size, size))
        for i, j in combinations_with_replacement(range(size), 2):
            products[i, j] = products[j, i] = record.get((f"{names[i]}_{names[j]}", variant), 0.0)
        sums = np.array([record.get((name, variant), 0.0) for name in names])
        return Moments(np.zeros(size), n, sums, products)


def arrivals(days: UnitDays, variants: Sequence[str], last: pd.Timestamp) -> pd.DataFrame:
    """How many units had come by each day?

    Args:
        days: one row per unit and day.
        variants: the control, then the others.
        last: the last day.

    Returns:
        A row per day; a column per count ("n" of all units, "k0", "k1", … of those with a value of each metric) and
        variant.
    """
    known = ", ".join(f"sum(k{index}) AS k{index}" for index in range(len(days.metrics)))
    sql = f"SELECT variant, entry, count(*) AS n, {known} FROM {days.units} AS u GROUP BY 1, 2"
    frame = days.whole.query(sql).set_index(["entry", "variant"]).astype(float).unstack("variant")
    dates = pd.date_range(frame.index.min(), max(last, frame.index.max()), freq="D")
    wide = frame.reindex(dates).fillna(0.0).cumsum().astype(int)
    return wide.loc[:, wide.columns.get_level_values("variant").isin(list(variants))]


def oldest(days: UnitDays) -> tuple[pd.Timestamp | None, int]:
    """The last day with a row, and how many days after its assignment a unit has rows at most."""
    found = days.whole.query(f"SELECT max(day) AS last, max(day - entry) AS age FROM {days.days} AS d").iloc[0]
    return (None, 0) if pd.isna(found["last"]) else (pd.Timestamp(found["last"]), int(found["age"]))


def day_sums(days: UnitDays) -> Sums:
    """Sums of each calendar day's values."""
    sql = f"SELECT variant, day AS key, {_all_sums(days)} FROM {days.days} AS d GROUP BY 1, 2"
    return _wide(days.whole.query(sql))


def running_sums(days: UnitDays, dates: pd.DatetimeIndex) -> Sums:
    """Sums of the values so far, on each calendar day; a unit without a row that day keeps what it had.

    Args:
        days: one row per unit and day.
        dates: all days, in order.
    """
    so_far, before, rises = [], [], []
    for index, metric in enumerate(days.metrics):
        names = names_of(index, metric)
        how = "max" if metric.kind == "proportion" else "sum"
        so_far += [f"{how}({name}) OVER (PARTITION BY unit ORDER BY day ROWS UNBOUNDED PRECEDING) AS {name}"
                   for name in names]  # fmt: skip
        before += [f"lag({name}, 1, 0.0) OVER (PARTITION BY unit ORDER BY day) AS {name}_b" for name in names]
        rises += [f"sum({name} - {name}_b) AS {name}" for name in names]
        rises += [f"sum({a} * {b} - {a}_b * {b}_b) AS {a}_{b}" for a, b in combinations_with_replacement(names, 2)]
    inner = f"(SELECT unit, variant, day, {', '.join(so_far)} FROM {days.days} AS d)"
    both = f"(SELECT *, {', '.join(before)} FROM {inner} AS c)"
    frame = days.whole.query(f"SELECT variant, day AS key, {', '.join(rises)} FROM {both} AS b GROUP BY 1, 2")
    return _wide(frame, dates)


def age_sums(days: UnitDays, until: pd.Timestamp, ages: int) -> Sums:
    """Sums by days since assignment, of the units assigned until a day.

    Args:
        days: one row per unit and day.
        until: the last day of assignment that counts.
        ages: how many days after assignment are asked for.
    """
    inner = f"(SELECT *, day - entry AS age FROM {_cohort(days, until)} AS c)"
    sql = f"SELECT variant, age AS key, {_all_sums(days)} FROM {inner} AS a WHERE age < {ages} GROUP BY 1, 2"
    return _wide(days.whole.query(sql))


def half_sums(days: UnitDays, until: pd.Timestamp, ages: int) -> Sums:
    """Sums of each unit's mean over its first days and over its last ones, and of their products; the key is 0.

    Args:
        days: one row per unit and day.
        until: the last day of assignment that counts.
        ages: how many days after assignment are asked for; the first and the last half of them are compared.
    """
    half, parts, sums = ages // 2, [], []
    for index, metric in enumerate(days.metrics):
        names = names_of(index, metric)
        for name in names:
            parts.append(f"sum(CASE WHEN day - entry < {half} THEN {name} ELSE 0.0 END) / {half} AS {name}_e")
            late = f"day - entry >= {ages - half} AND day - entry < {ages}"
            parts.append(f"sum(CASE WHEN {late} THEN {name} ELSE 0.0 END) / {half} AS {name}_l")
        sums += _sums(halves(names))
    inner = f"(SELECT min(variant) AS variant, {', '.join(parts)} FROM {_cohort(days, until)} AS c GROUP BY unit)"
    return _wide(days.whole.query(f"SELECT variant, 0 AS key, {', '.join(sums)} FROM {inner} AS u GROUP BY 1, 2"))


def halves(names: Sequence[str]) -> list[str]:
    """The early means of a metric's values, then the late ones."""
    return [f"{name}_e" for name in names] + [f"{name}_l" for name in names]


def _cohort(days: UnitDays, until: pd.Timestamp) -> str:
    return f"(SELECT * FROM {days.days} AS d WHERE entry <= DATE '{until.date()}')"


def names_of(index: int, metric: Metric) -> list[str]:
    """What the values of the metric at a place are called."""
    return [f"m{index}_{place}" for place in range(len(metric.parts))]


def _all_sums(days: UnitDays) -> str:
    return ", ".join(part for index, metric in enumerate(days.metrics) for part in _sums(names_of(index, metric)))


def _sums(names: Sequence[str]) -> list[str]:
    products = [f"sum({a} * {b}) AS {a}_{b}" for a, b in combinations_with_replacement(names, 2)]
    return [f"sum({name}) AS {name}" for name in names] + products


def _wide(frame: pd.DataFrame, running: pd.DatetimeIndex | None = None) -> Sums:
    """By key, then by sum and variant; rises are added up over all days."""
    wide = frame.set_index(["key", "variant"]).astype(float).unstack("variant")
    if running is not None:
        wide = wide.reindex(running).fillna(0.0).cumsum()
    records: Any = wide.fillna(0.0).to_dict("index")
    return Sums(records)
