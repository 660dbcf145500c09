"""Today's analyses find what was planted, and raise no alarm where nothing was: the short form of the calibration."""

from collections import Counter

import pytest
from scipy.stats import binom

from cxlab.data.synthetic.seeds import stream
from cxlab.stats.sample_ratio import sample_ratio_test
from tests.data.synthetic.recovery import (
    ALARMS,
    ANALYSES,
    CHECKS,
    FAMILY,
    PARTS,
    Count,
    counted,
    doubt,
    split_doubts,
    too_many_doubts,
    trial_result,
)

SHORT = range(1000, 1006)


@pytest.fixture(scope="module")
def count() -> Count:
    return counted(SHORT)


def test_intervals_hold_the_truth_and_equal_groups_are_left_in_peace(count: Count) -> None:
    assert count.surprises() == []


def test_every_planted_effect_that_can_be_estimated_is_asked_for(count: Count) -> None:
    assert len(count.held) == 50
    assert len(count.raised) == 5
    assert 2 * len(count.held) + len(count.raised) == CHECKS


def test_every_analysis_is_in_one_part() -> None:
    for place, listed in enumerate((ANALYSES, ALARMS)):
        assert sorted(one.__name__ for part in PARTS.values() for one in part[place]) == sorted(
            one.__name__ for one in listed
        )


def test_an_analysis_that_misses_half_of_the_time_would_be_found() -> None:
    wrong = Count()
    wrong.runs, wrong.held["half"], wrong.raised["one in three"] = 400, 200, 133
    assert len(wrong.surprises()) == 2
    assert too_many_doubts(Counter(info=2700, warning=100))
    assert too_many_doubts(Counter(info=2780, failure=20))


def test_honest_splits_are_left_in_peace() -> None:
    assert not too_many_doubts(split_doubts(SHORT))


def split(seed: int, share: float) -> float:
    control = stream(seed, f"tests.split {share}").binomial(100_000, share)
    return sample_ratio_test([control, 100_000 - control], [1, 1]).p_value


def test_a_split_of_51_to_49_is_found() -> None:
    assert sum(split(seed, 0.51) < 0.001 for seed in range(400)) > 0.99 * 400


def test_an_honest_split_is_left_in_peace() -> None:
    assert sum(split(seed, 0.5) < 0.001 for seed in range(400)) <= binom.isf(FAMILY, 400, 0.001)


def test_the_broken_experiment_is_called_broken_and_the_others_are_not(company) -> None:
    broken = trial_result(company, "search_ranking", ["proportion('converted')"])
    assert doubt(broken) == "failure"
    assert broken.decision.verdict == "broken"
    for name in ("aa_check", "checkout_button", "free_delivery", "upsell_banner"):
        assert doubt(trial_result(company, name, ["proportion('converted')"])) == "info", name


def test_the_win_that_harms_is_not_shipped(company) -> None:
    metrics = [
        "proportion('converted')",
        "proportion('contacted_support', role='guardrail', margin=0.01, direction='lower')",
    ]
    found = trial_result(company, "upsell_banner", metrics)
    assert found.table.iloc[0]["ci_low"] > 0
    assert found.decision.verdict == "don't ship"
