"""The SQL against a slow reference written from the definitions, on random logs."""

import datetime as dt
from collections import defaultdict
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab.data as cx
from cxlab.errors import DataError
from cxlab.retention import cohort_retention
from cxlab.retention.definition import TOOLS

UTC = dt.UTC
BASE = dt.datetime(2026, 3, 20, tzinfo=UTC)  # clocks change on 29 March in Berlin
rows = st.tuples(
    st.sampled_from("abcdef"), st.integers(0, 60 * 24 * 3), st.sampled_from(["s", "r"]), st.sampled_from("xy")
)
logs = st.lists(rows, min_size=1, max_size=40)
usual = st.fixed_dictionaries({
    "period": st.sampled_from(["day", "week", "month"]),
    "measure": st.sampled_from(["on", "on_or_after"]),
    "anchor": st.sampled_from(["first_matching", "recurring"]),
    "horizon": st.integers(1, 9),
    "week_start": st.sampled_from(["monday", "sunday"]),
    "start_event": st.sampled_from([None, "s"]),
    "return_event": st.sampled_from([None, "r"]),
})  # fmt: skip
ANCHORS, MEASURES = ["first_matching", "first_ever", "recurring"], ["on", "on_or_after", "on_or_before", "streak"]
CLOCKS = ["calendar", "elapsed", "hour_floored", "day_floored"]
COMBINED = [one for one in product(MEASURES, CLOCKS, ANCHORS) if one[0] != "on_or_before" or one[2] != "recurring"]
choices = st.fixed_dictionaries({
    "period": st.sampled_from(["hour", "day", "day", "week", "month"]),
    "week_start": st.sampled_from(["monday", "sunday"]),
    "start_event": st.sampled_from([None, "s"]),
    "return_event": st.sampled_from([None, "r"]),
    "start_where": st.sampled_from([None, "kind=x"]),
    "return_where": st.sampled_from([None, None, "kind=x"]),
    "minimum": st.sampled_from([1, 1, 2, 3]),
    "horizon": st.integers(1, 9),
    "brackets": st.sampled_from([None, None, "0,1,2-3,4-7", "0-1,2-3", "1,3-4,9"]),
})  # fmt: skip
zones = st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"])
QUICK, LONG = settings(max_examples=12, deadline=None), settings(max_examples=100, deadline=None)


def frame(log):
    """Times are thirds of an hour after the base, so that clock changes and ties both occur."""
    timed = [(u, (BASE + dt.timedelta(minutes=20 * t)).isoformat(), *more) for u, t, *more in log]
    return pd.DataFrame(timed, columns=["unit", "time", "event", "kind"])


def begin(moment, zone, period, week_start):
    """The local first day of the period that a moment lies in; of an hour its first moment."""
    if period == "hour":
        return moment.replace(minute=0)
    day = moment.astimezone(ZoneInfo(zone)).date()
    if period == "week":
        return day - dt.timedelta(days=(day.weekday() + (week_start == "sunday")) % 7)
    return day.replace(day=1) if period == "month" else day


def following(day, period):
    if period == "month":
        return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return day + dt.timedelta(**{"hour": {"hours": 1}, "day": {"days": 1}, "week": {"days": 7}}[period])


def midnight(day, zone):
    if isinstance(day, dt.datetime):
        return day
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(UTC)


def edges_of(t0, ages, zone, *, clock, period, week_start):
    """The moments at which the ages 0, 1, 2 and so on begin."""
    days = {"day": 1, "week": 7, "month": 30}.get(period)
    if clock == "calendar":
        found = [begin(t0, zone, period, week_start)]
        for _ in range(ages + 1):
            found.append(following(found[-1], period))
        return [midnight(day, zone) for day in found]
    if clock == "day_floored":
        day = t0.astimezone(ZoneInfo(zone)).date()
        return [midnight(day + dt.timedelta(days=days * k), zone) for k in range(ages + 2)]
    step = dt.timedelta(days=days) if days else dt.timedelta(hours=1)
    first = t0 if clock == "elapsed" else t0.replace(minute=0, second=0)
    return [first + step * k for k in range(ages + 2)]


def bracketed(text, horizon):
    if text is None:
        return [(k, k) for k in range(horizon + 1)]
    found = [tuple(int(end) for end in (part.split("-") * 2)[:2]) for part in text.split(",")]
    found = [(min(one), max(one)) for one in found]
    return found if found[0][0] == 0 else [(0, 0), *found]


