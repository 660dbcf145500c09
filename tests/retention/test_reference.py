"""The SQL against a slow reference written from the definitions, on random logs."""

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab.data as cx
from cxlab.retention import cohort_retention

UTC = dt.UTC
BASE = dt.datetime(2026, 3, 20, tzinfo=UTC)  # clocks change on 29 March in Berlin
rows = st.tuples(st.sampled_from("abcdef"), st.integers(0, 60 * 24 * 3), st.sampled_from(["s", "r"]))
logs = st.lists(rows, min_size=1, max_size=40)
choices = st.fixed_dictionaries({
    "period": st.sampled_from(["day", "week", "month"]),
    "measure": st.sampled_from(["on", "on_or_after"]),
    "anchor": st.sampled_from(["first_matching", "recurring"]),
    "horizon": st.integers(1, 9),
    "week_start": st.sampled_from(["monday", "sunday"]),
    "start_event": st.sampled_from([None, "s"]),
    "return_event": st.sampled_from([None, "r"]),
})  # fmt: skip
zones = st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati"])
QUICK, LONG = settings(max_examples=12, deadline=None), settings(max_examples=400, deadline=None)


def frame(log):
    """Times are thirds of an hour after the base, so that clock changes and ties both occur."""
    timed = [(u, (BASE + dt.timedelta(minutes=20 * t)).isoformat(), e) for u, t, e in log]
    return pd.DataFrame(timed, columns=["unit", "time", "event"])


