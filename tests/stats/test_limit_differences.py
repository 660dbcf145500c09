"""Differences from two intervals: equal to Newcombe's where the intervals are Wilson's, and one with their p-value."""

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from cxlab.stats.limit_differences import difference_from_limits


def shares(x, n):
    return (x / n, *proportion_confint(x, n, method="wilson"))


@pytest.mark.parametrize(("x1", "n1", "x0", "n0"), [(56, 70, 48, 80), (3, 40, 12, 60), (1, 50, 0, 50)])
def test_with_limits_of_wilson_it_is_newcombes_interval(x1, n1, x0, n0):
    found, low, high, _ = difference_from_limits(*shares(x1, n1), *shares(x0, n0))
    assert float(found) == pytest.approx(x1 / n1 - x0 / n0)
    assert (float(low), float(high)) == pytest.approx(confint_proportions_2indep(x1, n1, x0, n0, method="newcomb"))


def test_the_p_value_says_what_the_interval_says():
    draw = np.random.default_rng(1)
    first, other = draw.normal(0, 1, 400), draw.normal(0, 1, 400)
    reach = draw.uniform(0.1, 1.5, (4, 400))
    found, low, high, p = difference_from_limits(
        first, first - reach[0], first + reach[1], other, other - reach[2], other + reach[3]
    )
    assert ((p < 0.05) == ((low > 0) | (high < 0))).all()
    assert (np.sign(found) == np.sign(first - other)).all()
