"""Who bought when and for how much: read once, faults refused by name, purchases of one day put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import Relation, Table
from cxlab.data.calendar import INSTANT, period_number, period_sql
from cxlab.errors import DataError
from cxlab.retention.columns import group_names, log_end, refuse_mixed_currencies
from cxlab.wording import count

__all__ = [
    "DAYS",
    "FEWEST",
    "FEWEST_REPEAT",
    "Columns",
    "History",
    "Spell",
    "ValuePeriod",
    "read_history",
    "refuse_thin",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
ValuePeriod = Literal["day", "week", "month"]

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
FEWEST, FEWEST_REPEAT = 50, 20


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column holds what, and up to when the log is complete."""

    unit: str
    time: str
    amount: str | None
    currency: str | None
    segment: str | None
    observe_until: str | None


@dataclass(frozen=True)
class Spell:
    """Customers as seen until some day: the numbers that models are fitted on.

    `x` repeat purchases, `t_x` time of the last one and `age`, in periods since the first purchase; `mean` is the mean
    amount of the repeat purchases, missing without one; `of` says which customers these are.
    """

    x: Floats
    t_x: Floats
    age: Floats
    mean: Floats
    of: NDArray[np.intp]

    @property
    def repeaters(self) -> int:
        """How many bought again?"""
        return int((self.x > 0).sum())


