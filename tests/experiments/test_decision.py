"""The verdict and its words."""

import numpy as np
import pandas as pd
import pytest

from cxlab.errors import ParameterError
from cxlab.experiments import ab_test

ARMS = ("current", "short")


def shares(counts, n=4000, **extra):
    """A table in which `counts` of n customers per arm did it."""
    flags = [np.repeat([1, 0], [x, n - x]) for x in counts]
    rows = {"variant": np.repeat(ARMS, n), "solved": np.concatenate(flags)}
    for name, values in extra.items():
        rows[name] = np.concatenate([np.repeat([1, 0], [x, n - x]) for x in values])
    return pd.DataFrame(rows)


def decide(frame, *metrics, **options):
    return ab_test(frame, metrics=["proportion('solved', label='solved it')", *metrics], control="current", **options)


GUARDRAIL = "proportion('refund', role='guardrail', direction='lower', margin='5%')"


def test_a_gain_with_every_guardrail_kept_ships():
    found = decide(shares([2000, 2200], refund=[3000, 2990]), GUARDRAIL, planned_n=8000)
    assert found.decision.verdict == "ship"
    assert found.headline == (
        "With short, 55.0% solved it instead of 50.0% with current, likely 2.8 to 7.2\u00a0points more. "
        "The guardrail did not get worse by more than agreed."
    )
    assert [figure.value for figure in found.figures] == ["55.0%", "+5.0\u00a0points", "50 more"]
    assert found.figures[2].meaning == "of every 1,000 customers solved it (28 to 72 more)"


def test_harm_beyond_the_margin_stops_even_a_gain():
    found = decide(shares([2000, 2300], refund=[400, 560]), GUARDRAIL)
    assert found.decision.verdict == "don't ship"
    assert "14.0% refund instead of 10.0%" in found.headline
    assert "more than the 5% agreed" in found.headline


def test_a_worse_primary_metric_is_harm():
    found = decide(shares([2000, 1800]))
    assert found.decision.verdict == "don't ship"
    assert "worse, likely 2.8 to 7.2\u00a0points less" in found.headline


def test_lower_is_better_turns_the_reading():
    frame = shares([2000, 1800])
    found = ab_test(frame, metrics=["proportion('solved', direction='lower')"], control="current")
    assert found.decision.verdict == "ship"


def test_an_open_guardrail_holds_a_gain_back():
    found = decide(shares([2000, 2200], refund=[400, 405]), GUARDRAIL, planned_n=8000)
    assert found.decision.verdict == "don't ship"
    assert "may be up to" in found.headline
    assert "5% was agreed" in found.headline


def test_an_unfinished_plan_keeps_running_whatever_is_shown_so_far():
    found = decide(shares([2000, 2200], refund=[400, 405]), GUARDRAIL, planned_n=12_000)
    assert found.decision.verdict == "keep running"
    assert found.headline.startswith("Until the plan is reached, with about 4,000 more customers. So far: with short")


def test_the_expected_end_follows_the_pace_so_far():
    days = pd.Timestamp("2026-05-04") + pd.to_timedelta(np.arange(8000) % 28, unit="D")
    found = decide(shares([2000, 2200]).assign(day=days), time="day", planned_n=10_000)
    assert "Until about 7 June 2026" in found.headline
    assert found.scope == "8,000 customers, 4 to 31 May 2026."


def test_a_minimum_duration_keeps_a_full_test_running():
    days = pd.Timestamp("2026-05-04") + pd.to_timedelta(np.arange(8000) % 10, unit="D")
    frame = shares([2000, 2200]).assign(day=days)
    assert decide(frame, time="day", minimum_duration="14D").decision.verdict == "keep running"
    assert decide(frame, time="day", minimum_duration="7D").decision.verdict == "ship"
    with pytest.raises(ParameterError, match="name its column with time="):
        decide(frame, minimum_duration="14D")


def test_harm_stops_before_the_plan_is_reached():
    assert decide(shares([2000, 1700]), planned_n=100_000).decision.verdict == "don't ship"


def test_nothing_found_says_what_can_be_ruled_out():
    metric = "proportion('solved', label='the share solved', minimum_effect=0.04)"
    found = ab_test(shares([2000, 2010]), metrics=[metric], control="current", planned_n=8000)
    assert found.decision.verdict == "don't ship"
    assert "a gain of 4.0\u00a0points, the size the test was built for, can be ruled out" in found.headline


def test_undecided_says_how_many_more_it_would_take():
    metric = "proportion('solved', label='the share solved', minimum_effect=0.02)"
    found = ab_test(shares([2000, 2050]), metrics=[metric], control="current", planned_n=8000)
    assert found.decision.verdict == "don't ship"
    assert "The planned size is reached and it is still open" in found.headline
    assert "It would take about 12,000 more customers to know" in found.headline


def test_without_a_plan_the_evidence_is_read_as_final_and_a_check_says_so():
    found = decide(shares([2000, 2010]))
    assert found.decision.verdict == "don't ship"
    check = next(check for check in found.checks if check.name == "planned_size")
    assert (check.passed, check.severity) == (False, "warning")


def test_a_broken_split_shows_no_effect():
    frame = shares([2000, 2200]).drop(range(600))
    found = decide(frame)
    assert found.decision.verdict == "broken"
    assert found.figures == ()
    assert found.pictures == ()
    assert "No effect is shown" in found.headline
    assert "3,400 and 4,000 customers instead of 1 to 1" in found.headline
    assert found._display() == {}
    assert not any("points" in text for text in (found.headline, *found.decision.reasons))


def test_a_mild_mismatch_warns_and_still_shows_the_effect():
    """Cookie Cats: 44,700 and 45,489, p 0.0086."""
    frame = shares([2000, 2200], n=45_489).drop(range(45_489 - 44_700))
    found = decide(frame)
    check = next(check for check in found.checks if check.name == "sample_ratio")
    assert (check.passed, check.severity) == (False, "warning")
    assert found.decision.verdict != "broken"


def test_several_primaries_share_the_chance_of_a_false_finding():
    """p .03 alone is a gain; beside a second primary Holm asks for .025."""
    frame = shares([2000, 2097], other=[1000, 1000])
    assert decide(frame).decision.verdict == "ship"
    assert decide(frame, "proportion('other')").decision.verdict == "don't ship"


def test_the_best_of_several_variants_leads():
    frame = pd.concat(
        [shares([2000, 2150]), shares([2000, 2400]).query("variant == 'short'").assign(variant="one page")]
    )
    found = decide(frame)
    assert found.decision.verdict == "ship"
    assert found.headline.startswith("With one page, 60.0%")
    assert sum("(ship)" in reason for reason in found.decision.reasons) == 2


def test_a_control_near_zero_has_no_relative_effect_and_a_check_says_so():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"variant": np.repeat(ARMS, 500), "y": rng.normal(0.0, 1, 1000)})
    found = ab_test(frame, metrics=["mean('y')"], control="current")
    assert found.table["relative_ci_low"].isna().all()
    assert any(check.name == "relative_effect" and not check.passed for check in found.checks)


def test_lopsided_values_in_unequal_groups_warn():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"variant": np.repeat(ARMS, [4000, 1000]), "y": rng.lognormal(0, 2, 5000)})
    found = ab_test(frame, metrics=["mean('y')"], control="current", planned_ratio={"current": 4, "short": 1})
    assert "skewed_values" in [check.name for check in found.failed]
    equal = ab_test(frame.assign(variant=np.tile(ARMS, 2500)), metrics=["mean('y')"], control="current")
    assert "skewed_values" not in [check.name for check in equal.checks]
