"""From counts to cells: who could be seen for how long, how many of them came back, and how sure that is."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.errors import DataError
from cxlab.retention.question import Question
from cxlab.stats.proportions import wilson_interval

__all__ = ["Counts", "cells", "curve", "effective_counts", "oldest_age"]

Floats = NDArray[np.float64]
MOST_CELLS = 200_000


class Counts:
    """The engine's answer, split: sizes by start period, returns by age, and how many units there are at all."""

    def __init__(self, frame: pd.DataFrame) -> None:
        age = frame["k"].fillna(-2).astype(int)
        self.sizes = frame[age == -2].reset_index(drop=True)
        self.returns = frame[age >= 0].assign(k=age[age >= 0]).reset_index(drop=True)
        self.units = int(frame.loc[age == -1, "so_far"].sum())

    @property
    def started(self) -> int:
        """Units (with the anchor "recurring": units times cohorts) that began."""
        return int(self.sizes["so_far"].sum())

    @property
    def varying(self) -> int:
        """Units whose property changes."""
        return int(self.sizes["varies"].sum())


def oldest_age(counts: Counts, question: Question) -> int:
    """What is the last cell that any unit has begun, within the horizon?

    Args:
        counts: the engine's answer.
        question: the question.

    Returns:
        The cell: an age in periods, or the number of a bracket.
    """
    reached = int(counts.sizes["begun"].max())
    return reached if question.horizon is None else min(reached, question.horizon)


def cells(counts: Counts, question: Question, by: str | None) -> pd.DataFrame:
    """How many of each group could be seen whole in each cell, and how many of these came back?

    Args:
        counts: the engine's answer.
        question: the question.
        by: "c" for cohorts by start period, "cohort" or "segment" for a property, None for everybody.

    Returns:
        One row per group and cell: group, age (the cell), size, n, returned, so_far, rate, ci_low, ci_high, state.
    """
    groups, reach, size = _sizes(counts.sizes, by)
    ages = np.arange(oldest_age(counts, question) + 1)
    if len(groups) * len(ages) > MOST_CELLS:
        raise DataError(
            f"{len(groups):,} cohorts times {len(ages):,} ages are more cells than anybody reads. Choose a longer "
            "`period`, or a `horizon` such as 30."
        )
    last = np.full_like(ages, question.horizon) if question.bounded else ages
    whole, begun = reach[:, :1] >= last, reach[:, 1:] >= ages
    present = (size > 0).astype(int)
    state = _state(present @ ~whole > 0, present @ begun > 0)
    for row in np.flatnonzero(size.sum(axis=1) == 0):  # a period in which nobody began is a cohort too, of nobody
        seen, reached = question.reckoning.reach(int(groups[row]))
        state[row] = _state(last > seen, ages <= reached)
    returned, so_far = (_by_age(counts.returns, question, by, groups, ages, name) for name in ("returned", "so_far"))
    return _frame(groups, ages, size, size @ whole, returned, so_far, state, question.confidence)


def _state(running: NDArray[np.bool_], begun: NDArray[np.bool_]) -> NDArray[np.object_]:
    return np.where(~begun, "unobservable", np.where(running, "partial", "complete")).astype(object)


def _sizes(sizes: pd.DataFrame, by: str | None) -> tuple[pd.Index, NDArray[np.int64], Floats]:
    """Groups; classes of units by the last cells seen whole and begun; how many of each group are in each class."""
    group = pd.Series("all", index=sizes.index) if by is None else sizes[by]
    keys = [group.astype(int) if by == "c" else group, *(sizes[name].astype(int) for name in ("seen", "begun"))]
    table = sizes["so_far"].astype(float).groupby(keys).sum().unstack([1, 2]).fillna(0.0)
    if by == "c":
        table = table.reindex(np.arange(table.index.min(), table.index.max() + 1), fill_value=0.0)
    return table.index, np.array([*table.columns], dtype=int), table.to_numpy()


def _by_age(
    returns: pd.DataFrame, question: Question, by: str | None, groups: pd.Index, ages: NDArray[np.int64], name: str
) -> Floats:
    """Counts of each group in each cell, from where they rise and fall."""
    group = pd.Series("all", index=returns.index) if by is None else returns[by]
    table = returns[name].astype(float).groupby([group, returns["k"]]).sum().unstack(fill_value=0.0)
    counts = table.reindex(index=groups, columns=ages, fill_value=0.0).to_numpy()
    if question.measure == "on":
        return counts
    if question.measure == "on_or_after":
        return _from_the_end(counts)
    later = counts[:, 1:]  # the start period stands for itself
    later = _from_the_end(later) if question.measure == "streak" else np.cumsum(later, axis=1)
    return np.hstack([counts[:, :1], later])


