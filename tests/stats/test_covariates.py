"""CUPED and Lin's regression."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.stats.covariates import cuped_arm, cuped_theta, fit_line, hc2_from_sums, hc2_variance
from cxlab.stats.means import arm_difference, t_difference
from cxlab.stats.moments import Moments
from tests.stats.experiment_vectors import vector


def split(name):
    given, expected, tolerance = vector(name)
    y, x, d = (np.array(given[key], dtype=float) for key in ("y", "x", "d"))
    return [(y[d == arm], x[d == arm]) for arm in (1, 0)], x.mean(), expected, tolerance


def test_lin_gives_rs_estimatr():
    """R estimatr 1.0.0 lm_lin, HC2; generated data."""
    arms, at, expected, tolerance = split("lin_hc2")
    lines = [fit_line(Moments.of([y, x]), [1, 0], [0, 1]) for y, x in arms]
    variance = sum(hc2_variance(line, at, y, x) for line, (y, x) in zip(lines, arms, strict=True))
    df = sum(len(y) for y, _ in arms) - 4
    found = t_difference(lines[0].at(at) - lines[1].at(at), np.sqrt(variance), df)
    assert df == expected["df"]
    shown = [found.effect, found.se, found.p_value, found.ci_low, found.ci_high]
    wanted = [expected["est"], expected["se"], expected["p"], *expected["ci"]]
    assert shown == pytest.approx(wanted, rel=tolerance)


@pytest.mark.parametrize(("over", "suffix"), [("all", ""), ("arms", "_within")])
def test_cuped_gives_the_closed_form(over, suffix):
    """Deng et al. (2013) in R; generated data."""
    arms, at, expected, tolerance = split("cuped_total_theta")
    treatment, control = (Moments.of([y, x]) for y, x in arms)
    theta = cuped_theta(treatment, control, over=over)
    found = arm_difference(*(cuped_arm(arm, theta, at) for arm in (treatment, control)))
    wanted = [expected["theta" + suffix], expected["diff" + suffix], expected["se" + suffix]]
    assert [theta, found.effect, found.se] == pytest.approx(wanted, rel=tolerance)
    if not suffix:
        assert found.p_value == pytest.approx(expected["p"], rel=1e-6)


def test_a_covariate_without_spread_leaves_the_mean_alone():
    line = fit_line(Moments.of([[1.0, 2.0, 6.0], [4.0, 4.0, 4.0]]), [1, 0], [0, 1])
    assert line.slope == 0.0
    assert line.at(9.0) == pytest.approx(3.0)
    assert hc2_variance(line, 4.0, [1.0, 2.0, 6.0], [4.0, 4.0, 4.0]) == pytest.approx(7.0 / 3)


def by_sums(y, x, at, centre):
    """The HC2 variance from sums alone, how far it may be off, and the same by looking at each unit."""
    line = fit_line(Moments.of([y, x], centre), [1, 0], [0, 1])
    v, c = y - centre[0], x - centre[1]
    parts = np.array([np.ones(len(x)), c, c**2, v, v * c])
    found, error = hc2_from_sums(line, at, parts @ parts.T, centre, (x.min(), x.max()))
    return found, error, hc2_variance(line, at, y, x)


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 10**6), n=st.integers(20, 2000), tail=st.sampled_from([0.0, 0.5, 1.5]),
    noise=st.sampled_from([1e-3, 1.0, 50.0]), off=st.floats(-20, 20), away=st.floats(-3, 3),
)  # fmt: skip
def test_the_variance_from_sums_is_off_by_no_more_than_it_says(seed, n, tail, noise, off, away):
    draw = np.random.default_rng(seed)
    x = np.exp(tail * draw.normal(size=n)) + 0.1 * draw.normal(size=n)
    y = 2 + 3 * x + noise * draw.standard_t(3, n) * (1 + abs(x))
    at = x.mean() + away * x.std() / np.sqrt(n)
    found, error, exact = by_sums(y, x, at, (off + y[0], off + x[0]))
    assert abs(found - exact) <= error


def test_the_variance_from_sums_is_close_where_units_are_many():
    draw = np.random.default_rng(4)
    x = np.where(draw.random(400_000) < 0.3, draw.lognormal(2.5, 0.7, 400_000), 0.0)
    y = np.where(draw.random(400_000) < 0.1, draw.lognormal(3.0, 0.6, 400_000), 0.0) + x / 10
    found, error, exact = by_sums(y, x, x.mean() + 0.01, (3.0, 8.0))
    assert found == pytest.approx(exact, rel=1e-7)
    assert error < 1e-6 * exact


def test_one_unit_that_bends_the_line_is_told_as_doubt():
    draw = np.random.default_rng(5)
    x = np.append(draw.normal(size=100_000), 1e4)
    y = x + draw.normal(size=len(x))
    found, error, exact = by_sums(y, x, x.mean(), (0.0, 0.0))
    assert abs(found - exact) <= error
    assert error > 1e-3 * exact
