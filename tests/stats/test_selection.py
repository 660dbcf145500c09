"""The winner's curse: formulas against simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm, truncnorm

from cxlab.errors import ParameterError
from cxlab.stats.selection import _variance as variance_of_one
from cxlab.stats.selection import (
    conditional_effect,
    corrected_total,
    expected_inflation,
    selection_bias,
)

THRESHOLD = 1.96


@pytest.mark.parametrize("true", [-8.0, 0.0, 1.0, 2.5, 6.0])
def test_the_inflation_is_the_mean_of_the_truncated_normal(true):
    """scipy 1.17 truncnorm."""
    known = truncnorm.mean(THRESHOLD - true, np.inf, loc=true) - true
    assert expected_inflation(0.5 * true, 0.5, THRESHOLD) == pytest.approx(0.5 * known, rel=1e-6)


def test_a_gain_of_two_percent_looks_two_and_a_half_times_as_large():
    """The same formula by integration: with a true effect of one standard error, winners show 2.5 of it."""
    seen = quad(lambda z: z * norm.pdf(z - 1), THRESHOLD, np.inf)[0] / norm.sf(THRESHOLD - 1)
    assert 1 + expected_inflation(1.0, 1.0, THRESHOLD) == pytest.approx(seen)
    assert seen == pytest.approx(2.494, abs=1e-3)


def test_the_conditional_effect_is_the_most_likely_one():
    found = conditional_effect(2.6, 1.0, THRESHOLD)
    grid = np.linspace(-4, 6, 20_001)
    likelihood = norm.logpdf(2.6 - grid) - norm.logsf(THRESHOLD - grid)
    assert found.effect == pytest.approx(grid[likelihood.argmax()], abs=1e-3)


@pytest.mark.parametrize("true", [-1.0, 0.5, 2.0, 4.0])
def test_the_conditional_interval_ends_at_the_truth_as_often_as_said(true):
    """scipy 1.17 truncnorm: 2.5 percent of those that pass lie above the one whose interval begins at the truth."""
    high, low = truncnorm.ppf([0.975, 0.025], THRESHOLD - true, np.inf, loc=true)
    assert conditional_effect(high, 1.0, THRESHOLD).ci_low == pytest.approx(true, abs=1e-6)
    assert conditional_effect(low, 1.0, THRESHOLD).ci_high == pytest.approx(true, abs=1e-6)


def test_an_effect_at_the_threshold_still_has_numbers():
    found = conditional_effect(1.96 + 1e-6, 1.0, 1.96)
    assert found.ci_low < found.effect < found.ci_high
    assert np.isfinite([found.effect, found.ci_low, found.ci_high]).all()


def test_an_effect_that_did_not_pass_is_refused():
    with pytest.raises(ParameterError, match="1.5 standard errors; expected more than the threshold 1.96"):
        conditional_effect(1.5, 1.0, THRESHOLD)


@given(st.floats(2.0, 40.0), st.floats(0.01, 5.0))
def test_an_effect_is_never_corrected_upwards_and_a_clear_one_hardly(z, se):
    found = conditional_effect(z * se, se, THRESHOLD)
    assert found.effect <= z * se
    if z > 8:
        assert found.effect == pytest.approx(z * se, rel=1e-6)


def test_the_bias_of_a_sum_is_lee_and_shens():
    """With known truth the expected excess is exact: 200,000 draws of three experiments."""
    rng = np.random.default_rng(11)
    true, se = np.array([0.0, 1.0, 3.0]), np.array([1.0, 0.5, 2.0])
    seen = true + se * rng.standard_normal((200_000, 3))
    excess = np.where(seen > THRESHOLD * se, seen - true, 0).mean(axis=0)
    assert selection_bias(true, se, THRESHOLD) == pytest.approx(excess, abs=0.01)


@pytest.mark.parametrize("true", [-1.0, 0.0, 1.5, 2.5, 5.0])
def test_the_variance_behind_the_interval_is_exact(true):
    def part(z):
        return (z - true) * (z > THRESHOLD) - norm.pdf(THRESHOLD - z)

    moments = [
        sum(
            quad(lambda z, k=k: part(z) ** k * norm.pdf(z - true), *ends)[0]
            for ends in ((-12, THRESHOLD), (THRESHOLD, 16))
        )
        for k in (1, 2)
    ]
    assert float(variance_of_one(np.array(THRESHOLD - true))) == pytest.approx(moments[1] - moments[0] ** 2, rel=1e-5)


def test_the_naive_total_is_far_off_where_the_corrected_one_is_near():
    """Sixty experiments, effects of about one standard error, four hundred portfolios."""
    rng = np.random.default_rng(5)
    errors = []
    for _ in range(400):
        true, se = rng.normal(0.3, 1.2, 60), rng.uniform(0.8, 1.2, 60)
        seen = true + se * rng.standard_normal(60)
        chosen = seen > THRESHOLD * se
        total = corrected_total(seen, se, chosen, THRESHOLD)
        truth = true[chosen].sum()
        errors.append((total.observed - truth, total.corrected - truth, total.ci_low <= truth <= total.ci_high))
    naive, corrected, inside = np.mean(errors, axis=0)
    assert naive > 6
    assert abs(corrected) < naive / 8
    assert 0.92 <= inside <= 0.99
