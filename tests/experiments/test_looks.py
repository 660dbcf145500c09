"""Looking early: what each look shows, when a test may stop, and what its estimate is worth then."""

import numpy as np
import pandas as pd
import pytest

from cxlab.data import table
from cxlab.data.excerpts import excerpts
from cxlab.errors import ParameterError
from cxlab.experiments import ab_test
from cxlab.stats.sequential import spending_bounds

BOUGHT = "proportion('bought', minimum_effect=0.05)"
WATCHED = ("obrien-fleming", "pocock", "hwang-shih-decani", "always-valid", "msprt")


def coming(n=4000, gain=0.06, seed=3):
    """Customers one by one, a hundred a day."""
    rng = np.random.default_rng(seed)
    new = rng.random(n) < 0.5
    return pd.DataFrame({
        "id": np.arange(n),
        "variant": np.where(new, "new", "control"),
        "day": pd.Timestamp("2026-03-02") + pd.to_timedelta(np.arange(n) // 100, unit="D"),
        "bought": (rng.random(n) < 0.3 + gain * new).astype(int),
        "late": (rng.random(n) < 0.5).astype(int),
    })  # fmt: skip


def watch(frame, monitoring="obrien-fleming", looks=(1000, 2000), planned_n=8000, **options):
    options = {"time": "day", "metrics": [BOUGHT]} | options
    return ab_test(frame, monitoring=monitoring, looks=list(looks), planned_n=planned_n, **options)


def check(found, name="looks"):
    return next((one for one in found.checks if one.name == name), None)


def test_without_monitoring_nothing_changes():
    found = ab_test(coming(), metrics=[BOUGHT])
    assert check(found) is None
    assert "looks" not in found.tables
    assert not found.decision.exploratory


def test_the_interval_of_a_look_is_its_limit_in_standard_errors():
    found = watch(coming())
    row, limits = found.table.iloc[0], spending_bounds([0.125, 0.25, 0.5])
    assert (row["ci_high"] - row["effect"]) / row["se"] == pytest.approx(limits[-1], rel=1e-6)
    looks = found.tables["looks"]
    assert looks["n"].tolist() == [1000, 2000, 4000]
    assert looks["boundary"].iloc[-1] == pytest.approx(limits[-1] * row["se"])


@pytest.mark.parametrize("monitoring", WATCHED)
def test_a_look_made_again_is_the_analysis_of_that_day(monitoring):
    frame = coming()
    now = watch(frame, monitoring).tables["looks"].iloc[1]
    then = watch(frame.head(2000), monitoring, looks=[1000]).table.iloc[0]
    names = ["effect", "ci_low", "ci_high"]
    assert now[names].astype(float).tolist() == pytest.approx(then[names].astype(float).tolist(), rel=1e-6)
    assert now["p_value"] <= then["p_value"] * (1 + 1e-6)


@pytest.mark.parametrize("monitoring", WATCHED)
def test_p_is_below_alpha_exactly_where_the_interval_leaves_zero_out(monitoring):
    for gain in (0.03, 0.05, 0.07, 0.1):
        row = watch(coming(gain=gain), monitoring, time=None).table.iloc[0]
        assert (row["p_value"] < 0.05) == (row["ci_low"] > 0)


def test_a_clear_gain_may_end_the_test_before_its_size():
    found = watch(coming(gain=0.12))
    assert found.decision.verdict == "ship"
    assert ab_test(coming(gain=0.12), metrics=[BOUGHT], planned_n=8000).decision.verdict == "keep running"


def test_an_open_guardrail_keeps_a_clear_gain_running():
    late = "proportion('late', role='guardrail', direction='lower', margin=0.001)"
    found = watch(coming(gain=0.12), metrics=[BOUGHT, late])
    assert found.decision.verdict == "keep running"
    assert any("more customers, to show that “late” stays" in change for change in found.decision.changes)


def test_a_minimum_duration_holds_a_clear_gain_back():
    assert watch(coming(gain=0.12), minimum_duration="60D").decision.verdict == "keep running"


def test_without_a_size_a_watched_test_runs_until_a_limit_is_crossed():
    found = watch(coming(gain=0.0), "always-valid", planned_n=None)
    assert found.decision.verdict == "keep running"
    assert found.headline.startswith("Until a limit is crossed")
    assert check(found, "planned_size").passed
    assert watch(coming(gain=0.2), "always-valid", planned_n=None).decision.verdict == "ship"


def test_an_early_stop_is_marked_as_inflated_with_an_adjusted_estimate_beside_it():
    frame = next(f for s in range(40) if (f := coming(gain=0.075, seed=s)) is not None and stops(f))
    found = watch(frame, looks=[2000])
    last = found.tables["looks"].iloc[-1]
    assert 0 < last["adjusted_effect"] <= last["effect"]
    assert last["adjusted_ci_low"] < last["adjusted_effect"] < last["adjusted_ci_high"]
    assert any("tends to be too large: allowing for the looks" in reason for reason in found.decision.reasons)


def stops(frame):
    crossed = watch(frame, looks=[2000]).tables["looks"]["crossed"].tolist()
    return crossed == [False, True]


def test_peeking_without_limits_is_told_and_only_explores():
    found = ab_test(coming(), metrics=[BOUGHT], looks=[800, 1600, 2400, 3200])
    assert (check(found).passed, check(found).severity) == (False, "warning")
    assert "14% of tests without any effect" in check(found).message
    assert found.decision.exploratory
    assert found.decision.reasons[0].startswith("Found by looking around")
    assert "Exploratory" in found.to_html(stills=False)


def test_a_look_after_the_planned_size_only_explores():
    found = watch(coming(), looks=[1000, 2500], planned_n=2000)
    assert "nothing is left to spend" in check(found).message
    assert found.decision.exploratory


def test_without_a_time_the_limits_hold_and_the_looks_are_not_made_again():
    found, drawn = watch(coming(), time=None), watch(coming())
    names = ["effect", "ci_low", "ci_high", "p_value"]
    assert found.table[names].iloc[0].tolist() == pytest.approx(drawn.table[names].iloc[0].tolist())
    assert found.tables["looks"]["effect"].isna().tolist() == [True, True, False]
    assert "Name the time of assignment" in check(found).message


def test_a_look_with_too_little_to_compare_is_an_empty_row():
    frame = coming()
    frame.loc[:150, "variant"] = "control"
    looks = watch(frame, looks=[100], planned_ratio={"control": 1.08, "new": 1}).tables["looks"]
    assert np.isnan(looks["effect"].iloc[0])
    assert not looks["crossed"].iloc[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"planned_n": None}, "and `planned_n` is not given.*always-valid"),
        ({"monitoring": "pocok"}, "Did you mean 'pocock'"),
        ({"looks": [0]}, r"`looks` has 0; expected numbers of units"),
        ({"looks": [10.5]}, r"`looks` has 10.5"),
    ],
)
def test_what_cannot_be_watched_is_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        watch(coming(300), **options)


def test_the_picture_holds_every_look_and_both_limits():
    found = watch(coming(gain=0.12))
    for width in (680, 340):
        drawn = found.chart("looks", width=width).to_dict()
        sets = list(drawn["datasets"].values())
        points = next(rows for rows in sets if rows and "crossed" in rows[0] and len(rows) == 3)
        assert [row["size"] for row in points] == [0.125, 0.25, 0.5]
        assert "Numbers in the table below" in drawn["description"]
        assert all(len(line) <= 90 for line in drawn["title"]["text"])


def test_an_excerpt_holds_whole_instants_and_counts_units_once():
    rows = pd.DataFrame(
        {"u": [1, 1, 2, 3, 4], "t": ["2026-01-01", "2026-01-03", "2026-01-02", "2026-01-02", "2026-01-04"]}
    )
    found = excerpts(table(rows), "t", [1, 2, 4], unit="u")
    assert [(one.n, one.table.rows) for one in found] == [(1, 1), (3, 3)]
