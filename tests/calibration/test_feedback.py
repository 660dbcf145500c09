"""Do intervals of scores cover, and are equal groups told apart as seldom as agreed, when customers answer repeatedly?

Seeds 0 to 399 are fixed. A customer has a level of their own; answers are cut from level plus noise, so that the
population's scores are known exactly. Segments and waves are drawn at random: any difference found is a false one.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from scipy.stats import binom

import cxlab as cx

SHARES = {
    "nps": (0.03, 0.01, 0.02, 0.02, 0.03, 0.06, 0.07, 0.13, 0.19, 0.20, 0.24),
    "csat": (0.06, 0.08, 0.16, 0.38, 0.32),
    "ces2": (0.05, 0.06, 0.08, 0.12, 0.22, 0.27, 0.20),
}
TRUTH = {"nps": 20.0, "csat": 0.70, "ces2": float(np.arange(1, 8) @ SHARES["ces2"])}
LEVEL, CHECKS = 0.95, 9
CUSTOMERS = 150


def panel(seed: int, kind: str) -> pd.DataFrame:
    """Some 450 answers of 150 customers, correlation 0.5 within a customer."""
    rng = np.random.default_rng([seed, sorted(SHARES).index(kind)])
    who = np.repeat(np.arange(CUSTOMERS), rng.integers(1, 6, CUSTOMERS))
    latent = np.sqrt(0.5) * (rng.normal(size=CUSTOMERS)[who] + rng.normal(size=len(who)))
    score = np.searchsorted(ndtri(np.cumsum(SHARES[kind])[:-1]), latent) + (kind != "nps")
    return pd.DataFrame(
        {
            "score": score,
            "who": who,
            "segment": rng.choice(["a", "b", "c"], len(who), p=[0.5, 0.3, 0.2]),
            "wave": rng.choice(["1", "2"], len(who)),
        }
    )


def tally(kind: str, seeds: range) -> dict[str, int]:
    """How many intervals held the truth, and how many seeds had any false finding?"""
    counted = {"covered": 0, "segments": 0, "change": 0}
    for seed in seeds:
        data = panel(seed, kind)
        whole = cx.survey_scores(data, kind=kind, unit="who", segment="segment")
        row = whole.table.iloc[0]
        counted["covered"] += bool(row["ci_low"] <= TRUTH[kind] <= row["ci_high"])
        counted["segments"] += bool((whole.comparison["p_adjusted"] < 1 - LEVEL).any())
        counted["change"] += bool(
            cx.survey_scores(data, kind=kind, unit="who", wave="wave").change["p_value"][0] < 1 - LEVEL
        )
    return counted


def assert_calibrated(counted: dict[str, int], runs: int) -> None:
    """Bounds that hold for all nine checks together but for one time in a thousand."""
    outside = 0.001 / (2 * CHECKS)
    assert counted["covered"] >= binom.ppf(outside, runs, LEVEL)
    assert counted["covered"] <= min(binom.ppf(1 - outside, runs, LEVEL + 0.02), runs)
    for name in ("segments", "change"):
        assert counted[name] <= binom.ppf(1 - outside, runs, 1 - LEVEL)


@pytest.mark.parametrize("kind", ["nps"])
def test_repeated_customers_in_short(kind) -> None:
    assert_calibrated(tally(kind, range(25)), 25)


@pytest.mark.calibrate
@pytest.mark.parametrize("kind", sorted(SHARES))
def test_repeated_customers_at_length(kind) -> None:
    assert_calibrated(tally(kind, range(400)), 400)


@pytest.mark.calibrate
def test_without_customers_the_intervals_would_be_too_narrow() -> None:
    held = 0
    for seed in range(200):
        row = cx.survey_scores(panel(seed, "nps")).table.iloc[0]
        held += bool(row["ci_low"] <= TRUTH["nps"] <= row["ci_high"])
    assert held < 0.9 * 200
