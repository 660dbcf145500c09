"""Do intervals of scores cover, and are equal groups told apart as seldom as agreed, when customers answer repeatedly?

Seeds 0 to 399 are fixed. A customer has a level of their own; answers are cut from level plus noise, so that the
population's scores are known exactly. Groups and waves are drawn at random: any difference between them is a false one.
A second panel moves one group by a known amount: the interval of its difference has to hold the true one.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import binom

import cxlab as cx

SHARES = {
    "nps": (0.03, 0.01, 0.02, 0.02, 0.03, 0.06, 0.07, 0.13, 0.19, 0.20, 0.24),
    "csat": (0.06, 0.08, 0.16, 0.38, 0.32),
    "ces1": (0.34, 0.30, 0.18, 0.11, 0.07),
    "ces2": (0.05, 0.06, 0.08, 0.12, 0.22, 0.27, 0.20),
}
WORTH = {
    "nps": np.repeat([-100.0, 0.0, 100.0], [7, 2, 2]),
    "csat": np.repeat([0.0, 1.0], [3, 2]),
    "ces1": np.arange(1.0, 6.0),
    "ces2": np.arange(1.0, 8.0),
}
LEVEL, CHECKS = 0.95, 16
CUSTOMERS, MOVED = 150, -0.4


def truth(kind: str, shift: float = 0.0) -> float:
    """The population's score, when everybody's hidden satisfaction is moved by `shift`."""
    reached = ndtr(ndtri(np.append(np.cumsum(SHARES[kind])[:-1], 1.0)) - shift)
    return float(np.diff(reached, prepend=0.0) @ WORTH[kind])


def panel(seed: int, kind: str, *, moved: float = 0.0) -> pd.DataFrame:
    """Some 450 answers of 150 customers, correlation 0.5 within a customer; group c is moved."""
    rng = np.random.default_rng([seed, sorted(SHARES).index(kind)])
    who = np.repeat(np.arange(CUSTOMERS), rng.integers(1, 6, CUSTOMERS))
    group = rng.choice(["a", "b", "c"], len(who), p=[0.5, 0.3, 0.2])
    latent = np.sqrt(0.5) * (rng.normal(size=CUSTOMERS)[who] + rng.normal(size=len(who))) + moved * (group == "c")
    score = np.searchsorted(ndtri(np.cumsum(SHARES[kind])[:-1]), latent) + (kind != "nps")
    return pd.DataFrame({"score": score, "who": who, "group": group, "wave": rng.choice(["1", "2"], len(who))})


def tally(kind: str, seeds: range) -> dict[str, int]:
    """How many intervals held the truth, and how many seeds had any false finding?"""
    counted = {"level": 0, "difference": 0, "groups": 0, "change": 0}
    apart = truth(kind, MOVED) - truth(kind)
    for seed in seeds:
        even, uneven = panel(seed, kind), panel(seed, kind, moved=MOVED)
        whole = cx.survey_scores(even, kind=kind, unit="who", segment="group")
        row = whole.table.iloc[0]
        counted["level"] += bool(row["ci_low"] <= truth(kind) <= row["ci_high"])
        counted["groups"] += bool((whole.comparison["p_adjusted"] < 1 - LEVEL).any())
        waves = cx.survey_scores(even, kind=kind, unit="who", wave="wave").change
        counted["change"] += bool(waves["p_value"][0] < 1 - LEVEL)
        compared = cx.survey_scores(uneven, kind=kind, unit="who", segment="group").comparison.set_index("segment")
        counted["difference"] += bool(compared.loc["c", "ci_low"] <= apart <= compared.loc["c", "ci_high"])
    return counted


def assert_calibrated(counted: dict[str, int], runs: int) -> None:
    """Bounds that hold for all sixteen checks together but for one time in a thousand."""
    outside = 0.001 / (2 * CHECKS)
    for name in ("level", "difference"):
        assert counted[name] >= binom.ppf(outside, runs, LEVEL)
        assert counted[name] <= min(binom.ppf(1 - outside, runs, LEVEL + 0.02), runs)
    for name in ("groups", "change"):
        assert counted[name] <= binom.ppf(1 - outside, runs, 1 - LEVEL)


@pytest.mark.parametrize("kind", ["nps"])
def test_repeated_customers_in_short(kind) -> None:
    assert_calibrated(tally(kind, range(15)), 15)


@pytest.mark.calibrate
@pytest.mark.parametrize("kind", sorted(SHARES))
def test_repeated_customers_at_length(kind) -> None:
    counted = tally(kind, range(400))
    print(kind, {name: found / 400 for name, found in counted.items()})
    assert_calibrated(counted, 400)


@pytest.mark.calibrate
def test_without_customers_the_intervals_would_be_too_narrow() -> None:
    held = 0
    for seed in range(200):
        row = cx.survey_scores(panel(seed, "nps")).table.iloc[0]
        held += bool(row["ci_low"] <= truth("nps") <= row["ci_high"])
    print("nps without customers", held / 200)
    assert held < 0.9 * 200
