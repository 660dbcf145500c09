"""The log: who is behind an event, when it came in, what belongs together."""

import pandas as pd
import pytest

from tests.data.synthetic.estimates import share_error, z


def test_some_app_events_arrive_days_late(company) -> None:
    events, truth = company["events"], company.truth["events"]["late"]
    late = (events["received_at"] - events["time"]) > pd.Timedelta("10min")
    assert set(events[late]["channel"]) == {truth["channel"]}
    app = events["channel"] == "app"
    share = truth["share"] * (1 - 600 / (truth["days_at_most"] * 86400))
    assert z(late[app].mean(), share, share_error(share, app.sum())) < 4
    assert (events["received_at"] - events["time"]).max() < pd.Timedelta("3D")


def test_the_log_stands_in_the_order_of_receipt(small) -> None:
    assert small["events"]["received_at"].is_monotonic_increasing
    assert not small["events"]["time"].is_monotonic_increasing


def test_all_channels_are_there(small) -> None:
    assert set(small["events"]["channel"]) == {"web", "app", "email", "phone", "chat", "store"}


def test_each_channel_knows_the_customer_by_an_id_of_its_own(small) -> None:
    joined = small["events"].merge(small["identity_map"], on="identity_id", suffixes=("", "_mapped"))
    assert len(joined) == len(small["events"])
    assert (joined["customer_id"] == joined["customer_id_mapped"]).all()
    assert joined.groupby("channel")["kind"].nunique().eq(1).all()


@pytest.mark.parametrize(
    ("event", "table", "column"),
    [("purchase", "transactions", "time"), ("contacted_support", "tickets", "created_at")],
)
def test_purchases_and_contacts_are_in_the_log(company, event: str, table: str, column: str) -> None:
    events = company["events"]
    logged = events[events["event"] == event].set_index(["customer_id", "time"]).index
    assert set(logged) == set(company[table].set_index(["customer_id", column]).index)
