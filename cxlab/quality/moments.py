"""Times as moments: how a column's times are written, read leniently so that they can be examined."""

from dataclasses import replace
from typing import Literal

import pandas as pd

from cxlab.quality.columns import Column
from cxlab.quality.measures import has_offset
from cxlab.quality.subject import Subject

__all__ = ["UNKNOWN", "Form", "form", "instant", "with_moments"]

Form = Literal["iso", "day", "month", "mixed", "unclear", "compact", "epoch"]
UNKNOWN = "NULL::TIMESTAMP"
_HALF = 0.5
_AT_ONCE = {"sent": 9}  # seconds; nobody reads an invitation and a question, and answers, in fewer than ten
_GUESSED = ("mixed", "unclear")
_DAY = ("%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%d-%m-%y %H:%M", "%d-%m-%y")
_MONTH = ("%m-%d-%Y %H:%M:%S", "%m-%d-%Y %I:%M:%S %p", "%m-%d-%Y %I:%M %p", "%m-%d-%Y %H:%M", "%m-%d-%Y", "%m-%d-%y")
_FILLERS = ("1970-01-01", "1900-01-01", "1899-12-30", "1899-12-31", "0001-01-01", "9999-12-31", "2099-12-31")


def form(subject: Subject, column: Column) -> Form:
    """How are the times of a text or number column written?

    Args:
        subject: the table under examination.
        column: a column of times.

    Returns:
        "day" and "month" say what stands first in 31/12/2026; "mixed" both, "unclear" either.
    """
    if column.whole:
        return "compact" if subject.of(column, "last") < 30_000_000 else "epoch"
    filled = max(subject.filled(column), 1)
    if subject.of(column, "slashed"):
        day, month = subject.of(column, "day_first"), subject.of(column, "month_first")
        return "mixed" if day and month else "day" if day else "month" if month else "unclear"
    if subject.of(column, "compact") > _HALF * filled:
        return "compact"
    return "epoch" if subject.of(column, "epoch") > _HALF * filled else "iso"


def instant(subject: Subject, column: Column) -> str:
    """SQL for the moment of a value in UTC, NULL where it cannot be read.

    Args:
        subject: the table under examination.
        column: a column of times.

    Returns:
        The expression.
    """
    table, value = subject.table, column.value
    if column.type.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"({value} AT TIME ZONE 'UTC')"
    if column.native_time:
        return _local(f"{value}::TIMESTAMP", table.tz)
    if not column.text and not column.whole:
        return UNKNOWN
    if table.time_format:
        pattern = table.time_format.replace("'", "''")
        parsed = f"try_strptime({value}::VARCHAR, '{pattern}')"
        return f"({parsed} AT TIME ZONE 'UTC')" if "%z" in pattern else _local(parsed, table.tz)
    return _as_written(subject, column)


def _as_written(subject: Subject, column: Column) -> str:
    written, tz = form(subject, column), subject.table.tz
    if written in _GUESSED:  # a guess would invent times that nobody wrote
        return UNKNOWN
    if written == "iso":
        return _iso(column.value, tz, subject.of(column, "offset"), subject.filled(column))
    return _written(written, f"trim({column.value}::VARCHAR)", tz)


def _iso(value: str, tz: str, offsets: int, filled: int) -> str:
    """Offsets are looked for in every cell only where some cells have one and some have none."""
    aware = f"(TRY_CAST({value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
    plain = _local(f"TRY_CAST({value} AS TIMESTAMP)", tz)
    if not offsets:
        return plain
    return aware if offsets == filled else f"(CASE WHEN {has_offset(f'trim({value})')} THEN {aware} ELSE {plain} END)"


def _written(written: Form, value: str, tz: str) -> str:
    plain = f"TRY_CAST({value} AS TIMESTAMP)"
    if written in ("day", "month"):
        listed = ", ".join(f"'{item}'" for item in (_DAY if written == "day" else _MONTH))
        plain = f"coalesce(try_strptime(translate({value}, '/.', '--'), [{listed}]), {plain})"
    if written == "compact":
        plain = f"try_strptime({value}, '%Y%m%d')"
    if written == "epoch":
        size = f"power(10, 3 * greatest((length({value}) - 8) // 3, 0))"
        return f"make_timestamp((TRY_CAST({value} AS DOUBLE) / {size} * 1000000)::BIGINT)"
    return _local(plain, tz)


def _local(expression: str, tz: str) -> str:
    return expression if tz == "UTC" else f"(({expression} AT TIME ZONE '{tz}') AT TIME ZONE 'UTC')"


def with_moments(subject: Subject) -> Subject:
    """Count what the times say: first and last, the future, fillers, midnights, ends before beginnings.

    Args:
        subject: the table under examination.

    Returns:
        The subject with these counts beside the others.
    """
    places = {column: f"m{index}" for index, column in enumerate(subject.kind("time"))}
    asked = [(c.name, name, sql) for c, place in places.items() for name, sql in _of_one(subject, place).items()]
    for begin, end in subject.contract.order:
        first, second = subject.role(begin), subject.role(end)
        if first in places and second in places and first is not None and second is not None:
            found = _of_two(begin, places[first], places[second])
            asked += [(second.name, name, sql) for name, sql in found.items()]
    if not asked:
        return subject
    row = subject.sql(f"SELECT {', '.join(sql for *_, sql in asked)} FROM {_read(subject, places)}")
    counted = {(column, name): value for (column, name, _), value in zip(asked, row, strict=True)}
    return replace(subject, counts={**subject.counts, **counted})


def _read(subject: Subject, places: dict[Column, str]) -> str:
    """Every time read once, in UTC and as the local clock showed it."""
    moments = ", ".join(f"{instant(subject, column)} AS {place}" for column, place in places.items())
    clocks = ", ".join(f"{subject.table.local(place)} AS l{place}" for place in places.values())
    return f"(SELECT *, {clocks} FROM (SELECT {moments} FROM {subject.table.relation}))"


def _of_one(subject: Subject, moment: str) -> dict[str, str]:
    soon = f"TIMESTAMP '{subject.now + pd.Timedelta(days=1):%Y-%m-%d %H:%M:%S}'"
    listed = ", ".join(f"DATE '{day}'" for day in _FILLERS)
    fillers = f"l{moment}::DATE IN ({listed})"
    return {
        "read": f"count({moment})",
        "earliest": f"min({moment})",
        "latest": f"max({moment}) FILTER ({moment} <= {soon})",
        "future": f"count(*) FILTER ({moment} > {soon})",
        "far": f"max({moment})",
        "filler": f"count(*) FILTER ({fillers})",
        "filler_day": f"min(l{moment}::DATE) FILTER ({fillers})",
        "midnight": f"count(*) FILTER (l{moment} = date_trunc('day', l{moment}))",
    }


def _of_two(begin: str, first: str, second: str) -> dict[str, str]:
    lag = f"epoch({second} - {first})"
    days = f"{first} = date_trunc('day', {first}) AND {second} = date_trunc('day', {second})"
    return {
        f"at once after {begin}": f"count(*) FILTER ({lag} BETWEEN 0 AND {_AT_ONCE.get(begin, 0)} AND NOT ({days}))",
        f"before {begin}": f"count(*) FILTER ({second} < {first})",
        f"least after {begin}": f"min({lag})",
        f"n after {begin}": f"count({lag})",
        f"sum after {begin}": f"sum({lag})",
        f"lags after {begin}": f"approx_quantile({lag}, [0.25, 0.5, 0.75])",
        f"days after {begin}": f"count(*) FILTER ({lag} >= 86000 AND {lag} % 86400 < 864)",
    }
