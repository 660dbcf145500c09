"""What customers are worth: a known truth, published numbers, what is checked, and what is refused by name."""

import gzip
import json
import re
import runpy

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.retention import customer_value, value_estimates, value_tracking
from cxlab.retention.purchase_history import Columns, read_history
from cxlab.stats.beta_geometric import BgNbd
from cxlab.stats.purchase_rows import PurchaseRows, purchase_rows
from cxlab.stats.spend import GammaGamma

SAMPLE = {"unit": "customer_id", "currency": "currency", "segment": "channel", "measured_in": "€",
          "observe_until": "2026-06-30"}  # fmt: skip
START = pd.Timestamp("2024-01-01")


def made(n=350, *, days=420, seed=1, spend=lambda rng, n: 20 * rng.gamma(4, 0.25, n), season=0.0):
    """Customers of a small shop who join over time; `season` makes purchases swing."""
    rng, first = np.random.default_rng(seed), np.random.default_rng(seed + 50).integers(0, days - 60, n)
    ahead = BgNbd(0.8, 6.0, 0.8, 2.5).simulated(new(n), (days - first) / 7, rng)
    owner, day = np.append(np.arange(n), ahead.owner), np.append(first, first[ahead.owner] + 7 * ahead.time)
    frame = pd.DataFrame({"unit": [f"c{k}" for k in owner], "amount": spend(rng, len(owner)), "day": day})
    kept = rng.random(len(frame)) < 1 - season * (1 + np.sin(2 * np.pi * day / 210)) / 2
    frame = frame[kept | (np.arange(len(frame)) < n)].sort_values(["unit", "day"], ignore_index=True)
    return frame.assign(time=START + pd.to_timedelta(frame["day"], unit="D"))[["unit", "time", "amount"]]


def new(n):
    zero = np.zeros(n)
    return PurchaseRows(zero, zero, zero, zero, np.arange(n))


