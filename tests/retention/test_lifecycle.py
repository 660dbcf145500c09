"""The lifecycle: PostHog's published states, the slow definition on random logs, its words and pictures."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab.data as cx
from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.retention import customer_lifecycle

STATES = ["new", "returning", "resurrected", "dormant"]
FIRST = dt.date(2026, 1, 5)


def log(*rows, columns=("unit", "time")):
    return pd.DataFrame(rows, columns=list(columns))


def test_posthogs_published_states():
    """PostHog, test_lifecycle_query_runner.py, test_lifecycle_query_group_0; vector lifecycle_one_group_daily."""
    days = ["09", "11", "12", "13", "15", "17", "18", "19"]
    table = log(*(("group", f"2020-01-{day}T12:00:00Z") for day in days))
    found = customer_lifecycle(table, period="day", observe_until="2020-01-19").table
    expected = {
        "new": [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "returning": [0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1],
        "resurrected": [0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0], "dormant": [0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0],
    }  # fmt: skip
    assert {state: found[state].tolist() for state in STATES} == expected


@settings(max_examples=25, deadline=None)
@given(
    visits=st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 12)), min_size=1, max_size=40),
    spare=st.integers(1, 4), over=st.integers(2, 6),
)  # fmt: skip
def test_states_equal_the_definition_and_add_up(visits, spare, over):
    first, last = min(d for _, d in visits), max(d for _, d in visits) + spare
    table = log(*((u, str(FIRST + dt.timedelta(days=d))) for u, d in visits))
    result = customer_lifecycle(table, period="day", over=over, observe_until=str(FIRST + dt.timedelta(days=last)))
    days = {u: {d for v, d in visits if v == u} for u, _ in visits}
    for t, row in zip(range(first, last + 1), result.table.itertuples(), strict=True):
        now, before = ({u for u, own in days.items() if day in own} for day in (t, t - 1))
        ever = {u for u, own in days.items() if min(own) < t}
        assert (row.n, row.new, row.returning) == (len(now), len(now - ever), len(now & before))
        assert (row.resurrected, row.dormant, row.size) == (len((now & ever) - before), len(before - now), len(before))
        assert row.n == row.size + row.new + row.resurrected - row.dormant == row.new + row.returning + row.resurrected
    window = range(last - min(over, last - first + 1) + 1, last + 1)
    often = [sum(d in own for d in window) for own in days.values()]
    assert result.tables["stickiness"]["n"].tolist() == [often.count(k) for k in range(1, len(window) + 1)]
    active = [k for k in often if k]
    mean = result.tables["stickiness_mean"].iloc[0]
    if active:
        assert mean["estimate"] == pytest.approx(np.mean(active))
        assert mean["share"] == pytest.approx(np.mean(active) / len(window))
    assert check(result, "adds_up").passed


def check(result, name):
    return next(c for c in result.checks if c.name == name)


@pytest.fixture(scope="module")
def shop(root):
    return cx.table(str(root / "data_samples" / "shop_events.csv.gz"), unit="user_id", time="timestamp", event="event")


@pytest.fixture(scope="module")
def monthly(shop):
    return customer_lifecycle(shop, period="month", observe_until="2024-05-31")


def test_the_page_tells_the_same_in_sentence_table_and_pictures(monthly):
    row = monthly.table.iloc[-1]
    told = f"{100 * row['rate']:.0f} of 100 customers active in one month were active in the next, May 2024"
    assert monthly.headline.startswith(told)
    assert monthly.pictures == ("lifecycle", "stickiness")
    for picture in monthly.pictures:
        for width in (680, 340):
            svg = to_svg(monthly.chart(picture, width=width))
            assert float(svg.split('width="')[1].split('"')[0]) <= width + 20
        assert len(" ".join(monthly.chart(picture).to_dict()["title"]["text"])) <= 90
    tables = monthly._display()
    assert all(isinstance(v, str) for t in tables.values() for row in t.to_numpy().tolist() for v in row)
    json.loads(monthly.to_json())
    assert "May 2024" in monthly.to_html(stills=False)


def test_the_mean_of_how_often_keeps_its_level():
    rng, inside = np.random.default_rng(4), 0
    truth = 8 * 0.4 / (1 - 0.6**8)  # of who came at all
    for _ in range(100):
        came = rng.random((150, 8)) < 0.4
        table = log(*((f"u{i}", str(FIRST + dt.timedelta(days=int(d)))) for i, d in np.argwhere(came)))
        row = (
            customer_lifecycle(table, period="day", over=8, observe_until="2026-01-12")
            .tables["stickiness_mean"]
            .iloc[0]
        )
        inside += row["ci_low"] <= truth <= row["ci_high"]
    assert inside >= 88


def test_near_the_logs_start_old_customers_can_look_new():
    table = log(*((f"u{i}", str(FIRST + dt.timedelta(days=3 * k))) for i in range(60) for k in range(8)))
    result = customer_lifecycle(table, period="day", observe_until="2026-01-26")
    assert result.table["early"].tolist()[:5] == [True, True, True, False, False]
    assert not check(result, "history_start").passed
    later = customer_lifecycle(table, period="day", periods_from="2026-01-12", observe_until="2026-01-26")
    assert check(later, "history_start").passed
    assert later.table["new"].sum() == 0
    assert later.table["period"].iloc[0] == "2026-01-12"


def test_a_period_that_is_still_running_is_left_out():
    table = log(("a", "2026-01-05"), ("a", "2026-01-06"), ("a", "2026-01-07 10:00"))
    assert customer_lifecycle(table, period="day").table["period"].tolist() == ["2026-01-05", "2026-01-06"]


def test_only_the_active_event_counts():
    table = log(("a", "2026-01-05", "buy"), ("a", "2026-01-06", "look"), ("b", "2026-01-06", "buy"),
                columns=("unit", "time", "event"))  # fmt: skip
    found = customer_lifecycle(table, active_event="buy", period="day", observe_until="2026-01-06").table
    assert found[["n", "new", "dormant"]].to_numpy().tolist() == [[1, 1, 0], [1, 1, 1]]


def test_numbers_of_small_groups_do_not_leave_python():
    table = log(*((f"u{i}", "2026-01-05") for i in range(3)), *((f"u{i}", "2026-01-06") for i in range(60)))
    rows = json.loads(customer_lifecycle(table, period="day", over=2, observe_until="2026-01-06").to_json())["tables"]
    assert rows["table"][0]["n"] is None
    assert rows["table"][1]["n"] is None  # the three are the size of its rate
    assert all(row["n"] is None for row in rows["stickiness"])


@pytest.mark.parametrize(
    ("choices", "kind", "message"),
    [
        ({"active_event": "bui"}, DataError, "No row has the event 'bui'.*Did you mean 'buy'"),
        ({"period": "year"}, ParameterError, "`period` is 'year'"),
        ({"over": 1}, ParameterError, "`over` is 1; expected a whole number of periods from 2"),
        ({"period": "month"}, DataError, "Only 0 whole month has been seen"),
        ({"periods_from": "2027-01-01"}, ParameterError, "after the last whole day"),
        ({"confidence": 95}, ParameterError, "`confidence` is 95"),
    ],
)
def test_what_cannot_be_answered_is_refused(choices, kind, message):
    table = log(("a", "2026-01-05", "buy"), ("a", "2026-01-08", "buy"), columns=("unit", "time", "event"))
    with pytest.raises(kind, match=message):
        customer_lifecycle(table, **({"period": "day"} | choices))
