"""Who leaves sooner: the sample's truth, R's numbers, by hand, symmetries, small groups, words, pictures, refusals."""

import csv
import json
import os
import re
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.results import publishable

SAMPLE = {"unit": "account_id", "start": "started_on", "end": "ended_on", "reason": "reason", "group": "plan",
          "drivers": ["plan", "channel", "seats"], "reference": {"plan": "yearly"},
          "observe_until": "2026-06-30"}  # fmt: skip
VECTORS = Path(os.environ.get("CXLAB_EVALUATION_DATA") or "absent").parent / "vectors" / "retention_data"


@pytest.fixture(scope="module")
def sample(root):
    return cx.churn_drivers(root / "data_samples" / "memberships.csv", **SAMPLE)


@pytest.fixture(scope="module")
def script(root):
    return runpy.run_path(str(root / "data_samples" / "make_memberships.py"))


def asked(frame, **options):
    return cx.churn_drivers(frame, **{"observe_until": "2026-06-30", **options})


def check(result, name):
    return next(one for one in result.checks if one.name == name)


def customers(days, left, **columns):
    """Customers who were watched for so many days each, until 2026-06-30."""
    days = np.asarray(days)
    until = pd.Timestamp("2026-06-30")
    ends = until - pd.to_timedelta(np.where(left, 1, 0), unit="D")
    start = ends - pd.to_timedelta(days, unit="D")
    end = pd.Series(ends).where(np.asarray(left, dtype=bool))
    return pd.DataFrame({"unit": np.arange(len(days)), "start": start, "end": end, **columns})


def test_the_sample_is_what_its_script_makes(root, script):
    assert (root / "data_samples" / "memberships.csv").read_text(encoding="utf-8") == script["text"]()


def test_the_sample_tells_its_truth(sample, script):
    chances, monthly = [script[name] for name in ("CANCELS", "FAILS", "CLOSES")], script["MONTHLY"]
    plan = sum(c * f for c, f in zip(chances, monthly.values(), strict=True)) / sum(chances)
    truth = {"monthly": plan, "partner": 1.0, "referral": 0.7, "5 more": script["TEN_SEATS"] ** 0.5}
    rows = sample.table.set_index("level")
    for level, true in truth.items():
        assert rows.loc[level, "ci_low"] < true < rows.loc[level, "ci_high"]
    assert (rows.loc["partner", "p_adjusted"] > 0.05, sample.status) == (True, "Differs")
    assert check(sample, "proportional_hazards").passed
    assert "“monthly” leave 1.87 times as often (95% interval 1.66 to 2.10) as those with “yearly”" in sample.headline
    tests = sample.tables["tests"].set_index("reason")["p_adjusted"]
    assert tests["cancelled"] < 0.001 < tests["closed down"], "only cancelling depends on the plan at each moment"


def test_everything_adds_up(sample):
    whole = sample.tables["groups"].iloc[0]
    parts = sample.tables["groups"].iloc[1:]
    assert (parts["n"].sum(), parts["churned"].sum()) == (whole["n"], whole["churned"]) == (2400, 1276)
    for group, rows in sample.tables["reasons"].groupby("group"):
        own = sample.tables["groups"].set_index("group").loc[group]
        assert rows["estimate"].sum() == pytest.approx(1 - own["estimate"])
        assert rows["n"].sum() == own["churned"]
    for _, rows in sample.table.dropna(subset=["p_value"]).groupby("driver"):
        assert (rows["ci_low"] < rows["estimate"]).all()
    spells = sample.tables["spells"].groupby(["driver", "level"])["churned"].sum()
    left = sample.table.set_index(["driver", "level"])["churned"]
    assert (spells == left.reindex(spells.index)).all()


@pytest.fixture(scope="module")
def lung():
    if not VECTORS.exists():
        pytest.skip("the lung data lie beside CXLAB_EVALUATION_DATA")
    with (VECTORS / "lung.csv").open() as file:
        rows = list(csv.DictReader(file))
    frame = customers([int(row["time"]) for row in rows], [row["status"] == "1" for row in rows])
    return frame.assign(sex=[row["sex"] for row in rows], ecog=[row["ph.ecog"] or None for row in rows],
                        age=[int(row["age"]) for row in rows])  # fmt: skip