def _from_the_end(counts: Floats) -> Floats:
    """Counts by greatest age become counts of that age or a later one."""
    return np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]


def _frame(
    groups: pd.Index, ages: NDArray[np.int64], size: Floats, n: Floats, returned: Floats, so_far: Floats,
    state: NDArray, confidence: float,
) -> pd.DataFrame:  # fmt: skip
    seen, begun = n > 0, state != "unobservable"
    low, high = wilson_interval(returned, n, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(seen, returned / n, np.nan)
    columns = {
        "group": np.repeat(groups.to_numpy(), len(ages)),
        "age": np.tile(ages, len(groups)),
        "size": np.repeat(size.sum(axis=1), len(ages)).astype(int),
        "n": n.ravel().astype(int),
        "returned": _whole_numbers(returned, seen),
        "so_far": _whole_numbers(so_far, begun),
    }
    bounds = {"rate": rate.ravel(), "ci_low": low.ravel(), "ci_high": high.ravel(), "state": state.ravel()}
    return pd.DataFrame(columns | bounds)


def _whole_numbers(values: Floats, known: NDArray) -> pd.Series:
    return pd.Series(values.ravel()).where(known.ravel()).astype("Int64")


def curve(counts: Counts, question: Question, cluster: pd.DataFrame | None, by: str | None = None) -> pd.DataFrame:
    """What share of everybody who could be seen whole came back, at each age?

    Args:
        counts: the engine's answer.
        question: the question.
        cluster: the engine's sums over units where one unit may stand in several cohorts.
        by: "segment" for one curve a segment, None for one over everybody.

    Returns:
        One row per group and age: group, age, size, n, effective_n, returned, rate, ci_low, ci_high,
        share_observed.
    """
    pooled = cells(counts, question, by).drop(columns=["so_far", "state"])
    effective = pooled["n"].astype(float)
    if cluster is not None:
        effective = _effective(pooled, cluster, question, by)
    low, high = wilson_interval(pooled["rate"] * effective, effective, confidence=question.confidence)
    pooled.insert(4, "effective_n", effective)
    return pooled.assign(ci_low=low, ci_high=high, share_observed=pooled["n"] / pooled["size"])


def _effective(pooled: pd.DataFrame, cluster: pd.DataFrame, question: Question, by: str | None) -> pd.Series:
    parts = []
    for group, rows in pooled.groupby("group", sort=False):
        mine = cluster if by is None else cluster[cluster["segment"] == group]
        parts.append(pd.Series(effective_counts(rows, mine, question), index=rows.index))
    return pd.concat(parts)


def effective_counts(rows: pd.DataFrame, cluster: pd.DataFrame, question: Question) -> Floats:
    """How many independent units would carry as much information as these correlated cells?

    Args:
        rows: one group's curve: age, n, rate.
        cluster: that group's sums over units.
        question: the question.

    Returns:
        p (1 - p) / variance at each age, with the entity-clustered variance of the pooled rate, but never more
        than the cells; where everybody or nobody came back, the number of units.
    """
    ages, p, n = (rows[name].to_numpy(float) for name in ("age", "rate", "n"))
    units, squares = _running(cluster[cluster["seen"].notna()], ages, question)
    x, xx, xn = _sums(cluster[cluster["k"].notna()], ages, question)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (xx - 2 * p * xn + p**2 * squares) / n**2
        effective = p * (1 - p) / variance
    flat = (x == 0) | (x == n) | ~(variance > 1e-15)
    return np.where(n > 0, np.where(flat, units, np.minimum(effective, n)), 0.0)


def _running(starts: pd.DataFrame, ages: Floats, question: Question) -> tuple[Floats, Floats]:
    """Units, and the sum of their squared numbers of whole cells, at each age."""
    reach = np.full_like(ages, question.horizon) if question.bounded else ages
    within = starts["seen"].to_numpy(float) >= reach[:, None]
    return within @ starts["v1"].to_numpy(float), within @ starts["v2"].to_numpy(float)


def _sums(returns: pd.DataFrame, ages: Floats, question: Question) -> tuple[Floats, ...]:
    table = returns.groupby(returns["k"].astype(int))[["v1", "v2", "v3"]].sum().reindex(ages.astype(int), fill_value=0)
    values = table.to_numpy(float).T
    return tuple(_from_the_end(values) if question.measure == "on_or_after" else values)