@pytest.fixture(scope="module", autouse=True)
def few_futures():
    """Tests need no more futures than show what is done with them; the sample has all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(value_estimates, "_MOST_DRAWN", 20_000)
        patch.setattr(value_tracking, "_MOST_REPLAYED", 7_000)
        yield


@pytest.fixture(scope="module")
def sample(root):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(value_estimates, "_MOST_DRAWN", 2_000_000)
        return customer_value(root / "data_samples" / "purchases.csv", **SAMPLE)


@pytest.fixture(scope="module")
def script(root):
    return runpy.run_path(str(root / "data_samples" / "make_purchases.py"))


@pytest.fixture(scope="module")
def shop():
    return made()


@pytest.fixture(scope="module")
def usual(shop):
    return customer_value(shop)


def check(result, name):
    return next(one for one in result.checks if one.name == name)


def test_the_sample_is_what_its_script_makes(root, script):
    assert (root / "data_samples" / "purchases.csv").read_text(encoding="utf-8") == script["text"]()


def test_the_samples_truth_lies_in_the_intervals(sample, script):
    truth = script["truth"]()
    for row in sample.tables["parameters"].to_dict("records"):
        true = truth["purchases" if row["model"] == "bg/nbd" else "spend"][row["parameter"]]
        assert row["ci_low"] < true < row["ci_high"]


def test_values_of_the_sample_are_near_those_of_its_truth(sample, script):
    truth = script["truth"]()
    model = BgNbd(**{k: truth["purchases"][k] for k in BgNbd.parameters})
    spend = GammaGamma(**{k: truth["spend"][k] for k in GammaGamma.parameters})
    spell = sample.found.valuation.fit.spell
    rows = purchase_rows(spell.x, spell.t_x, spell.age)
    bought = (model.alive(rows) * model.ahead(rows.x, rows.age, 52))[rows.of]
    totals = sample.tables["totals"].set_index("measure")
    found = totals.loc["purchases ahead"]
    assert found["ci_low"] < bought.sum() < found["ci_high"]
    found = totals.loc["still customers"]
    assert found["ci_low"] < model.alive(rows)[rows.of].sum() < found["ci_high"]
    found = totals.loc["revenue ahead"]
    assert found["ci_low"] < (bought * spend.expected(spell.x, spell.mean)).sum() < found["ci_high"]
    value = (model.alive(rows) * model.discounted(rows.x, rows.age, np.log(1.1) / (365.25 / 7)))[rows.of]
    found = totals.loc["value of all customers"]
    assert found["ci_low"] < (value * spend.expected(spell.x, spell.mean)).sum() < found["ci_high"]


def test_the_sample_says_what_was_found(sample):
    assert sample.headline.startswith(
        "About 862 of 1,456 customers are still customers (830 to 893). In the next 52 weeks they will"
    )
    assert "In weeks it had not seen, the model expected 5% more purchases than came" in sample.headline
    assert sample.status == "On track"
    assert sample.failed == ()
    assert sample.pictures == ("tracking", "frequency", "tenths")


def test_groups_add_up_to_all(sample):
    table = sample.table.set_index("segment")
    parts = table.drop("all")
    for column in ("n", "total_value"):
        assert parts[column].sum() == pytest.approx(table.loc["all", column])
    for name in ("tenths", "cohorts"):
        assert sample.tables[name]["total_value"].sum() == pytest.approx(table.loc["all", "total_value"])
    assert sample.tables["tenths"]["value"].is_monotonic_decreasing
    assert sample.tables["totals"].set_index("measure").loc["value of all customers", "estimate"] == pytest.approx(
        table.loc["all", "total_value"]
    )


def test_single_customers_stay_in_python(sample):
    people = sample.customers
    assert len(people) == 1456
    assert people["probability_alive"].between(0, 1).all()
    assert (people["value_ci_low"] <= people["value"]).all() and (people["value"] <= people["value_ci_high"]).all()
    assert people["expected_purchases"].sum() == pytest.approx(sample.found.purchases.estimate)
    out = sample.to_json() + repr(sample)  # the page shows the tables of the text
    assert not [one for one in people["customer"] if str(one) in out]


def test_small_groups_are_hidden_on_every_way_out(shop):
    lone = shop.assign(segment=np.where(shop["unit"].isin(["c1", "c2", "c3"]), "few", "many"))
    result = customer_value(lone, segment="segment")
    rows = {row["segment"]: row for row in json.loads(result.to_json())["tables"]["table"]}
    assert rows["few"]["n"] is None and rows["few"]["value"] is None and rows["many"]["n"] is None
    assert rows["all"]["n"] == shop["unit"].nunique()
    tracked = json.loads(result.to_json())["tables"]["tracking"]
    assert all(row["n"] is None or row["n"] >= 5 or row["n"] == 0 for row in tracked)


def test_the_same_seed_gives_the_same_numbers_in_any_order_of_rows(shop, usual):
    again = customer_value(shop.sample(frac=1, random_state=3))
    assert again.to_dict()["tables"] == usual.to_dict()["tables"]
    other = customer_value(shop, seed=2, margin=0.3)
    assert other.table["value"].to_numpy() == pytest.approx(0.3 * usual.table["value"].to_numpy())
    totals = [one.tables["totals"].set_index("measure") for one in (usual, other)]
    assert totals[1].at["revenue ahead", "estimate"] == pytest.approx(totals[0].at["revenue ahead", "estimate"])
    assert totals[1].at["revenue ahead", "ci_low"] != totals[0].at["revenue ahead", "ci_low"]


@pytest.mark.calibrate
def test_the_unit_of_time_changes_no_value(shop, usual):
    by_day = customer_value(shop, period="day", horizon=364).tables["totals"]["estimate"][:3]
    assert by_day.to_numpy() == pytest.approx(usual.tables["totals"]["estimate"][:3].to_numpy(), rel=2e-3)


@pytest.mark.parametrize("model", ["pareto/nbd", "bg/bb"])
def test_other_models_tell_about_the_same(shop, usual, model):
    result = customer_value(shop, model=model, observe_until="2025-02-10")
    assert "later rows were not used" in check(result, "observe_until").message
    pair = [one.tables["totals"].set_index("measure").at["purchases ahead", "estimate"] for one in (result, usual)]
    assert pair[0] == pytest.approx(pair[1], rel=0.35)
    assert set(result.tables["parameters"]["model"]) == {model, "gamma-gamma"}


def test_without_amounts_purchases_are_counted_and_those_of_one_day_are_one(shop, usual):
    result = customer_value(pd.concat([shop[["unit", "time"]]] * 2), amount=None)
    totals = result.tables["totals"].set_index("measure")
    assert "revenue ahead" not in totals.index
    assert "it counts purchases" in " ".join(result.semantics)
    assert (result.customers["expected_amount"] == 1).all()
    assert totals.at["purchases ahead", "estimate"] == pytest.approx(usual.found.purchases.estimate)


def test_days_are_local_days():
    log = pd.DataFrame({"unit": ["a", "a"], "time": ["2026-01-01T22:30Z", "2026-01-01T23:30Z"], "amount": [1.0, 1.0]})
    many = pd.concat([log.assign(unit=f"u{k}") for k in range(60)])
    columns = Columns(unit="unit", time="time", amount="amount", currency=None, segment=None, observe_until=None)
    berlin = read_history(cx.table(many, tz="Europe/Berlin"), columns, "week", discrete=False)
    assert len(berlin.day) == 120
    with pytest.raises(DataError, match="60 customers, of whom 0 bought on a second day"):
        read_history(cx.table(many), columns, "week", discrete=False)


def test_often_and_much_going_together_is_warned_of(shop):
    rich = shop.assign(amount=shop["amount"] * shop.groupby("unit")["amount"].transform("size"))
    rich.loc[::10, "amount"] = 0.0
    result = customer_value(rich)
    found = check(result, "frequency_and_value")
    assert not found.passed
    assert "values of frequent customers are too low" in found.message
    assert not check(result, "zero_amounts").passed


def test_intervals_that_are_a_little_too_narrow_are_said(shop, usual):
    found = check(customer_value(shop, model="mbg/nbd"), "few_repeaters")
    assert not found.passed
    assert "about 92 of 100 cases" in found.message
    assert "few_repeaters" not in {one.name for one in usual.checks}


def test_seasons_are_warned_of(usual):
    assert not check(customer_value(made(700, season=0.95, seed=4)), "seasonality").passed
    assert check(usual, "seasonality").passed


def test_a_break_after_the_cut_is_off_track(shop):
    late = shop["time"] >= START + pd.Timedelta("290D")
    result = customer_value(
        shop[~late | ~shop["unit"].duplicated()], holdout_from="2024-10-17", observe_until="2025-02-23"
    )
    assert result.status == "Off track"
    assert "Something changed, or the model is wrong" in check(result, "holdout").message


@pytest.mark.calibrate
def test_old_customers_who_look_new_are_warned_of():
    cut = made(450, days=600, seed=6)
    cut = cut[cut["time"] >= START + pd.Timedelta("300D")]
    assert not check(customer_value(cut), "history_start").passed


def test_a_flat_likelihood_gives_no_value_and_says_so():
    """Everybody buys once a week and nobody ever leaves: how long customers stay cannot be told."""
    rows = [(f"c{c}", START + pd.Timedelta(days=7 * k + c % 5), 10.0 + c % 7) for c in range(60) for k in range(30)]
    result = customer_value(pd.DataFrame(rows, columns=["unit", "time", "amount"]))
    found = check(result, "flat_likelihood")
    assert (found.passed, found.severity) == (False, "failure")
    assert result.table["value"].isna().all()
    assert "no value is shown" in result.headline
    assert result.pictures[0] == "tracking"
    assert not re.search(r"\bnan\b", repr(result) + result.chart("tracking").title.text[0], re.IGNORECASE)


def test_pictures_say_what_the_tables_say(sample):
    assert "Came: 3,479" in to_svg(sample.chart("tracking", width=340))
    assert "46%" in to_svg(sample.chart("tenths"))


FAULTS = {
    r"12 of [\d,]+ rows have a negative 'amount' \(the lowest is -5\).*If these are refunds, take each off": (
        lambda f: f.assign(amount=f["amount"].where(f.index > 11, -5.0)), {}),
    r"mixes 2 currencies: EUR \(\d+ rows\) and USD \(\d+ rows\).*convert them to one": (
        lambda f: f.assign(currency=np.where(f.index % 3, "EUR", "USD")), {"currency": "currency"}),
    r"mixes 2 currencies: EUR .* and \(not given\) \(1 rows\)": (
        lambda f: f.assign(currency=[None, *["EUR"] * (len(f) - 1)]), {"currency": "currency"}),
    r"3 of [\d,]+ rows lie in the future, the last on 1 January 2199": (
        lambda f: f.assign(time=f["time"].where(f.index > 2, pd.Timestamp("2199-01-01"))), {}),
    "1 customers, of whom": (lambda f: f[f["unit"] == "c0"], {}),
    "of whom 0 bought on a second day; expected 50 customers or more and 20": (lambda f: f.drop_duplicates("unit"), {}),
    "have no 'amount'": (lambda f: f.assign(amount=np.nan), {}),
    "time": (lambda f: f.assign(time=None), {}),
    "expected a number": (lambda f: f.assign(amount="much"), {}),
    "no column 'amount'. Did you mean 'amounts'": (lambda f: f.rename(columns={"amount": "amounts"}), {}),
    "called 'all'": (lambda f: f.assign(segment="all"), {"segment": "segment"}),
    "had bought by 19 January 2024, the last day the model is fitted on": (
        lambda f: f, {"holdout_from": "2024-01-20"}),
}  # fmt: skip


@pytest.mark.parametrize("match", FAULTS)
def test_data_that_cannot_be_valued_are_refused_by_name(shop, match):
    change, options = FAULTS[match]
    with pytest.raises(DataError, match=match):
        customer_value(change(shop.reset_index(drop=True)), **options)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"model": "bgnbd"}, "Did you mean 'bg/nbd'"),
        ({"period": "year"}, "expected one of 'day', 'week', 'month'"),
        ({"horizon": 0}, "whole number of periods"),
        ({"holdout": 0.95}, "share of the log from 0.05 to 0.8"),
        ({"holdout_from": "2031-01-01"}, "The test would begin after"),
        ({"discount": 0.0}, "no finite value"),
        ({"margin": 30}, "fraction above 0 and up to 1"),
        ({"confidence": 95}, "fraction from 0.5"),
        ({"observe_until": "2020-01-01"}, "but the first purchase is on"),
    ],
)
def test_parameters_are_refused_with_what_to_do(shop, options, match):
    with pytest.raises(ParameterError, match=match):
        customer_value(shop, **options)


def test_everybody_still_here_and_everybody_gone_long_ago_are_told(shop):
    """Nobody bought in the log's last year: a model that has them all as customers would be off track."""
    gone = customer_value(shop, observe_until="2026-03-01", holdout=0.6)
    there = gone.tables["totals"].set_index("measure").at["still customers", "estimate"]
    assert there < 0.5 * shop["unit"].nunique()
    assert gone.status == "Off track"
    assert not check(gone, "holdout").passed


