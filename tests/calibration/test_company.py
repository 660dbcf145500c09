"""Do today's analyses find in 400 companies what was planted there, and raise no alarm where nothing was?

Seeds 0 to 399 were fixed before the first run. An analysis that is right, whose true coverage or error rate is within
half a point of the nominal one, fails any of these bounds with probability under one in a thousand, all together
(Bonferroni over every bound, binomial tails). What is asked for is in `tests/data/synthetic/recovery.py`.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from cxlab.data.synthetic.seeds import stream
from tests.data.synthetic.recovery import (
    FAMILY,
    PARTS,
    counted,
    doubt,
    split_doubts,
    too_many_doubts,
    trial_result,
)

SEEDS = range(400)


@pytest.mark.calibrate
@pytest.mark.parametrize("part", PARTS)
def test_intervals_hold_the_truth_as_often_as_they_say_and_alarms_are_as_rare(
    part: str, capsys: pytest.CaptureFixture
) -> None:
    count = counted(SEEDS, part)
    with capsys.disabled():
        print("\n" + count.told())
    assert count.surprises() == []


@pytest.mark.calibrate
def test_honest_splits_are_doubted_as_rarely_as_they_should_be(capsys: pytest.CaptureFixture) -> None:
    said = split_doubts(SEEDS)
    with capsys.disabled():
        print(f"\nof {said.total()} honest splits: {dict(said)}")
    assert said.total() == 7 * len(SEEDS)
    assert not too_many_doubts(said)


def assigned(seed: int, share: float) -> dict[str, pd.DataFrame]:
    """100,000 customers, of whom this share is in the control group; orders do not depend on it."""
    rng = stream(seed, f"tests.assigned {share}")
    control = rng.permutation(100_000) < rng.binomial(100_000, share)
    ordered = (rng.random(100_000) < 0.2).astype(int)
    variant = np.where(control, "control", "treatment")
    return {"assignments": pd.DataFrame({"experiment": "split", "variant": variant, "converted": ordered})}


def rejected(share: float) -> int:
    """In how many of 400 experiments does the whole analysis call the split broken (p below 0.001)?"""
    results = (trial_result(assigned(seed, share), "split", ["proportion('converted')"]) for seed in SEEDS)
    return sum(doubt(result) == "failure" for result in results)


@pytest.mark.calibrate
def test_a_split_of_51_to_49_is_found_by_the_whole_analysis(capsys: pytest.CaptureFixture) -> None:
    found = rejected(0.51)
    with capsys.disabled():
        print(f"\n51:49 of 100,000 rejected: {found} of {len(SEEDS)}")
    assert found > 0.99 * len(SEEDS)


@pytest.mark.calibrate
def test_an_honest_split_of_as_many_is_left_in_peace(capsys: pytest.CaptureFixture) -> None:
    found = rejected(0.5)
    with capsys.disabled():
        print(f"\n50:50 of 100,000 rejected: {found} of {len(SEEDS)}")
    assert found <= binom.isf(FAMILY, len(SEEDS), 0.001)
