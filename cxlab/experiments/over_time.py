"""How an effect unfolds: by calendar day, so far, by days since the assignment, and whether it fades."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import Table
from cxlab.errors import ParameterError
from cxlab.experiments.effects import compare_sums
from cxlab.experiments.metrics import Metric
from cxlab.experiments.unit_days import UnitDays
from cxlab.results import Check
from cxlab.stats.means import Arm, arm_difference
from cxlab.stats.moments import Moments
from cxlab.stats.multiplicity import holm
from cxlab.stats.ratios import linearise
from cxlab.wording import p_text

__all__ = ["novelty_checks", "over_time"]

_LONGEST = 28
_COLUMNS = ["metric", "variant", "{key}", "n", "estimate", "control_n", "control_estimate", "effect", "ci_low",
            "ci_high", "se"]  # fmt: skip
_NOVELTY = ["metric", "variant", "days", "n", "control_n", "early_effect", "late_effect", "effect", "ci_low", "ci_high",
            "se", "p_value"]  # fmt: skip


def over_time(
    days: UnitDays, metrics: tuple[Metric, ...], variants: tuple[str, ...], follow_up: int | None, confidence: float
) -> dict[str, pd.DataFrame]:
    """How does the effect unfold?

    Args:
        days: one row per unit and day.
        metrics: what is measured.
        variants: the control, then the others.
        follow_up: days after the assignment that are followed; None takes as many as half of the units completed.
        confidence: level of the intervals.

    Returns:
        "by_day" (values of one day), "cumulative" (values up to that day) and, where the time of assignment is known,
        "by_age" (days since the assignment, of units that completed them all) and "novelty" (late minus early).

    Raises:
        ParameterError: no unit completed the days that are to be followed.
    """
    table, ages = days.whole, _ages(days, follow_up)
    found: dict[str, list[tuple[Any, ...]]] = {"by_day": [], "cumulative": [], "by_age": [], "novelty": []}
    for metric in metrics:
        entries = _entries(table, days, metric)
        found["by_day"] += _path(
            metric, variants, entries, _sums(table, days, metric, so_far=False), confidence, run=False
        )
        found["cumulative"] += _path(
            metric, variants, entries, _sums(table, days, metric, so_far=True), confidence, run=True
        )
        if ages:
            found["by_age"] += _by_age(table, days, metric, variants, ages, confidence)
            found["novelty"] += _novelty(table, days, metric, variants, ages, confidence)
    keys = {"by_day": "day", "cumulative": "day", "by_age": "age"}
    tables = {
        name: pd.DataFrame(found[name], columns=[c.format(key=key) for c in _COLUMNS])
        for name, key in keys.items()
        if name != "by_age" or ages
    }
    if ages:
        novelty = pd.DataFrame(found["novelty"], columns=_NOVELTY)
        tables["novelty"] = novelty.assign(p_adjusted=holm(novelty["p_value"].to_numpy(float)))
    return tables


def _ages(days: UnitDays, follow_up: int | None) -> int:
    """How many days after the assignment are followed; 0 where that cannot be."""
    if not days.with_entry:
        if follow_up is not None:
            raise ParameterError("`follow_up` needs the time of assignment; name its column with time=.")
        return 0
    last = f"(SELECT max(day) FROM {days.days} AS m)"
    units = f"(SELECT unit, min(entry) AS entry FROM {days.days} AS d GROUP BY unit)"
    complete = days.whole.query(
        f"SELECT date_diff('day', entry, {last}) + 1 AS complete, count(*) AS n FROM {units} AS u GROUP BY 1 ORDER BY 1 DESC"
    )
    reached = np.cumsum(complete["n"].to_numpy(int))
    if follow_up is None:
        half = complete["complete"].to_numpy(int)[np.searchsorted(reached, reached[-1] / 2)]
        return min(int(half), _LONGEST) if half >= 2 else 0
    if follow_up < 2 or not (complete["complete"] >= follow_up).any():
        raise ParameterError(
            f"`follow_up` is {follow_up} days; expected from 2 to {int(complete['complete'].max())}, the longest that "
            "any unit was followed."
        )
    return follow_up


def _values(days: UnitDays, metric: Metric) -> list[str]:
    return [days.name_of(str(getattr(metric, column))) for column in metric.columns]


def _known(days: UnitDays, metric: Metric) -> str:
    """Does a unit have a value at all?"""
    if metric.missing == "zero":
        return "1 = 1"
    return " AND ".join(f"sum(k{name[1:]}) > 0" for name in _values(days, metric))


def _counted(days: UnitDays, metric: Metric) -> str:
    """The days of units that have a value at all."""
    units = f"(SELECT unit FROM {days.days} AS d GROUP BY unit HAVING {_known(days, metric)})"
    return f"(SELECT d.* FROM {days.days} AS d JOIN {units} AS u ON d.unit = u.unit)"


def _entries(table: Table, days: UnitDays, metric: Metric) -> pd.DataFrame:
    """How many units of each variant came in on each day?"""
    units = (
        f"(SELECT unit, min(variant) AS variant, min(entry) AS entry FROM {_counted(days, metric)} AS d GROUP BY unit)"
    )
    return table.query(f"SELECT variant, entry AS day, count(*) AS n FROM {units} AS u GROUP BY 1, 2")


def _sums(table: Table, days: UnitDays, metric: Metric, *, so_far: bool) -> pd.DataFrame:
    """Per variant and day: sums and products of the day's values, or what the day adds to those of the values so far."""
    values, rows = _values(days, metric), _counted(days, metric)
    if not so_far:
        inner = ", ".join(f"{name} AS a{i}, 0.0 AS b{i}" for i, name in enumerate(values))
        return table.query(f"SELECT variant, day, {_moment_sql(len(values))} FROM (SELECT variant, day, {inner} FROM {rows} AS d) AS s GROUP BY 1, 2 ORDER BY 2")  # fmt: skip
    together = "max" if metric.kind == "proportion" else "sum"
    over = "OVER (PARTITION BY unit ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND"
    inner = ", ".join(
        f"{together}({name}) {over} CURRENT ROW) AS a{i}, coalesce({together}({name}) {over} 1 PRECEDING), 0.0) AS b{i}"
        for i, name in enumerate(values)
    )
    return table.query(f"SELECT variant, day, {_moment_sql(len(values))} FROM (SELECT variant, day, {inner} FROM {rows} AS d) AS s GROUP BY 1, 2 ORDER BY 2")  # fmt: skip


