"""Does the A/B test err as often as it says? Simulated through the whole analysis, thirty experiments in one table.

Seeds are fixed beforehand. The bounds hold for the whole family of checks together: a correct analysis, whose true
rate is within half a point of the nominal one, fails any of them with probability under one in a thousand.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from cxlab.experiments import ab_test

METRICS = [
    "proportion('bought')",
    "mean('spend', role='watched')",
    "ratio('clicks', 'visits', role='watched')",
    "mean('revenue', covariate='before', role='watched')",
]
NAMES = ["bought", "spend", "clicks / visits", "revenue"]
TRUTH = {"bought": 0.06, "spend": 0.5, "clicks / visits": 0.05, "revenue": 0.6}
LEVELS = {"bought": 0.30, "spend": 4.0, "clicks / visits": 0.40, "revenue": 11.0}
QUESTIONS = ("false positive", "misses the effect", "misses the relative effect")
CHECKS = 2 * len(NAMES) * len(QUESTIONS)
NOMINAL, SLACK = 0.05, 0.005
TOGETHER, CUSTOMERS, SHORT = 30, 600, 12


def experiments(seed: int, truth: dict[str, float]) -> pd.DataFrame:
    """Thirty independent experiments of 600 customers; everything but the noise is known."""
    rng = np.random.default_rng(seed)
    n = TOGETHER * CUSTOMERS
    new = rng.random(n) < 0.5
    visits = 1 + rng.poisson(3, n)
    habit = rng.beta(4, 6, n) + truth["clicks / visits"] * new
    before = rng.gamma(4.0, 2.5, n)
    return pd.DataFrame({
        "experiment": np.repeat([f"e{i:02d}" for i in range(TOGETHER)], CUSTOMERS),
        "variant": np.where(new, "new", "control"),
        "bought": (rng.random(n) < LEVELS["bought"] + truth["bought"] * new).astype(int),
        "spend": rng.gamma(2.0, 2.0, n) + truth["spend"] * new,
        "visits": visits,
        "clicks": rng.binomial(visits, np.minimum(habit, 1.0)),
        "before": before,
        "revenue": 0.8 * before + rng.gamma(3.0, 1.0, n) + truth["revenue"] * new,
    })  # fmt: skip


def effects(seed: int, truth: dict[str, float]) -> pd.DataFrame:
    found = ab_test(experiments(seed, truth), metrics=METRICS, segment="experiment").table
    return found[found["segment"] != "all"]


def errors(tables: int) -> dict[tuple[str, str], list[bool]]:
    """For each metric and question: was each simulated experiment wrong?"""
    wrong: dict[tuple[str, str], list[bool]] = {(name, question): [] for name in NAMES for question in QUESTIONS}
    for seed in range(tables):
        same, other = effects(2 * seed, dict.fromkeys(TRUTH, 0.0)), effects(2 * seed + 1, TRUTH)
        for name in NAMES:
            null, real = same[same["metric"] == name], other[other["metric"] == name]
            fraction = TRUTH[name] / LEVELS[name]
            missed = (real["ci_low"] > TRUTH[name]) | (real["ci_high"] < TRUTH[name])
            missed_fraction = (real["relative_ci_low"] > fraction) | (real["relative_ci_high"] < fraction)
            for question, flags in zip(QUESTIONS, (null["p_value"] < 0.05, missed, missed_fraction), strict=True):
                wrong[name, question] += flags.tolist()
    return wrong


def bounds(experiments_: int) -> tuple[float, float]:
    """Between which rates does a correct analysis stay, all checks together, 999 times in 1,000?"""
    tail = 0.001 / CHECKS / 2
    low = binom.ppf(tail, experiments_, NOMINAL - SLACK) / experiments_
    high = binom.ppf(1 - tail, experiments_, NOMINAL + SLACK) / experiments_
    return float(low), float(high)


def assert_calibrated(tables: int) -> None:
    for (name, question), flags in errors(tables).items():
        low, high = bounds(len(flags))
        rate = float(np.mean(flags))
        assert low <= rate <= high, (
            f"{name}: {question} in {rate:.4f} of {len(flags)}, expected {low:.4f} to {high:.4f}"
        )


def test_errors_are_as_frequent_as_said():
    assert_calibrated(tables=SHORT)


@pytest.mark.calibrate
def test_errors_are_as_frequent_as_said_at_length():
    assert_calibrated(tables=300)


def test_an_analysis_that_errs_in_15_percent_would_be_found():
    count = SHORT * TOGETHER
    assert binom.sf(bounds(count)[1] * count, count, 3 * NOMINAL) > 0.98
