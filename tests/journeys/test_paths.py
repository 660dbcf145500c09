"""journey_paths as users call it: counts, shares, what is not known yet, loops, removal, groups, words, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.errors import DataError, ParameterError
from cxlab.journeys.path_log import STATES
from tests.journeys.logs import frame, moment, random_units
from tests.journeys.path_reference import counted

KNOWN = json.loads((Path(__file__).parent / "path_vectors.json").read_text(encoding="utf-8"))
LATE = moment(10**7).isoformat()


def paths(rows, **given):
    return cx.journey_paths(frame(rows), **{"observe_until": LATE, **given})


def pairs(result, value="moves"):
    own = result.table[result.table["segment"] == "all"]
    return dict(zip(zip(own["source"], own["target"], strict=True), own[value], strict=True))


@pytest.fixture(scope="module")
def example():
    return paths(KNOWN["running_example"]["events"], positions=12)


def test_moves_equal_pm4py_on_the_running_example(example):
    want, found = KNOWN["running_example"]["transitions"], pairs(example)
    inner = {key: n for key, n in found.items() if key[0] != "(start)" and key[1] != "(end)"}
    assert inner == {(source, target): n for source, target, n in want["pairs"]}
    assert {target: n for (source, target), n in found.items() if source == "(start)"} == want["start"]
    assert {source: n for (source, target), n in found.items() if target == "(end)"} == want["end"]


def test_people_who_repeat_an_event_equal_pm4py_on_the_running_example(example):
    rows = example.tables["loops"].query("kind == 'repeated' and found > 0")
    assert dict(zip(rows["event"], rows["found"], strict=True)) == KNOWN["running_example"]["units_repeating"]


def test_whole_paths_equal_pm4py_where_enough_people_took_them():
    copies = [(f"{copy}-{unit}", t, name) for copy in range(5) for unit, t, name in KNOWN["running_example"]["events"]]
    rows = paths(copies, positions=12).tables["variants"]
    want = {tuple(path): 5 * n for path, n in KNOWN["running_example"]["variants"] if len(path) <= 12}
    found = {
        tuple(path.split(" → ")[:-1]): n for path, n in zip(rows["path"], rows["paths"], strict=True) if "…" not in path
    }
    assert found == want
    assert rows["n"].min() >= 5


def test_moves_of_a_large_log_equal_five_other_programs():
    rng = np.random.default_rng(20260101)
    units, events = 50_000, 1_000_000
    w = rng.lognormal(0, 0.8, units)
    unit = rng.choice(units, size=events, p=w / w.sum())
    q = np.array([0.16, 0.12, 0.10, 0.05, 0.02] + 15 * [0.55 / 15])
    name = rng.choice(20, size=events, p=q / q.sum()).astype("int8")
    second = rng.integers(0, 60 * 86400, size=events)
    coarse = rng.random(events) < 0.02
    second[coarse] -= second[coarse] % 3600
    names = np.array(["home", "search", "product", "cart", "purchase", *(f"other_{k:02}" for k in range(15))])
    time = pd.Timestamp("2026-01-01") + pd.to_timedelta(second, "s")
    log = pd.DataFrame({"unit": unit, "event": names[name], "time": time})
    found = pairs(cx.journey_paths(log, top=20, observe_until="2027-01-01"))
    assert found["home", "search"] == KNOWN["big"]["home>search"]
    assert sum(n for (a, b), n in found.items() if a != "(start)" and b not in STATES) == KNOWN["big"]["pairs"]


def test_removal_effects_are_those_of_the_textbook():
    rows = [event for event in KNOWN["markov"]["events"] if event[2] != "null"]
    found = paths(rows, goal="conversion")
    want = KNOWN["markov"]["expected"]
    effects = found.tables["removal"].set_index("event")
    assert found.reached[0] == pytest.approx(want["p_conversion"])
    assert effects["effect"].to_dict() == pytest.approx(want["removal_effect"])
    assert effects["credit"].to_dict() == pytest.approx(want["attributed_conversions"])


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from([None, 2, 5]), st.sampled_from([None, "A"]), st.sampled_from([None, "C"]),
    st.booleans(),
)  # fmt: skip
def test_counts_equal_counting_event_by_event(seed, gap, begin, goal, merge):
    rows = random_units(seed, 30)
    names = {name for _, _, name in rows}
    if not {begin, goal} - {None} <= names:
        return
    until = max(time for _, time, _ in rows) + 3
    try:
        found = cx.journey_paths(
            frame(rows), session_gap=None if gap is None else f"{gap}s", begin=begin, goal=goal, top=10,
            repeats="merge" if merge else "keep", observe_until=moment(until).isoformat(),
        )  # fmt: skip
    except DataError:
        assert begin is not None
        return
    pause = gap if gap is not None else _pause(found)
    moves, people, loops = counted(rows, gap=gap, begin=begin, goal=goal, merge=merge, until=until, pause=pause)
    assert pairs(found) == moves
    assert pairs(found, "n") == people
    own = found.tables["loops"].query("found > 0")
    assert dict(zip(zip(own["event"], own["kind"], strict=True), own["found"], strict=True)) == loops


def _pause(result):
    """The pause that the definitions name, in seconds."""
    line = next(line for line in result.semantics if line.startswith("A path that is quiet"))
    amount, unit = line.partition("for ")[2].partition(" has")[0].partition(":")[0].split("\xa0")
    return float(amount) * {"s": 1, "min": 60}[unit]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, "C"]))
def test_shares_of_one_event_and_of_one_position_add_up(seed, goal):
    rows = random_units(seed, 40)
    if goal not in {None, *(name for _, _, name in rows)}:
        return
    found = paths(rows, goal=goal, positions=4)
    assert found.table.groupby("source")["rate"].sum().to_numpy() == pytest.approx(1)
    assert found.tables["places"].groupby("position")["rate"].sum().to_numpy() == pytest.approx(1)
    assert (found.table["ci_low"] <= found.table["rate"]).all() and (
        found.table["rate"] <= found.table["ci_high"]
    ).all()
    flows = found.tables["flows"]
    for position in (2, 3):
        into = flows[flows["position"] == position - 1].groupby("target")["paths"].sum()
        into = into.drop(["(end)", "(open)", goal], errors="ignore")
        out = flows[flows["position"] == position].groupby("source")["paths"].sum()
        assert into.to_dict() == out.to_dict()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_where_everything_is_known_the_chain_reaches_the_goal_as_often_as_paths_did(seed):
    rows = random_units(seed, 60)
    paths_to_c = {unit for unit, _, name in rows if name == "C"}
    if not paths_to_c:
        return
    found = paths(rows, goal="C")
    assert found.reached[0] == pytest.approx(len(paths_to_c) / len({unit for unit, *_ in rows}))
    assert found.tables["removal"]["credit"].sum() == pytest.approx(1) or not found.tables["removal"]["effect"].any()


def test_times_between_events_and_places_by_hand():
    rows = [("u", 0, "A"), ("u", 4, "B"), ("v", 0, "A"), ("v", 10, "B"), ("v", 11, "A"), ("w", 0, "A"), ("w", 5, "B")]
    found = paths(rows, positions=3)
    assert pairs(found, "median_time")["A", "B"] == 5
    places = found.tables["places"].set_index(["position", "event"])["paths"].to_dict()
    assert places == {(1, "A"): 3, (2, "B"): 3, (3, "(end)"): 2, (3, "A"): 1}


def test_what_nobody_can_know_yet_is_left_out_for_the_quick_and_the_slow_alike():
    rows = [(f"u{k}", 0, "A") for k in range(10)] + [(f"u{k}", 1, "B") for k in range(10)]
    rows += [(f"v{k}", 100, "A") for k in range(10)] + [(f"v{k}", 101, "B") for k in range(6)]
    found = cx.journey_paths(frame(rows), session_gap="30s", observe_until=moment(110).isoformat())
    assert pairs(found) == {("(start)", "A"): 20, ("A", "B"): 10, ("B", "(end)"): 10}
    check = next(one for one in found.checks if one.name == "open_windows")
    assert "16 events" in check.message
    places = found.tables["places"].query("position == 2").set_index("event")["paths"]
    assert places.to_dict() == {"B": 16, "(open)": 4}


def test_repeated_moves_of_the_same_people_make_intervals_wider():
    def rounds(other):
        return [(f"u{k}", 10 * t + s, name) for k in range(12) for t in range(20)
                for s, name in enumerate(["A", "B" if other(k, t) % 2 else "C"])]  # fmt: skip

    alike, mixed = rounds(lambda k, t: k), rounds(lambda k, t: k + t)
    wide, narrow = (
        paths(rows).table.query("source == 'A' and target == 'B'").eval("ci_high - ci_low").item()
        for rows in (alike, mixed)
    )
    assert wide > 3 * narrow


def test_visits_may_be_named_or_cut_by_a_pause():
    log = frame([("u", 0, "A"), ("u", 1, "B"), ("u", 100, "A"), ("u", 101, "C")])
    named = log.assign(visit=[1, 1, 2, 2])
    by_name = cx.journey_paths(named, session="visit", observe_until=LATE)
    by_pause = cx.journey_paths(log, session_gap="30s", observe_until=LATE)
    assert pairs(by_name) == pairs(by_pause) == {
        ("(start)", "A"): 2, ("A", "B"): 1, ("A", "C"): 1, ("B", "(end)"): 1, ("C", "(end)"): 1,
    }  # fmt: skip


@pytest.fixture(scope="module")
def groups():
    """Two groups of 400; in the second B comes after A more often."""
    draw = np.random.default_rng(4)
    rows = []
    for k in range(800):
        group, often = ("x", 0.3) if k < 400 else ("y", 0.5)
        rows += [(f"u{k}", 0, "A", group), (f"u{k}", 1, "B" if draw.random() < often else "C", group)]
    log = frame([row[:3] for row in rows])
    return cx.journey_paths(log.assign(group=[row[3] for row in rows]), segment="group", goal="B", observe_until=LATE)


def test_groups_are_compared_move_by_move(groups):
    rows = groups.tables["comparison"]
    row = rows[(rows["source"] == "A") & (rows["target"] == "B")].iloc[0]
    assert {row["segment"], row["control"]} == {"x", "y"}
    assert abs(row["effect"]) == pytest.approx(0.2, abs=0.1) and row["p_adjusted"] < 0.01
    assert (rows["p_adjusted"] >= rows["p_value"] - 1e-15).all()
    own = groups.table.set_index(["segment", "source", "target"])
    assert own.loc[("all", "A", "B"), "moves"] == own.loc[("x", "A", "B"), "moves"] + own.loc[("y", "A", "B"), "moves"]


def test_the_answer_in_words(groups):
    assert "of paths reach “B”" in groups.headline
    assert groups.figures[0].value == "800"
    assert any("“group”" in line for line in groups.semantics)
    assert groups.to_html() and groups.to_json()


def test_moves_of_few_people_are_hidden_and_cannot_be_subtracted():
    rows = [(f"u{k}", 0, "A") for k in range(30)] + [
        (f"u{k}", 1, "B" if k < 3 else "C" if k < 12 else "D") for k in range(30)
    ]
    found = paths(rows)
    shown = {(row["source"], row["target"]): row["rate"] for row in found.to_dict()["tables"]["table"]}
    assert shown["A", "B"] is None and shown["A", "C"] is None
    assert shown["A", "D"] == pytest.approx(0.6)
    assert "B" not in json.dumps(found.to_dict()["tables"]["variants"])


def test_the_event_before_is_noticed_where_it_matters():
    rows = []
    for k in range(600):
        first, last = ("A", "G") if k % 2 else ("B", "H")
        rows += [(f"u{k}", 0, first), (f"u{k}", 1, "M"), (f"u{k}", 2, last)]
    check = {one.name: one for one in paths(rows, goal="G").checks}["markov_order"]
    assert not check.passed
    names = [["A" if k % 2 else "B", "M", "G" if k % 3 else "H"] for k in range(600)]
    plain = [(f"u{k}", t, name) for k, told in enumerate(names) for t, name in enumerate(told)]
    assert {one.name: one for one in paths(plain, goal="G").checks}["markov_order"].passed


def test_rare_events_go_together_but_what_was_asked_for_is_named():
    rows = [(f"u{k}", t, name) for k in range(20) for t, name in enumerate("AABBC")] + [("u0", 9, "Z")]
    found = paths(rows, top=2, goal="Z")
    assert set(found.table["source"]) | set(found.table["target"]) == {"(start)", "(end)", "(other)", "A", "Z"}
    assert {one.name: one.passed for one in found.checks}["other_events"] is False


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"goal": "purchas"}, ParameterError, "`goal` is 'purchas', which never occurs"),
        ({"begin": "Q"}, ParameterError, "`begin` is 'Q'"),
        ({"begin": "A", "goal": "A"}, ParameterError, "expected two different events"),
        ({"top": 1}, ParameterError, "`top` is 1; expected a whole number from 2 to 30"),
        ({"positions": 2.5}, ParameterError, "`positions` is 2.5"),
        ({"repeats": "merged"}, ParameterError, "merge"),
        ({"session": "unit", "session_gap": "1h"}, ParameterError, "leave one out"),
        ({"session_gap": "soon"}, ParameterError, "session_gap"),
        ({"session": "visit"}, DataError, "visit"),
        ({"segment": "country"}, DataError, "country"),
        ({"observe_until": "1960-01-01"}, ParameterError, "lies before the first event"),
        ({"confidence": 95}, ParameterError, "confidence"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_name(given, error, said):
    rows = [("u", 0, "A"), ("u", 1, "purchase"), ("v", 0, "A")]
    with pytest.raises(error, match=said):
        paths(rows, **given)


def test_names_that_paths_are_described_with_are_refused():
    with pytest.raises(DataError, match=r"'\(end\)'.*Rename"):
        paths([("u", 0, "A"), ("u", 1, "(end)")])


def test_no_path_with_the_first_event_in_time_is_refused():
    with pytest.raises((DataError, ParameterError), match="A"):
        cx.journey_paths(frame([("u", 5, "A"), ("u", 0, "B")]), begin="A", observe_until=moment(2).isoformat())


@pytest.mark.parametrize("rows", [[("u", 0, "A")], [("u", 0, "A"), ("u", 0, "A")], [("u", 0, "Ä→ö"), ("v", 0, "日本")]])
def test_tiny_logs_have_an_answer(rows):
    found = paths(rows)
    assert found.headline and found.to_html() and found.to_json()


@pytest.mark.parametrize("width", [680, 380])
def test_pictures_are_drawn_wide_and_narrow(groups, width):
    shop = cx.table("data_samples/shop_events.csv.gz", unit="user_id", time="timestamp")
    found = cx.journey_paths(shop, session="session_id", goal="purchase")
    assert found.pictures == ("flow", "onward", "places", "moves", "without")
    for name in found.pictures:
        drawn = found.chart(name, width=width).to_dict()
        assert drawn["description"] and drawn["title"]["text"]
    blocks = found.chart("flow", width=width).to_dict()
    assert json.dumps(blocks).count("the end") >= 1
    assert groups.chart("without", width=width)


def test_the_flow_draws_no_band_of_few_people():
    rows = [(f"u{k}", 0, "A") for k in range(60)] + [(f"u{k}", 1, "B" if k < 3 else "C") for k in range(60)]
    drawn = paths(rows).chart("flow").to_dict()
    told = {row["told"] for data in drawn["datasets"].values() for row in data if "band" in row}
    assert told == {"A → C: 57", "C → the end: 57"}