def _moment_sql(size: int) -> str:
    """The rise of sums and products; a unit without a row that day adds nothing, so what it had stays."""
    sums = [f"sum(a{i} - b{i}) AS s{i}" for i in range(size)]
    products = [f"sum(a{i} * a{j} - b{i} * b{j}) AS p{i}{j}" for i in range(size) for j in range(i, size)]
    return ", ".join(sums + products)


def _moments(record: Any, size: int, n: int) -> Moments:
    sums = np.array([float(record[f"s{i}"]) for i in range(size)])
    products: NDArray[np.float64] = np.zeros((size, size))
    for i in range(size):
        for j in range(i, size):
            products[i, j] = products[j, i] = float(record[f"p{i}{j}"])
    return Moments(np.zeros(size), n, sums, products)


def _path(
    metric: Metric,
    variants: tuple[str, ...],
    entries: pd.DataFrame,
    sums: pd.DataFrame,
    confidence: float,
    *,
    run: bool,
) -> Iterator[tuple[Any, ...]]:
    """The effect on each day, over the units that had come in by then."""
    dates = pd.date_range(sums["day"].min(), sums["day"].max(), freq="D")
    numbers = [column for column in sums if column not in ("variant", "day")]
    cells: dict[str, pd.DataFrame] = {}
    for variant in variants:
        own = sums[sums["variant"] == variant].set_index("day")[numbers].astype(float)
        own.index = pd.to_datetime(own.index)
        came = entries[entries["variant"] == variant].set_index("day")["n"]
        came.index = pd.to_datetime(came.index)
        filled = own.reindex(dates, fill_value=0.0)
        before = int(came[came.index < dates[0]].sum())
        cells[variant] = (filled.cumsum() if run else filled).assign(
            n=before + came.reindex(dates, fill_value=0).cumsum().to_numpy(int)
        )
    size = len(metric.columns)
    for date in dates:
        base = cells[variants[0]].loc[date]
        for variant in variants[1:]:
            one = cells[variant].loc[date]
            yield _row(metric, variant, str(date.date()), _moments(one, size, int(one["n"])), _moments(base, size, int(base["n"])), confidence)  # fmt: skip


def _row(metric: Metric, variant: str, key: Any, one: Moments, zero: Moments, confidence: float) -> tuple[Any, ...]:
    head = (metric.name, variant, key, one.n)
    bare = (None, zero.n, *[None] * 5)
    if min(one.n, zero.n) < 2 or (metric.kind == "ratio" and min(one.sums[1], zero.sums[1]) <= 0):
        return (*head, *bare)
    if one.scatter[0, 0] <= 0 and zero.scatter[0, 0] <= 0:
        return (*head, *bare)
    found = compare_sums(metric, one, zero, confidence)
    gap = found.difference
    return (
        *head,
        found.treatment.estimate,
        zero.n,
        found.control.estimate,
        gap.effect,
        gap.ci_low,
        gap.ci_high,
        gap.se,
    )


def _cohort(table: Table, days: UnitDays, metric: Metric, ages: int) -> tuple[str, dict[str, int]]:
    """The first days of units that completed all of them, and how many units that are."""
    last = f"(SELECT max(day) FROM {days.days} AS m)"
    age = "date_diff('day', entry, day)"
    rows = f"(SELECT *, {age} AS age FROM {_counted(days, metric)} AS d WHERE date_diff('day', entry, {last}) >= {ages - 1})"
    sizes = table.query(f"SELECT variant, count(DISTINCT unit) AS n FROM {rows} AS c GROUP BY 1")
    return f"(SELECT * FROM {rows} AS c WHERE age < {ages})", dict(
        zip(sizes["variant"], sizes["n"].astype(int), strict=True)
    )


