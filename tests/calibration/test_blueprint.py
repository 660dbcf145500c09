"""Do intervals of waits hold the truth, where not all come, and some have not come yet?

Seeds were fixed before the first run; bounds allow for the number of replicates at a level that holds for all checks
here together (99.9 %).
"""

import numpy as np
import pytest
from scipy.stats import lognorm

from cxlab.stats.arrivals import arrivals

BELOW, SPREAD, HORIZON = 3.9, 1.0, 10.0  # standard errors, for two dozen checks


def covered(hits, runs, least):
    assert hits / runs >= least - BELOW * np.sqrt(least * (1 - least) / runs), hits / runs


@pytest.mark.parametrize("runs", [150, pytest.param(4_000, marks=pytest.mark.calibrate)])
@pytest.mark.parametrize("open_", [False, True], ids=["all watched", "some still open"])
@pytest.mark.parametrize("comes", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("people", [25, 60, 300])
def test_intervals_of_waits_and_of_who_comes_cover(people, comes, open_, runs):
    """Half of those who come within ten days; who comes at all is drawn, and how long somebody is watched."""
    draw, hits, told, shares = np.random.default_rng(20261127 + people), 0, 0, 0
    share = comes * lognorm.cdf(HORIZON, SPREAD)
    median = lognorm.ppf(lognorm.cdf(HORIZON, SPREAD) / 2, SPREAD)
    for _ in range(runs):
        at = np.where(draw.random(people) < comes, np.exp(SPREAD * draw.normal(size=people)), np.inf)
        watched = draw.uniform(2, 18, people) if open_ else np.full(people, 50.0)
        found = arrivals(np.minimum(at, watched), at <= watched, horizon=HORIZON)
        shares += found.share[1] <= share <= found.share[2]
        if not np.isnan(found.median[0]):
            told += 1
            hits += found.median[1] <= median and not found.median[2] < median
    print(people, comes, open_, hits / told, shares / runs)
    covered(hits, told, 0.93)
    covered(shares, runs, 0.94)
