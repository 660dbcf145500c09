"""One-sided tests, non-inferiority and equivalence, from numbers to words."""

import numpy as np
import pandas as pd
import pytest

from cxlab.errors import ParameterError
from cxlab.experiments import Mean, Proportion, ab_test
from tests.experiments.experiment_data import experiment
from tests.stats.experiment_vectors import vector

ARMS = ("current", "short")


def shares(new, old, n=4000):
    flags = [np.repeat([1, 0], [x, n - x]) for x in (old, new)]
    return pd.DataFrame({"variant": np.repeat(ARMS, n), "solved": np.concatenate(flags)})


def test_non_inferiority_of_shares_is_farrington_mannings():
    """rpact 3.3.4."""
    case, expected, tolerance = vector("fm_noninf")
    frame = shares(case["x_t"], case["x_c"], n=400)
    found = ab_test(frame, metrics=[Proportion("solved", test="non-inferiority", margin=0.1)], control="current")
    assert found.table["p_value"][0] == pytest.approx(expected["p_one_sided"], rel=tolerance)
    assert found.decision.verdict == "ship"
    assert "Harm of 10.0\u00a0points or more is ruled out" in found.headline


def test_equivalence_of_means_is_two_one_sided_tests():
    """R 4.2.2 t.test twice, data set sleep."""
    case, expected, tolerance = vector("tost_sleep")
    frame = pd.DataFrame({"variant": ["new"] * 10 + ["control"] * 10, "hours": case["treatment"] + case["control"]})
    found = ab_test(frame, metrics=[Mean("hours", test="equivalence", margin=3.0)], confidence=0.90)
    row = found.table.iloc[0]
    assert row["p_value"] == pytest.approx(expected["p_tost"], rel=tolerance)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected["ci90"], rel=tolerance)
    assert found.decision.verdict == "don't ship"
    assert "That no change was found does not mean that there is none" in found.headline


def test_a_relative_margin_reads_the_relative_interval():
    frame = experiment(2000)
    for margin, kept in (("2%", False), ("60%", True)):
        metric = Mean("revenue", test="non-inferiority", margin=margin, direction="lower")
        found = ab_test(frame, metrics=[metric])
        row = found.table.iloc[0]
        inside = row["relative_ci_high"] < float(margin[:-1]) / 100
        assert inside == (row["p_value"] < 0.025) == kept


def test_equivalence_says_so_and_a_larger_change_is_no_gain():
    metric = Proportion("solved", test="equivalence", margin=0.04)
    same = ab_test(shares(2010, 2000), metrics=[metric], control="current", planned_n=8000)
    assert same.decision.verdict == "ship"
    assert "A change of 4.0\u00a0points or more, either way, is ruled out" in same.headline
    other = ab_test(shares(2500, 2000), metrics=[metric], control="current", planned_n=8000)
    assert other.decision.verdict == "don't ship"
    assert "changed by more than the 4.0\u00a0points agreed" in other.headline
    worse = ab_test(shares(1500, 2000), metrics=[metric], control="current", planned_n=8000)
    assert worse.decision.verdict == "don't ship"
    assert "worse" in worse.headline


def test_several_tests_against_a_margin_share_their_tail():
    """Beside a two-sided test, a one-sided p of 0.02 counts as 0.04."""
    frame = experiment(900)
    metrics = [Proportion("bought", test="non-inferiority", margin=0.05), Mean("revenue")]
    table = ab_test(frame, metrics=metrics).table.set_index("metric")
    assert (table["p_adjusted"] >= table["p_value"]).all()
    assert table.loc["bought", "p_adjusted"] >= table.loc["bought", "p_value"]


def test_one_sided_tests_look_for_the_better_side_only():
    frame = experiment(900)
    two = ab_test(frame, metrics=[Mean("revenue")])
    one = ab_test(frame, metrics=[Mean("revenue")], alternative="one-sided")
    other = ab_test(frame, metrics=[Mean("revenue", direction="lower")], alternative="one-sided")
    p = [found.table["p_value"][0] for found in (two, one, other)]
    assert p[1] + p[2] == pytest.approx(1)
    assert p[0] == pytest.approx(2 * min(p[1:]))
    assert one.confidence == pytest.approx(0.90)
    assert one.parameters["confidence"] == 0.95
    low = ab_test(frame, metrics=[Mean("revenue")], confidence=0.90).table["ci_low"][0]
    assert one.table["ci_low"][0] == pytest.approx(low)


def test_one_sided_rare_events_take_fishers_tail():
    frame = pd.DataFrame({"variant": ["control"] * 60 + ["new"] * 60, "y": [0] * 60 + [1] * 3 + [0] * 57})
    found = ab_test(frame, metrics=[Proportion("y")], alternative="one-sided")
    assert found.table["p_value"][0] == pytest.approx(0.1218, abs=1e-3)


def test_the_picture_and_the_page_know_the_readings():
    metric = Proportion("solved", test="non-inferiority", margin=0.04)
    found = ab_test(shares(2010, 2000), metrics=[metric], control="current")
    assert "within the margin" in str(found.chart().to_dict()["title"])
    assert "Not worse" in str(found.chart().to_dict())
    assert "Farrington-Manning" in repr(found.semantics)


@pytest.mark.parametrize("test", ["non-inferiority", "equivalence"])
def test_a_test_against_a_margin_needs_one(test):
    with pytest.raises(ParameterError, match=f"The {test} test of 'y' has no margin"):
        Mean("y", test=test)


def test_what_is_no_choice_is_refused():
    with pytest.raises(ParameterError, match="Did you mean 'non-inferiority'"):
        Mean("y", test="noninferiority", margin=1)
    with pytest.raises(ParameterError, match="expected 0.75 or more"):
        ab_test(experiment(50), metrics=[Mean("revenue")], alternative="one-sided", confidence=0.6)
