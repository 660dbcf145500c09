"""Simulated tests of times until an event: the history's curves come back, and the change is as large as asked for."""

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.errors import ParameterError
from cxlab.experiments.metrics import parse_metric
from cxlab.experiments.planned_sizes import Need, parts_of
from cxlab.experiments.simulated_times import past_times
from cxlab.experiments.spread import ARM, spread_of
from cxlab.stats.restricted_mean import restricted_mean
from cxlab.stats.survival import kaplan_meier

METRIC = "time_to_event('days', event='left', horizon=60)"


@pytest.fixture(scope="module")
def history():
    """Customers of different patience, watched for 40 to 180 days; whole days, so that times are shared."""
    draw = np.random.default_rng(3)
    leaves, watched = draw.exponential(60, 4000) * draw.gamma(2, 0.5, 4000), draw.uniform(40, 180, 4000)
    return pd.DataFrame({"days": np.ceil(np.minimum(leaves, watched)), "left": (leaves <= watched).astype(int)})


def past(history, effect=2.0, metric=METRIC):
    table, metric = cx.table(history), parse_metric(metric)
    return past_times(table, Need(spread_of(table, metric), parts_of(None, "a"), 0.05, "two", effect), "days")


def average(frame):
    return restricted_mean(kaplan_meier(frame["days"], frame["left"]), 60)


@pytest.mark.parametrize("truth", [3.0, -3.0, 12.0])
def test_a_built_in_change_of_times_is_as_large_as_it_was_asked_for(history, truth):
    draw = np.random.default_rng(5)
    drawn = past(history).drawn(truth, draw.random(60_000) < 0.5, draw)
    control, changed = (average(drawn[drawn[ARM] == arm]) for arm in "ab")
    assert changed.estimate - control.estimate == pytest.approx(
        truth, abs=4 * np.sqrt(changed.variance + control.variance)
    )
    assert control.estimate == pytest.approx(average(history).estimate, abs=4 * np.sqrt(control.variance))


def test_watching_ends_in_a_simulated_test_as_it_ended_in_the_history(history):
    draw = np.random.default_rng(6)
    drawn = past(history).drawn(0.0, np.zeros(80_000, dtype=bool), draw)
    for time in (30, 50, 100, 150):
        seen, simulated = ((frame["days"] > time).mean() for frame in (history, drawn))
        assert simulated == pytest.approx(seen, abs=4 * np.sqrt(seen * (1 - seen) / 80_000) + 1e-3)
    assert drawn["left"].mean() == pytest.approx(history["left"].mean(), abs=0.01)


def test_without_a_change_times_stay_as_they_are(history):
    assert past(history).factor(0.0) == 1.0


def test_a_change_beyond_the_horizon_is_refused(history):
    with pytest.raises(ParameterError, match="can change by -.* at most"):
        past(history).factor(50.0)


@pytest.mark.parametrize(
    ("more", "effect"), [("", "6"), (", direction='lower'", "6"), (", test='non-inferiority', margin=6", None)]
)
def test_simulated_tests_of_times_find_what_was_promised(history, more, effect):
    metric = METRIC.replace(")", f"{more})")
    found = cx.plan_ab_test(history, metric=metric, effect=effect, simulations=40, seed=5, per_week=500)
    none, there = found.tables["simulation"].to_dict("records")
    assert there["found"] == pytest.approx(0.8, abs=0.02 + 3 * np.sqrt(0.16 / 40))
    assert none["found"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)


@pytest.mark.calibrate
@pytest.mark.parametrize("effect", ["2", "5"])
def test_power_of_times_lies_within_two_points_of_the_promise(history, effect):
    runs = 600
    found = cx.plan_ab_test(history, metric=METRIC, effect=effect, simulations=runs, seed=11, per_week=500)
    none, there = found.tables["simulation"].to_dict("records")
    print(effect, round(none["found"], 4), round(there["found"], 4))
    assert there["found"] == pytest.approx(0.8, abs=0.02 + 3 * np.sqrt(0.16 / runs))
    assert none["found"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
