"""The quick count and the general one say the same."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab.data as cx
from cxlab.retention.cohort_sql import counts_sql
from cxlab.retention.masks import fits_masks, masked_counts_sql
from cxlab.retention.question import ask

GIVEN = {
    "unit": "unit", "time": "time", "event": None, "start_event": None, "return_event": None, "cohort": None,
    "period": "week", "measure": None, "horizon": None, "observe_until": None, "cohorts_from": None, "week_start": None,
    "segment": None, "anchor": None, "clock": None, "like": None, "minimum": 1, "brackets": None, "start_where": None,
    "return_where": None, "trend_age": 1, "churn_after": None, "confidence": 0.95,
}  # fmt: skip
BASE = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
KEYS = ["c", "seen", "begun", "k"]


def counted(question, sql):
    frame = question.table.query(sql(question))
    rows = frame[frame["so_far"] > 0][[*KEYS, "so_far", "returned", "varies"]].astype(float)
    return rows.sort_values(KEYS, ignore_index=True)


@settings(max_examples=60, deadline=None)
@given(
    log=st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3000)), min_size=1, max_size=60),
    period=st.sampled_from(["day", "week", "month"]), zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia"]),
    horizon=st.sampled_from([None, 1, 4]), later=st.sampled_from([None, "2026-03-27"]),
    until=st.sampled_from([None, "2026-04-12", "2026-06-30"]),
)  # fmt: skip
def test_the_quick_count_equals_the_general_one(log, period, zone, horizon, later, until):
    rows = [(u, (BASE + dt.timedelta(minutes=20 * t)).isoformat()) for u, t in log]
    table = cx.table(pd.DataFrame(rows, columns=["unit", "time"]), tz=zone)
    if until == "2026-04-12" and min(t for _, t in log) > 1600:
        until = None
    chosen = {"period": period, "horizon": horizon, "cohorts_from": later, "observe_until": until}
    question = ask(table, GIVEN | chosen)
    if fits_masks(question):
        pd.testing.assert_frame_equal(counted(question, masked_counts_sql), counted(question, counts_sql))


@pytest.mark.parametrize(
    ("chosen", "fits"),
    [
        ({}, True), ({"like": "posthog"}, True), ({"horizon": 3, "cohorts_from": "2026-01-12"}, True),
        ({"measure": "streak"}, False), ({"anchor": "recurring"}, False), ({"clock": "elapsed"}, False),
        ({"minimum": 2}, False), ({"brackets": "1,2-3"}, False), ({"segment": "plan"}, False),
        ({"start_where": "plan=a"}, False), ({"period": "day"}, False),
    ],
)  # fmt: skip
def test_only_plain_questions_over_few_periods_are_counted_quickly(chosen, fits):
    table = cx.table(pd.DataFrame({"unit": ["a", "b"], "time": ["2026-01-05", "2026-03-31"], "plan": ["a", "b"]}))
    assert fits_masks(ask(table, GIVEN | chosen)) == fits
