"""Several covariates at once."""

import numpy as np
import pytest
import statsmodels.api as sm

from cxlab.stats.moments import Moments
from cxlab.stats.regression import fit_plane, hc2_plane_variance, independent


def test_a_plane_and_its_hc2_variance_are_statsmodels():
    """statsmodels 0.15.0 OLS with HC2: the intercept of covariates centred where the plane is read."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(3, 80))
    y = 2 + x[0] - 0.5 * x[2] + rng.normal(size=80) * (1 + np.abs(x[0]))
    at = np.array([0.1, -0.2, 0.3])
    plane = fit_plane(Moments.of([y, *x]), [1, 0, 0, 0], [1, 2, 3])
    fit = sm.OLS(y, sm.add_constant((x - at[:, None]).T)).fit(cov_type="HC2")
    found = [plane.at(at), hc2_plane_variance(plane, at, y, x) ** 0.5]
    assert found == pytest.approx([fit.params[0], fit.bse[0]], rel=1e-9)


def test_a_covariate_that_repeats_others_is_left_out():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2, 50))
    scatter = Moments.of([x[0], x[1], 2 * x[0] - x[1], np.ones(50)]).scatter
    assert independent([scatter]) == [0, 1]
