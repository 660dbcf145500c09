"""Every fault is in the data once it is asked for, counted; never otherwise."""

import numpy as np
import pandas as pd
import pytest

from cxlab.data.synthetic import DEFECTS, sample_company, with_defects
from cxlab.data.synthetic.verbatims import SENTENCES
from cxlab.errors import ParameterError

FOUND = {
    "sentinel_scores": lambda t: (t["score"] == 99).sum(),
    "scores_off_the_scale": lambda t: ((t["instrument"] == "nps") & (t["score"] == 11)).sum(),
    "fractional_scores": lambda t: (t["score"] == 7.5).sum(),
    "html_entities": lambda t: t["verbatim"].str.contains("&(?:amp|#x27);", na=False).sum(),
    "mojibake": lambda t: (t["verbatim"].notna() & ~t["verbatim"].isin(SENTENCES)).sum(),
    "line_breaks": lambda t: t["verbatim"].str.contains("\n", na=False).sum(),
    "negative_durations": lambda t: (t["solved_at"] < t["created_at"]).sum(),
    "solved_without_time": lambda t: ((t["status"] == "solved") & t["last_solved_at"].isna()).sum(),
    "question_marks": lambda t: (t["priority"] == "?").sum(),
    "na_text": lambda t: (t["topic"] == "N/A").sum(),
    "misspelt_categories": lambda t: (t["channel"] == "e-mial").sum(),
    "events_before_start": lambda t: (t["time"] < t.groupby("ticket_id")["time"].transform("first")).sum(),
    "future_times": lambda t: (t["time"] >= "2026-07-01").sum(),
    "ends_before_start": lambda t: (t["ended_at"] < t["started_at"]).sum(),
    "zero_amounts": lambda t: (t["amount"] == 0).sum(),
    "negative_amounts": lambda t: (t["amount"] < 0).sum(),
    "mixed_currencies": lambda t: (t["currency"] == "USD").sum(),
    "outlier": lambda t: (t["revenue"] > 10_000).sum(),
    "missing_ids": lambda t: t["customer_id"].isna().sum(),
    "case_variants": lambda t: t["source"].str.isupper().sum(),
    "duplicate_rows": lambda t: t.duplicated().sum(),
    "repeated_rows": lambda t: t.duplicated(["customer_id", "time", "amount"]).sum(),
    "duplicate_ids": lambda t: t["customer_id"].duplicated().sum(),
    "unit_in_two_arms": lambda t: t.duplicated(["experiment", "unit_id"]).sum(),
    "administrative_close": lambda t: (t["event"] == "closed").sum(),
    "overlapping_subscriptions": lambda t: t["customer_id"].duplicated().sum(),
    "mixed_offsets": lambda t: (~t["time"].str.contains(r"\+0\d00$")).sum(),
    "na_ids": lambda t: (t["customer_id"] == "NA").sum(),
    "mixed_types": lambda t: pd.to_numeric(t["amount"], errors="coerce").isna().sum(),
    "blank_numbers": lambda t: (t["satisfaction"] == " ").sum(),
    "decimal_commas": lambda t: t["monthly_price"].astype("str").str.contains(",").sum(),
    "mixed_flags": lambda t: t["is_test"].isin(["0", "1"]).sum(),
    "blank_column": lambda t: t["kind"].isna().sum(),
    "byte_order_mark": lambda t: len(t) if t.columns[0] == "\ufeffcustomer_id" else 0,
    "semicolons": lambda t: len(t) if t.shape[1] == 1 and ";" in t.columns[0] else 0,
}
LEFT_OUT = ("partial_last_period", "late_log_start", "solved_only")
REWRITTEN = ("day_first_dates", "month_first_dates")


@pytest.fixture(scope="module")
def clean():
    return sample_company(1000, seed=2)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_fault_touches_its_table_alone_and_leaves_the_company_as_it_was(clean, name: str) -> None:
    before = {table: frame.copy() for table, frame in clean.items()}
    spoilt = with_defects(clean, name)
    told = spoilt.defects[name]
    assert list(spoilt.defects) == [name]
    assert told["rows"] > 0
    assert told["meaning"]
    assert not spoilt[told["table"]].equals(before[told["table"]])
    for table, frame in before.items():
        pd.testing.assert_frame_equal(clean[table], frame)
        assert table == told["table"] or spoilt[table] is clean[table]


