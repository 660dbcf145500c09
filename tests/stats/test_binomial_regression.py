"""Shares on covariates: equal to statsmodels, by hand, and what has no finite answer is refused."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t as student

from cxlab.errors import DataError
from cxlab.stats.binomial_regression import binomial_regression

SPREAD = (3, 5, 8)  # seeds of shares that vary by more than chance alone


def cohorts(seed=3):
    rng = np.random.default_rng(seed)
    at = np.arange(-10, 10.0)
    after = (at >= 0).astype(float)
    n = rng.integers(80, 200, 20)
    return np.column_stack([np.ones(20), at, after, at * after]), rng.binomial(n, rng.beta(12, 28, 20)), n


@pytest.mark.parametrize("seed", SPREAD)
def test_the_logit_equals_statsmodels(seed):
    """statsmodels 0.15, GLM(Binomial); its covariance times Pearson's chi-square over the degrees of freedom."""
    x, k, n = cohorts(seed)
    fit = binomial_regression(x, k, n)
    other = sm.GLM(np.column_stack([k, n - k]), x, family=sm.families.Binomial()).fit()
    dispersion = other.pearson_chi2 / other.df_resid
    assert np.allclose(fit.coefficient, other.params, atol=1e-9)
    assert fit.dispersion == pytest.approx(dispersion)
    assert np.allclose(fit.covariance, other.cov_params() * dispersion)
    assert fit.df == other.df_resid
    value, low, high, p_value = fit.contrast([0, 0, 1, 0])
    error = other.bse[2] * np.sqrt(dispersion)
    assert (value, low) == pytest.approx((other.params[2], other.params[2] - student.ppf(0.975, 16) * error))
    assert high == pytest.approx(2 * value - low)
    assert p_value == pytest.approx(2 * student.sf(abs(value) / error, 16))


@pytest.mark.filterwarnings("ignore:The Identity link:Warning")
def test_differences_of_shares_equal_statsmodels():
    x, k, n = cohorts()
    fit = binomial_regression(x, k, n, link="identity")
    family = sm.families.Binomial(link=sm.families.links.Identity())
    other = sm.GLM(np.column_stack([k, n - k]), x, family=family).fit()
    assert np.allclose(fit.coefficient, other.params, atol=1e-8)
    assert np.allclose(fit.covariance, other.cov_params() * other.pearson_chi2 / other.df_resid, rtol=1e-6)


def test_one_level_by_hand():
    """Three groups of 50 with 10, 20 and 30: the share is 40 %, Pearson's chi-square 16.667 on 2 degrees."""
    fit = binomial_regression(np.ones((3, 1)), [10, 20, 30], [50, 50, 50], link="identity")
    assert fit.coefficient[0] == pytest.approx(0.4)
    assert fit.dispersion == pytest.approx(2 * 50 * 0.04 / 0.24 / 2)
    assert fit.covariance[0, 0] == pytest.approx(fit.dispersion * 0.24 / 150)
    assert binomial_regression(np.ones((3, 1)), [10, 20, 30], [50] * 3).coefficient[0] == pytest.approx(np.log(2 / 3))


def test_shares_that_vary_by_less_than_chance_get_chance_s_interval():
    fit = binomial_regression(np.ones((4, 1)), [20] * 4, [50] * 4, link="identity")
    assert fit.dispersion == pytest.approx(0, abs=1e-12)
    assert fit.covariance[0, 0] == pytest.approx(0.24 / 200)
    low, high = fit.contrast([1.0])[1:3]
    assert high - low == pytest.approx(2 * 1.959964 * np.sqrt(0.24 / 200), rel=1e-6)


def test_what_has_no_answer_is_refused():
    x, k, n = cohorts()
    with pytest.raises(DataError, match="4 groups for 4 columns"):
        binomial_regression(x[8:12], k[8:12], n[8:12])
    with pytest.raises(DataError, match="collinear"):
        binomial_regression(np.column_stack([x, x[:, 1] * 2]), k, n)
    with pytest.raises(DataError, match="no finite value"):
        binomial_regression(x[:, [0, 2]], np.where(x[:, 2] > 0, 0, k), n)
