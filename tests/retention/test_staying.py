"""How long customers stay, and whether cohorts get better: against slow counts, published numbers and simulation."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from cxlab.retention import cohort_retention
from cxlab.retention.stays import staying

DAYS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 14)), min_size=1, max_size=40)
FIRST = dt.date(2026, 1, 5)


def frame(visits):
    return pd.DataFrame([(u, str(FIRST + dt.timedelta(days=int(d)))) for u, d in visits], columns=["unit", "time"])


def ends(visits, last, g):
    """Per person: the age of leaving, or of the last watched period, and which of both."""
    found = []
    for unit in {u for u, _ in visits}:
        days = {d for u, d in visits if u == unit}
        start = min(days)
        gone = next(k for k in range(1, 99) if not any(start + k + i in days for i in range(g)))
        seen = last - start
        found.append((gone, 1) if gone + g - 1 <= seen else (seen - g + 1, 0))
    return [(age, churned) for age, churned in found if age > 0]


@settings(max_examples=25, deadline=None)
@given(visits=DAYS, spare=st.integers(0, 5), g=st.integers(1, 3))
def test_who_is_watched_and_who_leaves_equals_the_definition(visits, spare, g):
    last = max(d for _, d in visits) + spare
    until = str(FIRST + dt.timedelta(days=last))
    result = cohort_retention(frame(visits), period="day", churn_after=g, observe_until=until)
    people = ends(visits, last, g)
    found = result.findings.stays
    expected = [
        (age, sum(a >= age for a, _ in people), sum(a == age and c for a, c in people))
        for age in range(1, max((a for a, _ in people), default=0) + 1)
    ]
    assert found[["age", "n", "churned"]].to_numpy().tolist() == [list(row) for row in expected]
    stays = np.cumprod([1 - lost / n for _, n, lost in expected])
    np.testing.assert_allclose(found["estimate"].to_numpy(float), stays, atol=1e-12)


def test_without_censoring_the_curve_is_the_streak():
    rng = np.random.default_rng(3)
    visits = [(f"u{i}", d) for i in range(200) for d in (0, *np.flatnonzero(rng.random(6) < 0.7) + 1)]
    how = {"period": "day", "horizon": 6, "observe_until": str(FIRST + dt.timedelta(days=6))}
    stays = cohort_retention(frame(visits), churn_after=1, **how).tables["staying"]
    streak = cohort_retention(frame(visits), measure="streak", **how).tables["curve"]
    np.testing.assert_allclose(stays["estimate"], streak["rate"][1:])


def test_published_hazards():
    """Fader and Hardie 2007, Table 1, segment Regular of 1,000; vector hazard_regular."""
    survivors = [1000, 631, 468, 382, 326, 289, 262, 241]
    visits = [(f"u{i}", k) for k, n in enumerate(survivors) for i in range(n)]
    found = cohort_retention(frame(visits), period="day", churn_after=1,
                             observe_until=str(FIRST + dt.timedelta(days=7))).tables["staying"]  # fmt: skip
    assert found["churned"].tolist() == [369, 163, 86, 56, 37, 27, 21]
    np.testing.assert_allclose(found["hazard"][:3], [0.369, 0.258320126782884, 0.183760683760684], rtol=1e-12)
    np.testing.assert_allclose(found["estimate"].iloc[-1], 0.241)


@pytest.fixture(scope="module")
def groups():
    rng = np.random.default_rng(5)
    visits = pd.DataFrame([
        {"unit": f"{plan}{i}", "time": str(FIRST + dt.timedelta(days=int(d))), "plan": plan}
        for plan, p in (("team", 0.9), ("solo", 0.6)) for i in range(150)
        for d in (0, *np.flatnonzero(rng.random(9) < p) + 1)
    ])  # fmt: skip
    return cohort_retention(visits, period="day", churn_after=2, segment="plan", observe_until="2026-01-14")


def test_segments_are_followed_and_tested(groups):
    stays = groups.tables["staying"]
    assert set(stays["segment"]) == {"all", "team", "solo"}
    assert groups.tables["staying_test"]["p_value"].iloc[0] < 1e-6
    assert "staying" in groups.pictures
    assert "stay to day" in " ".join(groups.chart("staying").to_dict()["title"]["text"])


def test_the_curve_of_staying_keeps_its_level():
    """Who leaves for good at a constant hazard, seen for 4 to 9 days."""
    rng, covered = np.random.default_rng(11), 0
    question = SimpleNamespace(segment=None, horizon=None, confidence=0.95)
    for _ in range(1000):
        seen, life = 9 - rng.integers(0, 6, 120), rng.geometric(0.2, 120)
        churned = life + 1 <= seen
        people = pd.DataFrame(
            {"segment": None, "age": np.where(churned, life, seen - 1), "churned": churned.astype(int)}
        )
        row = staying(people.assign(n=1), question).set_index("age").loc[4]
        covered += row["ci_low"] <= 0.8**4 <= row["ci_high"]
    interval = binomtest(covered, 1000).proportion_ci(0.999)
    assert interval.low <= 0.95 <= interval.high


def test_a_trend_over_cohorts_is_found_and_drawn():
    rng = np.random.default_rng(2)
    visits = [(f"{c}-{i}", d) for c in range(10) for i in range(200)
              for d in ([c, c + 1] if rng.random() < 0.3 + 0.03 * c else [c])]  # fmt: skip
    result = cohort_retention(frame(visits), period="day", observe_until="2026-01-16")
    row = result.tables["trend_over_cohorts"].iloc[0]
    assert (row["since"], row["until"], row["cohorts"]) == ("2026-01-05", "2026-01-14", 10)
    assert row["ci_low"] < 0.27 < row["ci_high"]
    title = " ".join(result.chart("trend").to_dict()["title"]["text"])
    assert title.startswith("Coming back in day 1 rises from 3")


def test_without_five_cohorts_there_is_no_trend():
    visits = [(f"{c}-{i}", d) for c in range(4) for i in range(60) for d in ([c, c + 1] if i % 2 else [c])]
    result = cohort_retention(frame(visits), period="day", observe_until="2026-01-12")
    assert "trend_over_cohorts" not in result.tables
    assert "trend" not in result.pictures
