"""Further questions to a funnel: do intervals hold the truth, and are false findings as rare as said?

Seeds were fixed before the first run; bounds allow for the number of replicates at a level that holds for all checks
here together (99.9 %).
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from cxlab.journeys import journey_funnel
from cxlab.journeys.attempt_rates import attempt_differences, attempt_rates
from cxlab.journeys.correlates import correlate_table
from cxlab.journeys.counts import Counts
from cxlab.journeys.estimates import convert_times
from cxlab.journeys.first_starts import cohort_table
from cxlab.journeys.step_differences import step_differences
from cxlab.stats.proportions import wilson_interval

FAMILY, ALPHA = 16, 0.001


def lengths(short, long):
    return pytest.mark.parametrize("runs", [short, pytest.param(long, marks=pytest.mark.calibrate)])


def bounds(runs, share):
    """Number of hits that chance alone leaves only once in a thousand for the whole family."""
    return binom.ppf([ALPHA / FAMILY / 2, 1 - ALPHA / FAMILY / 2], runs, share)


def at_most(hits, runs, share):
    print(hits / runs)
    assert hits <= bounds(runs, share)[1], hits / runs


def at_least(hits, runs, share):
    print(hits / runs)
    assert hits >= bounds(runs, share)[0], hits / runs


def durations(rng, people, ever, scale):
    """People who finish at some time or never, watched for at most 30 days and often for less."""
    took = np.where(rng.random(people) < ever, rng.exponential(scale, people), np.inf)
    watched = np.minimum(rng.uniform(2, 60, people), 30)
    return np.minimum(took, watched), took <= watched


def quantile_of(ever, scale, share):
    return -scale * np.log(1 - share / ever)


@lengths(60, 2_000)
@pytest.mark.parametrize(("ever", "scale"), [(0.9, 10.0), (0.75, 12.0)])
def test_censored_time_to_convert_recovers_the_truth_where_the_naive_one_is_biased(ever, scale, runs):
    rng = np.random.default_rng(20_261_130)
    truth = {share: quantile_of(ever, scale, share) for share in (0.25, 0.5)}
    hits, estimates, naive = dict.fromkeys(truth, 0), [], []
    for _ in range(runs):
        groups = {"x": (ever, scale), "y": (0.95, 4.0)}
        drawn = {name: durations(rng, 250, *shape) for name, shape in groups.items()}
        frame = pd.concat([
            pd.DataFrame({"segment": name, "seconds": seconds, "converted": done, "n": 1})
            for name, (seconds, done) in drawn.items()
        ])  # fmt: skip
        whole = pd.DataFrame({"segment": ["x", "y"], "level": 1, "is_open": False, "n": [251, 250]})
        _, found = convert_times(Counts(whole, whole, whole, frame, whole, 0), confidence=0.95)
        rows = found[found["segment"] == "x"].set_index("share")
        for share, value in truth.items():
            hits[share] += rows["ci_low"][share] <= value <= (rows["ci_high"].fillna(np.inf))[share]
        estimates.append(rows["estimate"][0.5])
        seconds, done = drawn["x"]
        naive.append(np.median(seconds[done]))
    for found in hits.values():
        at_least(found, runs, 0.94)
    assert abs(np.nanmedian(estimates) / truth[0.5] - 1) < 0.05
    assert np.mean(naive) < 0.75 * truth[0.5]  # those who finished alone look much faster


def people(rng, count, share, alike=1.5):
    """Each person has a chance of its own and tries one to six times; who fails more often tries more often."""
    p = rng.beta(alike * share, alike * (1 - share), count)
    m = 1 + rng.binomial(5, 0.7 - 0.4 * p)
    return m, rng.binomial(m, p)


def sums(segment, m, y):
    return {
        "segment": segment, "step": 2, "n": len(m), "attempts": float(m.sum()), "reached": float(y.sum()),
        "attempts_squares": float((m**2).sum()), "reached_squares": float((y**2).sum()),
        "products": float((m * y).sum()),
    }  # fmt: skip


def rate_of_attempts(share):
    m, y = people(np.random.default_rng(1), 1_000_000, share)
    return y.sum() / m.sum()


@lengths(120, 5_000)
@pytest.mark.parametrize(("count", "share"), [(40, 0.3), (300, 0.5), (200, 0.06)])
def test_intervals_of_attempts_hold_the_truth_where_wilson_on_attempts_does_not(count, share, runs):
    rng, truth = np.random.default_rng(20_261_131 + count), rate_of_attempts(share)
    drawn = [people(rng, count, share) for _ in range(runs)]
    rates = attempt_rates(pd.DataFrame([sums(run, m, y) for run, (m, y) in enumerate(drawn)]), confidence=0.95)
    hits = ((rates["ci_low"] <= truth) & (truth <= rates["ci_high"])).sum()
    low, high = wilson_interval(rates["reached"], rates["attempts"])
    naive = ((low <= truth) & (truth <= high)).sum()
    at_least(hits, runs, 0.94)
    at_most(naive, runs, 0.89)


@lengths(80, 4_000)
def test_equal_groups_of_attempts_differ_as_rarely_as_said_though_people_are_in_both(runs):
    rng, wrong, both = np.random.default_rng(20_261_132), 0, slice(0, 130)
    for _ in range(runs):
        p = rng.beta(0.6, 1.0, 160)
        m0, m1 = rng.integers(1, 5, (2, 160))
        y0, y1 = rng.binomial(m0, p), rng.binomial(m1, p)
        rates = attempt_rates(pd.DataFrame([sums("x", m0, y0), sums("y", m1[both], y1[both])]), confidence=0.95)
        pairs = {"rr": y1 * y0, "rm": y1 * m0, "mr": m1 * y0, "mm": m1 * m0}
        shared = {name: float(one[both].sum()) for name, one in pairs.items()}
        products = pd.DataFrame([{"segment": "y", "step": 2, "people": 130, **shared}])
        (row,) = attempt_differences(rates, products, control="x", confidence=0.95).to_dict("records")
        wrong += not row["ci_low"] <= 0 <= row["ci_high"]
    low, high = bounds(runs, 0.05)
    print(wrong / runs)
    assert low - 0.01 * runs <= wrong <= high + 0.01 * runs


@lengths(80, 4_000)
def test_a_trend_where_there_is_none_is_found_as_rarely_as_said(runs):
    rng, wrong, told = np.random.default_rng(20_261_133), 0, 0
    for _ in range(runs):
        n = rng.integers(60, 200, 9)
        counts = pd.DataFrame({"period": range(9), "cohort": [str(k) for k in range(9)], "size": n, "n": n,
                               "finished": rng.binomial(n, 0.12), "state": ["partial"] + ["complete"] * 8})  # fmt: skip
        table, line = cohort_table(counts, confidence=0.95)
        wrong += not line["ci_low"].iloc[0] <= 0 <= line["ci_high"].iloc[0]
        told += int(((table["ci_low"] <= 0.12) & (table["ci_high"] >= 0.12)).sum())
    at_most(wrong, runs, 0.055)
    at_least(told, 9 * runs, 0.94)


def compared(rng, people, exposures, share, effect=0.0):
    """Counts of exposures of different frequency; the first `effect` raises the share that finishes."""
    has = rng.random((people, exposures)) < rng.uniform(0.1, 0.6, exposures)
    done = rng.random(people) < share + effect * has[:, 0]
    n = has.sum(axis=0)
    finished = (has & done[:, None]).sum(axis=0)
    return pd.DataFrame({
        "kind": "property", "factor": "x", "value": [f"v{k:02}" for k in range(exposures)], "n": n,
        "finished": finished, "control_n": people - n, "control_finished": done.sum() - finished,
    })  # fmt: skip


@lengths(100, 3_000)
@pytest.mark.parametrize("share", [0.3, 0.02])
def test_false_findings_among_many_comparisons_are_as_rare_as_said_and_intervals_hold(share, runs):
    rng, wrong, inside, odds = np.random.default_rng(20_261_134), 0, 0, 0
    for _ in range(runs):
        table = correlate_table(compared(rng, 700, 15, share), confidence=0.95)
        wrong += bool((table["p_adjusted"] < 0.05).any())
        inside += int(((table["ci_low"] <= 0) & (table["ci_high"] >= 0)).sum())
        odds += int(((table["odds_low"] <= 1) & (table["odds_high"] >= 1)).sum())
    at_most(wrong, runs, 0.05)
    # Comparisons of one sample go together a little, so their number is taken as that of samples.
    for found in (inside, odds):
        at_least(found / 15, runs, 0.945)


@lengths(100, 2_000)
def test_a_true_difference_is_held(runs):
    rng, hits = np.random.default_rng(20_261_135), 0
    for _ in range(runs):
        row = correlate_table(compared(rng, 800, 6, 0.2, 0.15), confidence=0.95).set_index("value").loc["v00"]
        hits += row["ci_low"] <= 0.15 <= row["ci_high"]
    at_least(hits, runs, 0.94)


@lengths(100, 3_000)
def test_steps_of_equal_groups_are_told_apart_as_rarely_as_said(runs):
    rng, wrong = np.random.default_rng(20_261_136), 0
    for _ in range(runs):
        rows = []
        for name, n in (("all", 0), ("a", 300), ("b", 200), ("c", 150)):
            reached = n
            for step, share in enumerate((1.0, 0.7, 0.5, 0.6), 1):
                reached = rng.binomial(reached, share)
                rows.append((name, step, f"s{step}", n, reached, reached / max(n, 1)))
        steps = pd.DataFrame(rows, columns=["segment", "step", "name", "mature_n", "mature_reached", "rate"])
        wrong += bool((step_differences(steps, confidence=0.95)["p_adjusted"] < 0.05).any())
    at_most(wrong, runs, 0.05)


def test_events_that_do_not_matter_look_as_if_they_did_unless_everybody_is_seen_equally_long():
    """People look for help at one rate, whoever they are, and stop when they have finished."""
    rng, rows, ever = np.random.default_rng(20_261_137), [], []
    for k in range(3_000):
        start = 20_000 + int(rng.integers(0, 40_000))
        done = start + int(rng.exponential(1_500)) + 1 if rng.random() < 0.4 else None
        leaves = min(done or 10**9, start + 6_000)
        helps = [int(t) for t in start - 6_000 + np.cumsum(rng.exponential(4_000, 12)) if t < leaves]
        rows += [(k, start, "A"), *((k, t, "help") for t in helps), *([(k, done, "B")] if done else [])]
        ever.append((done is not None, any(start < t for t in helps)))
    log = pd.DataFrame(rows, columns=["unit", "second", "event"])
    log["time"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(log["second"], "s")
    found = journey_funnel(
        log, steps=["A", "B"], within="100min", observe_until="2026-01-03", look_back="1h", landmark="10min"
    )
    told = found.tables["goes_with"].set_index("kind")
    finished, helped = np.array(ever).T
    naive = finished[helped].mean() - finished[~helped].mean()
    assert naive < -0.2
    assert (told["ci_low"] <= 0).all() and (told["ci_high"] >= 0).all() and len(told) == 2
    assert (told["p_adjusted"] > 0.05).all()
