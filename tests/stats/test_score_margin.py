"""Score tests and intervals of two shares against a margin."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from cxlab.stats.proportions import fisher_exact_test, pooled_z_test
from cxlab.stats.score_margin import (
    farrington_manning_test,
    miettinen_nurminen_interval,
    miettinen_nurminen_ratio,
)
from tests.stats.experiment_vectors import vector

counts = st.tuples(st.integers(1, 39), st.integers(1, 59))


def test_farrington_manning_gives_rpacts_z():
    """rpact 3.3.4; statsmodels 0.15.0 gives 2.6496 here."""
    case, expected, tolerance = vector("fm_noninf")
    found = farrington_manning_test(case["x_t"], case["n_t"], case["x_c"], case["n_c"], margin=case["margin"])
    assert [found.z, found.p_above] == pytest.approx([expected["z"], expected["p_one_sided"]], rel=tolerance)


def test_the_ratio_interval_is_statsmodels_score_interval():
    """statsmodels 0.15.0 confint_proportions_2indep(method="score", compare="ratio"), which is right for ratios."""
    assert miettinen_nurminen_ratio(56, 70, 48, 80) == pytest.approx((1.0790471195, 1.6721453591), rel=1e-8)


@pytest.mark.parametrize(
    ("x1", "n1", "x0", "n0", "low", "high"),
    [(56, 70, 48, 80, 0.0528, 0.3382), (9, 10, 3, 10, 0.1700, 0.8406), (0, 10, 0, 20, -0.1658, 0.2844)],
)
def test_difference_intervals_keep_their_numbers(x1, n1, x0, n0, low, high):
    """Our own numbers for the contrasts that Newcombe (1998) tabulates, held to four digits."""
    assert miettinen_nurminen_interval(x1, n1, x0, n0) == pytest.approx((low, high), abs=6e-5)


def test_without_a_margin_it_is_the_pooled_z_test():
    z, p = pooled_z_test(116, 400, 122, 400)
    found = farrington_manning_test(116, 400, 122, 400)
    assert [found.z, 2 * min(found.p_above, found.p_below)] == pytest.approx([z, p], rel=1e-9)


@settings(deadline=None, max_examples=25)
@given(counts, st.floats(0.8, 0.99))
def test_the_limits_are_the_margins_that_are_just_rejected(pair, confidence):
    x1, x0 = pair
    low, high = miettinen_nurminen_interval(x1, 40, x0, 60, confidence=confidence)
    assert -1 <= low <= x1 / 40 - x0 / 60 <= high <= 1
    shrink = (99 / 100) ** 0.5
    zs = [farrington_manning_test(x1, 40, x0, 60, margin=end).z * shrink for end in (low, high)]
    assert zs[0] == pytest.approx(-zs[1], rel=1e-5)


@settings(deadline=None, max_examples=25)
@given(counts)
def test_swapping_the_groups_turns_the_interval(pair):
    x1, x0 = pair
    low, high = miettinen_nurminen_interval(x1, 40, x0, 60)
    assert miettinen_nurminen_interval(x0, 60, x1, 40) == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize("case", [(0, 10, 0, 10), (10, 10, 10, 10), (10, 10, 0, 10), (0, 5, 7, 7)])
def test_shares_of_nobody_and_everybody_have_limits(case):
    low, high = miettinen_nurminen_interval(*case)
    assert -1 <= low <= high <= 1
    assert 0 <= farrington_manning_test(*case, margin=0.1).p_above <= 1


@pytest.mark.parametrize("case", [(3, 10, 9, 11), (3, 60, 0, 60), (0, 8, 2, 9)])
def test_one_sided_fisher_is_scipys(case):
    """scipy.stats.fisher_exact(alternative=), itself the tail of the hypergeometric distribution."""
    x1, n1, x0, n0 = case
    for way in ("less", "greater", "two-sided"):
        expected = fisher_exact([[x1, n1 - x1], [x0, n0 - x0]], alternative=way).pvalue
        assert fisher_exact_test(*case, way=way) == pytest.approx(expected, rel=1e-9)
