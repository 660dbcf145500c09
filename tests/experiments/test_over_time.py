"""Does the effect change over time? By hand, by brute force, by what must hold, and by how often it cries wolf."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, ttest_ind

import cxlab as cx
from cxlab.errors import DataError, ParameterError
from cxlab.experiments.novelty import direction, novelty_check
from cxlab.experiments.told_days import told_days
from cxlab.results import publishable

START = pd.Timestamp("2026-03-02")
ASKED = {"unit": "id", "time": "came", "day": "date"}


def panel(
    n: int = 300, length: int = 14, seed: int = 1, *, arrive: int = 5, effect: float = 0.5, fade: float = 0.0
) -> pd.DataFrame:
    """One row per customer and day from the day of assignment on, levels that stay with the customer."""
    rng = np.random.default_rng(seed)
    arm, came, level = rng.integers(0, 2, n), rng.integers(0, arrive, n), rng.gamma(4, 1, n)
    unit, day = np.repeat(np.arange(n), length), np.tile(np.arange(length), n)
    age = day - came[unit]
    gain = arm[unit] * (effect - fade * age)
    frame = pd.DataFrame({
        "id": unit, "variant": np.array(["control", "new"])[arm][unit],
        "came": START + pd.to_timedelta(came[unit], unit="D"), "date": START + pd.to_timedelta(day, unit="D"),
        "spent": level[unit] + rng.normal(0, 2, len(unit)) + gain,
        "visited": (rng.random(len(unit)) < 0.1 + 0.03 * gain).astype(int),
        "orders": rng.poisson(1.5, len(unit)), "before": level[unit],
        "device": np.array(["phone", "desk"])[rng.integers(0, 2, n)][unit],
    })  # fmt: skip
    frame["value"] = frame["orders"] * 3 + rng.normal(0, 1, len(frame))
    return frame[age >= 0].reset_index(drop=True)


def asked(data: object, metrics: object = "mean('spent')", **more: object) -> cx.ABTestResult:
    return cx.ab_test(data, metrics=metrics, **{**ASKED, **more})


def check(found: cx.ABTestResult, name: str = "novelty") -> object:
    return next(one for one in found.checks if one.name == name)


def by_hand() -> pd.DataFrame:
    """Two customers each, two days each: control spends 1 1 | 3 3, new spends 5 1 | 9 1."""
    spent = {"a": ("control", 1, 1), "b": ("control", 3, 3), "c": ("new", 5, 1), "d": ("new", 9, 1)}
    return pd.DataFrame([
        {"id": unit, "variant": arm, "came": START, "date": START + pd.Timedelta(day, "D"), "spent": values[day]}
        for unit, (arm, *values) in spent.items() for day in range(2)
    ])  # fmt: skip


def test_four_customers_by_hand() -> None:
    found = asked(by_hand())
    assert found.table.loc[0, ["estimate", "control_estimate", "effect"]].tolist() == [8, 4, 4]
    tables = found.tables
    assert tables["by_age"][["age", "n", "control_n", "effect"]].values.tolist() == [[0, 2, 2, 5], [1, 2, 2, -1]]
    assert tables["by_day"]["day"].tolist() == ["2026-03-02", "2026-03-03"]
    assert tables["by_day"]["effect"].tolist() == [5, -1]
    assert tables["cumulative"]["effect"].tolist() == [5, 4]
    row = tables["novelty"].iloc[0]
    assert (row["early_effect"], row["late_effect"], row["effect"]) == (5, -1, -6)
    assert row["se"] == pytest.approx(2)  # changes are 0 0 and -4 -8: variance 8, over two customers
    assert row["days"] == 2
    assert row["early_days"] == 1


def cohort(data: pd.DataFrame, days: int) -> pd.DataFrame:
    last = data["date"].max()
    kept = data[(last - data["came"]).dt.days + 1 >= days].copy()
    kept["age"] = (kept["date"] - kept["came"]).dt.days
    return kept[kept["age"] < days]


def arms(frame: pd.DataFrame, values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    variant = frame.groupby("id")["variant"].first().reindex(values.index)
    return values[variant == "new"].to_numpy(), values[variant == "control"].to_numpy()


def test_the_novelty_test_is_welch_on_each_customers_change() -> None:
    data = panel(400, 15, seed=3, fade=0.05)
    row = asked(data).tables["novelty"].iloc[0]
    days, half = int(row["days"]), int(row["early_days"])
    own = cohort(data, days)
    late = own[own["age"] >= days - half].groupby("id")["spent"].sum() / half
    early = own[own["age"] < half].groupby("id")["spent"].sum() / half
    new, control = arms(own, late - early)
    known = ttest_ind(new, control, equal_var=False)
    interval = known.confidence_interval(0.95)
    assert row["p_value"] == pytest.approx(known.pvalue, rel=1e-9)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert (row["n"], row["control_n"]) == (len(new), len(control))


def test_by_age_is_welch_over_the_same_customers_every_day() -> None:
    data = panel(400, 15, seed=4)
    table = asked(data).tables["by_age"]
    own = cohort(data, len(table))
    assert table["n"].nunique() == 1
    for row in table.to_dict("records"):
        new, control = arms(own, own[own["age"] == row["age"]].set_index("id")["spent"])
        low, high = ttest_ind(new, control, equal_var=False).confidence_interval(0.95)
        assert (row["n"], row["control_n"]) == (len(new), len(control))
        assert row["effect"] == pytest.approx(new.mean() - control.mean(), rel=1e-9)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=1e-8)


def test_days_without_a_row_add_nothing_and_whoever_came_stays() -> None:
    data = panel(300, 12, seed=5).sample(frac=0.6, random_state=1)
    tables = asked(data).tables
    came = data.groupby("id")["came"].first()
    for so_far, name in ((False, "by_day"), (True, "cumulative")):
        for row in tables[name].iloc[[0, 3, -1]].to_dict("records"):
            day = pd.Timestamp(row["day"])
            there = data[data["date"] <= day] if so_far else data[data["date"] == day]
            values = there.groupby("id")["spent"].sum().reindex(came[came <= day].index, fill_value=0.0)
            new, control = arms(data, values)
            assert (row["n"], row["control_n"]) == (len(new), len(control))
            assert row["effect"] == pytest.approx(new.mean() - control.mean(), rel=1e-9)


def test_ratios_are_compared_by_sums() -> None:
    data = panel(300, 12, seed=6)
    found = asked(data, ["ratio('value', 'orders')", "rate('orders', role='watched')"])
    row, last = found.tables["novelty"].iloc[0], found.tables["cumulative"].iloc[10]
    own = cohort(data, int(row["days"]))
    half, sums = int(row["early_days"]), {}
    for when, days in (("early", own["age"] < half), ("late", own["age"] >= row["days"] - half)):
        parts = own[days].groupby("variant")[["value", "orders"]].sum()
        sums[when] = (parts["value"] / parts["orders"]).loc[["new", "control"]].tolist()
    for when, (new, control) in sums.items():
        assert row[f"{when}_effect"] == pytest.approx(new - control, rel=1e-9)
    assert last["metric"] == "value / orders"
    assert found.tables["novelty"]["p_adjusted"].notna().tolist() == [True, False]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(30, 80), length=st.integers(3, 12), holes=st.booleans())
def test_the_effect_so_far_ends_at_the_effect(seed: int, n: int, length: int, holes: bool) -> None:
    data = panel(n, length, seed, arrive=min(length, 6))
    data = data.sample(frac=0.7, random_state=seed) if holes else data
    metrics = ["mean('spent')", "proportion('visited')", "ratio('value', 'orders')"]
    found = asked(data, metrics)
    last = found.tables["cumulative"].groupby("metric", sort=False).tail(1).set_index("metric")
    whole = found.table.set_index("metric")
    for column in ("n", "control_n", "effect", "ci_low", "ci_high"):
        assert last[column].to_numpy(float) == pytest.approx(whole[column].to_numpy(float), rel=1e-7, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-5, 5))
def test_what_stays_with_a_customer_falls_out(seed: int, shift: float) -> None:
    data = panel(60, 8, seed)
    moved = data.assign(spent=data["spent"] + np.where(data["variant"] == "new", shift, 0.0) + 10 * (data["id"] % 7))
    one, other = (asked(frame).tables["novelty"].iloc[0] for frame in (data, moved))
    assert other["effect"] == pytest.approx(one["effect"], abs=1e-8)
    assert other["p_value"] == pytest.approx(one["p_value"], abs=1e-7)


def test_without_a_change_it_rarely_cries_wolf() -> None:
    runs, together, n, days = 10, 30, 120, 8
    p_values = []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        frame = panel(n, days, seed, arrive=2)[["id", "variant", "came", "date"]]
        level = rng.gamma(2, 3, (n, together))
        noise = rng.exponential(2, (len(frame), together))
        values = pd.DataFrame(level[frame["id"]] + noise, columns=[f"y{i}" for i in range(together)])
        metrics = [f"mean('{name}')" for name in values]
        p_values += asked(pd.concat([frame, values], axis=1), metrics).tables["novelty"]["p_value"].tolist()
    alarms = int(np.sum(np.array(p_values) < 0.05))
    low, high = binom.ppf([0.001, 0.999], runs * together, 0.05)
    assert low <= alarms <= high


def test_an_effect_that_fades_is_told_in_plain_words() -> None:
    found = asked(panel(1500, 21, seed=2, effect=0.8, fade=0.04), "mean('spent', measured_in='€')")
    told = check(found)
    assert not told.passed
    assert told.severity == "warning"
    assert "“spent”, new: the effect fades, from +€0." in told.message
    assert "not the one to expect later" in told.message
    assert "over_time" in found.pictures
    assert list(found._display())[1] == "Does the effect change over time?"
    assert "Change over time" in found.to_html()


def test_an_effect_that_stays_is_no_warning() -> None:
    told = check(asked(panel(600, seed=8)))
    assert told.passed
    assert "No sign that the effect changes" in told.message
    assert "does not prove" in told.message


def test_fade_grow_and_turn_are_told_apart() -> None:
    for early, late, word in ((1, 0.5, "fades"), (-1, -0.2, "fades"), (0.2, 1, "grows"), (1, -0.9, "turns round")):
        assert direction({"early_effect": early, "late_effect": late}) == word


def test_it_can_be_too_early_to_ask() -> None:
    data = panel(60, 3, seed=9)
    data = data[data["date"] == data["came"]]
    found = asked(data)
    assert "by_age" not in found.tables
    assert "Too early" in check(found).message
    assert novelty_check({}, ()).passed


def test_primary_measures_are_adjusted_together() -> None:
    found = asked(panel(200, seed=10), ["mean('spent')", "proportion('visited')", "mean('orders', role='watched')"])
    novelty = found.tables["novelty"]
    p, adjusted = novelty["p_value"].to_numpy(), novelty["p_adjusted"].to_numpy()
    assert adjusted[:2].min() == pytest.approx(min(2 * p[:2].min(), 1))
    assert np.isnan(adjusted[2])


def test_values_are_added_up_per_customer() -> None:
    data = panel(200, seed=11)
    found = asked(data, ["mean('spent', covariate='before')", "proportion('visited')"], segment="device")
    whole = data.groupby("id").agg(variant=("variant", "first"), spent=("spent", "sum"), visited=("visited", "max"),
                                   before=("before", "first"), device=("device", "first"))  # fmt: skip
    known = cx.ab_test(whole, metrics=["mean('spent', covariate='before')", "proportion('visited')"], segment="device")
    pd.testing.assert_frame_equal(found.table, known.table)
    assert found.tables["balance"].equals(known.tables["balance"])
    assert check(found, "days").message.startswith(f"{len(data):,} rows of 200 customers")


def test_only_the_exposed_are_followed() -> None:
    data = panel(300, seed=12).assign(saw=lambda frame: (frame["id"] % 3 > 0) & (frame["date"] == frame["came"]))
    found = asked(data, exposed="saw")
    other = asked(data[data["id"] % 3 > 0])
    pd.testing.assert_frame_equal(found.tables["by_age"], other.tables["by_age"])
    assert found.table["effect"][0] == pytest.approx(other.table["effect"][0])


def test_rows_from_before_the_assignment_are_left_out_and_told() -> None:
    data = panel(100, seed=13)
    early = data.drop_duplicates("id").assign(date=lambda frame: frame["came"] - pd.Timedelta(1, "D"), spent=99.0)
    found = asked(pd.concat([data, early]))
    assert found.table["effect"].equals(asked(data).table["effect"])
    told = check(found, "days")
    assert not told.passed
    assert "100 rows are from before" in told.message


def test_days_are_those_of_the_tables_time_zone(tmp_path) -> None:
    data = panel(60, 6, seed=14)
    utc = "%Y-%m-%dT%H:%M:%SZ"
    moved = data.assign(  # an hour after local midnight is still the day before in UTC
        came=(data["came"] - pd.Timedelta(15, "min")).dt.strftime(utc),
        date=(data["date"] - pd.Timedelta(5, "min")).dt.strftime(utc),
    )
    moved.to_csv(tmp_path / "days.csv", index=False)
    found = asked(cx.table(str(tmp_path / "days.csv"), tz="Europe/Berlin"))
    assert found.tables["by_day"]["day"].tolist() == asked(data).tables["by_day"]["day"].tolist()
    assert found.data.first == "2026-03-02T00:45:00+01:00"
    assert found.data.rows == len(data)


def test_customers_without_a_value_are_missing_not_nought() -> None:
    data = panel(100, seed=15)
    data.loc[data["id"] < 20, "spent"] = np.nan
    dropped, zero = asked(data), asked(data, "mean('spent', missing='zero')")
    assert dropped.tables["cumulative"][["n", "control_n"]].iloc[-1].sum() == 80
    assert zero.tables["cumulative"][["n", "control_n"]].iloc[-1].sum() == 100
    for found in (dropped, zero):
        assert found.tables["cumulative"]["effect"].iloc[-1] == pytest.approx(found.table["effect"][0])


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("quantile('spent', q=0.9)", "of the kind 'quantile'"),
        ("nps('orders')", "of the kind 'nps'"),
        ("ordinal('orders')", "of the kind 'ordinal'"),
        ("time_to_event('orders', event='visited', horizon=2)", "of the kind 'time_to_event'"),
        ("mean('spent', cap='p99')", "`cap` of 'spent'"),
    ],
)
def test_what_does_not_add_up_is_refused(metric: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        asked(panel(30), metric)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"unit": None}, "`day` needs the customer's id"),
        ({"time": None}, "`day` needs the time of assignment"),
        ({"counts": "orders", "unit": None}, "`day` and `counts` cannot be given together"),
        ({"cluster": "device"}, "`day` and `cluster` cannot"),
        ({"strata": "device"}, "`day` and `strata` cannot"),
        ({"monitoring": "always-valid"}, "`monitoring` and `day` cannot"),
        ({"looks": [10]}, "`looks` and `day` cannot"),
    ],
)
def test_designs_that_do_not_go_with_days_are_refused(more: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        asked(panel(30), **more)


def test_what_describes_a_customer_must_not_change() -> None:
    data = panel(30)
    for column, more in (("came", {}), ("device", {"segment": "device"})):
        bad = data.assign(**{column: data[column].where(data.index > 0, data[column].iloc[-1])})
        bad.loc[0, column] = data["date"].max() if column == "came" else "watch"
        with pytest.raises(DataError, match="changes within 1 units"):
            asked(bad, **more)
    with pytest.raises(DataError, match="stand in more than one variant"):
        asked(data.assign(variant=np.where(data.index == 0, "other", data["variant"])))
    with pytest.raises(ParameterError, match="as a share and as a number"):
        asked(data, ["proportion('visited')", "ratio('visited', 'orders')"])


def test_a_missing_day_is_refused_by_its_column() -> None:
    data = panel(30)
    data.loc[0, "date"] = pd.NaT
    with pytest.raises(DataError, match="1 of .* rows have no 'date', which is needed as day"):
        asked(data)


def shown(found: cx.ABTestResult, name: str) -> pd.DataFrame:
    return publishable(found.tables[name]).dropna(subset=["n"])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(12, 60), arrive=st.integers(1, 8))
def test_nobody_works_back_a_few_customers(seed: int, n: int, arrive: int) -> None:
    data = panel(n, 9, seed, arrive=arrive)
    if data["variant"].groupby(data["id"]).first().value_counts().min() < 5 or data["variant"].nunique() < 2:
        return
    found = asked(data)
    whole = found.table.loc[0, ["n", "control_n"]].astype(int).tolist()
    for column, total in zip(("n", "control_n"), whole, strict=True):
        told = {0, total}
        for name in ("by_day", "cumulative", "by_age"):
            told |= set(shown(found, name)[column].astype(int)) if name in found.tables else set()
        gaps = np.diff(sorted(told))
        assert all(gap >= 5 for gap in gaps), (sorted(told), column)


def test_the_split_by_day_does_not_give_a_hidden_day_away() -> None:
    data = panel(200, 9, seed=3, arrive=4)
    days = data.groupby("id")["came"].transform("first")
    few = data["id"].isin(data.loc[(days == START + pd.Timedelta(2, "D")), "id"].unique()[3:])
    found = asked(data[~few])
    by_day = publishable(found.tables["by_day"]).set_index("day")["n"]
    splits = publishable(found.tables["sample_ratio"])
    day = splits[(splits["part"] == "day") & (splits["variant"] == "new")].set_index("group")["n"]
    assert np.isnan(by_day["2026-03-04"])
    assert day[["2026-03-04", "2026-03-05"]].isna().all()
    assert by_day.notna().sum() >= 5


def test_few_customers_are_not_shown() -> None:
    found = asked(panel(40, 9, seed=3))
    assert "over_time" not in found.pictures
    tiny = asked(by_hand())
    assert "Too early" in check(tiny).message
    assert [name for name in tiny._display() if "time" in name or "assignment" in name] == []
    assert all(row["n"] is None for row in tiny.to_dict()["tables"]["by_age"])


def test_several_variants_hide_a_day_together() -> None:
    came = pd.DataFrame({"a": [10, 12, 30], "b": [10, 20, 30], "c": [10, 20, 30]})
    assert told_days(came, None).sizes == {0: 10, 1: 2, 2: 20}
