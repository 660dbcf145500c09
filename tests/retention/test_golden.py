"""The golden numbers of real data sets, which are not shipped."""

import pandas as pd
import pytest

import cxlab.data as cx
from cxlab.retention import cohort_retention


@pytest.fixture(scope="module")
def cdnow(evaluation_data):
    path = evaluation_data / "cdnow" / "CDNOW_master.txt.gz"
    frame = pd.read_csv(path, sep=r"\s+", dtype=str)
    return cx.table(frame, unit="customer_id", time="date", time_format="%Y%m%d")


@pytest.fixture(scope="module")
def monthly(cdnow):
    return cohort_retention(cdnow, period="month", observe_until="1998-06-30")


def test_cdnow_cohorts(monthly):
    sizes = monthly.table.drop_duplicates("cohort").set_index("cohort")["size"]
    assert sizes.to_dict() == {"1997-01-01": 7846, "1997-02-01": 8476, "1997-03-01": 7248}
    assert monthly.data.rows == 69659


def test_cdnow_actives_in_the_month_after(monthly):
    table = monthly.table.set_index(["cohort", "age"])
    assert [int(table.at[(f"1997-0{m}-01", 1), "returned"]) for m in (1, 2, 3)] == [1157, 1312, 1032]
    assert [int(table.at[("1997-01-01", k), "returned"]) for k in range(2, 7)] == [964, 810, 679, 736, 720]


def test_cdnow_first_cohort_is_seen_to_the_last_month(monthly):
    last = monthly.table[(monthly.table["age"] == 17)].set_index("cohort")["state"]
    assert last.to_dict() == {"1997-01-01": "complete", "1997-02-01": "unobservable", "1997-03-01": "unobservable"}


def test_cdnow_without_an_end_the_last_month_is_running(cdnow):
    result = cohort_retention(cdnow, period="month")
    cell = result.table[(result.table["cohort"] == "1997-01-01") & (result.table["age"] == 17)].iloc[0]
    assert (cell["state"], cell["n"]) == ("partial", 0)
