"""Posteriors of an effect."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.stats.bayes import beta_difference, normal_effect
from tests.stats.experiment_vectors import vector


def test_a_normal_prior_gives_the_closed_form_of_r():
    """Closed form in R 4.2.2."""
    given_, expected, tolerance = vector("bayes_normal")
    found = normal_effect(
        given_["est"], given_["se"], prior_mean=given_["prior_mean"], prior_sd=given_["prior_sd"], confidence=0.95
    )
    shown = [found.mean, found.sd, found.chance_above_zero, found.loss_of_treatment, found.loss_of_control]
    wanted = [expected[k] for k in ("post_mean", "post_sd", "chance_to_win", "loss_choose_t", "loss_choose_c")]
    assert shown == pytest.approx(wanted, rel=tolerance)
    assert [found.ci_low, found.ci_high] == pytest.approx(expected["ci"], rel=tolerance)


def test_two_beta_posteriors_give_the_integrals_of_r():
    """Numeric integration of the exact posteriors in R 4.2.2."""
    given_, expected, tolerance = vector("bayes_beta")
    found = beta_difference(given_["x_t"], given_["n_t"], given_["x_c"], given_["n_c"])
    shown = [found.chance_above_zero, found.loss_of_treatment, found.loss_of_control]
    assert shown == pytest.approx([expected[k] for k in ("p_t_gt_c", "loss_choose_t", "loss_choose_c")], rel=tolerance)


def test_a_flat_prior_reproduces_the_interval_without_one():
    found = normal_effect(0.4, 0.1)
    assert [found.mean, found.ci_low, found.ci_high] == pytest.approx([0.4, 0.4 - 0.1959964, 0.4 + 0.1959964])


def test_the_credible_interval_of_a_difference_holds_what_it_says():
    rng = np.random.default_rng(7)
    found = beta_difference(12, 80, 5, 60, prior=(2.0, 8.0), confidence=0.9)
    drawn = rng.beta(14, 76, 400_000) - rng.beta(7, 63, 400_000)
    inside = np.mean((drawn > found.ci_low) & (drawn < found.ci_high))
    assert inside == pytest.approx(0.9, abs=0.003)
    assert np.mean(drawn < found.ci_low) == pytest.approx(0.05, abs=0.003)
    assert found.loss_of_treatment == pytest.approx(np.maximum(-drawn, 0).mean(), rel=0.03)
    assert [found.mean, found.sd] == pytest.approx([drawn.mean(), drawn.std()], rel=0.01)


@pytest.mark.parametrize(("x", "n", "y", "m"), [(0, 40, 0, 40), (40, 40, 0, 40), (0, 1, 1, 1), (300_000, 10**6, 3, 10)])
def test_rates_at_the_edges_stay_numbers(x, n, y, m):
    found = beta_difference(x, n, y, m)
    assert all(map(math.isfinite, found))
    assert -1 <= found.ci_low <= found.mean <= found.ci_high <= 1
    assert min(found.loss_of_treatment, found.loss_of_control) >= 0


counts = st.tuples(st.integers(0, 300), st.integers(1, 300)).map(sorted)


@settings(max_examples=15)
@given(counts, counts)
def test_exchanging_the_arms_turns_everything_round(one, zero):
    there, back = beta_difference(*one, *zero), beta_difference(*zero, *one)
    assert there.chance_above_zero == pytest.approx(1 - back.chance_above_zero, abs=1e-7)
    assert there.loss_of_treatment == pytest.approx(back.loss_of_control, abs=1e-9)
    assert there.ci_low == pytest.approx(-back.ci_high, abs=1e-4)


@settings(max_examples=15)
@given(counts, counts)
def test_the_two_losses_differ_by_the_mean(one, zero):
    found = beta_difference(*one, *zero)
    assert found.loss_of_control - found.loss_of_treatment == pytest.approx(found.mean, abs=1e-7)
