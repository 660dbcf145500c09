"""Looking early: limits that hold at every look, the path, and a verdict that may stop."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import cxlab as cx
from cxlab.errors import ParameterError
from cxlab.experiments.watch import Watch, checked_looks
from cxlab.stats.sequential import spending_bounds

SPENDING = ["obrien-fleming", "pocock", "hwang-shih-decani"]
METRIC = "proportion('bought', minimum_effect=0.03)"


def people(n, gain=0.0, seed=7, base=0.2):
    rng = np.random.default_rng(seed)
    new = np.arange(n) % 2
    return pd.DataFrame({
        "variant": np.where(new, "new", "control"), "bought": (rng.random(n) < base + gain * new).astype(int),
        "day": pd.Timestamp("2026-05-01") + pd.to_timedelta(np.arange(n) * 60, unit="s"),
    })  # fmt: skip


def watched(data, **settings):
    return cx.ab_test(data, **{"metrics": [METRIC], "time": "day"} | settings)


def test_without_monitoring_nothing_changes():
    plain, asked = cx.ab_test(people(4000), metrics=[METRIC]), watched(people(4000))
    pd.testing.assert_frame_equal(plain.table, asked.table)
    assert "looks" not in asked.tables
    assert "looks" not in [check.name for check in asked.checks]


@pytest.mark.parametrize("monitoring", SPENDING)
def test_at_the_planned_size_the_interval_reaches_as_far_as_the_spending_says(monitoring):
    found = watched(people(4000), monitoring=monitoring, looks=[2000], planned_n=4000)
    reach = spending_bounds([0.5, 1.0], spending=monitoring)[1]
    row = found.table.iloc[0]
    assert (row["ci_high"] - row["ci_low"]) / 2 / row["se"] == pytest.approx(reach, rel=1e-3)


@pytest.mark.parametrize("monitoring", [*SPENDING, "always-valid", "msprt"])
def test_the_verdict_reads_the_interval_that_is_shown(monitoring):
    for gain in (0.0, 0.03, 0.1):
        found = watched(people(4000, gain), monitoring=monitoring, looks=[1000, 2000], planned_n=8000)
        row = found.table.iloc[0]
        assert (row["ci_low"] > 0 or row["ci_high"] < 0) == (row["p_value"] < 0.05)
        assert (found.decision.verdict == "ship") == (row["ci_low"] > 0)
        last = found.tables["looks"].iloc[-1]
        assert (last["effect"], last["ci_low"], last["ci_high"]) == (row["effect"], row["ci_low"], row["ci_high"])


def test_an_earlier_look_is_what_the_test_said_then():
    data = people(4000, 0.05)
    found = watched(data, monitoring="obrien-fleming", looks=[1000, 2500], planned_n=6000)
    looks = found.tables["looks"]
    assert looks["n"].tolist() == [1000, 2500, 4000]
    assert looks["information"].round(3).tolist() == [0.167, 0.417, 0.667]
    then = watched(data.head(2500), monitoring="obrien-fleming", looks=[1000], planned_n=6000)
    columns = ["effect", "ci_low", "ci_high"]
    assert looks.loc[1, columns].tolist() == pytest.approx(then.table.loc[0, columns].tolist())


def test_stopped_early_the_estimate_is_marked_and_a_smaller_one_stands_beside_it():
    found = watched(people(3000, 0.12), monitoring="pocock", looks=[1500], planned_n=12_000)
    assert found.decision.verdict == "ship"
    last = found.tables["looks"].iloc[-1]
    early = found.tables["looks"].iloc[0]
    if not early["crossed"]:
        assert 0 < last["adjusted_effect"] < last["effect"]
        assert any("tends to be too large" in reason for reason in found.decision.reasons)


def test_many_looks_without_limits_are_told():
    check = next(c for c in watched(people(4000), looks=[1000, 2000, 3000]).checks if c.name == "looks")
    assert not check.passed
    assert "Looked at 4 times" in check.message
    assert "would show one at some look" in check.message


def test_a_look_after_the_planned_size_is_exploratory():
    found = watched(people(5000), monitoring="obrien-fleming", looks=[2000, 4000], planned_n=4000)
    assert found.decision.exploratory
    assert not next(c for c in found.checks if c.name == "looks").passed
    assert "Exploratory" in found.to_html(stills=False, widths=())


def test_without_time_the_present_look_alone_is_told():
    found = cx.ab_test(people(4000), metrics=[METRIC], monitoring="always-valid", looks=[2000])
    looks = found.tables["looks"]
    assert looks["effect"].notna().tolist() == [False, True]
    check = next(c for c in found.checks if c.name == "looks")
    assert "Name the time of assignment" in check.message


def test_the_path_is_a_picture_and_a_table():
    found = watched(people(4000, 0.04), monitoring="obrien-fleming", looks=[1000, 2000, 3000], planned_n=8000)
    assert "looks" in found.pictures
    for width in (680, 340):
        drawn = found.chart("looks", width=width).to_dict()
        assert drawn["title"]
    html = found.to_html(stills=False, widths=())
    assert "Interval that holds at every look" in html
    assert "What would change this" in html


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"monitoring": "obrien-fleming"}, "`planned_n` is not given"),
        ({"monitoring": "obrien_fleming", "planned_n": 4000}, "Did you mean 'obrien-fleming'"),
        ({"monitoring": "always-valid", "looks": [0]}, "`looks` has 0"),
        ({"monitoring": "always-valid", "looks": [10.5]}, "`looks` has 10.5"),
    ],
)
def test_what_cannot_be_watched_is_refused(settings, sentence):
    with pytest.raises(ParameterError, match=sentence):
        watched(people(4000), **settings)


def test_looks_are_rising_and_stand_once():
    assert checked_looks([4000, 2000, 4000]) == (2000, 4000)


def test_a_watch_without_a_size_has_no_end():
    assert Watch("always-valid", (1000,)).open_ended
    assert not Watch("always-valid", (1000,), planned_n=2000).open_ended


TOGETHER, TABLES = 20, 40
EXPERIMENTS = ["proportion('m0')", *(f"proportion('m{k}', role='watched')" for k in range(1, TOGETHER))]


def alike(seed):
    """Twenty experiments without an effect in one table: measures of people that know nothing of each other."""
    data, rng = people(2400, seed=seed), np.random.default_rng(seed)
    return data.assign(**{f"m{k}": (rng.random(2400) < 0.2).astype(int) for k in range(TOGETHER)})


def ever_crossed(monitoring, tables, seed):
    """How many tests without an effect show one at some of five looks, the last at the planned size?"""
    looks, false = [800, 1200, 1600, 2000], 0
    for number in range(tables):
        found = watched(
            alike(seed + number), metrics=EXPERIMENTS, monitoring=monitoring, looks=looks, planned_n=2400
        ).tables["looks"]
        false += int(found.groupby("metric")["crossed"].any().sum())
    return false


@pytest.mark.calibrate
@pytest.mark.parametrize("monitoring", [*SPENDING, "always-valid"])
def test_looking_often_errs_no_more_than_said(monitoring):
    """Of 800 tests: 0.14, the rate of five looks without limits, is found for certain, 0.11 in 97 of 100 cases.

    Spending errs as often as said, 0.015 in its place is found in 90 of 100; what is always valid may err less. All
    seven bounds hold together 999 times in 1,000 for rates within half a point of the nominal one.
    """
    found, runs, tail = ever_crossed(monitoring, TABLES, 1000), TOGETHER * TABLES, 0.001 / 7
    print(monitoring, found / runs)
    assert (0 if monitoring == "always-valid" else binom.ppf(tail, runs, 0.045)) <= found
    assert found <= binom.isf(tail, runs, 0.055)
