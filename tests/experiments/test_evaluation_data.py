"""Golden numbers of two public experiments, read from the folder named by CXLAB_EVALUATION_DATA."""

import pytest

from cxlab.experiments import ab_test


@pytest.fixture(scope="module")
def cookie_cats(evaluation_data):
    return ab_test(
        evaluation_data / "cookie_cats" / "cookie_cats.csv.gz",
        metrics=["proportion('retention_1')", "proportion('retention_7')", "mean('sum_game_rounds')"],
        variant="version",
        control="gate_30",
        unit="userid",
    )


@pytest.fixture(scope="module")
def hillstrom(evaluation_data):
    return ab_test(
        evaluation_data / "hillstrom" / "hillstrom.csv.gz",
        metrics=["proportion('visit')", "proportion('conversion')", "mean('spend', covariate='history')"],
        variant="segment",
        control="No E-Mail",
        segment="zip_code",
    )


def row(found, metric, variant):
    table = found.table
    return table[(table["metric"] == metric) & (table["variant"] == variant) & (table["segment"] == "all")].iloc[0]


@pytest.mark.parametrize(
    ("metric", "control", "estimate", "p_value", "limits"),
    [
        ("retention_1", 20034 / 44700, 20119 / 45489, 0.07441, (-0.01239, 0.00058)),
        ("retention_7", 8502 / 44700, 8279 / 45489, 0.0015542, (-0.013282, -0.003121)),
        ("sum_game_rounds", 52.4563, 51.2988, 0.37592, None),
    ],
)
def test_cookie_cats_levels_intervals_and_p_values(cookie_cats, metric, control, estimate, p_value, limits):
    found = row(cookie_cats, metric, "gate_40")
    assert (found["n"], found["control_n"]) == (45_489, 44_700)
    assert [found["control_estimate"], found["estimate"]] == pytest.approx([control, estimate], abs=5e-5)
    assert found["p_value"] == pytest.approx(p_value, abs=5e-6)
    if limits:
        assert [found["ci_low"], found["ci_high"]] == pytest.approx(limits, abs=5e-6)


def test_cookie_cats_sample_ratio_warns_and_neither_hides_nor_forbids(cookie_cats):
    check = next(check for check in cookie_cats.checks if check.name == "sample_ratio")
    assert (check.passed, check.severity) == (False, "warning")
    assert "p 0.009" in check.message
    assert cookie_cats.decision.verdict == "don't ship"
    assert cookie_cats.figures


@pytest.mark.parametrize(
    ("variant", "metric", "effect", "se"),
    [
        ("Mens E-Mail", "visit", 0.07659, 0.003386),
        ("Mens E-Mail", "conversion", 0.006805, 0.000921),
        ("Womens E-Mail", "visit", 0.04523, 0.003234),
        ("Womens E-Mail", "conversion", 0.003111, 0.000823),
    ],
)
def test_hillstrom_shares_of_both_mailings(hillstrom, variant, metric, effect, se):
    found = row(hillstrom, metric, variant)
    assert [found["effect"], found["se"]] == pytest.approx([effect, se], abs=6e-6)


@pytest.mark.parametrize(
    ("variant", "effect", "low", "high"),
    [("Mens E-Mail", 0.769827, 0.4851, 1.0545), ("Womens E-Mail", 0.424412, 0.1690, 0.6799)],
)
def test_hillstrom_spend_and_a_weak_covariate_that_gains_almost_nothing(hillstrom, variant, effect, low, high):
    found = row(hillstrom, "spend", variant)
    raw = [found["raw_effect"], found["raw_ci_low"], found["raw_ci_high"]]
    assert raw == pytest.approx([effect, low, high], abs=6e-5)
    width, raw_width = found["ci_high"] - found["ci_low"], found["raw_ci_high"] - found["raw_ci_low"]
    assert 0.999 < (width / raw_width) ** 2 < 1.0005


def test_hillstroms_covariate_is_reported_to_gain_nothing(hillstrom):
    check = next(check for check in hillstrom.checks if check.name == "covariate")
    assert "spend gained nothing" in check.message
    assert hillstrom.tables["precision"]["variance_reduction"].abs().max() < 0.005


def test_hillstroms_repeated_rows_are_all_counted(hillstrom):
    sizes = hillstrom.tables["missing"].drop_duplicates("variant").set_index("variant")["n"]
    assert sizes.to_dict() == {"Mens E-Mail": 21_307, "Womens E-Mail": 21_387, "No E-Mail": 21_306}
    assert hillstrom.decision.verdict == "ship"
    assert hillstrom.tables["heterogeneity"]["scale"].value_counts().to_dict() == {"absolute": 6, "relative": 6}


def test_cookie_cats_one_row_is_named_as_deciding_the_mean(cookie_cats):
    check = next(check for check in cookie_cats.checks if check.name == "outlier")
    assert not check.passed
    assert "one customer in gate_30 with 49,854" in check.message
    assert "without this row the change is −0.04, not −1.16" in check.message
