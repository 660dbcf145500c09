"""The engine's as-of joins and the kernel's batches give the chains of exhaustive search, unit by unit."""

import random
from itertools import product

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.data import table
from cxlab.journeys.counts import count_chains
from cxlab.journeys.events import read_events
from cxlab.journeys.fetched import chains_by_kernel
from cxlab.journeys.packed import chains_by_keys, suits_keys
from tests.journeys.logs import START, STEPS, by_unit, expected, frame, moment, random_units

COLUMNS = {"unit": ("unit", "id"), "event": ("event", "text"), "time": ("time", "time")}
SETTINGS = list(product(["step_order", "strict"], [None, 0, 5], [(None, None), (2, 7)]))


def read(
    rows, steps, *, order="ordered", ties="step_order", tolerance=0, window=None, entry=(None, None), end=None, seg=None
):
    data = frame(rows)
    columns = COLUMNS
    if seg is not None:
        data, columns = data.assign(seg=seg), {**COLUMNS, "segment": ("seg", "text?")}
    until, low, high = (None if t is None else moment(t).isoformat() for t in (end, *entry))
    choices = {
        "order": order, "ties": ties, "within": None if window is None else f"{window}s",
        "tolerance": f"{tolerance}s" if tolerance else None, "observe_until": until,
        "entry_from": low, "entry_to": high,
    }  # fmt: skip
    return read_events(table(data), columns=columns, steps=["|".join(s) for s in steps], choices=choices)


