"""What became of revenue: by hand, its identity, small groups, words, pictures, and what is refused by name."""

import gzip
import json
import re
import runpy

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.results import publishable

SAMPLE = {"unit": "account_id", "currency": "currency", "segment": "size", "measured_in": "€",
          "observe_until": "2026-06-30"}  # fmt: skip


@pytest.fixture(scope="module")
def sample(root):
    return cx.revenue_retention(root / "data_samples" / "payments.csv", **SAMPLE)


def paid(**months):
    """One row per customer and month with a payment; customers are columns of a table of amounts."""
    rows = [
        {"unit": f"c{place}", "time": f"{month.replace('_', '-')[1:]}-10", "amount": amount}
        for month, amounts in months.items() for place, amount in enumerate(amounts) if amount
    ]  # fmt: skip
    return pd.DataFrame(rows)


def check(result, name):
    return next(one for one in result.checks if one.name == name)


def test_the_sample_is_what_its_script_makes(root):
    script = runpy.run_path(str(root / "data_samples" / "make_payments.py"))
    assert (root / "data_samples" / "payments.csv").read_text(encoding="utf-8") == script["text"]()


def test_every_change_by_hand():
    months = {"m2026_01": [10, 10, 10, 10, 10, 10, 10, 0], "m2026_02": [10, 12, 8, 0, 10, 10, 0, 5],
              "m2026_03": [10, 12, 8, 0, 10, 10, 7, 5]}  # fmt: skip
    result = cx.revenue_retention(paid(**months), over=1, observe_until="2026-03-31")
    steps = result.tables["steps"].set_index(["period", "change"])["amount"]
    assert steps["Feb 2026"].to_dict() == {
        "start": 70, "new": 5, "reactivated": 0, "expansion": 2, "contraction": -2, "churned": -20, "end": 55
    }  # fmt: skip
    assert steps["Mar 2026"]["reactivated"] == 7
    assert steps["Mar 2026"]["new"] == 0
    over = cx.revenue_retention(paid(**months), over=2, observe_until="2026-03-31").table.iloc[0]
    assert (over["start"], over["later"]) == (70, 57), "two months are compared end by end, not chained"
    assert over["grr"] == pytest.approx(55 / 70)
    assert over["nrr"] == pytest.approx(57 / 70)


def test_ages_and_cohorts_by_hand():
    months = {"m2026_01": [9, 0, 0, 0], "m2026_02": [9, 10, 20, 0], "m2026_03": [9, 12, 0, 40],
              "m2026_04": [9, 5, 20, 40]}  # fmt: skip
    tables = cx.revenue_retention(paid(**months), over=1, observe_until="2026-04-30").tables
    curve = tables["curve"].set_index("age")
    assert curve.loc[1, ["n", "start", "later"]].tolist() == [3, 70, 52], "the one who was there first is left out"
    assert curve.loc[1, "grr"] == pytest.approx(50 / 70)
    assert curve.loc[2, ["n", "start", "later"]].tolist() == [2, 30, 25], "who began last was not seen so long"
    cells = tables["cohorts"].set_index(["cohort", "age"])
    assert cells.loc[("Feb 2026", 1), "nrr"] == pytest.approx(12 / 30)
    assert cells.loc[("Feb 2026", 2), "grr"] == pytest.approx(25 / 30)
    assert cells.loc[("Mar 2026", 1), "nrr"] == 1
    assert ("Mar 2026", 2) not in cells.index


@given(st.lists(st.lists(st.sampled_from([0, 0, 5, 10, 20]), min_size=4, max_size=4), min_size=6, max_size=30))
@settings(max_examples=25)
def test_bridges_add_up_and_gross_is_at_most_net_and_one(rows):
    frame = pd.DataFrame(
        [{"unit": f"c{who}", "time": f"2026-0{month + 1}-03", "amount": amount}
         for who, row in enumerate([[10, 10, 10, 10], *rows]) for month, amount in enumerate(row) if amount]
    )  # fmt: skip
    result = cx.revenue_retention(frame, over=2, observe_until="2026-04-30")
    for _, part in result.tables["steps"].groupby("period"):
        amount = part.set_index("change")["amount"]
        assert amount.drop("end").sum() == pytest.approx(amount["end"])
    rates = result.tables["over_time"]
    assert (rates["grr"] <= rates["nrr"] + 1e-12).all()
    assert (rates["grr"] <= 1 + 1e-12).all()


def test_the_sample_tells_its_truth(root, sample):
    """What many more customers made in the same way keep is inside what the sample's intervals say."""
    script = runpy.run_path(str(root / "data_samples" / "make_payments.py"))
    many = cx.revenue_retention(script["payments"](6_000, seed=5), **SAMPLE)
    for (_, told), (_, true) in zip(sample.table.iterrows(), many.table.iterrows(), strict=True):
        for rate in ("grr", "nrr"):
            assert told[f"{rate}_ci_low"] < true[rate] < told[f"{rate}_ci_high"]
    row = sample.table.iloc[0]
    assert f"{row['grr']:.1%}" in sample.headline
    assert check(sample, "billing").passed


