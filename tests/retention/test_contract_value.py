"""What contracts are worth: published numbers, a known truth, the two forms of data, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest

from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.retention import contract_value
from cxlab.stats.contract_models import Bdw, Sbg

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
UNTIL = pd.Timestamp("2026-06-30")


def survivors(counts=REGULAR, **columns):
    return pd.DataFrame({"renewal": range(len(counts)), "customers": counts, **columns})


def held(model, n=1500, seed=2, longest=24):
    """Contracts that began in the last two years, renewed every 30.4375 days."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(1, longest, n) * 30.4375
    lost = (
        rng.multinomial(1, np.append(-np.diff(model.survival(np.arange(61))), model.survival(60)), size=n).argmax(1) + 1
    )
    start = UNTIL - pd.to_timedelta(age, unit="D")
    end = start + pd.to_timedelta(lost * 30.4375 - 0.01, unit="D")
    frame = pd.DataFrame({"unit": np.arange(n), "start": start, "end": end.where(end <= UNTIL), "price": 20.0})
    return frame.assign(plan=np.where(np.arange(n) % 3, "basic", "plus"))


@pytest.fixture(scope="module")
def contracts():
    return held(Sbg(0.8, 4.0))


@pytest.fixture(scope="module")
def result(contracts):
    return contract_value(contracts, amount="price", segment="plan", observe_until="2026-06-30", measured_in="€")


def check(result, name):
    return next(one for one in result.checks if one.name == name)


def test_survivors_give_the_published_estimates_and_projection():
    """Fader & Hardie (2007), segment Regular: .704, 1.182; 17.3 % are held after 12 renewals."""
    found = contract_value(survivors(), survivors="customers", horizon=5)
    assert found.tables["parameters"]["estimate"].to_numpy() == pytest.approx([0.70408, 1.18204], rel=1e-3)
    curve = found.tables["curve"].set_index("age")
    assert curve["observed"].dropna().to_numpy() == pytest.approx(np.array(REGULAR[1:]) / 1000)
    assert curve.at[12, "expected"] == pytest.approx(0.17, abs=5e-4)
    assert curve.at[12, "ci_low"] < 0.173 < curve.at[12, "ci_high"]


def test_discounted_values_are_the_closed_forms():
    """A yearly discount of 12 % on yearly renewals would be the published case; here 12 % a month by hand."""
    found = contract_value(survivors(), survivors="customers", discount=1 - 1e-3)
    alpha, beta = found.tables["parameters"]["estimate"]
    rate = (2 - 1e-3) ** (1 / 12) - 1
    new = found.tables["totals"].set_index("measure").loc["value of a new contract"]
    assert new["estimate"] == pytest.approx(Sbg(alpha, beta).lifetime(rate))
    assert found.table.at[0, "value"] == pytest.approx(float(Sbg(alpha, beta).residual(8.0, rate)))


def test_contracts_give_back_what_was_put_in(result, contracts):
    ends = result.tables["parameters"].set_index("parameter")
    assert ends.at["alpha", "ci_low"] < 0.8 < ends.at["alpha", "ci_high"]
    assert ends.at["beta", "ci_low"] < 4.0 < ends.at["beta", "ci_high"]
    assert result.status == "On track"
    table = result.table.set_index("segment")
    assert table.at["all", "held"] == table.drop("all")["held"].sum() == contracts["end"].isna().sum()
    assert table.drop("all")["total_value"].sum() == pytest.approx(table.at["all", "total_value"])
    assert table.at["all", "ci_low"] < table.at["all", "value"] < table.at["all", "ci_high"]


def test_contracts_and_survivors_of_one_cohort_give_the_same():
    model = Sbg(0.9, 3.0)
    frame = held(model, n=800, longest=12).assign(start=UNTIL - pd.Timedelta(days=8.5 * 30.4375))
    lost = np.random.default_rng(4).geometric(0.2, 800)
    frame["end"] = (frame["start"] + pd.to_timedelta(lost * 30.4375 - 0.01, unit="D")).where(lost <= 8)
    left = [800 - int((lost <= k).sum()) for k in range(9)]
    one = contract_value(frame, observe_until="2026-06-30")
    other = contract_value(survivors(left), survivors="customers")
    for name in ("curve", "tracking", "totals"):
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name], rtol=1e-6)


def test_a_chance_that_rises_with_age_is_said(contracts):
    rising = held(Bdw(0.8, 30.0, 1.9), n=3000, seed=5)
    found = check(contract_value(rising), "same_hazard")
    assert not found.passed
    assert "it rises with the contract's age. Ask with model='bdw'" in found.message
    better = contract_value(rising, model="bdw")
    assert check(better, "same_hazard").passed
    assert better.tables["parameters"]["parameter"].tolist() == ["alpha", "beta", "c"]
    assert check(contract_value(contracts), "same_hazard").passed


def test_the_end_of_the_log_is_said(contracts, result):
    assert "as stated" in check(result, "observe_until").message
    assert "if it goes further, say so in observe_until" in check(contract_value(contracts), "observe_until").message


def test_small_groups_are_hidden(contracts):
    few = contracts.assign(plan=np.where(np.arange(len(contracts)) < 3, "few", "many"))
    rows = json.loads(contract_value(few, segment="plan").to_json())["tables"]["table"]
    assert [row["value"] is None for row in rows] == [False, True, True]


def test_pictures_and_page_are_drawn(result):
    assert result.pictures == ("tracking", "curve")
    for name in result.pictures:
        assert "Expected" in to_svg(result.chart(name, width=340)) or to_svg(result.chart(name))
    page = result.to_html(stills=False)
    assert "Contracts held" in page and ">nan<" not in page


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        (lambda f: f.assign(end=f["start"] - pd.Timedelta("1D")), {}, "1,500 contracts end before they start"),
        (lambda f: f.head(30), {}, "expected 50 contracts, three renewals and 20 losses or more"),
        (lambda f: f.assign(end=pd.NaT), {}, "0 were lost"),
        (lambda f: f.assign(plan="all"), {"segment": "plan"}, "called 'all'"),
        (lambda f: survivors([100, 120, 90, 80]), {"survivors": "customers"}, "never rise"),
        (lambda f: survivors(REGULAR).drop(index=2), {"survivors": "customers"}, "expected 0, 1, 2 and so on"),
    ],
)
def test_contracts_that_cannot_be_are_refused(contracts, change, options, match):
    with pytest.raises(DataError, match=match):
        contract_value(change(contracts), **options)


@pytest.mark.parametrize(
    ("options", "match"),
    [({"model": "sgb"}, "Did you mean 'sbg'"), ({"horizon": 0}, "whole number of renewals"),
     ({"discount": 0}, "`discount` is 0"),
     ({"observe_until": "2001-01-01"}, "but the first contract starts on"),
     ({"survivors": "customers", "amount": "price"}, "`amount` belongs to single contracts")],
)  # fmt: skip
def test_parameters_are_refused_with_what_to_do(contracts, options, match):
    with pytest.raises(ParameterError, match=match):
        contract_value(contracts, **options)
