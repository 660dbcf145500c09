"""Who paid how much in which period: read once, faults refused by name, refunds taken off within their period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import Relation, Table
from cxlab.data.calendar import INSTANT, period_name, period_number, period_sql
from cxlab.errors import DataError
from cxlab.retention.columns import group_names, log_end, refuse_mixed_currencies
from cxlab.wording import count, date

__all__ = ["Revenue", "RevenuePeriod", "read_revenue"]

Floats = NDArray[np.float64]
RevenuePeriod = Literal["week", "month"]


@dataclass(frozen=True, kw_only=True)
class Revenue:
    """Amounts by customer (rows) and whole period (columns), nothing paid being 0."""

    paid: Floats = field(repr=False)
    first: NDArray[np.int64] = field(repr=False)
    segment: NDArray[Any] | None = field(repr=False)
    begins: int
    period: RevenuePeriod
    week_start: Any
    partial: bool
    until: str
    assumed: bool
    refunds: int
    rows: int

    @property
    def periods(self) -> int:
        """How many whole periods are there?"""
        return self.paid.shape[1]

    def name(self, place: int) -> str:
        """A period in words; the first one has place 0."""
        return period_name(self.begins + place, self.period, week_start=self.week_start)


def read_revenue(table: Table, given: dict[str, Any]) -> Revenue:
    """Who paid how much in which period?

    Args:
        table: one row per payment.
        given: the arguments by name.

    Returns:
        Amounts by customer and period, the period in which the log ends left out unless it is whole.

    Raises:
        DataError: currencies are mixed, times lie in the future, refunds exceed what was paid in their period, or
            fewer than two whole periods are seen.
        ParameterError: observe_until lies before the first payment.
    """
    relation = _typed(table, given)
    if given["currency"]:
        refuse_mixed_currencies(table, relation, given["currency"])
    until, assumed = log_end(table, relation, given["observe_until"], "payment")
    number = period_sql(
        given["period"], utc="time", local=table.local("time"), week_start=given["week_start"]
    )  # fmt: skip
    seen = f"FROM {relation} AS e WHERE time < TIMESTAMP '{until}'"
    # Customers are numbered by themselves: sorting millions of sums to number them takes most of the time otherwise.
    sums = table.engine.arrays(
        f"WITH sums AS (SELECT unit, {number} AS period, sum(amount) AS paid {seen} GROUP BY 1, 2), "
        "people AS (SELECT unit, CAST(row_number() OVER (ORDER BY unit) - 1 AS INTEGER) AS customer FROM "
        "(SELECT DISTINCT unit FROM sums) AS d) "
        "SELECT customer, period, paid FROM sums JOIN people USING (unit)"
    )
    end = _after_last_whole(until, assumed, given, table.tz)
    counted = table.engine.rows(f"SELECT count(*), sum(CASE WHEN amount < 0 THEN 1 ELSE 0 END) {seen}")[0]
    paid, begins, partial = _grid(sums, end, given)
    group = ", arg_min(segment, time) AS segment" if given["segment"] else ""
    people = table.engine.arrays(f"SELECT unit{group} {seen} GROUP BY unit ORDER BY unit")
    ever = _who_paid(paid, given)
    segment = group_names(people["segment"], given["segment"])[ever] if given["segment"] else None
    return Revenue(
        paid=paid[ever], first=(paid[ever] > 0).argmax(axis=1), segment=segment, begins=begins,
        period=given["period"], week_start=given["week_start"], partial=partial,
        until=date((until - INSTANT).isoformat()), assumed=assumed, refunds=int(counted[1] or 0),
        rows=int(counted[0]),
    )  # fmt: skip


def _who_paid(paid: Floats, given: dict[str, Any]) -> NDArray[np.bool_]:
    ever = np.asarray(paid.any(axis=1))
    if not ever.any():
        raise DataError(
            f"No customer paid more than 0 in any whole {given['period']}; expected amounts above 0 in "
            f"'{given['amount']}'. Name the column of what was paid in `amount`."
        )
    return ever


def _typed(table: Table, given: dict[str, Any]) -> Relation:
    kinds = {"unit": (given["unit"], "id"), "time": (given["time"], "time"), "amount": (given["amount"], "number")}
    kinds |= {role: (given[role], "text?") for role in ("currency", "segment") if given[role]}
    return table.typed(**kinds)


def _after_last_whole(until: pd.Timestamp, assumed: bool, given: dict[str, Any], tz: str) -> int:
    """The first period that is not whole: where the log's end is only assumed, the one that holds its last payment."""
    settings = {"tz": tz, "week_start": given["week_start"]}
    return period_number(until - INSTANT if assumed else until, given["period"], **settings)


def _grid(sums: dict[str, Any], end: int, given: dict[str, Any]) -> tuple[Floats, int, bool]:
    customer, period = (np.asarray(sums[name]) for name in ("customer", "period"))
    amount = np.asarray(sums["paid"], dtype=float)
    begins, partial = int(period.min()), bool((period >= end).any())
    if end - begins < 2:
        whole = f"{count(max(end - begins, 0))} whole {given['period']}{'' if end - begins == 1 else 's'}"
        raise DataError(
            f"{whole} with payments seen; expected two or more. Bring a longer log, or say with observe_until up to "
            "which day it is complete."
        )
    inside = period < end
    wrong = inside & (amount < -1e-9)
    if wrong.any():
        worst = int(np.argmin(np.where(wrong, amount, 0)))
        name = period_name(int(period[worst]), given["period"], week_start=given["week_start"])
        raise DataError(
            f"{count(int(wrong.sum()))} sums of a customer's {given['period']} are below 0 (the lowest is "
            f"{amount[worst]:g}, in {name}): more was refunded than paid. Book each refund in the {given['period']} "
            "of its payment, or leave refunds out."
        )
    paid = np.zeros((int(customer.max()) + 1, end - begins))
    paid[customer[inside], period[inside] - begins] = np.maximum(amount[inside], 0)
    return paid, begins, partial
