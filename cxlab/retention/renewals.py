"""Contracts by renewal: at which one each was lost, and how many it has been seen at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import Relation, Table
from cxlab.data.calendar import INSTANT, parse_instant
from cxlab.errors import DataError, ParameterError
from cxlab.retention.columns import group_names, refuse_future, refuse_mixed_currencies
from cxlab.stats.contract_models import ContractRows, contract_rows
from cxlab.wording import count, date

__all__ = ["FEWEST", "FEWEST_LOST", "PERIODS", "ContractPeriod", "Contracts", "read_contracts", "read_survivors"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
ContractPeriod = Literal["day", "week", "month", "quarter", "year"]
FEWEST, FEWEST_LOST, SHORTEST = 50, 20, 3
# Renewals fall on the same day of each month, or every so many days: months, days in one period.
PERIODS: dict[str, tuple[int, int]] = {
    "day": (0, 1), "week": (0, 7), "month": (1, 0), "quarter": (3, 0), "year": (12, 0)
}  # fmt: skip


@dataclass(frozen=True)
class Contracts:
    """Contracts that are alike, put together.

    `n` contracts each were `seen` at so many renewals and `lost` at one of them (0: still held); `paid` is the sum of
    what they pay per period, `squares` that of its squares.
    """

    seen: Whole
    lost: Whole
    n: Floats
    paid: Floats
    squares: Floats
    segment: NDArray[Any] | None
    end: pd.Timestamp | None
    told: str
    assumed: bool
    rows: int = 0
    young: int = 0
    free: int = 0
    shared: int = 0

    @property
    def held(self) -> NDArray[np.bool_]:
        """Are they still held?"""
        return np.asarray(self.lost == 0)

    @property
    def size(self) -> int:
        """How many contracts are there?"""
        return int(self.n.sum())

    @property
    def losses(self) -> int:
        """How many were lost?"""
        return int(self.n[self.lost > 0].sum())

    @property
    def longest(self) -> int:
        """At how many renewals was one seen at most?"""
        return int(self.seen.max(initial=0))

    @property
    def enough(self) -> bool:
        """Are they enough to fit a model on?"""
        return self.losses >= FEWEST_LOST and self.size >= FEWEST and self.longest >= SHORTEST

    def mean_amount(self, of: NDArray[np.bool_] | None = None) -> tuple[float, float]:
        """What a contract pays per period, and the standard error of that mean."""
        chosen = np.ones(len(self.n), bool) if of is None else of
        n = float(self.n[chosen].sum())
        if n == 0:
            return float("nan"), float("nan")
        mean = float(self.paid[chosen].sum()) / n
        variance = max(float(self.squares[chosen].sum()) / n - mean**2, 0.0)
        return mean, float(np.sqrt(variance / n))

    def rows_by_renewal(self) -> ContractRows:
        """Losses by renewal, all contracts together."""
        size = self.longest + 1
        gone = self.lost > 0
        lost = np.bincount(self.lost[gone], self.n[gone], minlength=size)
        kept = np.bincount(self.seen[~gone], self.n[~gone], minlength=size)
        return ContractRows(np.arange(size, dtype=float), lost[:size].astype(float), kept.astype(float))

    def part(self, chosen: NDArray[np.bool_]) -> Contracts:
        """Some of the contracts."""
        columns = ("seen", "lost", "n", "paid", "squares", *(() if self.segment is None else ("segment",)))
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    def until(self, back: int) -> tuple[Contracts, Whole]:
        """The contracts as they were so many renewals ago, and at which renewal each was lost since (0: none)."""
        early = self.part(self.seen > back)
        seen = early.seen - back
        lost = np.where((early.lost > 0) & (early.lost <= seen), early.lost, 0)
        return replace(early, seen=seen, lost=lost), early.lost


def read_contracts(table: Table, given: dict[str, Any]) -> Contracts:
    """At which renewal was each contract lost?

    Args:
        table: one row per contract.
        given: the arguments by name.

    Returns:
        The contracts that began early enough for one renewal, alike ones put together.

    Raises:
        DataError: a contract ends before it begins or stands twice, amounts are negative or in several currencies,
            times lie in the future, or there are too few.
        ParameterError: observe_until lies before the first start.
    """
    relation = _typed(table, given)
    _refuse_faults(table, relation, given)
    until, assumed = _until(table, relation, given)
    free = "sum(CASE WHEN amount = 0 THEN 1 ELSE 0 END)" if given["amount"] else "0"
    counted = table.engine.rows(
        f"SELECT count(*), count(DISTINCT unit), {free} FROM {relation} WHERE start < TIMESTAMP '{until}'"
    )[0]
    cells = table.engine.arrays(_cells_sql(table, relation, given, until))
    seen, lost, n = (np.asarray(cells[name], dtype=np.int64) for name in ("seen", "lost", "n"))
    segment = group_names(cells["segment"], given["segment"]) if given["segment"] else None
    paid, squares = (np.asarray(cells[name], dtype=float) for name in ("paid", "squares"))
    kept = seen >= 1
    told = date((until - INSTANT).isoformat())
    found = Contracts(
        seen[kept], np.where(lost > seen, 0, lost)[kept], n[kept].astype(float), paid[kept], squares[kept],
        None if segment is None else segment[kept], until, told, assumed, rows=int(counted[0]),
        young=int(n[~kept].sum()), free=int(counted[2] or 0), shared=int(counted[0] - counted[1]),
    )  # fmt: skip
    return _enough(found)


def _typed(table: Table, given: dict[str, Any]) -> Relation:
    names = {"unit": (given["unit"], "id"), "start": (given["start"], "time"), "end": (given["end"], "time?")}
    optional = {"amount": "number", "currency": "text?", "segment": "text?"}
    return table.typed(**names | {role: (given[role], kind) for role, kind in optional.items() if given[role]})


def _cells_sql(table: Table, relation: Relation, given: dict[str, Any], until: pd.Timestamp) -> str:
    """How many renewals lie between the start, the end and the last day seen; one row per kind of contract.

    A contract ends at the first renewal on or after its end; a renewal counts as seen on the day it falls on.
    """
    months, days = PERIODS[given["period"]]
    start, end, last = (table.local(one) for one in ("start", '"end"', f"TIMESTAMP '{until - INSTANT}'"))
    if months:
        seen = f"({_months(start, last)} - {_later(start, last)}) // {months}"
        lost = f"({_months(start, end)} + {_later(end, start)} + {months - 1}) // {months}"
    else:
        seen, lost = f"{_days(start, last)} // {days}", f"({_days(start, end)} + {days - 1}) // {days}"
    group = ", segment" if given["segment"] else ""
    amount = "amount" if given["amount"] else "1.0"
    each = (
        f'CAST({seen} AS INTEGER) AS seen, CASE WHEN "end" IS NULL THEN 0 ELSE greatest(CAST({lost} AS INTEGER), 1) END'
    )
    return (
        f"SELECT seen, lost{group}, count(*) AS n, sum(pays) AS paid, sum(pays * pays) AS squares FROM "
        f"(SELECT {each} AS lost, {amount} AS pays{group} FROM {relation} AS e WHERE start < TIMESTAMP '{until}') "
        f"GROUP BY seen, lost{group} ORDER BY seen, lost{group}"
    )


def _months(begin: str, end: str) -> str:
    years = f"12 * (extract('year' FROM {end}) - extract('year' FROM {begin}))"
    return f"({years} + extract('month' FROM {end}) - extract('month' FROM {begin}))"


def _later(one: str, other: str) -> str:
    """1 where the day of the month comes later."""
    return f"(CASE WHEN extract('day' FROM {one}) > extract('day' FROM {other}) THEN 1 ELSE 0 END)"


def _days(begin: str, end: str) -> str:
    return f"date_diff('day', CAST({begin} AS DATE), CAST({end} AS DATE))"


def _refuse_faults(table: Table, relation: Relation, given: dict[str, Any]) -> None:
    wrong, below, worst = table.engine.rows(
        'SELECT sum(CASE WHEN "end" < start THEN 1 ELSE 0 END), '
        + ("sum(CASE WHEN amount < 0 THEN 1 ELSE 0 END), min(amount)" if given["amount"] else "0, 0")
        + f" FROM {relation}"
    )[0]
    if wrong:
        raise DataError(
            f"{count(wrong)} of {count(table.rows)} contracts end before they start; correct '{given['start']}' or "
            f"'{given['end']}'."
        )
    if below:
        raise DataError(
            f"{count(below)} of {count(table.rows)} rows have a negative '{given['amount']}' (the lowest is "
            f"{worst:g}); expected what a contract pays per period, 0 or more. If these are refunds, leave their rows "
            "out."
        )
    _refuse_repeated(table, relation, given)
    if given["currency"]:
        refuse_mixed_currencies(table, relation, given["currency"])


def _refuse_repeated(table: Table, relation: Relation, given: dict[str, Any]) -> None:
    """The same contract twice would count twice; a customer's contracts that begin at different times are several."""
    twice = table.engine.rows(
        f"SELECT count(*), sum(n), min(unit) FROM (SELECT unit, count(*) AS n FROM {relation} GROUP BY unit, start) "
        "WHERE n > 1"
    )[0]
    if twice[0]:
        raise DataError(
            f"{count(twice[0])} contracts stand more than once ({count(twice[1])} of {count(table.rows)} rows have the "
            f"same '{given['unit']}' and '{given['start']}'; one is {twice[2]!r}). Keep one row per contract, or name "
            "the contract's own id in `unit`."
        )


