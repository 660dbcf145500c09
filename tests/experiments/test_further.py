"""Splits by part, balance before the test, and posterior numbers beside the effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.errors import ParameterError
from cxlab.experiments.priors import parse_prior
from cxlab.experiments.splits import _p_value
from cxlab.results import publishable
from cxlab.stats.bayes import beta_difference, normal_effect
from cxlab.stats.multiplicity import holm


def customers(days: int = 30, per_day: int = 200, seed: int = 1) -> pd.DataFrame:
    """An even split by lot over some days, with a value from before."""
    rng = np.random.default_rng(seed)
    n = days * per_day
    before = rng.gamma(2, 10, n)
    return pd.DataFrame({
        "variant": rng.choice(["control", "new"], n),
        "day": pd.Timestamp("2026-03-02") + pd.to_timedelta(np.repeat(np.arange(days), per_day), unit="D"),
        "device": rng.choice(["phone", "desk"], n),
        "before": before,
        "revenue": before + rng.normal(0, 5, n) + 20,
        "bought": rng.random(n) < 0.2,
    })  # fmt: skip


def checks(found: cx.ABTestResult) -> dict[str, bool]:
    return {check.name: check.passed for check in found.checks}


def test_splits_are_told_for_the_whole_each_segment_and_each_day() -> None:
    data = customers()
    found = cx.ab_test(data, metrics=["proportion('bought')"], segment="device", time="day")
    splits = found.tables["sample_ratio"]
    assert splits.groupby("part")["n"].sum().to_dict() == {"all": 6000, "day": 6000, "segment": 6000}
    assert splits.groupby("part")["group"].nunique().to_dict() == {"all": 1, "day": 30, "segment": 2}
    assert checks(found)["sample_ratio_days"]
    assert checks(found)["sample_ratio_segments"]


def test_one_bad_day_is_named() -> None:
    data = customers()
    bad = data["day"] == pd.Timestamp("2026-03-09")
    data = data[~(bad & (data["variant"] == "new") & (np.arange(len(data)) % 4 > 0))]
    found = cx.ab_test(data, metrics=["proportion('bought')"], time="day")
    told = next(check for check in found.checks if check.name == "sample_ratio_days")
    assert not told.passed
    assert "9 March 2026" in told.message or "9 Mar 2026" in told.message
    assert "30 days" in told.message


def test_thirty_days_do_not_cry_wolf() -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(1000):
        p_values = [_p_value([int(k), 200 - int(k)], [1.0, 1.0]) for k in rng.binomial(200, 0.5, 30)]
        alarms += bool(np.min(holm(p_values)) < 0.01)
    assert alarms <= 20  # nominal 10, upper binomial bound


def test_values_from_before_are_compared() -> None:
    data = customers()
    found = cx.ab_test(data, metrics=["mean('revenue', covariate='before')"])
    row = found.tables["balance"].iloc[0]
    arms = [data.loc[data["variant"] == name, "before"] for name in ("new", "control")]
    spread = np.sqrt((arms[0].var() + arms[1].var()) / 2)
    assert row["effect"] == pytest.approx(arms[0].mean() - arms[1].mean(), rel=1e-9)
    assert row["standardised_difference"] == pytest.approx(row["effect"] / spread, rel=1e-9)
    assert checks(found)["covariate_balance"]


def test_groups_that_differed_before_are_named() -> None:
    data = customers()
    data.loc[data["variant"] == "new", "before"] += 5
    found = cx.ab_test(data, metrics=["mean('revenue', covariate='before')"])
    told = next(check for check in found.checks if check.name == "covariate_balance")
    assert not told.passed
    assert "before, new" in told.message


def test_the_balance_of_a_capped_measure_is_that_of_its_covariate_capped_likewise() -> None:
    data = customers()
    plain = cx.ab_test(data, metrics=["mean('revenue', covariate='before')"]).tables["balance"]
    capped = cx.ab_test(data, metrics=["mean('revenue', covariate='before', cap='p99')"]).tables["balance"]
    assert capped["n"].tolist() == plain["n"].tolist()
    assert 0 < plain["estimate"][0] - capped["estimate"][0] < 0.5


def test_posterior_of_shares_is_exact() -> None:
    data = customers()
    row = cx.ab_test(data, metrics=["proportion('bought')"], prior="uniform").tables["bayes"].iloc[0]
    x, n = data.groupby("variant")["bought"].sum(), data.groupby("variant")["bought"].size()
    known = beta_difference(int(x["new"]), int(n["new"]), int(x["control"]), int(n["control"]))
    assert row["chance_to_beat_control"] == pytest.approx(known.chance_above_zero)
    assert row["expected_loss"] == pytest.approx(known.loss_of_treatment)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((known.ci_low, known.ci_high))


def test_a_relative_prior_is_scaled_by_the_control() -> None:
    found = cx.ab_test(customers(), metrics=["mean('revenue')"], prior="normal(0%, 5%)")
    effect, row = found.table.iloc[0], found.tables["bayes"].iloc[0]
    known = normal_effect(effect["effect"], effect["se"], prior_mean=0, prior_sd=0.05 * effect["control_estimate"])
    assert row["effect"] == pytest.approx(known.mean)
    assert row["prior"] == "normal(0%, 5%)"
    told = next(check for check in found.checks if check.name == "prior")
    assert "normal(0%, 5%)" in told.message


def test_lower_is_better_turns_chance_and_losses() -> None:
    data = customers()
    up = cx.ab_test(data, metrics=["mean('revenue')"], prior="uniform").tables["bayes"].iloc[0]
    down = cx.ab_test(data, metrics=["mean('revenue', direction='lower')"], prior="uniform").tables["bayes"].iloc[0]
    assert down["chance_to_beat_control"] == pytest.approx(1 - up["chance_to_beat_control"])
    assert down["expected_loss"] == pytest.approx(up["expected_loss_control"])


@pytest.mark.parametrize("text", ["", "normal", "normal(0, 0)", "normal(0, 5%)", "beta(0, 1)", "beta(1%, 1%)", "flat"])
def test_other_priors_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="expected 'uniform'"):
        parse_prior(text)


def test_a_prior_of_shares_needs_a_share() -> None:
    with pytest.raises(ParameterError, match="no metric is a proportion"):
        cx.ab_test(customers(), metrics=["mean('revenue')"], prior="beta(1, 1)")


def test_whole_clusters_and_sums_have_no_splits_of_customers() -> None:
    data = customers().assign(shop=lambda frame: frame.index % 40)
    data["variant"] = np.where(data["shop"] < 20, "control", "new")
    found = cx.ab_test(data, metrics=["proportion('bought')"], cluster="shop", time="day", prior="uniform")
    assert "sample_ratio" not in found.tables
    assert not {"sample_ratio_days", "covariate_balance"} & set(checks(found))
    effect, row = found.table.iloc[0], found.tables["bayes"].iloc[0]
    assert row["effect"] == pytest.approx(effect["effect"])
    assert row["chance_to_beat_control"] == pytest.approx(
        normal_effect(effect["effect"], effect["se"]).chance_above_zero
    )
    with pytest.raises(ParameterError, match="not counted per unit"):
        cx.ab_test(data, metrics=["proportion('bought')"], cluster="shop", prior="beta(1, 1)")


def test_a_small_segment_cannot_be_worked_back_from_the_splits() -> None:
    data = customers(days=2)
    few = data.groupby("variant").head(3).index.difference(data.index[data["variant"] == "new"])
    data.loc[few, "device"] = "watch"
    data.loc[data.index[data["variant"] == "new"][:20], "device"] = "watch"
    shown = publishable(cx.ab_test(data, metrics=["proportion('bought')"], segment="device").tables["sample_ratio"])
    parts = shown[shown["part"] == "segment"].set_index(["group", "variant"])
    assert parts.loc["watch", ["n", "expected"]].isna().all().all()
    assert parts["n"].isna().groupby("group").all().sum() == 2  # the next smallest too, whole
    assert parts["expected"].isna().equals(parts["n"].isna())


def test_the_page_shows_what_a_prior_makes_of_the_effects() -> None:
    data = customers().assign(bought=lambda frame: frame["bought"] | (frame["variant"] == "new"))
    found = cx.ab_test(data, metrics=["proportion('bought')"], prior="normal(0, 0.02)")
    shown = found._display()["With what was known before: normal(0, 0.02)"]
    assert shown.loc[0, "Chance to beat the control"] == "above 99.9%"
    assert shown.loc[0, "Expected loss if taken"].startswith("0.0")
    assert "Chance to beat the control" in found.to_html()
    few = cx.ab_test(data.groupby("variant").head(3), metrics=["proportion('bought')"], prior="uniform")
    assert not [name for name in few._display() if "known before" in name]
