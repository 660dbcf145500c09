"""Where an amount's change sits, through the whole test."""

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import cxlab as cx
from cxlab.experiments.quantile_effects import NAMES, QUANTILES
from cxlab.experiments.quantile_parts import CUTS
from cxlab.stats.quantile_differences import quantile_differences
from cxlab.stats.tail_means import equal_parts, part_means_of

REVENUE = "mean('revenue', measured_in='€')"


def customers(n=4000, seed=1, *, top=1.0, everywhere=1.0, pays=0.3):
    rng = np.random.default_rng(seed)
    new = rng.random(n) < 0.5
    revenue = np.where(rng.random(n) < pays, rng.lognormal(3, 1, n), 0.0)
    high = revenue > np.quantile(revenue, 0.9)
    return pd.DataFrame({
        "id": np.arange(n), "variant": np.where(new, "new", "control"),
        "revenue": revenue * np.where(new, everywhere * np.where(high, top, 1.0), 1.0), "before": rng.gamma(2, 2, n),
        "contacts": rng.poisson(0.5, n), "shop": rng.integers(0, 40, n), "bought": (revenue > 0).astype(int),
    })  # fmt: skip


def found(data=None, metrics=(REVENUE,), **options):
    return cx.ab_test(customers() if data is None else data, metrics=list(metrics), **options)


def arms(data, column="revenue"):
    return [data.loc[data["variant"] == name, column].to_numpy() for name in ("new", "control")]


def test_the_database_reads_the_same_quantiles_and_parts_as_the_formulas():
    data = customers()
    tables = found(data).tables
    wanted = pd.DataFrame(quantile_differences(*arms(data), QUANTILES))
    columns = ["estimate", "control_estimate", "effect", "ci_low", "ci_high", "band_low", "band_high"]
    assert tables["quantile_effects"][columns].to_numpy() == pytest.approx(wanted[columns].to_numpy(), nan_ok=True)
    assert tables["quantile_effects"]["reading"].tolist() == wanted["reading"].tolist()
    one, zero = (part_means_of(values, CUTS) for values in arms(data))
    parts = tables["effect_parts"]
    assert parts["estimate"].tolist() == pytest.approx(one.means.tolist())
    seen = np.diag(one.covariance) > 0
    test = equal_parts((one.means - zero.means)[seen], (one.covariance + zero.covariance)[np.ix_(seen, seen)])
    assert tables["effect_spread"]["p_value"][0] == pytest.approx(test.p_value)


def test_a_quantile_is_that_of_the_quantile_metric_and_parts_add_up_to_the_mean():
    result = found(metrics=[REVENUE, "quantile('before', q=0.9, role='watched')", "mean('before', role='watched')"])
    table, parts = result.table.set_index("metric"), result.tables["effect_parts"]
    rows = result.tables["quantile_effects"].set_index(["metric", "q"])
    assert rows.loc[("before", 0.9), "effect"] == pytest.approx(table.loc["before p90", "effect"])
    for name in ("revenue", "before"):
        assert parts.loc[parts["metric"] == name, "contribution"].sum() == pytest.approx(table.loc[name, "effect"])


def test_a_cap_and_missing_values_are_those_of_the_mean():
    data = customers()
    data.loc[data.index % 7 == 0, "revenue"] = np.nan
    result = found(data, ["mean('revenue', cap='p99')"], unit="id")
    parts, row = result.tables["effect_parts"], result.table.iloc[0]
    assert parts["contribution"].sum() == pytest.approx(row["effect"])
    assert parts["n"].iloc[0] == row["n"]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"top": 1.6}, "most of the change comes from the top 10%"),
     ({"everywhere": 1.15, "pays": 1.0}, "the change differs between low and high amounts"),
     ({}, "no sign that the change differs between low and high amounts")],
)  # fmt: skip
def test_where_the_change_sits_is_said_in_words(options, words):
    result = found(customers(12_000, seed=5, **options))
    spread = result.tables["effect_spread"].set_index("scale")["reading"]
    assert spread["absolute"] == words
    assert f"Revenue: {words}" in " ".join(result.chart("quantiles").to_dict()["title"]["text"])
    assert any(words in caption for caption in result._display()) and words in result.to_json()


def test_an_equal_percentage_is_told_apart_from_an_equal_amount():
    result = found(customers(12_000, seed=5, everywhere=1.15, pays=1.0))
    rejected = result.tables["effect_spread"].set_index("scale")["p_value"] < 0.05
    assert rejected.to_dict() == {"absolute": True, "relative": False}


def test_zero_in_both_groups_is_no_finding_and_has_no_interval():
    result = found()
    rows = result.tables["quantile_effects"]
    zero = rows[rows["q"] <= 0.65]
    assert set(zero["reading"]) == {"same value"}
    assert zero[["effect", "ci_low", "ci_high", "band_low", "band_high"]].isna().all(axis=None)
    assert result._display()["By quantile: revenue"]["Quantile"].tolist()[:2] == ["5% to 65%", "70%"]
    assert "Both groups have 0: nothing to see" in json.dumps(result.chart("quantiles").to_dict())
    parts = result.tables["effect_parts"]
    assert parts.loc[parts["part"] == "lower half", ["effect", "ci_low", "p_value"]].isna().all(axis=None)