@dataclass(frozen=True)
class History:
    """Days with a purchase, by customer and day; days are numbers, `last` is the last one seen."""

    customer: NDArray[np.intp]
    day: Whole
    amount: Floats | None
    ids: NDArray[Any]
    segment: NDArray[Any] | None
    first: Whole
    last: int
    days: float
    discrete: bool
    rows: int
    later: int
    zeros: int
    assumed: bool

    def elapsed(self, days: Any) -> Any:
        """Days as periods: whole ones where purchases fall on occasions."""
        periods = np.asarray(days, dtype=float) / self.days
        return np.floor(periods + 1e-9) if self.discrete else periods

    def repeats(self, until: float) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Repeat purchases until some day: whose, how long after the first purchase, and how much."""
        since = self.day - self.first[self.customer]
        amount = np.ones(len(since)) if self.amount is None else self.amount
        if not self.discrete:
            kept = (since > 0) & (self.day <= until)
            return self.customer[kept], since[kept] / self.days, amount[kept]
        occasion = np.ceil(since / self.days - 1e-9)
        kept = (since > 0) & (self.first[self.customer] + occasion * self.days <= until + 1e-6)
        keys = np.column_stack([self.customer[kept], occasion[kept]]).astype(np.int64)
        found, of = np.unique(keys, axis=0, return_inverse=True)
        spent = np.bincount(of.reshape(-1), amount[kept], minlength=len(found))
        return found[:, 0].astype(np.intp), found[:, 1].astype(np.float64), spent.astype(np.float64)

    def spell(self, until: float) -> Spell:
        """Customers who had bought by some day, as they were then."""
        of = np.flatnonzero(self.first <= until)
        owner, time, amount = self.repeats(until)
        size = len(self.ids)
        x = np.bincount(owner, minlength=size).astype(float)
        t_x = np.zeros(size)
        np.maximum.at(t_x, owner, time)
        spent = np.bincount(owner, amount, minlength=size)
        mean = np.divide(spent, x, out=np.full(size, np.nan), where=x > 0)
        return Spell(x[of], t_x[of], self.elapsed(until - self.first[of]), mean[of], of)


def read_history(table: Table, columns: Columns, period: ValuePeriod, *, discrete: bool) -> History:
    """Who bought when?

    Args:
        table: one row per purchase.
        columns: which column holds what.
        period: unit of the model's time.
        discrete: whether purchases fall on occasions, one a period.

    Returns:
        The history.

    Raises:
        DataError: amounts are negative, currencies are mixed, times lie in the future, or there are too few customers.
        ParameterError: observe_until lies before the first purchase.
    """
    relation = _typed(table, columns)
    seen, assumed = _checked(table, relation, columns)
    day = period_sql("day", utc="time", local=table.local("time"), week_start="monday")
    amount = "sum(amount)" if columns.amount else "1.0"
    kept = f"FROM {relation} AS e WHERE time < TIMESTAMP '{seen}'"
    rows = table.engine.arrays(
        f"SELECT dense_rank() OVER (ORDER BY unit) - 1 AS customer, day, amount FROM "
        f"(SELECT unit, {day} AS day, {amount} AS amount {kept} GROUP BY 1, 2) ORDER BY 1, 2"
    )
    group = ", arg_min(segment, time) AS segment" if columns.segment else ""
    people = table.engine.arrays(f"SELECT unit{group} {kept} GROUP BY unit ORDER BY unit")
    counted = table.engine.rows(
        f"SELECT sum(CASE WHEN time < TIMESTAMP '{seen}' THEN 1 ELSE 0 END), "
        f"{'sum(CASE WHEN amount = 0 THEN 1 ELSE 0 END)' if columns.amount else '0'} FROM {relation} AS e"
    )[0]
    customer, days = np.asarray(rows["customer"], dtype=np.intp), np.asarray(rows["day"], dtype=np.int64)
    starts = np.flatnonzero(np.append(True, customer[1:] != customer[:-1]))
    last = period_number(seen - INSTANT, "day", tz=table.tz)
    segment = group_names(people["segment"], columns.segment) if columns.segment else None
    found = History(
        customer=customer, day=days, amount=np.asarray(rows["amount"], dtype=float) if columns.amount else None,
        ids=_plain(people["unit"]), segment=segment, first=days[starts], last=last, days=DAYS[period],
        discrete=discrete, rows=int(counted[0]), later=table.rows - int(counted[0]), zeros=int(counted[1]),
        assumed=assumed,
    )  # fmt: skip
    _refuse_few(found.spell(found.last), "")
    return found


def _plain(column: Any) -> NDArray[Any]:
    return np.ma.filled(column, None) if np.ma.isMaskedArray(column) else np.asarray(column)


def _typed(table: Table, columns: Columns) -> Relation:
    kinds = {"unit": (columns.unit, "id"), "time": (columns.time, "time")}
    optional = {"amount": "number", "currency": "text?", "segment": "text?"}
    kinds |= {role: (getattr(columns, role), kind) for role, kind in optional.items() if getattr(columns, role)}
    return table.typed(**kinds)


def _checked(table: Table, relation: Relation, columns: Columns) -> tuple[pd.Timestamp, bool]:
    """The first moment no longer seen, once nothing speaks against the rows."""
    if columns.amount:
        _refuse_negative(table, relation, columns.amount)
    if columns.currency:
        refuse_mixed_currencies(table, relation, columns.currency)
    return log_end(table, relation, columns.observe_until, "purchase")


def _refuse_negative(table: Table, relation: Relation, column: str) -> None:
    worst, wrong = table.engine.rows(f"SELECT min(amount), count(*) FROM {relation} WHERE amount < 0")[0]
    if wrong:
        raise DataError(
            f"{count(wrong)} of {count(table.rows)} rows have a negative '{column}' (the lowest is {worst:g}); "
            "expected purchases of 0 or more. If these are refunds, take each off its purchase, or leave its rows out."
        )


def _refuse_few(spell: Spell, where: str) -> None:
    if len(spell.x) < FEWEST or spell.repeaters < FEWEST_REPEAT:
        raise DataError(
            f"{count(len(spell.x))} customers{where}, of whom {count(spell.repeaters)} bought on a second day; "
            f"expected {FEWEST} customers or more and {FEWEST_REPEAT} who came back. Bring a longer log, or more "
            "customers."
        )


def refuse_thin(spell: Spell, cut: str) -> None:
    """Is there enough before the cut to fit a model on?

    Args:
        spell: customers as they were at the cut.
        cut: the last day before it, in words.

    Raises:
        DataError: too few customers, or too few who came back.
    """
    _refuse_few(spell, f" had bought by {cut}, the last day the model is fitted on before it is tested")
