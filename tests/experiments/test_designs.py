"""Designs: several rows per unit, clusters, strata, exposure, several covariates, counts in place of rows."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxlab.errors import DataError, ParameterError
from cxlab.experiments import Mean, Proportion, Ratio, ab_test
from tests.experiments.experiment_data import experiment
from tests.stats.experiment_vectors import vector

METRICS = [Proportion("bought"), Mean("revenue"), Ratio("clicks", "visits")]


def check(found, name):
    return next(one for one in found.checks if one.name == name)


def lin(y, arm, *covariates):
    """statsmodels OLS with HC2, covariates centred, interacted with the arm."""
    centred = [c - c.mean() for c in covariates]
    design = np.column_stack([np.ones(len(y)), arm, *centred, *(arm * c for c in centred)])
    fit = sm.OLS(y, design).fit(cov_type="HC2")
    return fit.params[1], fit.bse[1]


def visits():
    case, expected, tolerance = vector("cluster_cr1_cr2")
    frame = pd.DataFrame(case).assign(variant=lambda f: np.where(f["treat"] == 1, "new", "control"))
    return frame, expected, tolerance


def test_rows_finer_than_the_unit_have_the_units_variance():
    """The delta method in R on the same visits, added up per user (vector ratio_delta_vs_cluster)."""
    frame, _, _ = visits()
    _, expected, tolerance = vector("ratio_delta_vs_cluster")
    for metric in (Proportion("y"), Mean("y")):
        found = ab_test(frame, metrics=[metric], unit="id")
        row = found.table.iloc[0]
        assert [row["effect"], row["se"]] == pytest.approx([expected["diff"], expected["se_delta"]], rel=tolerance)
        assert (row["n"], row["control_n"], row["method"]) == (40, 40, "delta method")
        assert check(found, "unit_of_analysis").message.startswith("276 rows of 80 customers ('id')")
        assert "repeated_units" not in {one.name for one in found.checks}


def test_repeated_rows_take_a_covariate_and_a_segment_of_the_unit():
    users = experiment(300)
    rows = users.loc[users.index.repeat(1 + np.arange(300) % 3)].reset_index(drop=True)
    found = ab_test(rows, metrics=[Mean("revenue", covariate="before")], unit="id", segment="plan")
    row = found.table.iloc[0]
    assert row["se"] < row["raw_ci_high"] - row["raw_ci_low"]
    assert found.table["n"].tolist()[0] == found.table["n"].tolist()[1] + found.table["n"].tolist()[2]


def test_a_segment_that_changes_within_a_unit_is_refused():
    users = experiment(60)
    rows = pd.concat([users, users.assign(plan="other")])
    with pytest.raises(DataError, match=r"`segment` 'plan' changes within 60 units of 'id', such as 'u0'"):
        ab_test(rows, metrics=METRICS, unit="id", segment="plan")


@pytest.mark.parametrize("value", [3.0, 0.1, 1234.56789, -7e-9])
@pytest.mark.parametrize("seed", range(5))
def test_a_mean_that_never_varies_is_refused_over_repeated_rows_too(value, seed):
    """In whichever order the rows come: sums of other order differ in their last digits."""
    users = experiment(60).assign(same=value)
    rows = pd.concat([users, users[:9], users[20:45]]).sample(frac=1, random_state=seed)
    with pytest.raises(DataError, match=r"same 'same'"):
        ab_test(rows, metrics=[Mean("same")], unit="id")


def test_clusters_come_out_of_the_database_as_from_rs_estimatr():
    """R estimatr 1.0.0 lm_robust, CR2 with Satterthwaite degrees of freedom."""
    frame, expected, tolerance = visits()
    found = ab_test(frame, metrics=[Proportion("y")], cluster="id")
    row, clusters = found.table.iloc[0], found.tables["clusters"].iloc[0]
    assert [row["effect"], row["se"], row["p_value"], clusters["df"]] == pytest.approx(
        [expected["est"], expected["se_cr2"], expected["p_cr2"], expected["df_cr2"]], rel=tolerance
    )
    assert row["method"] == "CR2, Satterthwaite"
    assert (clusters["n"], clusters["control_n"]) == (40, 40)
    assert clusters["design_effect"] > 1.4
    assert 0 < clusters["intraclass_correlation"] < 0.5


def shops(clusters=12, size=30, seed=1):
    frame = experiment(clusters * size, seed)
    shop = np.arange(len(frame)) % clusters
    return frame.assign(shop=[f"s{s}" for s in shop], variant=np.where(shop % 2 == 0, "control", "new"))


def test_clusters_work_with_segments_ratios_and_covariates():
    metrics = [Mean("revenue", covariate=["before", "visits"]), Ratio("clicks", "visits", role="watched")]
    found = ab_test(shops(), metrics=metrics, cluster="shop", segment="plan")
    assert found.table["effect"].notna().all()
    first = found.table.iloc[0]
    assert first["method"] == "CR2, Satterthwaite, adjusted"
    assert first["ci_high"] - first["ci_low"] < first["raw_ci_high"] - first["raw_ci_low"]
    assert check(found, "few_clusters").severity == "warning"
    assert check(found, "sample_ratio").message.startswith("6 and 6 groups by 'shop'")


def test_missing_values_of_clusters_are_judged_over_clusters():
    """One shop of the new variant records nothing: over rows that would be damning, over shops it is one of six."""
    frame = shops()
    frame["answer"] = frame["revenue"].where(frame["shop"] != "s1")
    found = ab_test(frame, metrics=[Mean("answer")], cluster="shop")
    assert check(found, "missing_by_variant").passed
    assert found.tables["missing"]["p_value"].min() > 0.05


def test_a_cluster_in_two_variants_and_a_single_cluster_are_refused():
    with pytest.raises(DataError, match=r"12 of 12 clusters in 'shop' stand in more than one variant"):
        ab_test(shops().assign(variant=experiment(360)["variant"]), metrics=METRICS, cluster="shop")
    lone = shops()
    lone = lone[(lone["variant"] == "new") | (lone["shop"] == "s0")]
    with pytest.raises(DataError, match=r"Variant 'control' has 1 group by 'shop'"):
        ab_test(lone, metrics=METRICS, cluster="shop")


def test_strata_are_weighted_by_their_shares():
    frame = experiment(500)
    found = ab_test(frame, metrics=METRICS, strata="plan")
    row = found.table.set_index("metric").loc["revenue"]
    effect = variance = 0.0
    for _, part in frame.groupby("plan"):
        by_arm = part.groupby("variant")["revenue"]
        share = len(part) / len(frame)
        effect += share * (by_arm.mean()["new"] - by_arm.mean()["control"])
        variance += share**2 * (by_arm.var() / by_arm.count()).sum()
    assert [row["effect"], row["se"]] == pytest.approx([effect, variance**0.5])
    assert found.tables["strata"]["weight"].iloc[:2].sum() == pytest.approx(1)
    assert check(found, "sample_ratio_by_stratum").passed


def test_small_strata_stand_together():
    frame = experiment(300)
    frame.loc[:2, "plan"] = ["rare", "odd", "lone"]
    found = ab_test(frame, metrics=METRICS, strata="plan")
    assert any("(together)" in name for name in found.tables["strata"]["stratum"])
    assert found.table["effect"].notna().all()


def test_only_the_exposed_count_and_unequal_exposure_breaks_the_comparison():
    frame = experiment(2000)
    rng = np.random.default_rng(4)
    fair = frame.assign(saw=(rng.random(2000) < 0.4).astype(int))
    found = ab_test(fair, metrics=METRICS, exposed="saw")
    alone = ab_test(fair[fair["saw"] == 1], metrics=METRICS)
    pd.testing.assert_frame_equal(found.table, alone.table)
    assert check(found, "exposure_by_variant").passed
    bent = frame.assign(saw=(rng.random(2000) < np.where(frame["variant"] == "new", 0.6, 0.4)).astype(int))
    broken = ab_test(bent, metrics=METRICS, exposed="saw")
    assert check(broken, "exposure_by_variant").severity == "failure"
    assert broken.decision.verdict == "broken"
    with pytest.raises(DataError, match="No row is exposed"):
        ab_test(frame.assign(saw=0), metrics=METRICS, exposed="saw")


def test_several_covariates_are_lins_regression_with_all_of_them():
    """statsmodels 0.15.0 OLS with HC2; a missing covariate is its mean with an indicator."""
    frame = experiment(500)
    frame["other"] = 0.3 * frame["before"] + np.random.default_rng(0).normal(size=500)
    frame.loc[::9, "other"] = np.nan
    frame["again"] = 2 * frame["before"] + 1
    found = ab_test(frame, metrics=[Mean("revenue", covariate=["before", "other", "again"])], segment="plan")
    for part, row in [(frame, found.table.iloc[0]), (frame[frame["plan"] == "free"], found.table.iloc[1])]:
        arm = (part["variant"] == "new").to_numpy(float)
        filled = part["other"].fillna(frame["other"].mean())
        covariates = [part["before"], filled, part["other"].isna().astype(float)]
        effect, se = lin(part["revenue"].to_numpy(), arm, *(c.to_numpy() for c in covariates))
        assert [row["effect"], row["se"]] == pytest.approx([effect, se], rel=1e-8)
    gain = found.tables["precision"].iloc[0]
    assert gain["variance_reduction"] == pytest.approx(1 - (gain["se"] / gain["raw_se"]) ** 2)
    assert "worth" in check(found, "covariate").message


def test_a_covariate_that_says_nothing_is_reported_so():
    frame = experiment(3000).assign(noise=np.random.default_rng(1).normal(size=3000))
    found = ab_test(frame, metrics=[Mean("revenue", covariate="noise")])
    assert "gained nothing" in check(found, "covariate").message


def counted(frame):
    squares = frame.assign(
        revenue_sq=frame["revenue"] ** 2, clicks_sq=frame["clicks"] ** 2, visits_sq=frame["visits"] ** 2,
        both=frame["clicks"] * frame["visits"], users=1,
    )  # fmt: skip
    return squares.groupby(["variant", "plan"]).sum(numeric_only=True).reset_index()


SUMS = [
    "proportion('bought')",
    "mean('revenue', squares='revenue_sq')",
    "ratio('clicks', 'visits', squares=['clicks_sq', 'visits_sq', 'both'])",
]


def test_counts_give_what_the_rows_give():
    frame = experiment(1500)
    rows, sums = (
        ab_test(one, metrics=metrics, segment="plan", **more)
        for one, metrics, more in [(frame, METRICS, {}), (counted(frame), SUMS, {"counts": "users"})]
    )
    numbers = rows.table.select_dtypes("number").columns
    np.testing.assert_allclose(sums.table[numbers], rows.table[numbers], rtol=1e-9, atol=1e-12)
    assert sums.decision.verdict == rows.decision.verdict
    again = ab_test(counted(frame), **json.loads(json.dumps(sums.parameters)))
    pd.testing.assert_frame_equal(again.table, sums.table)


@pytest.mark.parametrize(
    ("metric", "match", "error"),
    [
        ("mean('revenue')", "needs its sums of squares", ParameterError),
        ("mean('revenue', squares='revenue')", "smaller than its sum allows", DataError),
        ("mean('revenue', squares='revenue_sq', covariate='before')", "needs the rows of customers", ParameterError),
        ("ratio('clicks', 'visits', squares=['both'])", "expected three columns", ParameterError),
        ("proportion('revenue')", "between 0 and all", DataError),
    ],
)
def test_counts_that_cannot_be_are_refused(metric, match, error):
    with pytest.raises(error, match=match):
        ab_test(counted(experiment(300)), metrics=[metric], counts="users")


@pytest.mark.parametrize("other", ["unit", "cluster", "strata", "exposed"])
def test_counts_go_with_no_design_that_needs_rows(other):
    with pytest.raises(ParameterError, match=f"`counts` and `{other}` cannot be given together"):
        ab_test(counted(experiment(300)), metrics=SUMS, counts="users", **{other: "plan"})


def test_clusters_and_strata_are_not_mixed():
    with pytest.raises(ParameterError, match="`cluster` and `strata` cannot be given together"):
        ab_test(shops(), metrics=METRICS, cluster="shop", strata="plan")
