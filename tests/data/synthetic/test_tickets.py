"""Tickets: log-normal times, open ones cut off, satisfaction that falls with each day, a history that agrees."""

import numpy as np
import pandas as pd

from tests.data.synthetic.conftest import END
from tests.data.synthetic.estimates import share_error, slope, z

DAY, HOUR = pd.Timedelta("1D"), pd.Timedelta("1h")


def test_times_to_the_first_solution_by_channel(company) -> None:
    ripe = company["tickets"].query("created_at < '2026-04-01'")
    for name, law in company.truth["tickets"]["resolution"]["by_channel"].items():
        hours = np.log((ripe["solved_at"] - ripe["created_at"]) / HOUR)[ripe["channel"] == name]
        error = law["sigma"] / np.sqrt(len(hours))
        assert z(hours.median(), np.log(law["median_hours"] + 1 / 60), 1.2533 * error) < 4
        assert z(hours.std(), law["sigma"], error / np.sqrt(2)) < 4.5
        assert z((ripe["channel"] == name).mean(), law["share"], share_error(law["share"], len(ripe))) < 4


def test_what_was_open_at_the_end_has_no_time(company) -> None:
    tickets = company["tickets"]
    still = tickets["status"] == "open"
    assert still.any()
    assert tickets[still]["last_solved_at"].isna().all()
    assert tickets[~still]["last_solved_at"].notna().all()
    assert tickets[tickets["solved_at"].isna()]["created_at"].max() > END - DAY


def test_leaving_open_tickets_out_makes_support_look_faster(company) -> None:
    slow = company["tickets"].query("channel in ['email', 'web']")
    hours = (slow["solved_at"] - slow["created_at"]) / HOUR
    last = slow["created_at"] >= END - 2 * DAY
    assert hours[last].isna().mean() > 0.3
    assert hours[last].mean() < 0.7 * hours[slow["created_at"] < "2026-04-01"].mean()


def test_satisfaction_falls_by_day(company) -> None:
    rated = company["tickets"].dropna(subset="satisfaction")
    days = ((rated["solved_at"] - rated["created_at"]) / DAY).clip(upper=10)
    (found,), (error,) = slope(rated["satisfaction"].to_numpy(), days.to_numpy())
    assert z(found, company.truth["tickets"]["satisfaction"]["per_day"], error) < 4


def test_trouble_brings_contacts(company) -> None:
    customers = company["customers"].query("not is_test and signed_up_at < '2025-07-01'")
    count = customers["customer_id"].map(company["tickets"]["customer_id"].value_counts()).fillna(0)
    per = count.groupby(customers["service_problem"]).mean()
    truth = company.truth["tickets"]["contacts_per_busy_year"]
    assert 0.9 < per[True] / per[False] / (truth["with_problem"] / truth["without_problem"]) < 1.1


def test_reopened_share(company) -> None:
    ripe = company["tickets"].query("created_at < '2026-04-01'")
    law = company.truth["tickets"]["reopened"]
    assert z(ripe["reopened_at"].notna().mean(), law["share"], share_error(law["share"], len(ripe))) < 4
    assert (ripe["reopened_at"] - ripe["solved_at"]).max() <= pd.Timedelta("7D")


def test_the_history_agrees_with_the_tickets(company) -> None:
    steps, tickets = company["ticket_events"], company["tickets"].set_index("ticket_id")
    first = steps.groupby(["ticket_id", "event"])["time"].min().unstack()
    last = steps.query("event == 'solved'").groupby("ticket_id")["time"].max().reindex(tickets.index)
    for event, column in (("created", "created_at"), ("replied", "first_reply_at"), ("solved", "solved_at"),
                          ("reopened", "reopened_at")):  # fmt: skip
        assert first[event].reindex(tickets.index).rename(column).equals(tickets[column]), event
    closed = tickets["status"] == "solved"
    assert last[closed].rename("last_solved_at").equals(tickets.loc[closed, "last_solved_at"])


def test_one_touch_share(company) -> None:
    ripe, steps = company["tickets"].query("created_at < '2026-04-01'")["ticket_id"], company["ticket_events"]
    replies = steps[(steps["event"] == "replied") & steps["ticket_id"].isin(ripe)]["ticket_id"].value_counts()
    share = company.truth["tickets"]["one_touch_share"]
    assert z((replies == 1).mean(), share, share_error(share, len(replies))) < 4


def test_steps_come_in_order(company) -> None:
    times = company["ticket_events"].groupby("ticket_id")["time"]
    assert (times.diff().dropna() >= pd.Timedelta(0)).all()
