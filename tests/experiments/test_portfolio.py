"""All finished tests together: what is added up, what is refused, what is said."""

import runpy

import numpy as np
import pandas as pd
import pytest

from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.experiments import experiment_portfolio
from cxlab.stats.multiplicity import benjamini_hochberg
from cxlab.stats.selection import conditional_effect

SAMPLE = {
    "se": "se", "shipped": "shipped", "time": "ended_on", "n": "customers", "control_n": "control_customers",
    "planned_share": "planned_share", "measured_in": "points", "label": "the share that orders",
}  # fmt: skip


def past(n=30, seed=4):
    rng = np.random.default_rng(seed)
    se = rng.uniform(0.8, 1.2, n)
    effect = rng.normal(0.4, 1.2, n) + se * rng.standard_normal(n)
    return pd.DataFrame({"experiment": [f"e{i}" for i in range(n)], "effect": effect, "se": se})


@pytest.fixture(scope="module")
def sample(root):
    return experiment_portfolio(root / "data_samples" / "experiments.csv", **SAMPLE)


@pytest.fixture(scope="module")
def made(root):
    return runpy.run_path(str(root / "data_samples" / "make_experiments.py"))


def total(found, method):
    return found.tables["total"].set_index("method").loc[method]


def test_the_sample_is_what_its_script_makes(root, made):
    assert (root / "data_samples" / "experiments.csv").read_text(encoding="utf-8") == made["text"]()


def test_the_corrected_sum_holds_the_samples_truth_and_the_observed_one_does_not(sample, made):
    truth = made["truth"]()
    corrected, observed = total(sample, "corrected"), total(sample, "observed")
    assert corrected["ci_low"] < truth < corrected["ci_high"]
    assert truth < observed["ci_low"]
    assert sample.headline.startswith(
        "The 11 shipped changes together added about 5.8\xa0points to the share that orders"
    )
    assert "not the +8.0\xa0points that their tests showed" in sample.headline


def test_experiments_that_are_not_split_as_planned_are_named_and_count_in_no_sum(sample, made):
    faulty = made["experiments"]().loc[list(made["FAULTY"]), "experiment"]
    assert set(sample.table.loc[~sample.table["counted"], "experiment"]) == set(faulty)
    check = next(check for check in sample.checks if check.name == "sample_ratio")
    assert all(name in check.message for name in faulty)
    assert sample.table.loc[~sample.table["counted"], "shrunken_effect"].isna().all()


def test_the_running_sum_ends_at_the_sum(sample):
    last = sample.tables["cumulative"].iloc[-1]
    wanted = total(sample, "corrected")
    assert list(last[["effect", "ci_low", "ci_high"]]) == pytest.approx(list(wanted[["effect", "ci_low", "ci_high"]]))
    assert last["observed"] == pytest.approx(total(sample, "observed")["effect"])
    assert last["shipped"] == 11


def test_each_row_is_adjusted_for_all_and_judged_alone():
    frame = past()
    found = experiment_portfolio(frame, se="se").table
    assert found["p_adjusted"].to_numpy() == pytest.approx(benjamini_hochberg(found["p_value"]))
    row = found[found["shipped"]].iloc[0]
    alone = conditional_effect(row["effect"], row["se"], 1.96)
    assert list(row[["conditional_effect", "conditional_ci_low", "conditional_ci_high"]]) == pytest.approx(list(alone))
    assert found.loc[~found["shipped"], "conditional_effect"].isna().all()


def test_where_lower_is_better_everything_is_turned_round():
    frame = past()
    up = experiment_portfolio(frame, se="se")
    down = experiment_portfolio(frame.assign(effect=-frame["effect"]), se="se", direction="lower")
    assert total(down, "corrected")["effect"] == pytest.approx(-total(up, "corrected")["effect"])
    assert total(down, "corrected")["ci_low"] == pytest.approx(-total(up, "corrected")["ci_high"])
    assert down.table["shrunken_ci_low"].to_numpy() == pytest.approx(-up.table["shrunken_ci_high"].to_numpy())
    assert down.table["chance_to_beat_control"].to_numpy() == pytest.approx(
        up.table["chance_to_beat_control"].to_numpy()
    )
    assert down.status == "Down"


def test_intervals_serve_as_well_as_standard_errors():
    frame = past()
    ends = frame.assign(low=frame["effect"] - 1.6448536 * frame["se"], high=frame["effect"] + 1.6448536 * frame["se"])
    by_interval = experiment_portfolio(ends, ci_low="low", ci_high="high", interval_level=0.9)
    assert by_interval.table["se"].to_numpy() == pytest.approx(frame["se"].to_numpy(), rel=1e-6)


def test_shipping_against_the_rule_and_leaving_tests_out_is_said():
    frame = past()
    against = experiment_portfolio(frame.assign(shipped=(frame["effect"] > 0).astype(int)), se="se", shipped="shipped")
    assert "shipping_rule" in {check.name for check in against.failed}
    only = experiment_portfolio(frame.nlargest(6, "effect").assign(shipped=1), se="se", shipped="shipped")
    assert {"unshipped_tests", "few_experiments"} <= {check.name for check in only.failed}


def test_nothing_shipped_is_said_plainly():
    found = experiment_portfolio(past().assign(effect=0.0), se="se")
    assert found.headline == "None of the 30 changes was shipped, so nothing was added to the measure."
    assert found.pictures == ()


@pytest.mark.parametrize(
    ("change", "options", "error", "match"),
    [
        ({}, {}, ParameterError, "Neither `se` nor `ci_low` and `ci_high` is given"),
        ({"experiment": "e0"}, {"se": "se"}, DataError, "1 experiments stand in several rows of 'experiment'"),
        ({"se": 0.0}, {"se": "se"}, DataError, "30 experiments have a standard error that is not above 0"),
        ({"low": 9.0, "high": 8.0}, {"ci_low": "low", "ci_high": "high"}, DataError, "an interval that does not hold"),
        ({"effect": None}, {"se": "se"}, DataError, "0 experiments have an effect; expected 5 or more"),
        ({"n": 100}, {"se": "se", "n": "n"}, ParameterError, "`n` and `control_n` belong together"),
        ({"n": 9, "c": 9, "s": 1.5}, {"se": "se", "n": "n", "control_n": "c", "planned_share": "s"}, DataError, "'e0'"),
        ({"n": 900, "c": 9}, {"se": "se", "n": "n", "control_n": "c"}, DataError, "Only 0 of 30 experiments are split"),
        ({}, {"se": "se", "threshold": 95}, ParameterError, "`threshold` is 95"),
        ({}, {"se": "se", "direction": "up"}, ParameterError, "`direction` is 'up'"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_refused_with_what_to_do(change, options, error, match):
    with pytest.raises(error, match=match):
        experiment_portfolio(past().assign(**change), **options)


@pytest.mark.parametrize("width", [680, 340])
def test_every_picture_draws_within_its_width(sample, width):
    assert sample.pictures == ("total", "effects", "sample_ratio")
    for name in sample.pictures:
        picture = to_svg(sample.chart(name, width=width))
        assert float(picture.split('width="')[1].split('"')[0]) <= width + 30


def test_the_picture_says_what_the_headline_says(sample):
    text = to_svg(sample.chart("total"))
    assert "Corrected: +5.8" in text
    rows = sample.chart("effects").to_dict()["datasets"]
    drawn = next(data for data in rows.values() if "observed" in data[0])
    assert len(drawn) == 11
    assert all(abs(row["effect"]) < abs(row["observed"]) for row in drawn)
