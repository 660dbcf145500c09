"""Histories of customers: how they open, how they end, and whether the log holds their beginning."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from cxlab.data import literal, quote
from cxlab.quality.durations import by_clock, closing
from cxlab.quality.finding import Finding
from cxlab.quality.moments import instant
from cxlab.quality.subject import Subject
from cxlab.wording import count, date, share

__all__ = ["histories"]

_ENOUGH, _SOME = 50, 20
_PART, _GAPS = 0.01, 7  # as many newcomers are missing by chance one time in a thousand
_STOPPED = pd.Timedelta(days=60)
_USUAL, _ONCE, _LACKING = 0.97, 0.99, 0.2
_UNITS = "histories"


@dataclass(frozen=True)
class _Customers:
    """What one pass by customer shows: newcomers, and the events that open and end most histories."""

    newest: pd.Timestamp
    oldest: pd.Timestamp
    end: pd.Timestamp
    units: int
    late: int
    ended_by: str
    ended: int
    opened_by: str
    opened: int


def histories(subject: Subject) -> Iterator[Finding]:
    """Are customers' histories whole, and do they end by themselves?

    Args:
        subject: the table under examination, its moments counted.

    Yields:
        Findings.
    """
    unit, time, event = (subject.role(name) for name in ("unit", "time", "event"))
    known = subject.contract.name in ("events", "transactions") and unit is not None and time is not None
    if not known or unit is None or time is None or not subject.of(time, "read"):
        return
    what = f"{quote(event.name)}::VARCHAR" if event else "''"
    moments = (
        f"(SELECT {quote(unit.name)} AS u, {what} AS e, {instant(subject, time)} AS t FROM {subject.table.relation} "
        f"WHERE {quote(unit.name)} IS NOT NULL)"
    )
    seen = _customers(subject, moments)
    if event is not None:
        if seen.ended >= _ENOUGH and seen.ended > seen.units / 2:
            yield from _last_event_by_clock(subject, moments, event.name, seen.ended_by)
        yield from _before_opening(subject, seen, moments, time.name)
        yield from _begun_before_the_log(subject, seen, time.name)
    yield from _started_before_the_log(subject)
    yield from _newcomers(seen, time.name)


def _customers(subject: Subject, moments: str) -> _Customers:
    subject.table.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {_UNITS} AS SELECT min(t) AS first, max(t) AS last, "
        f"arg_max(e, t) AS ends, arg_min(e, t) AS opens FROM {moments} WHERE t IS NOT NULL GROUP BY u"
    )
    newest, oldest, end, units = subject.sql(f"SELECT max(first), min(first), max(last), count(*) FROM {_UNITS}")
    late, ended_by, opened_by = subject.sql(
        f"SELECT count_if(first >= date_trunc('month', TIMESTAMP '{newest}')), mode(ends ORDER BY ends), "
        f"mode(opens ORDER BY opens) FROM {_UNITS}"
    )
    ended, opened = subject.sql(
        f"SELECT count_if(ends = {literal(ended_by or '')}), count_if(opens = {literal(opened_by or '')}) FROM {_UNITS}"
    )
    return _Customers(
        pd.Timestamp(newest), pd.Timestamp(oldest), pd.Timestamp(end), units, late,
        ended_by or "", ended, opened_by or "", opened,
    )  # fmt: skip


def _last_event_by_clock(subject: Subject, moments: str, column: str, event: str) -> Iterator[Finding]:
    """Does the event that ends most histories come a set time after the one before it?"""
    lag = "epoch(ends[1] - ends[2])"
    n, days, lags = subject.sql(
        f"SELECT count({lag}), count(*) FILTER ({lag} >= 86000 AND {lag} % 86400 < 864), approx_quantile({lag}, "
        f"[0.25, 0.5, 0.75]) "
        f"FROM (SELECT max(t, 2) AS ends, arg_max(e, t) AS e FROM {moments} WHERE t IS NOT NULL GROUP BY u) "
        f"WHERE e = {literal(event)}"
    )
    if n >= _ENOUGH and by_clock(lags, days / n):
        yield closing(f"{column} = {event}", n, lags[1], "the event before it", "the event before it")


def _before_opening(subject: Subject, seen: _Customers, moments: str, column: str) -> Iterator[Finding]:
    """Nearly every history opens with one event that comes once; in a few, something stands before it."""
    if seen.units < _ENOUGH or not _USUAL * seen.units <= seen.opened < seen.units:
        return
    opening = f"FILTER (e = {literal(seen.opened_by)}) OVER (PARTITION BY u)"
    rows = f"SELECT u, t, min(t) {opening} AS opened, count(*) {opening} AS times FROM {moments} WHERE t IS NOT NULL"
    units, single, early = subject.sql(
        f"SELECT count(*), count_if(times = 1), sum(early) FILTER (times = 1) FROM "
        f"(SELECT any_value(times) AS times, count_if(t < opened) AS early FROM ({rows}) GROUP BY u)"
    )
    if early and single >= _ONCE * units:
        effect = (
            f"'{seen.opened_by}' opens nearly every history: times measured from it come out negative for these "
            "events, and funnels that begin with it lose them."
        )
        yield Finding("events_before_start", column, int(early), seen.opened_by, effect)


def _begun_before_the_log(subject: Subject, seen: _Customers, column: str) -> Iterator[Finding]:
    """Newcomers of later months open with one event; those of the first month lack it: they came before the log."""
    half = seen.oldest + (seen.newest - seen.oldest) / 2
    month = seen.oldest + pd.Timedelta(days=30)
    opens = f"opens = {literal(seen.opened_by)}"
    later, later_open, first, first_open, lacking = subject.sql(
        f"SELECT count_if(first >= TIMESTAMP '{half}'), count_if(first >= TIMESTAMP '{half}' AND {opens}), "
        f"count_if(first < TIMESTAMP '{month}'), count_if(first < TIMESTAMP '{month}' AND {opens}), "
        f"count_if(NOT {opens}) FROM {_UNITS}"
    )
    if month >= half or later < _ENOUGH or first < _SOME or later_open < _USUAL * later:
        return
    if first - first_open > _LACKING * first:
        effect = (
            f"{count(lacking)} customers have no '{seen.opened_by}', which opens nearly all later histories: they "
            "came before the log begins, and their first event in it is not their first."
        )
        yield Finding("late_log_start", column, lacking, date(seen.oldest.isoformat()), effect)


def _started_before_the_log(subject: Subject) -> Iterator[Finding]:
    """The table itself says when each case began, and for some that is before its first event."""
    created, time = subject.role("created"), subject.role("time")
    if created is None or time is None or not subject.of(created, "read"):
        return
    begin = subject.of(time, "earliest")
    rows = subject.sql(
        f"SELECT count(*) FILTER ({instant(subject, created)} < TIMESTAMP '{begin}') FROM {subject.table.relation}"
    )[0]
    if rows > _PART * subject.rows:
        yield Finding("late_log_start", created.name, rows, date(pd.Timestamp(begin).isoformat()))


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