def starts_of(events, zone, *, anchor, period, week_start, start_event, start_where):
    """When and in which cohorts one person begins."""
    named = sorted(m for m, e, _ in events if start_event in (None, e))
    fit = sorted(m for m, e, kind in events if start_event in (None, e) and (start_where is None or kind == "x"))
    if not fit or (anchor == "first_ever" and fit[0] != named[0]):
        return {}
    first = {}
    for moment in fit:
        first.setdefault(begin(moment, zone, period, week_start), moment)
    return first if anchor == "recurring" else dict([next(iter(first.items()))])


def back_in(hits, j, measure):
    """Is somebody with returns in these cells back in cell j, by this measure?"""
    if measure == "on_or_after":
        return any(hits[j:])
    if measure == "on" or j == 0:
        return hits[j]
    return all(hits[1 : j + 1]) if measure == "streak" else any(hits[1 : j + 1])


def slow(log, until, zone, *, period, week_start, measure, anchor, horizon, start_event, return_event,
         clock="calendar", start_where=None, return_where=None, minimum=1, brackets=None, like=None):  # fmt: skip
    """(cohort, age) -> size, n, returned, so_far, state, from the definitions, person by person."""
    seen = defaultdict(list)
    for unit, t, event, kind in log:
        moment = BASE + dt.timedelta(minutes=20 * t)
        if moment < until:
            seen[unit].append((moment, event, kind))
    spans = bracketed(brackets, horizon)
    cells = defaultdict(lambda: [0, 0, 0, 0, set()])
    for events in seen.values():
        begun_at = starts_of(events, zone, anchor=anchor, period=period, week_start=week_start,
                             start_event=start_event, start_where=start_where)  # fmt: skip
        for cohort, t0 in begun_at.items():
            back = [m for m, e, kind in events
                    if return_event in (None, e) and (return_where is None or kind == "x") and m > t0]  # fmt: skip
            edges = edges_of(t0, spans[-1][1], zone, clock=clock, period=period, week_start=week_start)
            hits = [sum(edges[a] <= m < edges[b + 1] for m in back) >= minimum for a, b in spans]
            for j, (a, b) in enumerate(spans):
                end = edges[spans[-1][1] + 1] if measure == "on_or_after" and not like else edges[b + 1]
                hit, whole, begun = back_in(hits, j, measure), end <= until, edges[a] < until
                cell = cells[cohort, a]
                cell[0] += 1
                cell[1] += whole
                cell[2] += whole and hit
                cell[3] += hit and begun  # a cell that has not begun tells nothing yet
                cell[4].add((whole, begun))
    return {key: (*cell[:4], state_of(cell[4])) for key, cell in cells.items()}


def state_of(found):
    if not any(begun for _, begun in found):
        return "unobservable"
    return "complete" if all(whole for whole, _ in found) else "partial"


@settings(max_examples=4, deadline=None)
@pytest.mark.parametrize(("measure", "clock", "anchor"), COMBINED)
@given(log=logs, chosen=choices, zone=zones, spare=st.integers(0, 60 * 24))
def test_every_definition_equals_the_slow_one(anchor, clock, measure, log, chosen, zone, spare):
    compare_with_definitions(log, chosen | {"anchor": anchor, "clock": clock, "measure": measure}, zone, spare)


@pytest.mark.calibrate
@LONG
@pytest.mark.parametrize(("measure", "clock", "anchor"), COMBINED)
@given(log=logs, chosen=choices, zone=zones, spare=st.integers(0, 60 * 24))
def test_every_definition_equals_the_slow_one_at_length(anchor, clock, measure, log, chosen, zone, spare):
    compare_with_definitions(log, chosen | {"anchor": anchor, "clock": clock, "measure": measure}, zone, spare)


@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("like", ["posthog", "mixpanel", "amplitude"])
@given(
    log=logs,
    zone=zones,
    spare=st.integers(0, 60 * 24),
    minimum=st.integers(1, 2),
    period=st.sampled_from(["day", "week"]),
)
def test_on_or_after_to_the_end_of_the_log_equals_the_slow_one(like, log, zone, spare, minimum, period):
    chosen = dict.fromkeys(["start_event", "return_event", "start_where", "return_where", "brackets"])
    tool = TOOLS[like]
    chosen |= {name: tool.choice(name, period) for name in ("anchor", "clock", "week_start")}
    chosen |= {"measure": "on_or_after", "minimum": minimum, "period": period, "horizon": 120, "like": like}
    compare_with_definitions(log, chosen, zone, spare, horizon=None)


