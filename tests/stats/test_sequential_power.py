"""What looking early costs: against Jennison and Turnbull's tables, and against simulated walks."""

import numpy as np
import pytest

from cxlab.stats.sequential import classical_bounds, spending_bounds
from cxlab.stats.sequential_power import looking_cost


@pytest.mark.parametrize(
    ("shape", "power", "inflations"),
    [
        ("pocock", 0.8, {2: 1.110, 3: 1.166, 4: 1.202, 5: 1.229, 10: 1.301}),
        ("pocock", 0.9, {2: 1.100, 3: 1.151, 4: 1.183, 5: 1.207, 10: 1.271}),
        ("obrien-fleming", 0.8, {2: 1.008, 3: 1.017, 4: 1.024, 5: 1.028, 10: 1.040}),
        ("obrien-fleming", 0.9, {2: 1.007, 3: 1.016, 4: 1.022, 5: 1.026, 10: 1.037}),
    ],
)
def test_inflations_are_those_of_the_tables(shape, power, inflations):
    # Jennison & Turnbull (2000), tables 2.2 and 2.4, recalled: R_P(K, .05, beta) and R_B(K, .05, beta)
    for looks, expected in inflations.items():
        times, limits = (
            [(look + 1) / looks for look in range(looks)],
            [*map(float, classical_bounds(looks, shape=shape))],
        )
        assert looking_cost(times, lambda _, limits=limits: limits, power=power).inflation == pytest.approx(
            expected, abs=6e-4
        )


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock", "hwang-shih-decani"])
def test_walks_cross_as_often_and_stop_as_early_as_is_reckoned(spending):
    times, runs = np.array([0.2, 0.5, 0.7, 1.0]), 40_000
    limits = spending_bounds(times, spending=spending)
    cost = looking_cost(times, lambda _: limits, power=0.8)
    steps = np.diff([0.0, *times])
    noise = np.random.default_rng(7).normal(size=(runs, len(times))) * np.sqrt(steps)
    for drift, share, crossed in ((cost.drift, cost.expected, 0.8), (0.0, cost.expected_null, 0.025)):
        z = (noise + drift * steps).cumsum(axis=1) / np.sqrt(times)
        beyond = np.abs(z) >= limits
        first = np.where(beyond.any(axis=1), beyond.argmax(axis=1), len(times) - 1)
        up = beyond.any(axis=1) & (z[np.arange(runs), first] > 0)
        assert up.mean() == pytest.approx(crossed, abs=4 * np.sqrt(crossed * (1 - crossed) / runs))
        assert times[first].mean() == pytest.approx(share, abs=4 * times[first].std() / np.sqrt(runs))


def test_one_look_costs_nothing():
    assert looking_cost([1.0], lambda _: [1.959964], power=0.8).inflation == pytest.approx(1, abs=1e-5)