def _by_age(
    table: Table, days: UnitDays, metric: Metric, variants: tuple[str, ...], ages: int, confidence: float
) -> Iterator[tuple[Any, ...]]:
    rows, sizes = _cohort(table, days, metric, ages)
    size = len(metric.columns)
    inner = ", ".join(f"{name} AS a{i}, 0.0 AS b{i}" for i, name in enumerate(_values(days, metric)))
    sums = table.query(f"SELECT variant, age, {_moment_sql(size)} FROM (SELECT variant, age, {inner} FROM {rows} AS c) AS s GROUP BY 1, 2")  # fmt: skip
    found = {(str(r["variant"]), int(r["age"])): r for r in sums.to_dict("records")}
    nothing = dict.fromkeys([c for c in sums if c not in ("variant", "age")], 0.0)
    for age in range(ages):
        cells = [_moments(found.get((v, age), nothing), size, sizes.get(v, 0)) for v in variants]
        for variant, one in zip(variants[1:], cells[1:], strict=True):
            yield _row(metric, variant, age, one, cells[0], confidence)


def _novelty(
    table: Table, days: UnitDays, metric: Metric, variants: tuple[str, ...], ages: int, confidence: float
) -> Iterator[tuple[Any, ...]]:
    """Each unit's late mean minus its early mean: what stays the same over a unit's days falls out."""
    rows, sizes = _cohort(table, days, metric, ages)
    half, values = ages // 2, _values(days, metric)
    early = [f"sum(CASE WHEN age < {half} THEN {name} ELSE 0.0 END) / {half}" for name in values]
    late = [f"sum(CASE WHEN age >= {ages - half} THEN {name} ELSE 0.0 END) / {half}" for name in values]
    inner = ", ".join(f"{sql} AS a{i}, 0.0 AS b{i}" for i, sql in enumerate(early + late))
    size = 2 * len(values)
    units = f"(SELECT unit, min(variant) AS variant, {inner} FROM {rows} AS c GROUP BY unit)"
    sums = table.query(f"SELECT variant, {_moment_sql(size)} FROM {units} AS u GROUP BY 1")
    found = {str(r["variant"]): r for r in sums.to_dict("records")}
    nothing = dict.fromkeys([c for c in sums if c != "variant"], 0.0)
    cells = [_moments(found.get(v, nothing), size, sizes.get(v, 0)) for v in variants]
    for variant, one in zip(variants[1:], cells[1:], strict=True):
        yield (metric.name, variant, ages, one.n, cells[0].n, *_change(one, cells[0], len(values), confidence))


def _change(one: Moments, zero: Moments, size: int, confidence: float) -> tuple[float | None, ...]:
    if min(one.n, zero.n) < 2 or (size == 2 and min(*one.sums[[1, 3]], *zero.sums[[1, 3]]) <= 0):
        return (None,) * 7
    (early1, late1, arm1), (early0, late0, arm0) = (_halves(cell, size) for cell in (one, zero))
    gap = arm_difference(arm1, arm0, confidence=confidence)
    return early1 - early0, late1 - late0, gap.effect, gap.ci_low, gap.ci_high, gap.se, gap.p_value


def _halves(cell: Moments, size: int) -> tuple[float, float, Arm]:
    """Early and late level, and the arm of their difference."""
    mean = cell.mean
    if size == 1:
        early, late, weights = float(mean[0]), float(mean[1]), [-1.0, 1.0]
    else:
        first, second = linearise(float(mean[0]), float(mean[1])), linearise(float(mean[2]), float(mean[3]))
        early, late = first.constant, second.constant
        weights = [
            -first.numerator_weight,
            -first.denominator_weight,
            second.numerator_weight,
            second.denominator_weight,
        ]
    variance = cell.combine(weights)[1] / cell.n
    return early, late, Arm(cell.n, late - early, variance, cell.n - 1)


def novelty_checks(tables: dict[str, pd.DataFrame], alpha: float) -> list[Check]:
    """Does the effect change with the days since the assignment?

    Args:
        tables: what `over_time` gives.
        alpha: chance of a false alarm that is accepted, over all measures and variants together.

    Returns:
        One check where the time of assignment is known.
    """
    if "novelty" not in tables or tables["novelty"].empty:
        return []
    rows = tables["novelty"]
    bad = rows[rows["p_adjusted"] < alpha].sort_values("p_adjusted")
    ages = int(rows["days"].iloc[0])
    if bad.empty:
        return [
            Check(
                "novelty",
                True,
                "info",
                f"Over the first {ages} days of a customer no effect changes by more than chance.",
            )
        ]
    first = bad.iloc[0]
    way = "fades" if abs(first["late_effect"]) < abs(first["early_effect"]) else "grows"
    message = (
        f"The effect of {first['variant']} on {first['metric']} {way} over the first {ages} days of a customer (p "
        f"{p_text(float(first['p_adjusted']))}): the effect over the whole period is not the one to expect later."
    )
    return [Check("novelty", False, "warning", message)]