def test_a_share_told_as_a_mean_has_nothing_to_see():
    result = found(metrics=["mean('bought')"])
    assert set(result.tables["effect_spread"]["reading"]) <= {
        "too many equal values to say where the change sits",
        "no sign that the change differs between low and high amounts",
    }
    assert "quantiles" not in result.pictures


def test_counts_jump_and_their_picture_stays_away():
    result = found(metrics=["rate('contacts')"])
    rows = result.tables["quantile_effects"]
    assert rows["reading"].isin(["same value", "tied", "open"]).all()
    assert "quantiles" not in result.pictures


def test_every_variant_and_amount_has_its_rows_and_the_first_is_drawn():
    data = customers(3000)
    data.loc[data.index % 3 == 0, "variant"] = "other"
    result = found(data, [REVENUE, "rate('contacts', role='watched')", "proportion('bought', role='watched')"])
    for name in NAMES:
        assert set(result.tables[name]["variant"]) == {"new", "other"}
        assert set(result.tables[name]["metric"]) == {"revenue", "contacts"}
    assert result.pictures[-1] == "quantiles"
    caption = next(caption for caption in result._display() if caption.startswith("By quantile"))
    assert caption == f"By quantile: revenue, {result.outcomes[0].variant}"


def test_other_designs_leave_it_out_by_name():
    data = customers(1200)
    told = "Where in the distribution a change sits is told for tests that drew customers one by one, a row each."
    for options in ({"cluster": "shop"}, {"strata": "bought"}):
        result = found(data.assign(variant=np.where(data["shop"] % 2, "new", "control")), **options)
        assert not set(NAMES) & set(result.tables)
        assert told in result.semantics
    twice = found(pd.concat([data, data]), unit="id")
    assert not set(NAMES) & set(twice.tables)
    sums = pd.DataFrame({"variant": ["control", "new"], "n": [500, 500], "revenue": [3e3, 3.3e3], "sq": [9e4, 1e5]})
    assert not set(NAMES) & set(found(sums, ["mean('revenue', squares='sq')"], counts="n").tables)
    assert not set(NAMES) & set(found(data, ["proportion('bought')"]).tables)


def test_several_looks_and_days_go_with_it():
    data = customers(2000).assign(came=pd.date_range("2026-03-02", periods=2000, freq="20min"))
    watched = found(data, time="came", monitoring="obrien-fleming", looks=[1000], planned_n=4000)
    assert set(NAMES) <= set(watched.tables)
    assert watched.pictures[0] == "looks"


def test_small_groups_give_no_customer_away():
    """A quantile of few is somebody's revenue: no surface may write one of these."""
    data = customers(70, seed=3, pays=1.0)
    data["revenue"] = np.round(data["revenue"], 2) + np.arange(70) * 1000
    result = found(data)
    assert "quantiles" not in result.pictures
    for text in (result.to_json(), repr(result), result.to_html(stills=False, widths=["wide"])):
        tables = text[text.index("quantile_effects") :] if text.startswith("{") else text
        assert not [value for value in data["revenue"] if f"{value:g}" in tables or f"{value:,.2f}" in tables]
    assert not any(caption.startswith(("Where", "By quantile")) for caption in result._display())
    assert result.tables["quantile_effects"]["estimate"].notna().all()


def test_the_thin_tail_of_a_middling_group_is_hidden_and_its_middle_is_not():
    result = found(customers(400, pays=1.0))
    rows = pd.DataFrame(result.to_dict()["tables"]["quantile_effects"]).set_index("q")
    assert pd.isna(result.tables["quantile_effects"]["size"]).sum() == 0
    known = rows[rows.index.notna()]
    assert 0.5 in known.index and 0.95 not in known.index


def test_the_tables_wait_until_they_are_read_and_travel_well():
    result = found()
    assert not result.tables.__dict__.get("_found")
    assert list(result.tables)[-3:] == list(NAMES)
    assert NAMES[0] in result.tables and "nothing" not in result.tables
    with pytest.raises(KeyError):
        result.tables["nothing"]
    for other in (copy.deepcopy(result.tables), pickle.loads(pickle.dumps(result.tables))):
        pd.testing.assert_frame_equal(other["effect_parts"], result.tables["effect_parts"])
    assert repr(result.tables).startswith("Later(missing, ") and len(result.tables) == len(list(result.tables))


def test_tiny_groups_do_not_break_the_tables():
    data = customers(12, pays=1.0)
    data["variant"] = ["new", "control"] * 6
    tables = found(data.head(5)).tables
    assert set(tables["effect_spread"]["reading"]) == {"too few customers to say where the change sits"}


def test_bands_of_equal_groups_stray_from_zero_as_rarely_as_said():
    rng, strayed, unequal = np.random.default_rng(8), [], []
    for _ in range(100):
        one, zero = (np.where(rng.random(1000) < 0.6, rng.lognormal(0, 1.2, 1000), 0.0) for _ in range(2))
        strayed.append(any(d.reading in ("higher", "lower") for d in quantile_differences(one, zero, QUANTILES)))
        a, b = (part_means_of(values, CUTS) for values in (one, zero))
        unequal.append(equal_parts(a.means - b.means, a.covariance + b.covariance).p_value < 0.05)
    assert np.mean(strayed) <= binom.ppf(0.9995, 100, 0.05) / 100
    assert np.mean(unequal) <= binom.ppf(0.9995, 100, 0.06) / 100
