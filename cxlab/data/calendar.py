"""Hours, days, weeks and months as whole numbers, in the time zone where people live.

Every period has a number, and neighbours differ by one: a local date's ordinal, that number in sevens for a
week, twelve times the year plus the month. Days of 23 and 25 hours therefore count as days. Hours are hours of
absolute time, so that an hour which the clock repeats stays two.
"""

import datetime as dt
import re
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import pandas as pd

from cxlab.errors import ParameterError, choose

__all__ = [
    "INSTANT", "Period", "WeekStart", "iso_local", "last_moment", "parse_instant", "period_key", "period_name",
    "period_number", "period_sql",
]  # fmt: skip

Period = Literal["hour", "day", "week", "month"]
WeekStart = Literal["monday", "sunday"]
INSTANT = pd.Timedelta("1us")
_HOUR = pd.Timedelta("1h")
_EPOCH = pd.Timestamp("1970-01-01")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def period_sql(period: Period, *, utc: str, local: str, week_start: WeekStart = "monday") -> str:
    """Which SQL gives the number of the period that a moment lies in?

    Args:
        period: "hour", "day", "week" or "month".
        utc: SQL of the moment as naive UTC time.
        local: SQL of the same moment as naive local time.
        week_start: first day of a week.

    Returns:
        A SQL expression of type INTEGER, equal to `period_number`.

    Examples:
        >>> period_sql("day", utc="t", local="t")
        "CAST(date_diff('day', DATE '0001-01-01', CAST(t AS DATE)) + 1 AS INTEGER)"
    """
    choose("period", period, get_args(Period))
    ordinal = f"date_diff('day', DATE '0001-01-01', CAST({local} AS DATE))"
    shift = {"monday": 0, "sunday": 1}[choose("week_start", week_start, get_args(WeekStart))]
    number = {
        "hour": f"date_diff('hour', TIMESTAMP '1970-01-01', {utc})",
        "day": f"{ordinal} + 1",
        "week": f"({ordinal} + {shift}) // 7",
        "month": f"12 * extract('year' FROM {local}) + extract('month' FROM {local}) - 1",
    }[period]
    return f"CAST({number} AS INTEGER)"


def period_number(moment: pd.Timestamp, period: Period, *, tz: str = "UTC", week_start: WeekStart = "monday") -> int:
    """Which period does a moment lie in?

    Args:
        moment: naive UTC time.
        period: "hour", "day", "week" or "month".
        tz: time zone of days, weeks and months.
        week_start: first day of a week.

    Returns:
        The period's number; the next period has the next number.

    Examples:
        >>> period_number(pd.Timestamp("2026-01-31 23:30"), "month", tz="Europe/Berlin") - 12 * 2026
        1
    """
    if period == "hour":
        return int((moment - _EPOCH) // _HOUR)
    local = moment.tz_localize("UTC").tz_convert(tz)
    ordinal = local.toordinal()
    week = (ordinal - (week_start == "monday")) // 7
    return {"day": ordinal, "week": week, "month": 12 * local.year + local.month - 1}[period]


def period_key(number: int, period: Period, *, tz: str = "UTC", week_start: WeekStart = "monday") -> str:
    """How is a period written for programs?

    Args:
        number: the period's number.
        period: "hour", "day", "week" or "month".
        tz: time zone; hours carry its offset.
        week_start: first day of a week.

    Returns:
        ISO text of the period's first day, or of the hour's beginning.

    Examples:
        >>> period_key(12 * 2026 + 2, "month")
        '2026-03-01'
    """
    if period == "hour":
        return _hour(number, tz).isoformat(timespec="minutes")
    return _first_day(number, period, week_start).isoformat()


def period_name(number: int, period: Period, *, tz: str = "UTC", week_start: WeekStart = "monday") -> str:
    """How is a period written for readers?

    Args:
        number: the period's number.
        period: "hour", "day", "week" or "month".
        tz: time zone of hours.
        week_start: first day of a week.

    Returns:
        "Mar 2026" for a month, "2 Mar 2026" for a day or the first day of a week, with the time for an hour.

    Examples:
        >>> period_name(12 * 2026 + 2, "month")
        'Mar 2026'
    """
    if period == "hour":
        hour = _hour(number, tz)
        return f"{hour.day} {hour:%b %Y %H:%M}"
    day = _first_day(number, period, week_start)
    return f"{day:%b %Y}" if period == "month" else f"{day.day} {day:%b %Y}"


def _hour(number: int, tz: str) -> pd.Timestamp:
    return (_EPOCH + number * _HOUR).tz_localize("UTC").tz_convert(tz)


def _first_day(number: int, period: Period, week_start: WeekStart) -> dt.date:
    if period == "month":
        return dt.date(number // 12, number % 12 + 1, 1)
    ordinal = number if period == "day" else 7 * number + (week_start == "monday")
    return dt.date.fromordinal(ordinal)


def parse_instant(text: str, *, argument: str, tz: str = "UTC", end: bool = False) -> pd.Timestamp:
    """Which moment does this text name?

    Args:
        text: a date, or a date and time; without an offset it is local time.
        argument: name of the parameter, for the message.
        tz: the local time zone.
        end: a bare date means the end of that day, not its beginning.

    Returns:
        Naive UTC time.

    Raises:
        ParameterError: the text names no moment.

    Examples:
        >>> parse_instant("2026-03-29", argument="observe_until", tz="Europe/Berlin", end=True)
        Timestamp('2026-03-29 22:00:00')
    """
    moment = _moment(text, argument)
    if end and _DATE.fullmatch(text.strip()):
        moment = moment + pd.Timedelta("1D")
    if moment.tz is None:
        # Where a zone skips midnight the day begins a little later; where it repeats it, at the first one.
        moment = moment.tz_localize(tz, nonexistent="shift_forward", ambiguous=True)
    return moment.tz_convert("UTC").tz_localize(None)


def last_moment(text: str, *, argument: str, tz: str = "UTC") -> pd.Timestamp:
    """Which is the last moment that this text includes: of a bare date the end of that day?

    Args:
        text: a date, or a date and time; without an offset it is local time.
        argument: name of the parameter, for the message.
        tz: the local time zone.

    Returns:
        Naive UTC time.

    Raises:
        ParameterError: the text names no moment.

    Examples:
        >>> last_moment("2026-05-31", argument="observe_until")
        Timestamp('2026-05-31 23:59:59.999999')
    """
    moment = parse_instant(text, argument=argument, tz=tz, end=True)
    return moment - INSTANT if _DATE.fullmatch(text.strip()) else moment


def _moment(text: str, argument: str) -> pd.Timestamp:
    try:
        if _DATE.match(text.strip()):
            return pd.Timestamp(text.strip())
    except (ValueError, AttributeError, TypeError):
        pass
    raise ParameterError(
        f"`{argument}` is {text!r}; expected a date such as '2026-05-31' or a time such as '2026-05-31T14:30'."
    )


def iso_local(moment: pd.Timestamp, tz: str) -> str:
    """How is a naive UTC moment written as local ISO text?

    Args:
        moment: naive UTC time.
        tz: the local time zone.

    Returns:
        ISO text with offset, to the second.

    Examples:
        >>> iso_local(pd.Timestamp("2026-03-29 22:00"), "Europe/Berlin")
        '2026-03-30T00:00:00+02:00'
    """
    return moment.tz_localize("UTC").tz_convert(ZoneInfo(tz)).isoformat(timespec="seconds")
