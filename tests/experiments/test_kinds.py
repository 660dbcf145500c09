"""The further kinds of metrics through the whole test: reference values, refusals, edge cases."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from cxlab.errors import DataError, ParameterError
from cxlab.experiments import ab_test
from cxlab.experiments.metrics import parse_metric
from cxlab.stats.quantiles import quantile_arm
from tests.stats.experiment_vectors import vector


def frame(n=1200, seed=7):
    rng = np.random.default_rng(seed)
    new = rng.random(n) < 0.5
    life, until = rng.exponential(80 + 15 * new), rng.uniform(60, 180, n)
    return pd.DataFrame({
        "id": np.arange(n), "variant": np.where(new, "new", "control"),
        "revenue": np.where(rng.random(n) < 0.3, rng.lognormal(2, 1.5, n), 0.0), "before": rng.gamma(2, 2, n),
        "contacts": rng.poisson(0.4, n), "days": rng.integers(5, 30, n), "faults": (rng.random(n) < 0.006).astype(int),
        "minutes": rng.lognormal(2.5, 0.8, n), "score": rng.integers(0, 11, n), "csat": rng.integers(1, 6, n),
        "word": rng.choice(["bad", "fair", "good"], n), "life": np.minimum(life, until).round(1),
        "churned": (life <= until).astype(int), "plan": rng.choice(["free", "paid"], n),
    })  # fmt: skip


ROUND_TRIP = [
    "mean('revenue', cap='p99')", "rate('contacts', exposure='days')", "quantile('minutes', q=0.9)", "nps('score')",
    "top_box('csat')", "ordinal('word', levels=('bad', 'fair', 'good'))",
    "time_to_event('life', event='churned', horizon=60)",
]  # fmt: skip


def only(found):
    return found.table[found.table["segment"] == "all"].iloc[0]


def check(found, name):
    return next(one for one in found.checks if one.name == name)


@pytest.mark.parametrize("text", ROUND_TRIP)
def test_every_kind_comes_back_from_its_text_and_flips_with_the_arms(text):
    metric = parse_metric(text)
    assert parse_metric(str(metric)) == metric
    one, other = (only(ab_test(frame(), metrics=[text], control=control)) for control in ("control", "new"))
    assert other["effect"] == pytest.approx(-one["effect"], abs=1e-12)
    assert other["p_value"] == pytest.approx(one["p_value"])
    assert one["ci_low"] < one["effect"] < one["ci_high"]


def test_a_cap_is_the_pooled_percentile_and_the_uncapped_effect_stands_beside():
    data = frame()
    found = ab_test(data, metrics=["mean('revenue', cap='p99')"])
    cap = np.quantile(data["revenue"], 0.99)
    means = data.assign(y=data["revenue"].clip(upper=cap)).groupby("variant")[["y", "revenue"]].mean()
    row = only(found)
    assert row["effect"] == pytest.approx(means["y"]["new"] - means["y"]["control"])
    assert row["raw_effect"] == pytest.approx(means["revenue"]["new"] - means["revenue"]["control"])
    assert found.tables["caps"]["cap"].tolist() == pytest.approx([cap, cap])
    assert row["n"] + row["control_n"] == len(data)
    number = only(ab_test(data, metrics=[f"mean('revenue', cap={float(cap)!r})"]))
    assert number["effect"] == pytest.approx(row["effect"])


def test_where_fewer_than_one_percent_spend_the_cap_is_that_of_the_spenders():
    data = frame(4000)
    data["revenue"] = np.where(np.arange(4000) % 200 == 0, data["minutes"], 0.0)
    found = ab_test(data, metrics=["mean('revenue', cap='p99')"])
    spent = data.loc[data["revenue"] > 0, "revenue"]
    assert found.tables["caps"]["cap"].iloc[0] == pytest.approx(np.quantile(spent, 0.99))


def test_a_capped_covariate_takes_its_own_percentile():
    data = frame()
    both = data.assign(y=data["revenue"].clip(upper=data["revenue"].quantile(0.99)),
                       x=data["before"].clip(upper=data["before"].quantile(0.99)))  # fmt: skip
    found = only(ab_test(data, metrics=["mean('revenue', cap='p99', covariate='before')"]))
    wanted = only(ab_test(both, metrics=["mean('y', covariate='x')"]))
    assert [found["effect"], found["se"]] == pytest.approx([wanted["effect"], wanted["se"]])
    assert found["raw_effect"] == pytest.approx(only(ab_test(data, metrics=["mean('revenue')"]))["effect"])


def test_one_row_that_decides_a_mean_is_named():
    data = frame()
    data.loc[data.index[data["variant"] == "new"][0], "before"] = 4000.0
    found = check(ab_test(data, metrics=["mean('before')"]), "outlier")
    assert not found.passed
    assert "one customer in new with 4,000 makes" in found.message
    assert check(ab_test(data, metrics=["mean('before', cap='p99')"]), "outlier").passed


@pytest.mark.parametrize("clustered", [False, True])
def test_a_quantile_in_the_database_is_that_of_its_formula(clustered):
    data = frame()
    if clustered:
        data = data.loc[np.repeat(data.index, 1 + data["contacts"])]
        data["minutes"] *= np.random.default_rng(1).uniform(0.8, 1.2, len(data))
    found = ab_test(data, metrics=["quantile('minutes', q=0.9)"], unit="id")
    arms = {
        name: quantile_arm(rows["minutes"], 0.9, unit=rows["id"] if clustered else None)[0]
        for name, rows in data.groupby("variant")
    }
    row = only(found)
    assert row["effect"] == pytest.approx(arms["new"].estimate - arms["control"].estimate)
    assert row["se"] == pytest.approx((arms["new"].variance + arms["control"].variance) ** 0.5)
    assert (row["n"], row["method"]) == (arms["new"].n, "Woodruff, clustered" if clustered else "Woodruff")


def test_quantiles_of_repeated_units_are_refused_beside_another_metric():
    data = pd.concat([frame(), frame()])
    with pytest.raises(ParameterError, match=r"'quantile'; several rows of one unit go with .* one row per unit first"):
        ab_test(data, metrics=["quantile('minutes')", "mean('minutes', role='watched')"], unit="id")


def test_scores_are_those_of_their_definitions():
    data = frame()
    found = only(ab_test(data, metrics=["nps('score')"]))
    new = data.loc[data["variant"] == "new", "score"]
    assert found["estimate"] == pytest.approx(100 * ((new >= 9).mean() - (new <= 6).mean()))
    found = only(ab_test(data, metrics=["top_box('csat', scale=5, boxes=2)"]))
    assert found["estimate"] == pytest.approx((data.loc[data["variant"] == "new", "csat"] >= 4).mean())


def test_order_as_in_r():
    """R 4.2.2 wilcox.test, MASS polr; generated counts."""
    given, expected, tolerance = vector("likert_csat")
    rows = [pd.DataFrame({"variant": name, "y": np.repeat(np.arange(1, 6), given[name])}) for name in given]
    found = ab_test(pd.concat(rows), metrics=["ordinal('y')"])
    assert only(found)["estimate"] == pytest.approx(expected["prob_superiority"], rel=tolerance)
    odds = found.tables["ordinal"].iloc[0]
    assert [odds["log_odds_ratio"], odds["se"], odds["p_value"]] == pytest.approx(
        [expected["polr_logor"], expected["polr_se"], expected["p_mwu"]], rel=tolerance
    )
    assert found.tables["ordinal"]["cut"].tolist() == ["all", *(f"{level} or higher" for level in (2, 3, 4, 5))]


def test_who_did_not_answer_is_said():
    data = frame()
    data["score"] = data["score"].astype(float).where(data["contacts"] > 0)
    message = check(ab_test(data, metrics=["nps('score')"]), "missing_by_variant").message
    assert "did not answer" in message
    assert "compared among those who answered" in message


def test_times_and_the_log_rank_test_as_in_r():
    """R survival 3.5-3 survdiff on ovarian."""
    given, expected, tolerance = vector("logrank_ovarian")
    data = pd.DataFrame(given).assign(variant=lambda f: f["group"].map({1: "control", 2: "new"}))
    found = ab_test(data, metrics=["time_to_event('time', event='event')"])
    survival = found.tables["survival"].iloc[0]
    assert [survival["log_rank"], survival["p_value"]] == pytest.approx(
        [expected["chisq"], expected["p"]], rel=tolerance
    )
    assert survival["horizon"] == data.groupby("variant")["time"].max().min()
    with pytest.raises(DataError, match="was watched until"):
        ab_test(data, metrics=["time_to_event('time', event='event', horizon=5000)"])


def test_few_single_events_are_compared_exactly_and_bursts_are_not():
    data = frame()
    found = ab_test(data, metrics=["rate('faults')"])
    assert only(found)["method"] == "exact Poisson"
    data["faults"] *= 3
    found = ab_test(data, metrics=["rate('faults')"])
    assert only(found)["method"] == "Welch"
    assert not check(found, "rare_events").passed


def test_an_arm_without_any_event_is_an_answer_in_every_segment():
    """Sums of counts are no longer whole after adding and subtracting; one of them was -1e-14 events."""
    rng = np.random.default_rng(50_016)
    n = 10_000
    new, groups = rng.random(n) < 0.5, np.repeat([f"e{i:02d}" for i in range(10)], 1_000)
    faults = rng.poisson(0.012, n)
    faults[(groups == "e03") & new] = 0
    data = pd.DataFrame({"group": groups, "variant": np.where(new, "new", "control"), "faults": faults})
    found = ab_test(data, metrics=["rate('faults')"], segment="group").table.set_index("segment")
    assert found.loc["e03", "estimate"] == 0
    assert found.loc["e03", "relative_effect"] == -1


@pytest.mark.parametrize("text", ["mean('y')", "rate('y')", "quantile('z')", "top_box('y')", "ordinal('y')"])
@pytest.mark.parametrize("make", [
    lambda y: y.astype("int32"), lambda y: y.astype("Int64"), lambda y: y.map(Decimal), lambda y: y.astype(str),
], ids=["int32", "Int64", "Decimal", "text"])  # fmt: skip
def test_the_stored_type_changes_nothing(text, make):
    data = frame(600).assign(y=lambda f: f["csat"], z=lambda f: 17 * f["days"] + f["score"])
    data["y"] = np.where(np.arange(600) % 3 == 0, data["csat"], (data["csat"] + data["score"]) % 5 + 1)
    plain, typed = (
        only(ab_test(one, metrics=[text])) for one in (data, data.assign(y=make(data["y"]), z=make(data["z"])))
    )
    assert typed["effect"] == plain["effect"]
    assert typed["se"] == plain["se"]


def test_booleans_are_numbers():
    data = frame(600)
    plain, flags = (
        only(ab_test(data.assign(y=data["churned"].astype(kind)), metrics=["mean('y')"])) for kind in (int, bool)
    )
    assert flags["effect"] == plain["effect"]


@pytest.mark.parametrize(("metric", "change", "said"), [
    ("nps('score')", {"score": 99}, "whole numbers from 0 to 10"),
    ("top_box('csat')", {"csat": 7}, "whole numbers from 1 to 5"),
    ("ordinal('word', levels=['bad', 'good'])", {}, "expected one of 'bad', 'good'"),
    ("ordinal('minutes')", {}, "different answers; expected at most 50"),
    ("rate('contacts')", {"contacts": -1}, "numbers from 0 up"),
    ("time_to_event('life', event='churned')", {"life": -1}, "numbers from 0 up"),
    ("time_to_event('life', event='none')", {}, "Nobody has 'none'"),
    ("quantile('minutes', q=0.9999)", {}, "needs about"),
    ("quantile('ones')", {}, "has no spread"),
    ("mean('empty')", {}, "has 0 units with a value of 'empty'"),
])  # fmt: skip
def test_what_cannot_be_told_is_refused_by_name(metric, change, said):
    data = frame(400).assign(none=0, ones=1.0, empty=np.nan)
    for column, value in change.items():
        data.loc[5, column] = value
    with pytest.raises(DataError, match=said):
        ab_test(data, metrics=[metric])


@pytest.mark.parametrize(("text", "said"), [
    ("mean('r', cap='q99')", "such as 'p99'"), ("nps('s', missing='zero')", "no answer is no answer of 0"),
    ("nps('s', margin='5%')", "has no fraction"), ("quantile('s', q=2)", "a share between 0 and 1"),
    ("time_to_event('days')", "event='event'"), ("ordinal('a', levels='x')", "lowest first"),
    ("quantile('s', covariate='b')", "cannot take covariate"), ("top_box('s', boxes=5)", "1 ≤ boxes < scale"),
    ("time_to_event('d', event='e', horizon=0)", "expected a time above 0"),
])  # fmt: skip
def test_options_that_mean_nothing_are_refused(text, said):
    with pytest.raises(ParameterError, match=said):
        parse_metric(text)


def test_a_group_of_one_row_is_refused_by_name():
    data = frame(200)
    data["variant"] = np.where(np.arange(200) == 0, "new", "control")
    for metric in (
        "mean('minutes')",
        "quantile('minutes')",
        "ordinal('csat')",
        "time_to_event('life', event='churned')",
    ):
        with pytest.raises(DataError, match="Variant 'new' has 1 unit"):
            ab_test(data, metrics=[metric])


def test_a_control_below_zero_has_no_fraction():
    data = frame(600).assign(loss=lambda f: -f["minutes"])
    found = ab_test(data, metrics=["mean('loss')"])
    assert np.isnan(only(found)["relative_effect"])
    assert "the control is below 0" in check(found, "relative_effect").message


def test_forty_variants_are_compared_and_stay_readable():
    data = frame(8000)
    data["variant"] = [f"v{i % 40:02d}" for i in range(8000)]
    found = ab_test(data, metrics=["mean('minutes')"], control="v00")
    assert len(found.table) == 39
    assert check(found, "sample_ratio").message.startswith("40 groups of 200 to 200 customers, equal parts")
    data["variant"] = [f"v{i % 41:02d}" for i in range(8000)]
    with pytest.raises(DataError, match="expected at most 40"):
        ab_test(data, metrics=["mean('minutes')"], control="v00")


def test_unequal_groups_with_skewed_revenue_are_offered_the_cap():
    data = frame(4000)
    data["variant"] = np.where(np.arange(4000) % 10 == 0, "control", "new")
    found = ab_test(data, metrics=["mean('revenue')"], planned_ratio={"control": 1, "new": 9})
    assert "cap='p99'" in check(found, "skewed_values").message


@pytest.mark.parametrize("width", [680, 340])
def test_the_picture_of_times_names_its_lines_and_who_is_still_watched(width):
    found = ab_test(frame(), metrics=["time_to_event('life', event='churned', horizon=60, measured_in='days')"])
    drawn = found.chart("survival", width=width).to_dict()
    curve, watched = drawn["vconcat"][0]["vconcat"]
    assert {layer["mark"]["type"] for layer in curve["layer"]} == {"area", "line", "rule", "text"}
    assert watched["encoding"]["y"]["axis"]["title"] == "Still watched"
    assert drawn["title"]["text"][0].startswith("Time until churned")
    assert found.table["effect"][0] > 0 or "new" in drawn["description"]


def test_a_score_alone_is_drawn_in_points():
    drawn = ab_test(frame(), metrics=["nps('score', margin=3)"]).chart("effects").to_dict()
    assert "Change against control, points" in str(drawn)
    mixed = ab_test(frame(), metrics=["nps('score')", "mean('minutes', role='watched')"]).chart("effects").to_dict()
    assert "no relative change can be told" in str(mixed)


@pytest.mark.parametrize(("text", "said"), [
    ("quantile('minutes', q=0.9, measured_in='min', direction='lower')", "slowest tenth of minutes begins at"),
    ("quantile('minutes')", "half of minutes is at most"), ("nps('score')", "the net promoter score is"),
    ("ordinal('csat')", "answers higher than one with control in"), ("rate('minutes')", "there are"),
    ("time_to_event('life', event='churned')", "the time until churned is"),
])  # fmt: skip
def test_each_kind_is_told_in_its_own_words(text, said):
    data = frame(3000)
    better = data["variant"] == "new"
    data.loc[better, "minutes"] *= 0.5 if "lower" in text else 2
    data.loc[better, "score"] = np.minimum(data["score"] + 3, 10)
    data.loc[better, "csat"] = np.minimum(data["csat"] + 1, 5)
    data.loc[better, "churned"] = data["churned"] * (np.arange(3000) % 2)
    found = ab_test(data, metrics=[text])
    assert said in found.headline
    assert found.decision.verdict == "ship"
