"""Looking early at tests of a design: what goes together, what is refused, what a margin's test means at a look."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from cxlab.errors import ParameterError
from cxlab.experiments import ab_test
from cxlab.stats.sequential import spending_bounds


def visits(n=4000, gain=0.0, seed=7):
    chance = np.random.default_rng(seed)
    new = chance.random(n) < 0.5
    day = pd.Timestamp("2026-05-04") + pd.to_timedelta(np.sort(chance.random(n)) * 14, unit="D")
    return pd.DataFrame(
        {
            "variant": np.where(new, "new", "control"),
            "bought": (chance.random(n) < 0.3 + gain * new).astype(int),
            "shop": chance.integers(0, 60, n).astype(str),
            "region": np.where(chance.random(n) < 0.5, "north", "south"),
            "seen": (chance.random(n) < 0.7).astype(int),
            "at": day,
        }
    )


def test_strata_keep_their_variance_at_every_look():
    found = ab_test(
        visits(gain=0.02), metrics=["proportion('bought')"], strata="region", time="at", planned_n=8000,
        monitoring="obrien-fleming", looks=[2000],
    )  # fmt: skip
    looks = found.tables["looks"]
    assert looks["n"].tolist() == [2000, 4000]
    alone = ab_test(visits(gain=0.02).head(2000), metrics=["proportion('bought')"], strata="region")
    assert looks.loc[0, "effect"] == pytest.approx(alone.table.loc[0, "effect"])
    assert "adjusted" not in found.table.loc[0, "method"] or found.table.loc[0, "raw_effect"] is not None


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"cluster": "shop"}, "cluster"),
        ({"alternative": "one-sided"}, "alternative"),
        ({"metrics": ["proportion('bought', margin=0.02, test='non-inferiority')"], "looks": [1000]}, "margin"),
    ],
)
def test_designs_without_limits_for_looks_are_refused_by_name(asked, word):
    settings = {"metrics": ["proportion('bought')"], "monitoring": "pocock", "planned_n": 8000, **asked}
    with pytest.raises(ParameterError, match=word):
        ab_test(visits(), **settings)


def test_looks_alone_are_refused_with_clusters_too():
    with pytest.raises(ParameterError, match="`looks` and `cluster`"):
        ab_test(visits(), metrics=["proportion('bought')"], cluster="shop", looks=[1000])


def test_exposed_units_are_counted_and_earlier_looks_are_not_made_again():
    data = visits()
    found = ab_test(
        data, metrics=["proportion('bought')"], exposed="seen", time="at", monitoring="always-valid", looks=[1000]
    )
    looks = found.tables["looks"]
    assert looks["n"].tolist() == [1000, int(data["seen"].sum())]
    assert looks["effect"].isna().tolist() == [True, False]
    assert "Name the time" not in next(check.message for check in found.checks if check.name == "looks")


def test_a_margin_is_tested_at_the_level_of_the_look():
    """Passed at a look exactly where the p value of a single look lies beyond that look's limit."""
    metrics = ["proportion('bought', margin=0.06, test='non-inferiority')"]
    once = ab_test(visits(), metrics=metrics, planned_n=8000).table.loc[0]
    watched = ab_test(visits(), metrics=metrics, planned_n=8000, monitoring="obrien-fleming")
    limit = spending_bounds([0.5], alpha=0.025, spending="obrien-fleming")[0]
    row = watched.table.loc[0]
    assert row["ci_low"] < once["ci_low"] < once["ci_high"] < row["ci_high"]
    assert (row["p_value"] <= 0.025) == (once["p_value"] <= ndtr(-limit))
    assert row["p_value"] > once["p_value"]
