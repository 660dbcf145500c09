"""Periods follow the declared zone across clock changes, and SQL and Python agree on them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxlab.data as cx
from cxlab.data.calendar import iso_local, parse_instant, period_key, period_name, period_number, period_sql
from cxlab.errors import ParameterError

PERIODS = ["hour", "day", "week", "month"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"]
moments = st.datetimes(pd.Timestamp("1990-01-01"), pd.Timestamp("2035-12-31")).map(pd.Timestamp)
# The engine is opened once; only the zone changes from case to case.
TABLES = {tz: cx.table(pd.DataFrame({"t": [1]}), tz=tz) for tz in ZONES}


@given(
    period=st.sampled_from(PERIODS),
    week_start=st.sampled_from(["monday", "sunday"]),
    tz=st.sampled_from(ZONES),
    chosen=st.lists(moments, min_size=1, max_size=20),
)
def test_sql_and_python_number_periods_alike(period, week_start, tz, chosen):
    numbers = [
        period_sql(period, utc=utc, local=TABLES[tz].local(utc), week_start=week_start)
        for utc in (f"TIMESTAMP '{moment}'" for moment in chosen)
    ]
    assert list(TABLES[tz].engine.rows(f"SELECT {', '.join(numbers)}")[0]) == [
        period_number(moment, period, tz=tz, week_start=week_start) for moment in chosen
    ]


@pytest.mark.parametrize(
    ("zone", "utc", "day"),
    [
        ("Europe/Berlin", "2026-03-28 22:59", "2026-03-28"),  # 23:59 local, the last minute before a 23-hour day
        ("Europe/Berlin", "2026-03-28 23:00", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29 21:59", "2026-03-29"),  # already summer time: midnight is at 22:00 UTC
        ("Europe/Berlin", "2026-03-29 22:00", "2026-03-30"),
        ("Europe/Berlin", "2026-10-24 22:00", "2026-10-25"),  # a 25-hour day
        ("Europe/Berlin", "2026-10-25 22:59", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25 23:00", "2026-10-26"),
        ("Pacific/Kiritimati", "2026-05-31 09:59", "2026-05-31"),  # fourteen hours ahead
        ("Pacific/Kiritimati", "2026-05-31 10:00", "2026-06-01"),
    ],
)
def test_days_follow_the_local_clock(zone, utc, day):
    number = period_number(pd.Timestamp(utc), "day", tz=zone)
    assert period_key(number, "day", tz=zone) == day


def test_a_repeated_local_hour_stays_two():
    first, second = pd.Timestamp("2026-10-25 00:30"), pd.Timestamp("2026-10-25 01:30")  # both 02:30 in Berlin
    assert period_number(second, "hour") - period_number(first, "hour") == 1
    keys = [period_key(period_number(t, "hour"), "hour", tz="Europe/Berlin") for t in (first, second)]
    assert keys == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]


@pytest.mark.parametrize(
    ("day", "monday", "sunday"),
    [("2026-03-28", "2026-03-23", "2026-03-22"), ("2026-03-29", "2026-03-23", "2026-03-29"),
     ("2026-03-30", "2026-03-30", "2026-03-29")],
)  # fmt: skip
def test_weeks_begin_where_they_are_told_to(day, monday, sunday):
    for start, expected in (("monday", monday), ("sunday", sunday)):
        number = period_number(pd.Timestamp(day), "week", week_start=start)
        assert period_key(number, "week", week_start=start) == expected


@given(moments)
def test_a_period_begins_no_later_than_its_moments(moment):
    for period in PERIODS:
        number = period_number(moment, period)
        begins = [pd.Timestamp(period_key(n, period)).tz_localize(None) for n in (number, number + 1)]
        assert begins[0] <= moment < begins[1]


def test_names_are_for_readers():
    march = pd.Timestamp("2026-03-02 06:15")
    assert [period_name(period_number(march, p), p) for p in PERIODS] == [
        "2 Mar 2026 06:00", "2 Mar 2026", "2 Mar 2026", "Mar 2026",
    ]  # fmt: skip


def test_a_bare_date_is_a_whole_day():
    assert parse_instant("2026-10-25", argument="x", tz="Europe/Berlin") == pd.Timestamp("2026-10-24 22:00")
    assert parse_instant("2026-10-25", argument="x", tz="Europe/Berlin", end=True) == pd.Timestamp("2026-10-25 23:00")


def test_a_time_is_local_unless_it_has_an_offset():
    assert parse_instant("2026-07-01T12:00", argument="x", tz="Europe/Berlin") == pd.Timestamp("2026-07-01 10:00")
    assert parse_instant("2026-07-01T12:00Z", argument="x", tz="Europe/Berlin") == pd.Timestamp("2026-07-01 12:00")


def test_a_day_that_has_no_midnight_begins_after_it():
    begins = parse_instant("2026-09-06", argument="x", tz="America/Santiago")
    assert iso_local(begins, "America/Santiago") == "2026-09-06T01:00:00-03:00"


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "2026", "", 7])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ParameterError, match="`observe_until` is .*; expected a date such as"):
        parse_instant(text, argument="observe_until")


def test_an_unknown_period_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean 'week'"):
        period_sql("weeks", utc="t", local="t")


def test_duckdb_agrees_on_the_week_origin():
    """DATE '0001-01-01' is a Monday, which the week numbers rest on."""
    assert TABLES["UTC"].engine.rows("SELECT isodow(DATE '0001-01-01')") == [(1,)]
