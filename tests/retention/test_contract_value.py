"""How long contracts last and what they are worth: published numbers, a known truth, traps, and what is refused."""

import gzip
import json
import runpy

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.retention import contract_value
from cxlab.retention.renewals import read_contracts
from cxlab.stats.contract_models import Bdw, Sbg

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
UNTIL = pd.Timestamp("2026-06-30")
SAMPLE = {"unit": "contract_id", "start": "started_on", "end": "ended_on", "amount": "price", "currency": "currency",
          "segment": "plan", "measured_in": "€", "observe_until": "2026-06-30"}  # fmt: skip


def survivors(counts=REGULAR, **columns):
    return pd.DataFrame({"renewal": range(len(counts)), "customers": counts, **columns})


def held(model, n=1500, seed=2, longest=24):
    """Contracts that began in the last two years and are renewed on the same day of each month."""
    rng = np.random.default_rng(seed)
    chance = np.append(-np.diff(model.survival(np.arange(61))), model.survival(60))
    lost = rng.multinomial(1, chance, size=n).argmax(1) + 1
    start = UNTIL - pd.to_timedelta(rng.integers(1, 30 * longest, n), unit="D")
    end = pd.Series([one + pd.DateOffset(months=int(k)) for one, k in zip(start, lost, strict=True)])
    frame = pd.DataFrame({"unit": np.arange(n), "start": start, "end": end.where(end <= UNTIL), "price": 20.0})
    return frame.assign(plan=np.where(np.arange(n) % 3, "basic", "plus"))


@pytest.fixture(scope="module")
def contracts():
    return held(Sbg(0.8, 4.0))


@pytest.fixture(scope="module")
def result(contracts):
    return contract_value(contracts, amount="price", segment="plan", observe_until="2026-06-30", measured_in="€")


@pytest.fixture(scope="module")
def sample(root):
    return contract_value(root / "data_samples" / "contracts.csv", **SAMPLE)


@pytest.fixture(scope="module")
def script(root):
    return runpy.run_path(str(root / "data_samples" / "make_contracts.py"))


def check(result, name):
    return next(one for one in result.checks if one.name == name)


def test_survivors_give_the_published_estimates_and_projection():
    """Fader & Hardie (2007), segment Regular: .704, 1.182; 17.3 % are held after 12 renewals."""
    found = contract_value(survivors(), survivors="customers", horizon=5)
    assert found.tables["parameters"]["estimate"].to_numpy() == pytest.approx([0.70408, 1.18204], rel=1e-3)
    assert found.tables["seen"]["observed"].to_numpy() == pytest.approx(np.array(REGULAR[1:]) / 1000)
    curve = found.tables["curve"].set_index("age")
    assert curve.at[12, "expected"] == pytest.approx(0.17, abs=5e-4)
    assert curve.at[12, "ci_low"] < 0.173 < curve.at[12, "ci_high"]


def test_discounted_values_are_the_closed_forms():
    """Fader & Hardie (2010): 4.2188 payments for alpha .8, beta 2.5 at 12 % from renewal to renewal."""
    assert Sbg(0.8, 2.5).lifetime(0.12) == pytest.approx(4.218832170102475)
    found = contract_value(survivors(), survivors="customers", discount=0.12, period="year")
    alpha, beta = found.tables["parameters"]["estimate"]
    assert found.table.at[0, "new_value"] == pytest.approx(Sbg(alpha, beta).lifetime(0.12))
    assert found.table.at[0, "value"] == pytest.approx(float(Sbg(alpha, beta).residual(8.0, 0.12)))
    by_quarter = contract_value(survivors(), survivors="customers", discount=0.12, period="quarter")
    assert by_quarter.table.at[0, "new_value"] == pytest.approx(Sbg(alpha, beta).lifetime(1.12**0.25 - 1))


def test_the_sample_is_what_its_script_makes(root, script):
    assert (root / "data_samples" / "contracts.csv").read_text(encoding="utf-8") == script["text"]()


