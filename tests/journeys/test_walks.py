"""Paths do not depend on how people are numbered, nor on how many of them are read at a time."""

from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.journeys import walks
from cxlab.journeys.walk_cuts import Batch, usual_wait
from tests.journeys.logs import frame, moment, random_units
from tests.journeys.path_reference import placed, walked

_IDS = {
    "whole": lambda unit: unit,
    "far apart": lambda unit: unit * 10**14 - 7,
    "narrow": lambda unit: unit.astype("int32") - 3,
    "names": lambda unit: "p" + unit.astype(str),
}


def log(seed, ids="whole"):
    rows = frame(random_units(seed, 40))
    unit = _IDS[ids](pd.Series(pd.factorize(rows["unit"])[0]))
    # What two events of one instant and name belong to, nobody can tell apart.
    place = rows.groupby(["unit", "event", "time"]).ngroup()
    return rows.assign(unit=unit, group=(place % 3).map("abc".__getitem__), visit=place % 2)


def told(rows, **given):
    found = cx.journey_paths(rows, **given)
    return {"table": found.table, **found.tables}, found.figures, found.semantics, found.checks


def assert_same(found, want):
    for name, table in want[0].items():
        pd.testing.assert_frame_equal(found[0][name], table, check_dtype=False)
    assert found[1:] == want[1:]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([None, "A"]), st.sampled_from([None, "C"]),
    st.booleans(), st.integers(2, 6),
)  # fmt: skip
def test_places_whole_paths_and_waits_equal_those_told_path_by_path(seed, gap, begin, goal, merge, positions):
    rows = random_units(seed, 40)
    if not {begin, goal} - {None} <= {name for _, _, name in rows}:
        return
    until = max(time for _, time, _ in rows) + 1
    found = cx.journey_paths(
        frame(rows), session_gap=f"{gap}s", begin=begin, goal=goal, top=10, positions=positions,
        repeats="merge" if merge else "keep", observe_until=moment(until).isoformat(),
    )  # fmt: skip
    paths = list(walked(rows, gap=gap, begin=begin, goal=goal, merge=merge, until=until))
    places, flows, wholes, waits = placed(paths, positions=positions, goal=goal, limit=until - gap)
    assert counts(found.tables["places"], ["position", "event"], "paths") == places
    assert counts(found.tables["flows"], ["position", "source", "target"], "paths") == flows
    often = {path: len(who) for path, who in wholes.items() if len(set(who)) >= 5}
    assert counts(found.tables["variants"], ["path"], "paths").items() <= often.items()
    assert len(found.tables["variants"]) == min(len(often), 25)
    soon = counts(found.table.dropna(subset="median_time"), ["source", "target"], "median_time")
    assert soon == pytest.approx({move: np.median(one) for move, one in waits.items()})
    at = {name: [k for _, path in paths for k, (_, event) in enumerate(path) if event == name] for name in "ABCDX"}
    usual = [np.mean(at[name]) for name in found.usual_order]
    assert usual == sorted(usual)
    assert set(found.usual_order) == {name for name, where in at.items() if where}


def counts(table, keys, value):
    """A column by what names its rows."""
    names = zip(*(table[key] for key in keys), strict=True)
    return dict(zip(((one if len(keys) > 1 else one[0]) for one in names), table[value], strict=True))


_CUTS = [{}, {"session_gap": "3s"}, {"session": "visit"}]


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from(_CUTS), st.sampled_from([{}, {"segment": "group"}, {"begin": "A"}]),
    st.integers(1, 60),
)  # fmt: skip
def test_however_many_events_are_read_at_a_time_the_answer_is_the_same(seed, cut, more, events):
    rows = log(seed)
    if more.get("begin", "A") not in set(rows["event"]):
        return
    whole = told(rows, **cut, **more)
    with patch.object(walks, "_EVENTS", events):
        assert_same(told(rows, **cut, **more), whole)


@pytest.mark.parametrize("cut", _CUTS)
@pytest.mark.parametrize("ids", [name for name in _IDS if name != "whole"])
def test_however_people_are_named_the_answer_is_the_same(ids, cut):
    want = told(log(5), segment="group", **cut)
    with patch.object(walks, "_EVENTS", 50):
        assert_same(told(log(5, ids), segment="group", **cut), want)


@pytest.mark.parametrize("cut", _CUTS)
def test_where_who_when_and_what_have_no_room_in_one_number_the_order_is_the_same(cut):
    rows = log(7)
    want = told(rows, segment="group", **cut)
    with patch.object(walks, "_BITS", 0), patch.object(walks, "_EVENTS", 50):
        assert_same(told(rows, segment="group", **cut), want)


def test_three_hundred_years_of_microseconds_and_thousands_of_names_are_no_obstacle():
    times = pd.date_range("1700-01-01", "2026-01-01", periods=6_000)
    rows = pd.DataFrame({"unit": range(6_000), "event": [f"e{k % 3_000}" for k in range(6_000)], "time": times})
    again = rows.assign(event="seen again", time=times + pd.Timedelta("1D"))
    found = cx.journey_paths(pd.concat([again, rows]), top=2, observe_until="2026-06-01").table
    row = found.set_index(["source", "target"]).loc[("(other)", "seen again")]
    assert (row["moves"], row["median_time"]) == (5_998, 86_400)  # of the names, one more is told: of two people


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=400), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.5, 0.95, 1.0]),
)  # fmt: skip
def test_the_usual_wait_is_the_quantile_of_all_waits_although_few_are_sorted(logs, share):
    batches = [batch([one[: len(one) // 2], one[len(one) // 2 :]]) for one in logs]
    waits = [wait for one in logs for part in (one[: len(one) // 2], one[len(one) // 2 :]) for wait in part[1:]]
    want = np.quantile(waits, share) if waits else 0
    assert usual_wait(batches, share) == pytest.approx(want)


def test_a_sample_that_is_wrong_does_not_change_the_usual_wait():
    """Of three waits each the sampled one is long, the others are short."""
    waits = np.tile([1, 1, 500], 4_000)
    assert usual_wait([batch([[0, *waits]])], 0.5) == 1


def batch(paths):
    """A batch of paths, each of them told by its waits; the first one's is of no meaning."""
    paths = [np.cumsum(one) for one in paths if len(one)]
    starts = np.cumsum([0, *map(len, paths[:-1])])
    path = np.repeat(np.arange(len(paths), dtype=np.int32), [len(one) for one in paths])
    none = np.zeros(len(paths), np.int64)
    return Batch(path, np.concatenate(paths), np.zeros(len(path), np.uint16), None, starts, none, none)


def test_groups_are_refused_before_anything_is_counted():
    rows = log(3).assign(group=lambda rows: rows["unit"].astype(str))
    with pytest.raises(cx.DataError, match="divides people into 40 groups"):
        cx.journey_paths(rows, segment="group")
