"""Times: how they are written, whether they can be true, and whether the last month is whole."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from cxlab.quality.absent import gathered
from cxlab.quality.columns import Column
from cxlab.quality.finding import Finding
from cxlab.quality.moments import form, instant
from cxlab.quality.subject import Subject
from cxlab.wording import count, date

__all__ = ["times"]

_LONG_ENOUGH = pd.Timedelta(days=62)
_A_DAY = 5
_ENOUGH = 50
_FORMS = {"day": "day_first_dates", "month": "month_first_dates", "mixed": "mixed_date_forms", "unclear": "unclear_dates"}


def times(subject: Subject) -> Iterator[Finding]:
    """Can the times be read, and can they be true?

    Args:
        subject: the table under examination, its moments counted.

    Yields:
        Findings.
    """
    yield from _alike(finding for column in subject.kind("time") for finding in _forms(subject, column))
    for column in subject.kind("time"):
        yield from _unread(subject, column)
        yield from _impossible(subject, column)
    yield from _zones(subject)
    yield from _whole_days(subject)
    yield from _last_month(subject)


def _alike(found: Iterable[Finding]) -> Iterator[Finding]:
    """Columns written in the same form are one finding."""
    by_advice: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        by_advice.setdefault((finding.name, finding.advice), []).append(finding)
    for (name, advice), alike in by_advice.items():
        for whole in gathered(name, [(f.column, f.rows, f.example) for f in alike]):
            yield replace(whole, advice=advice)


def _forms(subject: Subject, column: Column) -> Iterator[Finding]:
    if column.native_time or subject.table.time_format:
        return
    written = form(subject, column)
    if written in _FORMS:
        rows = subject.of(column, "slashed")
        example = subject.of(column, f"{written}_first_example") or subject.of(column, "slashed_example")
        yield Finding(_FORMS[written], column.name, rows, example, advice=_format_advice(written, example))
    elif written in ("compact", "epoch"):
        advice = "Read with cx.table(..., time_format=\"%Y%m%d\")." if written == "compact" else _EPOCH
        yield Finding("number_dates", column.name, subject.filled(column), str(subject.of(column, "last")), advice=advice)


_EPOCH = "Seconds or parts of them since 1970: turn them into times in SQL with make_timestamp, or use a preset."


def _format_advice(written: str, example: str) -> str:
    """The form that `cx.table` needs, read off an example."""
    if written == "mixed":
        return ""
    mark = next((mark for mark in "-/." if mark in example), "-")
    first, second = ("%d", "%m") if written == "day" else ("%m", "%d")
    day, _, clock = example.partition(" ")
    year = "%Y" if len(day.split(mark)[-1]) == 4 else "%y"
    hours = "" if not clock else " %H:%M:%S" if clock.count(":") == 2 else " %H:%M"
    if written == "unclear":
        return "Find out which comes first, then give the form, such as cx.table(..., time_format=\"%d/%m/%Y\")."
    return f"Read with cx.table(..., time_format=\"{first}{mark}{second}{mark}{year}{hours}\")."


def _unread(subject: Subject, column: Column) -> Iterator[Finding]:
    rows = subject.filled(column) - subject.of(column, "read")
    if rows > 0:
        value, moment = column.value, instant(subject, column)
        words = f"{value} IS NOT NULL AND trim({value}::VARCHAR) <> '' AND {moment} IS NULL"
        listed = subject.sql(f"SELECT max({value}::VARCHAR) FROM {subject.table.relation} WHERE {words}")[0]
        yield Finding("unreadable_times", column.name, rows, str(listed)[:40])


def _impossible(subject: Subject, column: Column) -> Iterator[Finding]:
    if subject.of(column, "filler"):
        yield Finding("placeholder_dates", column.name, subject.of(column, "filler"), str(subject.of(column, "filler_day")))
    if subject.of(column, "future") and column.role != "end":
        yield Finding("future_times", column.name, subject.of(column, "future"), str(subject.of(column, "far")))


def _zones(subject: Subject) -> Iterator[Finding]:
    naive, several = [], []
    for column in subject.kind("time"):
        if not column.text:
            continue
        offsets = subject.of(column, "offset")
        if 0 < offsets < subject.filled(column):
            yield Finding("mixed_offsets", column.name, subject.filled(column) - offsets)
        elif offsets and subject.of(column, "offsets") > 1:
            several.append((column.name, offsets, ""))
        elif not offsets and subject.of(column, "clock") and subject.table.tz == "UTC":
            naive.append((column.name, subject.filled(column), str(subject.of(column, "last"))))
    yield from gathered("naive_times", naive)
    yield from gathered("several_offsets", several)


def _whole_days(subject: Subject) -> Iterator[Finding]:
    time = subject.role("time")
    if subject.contract.name != "events" or time is None or subject.rows < _ENOUGH:
        return
    if subject.of(time, "read") and subject.of(time, "midnight") == subject.of(time, "read"):
        yield Finding("day_precision", time.name, subject.rows, str(subject.of(time, "latest"))[:10])


def _last_month(subject: Subject) -> Iterator[Finding]:
    """The last month ends early by more than gaps between rows explain."""
    column = subject.role(subject.contract.clock)
    first, last = (pd.Timestamp(subject.of(column, edge)) for edge in ("earliest", "latest")) if column else (None, None)
    if column is None or first is None or last is None or not subject.of(column, "latest") or last - first < _LONG_ENOUGH:
        return
    end = last.to_period("M").end_time.normalize()
    lost = (end - last.normalize()).days
    per_day = subject.of(column, "read") / (last - first).days
    if lost >= max(1, _A_DAY / per_day):
        yield _partial(subject, column, last, lost)


def _partial(subject: Subject, column: Column, last: pd.Timestamp, lost: int) -> Finding:
    days = last.days_in_month
    start = f"TIMESTAMP '{last.to_period('M').start_time:%Y-%m-%d}'"
    rows = subject.sql(f"SELECT count_if({instant(subject, column)} >= {start}) FROM {subject.table.relation}")[0]
    effect = f"The last month ends after {count(days - lost)} of {days} days: as a month it looks like a fall."
    return Finding("partial_last_period", column.name, int(rows), date(last.isoformat()), effect)