@pytest.mark.parametrize("name", FOUND)
def test_as_many_rows_are_faulty_as_are_counted(clean, name: str) -> None:
    table = DEFECTS[name].table
    assert FOUND[name](clean[table]) == 0 if name not in ("mixed_offsets", "line_breaks") else True
    spoilt = with_defects(clean, name)
    assert FOUND[name](spoilt[table]) == spoilt.defects[name]["rows"]


@pytest.mark.parametrize("name", LEFT_OUT)
def test_left_out_rows_are_counted(clean, name: str) -> None:
    spoilt, table = with_defects(clean, name), DEFECTS[name].table
    assert len(clean[table]) - len(spoilt[table]) == spoilt.defects[name]["rows"]


@pytest.mark.parametrize("name", REWRITTEN)
def test_rewritten_dates_can_be_read_back(clean, name: str) -> None:
    fault = DEFECTS[name]
    form = {"day_first_dates": "%d-%m-%Y %H:%M", "month_first_dates": "%m/%d/%Y"}[name]
    back = pd.to_datetime(with_defects(clean, name)[fault.table][fault.column], format=form)
    unit = {"day_first_dates": "min", "month_first_dates": "D"}[name]
    assert (back == clean[fault.table][fault.column].dt.floor(unit)).all()


def test_rounded_ids_are_no_longer_apart(clean) -> None:
    spoilt = with_defects(clean, "float_rounded_ids")
    exact, rounded = clean["transactions"]["customer_id"], spoilt["transactions"]["customer_id"]
    assert rounded.dtype == float
    assert rounded.nunique() < exact.nunique()
    assert (rounded.astype("int64") != exact + 2**53).sum() == spoilt.defects["float_rounded_ids"]["rows"]


def test_tied_events_share_an_instant_with_another_of_the_same_customer(clean) -> None:
    spoilt = with_defects(clean, "tied_times")
    more = [t.duplicated(["customer_id", "time"]).sum() for t in (clean["events"], spoilt["events"])]
    assert more[1] - more[0] >= 0.9 * spoilt.defects["tied_times"]["rows"]


def test_midnight_and_lifecycle_and_missing_by_variant(clean) -> None:
    spoilt = with_defects(clean, "midnight_times", "lifecycle_rows", "missing_by_variant")
    assert (spoilt["transactions"]["time"] == spoilt["transactions"]["time"].dt.normalize()).all()
    assert len(spoilt["ticket_events"]) == 3 * len(clean["ticket_events"])
    part = spoilt["assignments"].query("experiment == 'checkout_button'")
    missing = part.groupby("variant")["converted"].apply(lambda s: s.isna().sum())
    assert missing.to_dict() == {"control": 0, "treatment": spoilt.defects["missing_by_variant"]["rows"]}


def test_one_row_decides_the_mean(clean) -> None:
    part = with_defects(clean, "outlier")["assignments"].query("experiment == 'loyalty_email'")
    means = part.groupby("variant")["revenue"].agg(["mean", "median"])
    assert abs(means["mean"].diff().iloc[1]) > 100
    assert abs(means["median"].diff().iloc[1]) < 5


def test_reversed_scores_turn_one_language_round(clean) -> None:
    spoilt, told = with_defects(clean, "reversed_scores"), clean["surveys"]["score"]
    changed = spoilt["surveys"]["score"].fillna(0) != told.fillna(0)
    assert clean["surveys"][changed]["language"].nunique() == 1
    assert set(clean["surveys"][changed]["instrument"]) == {"ces2"}
    assert np.allclose(spoilt["surveys"]["score"][changed], 8 - told[changed])


def test_all_faults_at_once_and_in_any_order(clean) -> None:
    every = with_defects(clean, *DEFECTS)
    again = with_defects(clean, *reversed(DEFECTS))
    assert list(every.defects) == list(DEFECTS)
    for name in clean:
        pd.testing.assert_frame_equal(every[name], again[name])


def test_faults_can_be_asked_for_at_once() -> None:
    spoilt = sample_company(300, defects=["outlier"])
    assert spoilt.defects["outlier"]["rows"] == 1
    assert "defects: outlier" in repr(spoilt)


def test_an_unknown_fault_is_refused(clean) -> None:
    with pytest.raises(ParameterError, match="Did you mean 'sentinel_scores'"):
        with_defects(clean, "sentinel_score")


def test_a_fault_in_a_table_that_is_not_there_is_refused() -> None:
    with pytest.raises(ParameterError, match="put into 'surveys'; add this table"):
        sample_company(300, tables=["tickets"], defects=["sentinel_scores"])
