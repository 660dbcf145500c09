"""Who became a customer when, and left when and why: read once, faults refused by name, people alike put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import NOT_GIVEN, Relation, Table
from cxlab.data.calendar import INSTANT, parse_instant, period_number, period_sql
from cxlab.errors import DataError, ParameterError
from cxlab.retention.columns import group_names
from cxlab.wording import count, date

__all__ = ["MOST_GROUPS", "MOST_LEVELS", "Churn", "read_churn"]

Floats = NDArray[np.float64]
MOST_GROUPS, MOST_LEVELS = 50, 20
_FUTURE = pd.Timedelta("2D")


@dataclass(frozen=True, kw_only=True)
class Churn:
    """Customers alike in everything that is asked, a place each.

    `days` between start and end, or the last day seen; `reason` 0 while still here, else the place in `reasons` from
    1 up; `n` customers alike; `whose` says which places are of one customer, where some have several rows.
    """

    days: Floats
    reason: NDArray[np.int64]
    n: Floats
    reasons: tuple[str, ...]
    group: NDArray[Any] | None
    strata: NDArray[Any] | None
    drivers: Mapping[str, NDArray[Any]]
    whose: NDArray[Any] | None
    until: str
    assumed: bool
    facts: Mapping[str, int]

    @property
    def left(self) -> NDArray[np.float64]:
        """Has the customer left?"""
        return (self.reason > 0).astype(float)

    @property
    def customers(self) -> int:
        """How many customers are there?"""
        return round(float(self.n.sum()))


def read_churn(table: Table, given: dict[str, Any]) -> Churn:
    """Who became a customer when, and left when and why?

    Args:
        table: one row per customer or contract.
        given: the arguments by name.

    Returns:
        The customers who started before the log ends.

    Raises:
        DataError: ends before starts, reasons without an end, times in the future, values of drivers missing, too many
            groups, or nobody left.
        ParameterError: observe_until lies before the first start, or a column is named twice.
    """
    numbers = _numbers(table, given)
    relation = _typed(table, given, numbers)
    facts = _facts(table, relation, given)
    until, assumed = _until(table, relation, given)
    columns = table.engine.arrays(_sql(table, relation, given, until, repeated=facts["repeated"] > 0))
    facts |= dict(zip(("later_ends", "left_out"), _later(table, relation, until), strict=True))
    churn = _churn(columns, given, numbers, (date((until - INSTANT).isoformat()), assumed), facts)
    if not churn.left.any():
        raise DataError(
            f"None of {count(churn.customers)} customers has left until {churn.until}, so there is nothing to "
            f"compare. Is '{given['end']}' the column of the end?"
        )
    return churn


def _numbers(table: Table, given: dict[str, Any]) -> set[str]:
    """The drivers that are numbers: all values can be read so, there are more than two, and no level is named."""
    found = set()
    for name in given["drivers"] or ():
        if name in (given["reference"] or {}) or table.types[table.column(name)] == "BOOLEAN":
            continue
        try:
            relation = table.typed(value=(name, "number?"))
        except DataError:
            continue
        if table.engine.rows(f"SELECT count(DISTINCT value) FROM {relation}")[0][0] > 2:
            found.add(name)
    return found


def _typed(table: Table, given: dict[str, Any], numbers: set[str]) -> Relation:
    kinds = {"unit": (given["unit"], "id"), "start": (given["start"], "time"), "end": (given["end"], "time?")}
    kinds |= {role: (given[role], "text?") for role in ("reason", "group", "strata") if given[role]}
    for place, name in enumerate(given["drivers"] or ()):
        kinds[f"driver_{place}"] = (name, "number" if name in numbers else "text")
    return table.typed(**kinds)


def _facts(table: Table, relation: Relation, given: dict[str, Any]) -> dict[str, int]:
    idle = 'sum(CASE WHEN reason IS NOT NULL AND "end" IS NULL THEN 1 ELSE 0 END)' if given["reason"] else "0"
    wrong, unexplained, repeated = table.engine.rows(
        f'SELECT sum(CASE WHEN "end" < start THEN 1 ELSE 0 END), {idle}, count(*) - count(DISTINCT unit) '
        f"FROM {relation} AS e"
    )[0]
    if wrong:
        raise DataError(
            f"{count(wrong)} of {count(table.rows)} customers end before they start; correct '{given['start']}' or "
            f"'{given['end']}'."
        )
    if unexplained:
        raise DataError(
            f"{count(unexplained)} of {count(table.rows)} customers have a '{given['reason']}' but no "
            f"'{given['end']}'; give the day they left, or take the reason out."
        )
    return {"repeated": int(repeated)}


def _until(table: Table, relation: Relation, given: dict[str, Any]) -> tuple[pd.Timestamp, bool]:
    first, last, ends = table.engine.rows(f'SELECT min(start), max(start), max("end") FROM {relation} AS e')[0]
    if given["observe_until"] is not None:
        until = parse_instant(given["observe_until"], argument="observe_until", tz=table.tz, end=True)
        if until <= pd.Timestamp(first):
            raise ParameterError(
                f"`observe_until` is {given['observe_until']}, but the first customer starts on "
                f"{date(pd.Timestamp(first).isoformat())}."
            )
        return until, False
    latest = max(pd.Timestamp(one) for one in (last, ends) if one is not None)
    now = pd.Timestamp.now("UTC").tz_localize(None)
    if latest > now + _FUTURE:
        ahead = f"SELECT count(*) FROM {relation} AS e WHERE start > TIMESTAMP '{now}' OR \"end\" > TIMESTAMP '{now}'"
        raise DataError(
            f"{count(table.engine.rows(ahead)[0][0])} of {count(table.rows)} customers start or end in the future, "
            f"the last on {date(latest.isoformat())}. Say with observe_until up to which day the table is complete: "
            "who ends later counts as still here."
        )
    return latest + INSTANT, True


def _sql(table: Table, relation: Relation, given: dict[str, Any], until: pd.Timestamp, *, repeated: bool) -> str:
    """One row per kind of customer and number of days: small, however many customers there are."""
    began, ended = (period_sql("day", utc=one, local=table.local(one)) for one in ("start", '"end"'))
    last = period_number(until - INSTANT, "day", tz=table.tz)
    gone = f"\"end\" < TIMESTAMP '{until}'"
    why = f"coalesce(reason, '{NOT_GIVEN}')" if given["reason"] else "'left'"
    columns = [f"CASE WHEN {gone} THEN {ended} - {began} ELSE {last} - {began} END AS days",
               f"CASE WHEN {gone} THEN {why} END AS reason"]  # fmt: skip
    columns += [f'{role} AS "{role}"' for role in ("group", "strata") if given[role]]
    columns = [one.replace("group AS", '"group" AS') for one in columns]
    columns += [f"driver_{place}" for place in range(len(given["drivers"] or ()))]
    if repeated and given["drivers"]:
        columns.append("dense_rank() OVER (ORDER BY unit) AS whose")
    inner = f"SELECT {', '.join(columns)} FROM {relation} AS e WHERE start < TIMESTAMP '{until}'"
    places = ", ".join(str(place + 1) for place in range(len(columns)))
    return f"SELECT *, count(*) AS n FROM ({inner}) AS alike GROUP BY {places} ORDER BY {places}"


def _later(table: Table, relation: Relation, until: pd.Timestamp) -> tuple[int, int]:
    """Customers who end, and who start, only after the log ends."""
    found = table.engine.rows(
        f"SELECT sum(CASE WHEN start < TIMESTAMP '{until}' AND \"end\" >= TIMESTAMP '{until}' THEN 1 ELSE 0 END), "
        f"sum(CASE WHEN start >= TIMESTAMP '{until}' THEN 1 ELSE 0 END) FROM {relation} AS e"
    )[0]
    return int(found[0] or 0), int(found[1] or 0)


def _churn(
    columns: dict[str, Any], given: dict[str, Any], numbers: set[str], ends: tuple[str, bool], facts: dict[str, int]
) -> Churn:
    words = _texts(columns["reason"])
    reasons = tuple(sorted({one for one in words if one is not None}))
    place = {name: index + 1 for index, name in enumerate(reasons)}
    group, strata = (group_names(columns[role], given[role]) if given[role] else None for role in ("group", "strata"))
    if group is not None:
        _refuse_many(set(group), "group", given["group"], MOST_GROUPS)
    _refuse_many(set(reasons), "reason", given["reason"], MOST_LEVELS)
    drivers = {}
    for index, name in enumerate(given["drivers"] or ()):
        column = columns[f"driver_{index}"]
        drivers[name] = np.asarray(column, dtype=float) if name in numbers else np.array(_texts(column), dtype=object)
        if name not in numbers:
            _refuse_many(set(drivers[name]), "drivers", name, MOST_LEVELS)
    return Churn(
        days=np.asarray(columns["days"], dtype=float), n=np.asarray(columns["n"], dtype=float), reasons=reasons,
        reason=np.array([place.get(one, 0) for one in words], dtype=np.int64), group=group, strata=strata,
        drivers=drivers, whose=columns.get("whose"), until=ends[0], assumed=ends[1], facts=facts,
    )  # fmt: skip


def _texts(column: Any) -> list[Any]:
    plain = np.ma.filled(column.astype(object), None) if np.ma.isMaskedArray(column) else column
    return [None if one is None or one != one else str(one) for one in plain]


def _refuse_many(levels: set[Any], argument: str, column: str | None, most: int) -> None:
    if len(levels) > most:
        raise ParameterError(
            f"`{argument}` names '{column}', which has {count(len(levels))} different values; at most {most} can be "
            "told apart. Put rare ones together in a column of its own."
        )
