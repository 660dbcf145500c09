"""The A/B test from table to result: reference values, refusals, and what must stay the same."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxlab.data as data_room
from cxlab.errors import DataError, ParameterError
from cxlab.experiments import Mean, Proportion, Ratio, ab_test
from tests.experiments.experiment_data import experiment
from tests.stats.experiment_vectors import vector

METRICS = [Proportion("bought"), Mean("revenue"), Ratio("clicks", "visits")]
CONTRACT = [
    "metric", "segment", "variant", "n", "estimate", "control_n", "control_estimate", "effect", "ci_low", "ci_high",
    "relative_effect", "relative_ci_low", "relative_ci_high", "p_value", "p_adjusted",
]  # fmt: skip


def row(found, metric, variant="new", segment="all"):
    table = found.table
    chosen = (table["metric"] == metric) & (table["variant"] == variant) & (table["segment"] == segment)
    return table[chosen].iloc[0]


def test_the_first_columns_are_the_contracts():
    found = ab_test(experiment(), metrics=METRICS, segment="plan")
    assert list(found.table.columns[: len(CONTRACT)]) == CONTRACT
    assert found.table["segment"].tolist()[:3] == ["all", "free", "paid"]


def test_welch_comes_out_as_in_r():
    """R 4.2.2 t.test; generated data."""
    given_, expected, tolerance = vector("mean_users120")
    frame = pd.DataFrame(given_).assign(variant=lambda f: np.where(f["d"] == 1, "new", "control"))
    found = row(ab_test(frame, metrics=[Mean("y")]), "y")
    shown = [found["effect"], found["se"], found["p_value"], found["ci_low"], found["ci_high"]]
    wanted = [expected["diff"], expected["se"], expected["p"], *expected["ci"]]
    assert shown == pytest.approx(wanted, rel=tolerance)


def test_lin_with_hc2_comes_out_of_the_database_as_from_rs_estimatr():
    """R estimatr 1.0.0 lm_lin; generated data."""
    given_, expected, tolerance = vector("lin_hc2")
    frame = pd.DataFrame({key: given_[key] for key in ("y", "x", "d")})
    frame["variant"] = np.where(frame["d"] == 1, "new", "control")
    found = row(ab_test(frame, metrics=[Mean("y", covariate="x")]), "y")
    shown = [found["effect"], found["se"], found["p_value"], found["ci_low"], found["ci_high"]]
    wanted = [expected["est"], expected["se"], expected["p"], *expected["ci"]]
    assert shown == pytest.approx(wanted, rel=tolerance)
    raw = frame.groupby("variant")["y"].mean()
    assert found["raw_effect"] == pytest.approx(raw["new"] - raw["control"])


def test_a_ratio_comes_out_by_the_delta_method():
    """Deng et al. (2018) in R; generated data."""
    given_, expected, tolerance = vector("ratio_delta_vs_cluster")
    frame = pd.DataFrame({"num": given_["user_num"], "den": given_["user_den"]})
    frame["variant"] = np.where(np.array(given_["user_treat"]) == 1, "new", "control")
    found = row(ab_test(frame, metrics=[Ratio("num", "den")]), "num / den")
    assert [found["estimate"], found["control_estimate"], found["effect"], found["se"]] == pytest.approx(
        [expected["ratio_t"], expected["ratio_c"], expected["diff"], expected["se_delta"]], rel=tolerance
    )


def lin_by_regression(y, x, arm, missing=None):
    """statsmodels OLS with HC2, covariates centred, interacted with the arm."""
    covariates = [x] if missing is None else [x, missing]
    centred = [c - c.mean() for c in covariates]
    design = np.column_stack([np.ones(len(y)), arm, *centred, *(arm * c for c in centred)])
    fit = sm.OLS(y, design).fit(cov_type="HC2")
    return fit.params[1], fit.bse[1]


def test_missing_covariates_count_as_the_mean_with_an_indicator():
    frame = experiment(400)
    frame.loc[::7, "before"] = np.nan
    found = row(ab_test(frame, metrics=[Mean("revenue", covariate="before")]), "revenue")
    arm = (frame["variant"] == "new").to_numpy(float)
    absent = frame["before"].isna().to_numpy(float)
    x = frame["before"].fillna(frame["before"].mean()).to_numpy()
    effect, se = lin_by_regression(frame["revenue"].to_numpy(), x, arm, absent)
    assert [found["effect"], found["se"]] == pytest.approx([effect, se], rel=1e-8)


def test_a_single_missing_covariate_takes_the_mean():
    frame = experiment(400)
    frame.loc[3, "before"] = np.nan
    found = row(ab_test(frame, metrics=[Mean("revenue", covariate="before")]), "revenue")
    arm = (frame["variant"] == "new").to_numpy(float)
    x = frame["before"].fillna(frame["before"].mean()).to_numpy()
    effect, se = lin_by_regression(frame["revenue"].to_numpy(), x, arm)
    assert [found["effect"], found["se"]] == pytest.approx([effect, se], rel=1e-8)


def test_a_ratio_is_adjusted_through_its_linearised_values():
    frame = experiment(500)
    metric = Ratio("clicks", "visits", covariate="clicks_before", covariate_denominator="visits_before")
    found = row(ab_test(frame, metrics=[metric]), "clicks / visits")
    arm = (frame["variant"] == "new").to_numpy()
    values = np.empty(len(frame))
    for side in (True, False):
        num, den = frame.loc[arm == side, "clicks"], frame.loc[arm == side, "visits"]
        ratio = num.sum() / den.sum()
        values[arm == side] = ratio + (num - ratio * den) / den.mean()
    above, below = frame["clicks_before"], frame["visits_before"]
    x = (above - above.sum() / below.sum() * below) / below.mean()
    effect, se = lin_by_regression(values, x.to_numpy(), arm.astype(float))
    assert [found["effect"], found["se"]] == pytest.approx([effect, se], rel=1e-8)


def test_segments_are_adjusted_by_their_own_lines():
    frame = experiment(500)
    found = ab_test(frame, metrics=[Mean("revenue", covariate="before")], segment="plan")
    for plan, part in frame.groupby("plan"):
        alone = row(ab_test(part, metrics=[Mean("revenue", covariate="before")]), "revenue")
        inside = row(found, "revenue", segment=plan)
        assert [inside["effect"], inside["se"]] == pytest.approx([alone["effect"], alone["se"]], rel=1e-8)


def test_integer_columns_are_widened_before_squaring():
    """The square of 2,000,000 does not fit into 32 bits."""
    rng = np.random.default_rng(5)
    frame = experiment(300).assign(big=(2_000_000 + rng.integers(-900_000, 900_000, 300)).astype("int32"))
    found = row(ab_test(frame, metrics=[Mean("big")]), "big")
    means = frame.groupby("variant")["big"].agg(["mean", "var", "count"]).astype(float)
    se = np.sqrt((means["var"] / means["count"]).sum())
    assert found["effect"] == pytest.approx(means["mean"]["new"] - means["mean"]["control"])
    assert found["se"] == pytest.approx(se, rel=1e-10)


def test_a_mean_far_above_its_spread_keeps_its_digits():
    frame = experiment(400).assign(far=lambda f: 1e9 + f["revenue"])
    far, near = (row(ab_test(frame, metrics=[Mean(name)]), name) for name in ("far", "revenue"))
    assert [far["effect"], far["se"]] == pytest.approx([near["effect"], near["se"]], rel=1e-5)


def test_missing_values_are_left_out_or_zero_but_never_half_of_both():
    """Control 1,2,3,4,NULL against 2..6: R's Welch p on the values is .16129; with zeros .05."""
    frame = pd.DataFrame({"variant": ["control"] * 5 + ["new"] * 5, "y": [1, 2, 3, 4, None, 2, 3, 4, 5, 6]})
    dropped = row(ab_test(frame, metrics=[Mean("y")]), "y")
    zeros = row(ab_test(frame, metrics=[Mean("y", missing="zero")]), "y")
    assert (dropped["control_n"], dropped["control_estimate"]) == (4, 2.5)
    assert dropped["p_value"] == pytest.approx(0.16129, abs=5e-6)
    assert (zeros["control_n"], zeros["control_estimate"]) == (5, 2.0)


