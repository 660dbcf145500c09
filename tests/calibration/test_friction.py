"""Do times lost, groups of ways, odds of struggle and groups compared keep their levels, where people repeat?

Seeds were fixed before the first run; bounds allow for the number of replicates at a level that holds for all checks
here together (99.9 %).
"""

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.journeys.path_clusters import LEAST_STABLE, _words
from cxlab.journeys.path_order import GRID, OrderCounts
from cxlab.journeys.path_order_tables import lost_table
from cxlab.stats.limit_differences import difference_from_limits
from cxlab.stats.partitions import adjusted_rand, best_partition, one_cloud_silhouette, stability, tf_idf

BELOW = 3.9  # standard errors, for a dozen checks
LONG = pytest.mark.calibrate
AWAY = 0.5  # how much people's own usual time varies, on the log scale, beside 0.8 within a person


def covered(hits, runs, least):
    assert hits / runs >= least - BELOW * np.sqrt(least * (1 - least) / runs), hits / runs


def alarmed(share, independent, most):
    assert share <= most + BELOW * np.sqrt(most * (1 - most) / independent), share


def fallen(draw, people, name):
    """One to six falls of each person, whose times are alike; the row as it is counted in the engine."""
    m = draw.integers(1, 7, people)
    who = np.repeat(np.arange(people), m)
    times = np.exp(3 + AWAY * draw.standard_normal(people)[who] + 0.8 * draw.standard_normal(len(who)))
    at = np.quantile(times, GRID)
    side = np.bincount(who, weights=np.where(times <= at[50], 0.5, -0.5))
    return {"segment": name, "stage": "b", "n": people, "falls": len(who), "regained": len(who), "people": people,
            "times": list(at), "spread": float(side @ side)}  # fmt: skip


def lost(draw, people, runs):
    """Median time and its limits in many groups of so many people: three arrays."""
    empty, rows = pd.DataFrame(), [fallen(draw, people, f"g{run:05}") for run in range(runs)]
    counts = OrderCounts(back=empty, lost=pd.DataFrame(rows), ways=empty, turns=empty)
    table = lost_table(counts, stages=("a", "b"), confidence=0.95)
    assert len(table) == runs
    return table[["median_time", "ci_low", "ci_high"]].to_numpy().T


@pytest.mark.parametrize("runs", [80, pytest.param(3_000, marks=LONG)])
@pytest.mark.parametrize("people", [12, 60, 300])
def test_intervals_of_the_time_lost_cover(people, runs):
    """The median of a mixture of lognormal times with one centre is that centre."""
    _, low, high = lost(np.random.default_rng(20261201 + people), people, runs)
    hits = ((low <= np.exp(3)) & (np.exp(3) <= high)).sum()
    print("lost", people, hits / runs)
    covered(hits, runs, 0.94)


@pytest.mark.parametrize("runs", [60, pytest.param(2_000, marks=LONG)])
@pytest.mark.parametrize(("people", "others"), [(60, 60), (60, 300)])
def test_groups_that_lose_the_same_time_are_told_apart_as_rarely_as_said(people, others, runs):
    draw = np.random.default_rng(20261202 + others)
    _, low, high, p = difference_from_limits(*lost(draw, people, runs), *lost(draw, others, runs))
    alarms, hits = (np.asarray(p) < 0.05).sum(), ((low <= 0) & (high >= 0)).sum()
    print("lost differences", people, others, alarms / runs, hits / runs)
    alarmed(alarms / runs, runs, 0.055)
    covered(hits, runs, 0.94)


