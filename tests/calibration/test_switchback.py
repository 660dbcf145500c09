"""Switchbacks: false alarms and coverage, where periods are alike and the clock has its rhythm.

All twelve bounds here hold together 999 times in 1,000. With 300 runs, a test that errs in 13 of 100 is found in nine
of ten cases.
"""

import pytest
from scipy.stats import binom

import cxlab as cx
from tests.experiments.switching import switching

TAIL = 0.001 / 12
GIVEN = {"time": "at", "cluster": "city", "switchback": "4h"}


def found(seeds, effect, way, carried=0.0):
    given = GIVEN | ({"carry_over": "30min"} if carried else {})
    rows = [
        cx.ab_test(
            switching(seed, effect=effect, way=way, carried=carried), metrics=["mean('wait')"], **given
        ).table.iloc[0]
        for seed in seeds
    ]
    alarms = sum(row["p_value"] < 0.05 for row in rows)
    covered = sum(row["ci_low"] <= effect <= row["ci_high"] for row in rows)
    return alarms, covered


def judge(runs, way):
    alarms, covered = found(range(runs), 0.0, way)
    low, high = binom.ppf(TAIL, runs, 0.05), binom.isf(TAIL, runs, 0.05)
    assert (0 if way == "alternating" else low) <= alarms <= high, (way, alarms, runs)
    assert runs - high <= covered, (way, covered, runs)
    _, covered = found(range(runs, 2 * runs), 1.5, way)
    print(way, "alarms", alarms / runs, "coverage", covered / runs)
    assert runs - high <= covered, (way, covered, runs)


def test_periods_drawn_by_lot_err_as_often_as_said():
    judge(12, "lot")


@pytest.mark.calibrate
@pytest.mark.parametrize("way", ["lot", "together", "alternating"])
def test_periods_err_as_often_as_said_at_length(way):
    judge(300, way)


@pytest.mark.calibrate
def test_what_carries_over_is_left_out_and_the_interval_covers_at_length():
    runs = 300
    _, covered = found(range(runs), 1.5, "lot", carried=1.0)
    print("carried over", covered / runs)
    assert runs - binom.isf(TAIL, runs, 0.05) <= covered