def test_the_samples_truth_lies_in_the_intervals_of_each_plan(sample, script):
    rate = 1.1 ** (1 / 12) - 1
    rows, ends = sample.table.set_index("segment"), sample.tables["parameters"].set_index(["segment", "parameter"])
    curve = sample.tables["curve"].set_index(["segment", "age"])
    for plan, truth in script["truth"]().items():
        model = Sbg(truth["alpha"], truth["beta"])
        assert ends.loc[(plan, "alpha"), "ci_low"] < truth["alpha"] < ends.loc[(plan, "alpha"), "ci_high"]
        row, median = rows.loc[plan], int(np.flatnonzero(model.survival(np.arange(200)) <= 0.5)[0])
        assert row["median_ci_low"] <= median <= row["median_ci_high"]
        assert row["new_ci_low"] < truth["price"] * model.lifetime(rate) < row["new_ci_high"]
        for age in (6, 12, 24, 36):
            assert curve.loc[(plan, age), "ci_low"] < model.survival(age) < curve.loc[(plan, age), "ci_high"]


def test_the_sample_says_what_was_found(sample):
    row = sample.table.iloc[0]
    assert sample.title == "How long do contracts last, and what is one worth?"
    assert sample.headline.startswith(f"Half of new contracts are lost by month {row['median']:.0f} (")
    assert f"A new contract is worth about €{row['new_value']:.0f} (" in sample.headline
    assert sample.status == "On track"
    assert sample.failed == ()
    assert check(sample, "groups").message.startswith("Groups differ")
    assert "within groups they pay alike" in check(sample, "amount_and_loss").message


def test_each_group_has_a_model_of_its_own(sample, root):
    frame = pd.read_csv(root / "data_samples" / "contracts.csv")
    alone = contract_value(frame[frame["plan"] == "plus"], **SAMPLE | {"segment": None}).table.iloc[0]
    row = sample.table.set_index("segment").loc["plus"]
    for column in ("n", "held", "median", "retention", "value", "ci_low", "ci_high", "new_value"):
        assert row[column] == pytest.approx(alone[column], rel=1e-4)
    parts = sample.table.iloc[1:]
    assert parts["n"].sum() == sample.table.at[0, "n"]
    assert parts["held"].sum() == sample.table.at[0, "held"]


def test_contracts_give_back_what_was_put_in(result, contracts):
    ends = result.tables["parameters"].set_index(["segment", "parameter"]).loc["all"]
    assert ends.at["alpha", "ci_low"] < 0.8 < ends.at["alpha", "ci_high"]
    assert ends.at["beta", "ci_low"] < 4.0 < ends.at["beta", "ci_high"]
    assert result.status == "On track"
    assert result.failed == ()
    row = result.table.iloc[0]
    began = contracts["start"] <= UNTIL - pd.DateOffset(months=1)
    assert row["n"] == began.sum()
    assert row["held"] == pytest.approx((contracts["end"].isna() & began).sum(), abs=2)  # starts on a 31st
    assert row["ci_low"] < row["value"] < row["ci_high"]


@pytest.mark.parametrize(
    ("start", "end", "period", "until", "seen", "lost"),
    [
        ("2026-01-15", "2026-02-15", "month", "2026-05-20", 4, 1),  # 31 days, and still the first renewal
        ("2026-01-15", "2026-02-14", "month", "2026-05-20", 4, 1),
        ("2026-01-15", "2026-02-16", "month", "2026-05-20", 4, 2),
        ("2026-01-15", "2026-01-15", "month", "2026-05-20", 4, 1),
        ("2026-01-31", "2026-02-28", "month", "2026-05-31", 4, 1),  # a month without a 31st
        ("2026-01-15", None, "month", "2026-05-15", 4, 0),
        ("2026-01-15", None, "month", "2026-05-14", 3, 0),
        ("2026-01-15", "2026-06-10", "month", "2026-05-20", 4, 0),  # an end that is planned is not seen yet
        ("2025-01-15", "2025-04-15", "quarter", "2026-05-20", 5, 1),
        ("2025-01-15", "2025-04-16", "quarter", "2026-05-20", 5, 2),
        ("2023-03-01", "2025-03-01", "year", "2026-05-20", 3, 2),
        ("2026-05-01", "2026-05-08", "week", "2026-05-20", 2, 1),
        ("2026-05-01", "2026-05-03", "day", "2026-05-20", 19, 2),
    ],
)
def test_renewals_fall_on_the_same_day(monkeypatch, start, end, period, until, seen, lost):
    monkeypatch.setattr("cxlab.retention.renewals._enough", lambda found: found)
    frame = pd.DataFrame({"unit": ["a", "b"], "start": [start, start], "end": [end, "2099-01-01"]})
    asked = dict.fromkeys(("amount", "currency", "segment"))
    asked |= {"unit": "unit", "start": "start", "end": "end", "period": period, "observe_until": until}
    cells = read_contracts(cx.table(frame), asked)
    assert (int(cells.seen.max()), int(cells.lost.max())) == (seen, lost)


