"""The prior that past effects give."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from cxlab.stats.priors import EffectPrior, effect_prior, shrunken_effects

EFFECTS = np.array([0.10, 0.25, -0.05, 0.30, 0.02])
SES = np.array([0.06, 0.08, 0.07, 0.10, 0.03])


def test_mean_and_spread_are_those_of_paule_and_mandel():
    """statsmodels 0.15.0 combine_effects, method_re="iterated"."""
    known = combine_effects(EFFECTS, SES**2, method_re="iterated", atol=1e-12, maxiter=500)
    found = effect_prior(EFFECTS, SES)
    assert [found.mean, found.sd**2] == pytest.approx([known.mean_effect_re, known.tau2], rel=1e-5)
    assert found.se_of_mean == pytest.approx(known.sd_eff_w_re, rel=1e-5)


def test_effects_that_differ_by_chance_alone_have_no_spread():
    assert effect_prior([0.1, 0.1, 0.1], [0.2, 0.3, 0.1]) == pytest.approx((0.1, 0.0, 6 / 70, 3), rel=1e-6)


def test_without_spread_every_effect_is_the_mean():
    means, sds = shrunken_effects([0.5, -0.5], [0.1, 0.2], EffectPrior(0.1, 0.0, 0.02, 10**9))
    assert means == pytest.approx([0.1, 0.1])
    assert sds == pytest.approx([0.02, 0.02], rel=1e-5)


def test_three_effects_tell_no_spread_and_nothing_is_drawn():
    means, sds = shrunken_effects([0.5, -0.5, 0.2], [0.1, 0.2, 0.1], effect_prior([0.5, -0.5, 0.2], [0.1, 0.2, 0.1]))
    assert means == pytest.approx([0.5, -0.5, 0.2])
    assert sds == pytest.approx([0.1, 0.2, 0.1])


def test_with_a_wide_prior_every_effect_is_its_own():
    means, sds = shrunken_effects(EFFECTS, SES, EffectPrior(0.0, 1e6, 0.0, 5))
    assert means == pytest.approx(EFFECTS, rel=1e-6)
    assert sds == pytest.approx(SES, rel=1e-6)


def test_shrunken_effects_are_right_on_average_even_among_winners():
    """Effects drawn from the prior: those chosen for looking large are not too large once drawn towards it."""
    rng = np.random.default_rng(2)
    true, se = rng.normal(0.2, 1.0, 20_000), rng.uniform(0.5, 2.0, 20_000)
    seen = true + se * rng.standard_normal(20_000)
    means, sds = shrunken_effects(seen, se, effect_prior(seen, se))
    won = seen > 1.96 * se
    assert seen[won].mean() > true[won].mean() + 0.7
    assert means[won].mean() == pytest.approx(true[won].mean(), abs=0.06)
    assert np.mean(np.abs(true - means) < 1.96 * sds) == pytest.approx(0.95, abs=0.01)
    assert np.mean(np.abs(true - means)[won] < 1.96 * sds[won]) == pytest.approx(0.95, abs=0.01)
