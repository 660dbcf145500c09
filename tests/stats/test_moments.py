"""Sums that add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxlab.stats.moments import Moments

NUMBERS = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30)


@given(NUMBERS, NUMBERS, st.floats(-50, 50))
def test_parts_add_up_to_the_whole(left, right, centre):
    parts = Moments.of([left], [centre]) + Moments.of([right], [centre])
    both = np.array(left + right)
    assert parts.n == len(both)
    assert parts.mean[0] == pytest.approx(both.mean(), abs=1e-9)
    assert parts.covariance[0, 0] == pytest.approx(both.var(ddof=1), rel=1e-6, abs=1e-6)


def test_covariances_are_numpys():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(3, 50))
    assert Moments.of(values, [1, 2, 3]).covariance == pytest.approx(np.cov(values))


def test_centring_keeps_the_spread_of_values_far_from_zero():
    values = 1e9 + np.array([0.0, 1.0, 2.0, 3.0])
    assert Moments.of([values], [1e9]).covariance[0, 0] == pytest.approx(5 / 3)


def test_a_weighted_sum_has_the_mean_and_variance_of_its_values():
    x, y = np.array([1.0, 2.0, 4.0]), np.array([3.0, 1.0, 5.0])
    mean, variance = Moments.of([x, y]).combine([2, -1], 10.0)
    values = 10 + 2 * x - y
    assert (mean, variance) == pytest.approx((values.mean(), values.var(ddof=1)))