def test_missing_values_are_counted_by_group():
    frame = experiment(2000)
    frame["answer"] = frame["bought"].astype(float).where(frame["variant"] == "new")
    frame.loc[frame.index[:1200], "answer"] = 1.0
    found = ab_test(frame, metrics=[Proportion("answer")])
    check = next(check for check in found.checks if check.name == "missing_by_variant")
    assert (check.passed, check.severity) == (False, "failure")
    missing = found.tables["missing"].set_index("variant")["missing"]
    assert missing["new"] == 0
    assert missing["control"] == frame["answer"].isna().sum()
    assert found.decision.verdict == "broken"


def test_small_groups_take_newcombe_and_large_ones_wald():
    small, large = (ab_test(experiment(n), metrics=[Proportion("bought")]).table["method"][0] for n in (600, 3000))
    assert small == "Newcombe, pooled z"
    assert large == "Wald, pooled z"


def test_few_events_take_fishers_test():
    frame = pd.DataFrame({"variant": ["control"] * 60 + ["new"] * 60, "y": [0] * 60 + [1] * 3 + [0] * 57})
    found = row(ab_test(frame, metrics=[Proportion("y")]), "y")
    assert found["method"] == "Newcombe, Fisher"
    assert found["p_value"] == pytest.approx(0.24370, abs=1e-5)
    assert np.isnan(found["relative_ci_low"])


