"""Lengths of time: ends before beginnings, closing by the clock, and newcomers that stop early."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from cxlab.data import quote
from cxlab.quality.finding import Finding
from cxlab.quality.moments import instant
from cxlab.quality.subject import Subject
from cxlab.wording import count, date, duration, share

__all__ = ["durations"]

_ENOUGH = 50
_NARROW, _WHOLE = 0.05, 0.3
_A_DAY = 86_000.0
_PART, _GAPS = 0.01, 5
_STOPPED = pd.Timedelta(days=60)


def durations(subject: Subject) -> Iterator[Finding]:
    """Are the lengths of time between a row's times, or a customer's events, what they seem?

    Args:
        subject: the table under examination, its moments counted.

    Yields:
        Findings.
    """
    for begin, end in subject.contract.order:
        yield from _backwards(subject, begin, end)
    if subject.contract.name == "tickets":
        yield from _closed_by_clock(subject)
        yield from _closed_when(subject)
    if subject.contract.name == "subscriptions":
        yield from _overlaps(subject)
    if subject.contract.name in ("events", "transactions"):
        yield from _of_customers(subject)


def _backwards(subject: Subject, begin: str, end: str) -> Iterator[Finding]:
    first, second = subject.role(begin), subject.role(end)
    rows = subject.of(second, f"before {begin}") if first and second else 0
    if first and second and rows:
        least = subject.of(second, f"least after {begin}")
        example = f"{duration(-least)} before {first.name}"
        yield Finding("negative_durations", second.name, rows, example)


def _closed_by_clock(subject: Subject) -> Iterator[Finding]:
    solved, closed = subject.role("solved"), subject.role("closed")
    if solved is None or closed is None:
        return
    n, days = subject.of(closed, "n after solved"), subject.of(closed, "days after solved")
    if n >= _ENOUGH and _by_clock(subject.of(closed, "lags after solved"), days / n):
        yield _clock(closed.name, n, subject.of(closed, "lags after solved")[1], "solving", solved.name)


def _closed_when(subject: Subject) -> Iterator[Finding]:
    """Tickets that are done by their status but have no time, and tables that hold no open ticket."""
    status, ends = subject.role("status"), [subject.role(name) for name in ("last_solved", "solved", "closed")]
    known = next((column for column in ends if column is not None and subject.of(column, "present")), None)
    if known is None:
        return
    if subject.of(known, "read") == subject.rows >= _ENOUGH:
        yield Finding("only_finished", known.name, subject.rows)
    if status is not None and subject.of(known, "read") < subject.rows:
        done = f"lower(trim({quote(status.name)}::VARCHAR)) IN ('closed', 'solved', 'resolved')"
        no_time = f"trim(coalesce({quote(known.name)}::VARCHAR, '')) = ''"
        rows = subject.sql(f"SELECT count(*) FILTER ({done} AND {no_time}) FROM {subject.table.relation}")[0]
        if rows:
            yield Finding("closed_without_time", known.name, rows)


def _overlaps(subject: Subject) -> Iterator[Finding]:
    """The same customer has the same plan again before it ended."""
    unit, start, end, plan = (subject.role(name) for name in ("unit", "start", "end", "plan"))
    if unit is None or start is None or end is None:
        return
    keys = ", ".join(quote(column.name) for column in (unit, plan) if column is not None)
    before = (
        f"lag(coalesce({instant(subject, end)}, TIMESTAMP '9999-01-01')) OVER (PARTITION BY {keys} ORDER BY "
        f"{instant(subject, start)})"
    )
    spans = f"SELECT {instant(subject, start)} AS start, {before} AS ended FROM {subject.table.relation}"
    rows = subject.sql(f"SELECT count(*) FILTER (ended > start) FROM ({spans})")[0]
    if rows:
        yield Finding("overlapping", start.name, rows)


def _by_clock(lags: Sequence[float], whole_days: float) -> bool:
    """A lag of a day or more that hardly varies, or that is a whole number of days to the minute."""
    quarter, median, three_quarters = lags
    return median >= _A_DAY and (three_quarters - quarter < _NARROW * median or whole_days > _WHOLE)


def _clock(column: str, rows: int, median: float, after: str, instead: str) -> Finding:
    effect = (
        f"It comes a set time after {after} (half after {duration(median)}): durations measured to it are "
        f"the clock's, not the service's."
    )
    return Finding("administrative_close", column, rows, duration(median), effect, f"Measure to {instead} instead.")


@dataclass(frozen=True)
class _Customers:
    """What one pass by customer shows: newcomers, and the event that ends most histories."""

    newest: pd.Timestamp
    oldest: pd.Timestamp
    end: pd.Timestamp
    units: int
    late: int
    event: str
    ended: int


def _of_customers(subject: Subject) -> Iterator[Finding]:
    unit, time, event = (subject.role(name) for name in ("unit", "time", "event"))
    if unit is None or time is None or not subject.of(time, "read"):
        return
    what = f"{quote(event.name)}::VARCHAR" if event else "''"
    moments = (
        f"(SELECT {quote(unit.name)} AS u, {what} AS e, {instant(subject, time)} AS t FROM {subject.table.relation} "
        f"WHERE {quote(unit.name)} IS NOT NULL)"
    )
    seen = _customers(subject, moments)
    if event is not None and seen.ended >= _ENOUGH and seen.ended > seen.units / 2:
        yield from _last_event_by_clock(subject, moments, event.name, seen.event)
    yield from _newcomers(seen, time.name)


def _customers(subject: Subject, moments: str) -> _Customers:
    row = subject.sql(f"""
        WITH per_unit AS MATERIALIZED (
            SELECT min(t) AS first, max(t) AS last, arg_max(e, t) AS e FROM {moments} WHERE t IS NOT NULL GROUP BY u),
        whole AS (SELECT max(first) AS newest, min(first), max(last), count(*) FROM per_unit),
        ended AS (SELECT e, count(*) AS n FROM per_unit GROUP BY e ORDER BY n DESC, e LIMIT 1)
        SELECT whole.*, (SELECT count_if(first >= date_trunc('month', newest)) FROM per_unit, whole),
        ended.* FROM whole, ended
    """)
    newest, oldest, end, units, late, event, ended = row
    return _Customers(pd.Timestamp(newest), pd.Timestamp(oldest), pd.Timestamp(end), units, late, event, ended)


def _last_event_by_clock(subject: Subject, moments: str, column: str, event: str) -> Iterator[Finding]:
    """Does the event that ends most histories come a set time after the one before it?"""
    lag = "epoch(ends[1] - ends[2])"
    word = event.replace("'", "''")
    n, days, lags = subject.sql(
        f"SELECT count({lag}), count(*) FILTER ({lag} >= 86000 AND {lag} % 86400 < 864), approx_quantile({lag}, "
        f"[0.25, 0.5, 0.75]) "
        f"FROM (SELECT max(t, 2) AS ends, arg_max(e, t) AS e FROM {moments} WHERE t IS NOT NULL GROUP BY u) "
        f"WHERE e = '{word}'"
    )
    if n >= _ENOUGH and _by_clock(lags, days / n):
        yield _clock(f"{column} = {event}", n, lags[1], "the event before it", "the event before it")


def _newcomers(seen: _Customers, column: str) -> Iterator[Finding]:
    """The last cohort's month was cut off: nobody new came long before the data end."""
    newest, units = seen.newest, seen.units
    lost = newest.days_in_month - newest.day
    gaps = _GAPS * max((newest - seen.oldest).days, 1) / units
    if units < _ENOUGH or seen.end - newest < _STOPPED or lost < max(1, gaps) or seen.late < _PART * units:
        return
    effect = (
        f"The last month with newcomers ends on its day {newest.day} of {newest.days_in_month}; "
        f"{count(seen.late)} customers ({share(seen.late / units)}) came in it. Its cohort is smaller than a "
        f"whole month's."
    )
    yield Finding("last_cohort", column, seen.late, date(newest.isoformat()), effect)
