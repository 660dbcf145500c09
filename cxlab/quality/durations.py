"""Lengths of time in a row: ends before beginnings, closing by the clock, overlaps."""

from collections.abc import Iterator, Sequence

from cxlab.data import quote
from cxlab.quality.columns import Column
from cxlab.quality.finding import Finding
from cxlab.quality.moments import instant
from cxlab.quality.subject import Subject
from cxlab.wording import duration

__all__ = ["by_clock", "closing", "durations"]

_ENOUGH = 50
_NARROW, _WHOLE = 0.05, 0.3
_A_DAY = 86_000.0
_NEVER_NONE = 7.0  # where seven are open on average, none is in one moment of a thousand
_LIVED = (("created", "solved"), ("created", "closed"), ("sent", "time"))  # what takes a person's time


def durations(subject: Subject) -> Iterator[Finding]:
    """Are the lengths of time between a row's times what they seem?

    Args:
        subject: the table under examination, its moments counted.

    Yields:
        Findings.
    """
    for begin, end in subject.contract.order:
        yield from _backwards(subject, begin, end)
        yield from _at_once(subject, begin, end)
    if subject.contract.name == "tickets":
        yield from _closed_by_clock(subject)
        yield from _closed_when(subject)
    if subject.contract.name == "subscriptions":
        yield from _overlaps(subject)


def _backwards(subject: Subject, begin: str, end: str) -> Iterator[Finding]:
    first, second = subject.role(begin), subject.role(end)
    rows = subject.of(second, f"before {begin}") if first and second else 0
    if first and second and rows:
        least = subject.of(second, f"least after {begin}")
        example = f"{duration(-least)} before {first.name}"
        yield Finding("negative_durations", second.name, rows, example)


def _at_once(subject: Subject, begin: str, end: str) -> Iterator[Finding]:
    """Whole days tell nothing of a moment and are not counted."""
    first, second = subject.role(begin), subject.role(end)
    rows = subject.of(second, f"at once after {begin}") if first and second else 0
    if first and second and rows and (begin, end) in _LIVED:
        yield Finding("ended_at_once", second.name, rows, f"with {first.name}")


def _closed_by_clock(subject: Subject) -> Iterator[Finding]:
    solved, closed = subject.role("solved"), subject.role("closed")
    if solved is None or closed is None:
        return
    n, days = subject.of(closed, "n after solved"), subject.of(closed, "days after solved")
    if n >= _ENOUGH and by_clock(subject.of(closed, "lags after solved"), days / n):
        yield closing(closed.name, n, subject.of(closed, "lags after solved")[1], "solving", solved.name)


def _closed_when(subject: Subject) -> Iterator[Finding]:
    """Tickets that are done by their status but have no time, and tables that hold no open ticket."""
    status, ends = subject.role("status"), [subject.role(name) for name in ("last_solved", "solved", "closed")]
    known = next((column for column in ends if column is not None and subject.of(column, "present")), None)
    if known is None:
        return
    if subject.of(known, "read") == subject.rows >= _ENOUGH and _open_expected(subject, known) >= _NEVER_NONE:
        yield Finding("only_finished", known.name, subject.rows)
    if status is not None and subject.of(known, "read") < subject.rows:
        done = f"lower(trim({quote(status.name)}::VARCHAR)) IN ('closed', 'solved', 'resolved')"
        no_time = f"trim(coalesce({quote(known.name)}::VARCHAR, '')) = ''"
        rows = subject.sql(f"SELECT count(*) FILTER ({done} AND {no_time}) FROM {subject.table.relation}")[0]
        if rows:
            yield Finding("closed_without_time", known.name, rows)


def _open_expected(subject: Subject, end: Column) -> float:
    """Tickets open at any moment: how often they come times how long they take (Little's law)."""
    created = subject.role("created")
    if created is None or not subject.of(created, "read"):
        return 0.0
    span = (subject.of(created, "latest") - subject.of(created, "earliest")).total_seconds()
    return float(subject.of(end, "sum after created")) / span if span > 0 else 0.0


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


def by_clock(lags: Sequence[float], whole_days: float) -> bool:
    """Does a lag come from a clock: a day or more that hardly varies, or whole days to the minute?

    Args:
        lags: its quartiles, in seconds.
        whole_days: share of lags that are whole days.

    Returns:
        Whether it does.
    """
    quarter, median, three_quarters = lags
    return median >= _A_DAY and (three_quarters - quarter < _NARROW * median or whole_days > _WHOLE)


def closing(column: str, rows: int, median: float, after: str, instead: str) -> Finding:
    """The finding that an end comes by the clock.

    Args:
        column: where it shows.
        rows: ends of that kind.
        median: the middle lag, in seconds.
        after: what it follows.
        instead: what to measure to.

    Returns:
        The finding.
    """
    effect = (
        f"It comes a set time after {after} (half after {duration(median)}): durations measured to it are "
        f"the clock's, not the service's."
    )
    return Finding("administrative_close", column, rows, duration(median), effect, f"Measure to {instead} instead.")