def chains(log, make):
    """unit -> level, times in ticks, open; every unit of the log that entered."""
    with log.cleaned():
        rows = log.table.query(f"SELECT * FROM {make(log)}")
    start = (START - pd.Timestamp(0)) // pd.Timedelta(1, "us")
    return {
        row.u: (
            row.level,
            tuple(int((getattr(row, f"t{k + 1}") - start) // 1_000_000) for k in range(row.level)),
            row.is_open,
        )
        for row in rows.itertuples()
    }


def searched(rows, steps, **rules):
    found = {unit: expected(events, steps, **rules) for unit, events in by_unit(rows).items()}
    return {unit: chain for unit, chain in found.items() if chain[0]}


@pytest.mark.parametrize(("ties", "window", "entry"), SETTINGS)
@pytest.mark.parametrize("steps", [STEPS["distinct"], STEPS["either"]], ids=["distinct", "either"])
def test_packed_keys_equal_exhaustive_search(steps, ties, window, entry):
    rows = random_units(f"{steps} {ties} {window} {entry}", 300)
    log = read(rows, steps, ties=ties, window=window, entry=entry, end=10)
    assert suits_keys(log)
    want = searched(rows, steps, ties=ties, window=window, entry=entry, end=10)
    assert chains(log, chains_by_keys) == want
    assert chains(log, chains_by_kernel) == want


@pytest.mark.parametrize("ids", ["text", "whole numbers", "far apart"])
def test_packed_keys_are_right_in_batches_and_for_every_kind_of_id(ids, monkeypatch):
    monkeypatch.setattr("cxlab.journeys.step_keys._BATCH", 150)
    rows = random_units(f"batches {ids}", 200)
    spread = {"text": str, "whole numbers": lambda n: n - 50, "far apart": lambda n: n * 10**15}[ids]
    rows = [(spread(int(unit[1:])), tick, name) for unit, tick, name in rows]
    log = read(rows, STEPS["distinct"], window=5, end=10)
    assert chains(log, chains_by_keys) == searched(rows, STEPS["distinct"], window=5, end=10)


@pytest.mark.parametrize("ids", ["text", "whole numbers", "large"])
def test_many_units_over_a_long_time_do_not_overflow_the_key(ids):
    unit = np.arange(6_000)
    spread = {"text": unit.astype(str), "whole numbers": unit - 3_000, "large": unit.astype("uint64") + 2**63}[ids]
    start = pd.Timestamp("1920-01-01") + pd.to_timedelta(unit * 6, unit="D")
    late = unit % 3 == 0
    frame = pd.DataFrame({
        "unit": np.tile(spread, 2), "event": np.repeat(["a", "b"], len(unit)),
        "time": np.concatenate([start, start + pd.to_timedelta(np.where(late, 8, 2), unit="D")]),
    })  # fmt: skip
    found = cx.journey_funnel(frame, steps=["a", "b"], within="7D").table
    assert found["n"].tolist() == [6_000, 4_000]


@pytest.mark.parametrize(
    "rules",
    [
        {"order": "strict"}, {"order": "strict", "ties": "strict"}, {"order": "strict", "ties": "row_order"},
        {"order": "any"}, {"ties": "row_order"}, {"tolerance": 2},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_batches_of_the_kernel_equal_exhaustive_search(steps, rules, monkeypatch):
    monkeypatch.setattr("cxlab.journeys.fetched._BATCH", 200)
    rows = random_units(f"{steps} {rules}", 120)
    log = read(rows, steps, window=5, end=9, **rules)
    kept = [row for row in rows if row[1] <= 9]
    assert chains(log, chains_by_kernel) == searched(kept, steps, window=5, end=9, **rules)


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
def test_finished_levels_are_those_of_starts_whose_window_is_over(order):
    rows = random_units(f"finished {order}", 300)
    log = read(rows, STEPS["distinct"], order=order, window=4, end=10)
    makers = [chains_by_kernel] + ([chains_by_keys] if order == "ordered" else [])
    want = searched(rows, STEPS["distinct"], order=order, window=4, entry=(None, 7))
    for make in makers:
        with log.cleaned():
            found = log.table.query(f"SELECT u, finished_level FROM {make(log)} WHERE finished_level > 0")
        assert dict(zip(found["u"], found["finished_level"], strict=True)) == {u: c[0] for u, c in want.items()}


def test_both_ways_agree_on_segments():
    rng = random.Random(77)
    rows = random_units(78, 400)
    seg = [rng.choice(["x", "y", None]) for _ in rows]
    log = read(rows, STEPS["distinct"], window=5, end=10, seg=seg)
    parts = []
    for make in (chains_by_keys, chains_by_kernel):
        with log.cleaned():
            sql = f"SELECT u, segment, entered, entered_segment, finished_segment FROM {make(log)} ORDER BY u"
            parts.append(log.table.query(sql))
    pd.testing.assert_frame_equal(*parts)
    assert set(parts[0]["segment"]) == {"x", "y", "(not given)"}


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@pytest.mark.parametrize("seed", range(6))
def test_destinations_add_up_to_those_who_did_not_go_on(order, seed):
    rows = random_units(f"destinations {order} {seed}", 150, longest=10)
    log = read(rows, STEPS["distinct"], order=order, window=[None, 3, 6][seed % 3], end=10)
    with log.cleaned():
        counts = count_chains(log)
    levels = counts.reached.groupby("level")["n"].sum()
    stopped = {level: n for level, n in levels.items() if level < 3}
    assert counts.destinations.groupby("step")["n"].sum().to_dict() == stopped


@pytest.mark.parametrize("seed", range(4))
def test_destinations_are_the_first_events_after_the_chain(seed):
    rows = random_units(f"where to {seed}", 200, longest=10)
    log = read(rows, STEPS["distinct"], window=4, end=10)
    want = {}
    for events in by_unit(rows).values():
        level, times, _ = expected(events, STEPS["distinct"], window=4, end=10)
        if 0 < level < 3:
            later = sorted((t, name) for t, _, name in events if times[-1] < t <= times[0] + 4)
            where = later[0][1] if later else "(open)" if times[0] + 4 > 10 else "(none)"
            want[level, where] = want.get((level, where), 0) + 1
    with log.cleaned():
        found = count_chains(log).destinations
    assert {(row.step, row.destination): row.n for row in found.itertuples()} == want


def test_nothing_is_left_behind_in_the_engine():
    log = read(random_units(5, 30), STEPS["distinct"], window=4)
    with log.cleaned():
        count_chains(log)
    assert log.table.engine.rows("SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, 'cx_')") == []