def test_contracts_and_survivors_of_one_cohort_give_the_same():
    lost = np.random.default_rng(4).geometric(0.2, 800)
    start = pd.Timestamp("2025-10-15")
    frame = pd.DataFrame(
        {"unit": range(800), "start": start, "end": [start + pd.DateOffset(months=int(k)) for k in lost]}
    )
    frame["end"] = frame["end"].where(lost <= 8)
    left = [800 - int((lost <= k).sum()) for k in range(9)]
    one = contract_value(frame, observe_until="2026-06-30")
    other = contract_value(survivors(left), survivors="customers")
    for name in ("curve", "seen", "tracking", "totals"):
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name], rtol=1e-6)


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(1, 20)), min_size=120, max_size=160), st.booleans())
@settings(max_examples=6, deadline=None)
def test_what_was_seen_adds_up(rows, shuffled):
    start = [UNTIL - pd.Timedelta(days=days + 40) for days, _ in rows]
    end = [one + pd.DateOffset(months=k) for one, (_, k) in zip(start, rows, strict=True)]
    frame = pd.DataFrame(
        {"unit": range(len(rows)), "start": start, "end": pd.Series(end).where(pd.Series(end) <= UNTIL)}
    )
    try:
        found = contract_value(frame.sample(frac=1, random_state=1) if shuffled else frame, observe_until="2026-06-30")
    except DataError:
        return  # too few of them were lost
    calendar, seen = found.tables["calendar"], found.tables["seen"]
    assert calendar["lost"].sum() == seen["lost"].sum() == found.groups[0].contracts.losses
    assert calendar["n"].sum() == seen["n"].sum()
    assert seen["n"].is_monotonic_decreasing
    curve = found.tables["curve"]
    assert curve["expected"].is_monotonic_decreasing
    ends = curve.dropna()
    assert ((ends["ci_low"] <= ends["expected"]) & (ends["expected"] <= ends["ci_high"]) & (ends["ci_high"] <= 1)).all()


def test_a_chance_that_rises_with_age_is_said(contracts):
    rising = held(Bdw(0.8, 30.0, 1.9), n=3000, seed=5)
    found = check(contract_value(rising), "same_hazard")
    assert not found.passed
    assert "it rises with the contract's age. Ask with model='bdw'" in found.message
    better = contract_value(rising, model="bdw")
    assert check(better, "same_hazard").passed
    assert better.tables["parameters"]["parameter"].tolist() == ["alpha", "beta", "c"]
    assert check(contract_value(contracts), "same_hazard").passed


def test_a_month_in_which_many_more_left_is_said():
    shocked = held(Sbg(1.0, 20.0), n=2500, seed=8)
    day = pd.Timestamp("2026-01-15")
    there = shocked["end"].isna() | (shocked["end"] > day)
    hit = there & (shocked["start"] < day) & (np.random.default_rng(1).random(len(shocked)) < 0.15)
    found = check(contract_value(shocked.assign(end=shocked["end"].where(~hit, day))), "calendar")
    assert not found.passed
    assert "leave contracts that met it out" in found.message
    assert check(contract_value(held(Sbg(1.0, 20.0), n=2500, seed=8)), "calendar").passed


def test_contracts_lost_before_the_log_began_are_missed():
    """A table of those who were customers in 2025 or later: whoever had left before is not in it."""
    whole = held(Sbg(0.8, 4.0), n=3000, seed=9)
    lived = whole[whole["end"].isna() | (whole["end"] >= "2025-07-01")]
    found = check(contract_value(lived, observe_until="2026-06-30"), "history_start")
    assert not found.passed
    assert "Contracts lost before probably are not in the table" in found.message
    assert check(contract_value(whole, observe_until="2026-06-30"), "history_start").passed


