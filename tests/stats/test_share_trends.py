"""The trend of shares: statsmodels' numbers, its symmetry, and how often it cries wolf."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import binomtest

from cxlab.errors import DataError
from cxlab.stats.share_trends import share_trend

X, Y, N = np.arange(8), np.array([20, 45, 17, 50, 18, 60, 25, 62]), np.array([100, 110, 90, 120, 80, 130, 95, 140])


def test_slope_and_errors_equal_statsmodels():
    """GLM of the binomial family, logit link, scale="X2"; t quantiles with n - 2 degrees of freedom."""
    found = share_trend(X, Y, N)
    model = sm.GLM(Y / N, sm.add_constant(X), family=sm.families.Binomial(), var_weights=N)
    fit = model.fit(scale="X2", use_t=True)
    assert found.dispersion == pytest.approx(fit.scale, rel=1e-8)
    assert found.slope == pytest.approx(fit.params[1], rel=1e-8)
    assert found.p_value == pytest.approx(fit.pvalues[1], rel=1e-6)
    np.testing.assert_allclose([found.ci_low, found.ci_high], fit.conf_int()[1], rtol=1e-6)
    np.testing.assert_allclose(found.fitted, fit.fittedvalues, rtol=1e-8)


def test_the_other_answer_has_the_other_sign():
    one, two = share_trend(X, Y, N), share_trend(X, N - Y, N)
    assert one.slope == pytest.approx(-two.slope)
    assert one.effect == pytest.approx(-two.effect)
    assert one.p_value == pytest.approx(two.p_value)


@pytest.mark.parametrize(
    ("y", "n"),
    [
        ([1, 2, 3, 4], [9] * 4),
        ([0] * 6, [9] * 6),
        ([9] * 6, [9] * 6),
        ([0, 0, 0, 9, 9, 9], [9] * 6),
        ([0] * 6, [0] * 6),
    ],
)
def test_without_a_finite_slope_there_is_no_trend(y, n):
    assert share_trend(range(len(y)), y, n) is None


def test_lengths_must_agree():
    with pytest.raises(DataError, match="lengths differ: 2 places"):
        share_trend([0, 1], [1, 2, 3], [9, 9, 9])


@pytest.mark.parametrize("rho", [0.0, 0.02])
def test_without_a_trend_it_is_seldom_called_one(rho):
    """Shares that scatter by chance alone, and more than chance (beta-binomial)."""
    rng, runs = np.random.default_rng(17), 1_500
    n = np.array([60, 80, 120, 90, 150, 70, 100, 110, 130, 95])
    alarms = 0
    for _ in range(runs):
        p = 0.3 if rho == 0 else rng.beta(0.3 * (1 / rho - 1), 0.7 * (1 / rho - 1), len(n))
        found = share_trend(np.arange(10), rng.binomial(n, p), n)
        alarms += found is not None and found.p_value < 0.05
    rate = binomtest(alarms, runs).proportion_ci(0.999)
    assert rate.low <= 0.05 <= rate.high


def test_the_interval_of_the_change_keeps_its_level_and_agrees_with_p():
    rng, runs, inside, agree = np.random.default_rng(23), 1_500, 0, 0
    n, x = np.array([60, 80, 120, 90, 150, 70, 100, 110]), np.arange(8)
    p = 1 / (1 + np.exp(-(2.2 - 0.25 * x)))
    for _ in range(runs):
        found = share_trend(x, rng.binomial(n, p), n)
        inside += found.effect_low <= p[-1] - p[0] <= found.effect_high
        agree += (found.p_value < 0.05) == (found.effect_low > 0 or found.effect_high < 0)
    assert agree == runs
    assert 0.92 <= inside / runs <= 0.97


def test_rows_that_happen_to_lie_on_a_line_are_not_called_certain():
    found = share_trend(range(6), [20] * 6, [100] * 6)
    assert found.p_value == 1
    assert found.effect_high - found.effect_low > 0.05
