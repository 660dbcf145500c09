"""Means of the parts of a distribution, and the tests between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.stats.heterogeneity import heterogeneity_test
from cxlab.stats.tail_means import carrying_p, equal_parts, log_parts, part_means_of

CUTS = (0.5, 0.75, 0.9)
VALUES = st.lists(st.sampled_from([0, 0, 0, 1, 2, 5, 9.5, 40, -3]), min_size=2, max_size=80)


@given(VALUES)
def test_parts_rise_and_add_up_to_the_mean_whatever_the_ties(values):
    found = part_means_of(values, CUTS)
    assert found.means @ found.widths == pytest.approx(np.mean(values), abs=1e-9)
    assert np.all(np.diff(found.means) >= -1e-9)
    total = found.widths @ found.covariance @ found.widths
    assert total == pytest.approx(np.var(values, ddof=1) / len(values), abs=1e-9)


def test_parts_of_whole_customers_are_their_averages():
    """Without ties and with cuts between customers a part is a plain average."""
    y = np.sort(np.random.default_rng(3).lognormal(0, 1.5, 200))
    wanted = [y[:100].mean(), y[100:150].mean(), y[150:180].mean(), y[180:].mean()]
    assert part_means_of(y, CUTS).means == pytest.approx(wanted)


def test_the_top_tenth_of_an_exponential_is_that_of_its_formula():
    """Mean beyond the quantile q of an exponential: q + 1; variance from the linear form: (2 / w - 1) / n."""
    found = part_means_of(np.random.default_rng(4).exponential(1, 400_000), [0.9])
    assert found.means[1] == pytest.approx(np.log(10) + 1, abs=0.02)
    assert found.covariance[1, 1] * 400_000 == pytest.approx(2 / 0.1 - 1, rel=0.03)


def test_independent_parts_are_cochrans_q():
    effects, variances = [0.1, 0.25, -0.05, 0.3], [0.004, 0.006, 0.005, 0.01]
    found, known = equal_parts(effects, np.diag(variances)), heterogeneity_test(effects, variances)
    assert (found.statistic, found.df, found.p_value) == pytest.approx((known.q, known.df, known.p_value))
    assert equal_parts([1.0], [[1.0]]) is None


@settings(max_examples=30)
@given(st.floats(0.01, 100), st.integers(0, 99))
def test_neither_unit_of_money_nor_swapping_moves_the_tests(scale, seed):
    rng = np.random.default_rng(seed)
    one, zero = (np.where(rng.random(500) < 0.6, rng.lognormal(0, 1, 500), 0.0) for _ in range(2))
    plain, other = ([part_means_of(y * k, CUTS) for y in (one, zero)] for k in (1, scale))
    for left, right in ((plain, other), (plain, plain[::-1])):
        tests = [
            equal_parts(a.means[1:] - b.means[1:], (a.covariance + b.covariance)[1:, 1:]) for a, b in (left, right)
        ]
        assert tests[0].p_value == pytest.approx(tests[1].p_value, abs=1e-6)
        assert carrying_p(*left) == pytest.approx(carrying_p(*right), abs=1e-6)


def test_equal_percentages_have_equal_logs():
    y = np.random.default_rng(5).lognormal(0, 1, 1000)
    ratios, covariance = log_parts(part_means_of(1.2 * y, CUTS), part_means_of(y, CUTS), [0, 1, 2, 3])
    assert ratios == pytest.approx(np.full(4, np.log(1.2)))
    assert np.all(np.linalg.eigvalsh(covariance) > 0)


def test_the_part_that_brings_the_change_is_found_and_a_part_without_spread_is_not():
    rng = np.random.default_rng(6)
    old, new = (np.where(rng.random(4000) < 0.3, rng.lognormal(0, 1, 4000), 0.0) for _ in range(2))
    new = np.where(new > np.quantile(new, 0.9), new * 1.8, new)
    found = carrying_p(part_means_of(new, CUTS), part_means_of(old, CUTS))
    assert found[3] < 0.001
    assert found[0] == 1.0
