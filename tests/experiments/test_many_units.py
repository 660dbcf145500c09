"""Many units: sums of one pass give what a look at each unit gives, and another look is taken where they do not."""

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.data import contracts
from cxlab.experiments import ab_test, rows
from cxlab.stats.covariates import fit_line, hc2_variance
from cxlab.stats.moments import Moments

N = 8_000
METRICS = ["proportion('bought')", "mean('revenue', covariate='before')", "ratio('carts', 'visits')"]


def users(seed=3, **changed):
    draw = np.random.default_rng(seed)
    before = np.where(draw.random(N) < 0.5, draw.lognormal(2.0, 0.5, N), 0.0)
    visits = 1 + draw.poisson(3, N)
    variant = np.where(draw.random(N) < 0.5, "control", "new")
    return pd.DataFrame({
        "unit": np.arange(N), "variant": variant, "plan": draw.choice(["free", "paid"], N),
        "bought": draw.integers(0, 2, N), "revenue": before / 3 + draw.exponential(4, N) + 0.3 * (variant == "new"),
        "before": before, "visits": visits, "carts": draw.binomial(visits, 0.3),
    }).assign(**changed)  # fmt: skip


@pytest.fixture
def seen(monkeypatch):
    """What is asked of the engine; every table counts as one of many rows, and a thousandth is close enough."""
    asked, ask = [], type(cx.table(pd.DataFrame({"unit": [1]}))).query

    def query(self, sql):
        asked.append(sql)
        return ask(self, sql)

    monkeypatch.setattr("cxlab.data.tables.Table.query", query)
    monkeypatch.setattr(rows, "_MANY", 1)
    monkeypatch.setattr("cxlab.experiments.adjustment._CLOSE", 1e-2)
    return asked


def looked_again(asked):
    return any("k.c1_slope" in sql for sql in asked)


def by_hand(frame):
    """Lin's standard error with HC2, unit by unit."""
    at, variance = frame["before"].mean(), 0.0
    for _, arm in frame.groupby("variant"):
        y, x = arm["revenue"].to_numpy(), arm["before"].to_numpy()
        variance += hc2_variance(fit_line(Moments.of([y, x]), [1, 0], [0, 1]), at, y, x)
    return variance**0.5


def test_one_pass_gives_what_a_look_at_each_unit_gives(seen):
    frame = users()
    found = ab_test(frame, metrics=METRICS).table
    assert not looked_again(seen)
    assert found["se"].iloc[1] == pytest.approx(by_hand(frame), rel=1e-4)


def test_segments_are_spared_the_second_look_too(seen):
    frame = users()
    found = ab_test(frame, metrics=METRICS, segment="plan").table
    assert not looked_again(seen)
    inside = found[(found["metric"] == "revenue") & (found["segment"] == "paid")].iloc[0]
    assert inside["se"] == pytest.approx(by_hand(frame[frame["plan"] == "paid"]), rel=1e-4)


def test_without_the_other_way_all_numbers_are_the_same(seen, monkeypatch):
    once = ab_test(users(), metrics=METRICS, segment="plan").table
    monkeypatch.setattr(contracts, "_ends", lambda *_: None)  # nobody knows that nothing is missing
    again = ab_test(users(), metrics=METRICS, segment="plan").table
    assert looked_again(seen)
    pd.testing.assert_frame_equal(once, again, rtol=2e-4)
    plain = once["metric"] != "revenue"
    pd.testing.assert_frame_equal(once[plain], again[plain], rtol=1e-9)


def test_a_unit_that_bends_the_line_has_every_unit_looked_at(seen):
    before = users()["before"].to_numpy(copy=True)
    before[7] = 5e4
    frame = users(before=before)
    found = ab_test(frame, metrics=METRICS).table
    assert looked_again(seen)
    assert found["se"].iloc[1] == pytest.approx(by_hand(frame), rel=1e-9)


@pytest.mark.parametrize("column", ["revenue", "before"])
def test_a_missing_value_has_every_unit_looked_at(seen, column):
    frame = users()
    frame.loc[:99, column] = np.nan
    found = ab_test(frame, metrics=METRICS).table.iloc[1]
    assert looked_again(seen)
    assert found["n"] + found["control_n"] == N - (100 if column == "revenue" else 0)


def test_values_too_large_for_fourth_powers_have_every_unit_looked_at(seen):
    frame = users()
    frame["before"] *= 1e60
    found = ab_test(frame, metrics=METRICS).table
    assert looked_again(seen)
    assert found["se"].iloc[1] == pytest.approx(by_hand(users()), rel=1e-6)


def test_rows_in_order_of_the_covariate_lose_no_digits(seen):
    frame = users(unit=np.arange(N)).sort_values("before")
    frame["before"] += 1e5
    found = ab_test(frame, metrics=METRICS).table
    assert found["se"].iloc[1] == pytest.approx(by_hand(frame), rel=1e-4)


def test_a_capped_covariate_lies_below_its_cap(seen):
    found = ab_test(users(), metrics=["mean('revenue', covariate='before', cap=20)"]).table
    frame = users().assign(before=lambda f: f["before"].clip(upper=20), revenue=lambda f: f["revenue"].clip(upper=20))
    assert not any("k.c0_slope" in sql for sql in seen)
    assert found["se"].iloc[0] == pytest.approx(by_hand(frame), rel=1e-4)
