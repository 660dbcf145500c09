"""Every fault is in the data once it is asked for, counted; never otherwise."""

import numpy as np
import pandas as pd
import pytest

from cxlab.data.synthetic import DEFECTS, sample_company, with_defects
from cxlab.errors import ParameterError
from tests.data.synthetic.faults import ALREADY, FOUND, LEFT_OUT, REWRITTEN, UNLIKE


@pytest.fixture(scope="module")
def clean():
    return sample_company(1000, seed=2)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_fault_touches_its_table_alone_and_leaves_the_company_as_it_was(clean, name: str) -> None:
    table = DEFECTS[name].table
    before = clean[table].copy()
    spoilt = with_defects(clean, name)
    assert list(spoilt.defects) == [name]
    assert spoilt.defects[name]["rows"] > 0
    assert spoilt.defects[name]["meaning"]
    assert not spoilt[table].equals(before)
    pd.testing.assert_frame_equal(clean[table], before)
    assert all(spoilt[other] is clean[other] for other in clean if other != table)


def test_every_fault_is_counted_by_some_test() -> None:
    apart = {
        "float_rounded_ids", "tied_times", "midnight_times", "lifecycle_rows", "missing_by_variant", "reversed_scores",
        "mixed_scales", "no_header", "compact_dates", "contradicting_totals", "unbalanced_split",
    }  # fmt: skip
    assert set(FOUND) | set(LEFT_OUT) | set(REWRITTEN) | apart == set(DEFECTS)


@pytest.mark.parametrize("name", FOUND)
def test_as_many_rows_are_faulty_as_are_counted(clean, name: str) -> None:
    table = DEFECTS[name].table
    spoilt = with_defects(clean, name)
    before = FOUND[name](clean[table]) if name not in UNLIKE else 0
    assert before == 0 or name in ALREADY
    assert FOUND[name](spoilt[table]) - before == spoilt.defects[name]["rows"]


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


def test_a_lost_part_of_one_variant_is_counted_and_seen(clean) -> None:
    spoilt = with_defects(clean, "unbalanced_split")
    part = [t["assignments"].query("experiment == 'upsell_banner'")["variant"].value_counts() for t in (clean, spoilt)]
    assert part[0]["control"] == part[1]["control"]
    assert part[0]["treatment"] - part[1]["treatment"] == spoilt.defects["unbalanced_split"]["rows"]


def test_totals_contradict_their_parts_in_as_many_rows_as_are_counted(clean) -> None:
    spoilt = with_defects(clean, "contradicting_totals")
    made = spoilt["subscriptions"]
    odd = made["total_paid"] % made["monthly_price"] != 0
    assert odd.sum() == spoilt.defects["contradicting_totals"]["rows"]


def test_a_first_row_taken_for_the_header_is_gone_from_the_rows(clean) -> None:
    spoilt = with_defects(clean, "no_header")["identity_map"]
    assert len(spoilt) == len(clean["identity_map"]) - 1
    assert spoilt.columns[0] == str(clean["identity_map"]["identity_id"].iloc[0])


def test_compact_dates_are_days_in_eight_digits(clean) -> None:
    spoilt = with_defects(clean, "compact_dates")
    ended = spoilt["subscriptions"]["ended_at"].dropna()
    assert ended.str.fullmatch(r"\d{8}").all()
    assert len(ended) == spoilt.defects["compact_dates"]["rows"]


def test_one_language_on_another_scale(clean) -> None:
    spoilt, told = with_defects(clean, "mixed_scales"), clean["surveys"]["score"]
    changed = spoilt["surveys"]["score"].fillna(0) != told.fillna(0)
    assert changed.sum() == spoilt.defects["mixed_scales"]["rows"]
    assert clean["surveys"][changed]["language"].nunique() == 1
    assert spoilt["surveys"]["score"][changed].max() == 7
