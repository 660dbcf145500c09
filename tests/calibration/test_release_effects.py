"""Does the change at a release tell the truth? Seeds were fixed before the first run.

Cohorts are simulated with a straight trend in log odds, a known jump, and shares that vary by chance alone or by more;
against a comparison group, with shocks that move both groups alike.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import binom

from cxlab.retention.release_cohorts import Cohorts
from cxlab.retention.release_estimates import against_row, leads_by_cohort, release_estimates

GIVEN = {"scale": "difference", "confidence": 0.95}


def drawn(rng, *, before, after, n, jump, more=0.0, shock=0.0, control=False):
    """Cohorts of one or two groups; `more` is the spread of shares beyond chance, `shock` what both groups share."""
    at = np.arange(-before, after)
    common = rng.normal(0, shock, len(at)) if shock else np.zeros(len(at))
    parts = []
    for group, gains, level in (("a", True, 0.35), ("b", False, 0.28))[: 2 if control else 1]:
        p = expit(logit(level) + 0.01 * at + (jump if gains else 0.0) * (at >= 0) + common)
        p = rng.beta(p / more**2, (1 - p) / more**2) if more else p
        size = rng.poisson(n, len(at)) + 5
        k = rng.binomial(size, p)
        parts.append(pd.DataFrame({"group": group, "at": at, "c": at, "name": [str(one) for one in at], "n": size,
                                   "returned": k, "rate": k / size, "ci_low": 0.0, "ci_high": 1.0}))  # fmt: skip
    return Cohorts(rows=pd.concat(parts, ignore_index=True), question=None, affected="a",
                   control="b" if control else None, mixed="", first_after="0", checks=())  # fmt: skip


def truth(jump):
    """The true change of the share in the first period after the release."""
    return expit(logit(0.35) + jump) - 0.35


def bounds(replicates, *, low=0.93, high=0.975, error=0.001 / 16):
    """Counts that are not surprising if the true coverage lies between low and high."""
    return binom.ppf(error, replicates, low), binom.isf(error, replicates, high)


CASES = [
    ({"before": 16, "after": 14, "n": 110}, 0.3, 21000000), ({"before": 8, "after": 8, "n": 60}, 0.0, 21010000),
    ({"before": 16, "after": 14, "n": 110, "more": 0.08}, 0.3, 21020000),
    ({"before": 8, "after": 8, "n": 400, "more": 0.10}, 0.0, 21030000),
]  # fmt: skip


@pytest.mark.calibrate
@pytest.mark.parametrize(("settings", "jump", "seed"), CASES)
def test_the_interval_of_the_jump_covers(settings, jump, seed):
    replicates, hits, odds = 600, 0, 0
    for k in range(replicates):
        seen = drawn(np.random.default_rng(seed + k), jump=jump, **settings)
        found = release_estimates(seen, GIVEN)
        row = found.table.iloc[0]
        hits += row["ci_low"] <= truth(jump) <= row["ci_high"]
        row = found.coefficients.iloc[1]
        odds += row["ci_low"] <= np.exp(jump) <= row["ci_high"]
    least, most = bounds(replicates)
    print(settings, "difference", hits / replicates, "odds", odds / replicates, (least, most))
    assert least <= hits <= most
    assert least <= odds <= most


@pytest.mark.calibrate
@pytest.mark.parametrize(("shock", "more", "seed"), [(0.0, 0.0, 21040000), (0.3, 0.0, 21050000), (0.3, 0.08, 21060000)])
def test_against_a_group_covers_whatever_moves_both(shock, more, seed):
    """Without a change both scales hold none; with one the odds ratio is held whatever the shocks."""
    replicates, hits, odds = 500, 0, 0
    for k in range(replicates):
        settings = {"before": 12, "after": 10, "n": 120, "shock": shock, "more": more, "control": True}
        row = against_row(drawn(np.random.default_rng(seed + k), jump=0.0, **settings), "difference", 0.95)
        hits += row["ci_low"] <= 0 <= row["ci_high"]
        seen = drawn(np.random.default_rng(seed + 1000 + k), jump=0.3, **settings)
        row = against_row(seen, "odds", 0.95)
        odds += row["ci_low"] <= np.exp(0.3) <= row["ci_high"]
    least, most = bounds(replicates)
    print(shock, more, "difference", hits / replicates, "odds", odds / replicates, (least, most))
    assert least <= hits <= most
    assert least <= odds <= most


@pytest.mark.calibrate
def test_equal_trends_are_doubted_no_oftener_than_promised():
    replicates, doubted = 600, 0
    for k in range(replicates):
        rng = np.random.default_rng(21070000 + k)
        seen = drawn(rng, before=12, after=6, n=120, jump=0.2, shock=0.2, control=True)
        doubted += leads_by_cohort(seen, "odds", 0.95)[1] < 0.05
    least, most = bounds(replicates, low=0.025, high=0.07)
    print("doubted", doubted / replicates, (least, most))
    assert least <= doubted <= most
