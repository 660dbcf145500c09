"""Welch's test and the arms it rests on."""

import numpy as np
import pytest

from cxlab.stats.means import Arm, arm_difference, mean_arm, t_difference, welch_df
from tests.stats.experiment_vectors import vector


def arm(values):
    return mean_arm(len(values), float(np.mean(values)), float(np.var(values, ddof=1)))


def test_sleep_data_give_rs_welch_test():
    """R 4.2.2 t.test on the data set sleep."""
    given, expected, tolerance = vector("welch_sleep")
    found = arm_difference(arm(given["a"]), arm(given["b"]))
    assert found.effect / found.se == pytest.approx(expected["t"], rel=tolerance)
    assert found.df == pytest.approx(expected["df"], rel=tolerance)
    assert found.p_value == pytest.approx(expected["p"], rel=tolerance)
    assert [found.ci_low, found.ci_high] == pytest.approx(expected["ci"], rel=tolerance)


def test_120_users_give_rs_welch_test():
    """R 4.2.2 t.test; generated data."""
    given, expected, tolerance = vector("mean_users120")
    y, d = np.array(given["y"]), np.array(given["d"])
    found = arm_difference(arm(y[d == 1]), arm(y[d == 0]))
    shown = [found.effect, found.se, found.df, found.p_value, found.ci_low, found.ci_high]
    wanted = [expected["diff"], expected["se"], expected["df"], expected["p"], *expected["ci"]]
    assert shown == pytest.approx(wanted, rel=tolerance)


def test_one_arm_without_spread_keeps_the_others_degrees_of_freedom():
    assert welch_df(Arm(10, 1.0, 0.5, 9), Arm(20, 0.0, 0.0, 19)) == pytest.approx(9.0)


def test_no_spread_at_all_gives_numbers_and_never_nan():
    same, other = t_difference(0.0, 0.0, 5), t_difference(1.0, 0.0, 5)
    assert (same.p_value, same.ci_low, same.ci_high) == (1.0, 0.0, 0.0)
    assert (other.p_value, other.ci_low) == (0.0, 1.0)
    assert welch_df(Arm(3, 1.0, 0.0, 2), Arm(9, 1.0, 0.0, 8)) == 2


def test_a_higher_confidence_widens_the_interval():
    narrow, wide = (t_difference(1.0, 1.0, 30, confidence=level) for level in (0.9, 0.99))
    assert wide.ci_low < narrow.ci_low < narrow.ci_high < wide.ci_high
