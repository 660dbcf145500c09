"""Do the intervals of cells and curves cover what they promise?

Seeds were fixed before the first run. Wilson's coverage is enumerated exactly; the clustered curve is simulated, and
the bound allows for the number of replicates at a level that holds for all checks here together (99.9 %).
"""

import inspect

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln, gammaln, xlog1py, xlogy
from scipy.stats import binom

import cxlab.data as cx
from cxlab.retention import cohort_retention
from cxlab.retention.cells import Counts, curve
from cxlab.retention.cohort_sql import cluster_sql, counts_sql
from cxlab.retention.question import ask
from cxlab.stats.proportions import wilson_interval


def coverage(n, p):
    """The exact chance that Wilson's interval holds p, over all outcomes of n trials."""
    x = np.arange(n + 1)
    low, high = wilson_interval(x, n)
    return float(binom.pmf(x, n, p)[(low <= p) & (p <= high)].sum())


@pytest.mark.parametrize(("n", "p", "known"), [(20, 0.5, 0.9586), (50, 0.5, 0.9351), (10, 0.3, 0.9244)])
def test_wilson_coverage_by_exact_enumeration(n, p, known):
    """Values by hand: n = 20 keeps 6 to 14; n = 50 keeps 19 to 31; n = 10 keeps 1 to 5."""
    keeps = {20: range(6, 15), 50: range(19, 32), 10: range(1, 6)}[n]
    x = np.array(list(keeps))
    log_choose = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    by_hand = float(np.exp(log_choose + xlogy(x, p) + xlog1py(n - x, -p)).sum())
    assert coverage(n, p) == pytest.approx(by_hand, rel=1e-9)
    assert coverage(n, p) == pytest.approx(known, abs=5e-5)


@pytest.mark.parametrize("n", [50, 100, 400])
def test_wilson_covers_on_average_what_it_promises(n):
    """Over rates from 2 % to 98 % the mean is 93 to 97 %, from fifty people on, which is where rates are drawn."""
    mean = np.mean([coverage(n, p) for p in np.linspace(0.02, 0.98, 193)])
    assert 0.945 <= mean <= 0.957


def expected_rate(habit):
    """The chance to come on a later day, given a visit: E[s squared] / E[s]; each visit starts one cohort."""
    a, b = habit
    return float(np.exp(betaln(a + 2, b) - betaln(a + 1, b)))


def visits(rng, replicates, people, habit):
    """Everybody has his own share of days on which he comes, from a beta law: the cells of one person are alike."""
    share = rng.beta(*habit, size=replicates * people)
    unit, day = np.nonzero(rng.random((replicates * people, 8)) < share[:, None])
    return unit, day, unit // people


def starts_and_returns(rng, replicates, people):
    """Everybody comes on one of five days, and with chance 0.35 on the next one too."""
    start = rng.integers(0, 5, replicates * people)
    back = rng.random(replicates * people) < 0.35
    unit = np.arange(replicates * people)
    units = np.concatenate([unit, unit[back]])
    return units, np.concatenate([start, start[back] + 1]), units // people


def covered(unit, day, replicate, *, truth, age, anchor, until):
    """How many replicates' curves hold the truth; each replicate is a segment, so that one pass does them all."""
    time = pd.Timestamp("2026-01-05") + pd.to_timedelta(day, unit="D")
    table = cx.table(pd.DataFrame({"unit": unit, "time": time, "segment": replicate}))
    defaults = {k: p.default for k, p in inspect.signature(cohort_retention).parameters.items() if k != "data"}
    question = ask(table, defaults | {
        "segment": "segment", "period": "day", "anchor": anchor, "horizon": 3, "observe_until": until,
    })  # fmt: skip
    cluster = table.query(cluster_sql(question)) if anchor == "recurring" else None
    found = curve(Counts(table.query(counts_sql(question))), question, cluster, "segment")
    rows = found[found["age"] == age]
    return int(((rows["ci_low"] <= truth) & (truth <= rows["ci_high"])).sum()), len(rows)


def bounds(replicates, *, low=0.93, high=0.97, error=0.0005):
    """Counts that are not surprising if the true coverage lies between low and high."""
    return binom.ppf(error, replicates, low), binom.isf(error, replicates, high)


def recurring(replicates, people, seed, habit=(0.8, 2.4)):
    log = visits(np.random.default_rng(seed), replicates, people, habit)
    return covered(*log, truth=expected_rate(habit), age=2, anchor="recurring", until="2026-01-12")


def first(replicates, people, seed):
    log = starts_and_returns(np.random.default_rng(seed), replicates, people)
    return covered(*log, truth=0.35, age=1, anchor="first_matching", until="2026-01-08")


def test_the_curves_cover_in_short():
    for hits, replicates in (recurring(200, 200, 20260101), first(200, 300, 20260105)):
        least, most = bounds(replicates)
        assert replicates == 200
        assert least <= hits <= most


@pytest.mark.calibrate
@pytest.mark.parametrize(("people", "seed"), [(60, 20260102), (200, 20260103), (800, 20260104)])
def test_the_recurring_curve_covers_at_length(people, seed):
    hits, replicates = recurring(2000, people, seed)
    least, most = bounds(replicates)
    assert least <= hits <= most


@pytest.mark.calibrate
def test_the_pooled_curve_covers_at_length():
    hits, replicates = first(2000, 300, 20260106)
    least, most = bounds(replicates)
    assert least <= hits <= most
