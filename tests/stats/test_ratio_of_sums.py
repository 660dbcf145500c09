"""A ratio of sums: its variance by hand, its effective number, its coverage; and honest ends where nothing changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from cxlab.stats.ratio_of_sums import effective_number, kept_share, ratios_of_sums


def ratio(later, earlier, **settings):
    return ratios_of_sums(np.asarray(later, dtype=float)[:, None], earlier, **settings)[0]


def test_the_error_is_that_of_a_ratio_estimate():
    later, earlier = np.array([9.0, 11, 0, 10, 14, 8]), np.array([10.0, 9, 5, 12, 11, 8])
    found = ratio(later, earlier)
    rest = later - found.estimate * earlier
    assert found.estimate == pytest.approx(52 / 55)
    assert found.se == pytest.approx(np.sqrt(6 * rest.var(ddof=1)) / 55)


def test_no_interval_is_told_of_few_units_or_few_changes():
    alike = np.full(30, 10.0)
    assert np.isnan(ratio(alike, alike).ci_low), "nothing changed: nobody knows by how much it may"
    assert np.isnan(ratio(np.append(alike[:26], [0, 0, 0, 12]), alike).ci_low), "four changed"
    assert np.isfinite(ratio(np.append(alike[:25], [0, 0, 0, 12, 9]), alike).ci_low)
    assert np.isnan(ratio([0.0] * 9, [10.0] * 9).ci_low)
    assert np.isnan(ratios_of_sums(np.empty((0, 1)), [])[0].estimate)


def test_several_sums_are_what_each_is_alone():
    draw = np.random.default_rng(2)
    earlier = draw.gamma(3, 10, 60)
    tops = earlier[:, None] * draw.choice([0, 1, 1, 1.2], (60, 3))
    together = ratios_of_sums(tops, earlier, seed=4)
    for column, found in zip(tops.T, together, strict=True):
        assert found == pytest.approx(ratio(column, earlier, seed=4))


def test_equal_units_that_stay_or_go_have_the_exact_interval_of_a_share():
    found = kept_share([10.0] * 17 + [0.0] * 3, [10.0] * 20)
    exact = binomtest(17, 20).proportion_ci(method="exact")
    assert found.ci_low == pytest.approx(exact.low, abs=0.02)
    assert found.ci_high == pytest.approx(exact.high, abs=0.02)


def test_a_share_of_all_is_not_certain():
    assert kept_share([5.0] * 8, [5.0] * 8).ci_low == pytest.approx(0.025 ** (1 / 8))
    assert kept_share([0.0] * 8, [5.0] * 8).ci_high == pytest.approx(1 - 0.025 ** (1 / 8))
    assert np.isnan(kept_share([1.0] * 4, [1.0] * 4).ci_low)


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40))
def test_the_effective_number_lies_between_one_and_all(sizes):
    assert 1 - 1e-9 <= effective_number(sizes) <= len(sizes) * (1 + 1e-9)


def test_a_large_sum_and_the_bootstrap_agree(monkeypatch):
    draw = np.random.default_rng(5)
    earlier = draw.gamma(8, 10, 3_000)
    later = earlier * (draw.random(3_000) < 0.9)
    quick = ratio(later, earlier)
    monkeypatch.setattr("cxlab.stats.ratio_of_sums._LARGE", 10_000)
    slow = ratio(later, earlier)
    assert slow[2:] == pytest.approx(quick[2:], abs=0.1 * (quick.ci_high - quick.ci_low))
    assert ratio(later, earlier) == slow, "the same seed draws the same"


def drawn(rng, n, sigma, leave):
    """Customers of very different size: some leave, some grow, some shrink."""
    base = np.exp(rng.normal(4, sigma, n))
    grown = np.where(rng.random(n) < 0.2, 1 + rng.exponential(0.4, n), np.where(rng.random(n) < 0.1, 0.7, 1.0))
    return base * (rng.random(n) > leave) * grown, base


@pytest.mark.parametrize(("n", "sigma", "leave"), [(15, 0.5, 0.15), (30, 1.2, 0.15), (60, 1.0, 0.15), (200, 1.0, 0.03)])
def test_intervals_hold_the_truth_as_often_as_they_say(n, sigma, leave):
    rng, runs = np.random.default_rng(20261127 + n), 300
    net, gross = ((1 - leave) * (0.2 * up + 0.8 * (0.1 * 0.7 + 0.9)) for up in (1.4, 1.0))
    told, hits, kept = 0, 0, 0
    for seed in range(runs):
        later, base = drawn(rng, n, sigma, leave)
        found, share = ratio(later, base, seed=seed), kept_share(np.minimum(later, base), base)
        told += np.isfinite(found.ci_low)
        hits += found.ci_low <= net <= found.ci_high
        kept += share.ci_low <= gross <= share.ci_high
    assert binom.ppf(0.0005, told, 0.93) <= hits <= binom.ppf(0.9995, told, 0.97)
    assert kept >= binom.ppf(0.0005, runs, 0.95), "the exact interval holds it more often than it must"
