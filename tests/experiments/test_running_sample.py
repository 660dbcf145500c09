"""The sample of a running test is what its maker makes, and it shows a stop with what is left of it."""

import runpy

import pytest

import cxlab as cx
from cxlab.publish.register import analysis_named

LINE = analysis_named("ab_monitor")


@pytest.fixture(scope="module")
def made(root):
    return runpy.run_path(str(root / "data_samples" / "make_running_test.py"))


def watched(**change):
    return cx.ab_test(cx.table(LINE.sample), **{**LINE.values, **change})


@pytest.fixture(scope="module")
def stopped(root):
    return watched()


def test_the_table_is_what_its_maker_makes(made):
    assert made["main"](["--check"]) == 0


def test_its_intervals_hold_the_truth_built_in(made, stopped):
    row, last = stopped.table.iloc[0], stopped.tables["looks"].iloc[-1]
    assert row["ci_low"] < made["TRUTH"] < row["ci_high"]
    assert last["adjusted_ci_low"] < made["TRUTH"] < last["adjusted_ci_high"]


def test_a_stop_is_said_first_and_the_path_leads(stopped):
    assert stopped.headline.startswith("The test may stop: with free delivery, 28.1% placed an order")
    assert stopped.pictures[0] == "looks"
    assert next(iter(stopped._display())).startswith("Looks")


def test_what_is_left_after_the_stop_stands_beside_what_is_seen(stopped):
    seen, left = (figure.value.replace("\u00a0", " ") for figure in stopped.figures[1:])
    assert (seen, left) == ("+5.9 points", "+5.7 points")
    column = stopped._display()["Looks: placed an order"]["Allowing for the stop"].tolist()
    assert column == ["–", "–", "+5.7"]


def test_below_the_limit_it_keeps_running_and_nothing_was_left_off():
    found = watched(confidence=0.99)
    assert found.decision.verdict == "keep running"
    assert found.headline.startswith("Until about")
    assert found.figures[2].value == "59 more"
    assert "Allowing for the stop" not in found._display()["Looks: placed an order"]


def test_a_very_wide_first_limit_has_an_interval():
    """At the first of many looks the level is so near 1 that a rounded one would have no interval."""
    first = watched(confidence=0.99, planned_n=7_000).tables["looks"].iloc[0]
    assert first["boundary"] > 7 * 0.02
    assert first["ci_low"] < -0.1 < 0.1 < first["ci_high"]


def test_at_its_first_look_the_effects_lead():
    assert watched(looks=None).pictures == ("effects", "looks")


def test_harm_says_stop():
    found = watched(metrics=["proportion('ordered', direction='lower')"])
    assert found.headline.startswith("Stop the test: with free delivery")
    assert found.decision.verdict == "don't ship"
