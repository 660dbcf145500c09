"""Tests and large-sample intervals of two shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from cxlab.stats.multiplicity import benjamini_hochberg, holm
from cxlab.stats.proportions import fisher_exact_test, pooled_z_test, wald_difference
from tests.stats.experiment_vectors import vector


def test_cookie_cats_day_7_gives_rs_prop_test():
    """R 4.2.2 prop.test(correct=FALSE), gate_40 against gate_30."""
    given_, expected, tolerance = vector("prop_cookiecats_ret7")
    (x1, x0), (n1, n0) = given_["x"], given_["n"]
    z, p = pooled_z_test(x1, n1, x0, n0)
    assert (z**2, p) == pytest.approx((expected["chisq"], expected["p"]), rel=tolerance)
    effect, low, high = wald_difference(x1, n1, x0, n0)
    assert [float(effect), float(low), float(high)] == pytest.approx([expected["diff"], *expected["ci"]], rel=tolerance)


def test_a_one_sided_bound_is_the_lower_end_of_the_90_percent_interval():
    """R 4.2.2 prop.test(correct=FALSE, alternative="greater")."""
    given_, expected, tolerance = vector("prop_small_onesided")
    (x1, x0), (n1, n0) = given_["x"], given_["n"]
    assert pooled_z_test(x1, n1, x0, n0)[1] / 2 == pytest.approx(expected["p"], rel=tolerance)
    low = wald_difference(x1, n1, x0, n0, confidence=0.9)[1]
    assert float(low) == pytest.approx(expected["ci_lower"], rel=tolerance)


@pytest.mark.parametrize("x", [0, 50])
def test_nobody_or_everybody_gives_p_1(x):
    assert pooled_z_test(x, 50, x, 50) == (0.0, 1.0)


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_fishers_test_is_scipys(n1, n0, data):
    x1, x0 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n0))
    known = fisher_exact([[x1, n1 - x1], [x0, n0 - x0]]).pvalue
    assert fisher_exact_test(x1, n1, x0, n0) == pytest.approx(known, rel=1e-6)


def test_adjusted_p_values_are_rs():
    """R 4.2.2 p.adjust."""
    given_, expected, tolerance = vector("padjust")
    assert holm(given_["p"]) == pytest.approx(np.array(expected["holm"]), rel=tolerance)
    assert benjamini_hochberg(given_["p"]) == pytest.approx(np.array(expected["BH"]), rel=1e-9)
