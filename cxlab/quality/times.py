"""Times: how they are written, whether they can be true, and whether the last month is whole."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from cxlab.quality.absent import gathered
from cxlab.quality.columns import Column
from cxlab.quality.examples import example
from cxlab.quality.finding import Finding
from cxlab.quality.moments import UNKNOWN, form, instant
from cxlab.quality.subject import Subject
from cxlab.wording import count, date

__all__ = ["times"]

_LONG_ENOUGH = pd.Timedelta(days=62)
_CHANCE = 0.001
_FEW, _GAP, _LONG, _TAIL = 0.01, 30, 0.1, 0.02
_ENOUGH = 50
_FORMS = {
    "day": "day_first_dates",
    "month": "month_first_dates",
    "mixed": "mixed_date_forms",
    "unclear": "unclear_dates",
}


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
    yield from _period(subject)


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
        shown = subject.of(column, f"{written}_first_example") or subject.of(column, "slashed_example")
        yield Finding(_FORMS[written], column.name, rows, shown, advice=_format_advice(written, shown))
    elif written in ("compact", "epoch"):
        advice = 'Read with cx.table(..., time_format="%Y%m%d").' if written == "compact" else _EPOCH
        yield Finding(
            "number_dates", column.name, subject.filled(column), str(subject.of(column, "last")), advice=advice
        )


_EPOCH = "Seconds or parts of them since 1970: turn them into times in SQL with make_timestamp, or use a preset."


def _format_advice(written: str, shown: str) -> str:
    """The form that `cx.table` needs, read off an example."""
    if written == "mixed":
        return ""
    mark = next((mark for mark in "-/." if mark in shown), "-")
    first, second = ("%d", "%m") if written == "day" else ("%m", "%d")
    day, _, clock = shown.partition(" ")
    year = "%Y" if len(day.split(mark)[-1]) == 4 else "%y"
    hours = "" if not clock else " %H:%M:%S" if clock.count(":") == 2 else " %H:%M"
    if written == "unclear":
        return 'Find out which comes first, then give the form, such as cx.table(..., time_format="%d/%m/%Y").'
    return f'Read with cx.table(..., time_format="{first}{mark}{second}{mark}{year}{hours}").'


def _unread(subject: Subject, column: Column) -> Iterator[Finding]:
    rows = subject.filled(column) - subject.of(column, "read")
    if rows > 0 and instant(subject, column) != UNKNOWN:
        value, moment = column.value, instant(subject, column)
        words = f"{value} IS NOT NULL AND trim({value}::VARCHAR) <> '' AND {moment} IS NULL"
        worst = subject.sql(f"SELECT max({value}::VARCHAR) FROM {subject.table.relation} WHERE {words}")[0]
        yield Finding("unreadable_times", column.name, rows, example(worst, column))


def _impossible(subject: Subject, column: Column) -> Iterator[Finding]:
    if subject.of(column, "filler"):
        yield Finding(
            "placeholder_dates", column.name, subject.of(column, "filler"), str(subject.of(column, "filler_day"))
        )
    if subject.of(column, "future") and column.role != "end":
        yield Finding("future_times", column.name, subject.of(column, "future"), str(subject.of(column, "far")))


def _zones(subject: Subject) -> Iterator[Finding]:
    naive, several = [], []
    for column in subject.kind("time"):
        if not column.text:
            continue
        offsets = subject.of(column, "offset")
        if 0 < offsets < subject.of(column, "read"):
            yield Finding("mixed_offsets", column.name, subject.of(column, "read") - offsets)
        elif offsets and subject.of(column, "offsets"):
            several.append((column.name, offsets, ""))
        elif not offsets and subject.of(column, "clock") and subject.table.tz == "UTC":
            naive.append((column.name, subject.filled(column), str(subject.of(column, "last"))))
    yield from gathered("naive_times", naive)
    yield from gathered("several_offsets", several)


def _whole_days(subject: Subject) -> Iterator[Finding]:
    time = subject.role("time")
    if subject.contract.name not in ("events", "transactions") or time is None or subject.rows < _ENOUGH:
        return
    if subject.of(time, "read") and subject.of(time, "midnight") == subject.of(time, "read"):
        yield Finding("day_precision", time.name, subject.rows, str(subject.of(time, "latest"))[:10])


def _period(subject: Subject) -> Iterator[Finding]:
    """Where the data really end, and whether that is within a month."""
    column = subject.role(subject.contract.clock)
    if column is None or not subject.of(column, "latest"):
        return
    moment = f"date_trunc('day', {subject.table.local(instant(subject, column))})"
    latest = f"TIMESTAMP '{subject.of(column, 'latest')}'"
    sql = (
        f"SELECT {moment} AS day, count(*) FROM {subject.table.relation} WHERE {instant(subject, column)} <= "
        f"{latest} GROUP BY 1 ORDER BY 1"
    )
    days = [(pd.Timestamp(day), n) for day, n in subject.table.engine.rows(sql)]
    end = _end(days)
    stray = sum(n for day, n in days if day > end)
    if stray:
        yield Finding(
            "stray_times",
            column.name,
            stray,
            f"{date(days[-1][0].isoformat())}, {count((days[-1][0] - end).days)} days after the others",
        )
    yield from _partial(column, [item for item in days if item[0] <= end])


def _end(days: list[tuple[pd.Timestamp, int]]) -> pd.Timestamp:
    """The last day before a long gap that only a few rows follow."""
    total = sum(n for _, n in days)
    after = 0
    for (before, _), (day, n) in zip(days[-2::-1], days[:0:-1], strict=True):
        after += n
        if after > _FEW * total:
            break
        if (day - before).days > max(_GAP, _LONG * (before - days[0][0]).days):
            return before
    return days[-1][0]


def _partial(column: Column, days: list[tuple[pd.Timestamp, int]]) -> Iterator[Finding]:
    """The last month ends early by more days than chance leaves empty at an end: one time in a thousand."""
    first, last = days[0][0], days[-1][0]
    lost, span = last.days_in_month - last.day, max((last - first).days, 1)
    empty = max(1 - len(days) / (span + 1), 0.0)
    if last - first < _LONG_ENOUGH or not lost or empty**lost >= _CHANCE:
        return
    per_day = sum(n for _, n in days) / span
    rows = sum(n for day, n in days if day >= last.replace(day=1))
    if rows < _TAIL * per_day * last.days_in_month:
        return
    effect = (
        f"The last month ends after {count(last.day)} of {last.days_in_month} days: as a month it looks like a fall."
    )
    yield Finding("partial_last_period", column.name, rows, date(last.isoformat()), effect)
