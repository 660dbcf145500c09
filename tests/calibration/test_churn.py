"""Do tests of who leaves sooner raise false alarms as often as they say, and do the intervals cover?

Seeds were fixed before the first run. Customers stay for whole days, begin at different times, and are seen until one
day. The bounds allow for the number of replicates at a level that holds for all checks here together (99.9 %).
"""

import numpy as np
import pytest
from scipy.stats import binom

from cxlab.stats.cox import cox_regression
from cxlab.stats.curve_differences import log_rank, log_rank_pairs
from cxlab.stats.incidence import cumulative_incidence
from cxlab.stats.incidence_tests import gray_test
from cxlab.stats.means import arm_difference
from cxlab.stats.proportional_hazards import proportional_hazards
from cxlab.stats.restricted_mean import restricted_mean
from cxlab.stats.survival import kaplan_meier

HORIZON = 60.0
ERROR = 0.001 / 60


def seen(days, rng):
    """Whole days until leaving, or until the table's end."""
    watched = rng.integers(20, 180, len(days)).astype(float)
    whole = np.ceil(days)
    return np.minimum(whole, watched), whole <= watched


def alike(n, rng):
    """Three groups with one hazard; a stratum with which both group and hazard go."""
    stratum = rng.integers(0, 2, n)
    group = np.where(rng.random(n) < 0.3 + 0.3 * stratum, "a", rng.choice(["b", "c"], n))
    time, left = seen(rng.exponential(np.where(stratum == 1, 60.0, 120.0)), rng)
    return time, left, group, stratum


def ways(n, rng):
    """One share gone for the first reason at each time in both groups, while the other reason comes sooner in one."""
    group, cause = rng.integers(0, 2, n), rng.integers(1, 3, n)
    time, left = seen(rng.exponential(np.where(cause == 1, 60.0, np.where(group == 1, 20.0, 90.0))), rng)
    return time, np.where(left, cause, 0), group


def alarms(n, seed):
    """Which tests see something that is not there, at 5 %?"""
    rng = np.random.default_rng(seed)
    time, left, group, stratum = alike(n, rng)
    shuffled = rng.permutation(group)
    when, cause, half = ways(n, rng)
    x = np.stack([rng.normal(size=n), rng.integers(0, 2, n), stratum], axis=1)
    fit = cox_regression(time, left, x, names=["x", "y", "stratum"])
    return {
        "log_rank": log_rank(time, left, shuffled).p_value,
        "within": log_rank(time, left, group, strata=stratum).p_value,
        "pairs": min(test.p_adjusted for test in log_rank_pairs(time, left, shuffled)),
        "gray": gray_test(when, cause, half).p_value, "cox": fit.p_value[0],
        "proportional": proportional_hazards(fit)[-1].p_value,
        "one_driver": proportional_hazards(fit)[0].p_value,
    }  # fmt: skip


TRUE = np.log([1.5, 0.7])


def coverage(n, seed):
    """Which intervals hold the truth?"""
    rng = np.random.default_rng(seed)
    x = np.stack([rng.integers(0, 2, n), rng.normal(size=n)], axis=1)
    stratum = rng.integers(0, 3, n)
    time, left = seen(rng.exponential(1 / (np.exp(x @ TRUE) / np.array([60, 100, 160])[stratum])), rng)
    fit = cox_regression(time, left, x, names=["x", "y"], strata=stratum)
    hits = {f"hazard_ratio_{k}": fit.ci_low[k] <= TRUE[k] <= fit.ci_high[k] for k in (0, 1)}
    when, cause, _ = ways(n, rng)
    _, low, high = (one[0] for one in cumulative_incidence(when, cause)[0].at(HORIZON))
    hits["incidence"] = low <= 0.5 * (1 - np.exp(-1.0)) <= high
    curves = [kaplan_meier(*seen(rng.exponential(mean, n), rng)) for mean in (80.0, 120.0)]
    _, low, high = (one[0] for one in curves[0].at(HORIZON))
    hits["share"] = low <= np.exp(-HORIZON / 80) <= high
    begin, end = curves[0].quantile()[1:]
    hits["median"] = not (begin > np.ceil(80 * np.log(2))) and not (end < np.ceil(80 * np.log(2)))
    mean = [np.exp(-np.arange(HORIZON) / scale).sum() for scale in (80.0, 120.0)]
    gap = arm_difference(*(restricted_mean(curve, HORIZON) for curve in curves[::-1]), confidence=0.95)
    hits["mean_difference"] = gap.ci_low <= mean[1] - mean[0] <= gap.ci_high
    return hits


def clustered(n, seed):
    """Customers with one to four contracts that are alike: does the robust interval of a customer's trait cover?"""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(n), rng.integers(1, 5, n))
    x, own = rng.integers(0, 2, n), rng.gamma(2.0, 0.5, n)
    time, left = seen(rng.exponential(80 / own[of]), rng)
    fit = cox_regression(time, left, x[of], names=["x"], cluster=of)
    return {"clustered": fit.ci_low[0] <= 0.0 <= fit.ci_high[0]}


def counted(found):
    return {name: sum(one[name] for one in found) for name in found[0]}


def false(n, seed, replicates):
    return counted([{k: p < 0.05 for k, p in alarms(n, seed + r).items()} for r in range(replicates)])


def held(what, n, seed, replicates):
    return counted([what(n, seed + r) for r in range(replicates)])


def rare(found, replicates, low=0.035, high=0.065):
    least, most = binom.ppf(ERROR, replicates, low), binom.isf(ERROR, replicates, high)
    return {name: bool((least <= value or name == "pairs") and value <= most) for name, value in found.items()}


def covered(found, replicates, low=0.93, high=0.97):
    least, most = binom.ppf(ERROR, replicates, low), binom.isf(ERROR, replicates, high)
    # The median's steps of whole days make its interval wider than it says.
    return {name: bool(least <= value and (value <= most or name == "median")) for name, value in found.items()}


def test_false_alarms_and_coverage_in_short():
    found = false(200, 20261200, 60)
    assert rare(found, 60) == dict.fromkeys(found, True)
    found = held(coverage, 200, 20261300, 60)
    assert covered(found, 60) == dict.fromkeys(found, True)


@pytest.mark.calibrate
@pytest.mark.parametrize(("n", "seed", "replicates"), [(120, 20400000, 2000), (600, 20410000, 2000)])
def test_false_alarms_at_length(n, seed, replicates):
    found = false(n, seed, replicates)
    print(n, {name: round(value / replicates, 4) for name, value in found.items()})
    assert rare(found, replicates) == dict.fromkeys(found, True)


@pytest.mark.calibrate
@pytest.mark.parametrize(("n", "seed", "replicates"), [(120, 20420000, 2000), (600, 20430000, 2000)])
def test_intervals_cover_at_length(n, seed, replicates):
    found = held(coverage, n, seed, replicates)
    print(n, {name: round(value / replicates, 4) for name, value in found.items()})
    assert covered(found, replicates) == dict.fromkeys(found, True)


@pytest.mark.calibrate
def test_customers_with_several_contracts_at_length():
    found = held(clustered, 200, 20440000, 2000)
    print({name: round(value / 2000, 4) for name, value in found.items()})
    assert covered(found, 2000) == dict.fromkeys(found, True)
