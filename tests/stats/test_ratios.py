"""Ratios of sums by the delta method."""

import numpy as np
import pytest

from cxlab.stats.means import arm_difference
from cxlab.stats.moments import Moments
from cxlab.stats.ratios import linearise, ratio_arm
from tests.stats.experiment_vectors import vector


def arms():
    given, expected, tolerance = vector("ratio_delta_vs_cluster")
    treat = np.array(given["user_treat"])
    values = np.array([given["user_num"], given["user_den"]], dtype=float)
    return [Moments.of(values[:, treat == arm]) for arm in (1, 0)], expected, tolerance


def test_the_delta_method_gives_the_published_closed_form():
    """Deng et al. (2018) in R; generated data."""
    (treatment, control), expected, tolerance = arms()
    found = arm_difference(ratio_arm(treatment), ratio_arm(control))
    shown = [ratio_arm(treatment).estimate, ratio_arm(control).estimate, found.effect, found.se]
    wanted = [expected["ratio_t"], expected["ratio_c"], expected["diff"], expected["se_delta"]]
    assert shown == pytest.approx(wanted, rel=tolerance)
    assert found.effect / found.se == pytest.approx(expected["z"], rel=tolerance)


def test_the_variance_is_the_cluster_robust_one_up_to_n_over_n_minus_1():
    """R sandwich 3.0.2 vcovCL, CR0, on the rows behind the users."""
    moments, expected, tolerance = arms()
    scaled = sum(ratio_arm(arm).variance * (arm.n - 1) / arm.n for arm in moments)
    assert np.sqrt(scaled) == pytest.approx(expected["se_cluster_CR0"], rel=tolerance)
    assert np.sqrt(scaled) > expected["se_naive_iid"]


def test_linearised_values_average_to_the_ratio():
    numerator, denominator = np.array([1.0, 0.0, 4.0]), np.array([2.0, 1.0, 5.0])
    weights = linearise(numerator.mean(), denominator.mean())
    values = weights.constant + weights.numerator_weight * numerator + weights.denominator_weight * denominator
    assert values.mean() == pytest.approx(numerator.sum() / denominator.sum())


def test_a_constant_denominator_makes_the_ratio_a_mean():
    y = np.array([1.0, 3.0, 8.0, 2.0])
    arm = ratio_arm(Moments.of([y, np.ones(4)]))
    assert (arm.estimate, arm.variance) == pytest.approx((y.mean(), y.var(ddof=1) / 4))
