"""Cochran's Q and shrinkage."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from cxlab.stats.heterogeneity import heterogeneity_test

EFFECTS, VARIANCES = np.array([0.10, 0.25, -0.05, 0.30]), np.array([0.004, 0.006, 0.005, 0.010])


def test_q_and_the_variance_between_are_statsmodels():
    """statsmodels 0.15.0 combine_effects, DerSimonian-Laird ("chi2")."""
    found, known = (
        heterogeneity_test(EFFECTS, VARIANCES),
        combine_effects(EFFECTS, VARIANCES, method_re="chi2"),
    )
    assert found.q == pytest.approx(known.q)
    assert found.df == known.df
    assert found.p_value == pytest.approx(known.test_homogeneity().pvalue)
    assert found.common == pytest.approx(known.mean_effect_fe)
    assert found.between_variance == pytest.approx(known.tau2)


def test_equal_effects_shrink_to_their_common_value():
    found = heterogeneity_test([0.2, 0.2], [0.01, 0.04])
    assert found.q == pytest.approx(0.0)
    assert found.p_value == pytest.approx(1.0)
    assert found.shrunken == pytest.approx([0.2, 0.2])


def test_shrunken_effects_lie_between_their_own_and_the_common_one():
    found = heterogeneity_test(EFFECTS, VARIANCES)
    assert np.all(np.abs(found.shrunken - found.common) <= np.abs(EFFECTS - found.common))


def test_one_segment_cannot_differ():
    assert heterogeneity_test([0.4], [0.1]).p_value == 1.0
