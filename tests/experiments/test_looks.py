"""Looking early: intervals, p-values and verdicts that hold at every look."""

import numpy as np
import pandas as pd
import pytest

from cxlab.errors import ParameterError
from cxlab.experiments import ab_test
from cxlab.stats.sequential import spending_bounds

METHODS = ("obrien-fleming", "pocock", "hwang-shih-decani", "always-valid", "msprt")


def arrivals(new, old, n=8000, seed=1):
    """Customers that come one by one, every five minutes."""
    rng = np.random.default_rng(seed)
    variant = np.where(np.arange(n) % 2, "new", "control")
    came = pd.Timestamp("2026-05-01") + pd.to_timedelta(np.arange(n) * 5, unit="min")
    bought = (rng.random(n) < np.where(variant == "new", new, old)).astype(int)
    return pd.DataFrame({"variant": variant, "id": np.arange(n), "came": came, "bought": bought})


GAIN, NONE = arrivals(0.125, 0.10), arrivals(0.10, 0.10, seed=3)


def watched(frame, monitoring, **options):
    settings = {"looks": [4000], "planned_n": 16_000, "unit": "id", "time": "came", **options}
    metrics = ["proportion('bought', minimum_effect=0.02)"]
    return ab_test(frame, metrics=metrics, monitoring=monitoring, **settings)


def test_without_monitoring_nothing_changes():
    found = watched(GAIN, "none", looks=None)
    assert "looks" not in found.tables
    assert not found.decision.exploratory
    assert "looks" not in {check.name for check in found.checks}


@pytest.mark.parametrize("monitoring", METHODS)
def test_the_verdict_reads_the_interval_that_is_shown(monitoring):
    found = watched(GAIN, monitoring)
    last, row = found.tables["looks"].iloc[-1], found.table.iloc[0]
    assert (last["ci_low"], last["ci_high"]) == (row["ci_low"], row["ci_high"])
    assert (found.decision.verdict == "ship") == (row["ci_low"] > 0) == last["crossed"]
    usual = watched(GAIN, "none").table.iloc[0]
    assert row["ci_high"] - row["ci_low"] > usual["ci_high"] - usual["ci_low"]
    assert row["p_value"] >= usual["p_value"]


@pytest.mark.parametrize("monitoring", METHODS)
def test_without_an_effect_the_test_goes_on(monitoring):
    assert watched(NONE, monitoring).decision.verdict == "keep running"


def test_a_look_shows_what_had_come_by_then():
    early = watched(GAIN, "obrien-fleming").tables["looks"].iloc[0]
    alone = watched(GAIN.iloc[:4000], "obrien-fleming", looks=None).table.iloc[0]
    assert early["n"] == 4000
    assert early["information"] == 0.25
    assert early["effect"] == pytest.approx(alone["effect"])
    assert early["ci_low"] == pytest.approx(alone["ci_low"])


def test_limits_are_those_of_the_spending():
    looks = watched(GAIN, "pocock").tables["looks"]
    se = watched(GAIN, "none").table["se"].iloc[0]
    bound = spending_bounds([0.25, 0.5], alpha=0.025, spending="pocock")[1]
    assert looks["boundary"].iloc[1] == pytest.approx(bound * se)


def test_an_early_stop_is_marked_as_inflated():
    found = watched(arrivals(0.125, 0.10, seed=5), "obrien-fleming")
    last = found.tables["looks"].iloc[-1]
    assert list(found.tables["looks"]["crossed"]) == [False, True]
    assert 0 < last["adjusted_effect"] < last["effect"]
    assert any("tends to be too large" in reason for reason in found.decision.reasons)


def test_looking_without_limits_is_told_and_only_explores():
    found = watched(GAIN, "none", looks=[2000, 4000, 6000])
    check = next(check for check in found.checks if check.name == "looks")
    assert not check.passed
    assert "Looked at 4 times without limits" in check.message
    assert found.decision.exploratory


def test_a_look_after_the_planned_end_only_explores():
    found = watched(GAIN, "obrien-fleming", planned_n=6000, looks=[4000, 6000])
    assert found.decision.exploratory
    assert any(check.name == "looks" and "comes after the planned 6,000" in check.message for check in found.failed)


def test_spending_needs_a_planned_size():
    with pytest.raises(ParameterError, match="`planned_n` is not given"):
        watched(GAIN, "pocock", planned_n=None)


@pytest.mark.parametrize("look", [0, 2.5, True])
def test_looks_are_numbers_of_customers(look):
    with pytest.raises(ParameterError, match="expected numbers of units"):
        watched(GAIN, "pocock", looks=[look])


@pytest.mark.parametrize("width", [680, 340])
def test_the_path_is_drawn_between_its_limits(width):
    chart = watched(GAIN, "obrien-fleming").chart("looks", width=width).to_dict()
    assert "crossed its limit" in str(chart["title"])
    assert "Clear gain: may stop and ship" in str(chart)


def test_what_would_change_the_verdict_is_said():
    found = watched(NONE, "obrien-fleming")
    assert found.decision.changes[0] == "The 8,000 customers that the plan still waits for."
    assert "crossing its limit" in found.decision.changes[1]
    assert "What would change this" in found.to_html()
