"""Do the journey map's intervals hold the truth: drop, satisfaction, switches, and the pain index?

Seeds were fixed before the first run; bounds allow for the number of replicates at a level that holds for all checks
here together (99.9 %).
"""

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.stats.weighted_index import weighted_index

BELOW = 3.9  # standard errors, for a dozen checks
DROP, GOOD, HARD, AGAIN, OTHER = 0.35, 0.6, 0.4, 0.2, 0.25
START = pd.Timestamp("2026-01-01")


def covered(hits, runs, least=0.95):
    assert hits / runs >= least - BELOW * np.sqrt(least * (1 - least) / runs), hits / runs


def spread(draw, share, people, alike=4):
    """Each person's own chance."""
    return draw.beta(alike * share, alike * (1 - share), people)


def drawn(seed, people):
    """A log and answers whose truth is known; people differ, answer and move several times."""
    draw = np.random.default_rng(seed)
    times = draw.integers(2, 6, people)  # events of the first stage, in channels that change with a chance of one's own
    who = np.repeat(np.arange(people), times)
    place = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    switched = draw.random(len(who)) < np.repeat(spread(draw, OTHER, people), times)
    channel = pd.Series(switched & (place > 0)).groupby(who).cumsum() % 2
    first = pd.DataFrame({"unit": who, "event": [f"a{k}" for k in place], "hours": 2.0 * place, "channel": channel})
    gone = np.flatnonzero(draw.random(people) >= DROP)
    second = pd.DataFrame({"unit": gone, "event": "b", "hours": 400.0, "channel": 0})
    log = pd.concat([first, second], ignore_index=True)
    said = np.repeat(np.arange(people), draw.integers(0, 4, people))
    good = draw.random(len(said)) < spread(draw, GOOD, people)[said]
    answers = pd.DataFrame({"unit": said, "score": np.where(good, 5, 1), "hours": draw.uniform(11, 60, len(said))})
    at = [
        frame.assign(time=START + pd.to_timedelta(frame["hours"], "h")).drop(columns="hours")
        for frame in (log, answers)
    ]
    return at[0].astype({"unit": str, "channel": str}), at[1].astype({"unit": str})


@pytest.mark.parametrize("runs", [10, pytest.param(400, marks=pytest.mark.calibrate)])
@pytest.mark.parametrize("people", [60, 400])
def test_drop_satisfaction_and_switch_rates_cover(people, runs):
    """Of 400 whole maps: an interval that holds the truth in 87 of 100 cases is found in nine of ten such tests."""
    hits = np.zeros(3)
    for run in range(runs):
        log, answers = drawn(20261127 + 1000 * people + run, people)
        row = cx.journey_map(
            log, stages=["First: a0|a1|a2|a3|a4", "Second: b"], within="60D", channel="channel", answers=answers,
            satisfaction="score", linked_within="3D", observe_until="2026-12-31",
        ).table.iloc[0]  # fmt: skip
        for place, (name, truth) in enumerate((("drop", DROP), ("satisfaction", GOOD), ("switch_rate", OTHER))):
            hits[place] += row[f"{name}_ci_low"] <= truth <= row[f"{name}_ci_high"]
    print(people, hits / runs)
    for one in hits:
        covered(one, runs, 0.94)


@pytest.mark.parametrize("runs", [150, pytest.param(4_000, marks=pytest.mark.calibrate)])
@pytest.mark.parametrize("people", [150, 1500])
def test_intervals_of_the_pain_index_cover(people, runs):
    """Four parts of the same people: whose chance of one is high, has a high chance of the others; 40 random groups."""
    draw, hits = np.random.default_rng(20261128 + people), 0
    truth = np.mean([DROP, 1 - GOOD, HARD, AGAIN])
    for _ in range(runs):
        mood, fold = draw.random(people), draw.integers(0, 40, people)
        flags = [
            np.where(draw.random(people) < 0.5, mood, draw.random(people)) < share
            for share in (DROP, 1 - GOOD, HARD, AGAIN)
        ]
        asked = [np.ones(people, bool), draw.random(people) < 0.5, draw.random(people) < 0.5, np.ones(people, bool)]
        y = [np.bincount(fold[flag & own], minlength=40) for flag, own in zip(flags, asked, strict=True)]
        m = [np.bincount(fold[own], minlength=40) for own in asked]
        found = weighted_index(y, m, [1, 1, 1, 1])
        hits += found.ci_low <= truth <= found.ci_high
    print(people, hits / runs)
    covered(hits, runs, 0.94)