@pytest.mark.parametrize("metric", METRICS, ids=str)
def test_swapping_the_arms_flips_the_sign(metric):
    frame = experiment(500)
    one = ab_test(frame, metrics=[metric]).table.iloc[0]
    other = ab_test(frame, metrics=[metric], control="new").table.iloc[0]
    assert other["effect"] == pytest.approx(-one["effect"])
    assert [other["ci_low"], other["ci_high"]] == pytest.approx([-one["ci_high"], -one["ci_low"]])
    assert other["p_value"] == pytest.approx(one["p_value"])


@settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(0.01, 1000))
def test_another_unit_of_money_leaves_the_relative_effect(scale):
    frame = experiment(200)
    plain = row(ab_test(frame, metrics=[Mean("revenue")]), "revenue")
    scaled = row(ab_test(frame.assign(revenue=frame["revenue"] * scale), metrics=[Mean("revenue")]), "revenue")
    names = ["relative_effect", "relative_ci_low", "relative_ci_high", "p_value"]
    assert scaled[names].astype(float).tolist() == pytest.approx(plain[names].astype(float).tolist(), rel=1e-6)


@settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed):
    frame = experiment(200)
    shuffled = frame.sample(frac=1, random_state=seed)
    metrics = [*METRICS, Mean("before", covariate="visits_before", role="watched")]
    one, other = (ab_test(f, metrics=metrics).table for f in (frame, shuffled))
    numbers = one.select_dtypes("number").columns
    assert other[numbers].to_numpy() == pytest.approx(one[numbers].to_numpy(), rel=1e-9, nan_ok=True)


def test_segments_add_up_to_all():
    found = ab_test(experiment(500), metrics=METRICS, segment="plan")
    whole, parts = (found.table[(found.table["segment"] == "all") == all_] for all_ in (True, False))
    for name in ("n", "control_n"):
        assert parts.groupby("metric")[name].sum().to_dict() == whole.set_index("metric")[name].to_dict()
    bought = parts[parts["metric"] == "bought"]
    total = (bought["estimate"] * bought["n"]).sum() / bought["n"].sum()
    assert total == pytest.approx(row(found, "bought")["estimate"])


def test_units_without_a_segment_keep_a_row_of_their_own():
    frame = experiment(300)
    frame.loc[:40, "plan"] = None
    assert "(not given)" in set(ab_test(frame, metrics=METRICS, segment="plan").table["segment"])


def test_holm_spans_primary_metrics_and_variants_but_not_guardrails():
    frame = experiment(900, variants=("control", "b", "c"))
    metrics = [
        Proportion("bought"),
        Mean("revenue"),
        Ratio("clicks", "visits", role="guardrail", margin="5%"),
    ]
    table = ab_test(frame, metrics=metrics).table.set_index(["metric", "variant"])
    primary = table.loc[["bought", "revenue"]]
    assert primary["p_adjusted"].min() == pytest.approx(4 * primary["p_value"].min())
    guardrail = table.loc["clicks / visits"]
    assert (guardrail["p_adjusted"] == guardrail["p_value"]).all()


