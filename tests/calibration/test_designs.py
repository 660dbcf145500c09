"""Does each design err as often as it says? Simulated through the whole analysis, many experiments in one table.

Seeds are fixed beforehand; a bound holds for all checks of this file together 999 times in 1,000. Slack is what a
method may be off by: half a point where it is exact or asymptotic, two points for few clusters of unequal size.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from cxlab.experiments import ab_test

TOGETHER, CHECKS = 25, 20
SHORT, LONG = 12, 160


def bounds(n: int, nominal: float, slack: float) -> tuple[float, float]:
    tail = 0.001 / CHECKS / 2
    return binom.ppf(tail, n, nominal - slack) / n, binom.ppf(1 - tail, n, nominal + slack) / n


def assert_rate(flags, nominal: float, slack: float = 0.005) -> None:
    low, high = bounds(len(flags), nominal, slack)
    rate = float(np.mean(flags))
    assert low <= rate <= high, f"{rate:.4f} of {len(flags)}, expected {low:.4f} to {high:.4f}"


def segments(make, tables: int, metric: str, **options) -> pd.DataFrame:
    """Effects of many experiments, each a segment of a table."""
    found = [
        ab_test(make(np.random.default_rng(seed)), metrics=[metric], segment="experiment", **options).table
        for seed in range(tables)
    ]
    table = pd.concat(found)
    return table[table["segment"] != "all"]


def labels(size: int) -> np.ndarray:
    return np.repeat([f"e{i:02d}" for i in range(TOGETHER)], size)


def visits(rng, effect=0.0) -> pd.DataFrame:
    """200 customers an experiment with four visits each on average, alike within a customer."""
    n = TOGETHER * 200
    new = rng.random(n) < 0.5
    habit, rows = rng.beta(2, 5, n), 1 + rng.poisson(3, n)
    frame = pd.DataFrame({
        "experiment": labels(200), "variant": np.where(new, "new", "control"), "id": np.arange(n), "habit": habit,
    })  # fmt: skip
    frame = frame.loc[frame.index.repeat(rows)].reset_index(drop=True)
    shift = effect * (frame["variant"] == "new")
    return frame.assign(y=rng.normal(3 * frame["habit"] + shift, 0.5))


def shops(rng, per_arm, effect=0.0) -> pd.DataFrame:
    """Shops of unequal size (their sizes vary by half of the mean), intraclass correlation .05."""
    count = 2 * per_arm * TOGETHER
    size = np.maximum(1, np.round(30 * rng.lognormal(-0.11, 0.47, count))).astype(int)
    shop = np.repeat(np.arange(count), size)
    new = (np.arange(count) % 2 == 0)[shop]
    level = rng.normal(0, 0.05**0.5, count)[shop]
    return pd.DataFrame({
        "experiment": labels(2 * per_arm)[shop], "variant": np.where(new, "new", "control"), "shop": shop,
        "y": 5 + level + effect * new + rng.normal(0, 0.95**0.5, len(shop)),
    })  # fmt: skip


def flags(rng, control, new, size=500) -> pd.DataFrame:
    n = TOGETHER * size
    treated = rng.random(n) < 0.5
    share = np.where(treated, new, control)
    return pd.DataFrame({
        "experiment": labels(size), "variant": np.where(treated, "new", "control"),
        "y": (rng.random(n) < share).astype(int),
    })  # fmt: skip


def missed(table, truth):
    return (table["ci_low"] > truth) | (table["ci_high"] < truth)


def assert_calibrated(tables: int) -> None:
    same = segments(visits, tables, "mean('y')", unit="id")
    assert_rate(same["p_value"] < 0.05, 0.05)
    real = segments(lambda rng: visits(rng, 0.2), tables, "mean('y')", unit="id")
    assert_rate(missed(real, 0.2), 0.05)
    for per_arm in (3, 10):
        found = segments(lambda rng, g=per_arm: shops(rng, g, 0.3), tables, "mean('y')", cluster="shop")
        assert_rate(missed(found, 0.3), 0.05, slack=0.02)
    edge = segments(lambda rng: flags(rng, 0.3, 0.2), tables, "proportion('y', test='non-inferiority', margin=0.1)")
    assert_rate(edge["p_value"] < 0.025, 0.025)
    assert_rate(missed(edge, -0.1), 0.05)
    bound = segments(lambda rng: flags(rng, 0.3, 0.4), tables, "proportion('y', test='equivalence', margin=0.1)")
    assert_rate(bound["p_value"] < 0.025, 0.025)
    mean = segments(lambda rng: visits(rng, -0.2), tables, "mean('y', test='non-inferiority', margin=0.2)", unit="id")
    assert_rate(mean["p_value"] < 0.025, 0.025)
    side = segments(lambda rng: flags(rng, 0.3, 0.3), tables, "proportion('y')", alternative="one-sided")
    assert_rate(side["p_value"] < 0.05, 0.05)


def strata(rng) -> pd.DataFrame:
    """Three countries of unequal size and level; 300 customers."""
    country = rng.choice(3, 300, p=[0.6, 0.3, 0.1])
    new = rng.random(300) < 0.5
    return pd.DataFrame({
        "variant": np.where(new, "new", "control"), "country": np.array(["a", "b", "c"])[country],
        "y": rng.gamma(4.0, 1.0, 300) + 3 * country, "z": rng.poisson(2, 300) + 1,
    })  # fmt: skip


def assert_strata(tables: int) -> None:
    metrics = ["mean('y')", "ratio('y', 'z', role='watched')"]
    found = pd.concat([
        ab_test(strata(np.random.default_rng(seed)), metrics=metrics, strata="country").table for seed in range(tables)
    ])  # fmt: skip
    for name in ("y", "y / z"):
        assert_rate(found.loc[found["metric"] == name, "p_value"] < 0.05, 0.05, slack=0.01)
    mean = found[found["metric"] == "y"]
    narrower = (mean["ci_high"] - mean["ci_low"]) / (mean["raw_ci_high"] - mean["raw_ci_low"])
    assert narrower.median() < 0.8


def test_designs_err_as_often_as_said():
    assert_calibrated(SHORT)


def test_strata_err_as_often_as_said():
    assert_strata(100)


@pytest.mark.calibrate
def test_designs_err_as_often_as_said_at_length():
    assert_calibrated(LONG)


@pytest.mark.calibrate
def test_strata_err_as_often_as_said_at_length():
    assert_strata(1200)
