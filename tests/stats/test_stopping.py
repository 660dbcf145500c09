"""What looking costs, and what an estimate is worth after a stop."""

import numpy as np
import pytest

from cxlab.stats.sequential import classical_bounds, spending_bounds
from cxlab.stats.stopping import looking_cost, stagewise

EVEN = [0.2, 0.4, 0.6, 0.8, 1.0]


@pytest.mark.parametrize(
    ("shape", "factors"),
    [("pocock", [1.110, 1.166, 1.202, 1.229]), ("obrien-fleming", [1.008, 1.017, 1.024, 1.028])],
)
def test_inflation_is_the_published_one(shape, factors):
    """Jennison & Turnbull (2000), tables 2.2 and 2.4: two-sided 5 %, power 80 %, 2 to 5 looks."""
    found = [
        looking_cost([(k + 1) / n for k in range(n)], bounds=classical_bounds(n, shape=shape)).inflation
        for n in (2, 3, 4, 5)
    ]
    assert found == pytest.approx(factors, abs=6e-4)


def test_one_look_costs_nothing():
    cost = looking_cost([1.0])
    assert (cost.inflation, cost.expected_share) == pytest.approx((1.0, 1.0), abs=1e-6)


def test_a_stop_at_the_first_look_needs_no_correction():
    found = stagewise([0.2], [4.88], 5.0)
    assert found.estimate * np.sqrt(0.2) == pytest.approx(5.0, abs=1e-3)
    assert found.p_value == pytest.approx(5.7e-7, rel=0.02)


def test_without_an_effect_the_p_value_on_the_last_limit_is_all_that_was_spent():
    limits = spending_bounds(EVEN)
    assert stagewise(EVEN, limits, float(limits[-1])).p_value == pytest.approx(0.05, abs=1e-5)


def stopped_tests(number):
    """Simulated tests with Pocock's limits: the truth, where each stopped and with which z."""
    rng, drift = np.random.default_rng(5), 2.4
    limits = spending_bounds(EVEN, spending="pocock")
    z = np.cumsum(rng.normal(drift * 0.2, np.sqrt(0.2), (number, 5)), axis=1) / np.sqrt(EVEN)
    crossed = np.abs(z) > limits
    stop = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 4)
    found = [stagewise(EVEN[: k + 1], limits[: k + 1], float(row[k])) for k, row in zip(stop, z, strict=True)]
    naive = [row[k] / np.sqrt(EVEN[k]) for k, row in zip(stop, z, strict=True)]
    return drift, found, naive


def assert_unbiased(number, *, half, cover):
    drift, found, naive = stopped_tests(number)
    assert np.mean([one.estimate > drift for one in found]) == pytest.approx(0.5, abs=half)
    assert np.mean([one.ci_low <= drift <= one.ci_high for one in found]) == pytest.approx(0.95, abs=cover)
    assert np.mean(naive) > np.mean([one.estimate for one in found]) + 0.15


def test_the_estimate_after_a_stop_is_as_often_too_large_as_too_small():
    assert_unbiased(150, half=0.13, cover=0.06)


@pytest.mark.calibrate
def test_the_estimate_after_a_stop_is_as_often_too_large_as_too_small_at_length():
    assert_unbiased(2_000, half=0.035, cover=0.016)


def test_losing_is_winning_mirrored():
    limits = spending_bounds(EVEN)
    up, down = stagewise(EVEN[:4], limits[:4], 2.6), stagewise(EVEN[:4], limits[:4], -2.6)
    assert down.p_value == pytest.approx(up.p_value, rel=0.15)
