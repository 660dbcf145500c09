"""Plans of tests: sizes against R, traffic, the plan file, simulated power, wrong input."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm
from statsmodels.stats.proportion import proportion_confint

import cxlab as cx
from cxlab.errors import DataError, ParameterError
from cxlab.experiments import plan_ab_test
from cxlab.experiments.built_in import changed, ends_of
from cxlab.experiments.metrics import parse_metric
from cxlab.experiments.planned import cost_of
from cxlab.experiments.planned_sizes import Need, parts_of
from cxlab.experiments.spread import spread_of
from cxlab.experiments.traffic import Traffic, traffic_of

ROOT = Path(__file__).resolve().parents[2]
HISTORY = ROOT / "data_samples" / "checkout_history.csv"
ORDERED, REVENUE = "proportion('ordered')", "mean('revenue', covariate='revenue_before')"
GUARDRAIL = "mean('revenue', cap='p99', role='guardrail', margin='20%')"


@pytest.fixture(scope="module")
def history():
    return cx.table(str(HISTORY))


def check(found, name):
    return next(one for one in found.checks if one.name == name)


def test_sizes_are_those_of_r():
    # R 4.2.2: power.prop.test(p1=.1, p2=.11, power=.8) 14750.79; power.t.test(delta=.5, sd=4, power=.9) 1345.911
    shares = plan_ab_test(metric="proportion('x')", base=0.1, effect="0.01")
    assert shares.tables["metrics"]["n_needed"][0] == pytest.approx(2 * 14750.7904690464, rel=1e-6)
    means = plan_ab_test(metric="mean('x', cap=100)", base=2.0, sd=4.0, effect="0.5", power=0.9)
    assert means.tables["metrics"]["n_needed"][0] == pytest.approx(2 * 1345.91124068168, rel=1e-4)
    halved = plan_ab_test(metric="proportion('x')", base=0.1, effect="0.01", correlation=0.6)
    assert halved.plan.n == pytest.approx(shares.plan.n * (1 - 0.36), rel=1e-3)


def test_what_is_detectable_with_the_needed_size_is_what_was_wanted():
    for given in (
        {"metric": "proportion('x')", "base": 0.3, "effect": "0.03"},
        {"metric": "proportion('x', direction='lower')", "base": 0.3, "effect": "10%"},
        {"metric": "mean('x')", "base": 10.0, "sd": 20.0, "effect": "5%"},
        {"metric": "mean('x', test='non-inferiority', margin=0.5)", "base": 10.0, "sd": 20.0},
        {"metric": "mean('x', test='equivalence', margin=0.5)", "base": 10.0, "sd": 20.0},
        {"metric": "mean('x')", "base": 10.0, "sd": 20.0, "effect": "1", "monitoring": "pocock"},
        {"metric": "mean('x')", "base": 10.0, "sd": 20.0, "effect": "1",
         "planned_ratio": {"control": 2, "a": 1, "b": 1}},
    ):  # fmt: skip
        row = plan_ab_test(**given).tables["metrics"].iloc[0]
        assert row["power"] == pytest.approx(0.8, abs=2e-3)
        assert row["detectable"] == pytest.approx(row["target"], rel=2e-3)


def test_an_amount_that_grows_spreads_in_proportion():
    up, capped = (
        plan_ab_test(metric=f"mean('x'{cap})", base=10.0, sd=20.0, effect="2").plan.n for cap in ("", ", cap=90")
    )
    assert up / capped == pytest.approx((1 + 1.2**2) / 2, rel=1e-3)


def test_spread_is_that_of_the_tests_own_analysis(history):
    frame = pd.read_csv(HISTORY)
    plain = spread_of(history, parse_metric("mean('revenue')"), unit="customer_id")
    assert plain.base == pytest.approx(frame["revenue"].mean())
    assert plain.variance == pytest.approx(frame["revenue"].var(), rel=1e-9)
    with_covariate = spread_of(history, parse_metric(REVENUE), unit="customer_id")
    correlation = frame["revenue"].corr(frame["revenue_before"])
    assert with_covariate.factor == pytest.approx(1 - correlation**2, abs=0.03)  # HC2 allows for unequal spread
    assert plain.n == len(frame)


def test_todays_level_has_its_interval(history):
    rows = plan_ab_test(history, metric=ORDERED, effect="0.05", unit="customer_id").tables["metrics"].iloc[0]
    low, high = proportion_confint(1289, 4217, method="wilson")  # statsmodels
    assert (rows["base_ci_low"], rows["base_ci_high"]) == pytest.approx((low, high), rel=1e-9)
    revenue = spread_of(history, parse_metric(REVENUE), unit="customer_id")
    frame = pd.read_csv(HISTORY)
    assert revenue.limits(0.95)[1] - revenue.base == pytest.approx(1.959964 * frame["revenue"].sem(), rel=1e-6)
    stated = plan_ab_test(metric="proportion('x')", base=0.1, effect="0.01").tables["metrics"].iloc[0]
    assert np.isnan(stated["base_ci_low"])


def test_several_variants_share_the_error_and_are_told_of_the_controls_part():
    given = {"metric": "mean('x', cap=90)", "base": 10.0, "sd": 20.0, "effect": "1"}
    three = plan_ab_test(planned_ratio={"control": 1, "a": 1, "b": 1}, **given)
    quantiles = (norm.ppf(1 - 0.0125) + norm.ppf(0.8)) ** 2 / (norm.ppf(0.975) + norm.ppf(0.8)) ** 2
    assert three.plan.n / plan_ab_test(**given).plan.n == pytest.approx(1.5 * quantiles, rel=2e-3)
    assert "with 2 other variants 41%" in check(three, "control_share").message


def test_clusters_cost_what_their_likeness_costs():
    rng = np.random.default_rng(3)
    shops = np.repeat(np.arange(60), 50)
    value = rng.normal(0, 1, 60)[shops] * 0.5 + rng.normal(0, 1, 3000) + 10
    data = pd.DataFrame({"shop": shops, "value": value})
    spread = spread_of(cx.table(data), parse_metric("mean('value')"), cluster="shop")
    assert spread.cluster_size == 50
    icc = 0.25 / 1.25
    assert spread.factor == pytest.approx(1 + 49 * icc, rel=0.35)
    told = check(plan_ab_test(data, metric="mean('value')", effect="0.2", cluster="shop"), "few_clusters")
    assert "50 customers on average" in told.message


def test_customers_are_counted_once_and_weeks_are_whole(history):
    traffic = traffic_of(history, "visited_on", "customer_id")
    assert (traffic.seen, traffic.units[0], traffic.units[-1]) == (8, 699, 4217)
    visits = pd.DataFrame(
        {"who": [1, 1, 2, 3, 1], "when": pd.to_datetime("2026-03-02") + pd.to_timedelta([0, 1, 8, 13, 13], "D")}
    )
    table = cx.table(visits)
    assert traffic_of(table, "when", "who").units == (1, 3)
    assert traffic_of(table, "when", None).units == (2, 5)
    assert traffic_of(table, "when", "who", 0.5).after(2) == 1.5
    with pytest.raises(DataError, match="The history has 2 days; expected a whole week"):
        traffic_of(cx.table(visits.head(2)), "when", "who")


def test_beyond_the_history_the_last_week_goes_on():
    traffic = Traffic((100.0, 160.0), 2)
    assert [traffic.after(weeks) for weeks in (1, 2, 3, 4)] == [100, 160, 220, 280]
    assert (traffic.weeks_for(160), traffic.weeks_for(161), traffic.weeks_for(1e9)) == (2, 3, None)


def test_a_plan_on_the_sample(history):
    found = plan_ab_test(
        history, metric=ORDERED, guardrails=[GUARDRAIL], effect="0.045", unit="customer_id", time="visited_on",
        follow_up="14D",
    )  # fmt: skip
    assert found.headline.replace("\xa0", " ") == (
        "To find a change of “ordered” (today 30.6%) by 4.5 points in 8 of 10 tests, 3,480 customers are needed, who "
        "come in 7 weeks. “revenue” decides the size; the first measure alone needs 3,416."
    )
    assert found.status == "7 weeks"
    assert [figure.value for figure in found.figures] == ["3,480", "7 weeks", "4.5\xa0points"]
    assert check(found, "traffic").passed
    assert found.table["planned"].tolist() == [False] * 6 + [True] * 2
    assert found.pictures == ("course", "power")


def test_a_plan_that_takes_too_long_says_what_can_be_found(history):
    given = {"metric": ORDERED, "unit": "customer_id", "time": "visited_on", "most_weeks": 4}
    found = plan_ab_test(history, effect="0.03", **given)
    assert found.status == "Takes too long"
    assert "In 4 weeks only changes of 5.3 points or more are found." in found.headline.replace("\xa0", " ")
    assert not check(found, "traffic").passed
    open_question = plan_ab_test(history, **given)
    assert open_question.plan.n == 2505
    assert "a change of “ordered” by 5.3 points or more is found in 8 of 10 tests" in open_question.headline.replace(
        "\xa0", " "
    )


def test_looking_early_makes_the_plan_as_much_larger_as_the_limits_ask():
    found = plan_ab_test(metric="proportion('x')", base=0.1, effect="0.01").tables["looking"].set_index("monitoring")
    alone = found.loc["none", "n"]
    for kind in found.index:
        cost = cost_of(kind, 5, power=0.8, alpha=0.05)
        assert found.loc[kind, "n"] / alone == pytest.approx(cost.inflation, abs=1e-3)
        chosen = plan_ab_test(metric="proportion('x')", base=0.1, effect="0.01", monitoring=kind)
        assert chosen.plan.n == found.loc[kind, "n"]
    assert (found["expected_n"] <= found["n"]).all()


def test_the_plan_is_read_back_by_the_test(history, tmp_path):
    found = plan_ab_test(
        history, metric=ORDERED, guardrails=[GUARDRAIL], effect="0.045", unit="customer_id", time="visited_on",
        control="current checkout", planned_ratio={"current checkout": 1, "short checkout": 1},
        monitoring="obrien-fleming",
    )  # fmt: skip
    path = found.save_plan(tmp_path / "plan.yml")
    assert [one.name for one in tmp_path.iterdir()] == ["plan.yml"]
    judged = cx.ab_test(
        str(ROOT / "data_samples" / "checkout_test.csv"), plan=str(path), unit="customer_id", time="assigned_on"
    )
    assert check(judged, "plan_changed").passed
    assert judged.parameters["planned_n"] == found.plan.n
    assert judged.parameters["looks"][-1] == found.plan.n
    assert judged.title == "Is “short checkout” better than “current checkout”?"


@pytest.mark.parametrize(
    "metric",
    ["proportion('ordered', minimum_effect=0.08)", "mean('revenue', cap='p99', minimum_effect='35%')",
     "proportion('ordered', test='non-inferiority', margin=0.07)"],
)  # fmt: skip
def test_simulated_tests_find_what_was_promised(history, metric):
    found = plan_ab_test(history, metric=metric, unit="customer_id", simulations=40, seed=5)
    none, there = found.tables["simulation"].to_dict("records")
    assert there["found"] == pytest.approx(0.8, abs=0.02 + 3 * np.sqrt(0.16 / 40))
    assert none["found"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)
    assert check(found, "simulated_power").passed


@pytest.fixture(scope="module")
def survey():
    draw = np.random.default_rng(8)
    score = draw.choice([1, 2, 3, 4, 5], 1500, p=[0.1, 0.15, 0.25, 0.3, 0.2])
    words = np.array(["poor", "fair", "good", "great", "superb"])[score - 1]
    score = np.where(np.arange(1500) % 10 > 0, score, np.nan)
    return pd.DataFrame({"score": score, "words": words, "likely": 2 * score, "bought": score > 3})


LEVELS = "('poor', 'fair', 'good', 'great', 'superb')"


@pytest.mark.parametrize(
    ("metric", "truth"),
    [("top_box('score')", 0.08), ("top_box('score')", -0.08), ("nps('likely')", 8.0), ("nps('likely')", -8.0),
     ("ordinal('score')", 0.05), ("ordinal('score')", -0.05), ("mean('score')", 0.3)],
)  # fmt: skip
def test_a_built_in_change_is_as_large_as_it_was_asked_for(survey, metric, truth):
    metric = parse_metric(metric)
    many = cx.table(pd.concat([survey] * 100, ignore_index=True).assign(luck=np.random.default_rng(3).random(150_000)))
    need = Need(spread_of(cx.table(survey), metric), parts_of(None, "a"), 0.05, "two", abs(truth))
    ends = ends_of(many.engine, many.relation, metric.column)
    moved = changed(need, truth, ends, value=metric.column, luck="luck")
    arms = [f"SELECT 'a' AS variant, {metric.column} FROM t", f"SELECT 'b', {moved} FROM t"]
    both = f"WITH t AS (SELECT * FROM {many.relation}) {' UNION ALL '.join(arms)}"
    test = cx.ab_test(many.engine.query(f"SELECT variant, {metric.column}, count(*) AS n FROM ({both}) GROUP BY ALL")
                      .pipe(lambda f: f.loc[f.index.repeat(f["n"])]), metrics=[str(metric)], control="a")  # fmt: skip
    assert test.table["effect"][0] == pytest.approx(truth, abs=4 * test.table["se"][0])


def test_simulated_changes_of_words_in_order_are_found_as_often_as_planned(survey):
    metric = f"ordinal('words', direction='lower', levels={LEVELS}, minimum_effect=0.05)"
    none, there = plan_ab_test(survey, metric=metric, simulations=25, seed=5).tables["simulation"].to_dict("records")
    assert there["found"] == pytest.approx(0.8, abs=0.05 + 3 * np.sqrt(0.16 / 25))
    assert none["found"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 25)


def test_simulated_tests_are_the_same_again(history):
    first, again = (
        plan_ab_test(history, metric=ORDERED, effect="0.1", unit="customer_id", simulations=5, seed=5) for _ in range(2)
    )
    assert first.tables["simulation"].equals(again.tables["simulation"])


PLANNED = [
    "proportion('ordered', minimum_effect=0.06)", "proportion('ordered', direction='lower', minimum_effect=0.06)",
    "mean('revenue', minimum_effect='30%')",
    "mean('revenue', cap='p99', covariate='revenue_before', minimum_effect='30%')",
    "proportion('ordered', test='non-inferiority', margin=0.05)",
]  # fmt: skip


@pytest.mark.calibrate
@pytest.mark.parametrize("metric", PLANNED)
def test_power_lies_within_two_points_of_the_promise(history, metric):
    """Right plans fail once in a thousand: each has three bounds, and all of them share that."""
    runs, chance = 1200, 0.001 / (3 * len(PLANNED))
    found = plan_ab_test(history, metric=metric, unit="customer_id", simulations=runs, seed=11)
    none, there = found.tables["simulation"].to_dict("records")
    print(metric, round(none["found"], 4), round(there["found"], 4))
    assert binom.ppf(chance, runs, 0.78) <= runs * there["found"] <= binom.isf(chance, runs, 0.82)
    assert runs * none["found"] <= binom.isf(chance, runs, 0.05)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "`metric` is not given"),
        ({"metric": "proportion('x')"}, "`base` of 'x' is not known"),
        ({"metric": "mean('x')", "base": 2.0}, "`sd` of 'x' is not known"),
        ({"metric": "proportion('x')", "base": 12}, "`base` is 12; expected a share"),
        ({"metric": "proportion('x')", "base": 0.1}, "Neither `effect` nor how many customers come"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "2"}, "can change by 0.9 at most"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "much"}, "`effect` is 'much'"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "0.01", "power": 80}, "`power` is 80"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "0.01", "share": 0}, "`share` is 0"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "0.01", "per_week": -5}, "`per_week` is -5"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "0.01", "simulations": 5}, "none was given"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "0.01", "planned_ratio": {"a": 1}}, "`planned_ratio`"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "0.01", "guardrails": [GUARDRAIL]}, "need `data`"),
        ({"metric": "proportion('x', role='watched')", "base": 0.1}, "has the role 'watched'"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "0.01", "monitoring": "pocock",
          "alternative": "one-sided"}, "two-sided limits, and `alternative` is 'one-sided'"),
        ({"metric": "proportion('x')", "base": 0.1, "effect": "0.01", "monitoring": "pococ"}, "monitoring"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_refused_by_name(given, said):
    with pytest.raises(ParameterError, match=said):
        plan_ab_test(**given)


def test_histories_that_tell_nothing_are_refused():
    same = pd.DataFrame({"x": [1] * 50, "words": ["a"] * 50})
    with pytest.raises(DataError):
        plan_ab_test(same, metric="mean('x')", effect="1")
    with pytest.raises(DataError):
        plan_ab_test(same, metric="mean('words')", effect="1")
    with pytest.raises(ParameterError, match="are read from `data`"):
        plan_ab_test(same, metric="mean('x')", base=0.5)
    answers = pd.DataFrame({"x": [1, 2, 3, 4, 5] * 40})
    with pytest.raises(ParameterError, match="change the order by 0.4 at most"):
        plan_ab_test(answers, metric="ordinal('x')", effect="0.45", simulations=5)


def test_the_sample_is_what_its_script_makes():
    made = runpy.run_path(str(ROOT / "data_samples" / "make_checkout_history.py"))["checkout_history"]()
    text = made.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    assert text == HISTORY.read_text(encoding="utf-8")


def test_pictures_are_drawn_wide_and_narrow(history):
    found = plan_ab_test(history, metric=ORDERED, effect="0.045", unit="customer_id", time="visited_on")
    for name in found.pictures:
        for width in (680, 340):
            spec = found.chart(name, width=width).to_dict()
            assert "6 weeks" in str(spec) or name == "power"
    by_size = plan_ab_test(metric="mean('x', measured_in='€')", base=10.0, sd=30.0, effect="1")
    assert "The plan" in str(by_size.chart().to_dict())
    assert "Larger and smaller tests" in by_size.to_html(stills=False)
