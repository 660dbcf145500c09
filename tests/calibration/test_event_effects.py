"""Does the effect of an event tell the truth? The reference's study of immortal time, at length.

Seeds were fixed before the first run. Contacts come after 90 days on average, customers leave with a chance of 1/120 a
day, a known number of times that after the contact, and are watched for 90 to 360 days.
"""

import numpy as np
import pytest
from scipy.stats import binom

from cxlab.retention.event_estimates import event_estimates
from cxlab.retention.event_regressions import NOTHING, by_days_since, landmark_row, regress
from cxlab.stats.exposure_rows import exposure_rows
from tests.retention.stays import drawn, spells

ASKED = {"method": "time-varying", "landmarks": [30], "since": [30], "confidence": 0.95, "covariates": None}


def bounds(replicates, *, low=0.93, high=0.97, error=0.001 / 12):
    """Counts that are not surprising if the true coverage lies between low and high."""
    return binom.ppf(error, replicates, low), binom.isf(error, replicates, high)


def varying(people, confidence=0.95):
    rows = exposure_rows(people.held, people.left, people.waited)
    return regress(rows, people, NOTHING, confidence)


@pytest.mark.calibrate
@pytest.mark.parametrize(("ratio", "n", "seed"), [
    (1.0, 1500, 20270000), (1.5, 1500, 20280000), (1.5, 150, 20290000), (0.6, 400, 20300000), (3.0, 400, 20310000),
])  # fmt: skip
def test_the_time_varying_interval_covers(ratio, n, seed):
    replicates, hits, logs = 600, 0, []
    for k in range(replicates):
        fit = varying(spells(drawn(n, ratio, seed + k)))
        hits += bool(fit.hazard_ratio_low[0] <= ratio <= fit.hazard_ratio_high[0])
        logs.append(float(fit.coefficient[0]))
    least, most = bounds(replicates)
    print(ratio, n, "mean", round(float(np.exp(np.mean(logs))), 3), "coverage", hits / replicates, (least, most))
    assert least <= hits <= most
    assert abs(np.mean(logs) - np.log(ratio)) < max(4 * np.std(logs) / np.sqrt(replicates), 0.03)


@pytest.mark.calibrate
def test_without_an_effect_the_landmark_and_the_days_since_find_one_no_oftener_than_promised():
    replicates, found = 400, {"landmark": 0, "moves": 0, "first 30 days": 0}
    for k in range(replicates):
        people = spells(drawn(800, 1.0, 20320000 + k))
        row = landmark_row(people, 30.0, 0.95)
        since, moves = by_days_since(people, NOTHING, [30], 0.95)
        found["landmark"] += row["p_value"] < 0.05
        found["moves"] += moves < 0.05
        found["first 30 days"] += since["p_value"].iloc[0] < 0.05
    least, most = bounds(replicates, low=0.03, high=0.07)
    print({name: count / replicates for name, count in found.items()}, (least, most))
    assert all(least <= count <= most for count in found.values())


@pytest.mark.calibrate
def test_the_split_by_ever_is_flagged_every_time_and_as_large_as_the_reference_says():
    """The reference: .275 (.246 to .321) without an effect, .380 (.342 to .443) with one of 1.5, over 60 samples."""
    for ratio, seed, middle in ((1.0, 20330000, 0.275), (1.5, 20340000, 0.380)):
        wrong, flagged = [], 0
        for k in range(60):
            found = event_estimates(spells(drawn(1500, ratio, seed + k)), ASKED)
            wrong.append(float(found.immortal["wrong_estimate"].iloc[0]))
            flagged += not found.table["ci_low"].iloc[0] <= wrong[-1] <= found.table["ci_high"].iloc[0]
        print(ratio, round(float(np.exp(np.mean(np.log(wrong)))), 3), min(wrong), max(wrong))
        assert flagged == 60
        assert np.exp(np.mean(np.log(wrong))) == pytest.approx(middle, rel=0.03)


@pytest.mark.calibrate
def test_what_brings_about_both_is_taken_out_where_it_is_held_constant():
    """A plan whose customers leave and write more often: the contact looks guilty where it is not held constant."""
    from cxlab.retention.known_at_start import known_columns

    replicates, hits, alone = 300, 0, 0
    for k in range(replicates):
        rng = np.random.default_rng(20350000 + k)
        people, basic = drawn(800, 1.0, 20360000 + k), rng.random(800) < 0.5
        # time runs twice as fast for both clocks of one plan
        speed = np.where(basic, 2.0, 1.0)
        people = people.assign(held=people["held"] / speed, waited=people["waited"] / speed)
        stays = spells(people, plan=np.where(basic, "basic", "plus").astype(object))
        rows = exposure_rows(stays.held, stays.left, stays.waited)
        known = known_columns(stays.known, stays.left, fewest=5)
        fit, bare = regress(rows, stays, known, 0.95), regress(rows, stays, NOTHING, 0.95)
        hits += bool(fit.hazard_ratio_low[0] <= 1 <= fit.hazard_ratio_high[0])
        alone += bool(bare.hazard_ratio_low[0] <= 1 <= bare.hazard_ratio_high[0])
    least, most = bounds(replicates)
    print("held constant", hits / replicates, "not", alone / replicates, (least, most))
    assert least <= hits <= most
    assert alone < least
