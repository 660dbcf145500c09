"""Does a test that is looked at often err as rarely as it says? Thirty experiments in one table, as beside this.

Spending methods must keep the nominal rate, always valid ones stay at or below it; intervals must hold at all looks
together.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from cxlab.experiments import ab_test

TOGETHER, CUSTOMERS, LOOKS, GAIN = 30, 2000, 5, 0.04
NOMINAL, SLACK = 0.05, 0.006
EXACT = ("obrien-fleming", "pocock", "hwang-shih-decani")
METHODS = (*EXACT, "always-valid", "msprt")


def experiments(seed, gain):
    rng = np.random.default_rng(seed)
    new = rng.random((TOGETHER, CUSTOMERS)) < 0.5
    return pd.DataFrame({
        "experiment": np.repeat([f"e{i:02d}" for i in range(TOGETHER)], CUSTOMERS),
        "place": np.tile(np.arange(CUSTOMERS), TOGETHER),
        "variant": np.where(new.ravel(), "new", "control"),
        "bought": (rng.random(TOGETHER * CUSTOMERS) < 0.3 + gain * new.ravel()).astype(int),
    })  # fmt: skip


def followed(seed, gain, monitoring):
    """For each experiment: did it ever cross, and did an interval ever miss the truth?"""
    frame, crossed, missed = experiments(seed, gain), np.zeros(TOGETHER, bool), np.zeros(TOGETHER, bool)
    sizes = [CUSTOMERS * (k + 1) // LOOKS for k in range(LOOKS)]
    for number, size in enumerate(sizes):
        found = ab_test(
            frame[frame["place"] < size], metrics=["proportion('bought', minimum_effect=0.04)"], segment="experiment",
            monitoring=monitoring, looks=[TOGETHER * one for one in sizes[:number]], planned_n=TOGETHER * CUSTOMERS,
        ).table  # fmt: skip
        parts = found[found["segment"] != "all"]
        crossed |= ((parts["ci_low"] > 0) | (parts["ci_high"] < 0)).to_numpy()
        missed |= ((parts["ci_low"] > gain) | (parts["ci_high"] < gain)).to_numpy()
    return crossed, missed


def assert_kept(tables, methods, questions):
    tail = 0.001 / (len(METHODS) * 2)
    for monitoring in methods:
        runs = [followed(seed, GAIN * (seed % 2), monitoring) for seed in range(questions * tables)]
        wrong = {"false alarm": runs[::questions], "coverage": runs[1::2] if questions == 2 else []}
        for what, found in wrong.items():
            flags = np.concatenate([one[0 if what == "false alarm" else 1] for one in found]) if found else []
            if len(flags):
                low = binom.ppf(tail, len(flags), NOMINAL - SLACK) if monitoring in EXACT else 0
                high = binom.ppf(1 - tail, len(flags), NOMINAL + SLACK)
                assert low <= np.sum(flags) <= high, f"{monitoring}, {what}: {np.mean(flags):.4f} of {len(flags)}"


def test_looking_keeps_the_rate_of_false_alarms():
    assert_kept(4, ("obrien-fleming", "always-valid"), 2)


@pytest.mark.calibrate
@pytest.mark.parametrize("method", METHODS)
def test_looking_keeps_the_rate_of_false_alarms_at_length(method):
    assert_kept(40, [method], 2)