def test_amounts_that_go_with_losses_are_said(contracts):
    dear = contracts.assign(price=np.where(contracts["end"].isna(), 40.0, 20.0))
    found = check(contract_value(dear, amount="price"), "amount_and_loss")
    assert not found.passed
    assert "values of new contracts are too low" in found.message
    assert check(contract_value(contracts, amount="price"), "amount_and_loss").passed


def test_an_uncertain_mean_amount_makes_the_interval_wider(contracts):
    spread = contracts.assign(price=20 * np.random.default_rng(3).gamma(0.2, 5.0, len(contracts)))
    rows = [contract_value(one, amount="price").table.iloc[0] for one in (contracts, spread)]
    width = [np.log(row["new_ci_high"] / row["new_ci_low"]) for row in rows]
    assert width[1] > 1.05 * width[0]


def test_contracts_at_nothing_and_several_of_one_customer_are_said(contracts):
    free = contracts.assign(price=np.where(np.arange(len(contracts)) % 20, 20.0, 0.0))
    assert (
        "75 of 1,500 contracts have an amount of 0"
        in check(contract_value(free, amount="price"), "zero_amounts").message
    )
    shared = contracts.assign(unit=contracts["unit"] // 2)
    shared = shared.drop_duplicates(["unit", "start"])
    found = check(contract_value(shared), "several_contracts")
    assert not found.passed
    assert "each counts by itself" in found.message


def test_the_end_of_the_log_is_said(contracts, result):
    assert "as stated" in check(result, "observe_until").message
    assert "if it goes further, say so in observe_until" in check(contract_value(contracts), "observe_until").message
    assert "began too late for a renewal" in check(result, "young_contracts").message


def test_ends_that_are_planned_are_not_seen_yet(contracts):
    planned = contracts.assign(end=contracts["end"].fillna(pd.Timestamp("2199-01-01")))
    found = contract_value(planned, observe_until="2026-06-30")
    assert found.tables["curve"].equals(contract_value(contracts, observe_until="2026-06-30").tables["curve"])
    with pytest.raises(DataError, match=r"rows lie in the future, the last on 1 January 2199.*say with observe_until"):
        contract_value(planned)


def test_a_test_that_cannot_be_made_is_undecided_and_said():
    """Hardly anybody had been lost before the cut."""
    found = contract_value(survivors([400, 396, 393, 390, 387, 384, 380, 340, 330]), survivors="customers", holdout=0.4)
    assert found.status == "Undecided"
    assert "too few had been lost before to test it" in check(found, "holdout").message
    assert found.tables["tracking"]["ci_low"].isna().all()


def test_everybody_lost_alike_is_flat_and_shows_no_value():
    """The same share is lost at each renewal: how chances are spread cannot be told."""
    found = contract_value(survivors([4000, 3200, 2560, 2048, 1638]), survivors="customers")
    assert check(found, "flat_likelihood").severity == "failure"
    assert "no value is shown" in found.headline
    assert ">nan" not in found.to_html(stills=False).lower()


def test_nobody_held_any_more_leaves_nothing_to_come():
    found = contract_value(survivors([300, 150, 60, 20, 5, 0]), survivors="customers")
    assert found.table.at[0, "held"] == 0
    assert np.isnan(found.table.at[0, "value"])
    assert found.table.at[0, "new_value"] > 1
    assert "contracts held" not in found.headline
    assert ">nan" not in found.to_html(stills=False).lower()


def test_small_groups_are_hidden(contracts):
    few = contracts.assign(plan=np.where(np.arange(len(contracts)) < 3, "few", "many"))
    found = contract_value(few, segment="plan")
    record = json.loads(found.to_json())
    assert [row["n"] is None for row in record["tables"]["table"]] == [False, True, True]
    assert "few" not in {row["segment"] for row in record["tables"]["curve"]}
    assert "few has fewer than 50 contracts or 20 losses" in check(found, "small_groups").message
    assert found.pictures == ("curve", "tracking")
    for row in record["tables"]["seen"] + record["tables"]["calendar"]:
        assert row["n"] is None or row["n"] >= 5 or row["n"] == 0


@pytest.mark.parametrize("width", [680, 340])
def test_pictures_say_what_the_tables_say(sample, width):
    assert sample.pictures == ("curve", "tracking", "groups")
    assert f"half lost by month {sample.table.at[0, 'median']:.0f}" in to_svg(sample.chart("curve", width=width))
    last = sample.tables["tracking"].iloc[-1]
    assert f"Held: {last['actual']:.0f}" in to_svg(sample.chart("tracking", width=width))
    at = sample.tables["curve"].set_index(["segment", "age"])["expected"]
    assert f"{at['basic', 12]:.0%} of basic" in to_svg(sample.chart("groups", width=width))


def test_the_curve_is_dashed_where_nothing_was_seen(sample):
    drawn = sample.chart("curve").to_dict()
    rows = {name: pd.DataFrame(one) for name, one in drawn["datasets"].items()}
    curves = [one for one in rows.values() if "median" in one]
    assert {float(one["age"].min()) for one in curves} == {0.0, max(float(one["age"].min()) for one in curves)}
    points = next(one for one in rows.values() if "observed" in one)
    assert points["n"].min() >= 50


def test_surfaces_tell_the_same(sample):
    record = json.loads(sample.to_json())
    assert record["tables"]["table"][0]["new_value"] == sample.table.at[0, "new_value"]
    page = sample.to_html(stills=False)
    assert "Contracts lost by month" in page
    assert ">nan<" not in page
    assert len(gzip.compress(page.encode())) < 400_000


FAULTS = {
    "1,500 of 1,500 contracts end before they start": (lambda f: f.assign(end=f["start"] - pd.Timedelta("1D")), {}),
    "expected 50 contracts, three renewals and 20 losses or more": (lambda f: f.head(30), {}),
    "0 were lost": (lambda f: f.assign(end=pd.NaT), {}),
    "called 'all'": (lambda f: f.assign(plan="all"), {"segment": "plan"}),
    r"2 contracts stand more than once \(4 of 1,502 rows have the same 'unit' and 'start'; one is 0\)": (
        lambda f: pd.concat([f, f.head(2)]), {}),
    r"3 of 1,500 rows have a negative 'price' \(the lowest is -20\)": (
        lambda f: f.assign(price=np.where(f.index < 3, -20.0, 20.0)), {"amount": "price"}),
    "have no 'price'": (lambda f: f.assign(price=np.where(f.index < 3, np.nan, 20.0)), {"amount": "price"}),
    "mixes 2 currencies": (
        lambda f: f.assign(money=np.where(f.index % 3, "EUR", "USD")), {"amount": "price", "currency": "money"}),
    "lie in the future": (lambda f: f.assign(start=f["start"].where(f.index > 2, pd.Timestamp("2199-01-01"))), {}),
    "no column 'start'. Did you mean 'started'": (lambda f: f.rename(columns={"start": "started"}), {}),
    "never rise": (lambda f: survivors([100, 120, 90, 80]), {"survivors": "customers"}),
    "expected 0, 1, 2 and so on": (lambda f: survivors(REGULAR).drop(index=2), {"survivors": "customers"}),
    "whole numbers": (lambda f: survivors([100.5, 80, 60, 40]), {"survivors": "customers"}),
}  # fmt: skip


@pytest.mark.parametrize("match", FAULTS)
def test_contracts_that_cannot_be_are_refused(contracts, match):
    change, options = FAULTS[match]
    with pytest.raises(DataError, match=match):
        contract_value(change(contracts), **options)


@pytest.mark.parametrize(
    ("options", "match"),
    [({"model": "sgb"}, "Did you mean 'sbg'"), ({"horizon": 0}, "whole number of renewals"),
     ({"horizon": True}, "whole number of renewals"), ({"discount": 0}, "`discount` is 0"),
     ({"margin": 30}, "`margin` is 30"), ({"confidence": 95}, "confidence"),
     ({"period": "moth"}, "Did you mean 'month'"),
     ({"observe_until": "2001-01-01"}, "but the first contract starts on"),
     ({"survivors": "customers", "amount": "price"}, "`amount` belongs to single contracts"),
     ({"survivors": "customers", "currency": "money"}, "`currency` belongs to single contracts")],
)  # fmt: skip
def test_parameters_are_refused_with_what_to_do(contracts, options, match):
    with pytest.raises(ParameterError, match=match):
        contract_value(contracts, **options)


def test_a_holdout_that_leaves_nothing_to_fit_on_is_refused():
    with pytest.raises(ParameterError, match=r"leaves 1 of 3 renewals to fit the model on; expected 2 or more"):
        contract_value(survivors(REGULAR[:4]), survivors="customers", holdout=0.6)