def test_one_cohort_is_valued_like_any_other(shop):
    first = shop.groupby("unit")["time"].transform("min")
    together = shop.assign(time=START + (shop["time"] - first))
    result = customer_value(together)
    assert len(result.tables["cohorts"]) == 1
    assert result.tables["cohorts"].at[0, "n"] == shop["unit"].nunique()
    assert (
        "in the log's first 4 weeks: that they were new then cannot be seen" in check(result, "history_start").message
    )


def test_rows_that_stand_twice_count_as_one_purchase_and_their_amounts_add_up(shop, usual):
    twice = customer_value(pd.concat([shop, shop]))
    totals = [one.tables["totals"].set_index("measure")["estimate"] for one in (usual, twice)]
    assert totals[1]["purchases ahead"] == pytest.approx(totals[0]["purchases ahead"])
    assert totals[1]["revenue ahead"] == pytest.approx(2 * totals[0]["revenue ahead"], rel=1e-3)


def test_cdnow_is_fitted_and_foretold_as_published(evaluation_data):
    """Fader, Hardie & Lee (2005a): .243, 4.414, .793, 2.426 on 39 weeks of 2,357 customers; correlation .11."""
    with gzip.open(evaluation_data / "cdnow" / "CDNOW_sample.txt.gz", "rt") as file:
        frame = pd.read_csv(file, sep=r"\s+", header=None, dtype=str, names=["id", "unit", "time", "cds", "amount"])
    table = cx.table(frame, time_format="%Y%m%d")
    result = customer_value(table, holdout_from="1997-10-01", observe_until="1998-06-30")
    fit = result.found.tracking.fit
    assert fit.purchases.found.values == pytest.approx([0.2426, 4.4135, 0.7929, 2.4258], rel=1e-3)
    assert fit.purchases.found.loglik == pytest.approx(-9582.43, abs=0.05)
    assert len(fit.spell.x) == 2357
    assert result.found.tracking.expected.estimate == pytest.approx(1653.4, rel=2e-3)
