"""Sizes of groups and shares of missing values."""

import pytest

from cxlab.stats.sample_ratio import equal_share_test, sample_ratio_test
from tests.stats.experiment_vectors import vector


def test_two_arms_give_rs_chi_square():
    """R 4.2.2 chisq.test."""
    given, expected, tolerance = vector("srm_2arm")
    found = sample_ratio_test(given["counts"], given["ratio"])
    assert found.statistic == pytest.approx(expected["chisq"], rel=tolerance)
    assert found.p_value == pytest.approx(expected["p"], rel=tolerance)


def test_the_planned_ratio_counts_and_not_an_equal_one():
    assert sample_ratio_test([900, 100], [9, 1]).p_value == pytest.approx(1.0)
    assert sample_ratio_test([500, 500], [9, 1]).p_value < 1e-9


def test_three_arms_have_two_degrees_of_freedom():
    """Hillstrom's arms; the published p is 0.9037."""
    found = sample_ratio_test([21307, 21387, 21306], [1, 1, 1])
    assert found.df == 2
    assert found.p_value == pytest.approx(0.9037, abs=5e-5)


def test_equal_shares_give_the_two_sample_chi_square():
    """R 4.2.2 prop.test(correct=FALSE) on the day-7 counts of Cookie Cats."""
    given, expected, tolerance = vector("prop_cookiecats_ret7")
    found = equal_share_test(given["x"], given["n"])
    assert (found.statistic, found.p_value) == pytest.approx((expected["chisq"], expected["p"]), rel=tolerance)


@pytest.mark.parametrize("counts", [[0, 0], [10, 20]])
def test_nobody_or_everybody_concerned_differs_from_nothing(counts):
    assert equal_share_test(counts, [10, 20]).p_value == 1.0