def test_lung_equals_r(lung):
    """R 4.2.2, survival 3.5-3: vectors kaplan_meier_lung and logrank_lung; coxph(Surv(time, status) ~ sex + age)."""
    found = asked(lung, group="sex", period="day", horizon=365)
    rows = found.table.set_index("group")
    assert rows.loc["all", ["estimate", "ci_low", "ci_high"]].tolist() == pytest.approx(
        [0.409241624460064, 0.338714269088323, 0.478380767646914]
    )
    assert rows.loc["all", ["median", "median_ci_low", "median_ci_high"]].tolist() == [310, 284, 361]
    assert rows["median"].drop("all").to_dict() == {"1": 270, "2": 426}
    assert found.tables["tests"].loc[0, ["statistic", "p_value"]].tolist() == pytest.approx(
        [10.3267419548856, 0.00131116452035549]
    )
    known = lung[lung["ecog"].notna()]
    within = asked(known, group="sex", strata="ecog", period="day").tables["tests"]
    assert within.loc[1, ["test", "statistic"]].tolist() == ["log-rank within ecog", pytest.approx(10.7950596334964)]
    cox = asked(lung, drivers=["sex", "age"], reference={"sex": "1"}, period="day").table
    b = cox.set_index("level")["estimate"]
    assert np.log(b["2"]) == pytest.approx(-0.5132185171083844, rel=1e-6)
    assert np.log(b["5 more"]) / 5 == pytest.approx(0.0170453318454113, rel=1e-6)


def test_rossi_equals_r():
    """R 4.2.2, survival 3.5-3, coxph, cox.zph: vector cox_rossi."""
    if not VECTORS.exists():
        pytest.skip("the Rossi data lie beside CXLAB_EVALUATION_DATA")
    with (VECTORS / "rossi.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    frame = customers(
        [int(row["week"]) for row in rows], [row["arrest"] == "1" for row in rows],
        **{name: [int(row[name]) for row in rows] for name in names},
    )  # fmt: skip
    zero = dict.fromkeys(("fin", "race", "wexp", "mar", "paro"), "0")
    found = asked(frame, drivers=names, reference=zero, period="week")
    b = np.log(found.table.dropna(subset=["p_value"]).set_index("driver")["estimate"])
    assert b["fin"] == pytest.approx(-0.379422166485887, rel=1e-6)
    assert b["wexp"] == pytest.approx(-0.149795697666537, rel=1e-6)
    assert b["age"] == pytest.approx(-0.0574377426840623 * 5, rel=1e-6)
    p = found.tables["proportional_hazards"].set_index("driver")["p_value"]
    assert p[["age", "wexp", "all"]].tolist() == pytest.approx(
        [0.0145184627739779, 0.0398421117132655, 0.0134275067856751], rel=1e-5
    )


def by_hand():
    days = [10, 20, 20, 30, 40, 50, 60, 60]
    left = [1, 1, 0, 1, 1, 1, 0, 0]
    return customers(days, left, plan=list("aabbaabb"), why=["x", "y", None, "x", "y", "x", None, None])


def test_shares_and_reasons_by_hand():
    found = asked(by_hand(), reason="why", period="day", horizon=40)
    row = found.table.iloc[0]
    assert row["estimate"] == pytest.approx(7 / 8 * 6 / 7 * 4 / 5 * 3 / 4)
    area = 10 + 7 / 8 * 10 + 6 / 8 * 10 + 6 / 8 * 4 / 5 * 10
    assert (row["mean"], row["median"]) == (pytest.approx(area), 40)
    gone = found.tables["reasons"].set_index("reason")
    assert gone.loc["x", "estimate"] == pytest.approx(1 / 8 + 6 / 8 / 5)
    assert gone.loc["y", "estimate"] == pytest.approx(7 / 8 / 7 + 6 / 8 * 4 / 5 / 4)
    assert gone["n"].to_dict() == {"x": 3, "y": 2}


lives = st.lists(st.tuples(st.integers(1, 400), st.booleans(), st.sampled_from("abc"), st.integers(0, 9)), min_size=30,
                 max_size=80)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(lives, st.randoms(use_true_random=False))
