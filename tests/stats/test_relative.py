"""Relative effects and their limits."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import ndtri

from cxlab.stats.means import t_difference
from cxlab.stats.proportions import newcombe_difference, wilson_interval
from cxlab.stats.relative import Limits, fieller, log_ratio, relative_from_limits
from tests.stats.experiment_vectors import vector

Z = float(ndtri(0.975))


def test_fieller_gives_rs_closed_form():
    """Fieller (1954) in R; generated data."""
    given_, expected, tolerance = vector("rel_lift_ci")
    y, d = np.array(given_["y"]), np.array(given_["d"])
    t, c = y[d == 1], y[d == 0]
    found = fieller(t.mean(), t.var(ddof=1) / len(t), c.mean(), c.var(ddof=1) / len(c), quantile=Z)
    assert found.effect == pytest.approx(expected["lift"], rel=tolerance)
    assert [found.ci_low, found.ci_high] == pytest.approx(expected["ci_fieller"], rel=tolerance)


def test_log_ratio_gives_rs_closed_form():
    """log(ratio) ± z se in R; generated data."""
    given_, expected, tolerance = vector("rel_lift_ci")
    y, d = np.array(given_["y"]), np.array(given_["d"])
    t, c = y[d == 1], y[d == 0]
    found = log_ratio(t.mean(), t.var(ddof=1) / len(t), c.mean(), c.var(ddof=1) / len(c))
    ends = np.expm1(found.estimate + Z * np.sqrt(found.variance) * np.array([-1, 1]))
    assert ends == pytest.approx(expected["ci_log"], rel=tolerance)


@given(st.floats(0.1, 20), st.floats(0.01, 4), st.floats(0.1, 20), st.floats(0.01, 4), st.floats(0.01, 100))
def test_log_ratio_flips_with_the_arms_and_knows_no_unit(t, vt, c, vc, scale):
    found, flipped = log_ratio(t, vt, c, vc), log_ratio(c, vc, t, vt)
    scaled = log_ratio(t * scale, vt * scale**2, c * scale, vc * scale**2)
    assert (flipped.estimate, flipped.variance) == pytest.approx((-found.estimate, found.variance), abs=1e-12)
    assert scaled == pytest.approx(found, abs=1e-9)


@given(st.floats(-5, 20), st.floats(0.01, 4), st.floats(0.5, 20), st.floats(0.01, 4))
def test_fieller_and_the_absolute_interval_never_contradict_each_other(t, vt, c, vc):
    relative = fieller(t, vt, c, vc, quantile=Z)
    assume(relative.ci_low is not None)
    absolute = t_difference(t - c, np.sqrt(vt + vc), 1e12)
    assume(min(abs(absolute.ci_low), abs(absolute.ci_high)) > 1e-4)
    assert (relative.ci_low > 0) == (absolute.ci_low > 0)
    assert (relative.ci_high < 0) == (absolute.ci_high < 0)


@given(st.integers(1, 60), st.integers(60, 200), st.integers(20, 60), st.integers(60, 200))
def test_limits_from_wilson_agree_with_newcombe_about_zero(x1, n1, x0, n0):
    reaches = []
    for x, n in ((x1, n1), (x0, n0)):
        low, high = wilson_interval(x, n)
        reaches.append(Limits(x / n, x / n - float(low), float(high) - x / n))
    relative = relative_from_limits(*reaches)
    _, low, high = newcombe_difference(x1, n1, x0, n0)
    assume(relative.ci_low is not None)
    assume(min(abs(float(low)), abs(float(high))) > 1e-9)
    assert (relative.ci_low > 0) == (low > 0)
    assert (relative.ci_high < 0) == (high < 0)


@given(st.floats(0.1, 10), st.floats(0.01, 100))
def test_scaling_both_arms_leaves_the_relative_effect(t, scale):
    plain = fieller(t, 0.01, 5.0, 0.01, quantile=Z)
    scaled = fieller(t * scale, 0.01 * scale**2, 5.0 * scale, 0.01 * scale**2, quantile=Z)
    assert scaled == pytest.approx(plain, rel=1e-6, abs=1e-9)


def test_a_control_that_may_be_zero_bounds_nothing():
    found = fieller(5.0, 1.0, 1.0, 1.0, quantile=Z)
    assert found.effect == pytest.approx(4.0)
    assert found.ci_low is None
    assert found.ci_high is None


@pytest.mark.parametrize("control", [0.0, -2.0])
def test_a_control_at_or_below_zero_has_no_relative_effect(control):
    assert fieller(1.0, 0.1, control, 0.1, quantile=Z).effect is None