def test_an_interval_excludes_one_exactly_when_it_is_called_growing_or_shrinking(sample):
    row = sample.table.iloc[0]
    beyond = row["nrr_ci_low"] > 1 or row["nrr_ci_high"] < 1
    assert (sample.status != "Undecided") == beyond


def test_a_period_that_is_not_over_is_left_out():
    frame = paid(m2026_01=[10] * 6, m2026_02=[10] * 6, m2026_03=[10] * 6)
    result = cx.revenue_retention(frame, over=1)
    assert result.scope.endswith("Jan 2026 to Feb 2026")
    assert "Feb 2026 is left out" in check(result, "observe_until").message


def test_refunds_are_taken_off_within_their_month_and_refused_beyond():
    frame = paid(m2026_01=[10] * 6, m2026_02=[10] * 6)
    back = pd.DataFrame([{"unit": "c0", "time": "2026-02-20", "amount": -4.0}])
    result = cx.revenue_retention(pd.concat([frame, back]), over=1, observe_until="2026-02-28")
    assert result.table.iloc[0]["later"] == 56
    assert check(result, "refunds").passed
    with pytest.raises(DataError, match=r"1 sums? of a customer's month .* \(the lowest is -30, in Feb 2026\)"):
        cx.revenue_retention(pd.concat([frame, back.assign(amount=-40.0)]), over=1, observe_until="2026-02-28")


def test_currencies_are_not_added_up():
    frame = paid(m2026_01=[10] * 6, m2026_02=[10] * 6).assign(money=["EUR"] * 6 + ["USD"] * 6)
    with pytest.raises(DataError, match=r"mixes 2 currencies: EUR \(6 rows\) and USD \(6 rows\)"):
        cx.revenue_retention(frame, currency="money", over=1, observe_until="2026-02-28")


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"over": 0}, "`over` is 0"), ({"over": 5}, "2 whole months are seen, Jan 2026 to Feb 2026; expected 1 to 1"),
     ({"period": "moth"}, "Did you mean 'month'"), ({"observe_until": "2025-01-01"}, "the first payment is on"),
     ({"confidence": 95}, "confidence")],
)  # fmt: skip
def test_settings_that_cannot_be(settings, told):
    with pytest.raises(ParameterError, match=re.escape(told)):
        cx.revenue_retention(
            paid(m2026_01=[10] * 6, m2026_02=[10] * 6), **{"over": 1, "observe_until": "2026-02-28"} | settings
        )


def test_times_in_the_future_and_too_short_logs():
    future = paid(m2026_01=[10] * 6, m2090_01=[10] * 6)
    with pytest.raises(DataError, match="in the future"):
        cx.revenue_retention(future, over=1)
    with pytest.raises(DataError, match="1 whole month with payments seen"):
        cx.revenue_retention(paid(m2026_01=[10] * 6), over=1, observe_until="2026-01-31")


def test_few_large_customers_and_yearly_invoices_are_said():
    few = cx.revenue_retention(paid(m2026_01=[1000, *[1] * 40], m2026_02=[1000, *[1] * 40]), over=1,
                               observe_until="2026-02-28")  # fmt: skip
    assert not check(few, "few_accounts").passed
    months = {
        f"m2026_0{month}": [10 if (place + month) % 3 == 0 else 0 for place in range(30)] for month in range(1, 7)
    }
    assert not check(cx.revenue_retention(paid(**months), over=1, observe_until="2026-06-30"), "billing").passed


def test_changes_of_few_customers_are_hidden_and_cannot_be_taken_back(sample):
    shown = publishable(sample.tables["steps"])
    raw = sample.tables["steps"]
    small = (raw["n"] > 0) & (raw["n"] < 5)
    assert small.any()
    assert shown.loc[small, "amount"].isna().all()
    hidden = shown["amount"].isna().groupby(raw["period"]).sum()
    assert not (hidden == 1).any(), "one alone would follow from the others"


def test_the_bridge_puts_few_customers_together(sample):
    rows = sample.revenue
    assert rows.periods == 30
    specification = sample.chart("bridge").to_dict()
    bars = next(iter(specification["datasets"].values()))
    level = 0.0
    for bar in bars[1:-1]:
        level = bar["high"] if bar["kind"] == "gain" else bar["low"]
    assert level == pytest.approx(bars[-1]["high"])


@pytest.mark.parametrize("width", [680, 340])
def test_pictures_are_drawn(sample, width):
    assert sample.pictures == ("bridge", "over_time", "curve")
    for name in sample.pictures:
        assert "<svg" in to_svg(sample.chart(name, width=width))


def test_surfaces_tell_the_same(sample):
    record = json.loads(json.dumps(sample.to_dict()))
    assert record["tables"]["table"][0]["grr"] == sample.table.iloc[0]["grr"]
    assert sample.headline in sample.to_html().replace("&#x27;", "'")
    assert len(gzip.compress(sample.to_html().encode())) < 400_000


