"""Limits for several looks: published and computed elsewhere, and what must hold for any looks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from cxlab.errors import ParameterError
from cxlab.stats.crossings import HIGHEST, crossing_probabilities
from cxlab.stats.sequential import (
    classical_bounds,
    peeking_error,
    repeated_p_value,
    spending_bounds,
    spent,
)
from tests.stats.experiment_vectors import vector

EVEN = [0.2, 0.4, 0.6, 0.8, 1.0]
SPENDINGS = ("obrien-fleming", "pocock", "hwang-shih-decani")


@pytest.mark.parametrize(
    ("name", "spending"), [("gs_ldof5", "obrien-fleming"), ("gs_ldp5", "pocock"), ("gs_hsd4", "hwang-shih-decani")]
)
def test_limits_from_spending_are_those_of_rpact(name, spending):
    """rpact 3.3.4, getDesignGroupSequential with asOF, asP and asHSD (gamma -4)."""
    given_, expected, tolerance = vector(name)
    looks = [(k + 1) / given_["K"] for k in range(given_["K"])]
    found = spending_bounds(looks, alpha=given_["alpha"], spending=spending)
    assert found == pytest.approx(expected["z"], rel=tolerance)
    used = [spent(time, alpha=given_["alpha"], spending=spending) for time in looks]
    assert used == pytest.approx(expected["alpha_spent"], rel=tolerance)


@pytest.mark.parametrize(("name", "shape"), [("gs_pocock5", "pocock"), ("gs_obf5", "obrien-fleming")])
def test_classical_limits_are_the_published_ones(name, shape):
    """rpact 3.3.4; Jennison & Turnbull (2000), tables 2.1 and 2.3."""
    given_, expected, tolerance = vector(name)
    found = classical_bounds(given_["K"], alpha=given_["alpha"], shape=shape)
    assert found == pytest.approx(expected["z"], rel=tolerance)
    up, _ = crossing_probabilities(EVEN, found.tolist())
    assert np.cumsum(up) == pytest.approx(expected["alpha_spent"], rel=tolerance)


def test_reading_every_look_as_the_only_one_errs_as_published():
    """rpact 3.3.4; Armitage, McPherson & Rowe (1969)."""
    given_, expected, tolerance = vector("peeking_fpr")
    assert [peeking_error(range(1, k + 1)) for k in given_["K"]] == pytest.approx(expected["fpr"], rel=tolerance)


@pytest.mark.parametrize("spending", SPENDINGS)
@settings(max_examples=20, deadline=None)
@given(looks=st.lists(st.integers(5, 100), min_size=1, max_size=8, unique=True))
def test_what_is_spent_is_crossed_and_no_more(spending, looks):
    times = [look / 100 for look in sorted(looks)]
    limits = spending_bounds(times, spending=spending)
    up, _ = crossing_probabilities(times, limits.tolist())
    assert np.cumsum(up) == pytest.approx([spent(time, spending=spending) for time in times], abs=2e-7)


def test_simulated_paths_cross_as_often_as_reckoned():
    rng = np.random.default_rng(4)
    times, drift = np.array([0.15, 0.5, 0.55, 1.0]), 2.0
    limits = spending_bounds(times.tolist())
    steps = rng.normal(drift * np.diff([0, *times]), np.sqrt(np.diff([0, *times])), (200_000, 4))
    z = np.cumsum(steps, axis=1) / np.sqrt(times)
    first = np.where((z > limits).any(axis=1), (z > limits).argmax(axis=1), -1)
    up, _ = crossing_probabilities(times.tolist(), limits.tolist(), drift=drift)
    assert [(first == k).mean() for k in range(4)] == pytest.approx(up, abs=0.004)


def test_a_first_look_at_everything_needs_no_correction():
    assert spending_bounds([1.0])[0] == pytest.approx(1.959964, abs=1e-6)
    assert repeated_p_value(0.031, [1.0]) == pytest.approx(0.031, rel=1e-3)


def test_very_early_and_late_looks_have_finite_limits():
    early, last, beyond = spending_bounds([0.001, 1.05, 1.2])
    assert early == HIGHEST
    assert last == pytest.approx(1.959964, abs=1e-4)
    assert beyond == last


def test_looks_close_together_keep_the_error():
    times = [0.5, 0.5001, 0.502, 1.0]
    up, _ = crossing_probabilities(times, spending_bounds(times, spending="pocock").tolist())
    assert up.sum() == pytest.approx(0.025, abs=1e-5)


@pytest.mark.parametrize("spending", SPENDINGS)
def test_the_repeated_p_value_is_alpha_exactly_on_the_limit(spending):
    for place in range(1, 6):
        looks = EVEN[:place]
        limit = spending_bounds(looks, spending=spending)[-1]
        if limit < HIGHEST:
            assert repeated_p_value(2 * ndtr(-limit), looks, spending=spending) == pytest.approx(0.05, rel=2e-3)


@settings(max_examples=25, deadline=None)
@given(p=st.floats(1e-12, 1.0))
def test_looking_never_makes_a_p_value_smaller(p):
    assert repeated_p_value(p, EVEN[:3]) >= p - 1e-3 * p


@pytest.mark.parametrize("looks", [[], [0.0, 1.0], [0.5, 0.5], [0.6, 0.4]])
def test_looks_that_do_not_rise_are_refused(looks):
    with pytest.raises(ParameterError, match="`information` is .*; expected shares above 0, each above"):
        spending_bounds(looks)


def test_an_unknown_spending_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean 'pocock'"):
        spent(0.5, spending="pocok")
