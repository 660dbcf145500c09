"""Customers live in time zones, come in a rhythm, and some of them are the company's own."""

import pandas as pd

from tests.data.synthetic.estimates import share_error, z


def local_hours(customers: pd.DataFrame, zone: str) -> pd.Series:
    there = customers.loc[customers["time_zone"] == zone, "signed_up_at"]
    return there.dt.tz_localize("UTC").dt.tz_convert(zone).dt.hour


def test_shares_of_segments_and_test_accounts(company) -> None:
    customers, truth = company["customers"], company.truth["customers"]
    n = len(customers)
    for name, share in truth["segment_share"].items():
        assert z((customers["segment"] == name).mean(), share, share_error(share, n)) < 4
    share = truth["test_account_share"]
    assert z(customers["is_test"].mean(), share, share_error(share, n)) < 4


def test_people_sleep_at_night_wherever_they_live(company) -> None:
    for zone in ("Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo"):
        hours = local_hours(company["customers"], zone)
        assert (hours.between(1, 5)).mean() < 0.05
        assert (hours.between(18, 22)).mean() > 0.25


def test_weekdays_are_busier_than_saturdays_and_december_than_august(company) -> None:
    opened = company["events"].query("event == 'email_opened'")["time"]
    days = opened.dt.day_of_week.value_counts()
    assert days[0] > 1.1 * days[5]
    assert (opened.dt.month == 12).sum() > 1.1 * (opened.dt.month == 8).sum()


def test_there_are_more_sign_ups_later_on(company) -> None:
    months = company["customers"]["signed_up_at"].dt.to_period("M").value_counts()
    grown = company.truth["customers"]["sign_ups_per_day_last_over_first"]
    assert 0.7 * grown < months["2026-06"] / months["2024-07"] < 1.3 * grown


def test_test_accounts_are_in_the_log_and_nowhere_else(company) -> None:
    tests = set(company["customers"].query("is_test")["customer_id"])
    seen = company["events"][company["events"]["customer_id"].isin(tests)]
    assert set(seen["event"]) == {"health_check"}
    for name in ("tickets", "surveys", "transactions", "subscriptions", "assignments"):
        assert not set(company[name]["customer_id"].dropna()) & tests