def test_weeks_follow_their_first_day():
    days = pd.date_range("2026-01-05", periods=5, freq="7D")
    frame = pd.DataFrame([{"unit": f"c{k}", "time": day, "amount": 10.0} for k in range(6) for day in days])
    result = cx.revenue_retention(frame, period="week", over=2, observe_until="2026-02-08")
    assert result.revenue.periods == 5
    assert np.allclose(result.tables["over_time"]["nrr"], 1.0)


def steady(n=30, months=4, amount=10.0):
    return paid(**{f"m2026_0{month}": [amount] * n for month in range(1, months + 1)})


def test_everybody_still_here_is_all_of_it_and_no_more_than_the_data_tell():
    row = cx.revenue_retention(steady(), over=3, observe_until="2026-04-30").table.iloc[0]
    assert (row["grr"], row["nrr"]) == (1, 1)
    assert row["grr_ci_low"] < 1 and row["grr_ci_high"] == 1
    assert np.isnan(row["nrr_ci_low"]), "nothing changed, so nothing tells how much it could have"


def test_everybody_gone_is_nothing_left():
    gone = steady()
    gone = gone[gone["time"] < "2026-03-01"]
    late = pd.DataFrame({"unit": [f"n{k}" for k in range(30)], "time": "2026-04-10", "amount": 10.0})
    result = cx.revenue_retention(pd.concat([gone, late]), over=2, observe_until="2026-04-30")
    row = result.table.iloc[0]
    assert (row["grr"], row["nrr"], row["later"]) == (0, 0, 0)
    assert row["grr_ci_low"] == 0 < row["grr_ci_high"] < 0.2
    assert result.status == "Shrinking" or np.isnan(row["nrr_ci_high"])


def test_one_cohort_has_one_row_of_cells_and_no_curve_of_those_who_were_there_first():
    result = cx.revenue_retention(steady(), over=1, observe_until="2026-04-30")
    assert set(result.tables["cohorts"]["cohort"]) == {"Jan 2026"}
    assert result.tables["curve"].empty
    assert not check(result, "history_start").passed
    assert "curve" not in result.pictures
    assert ">nan" not in result.to_html(stills=False).lower()


def test_everybody_who_paid_once_is_new_or_churned():
    rows = [{"unit": f"c{k}", "time": f"2026-0{1 + k % 4}-10", "amount": 10.0} for k in range(80)]
    result = cx.revenue_retention(pd.DataFrame(rows), over=1, observe_until="2026-04-30")
    amounts = result.tables["changes"].set_index("change")["amount"]
    assert amounts.to_dict() == {
        "start": 200, "new": 200, "reactivated": 0, "expansion": 0, "contraction": 0, "churned": -200, "end": 200
    }  # fmt: skip


def test_a_payment_of_nothing_is_none_and_two_in_a_month_are_one():
    twice = pd.concat([steady(), steady().assign(time=lambda f: f["time"].str[:8] + "20")])
    rows = cx.revenue_retention(twice, over=1, observe_until="2026-04-30").table
    assert rows.at[0, "start"] == 600
    nothing = pd.DataFrame([{"unit": "z", "time": "2026-01-05", "amount": 0.0}])
    same = cx.revenue_retention(pd.concat([steady(), nothing]), over=1, observe_until="2026-04-30").table
    pd.testing.assert_frame_equal(same, cx.revenue_retention(steady(), over=1, observe_until="2026-04-30").table)


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=8, max_size=20))
@settings(max_examples=10, deadline=None)
def test_the_rhythm_of_payments_is_the_gaps_counted_by_hand(rows):
    rows = [[True, True, False, True, False, True], *rows]
    frame = pd.DataFrame(
        [{"unit": f"c{who:02d}", "time": f"2026-0{month + 1}-03", "amount": 9.0}
         for who, row in enumerate(rows) for month, pays in enumerate(row) if pays]
    )  # fmt: skip
    gaps = [gap for row in rows for gap in np.diff(np.flatnonzero(row))]
    told = check(cx.revenue_retention(frame, over=1, observe_until="2026-06-30"), "billing").message
    assert told.startswith(f"{100 * np.mean(np.array(gaps) > 1):.0f}% of payments come more than one month after")


FAULTS = {
    "have no 'amount'": lambda f: f.assign(amount=np.where(f.index < 2, np.nan, 10.0)),
    "expected a number": lambda f: f.assign(amount="much"),
    "no column 'amount'. Did you mean 'amounts'": lambda f: f.rename(columns={"amount": "amounts"}),
    "expected a time": lambda f: f.assign(time="soon"),
    "1 whole month with payments seen": lambda f: f.assign(amount=0.0, time="2026-04-10"),
}


@pytest.mark.parametrize("match", FAULTS)
def test_payments_that_cannot_be_read_are_refused_by_name(match):
    with pytest.raises(DataError, match=match):
        cx.revenue_retention(FAULTS[match](steady()), over=1, observe_until="2026-04-30")


def test_a_log_in_which_nobody_ever_paid_is_refused():
    with pytest.raises(DataError, match="No customer paid more than 0 in any whole month"):
        cx.revenue_retention(steady(amount=10.0).assign(amount=0.0), over=1, observe_until="2026-04-30")