def walks(draw, people, *, kinds=5, leave=0.08, reach=0.08):
    """People do events in turn that each of them likes more or less; they leave or reach the goal by luck alone."""
    rows = []
    for k in range(people):
        taste, home = draw.dirichlet(np.full(kinds, 2.0)), draw.random() < 0.5
        at, channel = float(draw.uniform(0, 10**6)), "web" if home else "app"
        for _ in range(int(draw.integers(1, 4))):  # visits
            at += 90_000
            while True:
                rows.append((k, at, "abcdefgh"[draw.choice(kinds, p=taste)], channel))
                at += max(float(draw.exponential(20)), 1e-3)
                channel = channel if draw.random() < 0.9 else {"web": "app", "app": "web"}[channel]
                luck = draw.random()
                if luck < leave + reach:
                    rows += [(k, at, "goal", channel)] if luck < reach else []
                    break
    log = pd.DataFrame(rows, columns=["unit", "at", "event", "channel"])
    log["time"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(log["at"], unit="s")
    return log.assign(group=np.where(draw.random(people) < 0.4, "x", "y")[log["unit"]]).drop(columns="at")


@pytest.mark.parametrize("runs", [6, pytest.param(300, marks=LONG)])
def test_without_any_connection_odds_cover_one_and_groups_do_not_differ(runs):
    draw = np.random.default_rng(20261203)
    hits = tried = alarms = rows = false = families = 0
    for _ in range(runs):
        found = cx.journey_friction(
            walks(draw, 400), session_gap="1h", goal="goal", dwell=0.8, channel="channel", segment="group",
            observe_until="2026-03-01",
        )  # fmt: skip
        goal = found.tables["goal"].query("n >= 20")
        hits, tried = hits + ((goal["ci_low"] <= 1) & (goal["ci_high"] >= 1)).sum(), tried + len(goal)
        for name in ("comparison", "switches_comparison", "channels_comparison"):
            table = found.tables[name]
            alarms, rows = alarms + (table["p_value"] < 0.05).sum(), rows + len(table)
            false, families = false + (table["p_adjusted"] < 0.05).any(), families + 1
    print("odds", hits / tried, "p", alarms / rows, "families", false / families)
    covered(hits, tried, 0.94)
    alarmed(alarms / rows, rows / 2, 0.055)  # rows of one log go together
    alarmed(false / families, families, 0.05)


@pytest.mark.parametrize("runs", [4, pytest.param(150, marks=LONG)])
def test_paths_of_groups_that_are_alike_are_told_apart_as_rarely_as_said(runs):
    draw = np.random.default_rng(20261204)
    alarms = rows = false = families = 0
    for _ in range(runs):
        found = cx.journey_paths(
            walks(draw, 300), session_gap="1h", goal="goal", segment="group", stages=["a", "b", "c", "goal"],
            observe_until="2026-03-01",
        )  # fmt: skip
        for name, table in found.tables.items():
            if name.endswith("comparison"):
                alarms, rows = alarms + (table["p_value"] < 0.05).sum(), rows + len(table)
                false, families = false + (table["p_adjusted"] < 0.05).any(), families + 1
    print("paths: p", alarms / rows, "families", false / families)
    alarmed(alarms / rows, rows / 4, 0.055)  # tables of one log go together
    alarmed(false / families, families / 2, 0.05)


def told(sequences):
    """Would groups of these ways be told, and which?"""
    counts = _words(sequences, 7)
    features = tf_idf(counts[:, (counts > 0).mean(axis=0) >= 0.02])
    best = best_partition(features)
    stable = stability(features, range(len(features)), best)
    return stable >= LEAST_STABLE and best.silhouette > one_cloud_silhouette(features), best.labels


@pytest.mark.parametrize("runs", [3, pytest.param(100, marks=LONG)])
def test_one_kind_of_way_is_rarely_divided_and_two_kinds_are_found(runs):
    draw, alarms, found, alike = np.random.default_rng(20261205), 0, 0, []
    for _ in range(runs):
        chance = draw.dirichlet(np.full(7, 3.0))
        alarms += told([draw.choice(7, draw.integers(3, 12), p=chance) for _ in range(250)])[0]
        truth = np.arange(250) % 2
        sides = ([0, 1, 2, 3], [4, 5, 6, 3])
        is_told, labels = told([draw.choice(sides[one], draw.integers(3, 9)) for one in truth])
        found, alike = found + is_told, [*alike, adjusted_rand(labels, truth)]
    print("groups of ways: false", alarms / runs, "found", found / runs, "alike", np.mean(alike))
    alarmed(alarms / runs, runs, 0.05)
    covered(found, runs, 0.95)
    assert np.mean(alike) > 0.8