def begin(moment, zone, period, week_start):
    """The local first day of the period that a moment lies in."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    if period == "week":
        return day - dt.timedelta(days=(day.weekday() + (week_start == "sunday")) % 7)
    return day.replace(day=1) if period == "month" else day


def following(day, period):
    if period == "month":
        return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return day + dt.timedelta(days={"day": 1, "week": 7}[period])


def midnight(day, zone):
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone))


def slow(log, until, zone, *, period, measure, anchor, horizon, week_start, start_event, return_event):
    """(cohort, age) -> size, n, returned, so_far, state, from the definitions, person by person."""
    seen = defaultdict(list)
    for unit, t, event in log:
        moment = BASE + dt.timedelta(minutes=20 * t)
        if moment < until:
            seen[unit].append((moment, event))
    cells = defaultdict(lambda: [0, 0, 0, 0, set()])
    for events in seen.values():
        starts = sorted(m for m, e in events if start_event in (None, e))
        first = {}
        for moment in starts:
            first.setdefault(begin(moment, zone, period, week_start), moment)
        joined = list(first.items())[: 1 if anchor == "first_matching" else None]
        for cohort, t0 in joined:
            back = [m for m, e in events if return_event in (None, e) and m > t0]
            edges = [cohort]
            for _ in range(horizon + 1):
                edges.append(following(edges[-1], period))
            edges = [midnight(day, zone) for day in edges]
            for k in range(horizon + 1):
                last = horizon if measure == "on_or_after" else k
                hit = any(edges[k] <= m < edges[last + 1] for m in back)
                whole, begun = edges[last + 1] <= until, edges[k] < until
                cell = cells[cohort.isoformat(), k]
                cell[0] += 1
                cell[1] += whole
                cell[2] += whole and hit
                cell[3] += hit
                cell[4].add("complete" if whole else "partial" if begun else "unobservable")
    return {key: (*cell[:4], cell[4].pop()) for key, cell in cells.items()}


@settings(max_examples=25, deadline=None)
@given(log=logs, chosen=choices, zone=zones, spare=st.integers(0, 60 * 24))
def test_cells_equal_the_definitions(log, chosen, zone, spare):
    compare_with_definitions(log, chosen, zone, spare)


@pytest.mark.calibrate
@LONG
@given(log=logs, chosen=choices, zone=zones, spare=st.integers(0, 60 * 24))
def test_cells_equal_the_definitions_at_length(log, chosen, zone, spare):
    compare_with_definitions(log, chosen, zone, spare)


def compare_with_definitions(log, chosen, zone, spare):
    names = {e for _, _, e in log}
    chosen = {k: v for k, v in chosen.items() if not k.endswith("_event") or v in names or v is None}
    chosen = {"start_event": None, "return_event": None} | chosen
    until = BASE + dt.timedelta(minutes=20 * (max(t for _, t, _ in log) + 1 + spare))
    expected = slow(log, until, zone, **chosen)
    result = cohort_retention(cx.table(frame(log), tz=zone), observe_until=until.isoformat(), **chosen)
    found = {
        (row.cohort, row.age): (row.size, row.n, 0 if pd.isna(row.returned) else row.returned,
                                0 if pd.isna(row.so_far) else row.so_far, row.state)
        for row in result.table.itertuples() if row.size
    }  # fmt: skip
    assert found == {key: value for key, value in expected.items() if key in found}
    assert {k for (_, k) in expected if (min(c for c, _ in expected), k) not in found} <= set(
        range(result.table["age"].max() + 1, chosen["horizon"] + 1)
    )


@QUICK
@given(log=logs, chosen=choices, seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter_and_rates_are_shares(log, chosen, seed):
    plain = {k: v for k, v in chosen.items() if not k.endswith("_event")}
    table = frame(log)
    shuffled = table.sample(frac=1, random_state=seed)
    one, two = (cohort_retention(t, observe_until="2026-06-30", **plain) for t in (table, shuffled))
    pd.testing.assert_frame_equal(one.table, two.table)
    pd.testing.assert_frame_equal(one.tables["curve"], two.tables["curve"])
    rates_are_shares_inside_their_intervals(one)


def rates_are_shares_inside_their_intervals(result):
    for table in (result.table, result.tables["curve"]):
        known = table[table["n"] > 0]
        assert known["rate"].between(0, 1).all()
        assert (known["ci_low"] <= known["rate"] + 1e-12).all()
        assert (known["rate"] <= known["ci_high"] + 1e-12).all()
        assert table.loc[table["n"] == 0, "rate"].isna().all()
    assert (result.table["returned"].fillna(0) <= result.table["n"]).all()


@QUICK
@given(log=logs, anchor=st.sampled_from(["first_matching", "recurring"]))
def test_on_or_after_never_rises(log, anchor):
    result = cohort_retention(frame(log), period="day", measure="on_or_after", horizon=9, anchor=anchor)
    for _, cells in result.table.groupby("cohort"):
        assert (cells["so_far"].dropna().astype(int).diff().dropna() <= 0).all()
        assert (cells["rate"].dropna().diff().dropna() <= 0).all()


@QUICK
@given(log=logs, later=logs, measure=st.sampled_from(["on", "on_or_after"]))
def test_later_data_never_changes_a_complete_cell(log, later, measure):
    cut = max(t for _, t, _ in log)
    more = [*log, *((u, cut + 1 + t, e) for u, t, e in later)]
    how = {"period": "day", "measure": measure, "horizon": 5}
    before = cohort_retention(frame(log), **how).table
    after = cohort_retention(frame(more), **how).table.set_index(["cohort", "age"])
    for row in before[before["state"] == "complete"].itertuples():
        if row.size:
            same = after.loc[(row.cohort, row.age)]
            assert (same["n"], same["returned"], same["state"]) == (row.n, row.returned, "complete")


@QUICK
@given(log=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 1500), st.sampled_from("sr")), min_size=2))
def test_clustered_variance_equals_the_sum_over_people(log):
    """Var = sum of (x - p n) squared over (sum of n) squared, person by person; reference of the recurring curve."""
    result = cohort_retention(frame(log), period="day", anchor="recurring", horizon=6, observe_until="2026-05-31")
    days = {u: sorted({t // 72 for v, t, _ in log if v == u}) for u in {u for u, _, _ in log}}
    for row in result.findings.curve.itertuples():
        if row.age == 0:
            continue
        x = np.array([sum(d + row.age in own for d in own) for own in days.values()], float)
        n = np.array([len(own) for own in days.values()], float)
        p = x.sum() / n.sum()
        variance = ((x - p * n) ** 2).sum() / n.sum() ** 2
        expected = len(days) if p in (0, 1) or variance < 1e-15 else min(p * (1 - p) / variance, n.sum())
        np.testing.assert_allclose(row.effective_n, expected, rtol=1e-9)
