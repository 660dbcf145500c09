"""Intervals of shares against R and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxlab.stats.proportions import newcombe_difference, wilson_interval

# R 4.2.2 prop.test(correct=FALSE), equal to statsmodels 0.15.0 proportion_confint(method="wilson")
WILSON = {
    (631, 1000): (0.600644550435556, 0.660352838841229),
    (3, 12): (0.0889416683940547, 0.532305334933566),
    (0, 20): (0.0, 0.161125158052819),
    (20, 20): (0.838874841947181, 1.0),
}


@pytest.mark.parametrize(("case", "limits"), WILSON.items())
def test_wilson_equals_r(case: tuple[int, int], limits: tuple[float, float]) -> None:
    assert np.allclose(wilson_interval(*case), limits, rtol=1e-9, atol=1e-12)


def test_wilson_of_nobody_is_missing() -> None:
    assert np.isnan(wilson_interval(0, 0)).all()


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_mirrors(case: tuple[int, int]) -> None:
    x, n = case
    low, high = wilson_interval(x, n)
    mirrored = wilson_interval(n - x, n)
    assert 0 <= low <= x / n <= high <= 1
    assert np.allclose((1 - high, 1 - low), mirrored, atol=1e-12)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_newcombe_flips_with_the_groups_and_equals_statsmodels(n1: int, n0: int, data: st.DataObject) -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep

    x1, x0 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n0))
    effect, low, high = newcombe_difference(x1, n1, x0, n0)
    back, back_low, back_high = newcombe_difference(x0, n0, x1, n1)
    assert np.allclose((effect, low, high), (-back, -back_high, -back_low), atol=1e-12)
    expected = confint_proportions_2indep(x1, n1, x0, n0, method="newcomb", compare="diff")
    assert np.allclose((low, high), expected, atol=1e-9)


def coverage(p: float, n: int) -> float:
    from scipy.stats import binom

    low, high = wilson_interval(np.arange(n + 1), n)
    return float(binom.pmf(np.arange(n + 1), n, p)[(low <= p) & (p <= high)].sum())


# Exact enumeration: Brown, Cai and DasGupta 2001, Statistical Science 16:101, report the mean close to nominal and
# dips near the edges; the minimum over p in [0.05, 0.95] stays above 0.9 from n = 10 on.
@pytest.mark.parametrize("n", [10, 20, 50, 100])
def test_wilson_covers_by_exact_enumeration(n: int) -> None:
    covered = [coverage(p, n) for p in np.linspace(0.05, 0.95, 181)]
    assert 0.945 < np.mean(covered) < 0.965
    assert min(covered) > 0.89
