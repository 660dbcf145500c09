"""Attempts: the same people try several times, so their attempts are not as many independent ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from cxlab.data import ALL, literal
from cxlab.stats.clusters import Products, cluster_covariance, share_difference
from cxlab.stats.repeated_shares import repeated_shares

__all__ = ["attempt_differences", "attempt_products", "attempt_rates", "attempt_sums"]

Query = Callable[[str], pd.DataFrame]


def attempt_sums(query: Query, attempts: str, *, steps: int) -> pd.DataFrame:
    """What do intervals need to know of attempts, added up over people?

    Args:
        query: asks the engine.
        attempts: a table with one row per person and segment: u, segment, r1 (attempts entered) to rK (attempts that
            reached the last step); of attempts whose window is over.
        steps: how many steps there are.

    Returns:
        One row per segment and step, "all" first: segment, step, n (people), attempts, reached, and the sums over
        people of attempts squared, reached squared and their product: attempts_squares, reached_squares, products.
    """
    columns = ", ".join(f"sum(r{k}) AS r{k}" for k in range(1, steps + 1))
    whole = f"(SELECT u, {literal(ALL)} AS segment, {columns} FROM {attempts} GROUP BY u)"
    listed = ", ".join(f"r{k}" for k in range(1, steps + 1))
    parts = [
        f"SELECT {place} AS place, segment, {k} AS step, count(*) AS n, sum(r1)::DOUBLE AS attempts, "
        f"sum(r{k})::DOUBLE AS reached, sum(r1::DOUBLE * r1) AS attempts_squares, "
        f"sum(r{k}::DOUBLE * r{k}) AS reached_squares, sum(r1::DOUBLE * r{k}) AS products FROM {source} WHERE r1 > 0 "
        "GROUP BY segment"
        for place, source in enumerate((whole, f"(SELECT u, segment, {listed} FROM {attempts})"))
        for k in range(1, steps + 1)
    ]
    frame = query(f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY place, segment, step")
    alone = frame["segment"].nunique() == 1
    return frame[frame["place"] == 0 if alone else slice(None)].drop(columns="place").reset_index(drop=True)


def attempt_rates(sums: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """Which share of attempts reaches each step, and how sure is that when people try several times?

    Args:
        sums: one row per segment and step, from `attempt_sums`.
        confidence: level of the intervals.

    Returns:
        One row per segment and step: segment, step, n (people), attempts, reached, rate, ci_low, ci_high, effective
        (how many independent attempts these are worth).

    Assumes:
        People are independent of each other; how often somebody tries may go with how well it works.

    Source:
        The variance of a ratio over clusters with n / (n - 1) and Student's t with n - 1 degrees of freedom, as an
        effective number in Wilson's interval (Korn and Graubard 1998), which holds near 0 and 1 as well.
    """
    found = repeated_shares(
        sums["reached"], sums["attempts"], squares=sums["reached_squares"], products=sums["products"],
        tried_squares=sums["attempts_squares"], people=sums["n"], confidence=confidence,
    )  # fmt: skip
    return sums[["segment", "step", "n"]].assign(
        attempts=sums["attempts"].astype(int), reached=sums["reached"].astype(int), rate=found.share,
        ci_low=found.ci_low, ci_high=found.ci_high, effective=found.effective,
    )  # fmt: skip


def attempt_products(query: Query, attempts: str, *, control: str, steps: int) -> pd.DataFrame:
    """Which people tried in two groups, and how do their attempts go together?

    Args:
        query: asks the engine.
        attempts: the table that `attempt_sums` takes.
        control: the group that the others are compared with.
        steps: how many steps there are.

    Returns:
        One row per other segment and step: segment, step, and sums over people in both groups: rr (reached in both),
        rm (reached in the segment times attempts in the control), mr, mm, people.
    """
    parts = [
        f"SELECT a.segment, {k} AS step, sum(a.r{k}::DOUBLE * b.r{k}) AS rr, sum(a.r{k}::DOUBLE * b.r1) AS rm, "
        f"sum(a.r1::DOUBLE * b.r{k}) AS mr, sum(a.r1::DOUBLE * b.r1) AS mm, count(*) AS people "
        f"FROM {attempts} a JOIN {attempts} b ON a.u = b.u AND b.segment = {literal(control)} "
        f"WHERE a.segment <> {literal(control)} GROUP BY a.segment"
        for k in range(1, steps + 1)
    ]
    return query(" UNION ALL ".join(parts) + " ORDER BY ALL")


def attempt_differences(
    rates: pd.DataFrame, products: pd.DataFrame, *, control: str, confidence: float
) -> pd.DataFrame:
    """How far apart are groups' shares of attempts, where some people may have tried in both?

    Args:
        rates: from `attempt_rates`.
        products: from `attempt_products`; people who tried in one group only need no row.
        control: the group that the others are compared with.
        confidence: level of the intervals.

    Returns:
        One row per other segment and step from the second: segment, step, n (people), attempts, estimate, control,
        control_n, control_attempts, control_estimate, effect, ci_low, ci_high, p_value.

    Source:
        Newcombe 1998, method 10, on effective numbers; Zou 2007 for the covariance of people in both groups.
    """
    base = rates[rates["segment"] == control].set_index("step")
    others = rates[~rates["segment"].isin([ALL, control]) & (rates["step"] > 1)].reset_index(drop=True)
    against = base.loc[others["step"]].reset_index(drop=True)
    shared = others[["segment", "step"]].merge(products, on=["segment", "step"], how="left").fillna(0)
    both = [_covariance(*rows) for rows in zip(*(f.to_dict("records") for f in (shared, others, against)), strict=True)]
    effect, low, high, p = share_difference(
        others["rate"] * others["effective"], others["effective"], against["rate"] * against["effective"],
        against["effective"], covariance=np.array(both), confidence=confidence,
    )  # fmt: skip
    return others[["segment", "step", "n", "attempts"]].assign(
        estimate=others["rate"], control=control, control_n=against["n"], control_attempts=against["attempts"],
        control_estimate=against["rate"], effect=effect, ci_low=low, ci_high=high, p_value=p,
    )  # fmt: skip


def _covariance(shared: dict[Any, Any], one: dict[Any, Any], other: dict[Any, Any]) -> float:
    if not shared["people"]:
        return 0.0
    sums = Products(shared["rr"], shared["rm"], shared["mr"], shared["mm"], int(shared["people"]))
    return cluster_covariance(sums, one["rate"], other["rate"], one["attempts"], other["attempts"])
