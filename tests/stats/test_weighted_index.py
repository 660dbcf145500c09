"""The weighted mean of several shares of the same people."""

import numpy as np
import pytest

from cxlab.stats.weighted_index import weighted_index


def test_the_index_is_the_weighted_mean_and_missing_where_a_share_is():
    found = weighted_index([[1, 2], [3, 4]], [[10, 10], [10, 10]], [1, 3])
    assert found.estimate == pytest.approx((0.15 + 3 * 0.35) / 4)
    assert np.isnan(weighted_index([[1, 2], [0, 0]], [[10, 10], [0, 0]], [1, 3]).estimate)
    assert weighted_index([[1, 2], [0, 0]], [[10, 10], [0, 0]], [1, 0]).estimate == pytest.approx(0.15)


def test_one_share_has_the_error_of_a_delete_a_group_jackknife():
    """One group left out of four alike ones: t with 3 degrees of freedom on the spread of the four shares."""
    y, m = np.array([[2, 4, 6, 8]]), np.full((1, 4), 10)
    found = weighted_index(y, m, [1])
    without = (20 - y[0]) / 30
    error = np.sqrt(3 / 4 * ((without - without.mean()) ** 2).sum())
    assert found.ci_high - found.estimate == pytest.approx(3.182446 * error)


def test_people_in_one_group_only_have_no_interval():
    found = weighted_index([[5, 0]], [[10, 0]], [1])
    assert found.estimate == 0.5 and np.isnan(found.ci_low)
