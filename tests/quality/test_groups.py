"""Missing by variant: false alarms and power follow from the bound, not from the fault that was put in."""

import numpy as np
import pandas as pd
import pytest

from cxlab.quality import check_data
from cxlab.quality.groups import uneven
from tests.quality.conftest import found

RNG = np.random.default_rng(20_261_121)


@pytest.mark.parametrize("share", [0.02, 0.3])
@pytest.mark.parametrize("arms", [2, 4])
def test_false_alarms_stay_below_one_table_in_a_thousand(share: float, arms: int) -> None:
    """2,000 honest tables of ten measures: more than eight alarms are to be feared once in 4,000 such runs."""
    missing = RNG.binomial(600, share, (2_000, 10, arms))
    alarms = sum(min(_p(one) for one in table) < 0.001 / 10 for table in missing)
    assert alarms <= 8


def _p(missing: np.ndarray) -> float:
    p_value = uneven([600] * len(missing), missing.tolist())
    return 1.0 if p_value is None else p_value


def test_power_is_what_the_bound_gives() -> None:
    """8 against 12 in 100 of 2,000 each: 4.2 standard errors, the bound of ten measures 3.9: found in 6 of 10."""
    missing = RNG.binomial(2_000, [0.08, 0.12], (1_000, 2))
    power = np.mean([uneven([2_000, 2_000], row.tolist()) < 0.0001 for row in missing])
    assert power == pytest.approx(0.62, abs=4 * np.sqrt(0.62 * 0.38 / 1_000))


def test_too_few_to_say_says_nothing() -> None:
    assert uneven([20, 20], [4, 0]) is None
    assert uneven([100], [10]) is None


def test_more_measures_need_stronger_evidence() -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"user_id": range(2_000), "variant": ["a", "b"] * 1_000, "spent": rng.random(2_000)})
    frame.loc[:119, "spent"] = np.nan
    frame.loc[120:203:2, "spent"] = np.nan  # 102 against 60 of 1,000: p = 0.0006
    assert found(check_data(frame, as_="assignments")) == {"missing_by_variant": ("spent", 162)}
    for name in range(4):
        frame[f"other {name}"] = np.where(rng.random(2_000) < 0.1, np.nan, rng.random(2_000))
    assert found(check_data(frame, as_="assignments")) == {}
