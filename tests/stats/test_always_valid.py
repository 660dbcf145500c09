"""Intervals that hold whenever one looks."""

import numpy as np
import pytest

from cxlab.stats.always_valid import always_valid, e_value, mixture_weight, reach, running_p_values, sprt_weight
from tests.stats.experiment_vectors import vector


def test_the_confidence_sequence_is_that_of_the_closed_form_in_r():
    """Waudby-Smith et al., arXiv 2103.06476; closed form and numeric integral in R 4.2.2."""
    given, expected, tolerance = vector("asympcs_gb")
    weight = mixture_weight(given["n"], tuning=given["tuning"], alpha=given["alpha"])
    found = always_valid(given["est"], given["se"], weight, alpha=given["alpha"])
    assert np.sqrt(weight / given["n"]) == pytest.approx(expected["rho"], rel=tolerance)
    assert reach(weight, alpha=given["alpha"]) * given["se"] == pytest.approx(expected["halfwidth"], rel=tolerance)
    assert [found.ci_low, found.ci_high] == pytest.approx(expected["ci"], rel=tolerance)
    assert found.e_value == pytest.approx(expected["e_value"], rel=tolerance)
    assert found.p_value == pytest.approx(expected["p_always_valid"], rel=tolerance)


def test_the_mixture_test_is_the_sequence_where_both_mix_over_the_same_effects():
    """Reference: identical at tau squared = rho squared times sigma squared."""
    n, se = 8000, 0.004
    weight = mixture_weight(n, tuning=5000)
    assert sprt_weight(se, scale=float(np.sqrt(weight) * se)) == pytest.approx(weight)


def test_the_interval_leaves_zero_out_exactly_where_p_is_below_alpha():
    weight = mixture_weight(3000, tuning=4000)
    edge = reach(weight)
    assert e_value(edge, weight) == pytest.approx(20.0)
    assert always_valid(1.001 * edge, 1.0, weight).p_value < 0.05 < always_valid(0.999 * edge, 1.0, weight).p_value


def test_the_interval_is_tightest_near_the_chosen_size():
    width = {n: reach(mixture_weight(n, tuning=5000)) for n in (500, 5000, 50_000)}
    assert width[5000] < width[500]
    assert width[5000] < width[50_000]


def test_a_p_value_once_reached_stays():
    assert running_p_values([0.6, 0.04, 0.2, 0.01]).tolist() == [0.6, 0.04, 0.04, 0.01]


def test_overwhelming_evidence_is_a_number():
    assert np.isfinite(always_valid(100.0, 0.001, 5.0).e_value)