def test_order_names_and_units_of_time_change_nothing(rows, random):
    days, left, plan, seats = (list(column) for column in zip(*rows, strict=True))
    frame = customers(days, left, plan=plan, seats=seats)
    order = list(range(len(rows)))
    random.shuffle(order)
    other = frame.iloc[order].assign(plan=[{"a": "z", "b": "y", "c": "x"}[plan[k]] for k in order])
    settings_ = {"group": "plan"}
    try:
        one = asked(frame, **settings_, period="day", drivers=["seats"])
    except DataError:
        return
    two = asked(other, **settings_, period="week", horizon=None, drivers=["seats"])
    tests = [result.tables["tests"][["statistic", "df"]].to_numpy(float) for result in (one, two)] if (
        "tests" in one.tables) else []  # fmt: skip
    if tests:
        np.testing.assert_allclose(tests[0], tests[1], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(one.table["estimate"], two.table["estimate"], rtol=1e-6)
    medians = [result.tables["groups"].set_index("group")["median"] for result in (one, two)]
    renamed = medians[1].rename({"z": "a", "y": "b", "x": "c"}) * 7
    np.testing.assert_allclose(medians[0], renamed.reindex(medians[0].index), rtol=1e-9)


def test_turning_the_reference_round_turns_the_ratio_and_the_difference_round():
    rng = np.random.default_rng(4)
    plan = rng.choice(["a", "b"], 300)
    days = np.ceil(rng.exponential(np.where(plan == "a", 60, 100))).astype(int)
    frame = customers(np.minimum(days, 150), days <= 150, plan=plan)
    found = {
        name: asked(frame, group="plan", drivers=["plan"], reference={"plan": name})
        for name in "ab"
    }  # fmt: skip
    ratios = {name: one.table.iloc[1] for name, one in found.items()}
    assert ratios["a"]["estimate"] == pytest.approx(1 / ratios["b"]["estimate"])
    assert ratios["a"]["ci_low"] == pytest.approx(1 / ratios["b"]["ci_high"])
    gap = {name: one.tables["groups"]["difference"].dropna().iloc[0] for name, one in found.items()}
    assert gap["a"] == pytest.approx(-gap["b"])


def test_who_ends_or_starts_after_the_table_ends_is_still_here_or_left_out():
    frame = by_hand()
    later = frame.assign(end=frame["end"].where(frame["unit"] != 0, pd.Timestamp("2026-12-31")))
    found = asked(later, period="day")
    assert found.table.iloc[0]["churned"] == 4
    assert "end later and count as still here: 1." in check(found, "observe_until").message
    new = pd.concat([frame, customers([1], [0]).assign(unit=99, start=pd.Timestamp("2026-07-05"))])
    assert "are not counted: 1." in check(asked(new), "left_out").message


def test_a_hazard_ratio_that_changes_is_told_and_the_early_and_late_ones_stand_beside_it():
    rng = np.random.default_rng(2)
    plan = np.repeat(["a", "b"], 600)
    early, late = rng.exponential(np.where(plan == "a", 30, 120)), rng.exponential(np.where(plan == "a", 240, 60))
    days = np.ceil(np.where(early < 40, early, 40 + late)).astype(int)
    frame = customers(np.minimum(days, 200), days <= 200, plan=plan)
    found = asked(frame, drivers=["plan"])
    told = check(found, "proportional_hazards")
    assert (told.passed, told.severity) == (False, "warning")
    assert "“plan” is not the same at all times" in told.message
    spells = found.tables["spells"].set_index("spell")["estimate"]
    assert spells["early"] < 0.6
    assert spells["late"] > 1.5


def test_few_who_left_for_many_drivers_are_warned_of():
    rng = np.random.default_rng(3)
    frame = customers(rng.integers(1, 200, 60), rng.random(60) < 0.25,
                      **{f"x{k}": rng.normal(size=60).round(3) for k in range(4)})  # fmt: skip
    found = asked(frame, drivers=[f"x{k}" for k in range(4)])
    assert not check(found, "events_per_driver").passed


def test_customers_with_several_rows_are_told_and_the_variance_allows_for_them():
    rng = np.random.default_rng(6)
    frame = customers(rng.integers(1, 200, 200), rng.random(200) < 0.6, x=rng.choice(["p", "q"], 200))
    twice = pd.concat([frame, frame])
    one, two = (asked(one, drivers=["x"]) for one in (frame, twice))
    assert not check(two, "repeated_units").passed
    width = [np.log(r.table.iloc[1]["ci_high"] / r.table.iloc[1]["ci_low"]) for r in (one, two)]
    assert width[1] == pytest.approx(width[0], rel=0.1), "the same customers twice know no more"


def test_missing_groups_and_reasons_are_groups_of_their_own():
    frame = by_hand().assign(plan=["a", None, "b", "b", "a", "a", "b", "b"],
                             why=["x", None, None, "x", None, "x", None, None])  # fmt: skip
    found = asked(frame, group="plan", reason="why", period="day")
    assert "(not given)" in set(found.table["group"])
    assert "Customers without 'plan': 1;" in check(found, "missing_segment").message
    assert (check(found, "missing_reason").passed, set(found.tables["reasons"]["reason"])) == (
        False, {"x", "(not given)"})  # fmt: skip


def small():
    rng = np.random.default_rng(8)
    plan = np.array(["a"] * 120 + ["b"] * 80 + ["c"] * 3)
    why = np.where(np.arange(203) % 40 == 0, "rare", np.where(np.arange(203) % 3 == 0, "x", "y"))
    left = rng.random(203) < 0.7
    left[np.arange(203) % 40 == 0] = [True, True, True, False, False, False]
    days = rng.integers(20, 300, 203)
    left[-3:] = [True, True, False]
    return customers(days, left, plan=plan, why=np.where(left, why, None))


def test_small_groups_are_hidden_where_numbers_leave_python():
    found = asked(small(), group="plan", reason="why")
    tables = {name: pd.DataFrame(rows) for name, rows in found.to_dict()["tables"].items()}
    groups = tables["table"].set_index("group")["n"]
    assert groups.isna().to_dict() == {"all": False, "a": False, "b": True, "c": True}, "b would give c back"
    curves = tables["curves"].groupby("group")["estimate"].apply(lambda one: one.notna().any())
    assert curves.to_dict() == {"a": True, "b": False, "c": False}
    reasons = tables["reasons"].query("group == 'all'").set_index("reason")["n"]
    assert reasons.isna().sum() == 2
    assert np.isnan(reasons["rare"])
    shown = (
        tables["incidence"].query("group == 'all'").groupby("reason")["estimate"].apply(lambda one: one.notna().any())
    )
    assert not shown["rare"]
    assert not re.search(r"“c”|>c<.*>3<", found.to_html())
    assert found.table.set_index("group")["n"].to_dict()["c"] == 3
    assert "rare" not in json.dumps(found.chart("reasons").to_dict())


def test_levels_of_drivers_are_hidden_with_the_next_smallest():
    frame = pd.DataFrame({"driver": ["p", "p", "p", "q"], "level": list("abcd"), "n": [100, 20, 3, 123],
                          "estimate": [1.0, 2.0, 3.0, 4.0]})  # fmt: skip
    assert publishable(frame)["estimate"].isna().tolist() == [False, True, True, False]


def test_pictures_have_words_and_no_more_than_they_may(sample):
    for name in sample.pictures:
        for width in (680, 340):
            drawn = sample.chart(name, width=width).to_dict()
            assert drawn["description"].endswith("Numbers in the table below.")
            assert len(" ".join(drawn["title"]["text"])) <= 90
            assert "<svg" in to_svg(sample.chart(name, width=width))
    marks = json.dumps(sample.chart("drivers").to_dict())
    assert "compared with" in marks
    assert "seats: 5 more" in marks
    assert "Still watched" in json.dumps(sample.chart("curves").to_dict())


def test_the_page_says_what_the_table_says(sample):
    page = sample.to_html(stills=False, widths=("wide",))
    assert "1.87" in page
    assert "caused" not in page.casefold()
    assert "significan" not in page.casefold()
    json.loads(sample.to_json())


def test_without_group_or_drivers_everybody_is_told():
    found = asked(by_hand(), period="day", horizon=30)
    assert found.headline.startswith("After 30 days 60%")
    assert "Minus" not in found.to_html()
    assert found.status == ""
    assert found.pictures == ()
    rng = np.random.default_rng(1)
    many = asked(customers(rng.integers(1, 99, 80), rng.random(80) < 0.05), period="day")
    assert many.pictures == ("curves",)
    assert "Fewer than half have left" in many.headline


def test_groups_that_chance_explains_are_undecided():
    rng = np.random.default_rng(7)
    frame = customers(rng.integers(1, 300, 200), rng.random(200) < 0.5, plan=rng.choice(["a", "b"], 200))
    found = asked(frame, group="plan")
    assert (found.status, "may be chance" in found.headline) == ("Undecided", True)
    none = asked(frame, drivers=["plan"])
    assert none.headline.startswith("None of “plan” goes together")
    assert none.status == "Undecided"
    assert "No driver goes together with leaving" in json.dumps(none.chart("drivers").to_dict())


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({"end": pd.Timestamp("2020-01-01")}, {}, DataError, "8 of 8 customers end before they start"),
        ({"end": pd.NaT}, {}, DataError, "None of 8 customers has left until 30 June 2026"),
        ({"end": pd.Timestamp("2100-01-01")}, {"observe_until": None}, DataError, "8 of 8 customers start or end"),
        ({"why": "x"}, {"reason": "why"}, DataError, "3 of 8 customers have a 'why' but no 'end'"),
        ({"plan": None}, {"drivers": ["plan"]}, DataError, "8 of 8 rows have no 'plan'"),
        ({"plan": "a"}, {"drivers": ["plan"]}, DataError, "Every customer has the same 'plan', 'a'"),
        ({"z": range(8), "y": range(0, 16, 2)}, {"drivers": ["z", "y"]}, DataError, "collinear"),
        ({}, {"drivers": ["plan"], "reference": {"plan": "aa"}}, ParameterError, "no such level. Did you mean 'a'"),
        ({}, {"group": "plan", "reference": {"plan": "q"}}, ParameterError, "no such group"),
        ({}, {"reference": {"plan": "a"}}, ParameterError, "neither the group nor among the drivers"),
        ({}, {"drivers": ["plan", "plan"]}, ParameterError, "'plan' is named twice"),
        ({}, {"horizon": 0}, ParameterError, "`horizon` is 0; expected a whole number"),
        ({}, {"horizon": 99}, DataError, "`horizon` is 99 days, but customers were watched for 60.0 only"),
        ({}, {"period": "year"}, ParameterError, "`period`"),
        ({}, {"confidence": 95}, ParameterError, "confidence"),
        ({}, {"observe_until": "2020-01-01"}, ParameterError, "the first customer starts on"),
        ({"plan": [f"p{k}" for k in range(8)]}, {"drivers": ["plan"]}, DataError, "perfect separation"),
        ({"plan": "all"}, {"group": "plan"}, DataError, "a group called 'all'"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_by_name(change, options, error, message):
    frame = by_hand().assign(**change)
    with pytest.raises(error, match=message):
        asked(frame, **{"period": "day", **options})


def test_a_group_that_was_not_watched_so_long_has_no_share_and_one_that_all_left_has_a_mean():
    frame = customers([5, 10, 15, 20, 30, 40, 80, 90, 100], [1, 1, 1, 0, 0, 1, 1, 0, 0], plan=list("aaabbcccc"))
    rows = asked(frame, group="plan", period="day", horizon=60).table.set_index("group")
    assert rows.loc["a", "mean"] == pytest.approx(10)
    assert np.isnan(rows.loc["b", ["estimate", "mean", "difference"]].astype(float)).all()


def test_a_spell_in_which_a_ratio_cannot_be_told_is_left_out():
    frame = customers([10] * 20 + [*range(100, 110)], [1] * 30, plan=["a", "b"] * 10 + ["b"] * 10)
    found = asked(frame, drivers=["plan"], period="day")
    assert set(found.tables["spells"]["spell"]) == {"early"}


def test_true_and_false_are_two_kinds_and_a_number_that_varies_only_later_is_refused():
    frame = customers(range(1, 41), [1] * 40, paid=[True, False] * 20)
    assert set(asked(frame, drivers=["paid"]).table["level"]) == {"true", "false"}
    new = customers([1, 2], [0, 0]).assign(start=pd.Timestamp("2026-08-01"), z=[2, 3], unit=[98, 99])
    with pytest.raises(DataError, match="never varies among those at risk"):
        asked(pd.concat([frame.assign(z=1), new]), drivers=["z"])


def test_too_many_groups_are_refused():
    frame = customers(range(1, 61), [1] * 60, plan=[f"p{k}" for k in range(60)])
    with pytest.raises(ParameterError, match="`group` names 'plan', which has 60 different values; at most 50"):
        asked(frame, group="plan")
    with pytest.raises(ParameterError, match="`drivers` names 'plan', which has 60 different values; at most 20"):
        asked(frame, drivers=["plan"])


def test_days_are_days_of_the_calendar_where_the_customers_live():
    frame = pd.DataFrame({"unit": ["a", "b"], "start": ["2026-03-28 23:30", "2026-03-29 00:30"],
                          "end": ["2026-03-30 00:10", None]})  # fmt: skip
    table = cx.table(frame, tz="Europe/Berlin")
    found = asked(table, period="day", observe_until="2026-03-31")
    assert found.churn.days.tolist() == [2, 2], "the night of 23 hours is a day like others"
