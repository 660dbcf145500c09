"""Rates, quantiles, order, odds and restricted means against R and published tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxlab.errors import DataError
from cxlab.stats.curve_differences import log_rank
from cxlab.stats.odds import cut_odds, proportional_odds
from cxlab.stats.quantiles import order_statistic_interval, order_statistic_ranks, quantile_arm
from cxlab.stats.rates import dispersion, exact_rate_ratio, poisson_interval
from cxlab.stats.restricted_mean import restricted_mean, survival_arm
from cxlab.stats.superiority import brunner_munzel, mann_whitney
from cxlab.stats.survival import kaplan_meier
from tests.stats.experiment_vectors import vector

COUNTS = st.lists(st.integers(0, 30), min_size=4, max_size=4).filter(lambda n: sum(n) > 3)


def test_order_and_odds_as_in_r():
    """R 4.2.2 wilcox.test, MASS polr; generated counts."""
    given_, expected, tolerance = vector("likert_csat")
    treatment, control = given_["treatment"], given_["control"]
    u, p = mann_whitney(treatment, control)
    odds = proportional_odds(treatment, control).odds
    found = [u, p, brunner_munzel(treatment, control).probability, odds.value, odds.se]
    wanted = [expected[name] for name in ("W_treat", "p_mwu", "prob_superiority", "polr_logor", "polr_se")]
    assert found == pytest.approx(wanted, rel=tolerance)


def test_brunner_munzel_on_the_pain_scores_of_its_r_package():
    """Pain scores in the manual of the R package lawstat; it prints p 0.005786, 0.788961 (0.5952169, 0.9827052)."""
    found = brunner_munzel([3, 1, 4, 2, 1], [11, 2, 0, 1, 0])
    assert [found.probability, found.ci_low, found.ci_high, found.p_value] == pytest.approx(
        [0.788961, 0.5952169, 0.9827052, 0.005786], rel=1e-4
    )


@given(COUNTS, COUNTS)
def test_order_equals_scipy_and_swapping_groups_mirrors_it(one, zero):
    found, other = brunner_munzel(one, zero), brunner_munzel(zero, one)
    assert found.probability == pytest.approx(1 - other.probability)
    if found.se > 1e-9:
        rows = [np.repeat(np.arange(4), counts) for counts in (zero, one)]
        assert found.p_value == pytest.approx(stats.brunnermunzel(*rows).pvalue, rel=1e-6, abs=1e-12)


def test_separated_answers_have_no_odds_ratio():
    assert proportional_odds([0, 0, 9], [5, 4, 0]) is None
    assert np.isfinite(cut_odds(5, 0, 3, 4).value)


def test_two_answers_give_the_odds_ratio_of_the_table():
    assert proportional_odds([10, 20], [20, 10]).odds.value == pytest.approx(cut_odds(20, 10, 10, 20).value)


def test_the_exact_interval_of_a_quantile_as_in_r():
    """R 4.2.2 qbinom and quantile(type = 7); generated data."""
    given_, expected, _ = vector("quantile_orderstat")
    assert order_statistic_ranks(200, 0.9) == (expected["lo_rank"], expected["hi_rank"])
    assert list(order_statistic_interval(given_["x"], 0.9)) == expected["ci"]
    assert quantile_arm(given_["x"], 0.9)[0].estimate == pytest.approx(expected["q90_type7"])


def test_ranks_are_those_of_the_binomial_distribution():
    for n in (5, 40, 977):
        for q in (0.1, 0.5, 0.95):
            wanted = (int(stats.binom.ppf(0.025, n, q)), int(stats.binom.ppf(0.975, n, q)) + 1)
            assert order_statistic_ranks(n, q) == wanted


def test_rows_of_one_unit_each_are_independent_rows():
    y = np.random.default_rng(2).gamma(2, 3, 500)
    assert quantile_arm(y, 0.9, unit=np.arange(500))[0] == pytest.approx(quantile_arm(y, 0.9)[0])


def test_exact_rates_as_in_rs_poisson_test():
    """R poisson.test: its manual prints 4.753125 to 6.692709, and 1.971488 (0.8584264, 4.2772659)."""
    assert poisson_interval(137, 24.19893) == pytest.approx((4.753125, 6.692709), rel=1e-6)
    found = exact_rate_ratio(11, 800, 21, 1083 + 1050 + 878)
    assert found[:3] == pytest.approx((1.971488, 0.8584264, 4.2772659), rel=1e-6)


@given(st.integers(0, 15), st.integers(0, 15))
def test_exact_limits_and_exact_test_agree(x1, x0):
    found = exact_rate_ratio(x1, 100, x0, 150)
    inside = (found.ci_low or 0.0) < 1 < (np.inf if found.ci_high is None else found.ci_high)
    assert inside == (found.p_value > 0.05)


def test_bursts_are_found():
    rng = np.random.default_rng(3)
    single, bursts = rng.poisson(0.05, 2000), 3 * rng.poisson(0.02, 2000)
    assert dispersion(single.var(ddof=1), single.mean(), 2000).p_value > 0.01
    assert dispersion(bursts.var(ddof=1), bursts.mean(), 2000).p_value < 1e-6


def test_restricted_means_as_in_rs_survfit():
    """R survival, print(survfit(...), print.rmean=TRUE) on aml: 52.6 (19.83) and 22.7 (4.18)."""
    kept = kaplan_meier([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
    not_kept = kaplan_meier([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1] * 5 + [0] + [1] * 6)
    for curve, horizon, mean, error in ((kept, 161, 52.6, 19.83), (not_kept, 45, 22.7, 4.18)):
        arm = restricted_mean(curve, horizon)
        assert (round(arm.estimate, 1), round(arm.variance**0.5, 2)) == (mean, error)
    with pytest.raises(DataError, match="at most 161, the last one seen"):
        restricted_mean(kept, 200)
    assert survival_arm(kept, 0) == (11, 1.0, 0.0, 10)


def test_log_rank_as_in_r():
    """R survival 3.5-3 survdiff on ovarian."""
    given_, expected, tolerance = vector("logrank_ovarian")
    found = log_rank(given_["time"], given_["event"], given_["group"])
    assert [found.statistic, found.p_value] == pytest.approx([expected["chisq"], expected["p"]], rel=tolerance)


def test_without_censoring_the_restricted_mean_is_the_mean_of_capped_times():
    times = np.array([1.0, 2, 4, 7, 9, 12])
    arm = restricted_mean(kaplan_meier(times, np.ones(6)), 8)
    capped = np.minimum(times, 8)
    assert arm.estimate == pytest.approx(capped.mean())
    assert arm.variance == pytest.approx(capped.var() / 6)