def possible(chosen, log):
    """The choices without what is refused by name, or names what the log does not have."""
    chosen = dict(chosen)
    rows = {(event, kind) for _, _, event, kind in log}
    for which in ("start", "return"):
        event, where = chosen[f"{which}_event"], chosen.get(f"{which}_where")
        if not any(event in (None, e) and (where is None or kind == "x") for e, kind in rows):
            chosen |= {f"{which}_event": None, f"{which}_where": None}
    gaps = chosen.get("brackets") == "1,3-4,9" and chosen["measure"] != "on"
    if gaps:
        chosen["brackets"] = None
    if chosen.get("clock") == "day_floored" and chosen["period"] == "hour":
        chosen["period"] = "day"
    if chosen["period"] == "hour":
        chosen["horizon"] = 5
    return chosen


def cohort_key(day, zone):
    return (
        day.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")
        if isinstance(day, dt.datetime)
        else day.isoformat()
    )


def compare_with_definitions(log, chosen, zone, spare, **differently):
    chosen = possible(chosen, log)
    until = BASE + dt.timedelta(minutes=20 * (max(t for _, t, *_ in log) + 1 + spare))
    expected = {(cohort_key(c, zone), a): cell for (c, a), cell in slow(log, until, zone, **chosen).items()}
    asked = chosen | ({"horizon": None} if chosen.get("brackets") else {}) | differently
    if not expected:
        with pytest.raises(DataError, match="Nobody started"):
            cohort_retention(cx.table(frame(log), tz=zone), observe_until=until.isoformat(), **asked)
        return
    result = cohort_retention(cx.table(frame(log), tz=zone), observe_until=until.isoformat(), **asked)
    found = {
        (row.cohort, row.age): (row.size, row.n, 0 if pd.isna(row.returned) else row.returned,
                                0 if pd.isna(row.so_far) else row.so_far, row.state)
        for row in result.table.itertuples() if row.size
    }  # fmt: skip
    assert found == {key: value for key, value in expected.items() if key in found}
    assert all(cell[4] == "unobservable" for key, cell in expected.items() if key not in found)


@QUICK
@given(log=logs, chosen=usual, seed=st.integers(0, 99))
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
    cut = max(t for _, t, *_ in log)
    more = [*log, *((u, cut + 1 + t, *rest) for u, t, *rest in later)]
    how = {"period": "day", "measure": measure, "horizon": 5}
    before = cohort_retention(frame(log), **how).table
    after = cohort_retention(frame(more), **how).table.set_index(["cohort", "age"])
    for row in before[before["state"] == "complete"].itertuples():
        if row.size:
            same = after.loc[(row.cohort, row.age)]
            assert (same["n"], same["returned"], same["state"]) == (row.n, row.returned, "complete")


crowds = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 1500), st.sampled_from("sr"), st.just("x")), min_size=2
)
CLUSTERED = [("on", None, 6), ("on", "posthog", 6), ("streak", None, 6), ("on_or_after", None, 4),
             ("on_or_after", "posthog", None)]  # fmt: skip


@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize(("measure", "like", "horizon"), CLUSTERED)
@given(log=crowds, spare=st.integers(0, 8))
def test_clustered_variance_equals_the_sum_over_people(measure, like, horizon, log, spare):
    """Var = sum of (x - p n) squared over (sum of n) squared, person by person; reference of the recurring curve."""
    end = max(t // 72 for _, t, *_ in log) + spare
    until = (BASE + dt.timedelta(days=end + 1)).isoformat()
    result = cohort_retention(frame(log), period="day", anchor="recurring", horizon=horizon, measure=measure,
                              like=like, observe_until=until)  # fmt: skip
    days = {u: sorted({t // 72 for v, t, *_ in log if v == u}) for u in {u for u, *_ in log}}
    for row in result.findings.curve[result.findings.curve["age"] > 0].itertuples():
        reach = row.age if measure != "on_or_after" or horizon is None else horizon
        sums = [people(own, row.age, end, reach, measure, horizon) for own in days.values()]
        x, n = np.array(sums, float).T
        if n.sum() == 0:
            continue
        p = x.sum() / n.sum()
        variance = ((x - p * n) ** 2).sum() / n.sum() ** 2
        expected = (n > 0).sum() if p in (0, 1) or variance < 1e-15 else min(p * (1 - p) / variance, n.sum())
        np.testing.assert_allclose(row.effective_n, expected, rtol=1e-9)


def people(own, age, end, reach, measure, horizon):
    """How many of one person's days were seen long enough, and on how many the person came back."""
    whole = [d for d in own if d + reach <= end]
    if measure == "on":
        back = [d + age in own for d in whole]
    elif measure == "streak":
        back = [all(d + k in own for k in range(1, age + 1)) for d in whole]
    else:
        back = [any(d + age <= other <= (end if horizon is None else d + reach) for other in own) for d in whole]
    return sum(back), len(whole)