def test_roles_of_the_table_name_unit_and_variant():
    frame = experiment(200).rename(columns={"variant": "arm"})
    table = data_room.table(frame, unit="id", variant="arm")
    found = ab_test(table, metrics=["proportion('bought')"])
    assert found.parameters["unit"] == "unit"
    assert any(check.name == "repeated_units" and "once" in check.message for check in found.checks)


def test_the_parameters_repeat_the_result():
    frame = experiment(300)
    first = ab_test(frame, metrics=METRICS, segment="plan", planned_n=300, planned_ratio={"control": 1, "new": 1})
    second = ab_test(frame, **json.loads(json.dumps(first.parameters)))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert second.headline == first.headline


def test_the_result_reads_as_json_text_and_html():
    found = ab_test(experiment(300), metrics=METRICS, segment="plan")
    assert json.loads(found.to_json())["decision"]["verdict"] == found.decision.verdict
    assert found.headline in repr(found)
    assert "Effects over all customers" in repr(found)
    assert found.pictures == ("effects", "segments", "quantiles")


def refused(frame, match, error=DataError, metrics=None, **options):
    with pytest.raises(error, match=match):
        ab_test(frame, metrics=metrics or [Proportion("bought")], **options)


def test_a_control_that_is_not_there_is_refused_with_the_nearest_name():
    refused(experiment(50), r"No row has control 'contrl'.*Did you mean 'control'", control="contrl")


def test_a_column_that_is_not_there_is_refused_with_the_nearest_name():
    refused(experiment(50), r"no column 'bougth'.*Did you mean 'bought'", metrics=["proportion('bougth')"])


def test_one_variant_alone_is_refused():
    refused(experiment(50).assign(variant="control"), "one variant only")


def test_a_unit_in_two_variants_is_refused_with_count_and_examples():
    frame = experiment(50)
    twice = pd.concat([frame, frame[:2].assign(variant=["new", "control"])])
    twice.loc[twice["id"].isin(["u0", "u1"]), "variant"] = ["control", "control", "new", "new"]
    refused(twice, r"2 of 50 units in 'id' stand in more than one variant, such as 'u0' and 'u1'", unit="id")


@pytest.mark.parametrize("rows", [1, 0])
def test_an_arm_of_one_unit_or_none_is_refused(rows):
    frame = experiment(60)
    some = pd.concat([frame[frame["variant"] == "control"], frame[frame["variant"] == "new"][:1]])
    if not rows:
        some.loc[some["variant"] == "new", "bought"] = None
    refused(some, f"Variant 'new' has {rows} unit")


def test_an_arm_of_the_plan_without_rows_is_refused():
    refused(experiment(50), "names 'c', but no row has", planned_ratio={"control": 1, "new": 1, "c": 1})


def test_a_variant_without_a_plan_is_refused():
    refused(experiment(50), "no part for variant 'new'", ParameterError, planned_ratio={"control": 1})


def test_a_proportion_of_other_values_is_refused_with_row_and_value():
    frame = experiment(50)
    frame.loc[7, "bought"] = 3
    refused(frame, r"'bought' has .*3.* in row 8.*0 or 1")


def test_a_denominator_of_zeros_is_refused():
    frame = experiment(50).assign(visits=0)
    refused(frame, "adds up to 0", metrics=[Ratio("clicks", "visits")])


def test_a_metric_that_never_varies_is_refused():
    refused(experiment(50).assign(revenue=4.0), "same 'revenue' \\(4\\)", metrics=[Mean("revenue")])


def test_too_many_segments_are_refused():
    refused(experiment(50), "50 segments; expected at most 30", segment="id")


@pytest.mark.parametrize("confidence", [95, 1.0, 0.2])
def test_a_confidence_that_is_no_fraction_is_refused(confidence):
    refused(experiment(50), "expected a fraction", ParameterError, confidence=confidence)


def test_nothing_in_a_table_over_all_is_ever_nan():
    found = ab_test(experiment(400), metrics=METRICS)
    columns = [name for name in CONTRACT if name not in ("metric", "segment", "variant")]
    assert np.isfinite(found.table[columns].astype(float).to_numpy()).all()
