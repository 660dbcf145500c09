"""The difference of two estimates by their intervals: Newcombe's for shares, Welch's for means, true to its level."""

import numpy as np
import pytest

from cxlab.stats.changes import changes_between
from cxlab.stats.proportions import newcombe_difference, wilson_interval


def wilson(successes, n, confidence=0.95):
    low, high = wilson_interval(successes, n, confidence=confidence)
    return np.column_stack([np.asarray(successes) / n, low, high])


def test_with_wilson_intervals_it_is_newcombes_difference():
    """Newcombe 1998, method 10, example (a): 56 of 70 and 48 of 80 differ by 0.2, from 0.0524 to 0.3339."""
    found = changes_between(wilson([48], 80), wilson([56], 70))
    assert [round(float(x[0]), 4) for x in (found.difference, found.low, found.high)] == [0.2, 0.0524, 0.3339]
    effect, low, high = newcombe_difference(56, 70, 48, 80)
    np.testing.assert_allclose([found.difference[0], found.low[0], found.high[0]], [effect, low, high], rtol=1e-12)


def test_with_symmetric_intervals_it_is_the_z_test():
    z = 1.959963984540054
    found = changes_between([[10, 10 - z * 3, 10 + z * 3]], [[20, 20 - z * 4, 20 + z * 4]])
    np.testing.assert_allclose([found.low[0], found.high[0]], [10 - z * 5, 10 + z * 5])
    np.testing.assert_allclose(found.p_value, 0.04550026389635842)  # two-sided, 2 standard errors


def test_intervals_of_other_levels_say_the_same():
    one = changes_between(wilson([48], 80), wilson([56], 70))
    z = np.array([1.6448536269514722, 1.959963984540054])
    rows = [[0.5, 0.5 - k * 0.02, 0.5 + k * 0.02] for k in z]
    found = changes_between([rows[0]], [rows[1]], levels=(0.90, 0.95))
    np.testing.assert_allclose(found.high - found.low, 2 * z[1] * 0.02 * np.sqrt(2))
    assert one.p_value[0] < 0.05


def test_forth_and_back_mirror_each_other():
    forth, back = changes_between(wilson([5], 80), wilson([16], 70)), changes_between(wilson([16], 70), wilson([5], 80))
    np.testing.assert_allclose([forth.low, forth.high, forth.p_value], [-back.high, -back.low, back.p_value])


def test_nothing_changed_is_no_finding_and_missing_stays_missing():
    found = changes_between([[1.0, 1.0, 1.0], [0.5, np.nan, 0.6]], [[1.0, 1.0, 1.0], [0.5, 0.4, 0.6]])
    assert found.p_value[0] == 1
    assert np.isnan(found.low[1])


def test_the_p_value_agrees_with_the_interval():
    generator = np.random.default_rng(20260611)
    first, second = generator.binomial(200, 0.3, 400), generator.binomial(150, 0.38, 400)
    found = changes_between(wilson(first, 200), wilson(second, 150))
    outside = (found.low > 0) | (found.high < 0)
    np.testing.assert_array_equal(found.p_value < 0.05, outside)


@pytest.mark.parametrize(("overlap", "most"), [(0.0, 0.062), (0.5, 0.03)])
def test_false_alarms_stay_at_the_level_and_shared_customers_make_them_rarer(overlap, most):
    generator, runs, n = np.random.default_rng(417), 4000, 400
    shared = generator.binomial(int(n * overlap), 0.2, runs)
    first, second = (shared + generator.binomial(n - int(n * overlap), 0.2, runs) for _ in range(2))
    found = changes_between(wilson(first, n), wilson(second, n))
    alarms = np.mean(found.p_value < 0.05)
    assert alarms < most
    assert alarms > (0.04 if overlap == 0 else 0.0)
