"""Places that switch between variants: numbers against least squares and enumeration, checks, refusals."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st

import cxlab as cx
from cxlab.errors import DataError, ParameterError
from cxlab.stats.relative import fieller
from cxlab.stats.switchback import (
    Blocks,
    Redrawn,
    contrast,
    effects_matrix,
    interval_by_lot,
    redraw,
    robust_difference,
    robust_ratio,
)
from tests.experiments.switching import switching

WAIT = ["mean('wait', direction='lower')"]
GIVEN = {"time": "at", "cluster": "city", "switchback": "4h"}


def check(found, name):
    return next(one for one in found.checks if one.name == name)


@pytest.fixture(scope="module")
def rows():
    return switching(3, effect=1.5, weeks=2, carried=0.9)


@pytest.fixture(scope="module")
def found(rows):
    return cx.ab_test(rows, metrics=WAIT, carry_over="30min", **GIVEN)


def blocks_of(rows, carry_over="30min"):
    """One row per city and four hours, by pandas alone."""
    frame = rows.assign(start=rows["at"].dt.floor("4h"))
    periods = frame.groupby(["city", "start"], as_index=False)["variant"].first()
    before = periods.groupby("city")["variant"].shift()
    periods["switched"] = before.notna() & (before != periods["variant"])
    frame = frame.merge(periods[["city", "start", "switched"]])
    kept = frame[~(frame["switched"] & (frame["at"] - frame["start"] < pd.Timedelta(carry_over)))]
    blocks = kept.groupby(["city", "start", "variant"], as_index=False)["wait"].mean()
    return blocks.assign(new=(blocks["variant"] == "new").astype(float), hour=blocks["start"].dt.hour.astype(str)), kept


def test_the_effect_is_that_of_least_squares_on_the_periods(rows, found):
    blocks, kept = blocks_of(rows)
    fit = smf.ols("wait ~ new + C(city) + C(hour)", blocks).fit()
    assert found.table["effect"][0] == pytest.approx(fit.params["new"], rel=1e-9)
    left_out = len(rows) - len(kept)
    assert f"{left_out:,} rows within 30min after a switch are left out" in check(found, "unit_of_analysis").message
    assert found.tables["switchback"]["n"][0] == (blocks["new"] == 1).sum()


def test_single_periods_as_clusters_give_hc2():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"d": rng.permutation([0.0, 1.0] * 12), "p": np.repeat([0, 1], 12), "y": rng.normal(size=24)})
    blocks = Blocks(frame["d"].to_numpy(), frame["y"].to_numpy(), effects_matrix(frame["p"].to_numpy()))
    fit = smf.ols("y ~ d + C(p)", frame).fit(cov_type="HC2")
    ours = robust_difference(blocks, np.arange(24), confidence=0.95)
    assert (ours.effect, ours.se) == pytest.approx((fit.params["d"], fit.bse["d"]), rel=1e-9)


def enumerated(treated, values):
    """Every assignment with as many treated."""
    n, k = len(treated), int(treated.sum())
    drawn = np.array([[float(i in chosen) for i in range(n)] for chosen in combinations(range(n), k)]).T
    basis = np.full((n, 1), n**-0.5)
    rest = drawn - drawn.mean(axis=0)
    below = (rest * drawn).sum(axis=0)
    parts = [(rest * v[:, None]).sum(axis=0) / below for v in (values, values * treated, treated)]
    observed = [contrast(Blocks(treated, v, basis)) for v in (values, values * treated)]
    return observed, Redrawn(*parts)


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=8), st.floats(-3, 3))
def test_the_interval_holds_exactly_the_effects_that_the_lot_does_not_reject(values, shift):
    treated, values = np.array([1.0, 0, 1, 1, 0, 0, 1, 0]), np.array(values)
    observed, drawn = enumerated(treated, values)
    (low, high), _, _ = interval_by_lot(observed, drawn, confidence=0.8)
    for effect in (low + 1e-6, high - 1e-6, low - 1e-6, high + 1e-6, shift):
        if not np.isfinite(effect) or min(abs(effect - low), abs(effect - high)) < 1e-7:
            continue
        moved, again = enumerated(treated, values - effect * treated)
        p_value = interval_by_lot(moved, again, confidence=0.8)[2]
        if abs(p_value - 0.2) > 1e-9 and low < high - 1e-5:
            assert (low <= effect <= high) == (p_value > 0.2)


def test_drawing_keeps_as_many_treated_in_every_stratum():
    treated, strata = np.array([1.0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 1, 1, 1])
    drawn = redraw(treated, strata, 50, 3)
    assert (drawn[:3].sum(axis=0) == 1).all()
    assert (drawn[3:] == 1).all()


def test_p_and_interval_agree_and_come_again(rows, found):
    row = found.table.iloc[0]
    assert (row["p_value"] < 0.05) == (not row["ci_low"] <= 0 <= row["ci_high"])
    assert row["ci_low"] < 1.5 < row["ci_high"]
    assert row["relative_effect"] == pytest.approx(row["effect"] / row["control_estimate"])
    again = cx.ab_test(rows, metrics=WAIT, carry_over="30min", **GIVEN)
    assert again.table.equals(found.table)


def test_what_carries_over_is_seen_by_time_since_the_switch_and_told():
    rows = switching(6, effect=6.0, weeks=3, carried=1.0)
    careless, found = (cx.ab_test(rows, metrics=WAIT, carry_over=left, **GIVEN) for left in (None, "30min"))
    assert not check(careless, "carry_over").passed
    assert "carry_over=" in check(careless, "carry_over").message
    assert check(found, "carry_over").passed
    assert list(found._display()["By time since a switch: wait"]["Periods"]) == [
        f"{n:,}" for n in found.tables["since_switch"]["n"]
    ]
    first, *_, last = careless.tables["since_switch"].query("variant == 'new'")["effect"]
    assert first < last
    assert careless.table["effect"][0] < found.table["effect"][0]


def test_how_periods_were_assigned_is_looked_at():
    drawn, strict, long = (check(cx.ab_test(switching(2, weeks=2, way=way), metrics=WAIT, **GIVEN), "assignment_by_lot")
                           for way in ("lot", "alternating", "days"))  # fmt: skip
    assert drawn.passed
    assert not strict.passed
    assert "alternate strictly" in strict.message
    assert not long.passed
    assert "longer" in long.message


def test_alternating_periods_rest_on_days_and_places_may_switch_together():
    strict = cx.ab_test(switching(2, weeks=2, way="alternating"), metrics=WAIT, **GIVEN)
    assert strict.table["method"][0] == "switchback, CR2 over days"
    together = cx.ab_test(switching(4, weeks=2, way="together"), metrics=WAIT, **GIVEN)
    assert "all places at once" in check(together, "assignment_by_lot").message


def test_shares_ratios_three_variants_one_place_and_values_that_are_missing():
    rows = switching(5, weeks=2, variants=("control", "a", "b"), cities=1)
    rows.loc[::17, "wait"] = np.nan
    metrics = ["proportion('late')", "ratio('wait', 'rows')", *WAIT]
    table = cx.ab_test(rows.assign(rows=1), metrics=metrics, time="at", switchback="4h").table
    assert list(table["variant"]) == ["a", "b"] * 3
    assert table["effect"].notna().all()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"time": None}, "`switchback` needs `time`"),
        ({"switchback": None, "carry_over": "5min", "cluster": None}, "`carry_over` needs `switchback`"),
        ({"carry_over": "4h"}, "expected a carry-over shorter than a period"),
        ({"switchback": "4"}, "`switchback` is '4'; expected a number with a unit"),
        ({"strata": "city", "cluster": None}, "`switchback` and `strata` cannot be given together"),
        ({"segment": "city"}, "`switchback` and `segment` cannot be given together"),
        ({"monitoring": "pocock", "planned_n": 90}, "`switchback` and `monitoring` cannot be given together"),
        ({"alternative": "one-sided"}, "`switchback` and `alternative` cannot be given together"),
        ({"metrics": ["quantile('wait', q=0.5)"]}, "is of the kind 'quantile'"),
        ({"metrics": ["mean('wait', covariate='late')"]}, "cannot adjust 'wait'"),
        ({"metrics": ["mean('wait', cap=30)"]}, "`cap` of 'wait' cannot be used"),
        ({"metrics": ["mean('wait', test='non-inferiority', margin=1)"]}, "cannot test 'wait' against a margin"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_by_name(rows, given, said):
    with pytest.raises(ParameterError, match=said):
        cx.ab_test(rows, **{"metrics": WAIT, **GIVEN, **given})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cluster": None}, "hold rows of several variants, such as the one from .*name the column of what switches"),
        ({"switchback": "12h"}, r"periods of 12h hold rows of several variants, such as the one from .* in 'c0'"),
        ({"time": "city"}, "city"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_the_periods_are_refused_with_an_example(rows, given, said):
    with pytest.raises(DataError, match=said):
        cx.ab_test(rows, **{"metrics": WAIT, **GIVEN, **given})


def test_a_variant_with_one_period_is_refused(rows):
    period = rows["city"] + rows["at"].dt.floor("4h").astype(str)
    first = period[rows["variant"] == "new"].iloc[0]
    with pytest.raises(DataError, match="Variant 'new' has 1 period of 4h"):
        cx.ab_test(rows[(rows["variant"] == "control") | (period == first)], metrics=WAIT, **GIVEN)


@given(st.lists(st.floats(1, 9), min_size=8, max_size=8), st.floats(0.4, 2.5))
def test_the_relative_interval_holds_exactly_the_factors_that_the_lot_does_not_reject(values, factor):
    treated, values = np.array([1.0, 0, 1, 1, 0, 0, 1, 0]), np.array(values)
    observed, drawn = enumerated(treated, values)
    _, (low, high), _ = interval_by_lot(observed, drawn, confidence=0.8)
    moved, again = enumerated(treated, np.where(treated > 0, values / factor, values))
    p_value = interval_by_lot(moved, again, confidence=0.8)[2]
    if min(abs(factor - low), abs(factor - high)) > 1e-7 and abs(p_value - 0.2) > 1e-9:
        assert (low <= factor <= high) == (p_value > 0.2)


@given(st.lists(st.floats(1, 9), min_size=12, max_size=12))
def test_over_days_the_relative_interval_excludes_zero_where_the_absolute_one_does(values):
    treated, places = np.array([1.0, 0] * 6), np.repeat([0, 1], 6)
    blocks, clusters = Blocks(treated, np.array(values), effects_matrix(places)), np.arange(12) // 2
    found, ratio = (test(blocks, clusters, confidence=0.9) for test in (robust_difference, robust_ratio))
    if ratio.ci_low is not None and min(abs(found.ci_low), abs(found.ci_high)) > 1e-9:
        assert (ratio.ci_low <= 0 <= ratio.ci_high) == (found.ci_low <= 0 <= found.ci_high)


def test_with_independent_blocks_the_relative_interval_is_fiellers():
    rng = np.random.default_rng(2)
    treated, values = np.repeat([1.0, 0.0], 40), rng.normal(9, 2, 80)
    blocks = Blocks(treated, values, np.full((80, 1), 80**-0.5))
    ours = robust_ratio(blocks, np.arange(80), confidence=0.95)
    one, zero = values[:40], values[40:]
    quantile = robust_difference(blocks, np.arange(80), confidence=0.95).quantile
    theirs = fieller(one.mean(), one.var(ddof=1) / 40, zero.mean(), zero.var(ddof=1) / 40, quantile=quantile)
    assert ours == pytest.approx(theirs, rel=0.02)


def test_it_speaks_of_periods_and_counts_them(found):
    n = found.tables["switchback"].iloc[0]
    assert (found.table["n"][0], found.table["control_n"][0]) == (n["n"], n["control_n"])
    assert found.scope.startswith(f"{n['n'] + n['control_n']} periods")
    assert "Effects over all periods" in found._display()
    assert found.to_html().casefold().count("customer") == found.to_html().count("customers one by one")


@pytest.mark.parametrize(("weeks", "words"), [(2, "at the same time of day"), (5, "at the same time of the week")])
def test_a_variant_that_is_but_another_name_for_the_hour_is_refused(weeks, words):
    with pytest.raises(DataError, match=f"never on in the same place {words}"):
        cx.ab_test(switching(2, weeks=weeks, way="alternating", cities=1), metrics=WAIT, **GIVEN)


def test_few_days_that_alternate_are_said_to_rest_on_periods():
    rows = switching(2, weeks=2, way="alternating")
    few = cx.ab_test(rows[rows["at"] < "2026-03-05"], metrics=WAIT, **GIVEN)
    assert "fewer than four days" in check(few, "assignment_by_lot").message
