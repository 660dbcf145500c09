"""Who comes, and how soon those come who do: against counting by hand, the plain median, and what cannot be told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.stats.arrivals import arrivals
from cxlab.stats.proportions import wilson_interval
from cxlab.stats.survival import kaplan_meier


def test_where_everybody_could_be_watched_it_is_counting():
    found = arrivals([1, 2, 3, 4, 5, 6, 99, 99], [1] * 6 + [0] * 2, horizon=50)
    assert found.share == pytest.approx((0.75, *(float(one) for one in wilson_interval(6, 8))))
    assert found.median[0] == 3


def test_the_published_survival_times_are_told_where_all_come_in_the_end():
    """Freireich et al. 1963, placebo arm: all relapse, median 8 weeks (4 to 11 by R's plain interval)."""
    weeks = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    found = arrivals(weeks, [1] * 21, horizon=50)
    assert found.median == (8, 4, 11)
    assert found.share[0] == 1 and found.share[2] == 1


def test_who_may_still_come_makes_the_share_that_of_the_curve():
    time, came = [1, 2, 2, 3, 4, 5, 6, 7], [1, 1, 0, 1, 0, 1, 0, 1]
    curve = kaplan_meier(time, came)
    found = arrivals(time, came, horizon=6)
    left, low, high = (float(one[0]) for one in curve.at(6))
    assert found.share == pytest.approx((1 - left, 1 - high, 1 - low))


def test_what_comes_after_the_horizon_does_not_count():
    early = arrivals([1, 2, 3, 4, 5, 30, 40], [1] * 7, horizon=10)
    assert early == arrivals([1, 2, 3, 4, 5, 99, 99], [1] * 5 + [0] * 2, horizon=10)


def test_no_time_is_told_of_fewer_than_five():
    found = arrivals([1, 2, 3, 4, 9, 9], [1, 1, 1, 1, 0, 0], horizon=9)
    assert np.isnan(found.median).all() and found.share[0] == pytest.approx(4 / 6)
    none = arrivals([9, 9], [0, 0], horizon=9)
    assert none.share[0] == 0 and none.share[1] == 0 and np.isnan(none.median).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(8, 60))
def test_limits_hold_the_estimate_and_weights_are_copies(seed, n):
    draw = np.random.default_rng(seed)
    time, came = draw.integers(1, 12, n), draw.integers(0, 2, n)
    weights = draw.integers(1, 4, n)
    found = arrivals(time, came, horizon=10, weights=weights)
    copied = arrivals(np.repeat(time, weights), np.repeat(came, weights), horizon=10)
    for one, other in zip(found, copied, strict=True):
        assert one == pytest.approx(other, nan_ok=True)
        if not np.isnan(one).any():
            assert one[1] <= one[0] <= one[2]
    assert arrivals(3.0 * time, came, horizon=30, weights=weights).median == pytest.approx(
        tuple(3 * v for v in found.median), nan_ok=True
    )
