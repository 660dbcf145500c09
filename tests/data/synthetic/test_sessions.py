"""Pages follow one another as the transition matrix says, but for the rule that looks two pages back."""

import pandas as pd
import pytest

from tests.data.synthetic.estimates import share_error, z


@pytest.fixture(scope="module")
def views(company) -> pd.DataFrame:
    events, pages = company["events"], list(company.truth["events"]["sessions"]["entry"])
    found = events[events["event"].isin(pages) & (events["time"] < "2026-06-30")]
    found = found.merge(company["customers"][["customer_id", "segment"]], on="customer_id")
    found = found.sort_values(["session_id", "time"])
    session = found.groupby("session_id")["event"]
    return found.assign(before=session.shift(1), following=session.shift(-1).fillna("exit"))


def test_every_transition_has_its_rate(company, views) -> None:
    truth = company.truth["events"]["sessions"]
    plain = views[~((views["event"] == "search") & (views["before"] == "product"))]
    for (segment, page), part in plain.groupby(["segment", "event"]):
        for to, share in truth["transitions"][segment][page].items():
            found = (part["following"] == to).mean()
            assert z(found, share, share_error(share, len(part)) + 1e-12) < 4.5, (segment, page, to)


def test_back_at_the_search_more_people_leave(company, views) -> None:
    rule = company.truth["events"]["sessions"]["second_order"]
    part = views[(views["event"] == rule["at"]) & (views["before"] == rule["coming_from"])]
    for to, share in rule["to"].items():
        assert z((part["following"] == to).mean(), share, share_error(share, len(part)) + 1e-12) < 4
    first = views[(views["event"] == rule["at"]) & (views["before"] != rule["coming_from"])]
    assert (part["following"] == "exit").mean() > (first["following"] == "exit").mean() + 0.15


def test_sessions_begin_where_they_should(company, views) -> None:
    entry = views[views["before"].isna()]["event"]
    for page, share in company.truth["events"]["sessions"]["entry"].items():
        assert z((entry == page).mean(), share, share_error(share, len(entry)) + 1e-12) < 4


def test_no_pause_within_a_session_reaches_half_an_hour(views) -> None:
    pause = views.groupby("session_id")["time"].diff()
    assert pause.max() < pd.Timedelta("30min")
    assert pause.min() > pd.Timedelta(0)
