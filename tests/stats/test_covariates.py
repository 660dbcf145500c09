"""CUPED and Lin's regression."""

import numpy as np
import pytest

from cxlab.stats.covariates import cuped_arm, cuped_theta, fit_line, hc2_variance
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