def _until(table: Table, relation: Relation, given: dict[str, Any]) -> tuple[pd.Timestamp, bool]:
    """The first moment no longer seen, and whether it had to be assumed from the last start or end."""
    found = table.engine.rows(f'SELECT min(start), max(start), max("end") FROM {relation}')[0]
    first, *ends = (pd.Timestamp(one) for one in found if one is not None)
    if given["observe_until"] is None:
        last = max(ends)
        refuse_future(table, f'(SELECT greatest(start, coalesce("end", start)) AS time FROM {relation} AS t)', last)
        return last + INSTANT, True
    until = parse_instant(given["observe_until"], argument="observe_until", tz=table.tz, end=True)
    if until <= first:
        raise ParameterError(
            f"`observe_until` is {given['observe_until']}, but the first contract starts on {date(first.isoformat())}."
        )
    return until, False


def _enough(found: Contracts) -> Contracts:
    if found.enough:
        return found
    raise DataError(
        f"{count(found.size)} contracts were seen at a renewal, at {count(found.longest)} of them at most, and "
        f"{count(found.losses)} were lost; expected {FEWEST} contracts, three renewals and {FEWEST_LOST} losses or "
        "more. Bring a longer log, or choose a shorter `period`."
    )


def read_survivors(table: Table, given: dict[str, Any]) -> Contracts:
    """The same from a table of survivors.

    Args:
        table: one row per renewal, and per cohort where there are several: how many contracts were still held.
        given: the arguments by name; `survivors` and `renewal` name columns.

    Returns:
        The contracts.

    Raises:
        DataError: survivors rise, are no whole numbers, or a renewal is missing.
    """
    names = {"survivors": (given["survivors"], "number"), "renewal": (given["renewal"], "number")}
    names |= {"segment": (given["segment"], "text")} if given["segment"] else {}
    frame = table.query(f"SELECT * FROM {table.typed(**names)} AS t")
    groups = frame.groupby("segment", sort=True) if given["segment"] else [("all cohorts", frame)]
    parts = [_cohort(str(name), part.sort_values("renewal"), given) for name, part in groups]
    names_of = [str(name) for (name, _), part in zip(groups, parts, strict=True) for _ in part[0]]
    seen, lost, n = (np.concatenate([part[k] for part in parts]) for k in range(3))
    segment = group_names(np.array(names_of, dtype=object), given["segment"]) if given["segment"] else None
    told = f"renewal {count(int(seen.max()))}"
    rows = int(n.sum())
    return _enough(Contracts(seen, lost, n.astype(float), n * 1.0, n * 1.0, segment, None, told, False, rows=rows))


def _cohort(name: str, held: pd.DataFrame, given: dict[str, Any]) -> Sequence[Whole]:
    """Of one cohort: renewals seen, the one lost at, and how many contracts."""
    wanted = np.arange(len(held))
    if not np.array_equal(held["renewal"].to_numpy(), wanted) or (held["survivors"] % 1 != 0).any():
        told = ", ".join(f"{one:g}" for one in held["renewal"].head(12))
        raise DataError(
            f"Renewals of {name!r} are {told}; expected 0, 1, 2 and so on, one row each, with whole numbers of "
            f"'{given['survivors']}'."
        )
    rows = contract_rows(held["survivors"])
    lost = np.append(rows.t.astype(np.int64)[1:], 0)
    n = np.append(rows.lost.astype(np.int64)[1:], np.int64(rows.kept[-1]))
    return np.full(len(lost), len(held) - 1, dtype=np.int64)[n > 0], lost[n > 0], n[n > 0]
