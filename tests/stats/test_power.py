"""Sizes of tests: R's numbers, and what must hold for any plan."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.stats.power import (
    Groups,
    Shares,
    best_control_share,
    covariate_deflation,
)
from tests.stats.experiment_vectors import vector


def test_shares_need_what_r_says():
    """R 4.2.2 power.prop.test."""
    given_, expected, tolerance = vector("n_prop")
    found = Shares(given_["p1"], alpha=given_["alpha"]).size(given_["p2"] - given_["p1"], given_["power"])
    assert found == pytest.approx(expected["n_per_arm"], rel=tolerance)


def test_means_need_what_r_says():
    """R 4.2.2 power.t.test."""
    given_, expected, tolerance = vector("n_mean")
    found = Groups(given_["sd"], given_["sd"], alpha=given_["alpha"]).size(given_["delta"], given_["power"])
    assert found == pytest.approx(expected["n_per_arm"], rel=tolerance)


def test_small_groups_use_the_noncentral_t():
    """R: power.t.test(n = 20, delta = 1, sd = 1) gives power = 0.8689528."""
    assert Groups(1.0, 1.0).power(1.0, 20) == pytest.approx(0.8689528, rel=1e-6)


def test_the_change_to_the_normal_is_smooth():
    below, above = Groups(1.0, 1.0).power(0.0554, 2500), Groups(1.0, 1.0).power(0.0554, 2503)
    assert above == pytest.approx(below, abs=0.001)


@settings(max_examples=30, deadline=None)
@given(sd=st.floats(0.1, 50), ratio=st.floats(0.2, 5), effect=st.floats(0.02, 0.5), power=st.floats(0.55, 0.95))
def test_size_power_and_effect_belong_together(sd, ratio, effect, power):
    plan = Groups(sd, 1.3 * sd, ratio)
    n = plan.size(effect * sd, power)
    assert plan.power(effect * sd, n) == pytest.approx(power, abs=1e-6)
    assert plan.detectable(n, power) == pytest.approx(effect * sd, rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(base=st.floats(0.02, 0.9), ratio=st.floats(0.2, 5), effect=st.floats(0.005, 0.09))
def test_shares_belong_together_too(base, ratio, effect):
    plan = Shares(base, ratio)
    n = plan.size(effect, 0.8)
    assert plan.detectable(n, 0.8) == pytest.approx(effect, rel=1e-5)


def test_no_harm_is_asked_on_one_side_with_the_margin_added():
    """Reference 4: one-sided quantile, effect plus margin; Phi quantiles 1.96 and 0.8416."""
    n = Groups(10.0, 10.0, alpha=0.025, sides="one").size(0.0 + 0.2, 0.8)
    assert n == pytest.approx(2 * (1.959964 + 0.8416212) ** 2 * 100 / 0.04, rel=1e-5)


def test_a_share_that_cannot_rise_so_far_has_no_size():
    assert np.isinf(Shares(0.999).detectable(100, 0.8))
    assert np.isinf(Groups(1.0, 1.0).size(0.0, 0.8))


def test_multipliers():
    assert covariate_deflation(0.8) == pytest.approx(0.36)
    assert best_control_share(4) == pytest.approx(1 / 3)
