"""Paths against a declared order, groups of ways, and segments compared table by table."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.errors import ParameterError
from tests.journeys.logs import frame, moment, random_units
from tests.journeys.order_reference import ordered

KNOWN = json.loads((Path(__file__).parent / "path_vectors.json").read_text(encoding="utf-8"))
LATE = moment(10**7).isoformat()


def paths(rows, **given):
    return cx.journey_paths(frame(rows), **{"observe_until": LATE, **given})


def of_all(result, name, keys, value):
    rows = result.tables[name]
    rows = rows[rows["segment"] == "all"]
    return {tuple(row[key] for key in keys): row[value] for row in rows.to_dict("records")}


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, "C"]), st.permutations(["A", "B", "C", "D"]))
def test_counts_against_an_order_equal_counting_event_by_event(seed, goal, stages):
    rows = random_units(seed, 40)
    if not {*stages, "C"} <= {name for *_, name in rows}:
        return
    until = max(time for _, time, _ in rows) + 3
    found = cx.journey_paths(
        frame(rows), session_gap="3s", goal=goal, stages=stages, observe_until=moment(until).isoformat(), top=12
    )
    back, lost, ways = ordered(rows, stages, gap=3, goal=goal, until=until, pause=3)
    moves = of_all(found, "backtracking", ["stage", "measure"], "tried")
    went = of_all(found, "backtracking", ["stage", "measure"], "found")
    for stage in stages[1:]:
        assert moves.get((stage, "moves"), 0) == back[stage]["moves"]
        assert went.get((stage, "moves"), 0) == back[stage]["back"]
    assert moves.get(("(any)", "moves"), 0) == sum(one["moves"] for one in back.values())
    falls = of_all(found, "lost_time", ["stage"], "median_time")
    half = {(stage,): np.median([v for v in times if v is not None]) for stage, times in lost.items()
            if any(v is not None for v in times)}  # fmt: skip
    assert {key: value for key, value in falls.items() if key != ("(any)",)} == pytest.approx(half)
    assert of_all(found, "conformance", ["way"], "paths") == {(way,): n for way, n in ways.items()}


def test_reopened_cases_of_the_running_example_go_back():
    """pm4py: 2 of 6 cases repeat "decide" after "reinitiate request"; cases 3 and 5, three times together."""
    found = paths(
        KNOWN["running_example"]["events"], stages=["register request", "check ticket", "decide", "reject request"]
    )
    went = of_all(found, "backtracking", ["stage", "measure"], "found")
    assert went["decide", "people"] == KNOWN["running_example"]["units_repeating"]["decide"] == 2
    assert went["decide", "moves"] == 3
    assert of_all(found, "conformance", ["way"], "paths")["out_of_order",] == 2


def test_each_path_keeps_the_order_in_one_way_or_other():
    kinds = {"wholly": "ABC", "stopped": "AAB", "detours": "AXBC", "skips": "ACX", "out_of_order": "ABAC", "none": "XX"}
    rows = [(f"{way}{k}", t, name) for way, told in kinds.items() for k in range(6) for t, name in enumerate(told)]
    found = paths(rows, stages=["A", "B", "C"])
    assert of_all(found, "conformance", ["way"], "paths") == {(way,): 6 for way in kinds}
    told = of_all(found, "deviations", ["kind", "stage", "other"], "paths")
    assert told == {("back", "B", "A"): 6, ("left_out", "B", ""): 6, ("detour", "A", "X"): 6}
    assert of_all(found, "lost_time", ["stage"], "median_time")["B",] == 2


def test_times_lost_more_often_by_the_same_people_are_less_sure():
    draw = np.random.default_rng(3)
    few, many = [], []
    for k in range(40):
        own = draw.integers(5, 100)
        for turn in range(8):
            for log, slow in ((few, own), (many, draw.integers(5, 100))):
                log += [(f"u{k}", 1000 * turn + t, name) for t, name in ((0, "B"), (1, "A"), (slow, "B"))]
    stages, gap = ["A", "B"], "500s"
    wide, narrow = (
        of_all(paths(log, stages=stages, session_gap=gap), "lost_time", ["stage"], "ci_high")["B",]
        - of_all(paths(log, stages=stages, session_gap=gap), "lost_time", ["stage"], "ci_low")["B",]
        for log in (few, many)
    )
    assert wide > 1.5 * narrow


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stages": ["A"]}, "from 2 to 12 different events"),
        ({"stages": ["A", "A"]}, "different events"),
        ({"stages": "A"}, "`stages` is 'A'"),
        ({"stages": ["A", "Bb"]}, "`stages` has 'Bb', which never occurs"),
        ({"clusters": "yes"}, "expected True or False"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(given, said):
    with pytest.raises(ParameterError, match=said):
        paths([("u", 0, "A"), ("u", 1, "B")], **given)


def two_ways(people=300, seed=1):
    """Half of people come by search, half by mail; the first reach the goal more often."""
    draw, rows = np.random.default_rng(seed), []
    for k in range(people):
        searches = k % 2
        own = ["search", "filter", "product"] if searches else ["promo", "cart", "product"]
        told = ["home" if searches else "mail", *draw.choice(own, draw.integers(2, 7))]
        told += ["pay"] if draw.random() < (0.6 if searches else 0.2) else []
        rows += [(f"u{k:04d}", 100 * k + t, name) for t, name in enumerate(told)]
    return rows


def test_two_ways_that_differ_are_found_named_and_told_apart_by_the_goal():
    found = paths(two_ways(), goal="pay", clusters=True)
    rows = found.tables["clusters"]
    assert rows["paths"].tolist() == [150, 150]
    by_mail = rows[rows["cluster"].str.contains("mail")].iloc[0]
    by_search = rows[rows["cluster"].str.contains("home")].iloc[0]
    assert by_search["goal_ci_low"] > by_mail["goal_ci_high"]
    assert {one.name: one.passed for one in found.checks}["stable_groups"]
    assert "groups" in found.pictures and found.chart("groups", width=340)
    assert json.loads(found.to_json())["tables"]["clusters"]


def test_ways_that_are_all_of_one_kind_are_not_divided():
    draw = np.random.default_rng(2)
    rows = [(f"u{k}", t, name) for k in range(200) for t, name in enumerate(draw.choice(list("ABCDEF"), 8))]
    found = paths(rows, clusters=True)
    assert "clusters" not in found.tables
    check = {one.name: one for one in found.checks}["stable_groups"]
    assert not check.passed and "No stable groups of ways" in check.message
    few = paths(rows[:80], clusters=True)
    assert "only 10 paths" in {one.name: one.message for one in few.checks}["stable_groups"]


@pytest.fixture(scope="module")
def groups():
    """In the second group people turn back far more often, and come back to where they were more slowly."""
    draw, rows = np.random.default_rng(5), []
    for k in range(600):
        late = k % 2
        told = [(0, "A"), (10, "B")]
        if draw.random() < (0.6 if late else 0.3):
            told += [(20, "A"), ((60 if late else 30) + draw.integers(0, 10), "B")]
        told += [(100, "C")] if draw.random() < 0.5 else []
        rows += [(f"u{k}", t, name, "y" if late else "x") for t, name in told]
    log = frame([row[:3] for row in rows]).assign(group=[row[3] for row in rows])
    return cx.journey_paths(log, segment="group", stages=["A", "B", "C"], goal="C", observe_until=LATE)


def test_segments_are_compared_in_every_table(groups):
    assert {"comparison", *(f"{name}_comparison" for name in (
        "places", "variants", "loops", "removal", "conformance", "deviations", "backtracking", "lost_time",
    ))} <= set(groups.tables)  # fmt: skip
    rows = groups.tables["backtracking_comparison"].set_index(["stage", "measure"])
    row = rows.loc[("B", "people")]
    sign = 1 if row["segment"] == "y" else -1
    assert sign * row["effect"] == pytest.approx(0.3, abs=0.1) and row["p_adjusted"] < 0.001
    slow = groups.tables["lost_time_comparison"].set_index("stage").loc["B"]
    assert sign * slow["effect"] == pytest.approx(30, abs=6) and slow["p_adjusted"] < 0.001
    for name, table in groups.tables.items():
        if name.endswith("comparison"):
            assert (table["p_adjusted"] >= table["p_value"] - 1e-12).all(), name
            assert ((table["ci_low"] <= table["effect"]) & (table["effect"] <= table["ci_high"])).all(), name


def test_the_order_is_told_in_words_and_pictures(groups):
    assert "of moves from stage to stage lead back" in groups.headline
    assert any("Order of stages: A → B → C" in line for line in groups.semantics)
    assert {"order", "back"} <= set(groups.pictures)
    for width in (680, 340):
        for name in ("order", "back"):
            drawn = groups.chart(name, width=width).to_dict()
            assert drawn["description"] and drawn["title"]["text"]
    assert "In what groups differ most surely" in groups.to_html()


def test_a_way_of_few_people_cannot_be_had_by_subtraction():
    told = {"ABC": 3, "ACX": 8, "XX": 30, "AB": 40}
    rows = [(f"{name}{k}", t, one) for name, n in told.items() for k in range(n) for t, one in enumerate(name)]
    shown = {row["way"]: row["rate"] for row in _segments(rows)["conformance"] if row["segment"] == "all"}
    assert shown["wholly"] is None and shown["skips"] is None and shown["none"] is not None


def test_a_way_of_few_people_in_one_segment_cannot_be_had_from_the_others():
    told = [("x", "AB", 30), ("x", "BA", 30), ("y", "AB", 3), ("y", "BA", 30), ("y", "XX", 30), ("z", "AB", 30)]
    rows = [
        (f"{group}{way}{k}", t, one, group) for group, way, n in told for k in range(n) for t, one in enumerate(way)
    ]
    log = frame([row[:3] for row in rows]).assign(group=[row[3] for row in rows])
    found = cx.journey_paths(log, segment="group", stages=["A", "B"], observe_until=LATE).to_dict()
    shown = {(row["segment"], row["way"]): row["rate"] for row in found["tables"]["conformance"]}
    assert shown["y", "wholly"] is None
    assert (shown["x", "wholly"] is None) != (shown["z", "wholly"] is None)


def _segments(rows):
    return paths(rows, stages=["A", "B", "C"]).to_dict()["tables"]


def test_an_open_path_is_neither_kept_nor_broken():
    rows = [("u", 0, "A"), ("u", 1, "B"), ("v", 100, "A")]
    found = cx.journey_paths(frame(rows), stages=["A", "B"], session_gap="30s", observe_until=moment(110).isoformat())
    assert of_all(found, "conformance", ["way"], "paths") == {("wholly",): 1, ("open",): 1}


def test_a_log_without_segments_compares_nothing():
    found = paths([("u", 0, "A"), ("u", 1, "B")], stages=["A", "B"])
    assert not [name for name in found.tables if name.endswith("comparison")]
    assert isinstance(found.tables["deviations"], pd.DataFrame) and found.to_html()
