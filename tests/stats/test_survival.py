"""Survival curves and the log-rank test against R, published arithmetic and themselves."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxlab.errors import DataError
from cxlab.stats.curve_differences import log_rank
from cxlab.stats.survival import kaplan_meier

DATA = os.environ.get("CXLAB_EVALUATION_DATA")
LUNG = Path(DATA or "absent").parent / "vectors" / "retention_data" / "lung.csv"
TELCO = Path(DATA or "absent") / "telco_ibm" / "telco_customer_churn.csv.gz"


@pytest.fixture(scope="module")
def lung():
    if not LUNG.exists():
        pytest.skip("the lung data lie beside CXLAB_EVALUATION_DATA")
    with LUNG.open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


@pytest.fixture(scope="module")
def telco():
    if not TELCO.exists():
        pytest.skip("CXLAB_EVALUATION_DATA is not set")
    with gzip.open(TELCO, "rt", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    churned = [row["Churn"] == "Yes" for row in rows]
    return [float(row["tenure"]) for row in rows], churned, [row["Contract"] for row in rows]


def test_lung_curve_equals_r(lung):
    """R 4.2.2, survival 3.5-3, survfit(conf.type = "log-log"): vector kaplan_meier_lung."""
    curve = kaplan_meier(lung["time"], lung["status"])
    share, low, high = curve.at([90, 180, 365, 730])
    close = {"rtol": 1e-12}
    np.testing.assert_allclose(
        share, [0.881578947368421, 0.721670653409762, 0.409241624460064, 0.115693098344539], **close
    )
    np.testing.assert_allclose(
        low, [0.83207134221092, 0.658304528445661, 0.338714269088323, 0.0676321514888291], **close
    )
    np.testing.assert_allclose(
        high, [0.917213604179644, 0.775314690716979, 0.478380767646914, 0.177825199700288], **close
    )
    np.testing.assert_array_equal(curve.watched([90, 180, 365, 730]), [201, 160, 65, 13])
    place = np.searchsorted(curve.time, [90, 180, 365, 730], side="right") - 1
    np.testing.assert_allclose(
        curve.standard_error[place],
        [0.0213982196059285, 0.0298124194686373, 0.0358236381720378, 0.0282981973176942],
        **close,
    )
    assert (curve.at_risk[0], curve.events.sum()) == (228, 165)


def test_lung_medians_equal_r(lung):
    """R 4.2.2, survival 3.5-3: vector kaplan_meier_lung."""
    assert kaplan_meier(lung["time"], lung["status"]).quantile(0.5) == (310, 284, 361)
    sexes = [lung["sex"] == 1, lung["sex"] == 2]
    assert [kaplan_meier(lung["time"][m], lung["status"][m]).quantile()[0] for m in sexes] == [270, 426]


def test_lung_log_rank_equals_r(lung):
    """R 4.2.2, survival 3.5-3, survdiff: vector logrank_lung."""
    by_sex = log_rank(lung["time"], lung["status"], lung["sex"])
    assert by_sex.statistic == pytest.approx(10.3267419548856, rel=1e-12)
    assert by_sex.p_value == pytest.approx(0.00131116452035549, rel=1e-10)
    np.testing.assert_array_equal(by_sex.observed, [112, 53])
    np.testing.assert_allclose(by_sex.expected, [91.5817390295728, 73.4182609704272], rtol=1e-12)
    known = ~np.isnan(lung["ph.ecog"])
    by_ecog = log_rank(lung["time"][known], lung["status"][known], lung["ph.ecog"][known])
    assert by_ecog.statistic == pytest.approx(21.962131682476, rel=1e-10)
    assert (by_ecog.df, by_ecog.p_value) == (3, pytest.approx(6.64253535580017e-05, rel=1e-8))


def test_telco_curves_equal_the_golden_numbers(telco):
    tenure, churned, _ = telco
    np.testing.assert_allclose(
        kaplan_meier(tenure, churned).at([12, 24, 48, 72])[0], [0.8432, 0.7887, 0.7088, 0.5928], atol=5e-5
    )


@pytest.mark.parametrize(
    ("contract", "shares", "median"),
    [
        ("Month-to-month", [0.7031, 0.5859, 0.3973, 0.1290], 35),
        ("One year", [0.9908, 0.9783, 0.9165, 0.5681], np.nan),
        ("Two year", [1.0000, 1.0000, 0.9957, 0.9357], np.nan),
    ],
)
def test_telco_contracts_equal_the_golden_numbers(telco, contract, shares, median):
    chosen = [(t, d) for t, d, c in zip(*telco, strict=True) if c == contract]
    curve = kaplan_meier(*np.array(chosen, dtype=float).T)
    np.testing.assert_allclose(curve.at([12, 24, 48, 72])[0], shares, atol=5e-5)
    np.testing.assert_equal(curve.quantile(0.5)[0], median)


def test_telco_log_rank_equals_the_golden_number(telco):
    test = log_rank(*telco)
    assert (round(test.statistic, 2), test.df) == (2352.87, 2)


def test_period_hazards_equal_the_published_table():
    """Fader and Hardie 2007, Table 1, segment Regular, N = 1000: vector hazard_regular."""
    survivors = np.array([1000, 631, 468, 382, 326, 289, 262, 241])
    lost = -np.diff(survivors)
    curve = kaplan_meier([*range(1, 8), 7], [1] * 7 + [0], weights=[*lost, 241])
    hazard = [0.369, 0.258320126782884, 0.183760683760684, 0.146596858638743]
    hazard += [0.113496932515337, 0.0934256055363322, 0.0801526717557252]
    np.testing.assert_allclose(curve.events / curve.at_risk, hazard, rtol=1e-12)
    np.testing.assert_allclose(curve.survival, survivors[1:] / 1000, rtol=1e-12)


entries = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(1, 4)), min_size=1, max_size=30)


@given(entries)
def test_weights_equal_repeated_rows(rows):
    time, event, weight = np.array(rows, dtype=float).T
    short = kaplan_meier(time, event, weights=weight)
    long = kaplan_meier(np.repeat(time, weight.astype(int)), np.repeat(event, weight.astype(int)))
    np.testing.assert_allclose(short.survival, long.survival, atol=1e-12)
    np.testing.assert_allclose(short.ci_low, long.ci_low, atol=1e-12)


@given(entries)
def test_a_curve_falls_within_its_bounds(rows):
    curve = kaplan_meier([row[0] for row in rows], [row[1] for row in rows])
    assert np.all(np.diff(curve.survival) <= 0)
    inside = ~np.isnan(curve.ci_low)
    assert np.all(curve.ci_low[inside] <= curve.survival[inside])
    assert np.all(curve.survival[inside] <= curve.ci_high[inside])
    assert np.all((curve.ci_low[inside] >= 0) & (curve.ci_high[inside] <= 1))


@given(entries)
def test_without_early_ends_the_curve_is_the_share_still_without_the_event(rows):
    time = np.array([row[0] for row in rows])
    curve = kaplan_meier(time, np.ones_like(time))
    np.testing.assert_allclose(curve.survival, [np.mean(time > t) for t in curve.time], atol=1e-12)


def test_observed_and_expected_events_add_up_alike():
    test = log_rank([1, 2, 2, 3, 5, 8], [1, 0, 1, 1, 1, 0], list("aabbcc"))
    assert test.observed.sum() == pytest.approx(test.expected.sum())
    assert test.groups == ("a", "b", "c")


def test_before_the_first_time_everybody_is_left_and_after_the_last_nothing_is_known():
    curve = kaplan_meier([3, 5], [1, 0])
    np.testing.assert_equal(curve.at([1, 4, 6])[0], [1.0, 0.5, np.nan])
    np.testing.assert_equal(kaplan_meier([3, 5], [1, 1]).at(9)[0], [0.0])


def test_a_quantile_nobody_reached_is_unknown():
    """The lower bound is known all the same: the curve's own lower bound is under one half."""
    np.testing.assert_equal(kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).quantile(0.5), (np.nan, 1.0, np.nan))


@pytest.mark.parametrize(
    ("time", "event", "message"),
    [
        ([], [], "no times were given"),
        ([1, 2], [1], "lengths differ: 2 times, 1 event flags"),
        ([1, -2], [1, 0], "1 of 2 times cannot be used, the first is -2.0 at position 1"),
        ([1, np.nan], [1, 0], "1 of 2 times cannot be used"),
        ([1, 2], [1, 3], "1 of 2 event flags cannot be used, the first is 3.0"),
    ],
)
def test_unusable_entries_are_refused_with_place_and_value(time, event, message):
    with pytest.raises(DataError, match=message):
        kaplan_meier(time, event)


def test_one_group_cannot_be_compared():
    with pytest.raises(DataError, match="Found 1 group"):
        log_rank([1, 2], [1, 1], ["a", "a"])


def test_a_quantile_outside_zero_and_one_is_refused():
    with pytest.raises(DataError, match="`q` is 50"):
        kaplan_meier([1, 2], [1, 1]).quantile(50)
