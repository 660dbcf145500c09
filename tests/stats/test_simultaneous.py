"""The limit that holds for all quantiles together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from cxlab.errors import ParameterError
from cxlab.stats.simultaneous import simultaneous_quantile


@pytest.mark.parametrize(("looks", "constant"), [(2, 2.178), (3, 2.289), (5, 2.413), (10, 2.555)])
def test_equal_steps_of_information_give_pococks_constants(looks, constant):
    """Pocock (1977), Biometrika 64:191, table 1; also Jennison & Turnbull (2000), table 2.1, alpha = 0.05."""
    information = np.arange(1, looks + 1)
    assert simultaneous_quantile(information / (1 + information)) == pytest.approx(constant, abs=6e-4)


@pytest.mark.parametrize("shares", [[0.1, 0.5, 0.9], [0.05, 0.06, 0.5, 0.95], [0.5, 0.502]])
def test_the_chance_inside_is_that_of_the_multivariate_normal(shares):
    """SciPy 1.17 multivariate_normal.cdf with limits on both sides."""
    t, limit = np.array(shares), simultaneous_quantile(shares)
    covariance = np.minimum.outer(t, t) - np.outer(t, t)
    scale = np.sqrt(np.diag(covariance))
    chance = multivariate_normal(cov=covariance / np.outer(scale, scale), seed=1).cdf(
        np.full(len(t), limit), lower_limit=np.full(len(t), -limit)
    )
    assert chance == pytest.approx(0.95, abs=2e-4)


@settings(max_examples=20)
@given(st.lists(st.integers(2, 98), min_size=2, max_size=9, unique=True), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_it_lies_between_one_interval_and_sidak_and_grows_with_the_grid(shares, confidence):
    grid = sorted(share / 100 for share in shares)
    limit = simultaneous_quantile(grid, confidence)
    assert ndtri((1 + confidence) / 2) < limit <= ndtri((1 + confidence ** (1 / len(grid))) / 2) + 1e-6
    assert simultaneous_quantile(grid[:-1], confidence) <= limit + 1e-9


@pytest.mark.parametrize("shares", [[], [0.5, 0.5], [0.5, 0.5004], [0.0, 0.5], [0.5, 1.0], [0.6, 0.4]])
def test_shares_that_do_not_rise_are_refused(shares):
    with pytest.raises(ParameterError, match="`shares` are .*expected them to rise from 0 to 1 by 0.001 or more"):
        simultaneous_quantile(shares)
