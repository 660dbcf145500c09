"""journey_friction as users call it: signs of struggle, the goal, channels, contacts, groups, words, refusals."""

import gzip
import json
import runpy
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table2x2

import cxlab as cx
from cxlab.errors import DataError, ParameterError
from tests.journeys.logs import frame, moment, random_units
from tests.journeys.order_reference import struggled, switched
from tests.structure.source import ROOT

LATE = moment(10**7).isoformat()
SAMPLE = {
    "unit": "customer_id", "session": "case_id", "goal": "done", "errors": ["sign_in_error", "upload_error"],
    "channel": "channel", "contacts": ["phone", "chat"], "observe_until": "2026-05-04",
}  # fmt: skip


def friction(rows, **given):
    return cx.journey_friction(frame(rows), **{"observe_until": LATE, **given})


def signs(result, least=1):
    rows = result.table[(result.table["segment"] == "all") & (result.table["found"] >= least)]
    return {(row.event, row.signal): row.found for row in rows.itertuples() if row.signal != "long_wait"}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 6), st.sampled_from([None, "C"]), st.booleans())
def test_signs_of_struggle_equal_looking_event_by_event(seed, times, within, goal, visits):
    rows = random_units(seed, 30, letters="AABBCDX")
    if not {"X", "C"} <= {name for *_, name in rows}:
        return
    until = max(time for _, time, _ in rows) + 20
    found = cx.journey_friction(
        frame(rows), times=times, within=f"{within}s", errors=["X"], goal=goal, session_gap="2s" if visits else None,
        observe_until=moment(until).isoformat(),
    )  # fmt: skip
    want = struggled(rows, times=times, within=within, errors=["X"], goal=goal, until=until, gap=2 if visits else None)
    assert signs(found) == want


def test_signs_by_hand():
    rows = [("u", t, name) for t, name in ((0, "a"), (5, "a"), (9, "a"), (100, "b"), (101, "e"), (103, "b"))]
    rows += [("v", t, name) for t, name in ((0, "c"), (1, "d"), (2, "c"), (3, "d"), (200, "a"), (290, "a"), (400, "a"))]
    found = friction(rows, errors=["e"], within="10s")
    assert signs(found) == {
        ("a", "repeated"): 1, ("c", "back_and_forth"): 1, ("d", "back_and_forth"): 1, ("b", "error"): 1,
        ("b", "error_again"): 1,
    }  # fmt: skip
    sizes = found.table.drop_duplicates("event").set_index("event")["n"].to_dict()
    assert sizes == {"a": 2, "b": 1, "c": 1, "d": 1}


def test_a_wait_is_long_against_all_waits_after_the_same_event():
    rows = [(f"u{k}", t, name) for k in range(100) for t, name in ((0, "form"), (600 if k < 4 else 10 + k % 7, "end"))]
    found = friction(rows, dwell=0.95)
    row = found.table[(found.table["event"] == "form") & (found.table["signal"] == "long_wait")].iloc[0]
    assert row["found"] == 4
    assert found.waits["form"] == pytest.approx(np.quantile([600] * 4 + [10 + k % 7 for k in range(4, 100)], 0.95))


def test_the_odds_of_missing_the_goal_equal_statsmodels():
    """40 meet an error and 25 of them leave; 60 do not and 12 of them leave."""
    rows, cells = [], ((25, "ax", False), (15, "ax", True), (12, "ab", False), (48, "ab", True))
    for n, told, reached in cells:
        for k in range(n):
            rows += [(f"{told}{reached}{k}", t, one) for t, one in enumerate(told + ("g" if reached else ""))]
    row = friction(rows, errors=["x"], goal="g").tables["goal"].set_index(["event", "signal"]).loc[("a", "error")]
    table = Table2x2(np.array([[25, 15], [12, 48]]))
    assert row[["n", "control_n"]].tolist() == [40, 60]
    assert row["odds_ratio"] == pytest.approx(table.oddsratio)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(table.oddsratio_confint())
    assert row["p_value"] == pytest.approx(table.oddsratio_pvalue(), rel=1e-6)


def test_what_happens_after_the_goal_or_too_late_does_not_count_for_it():
    late = [(f"l{k}", t, one) for k in range(10) for t, one in enumerate("abcaaa")]
    after = [(f"f{k}", t, one) for k in range(10) for t, one in enumerate("abcgaa")]
    quick = [(f"q{k}", t, one) for k in range(10) for t, one in ((0, "a"), (5, "g"))]
    quick += [(f"p{k}", t, one) for k in range(10) for t, one in enumerate("abg")]
    soon = [(f"s{k}", t, one) for k in range(10) for t, one in ((0, "a"), (1, "a"), (2, "a"))]
    found = friction([*late, *after, *quick, *soon], goal="g").tables["goal"]
    row = found.set_index(["event", "signal"]).loc[("a", "repeated")]
    assert row[["n", "control_n"]].tolist() == [10, 20]  # those at the goal before they could have are not asked
    assert row[["lost_rate", "control_lost_rate"]].tolist() == [1.0, 0.5]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_changes_of_channel_equal_looking_event_by_event(seed):
    draw = np.random.default_rng(seed)
    rows = [(f"u{draw.integers(12)}", t, str(draw.choice(list("ab"))), str(draw.choice(["web", "app", "phone"])))
            for t in range(120)]  # fmt: skip
    log = frame([row[:3] for row in rows]).assign(channel=[row[3] for row in rows])
    until = 150
    found = cx.journey_friction(log, channel="channel", observe_until=moment(until).isoformat())
    pause = float(np.quantile(_waits(rows), 0.95))
    switches, stays = switched(rows, until=until, pause=pause)
    told = found.tables["switches"]
    told = told[(told["measure"] == "moves") & (told["event"] != "(any)")].set_index("event")
    assert told["tried"].to_dict() == {event: one["moves"] for event, one in switches.items()}
    assert told["found"].to_dict() == {event: one["away"] for event, one in switches.items()}
    moves = found.tables["channels"]
    assert dict(zip(zip(moves["source"], moves["target"], strict=True), moves["moves"], strict=True)) == stays
    assert moves.groupby("source")["rate"].sum().to_numpy() == pytest.approx(1)


def _waits(rows):
    by_unit = {}
    for unit, time, *_ in rows:
        by_unit.setdefault(unit, []).append(time)
    return [b - a for times in by_unit.values() for a, b in pairwise(times)]


def test_a_contact_follows_an_event_across_visits_but_only_in_time():
    rows = [("u", 0, "form", "web"), ("u", 50, "call", "phone"), ("v", 0, "form", "web"), ("v", 900, "call", "phone"),
            ("w", 0, "form", "web"), ("x", 9_950, "form", "web")]  # fmt: skip
    log = frame([row[:3] for row in rows]).assign(channel=[row[3] for row in rows])
    given = {"channel": "channel", "contacts": ["phone"], "contact_within": "100s", "session_gap": "10s"}
    found = cx.journey_friction(log, **given, observe_until=moment(10_000).isoformat())
    row = found.tables["contacts"].set_index(["event", "measure"]).loc[("form", "moves")]
    assert row[["tried", "found"]].tolist() == [3, 1]  # nobody knows yet whether x will call
    by_name = cx.journey_friction(
        log, contacts=["call"], contact_within="100s", observe_until=moment(10_000).isoformat()
    ).tables["contacts"]
    assert by_name.set_index(["event", "measure"]).loc[("form", "moves"), "found"] == 1


@pytest.fixture(scope="module")
def sample():
    return cx.journey_friction(ROOT / "data_samples" / "moving_house.csv.gz", **SAMPLE, segment="channel")


def test_the_sample_is_what_its_script_makes():
    script = runpy.run_path(str(ROOT / "data_samples" / "make_moving_house.py"))
    held = gzip.decompress((ROOT / "data_samples" / "moving_house.csv.gz").read_bytes()).decode("utf-8")
    assert held == script["text"]()


def test_the_truth_of_the_sample_is_found(sample):
    goal = sample.tables["goal"].set_index(["event", "signal"])
    assert goal.loc[("upload", "error"), "ci_low"] > 1 and goal.loc[("search", "repeated"), "ci_low"] > 1
    assert goal.loc[("form", "long_wait"), "p_adjusted"] > 0.05
    rows = sample.tables["comparison"].set_index(["event", "signal"])
    row = rows.loc[("upload", "error")]
    assert row["control"] == "web" and row["ci_low"] < 0.13 < row["ci_high"]  # 1 - 0.94 and 1 - 0.8 for each upload
    assert row["p_adjusted"] < 0.001
    assert (
        rows.drop(index=[("upload", one) for one in ("error", "error_again", "repeated")])["p_adjusted"] > 0.05
    ).all()


def test_types_of_customers_that_do_not_differ_are_not_told_apart():
    found = cx.journey_friction(ROOT / "data_samples" / "moving_house.csv.gz", **SAMPLE, segment="customer_type")
    for name, table in found.tables.items():
        if name.endswith("comparison"):
            assert (table["p_adjusted"] > 0.05).all(), name


def test_the_answer_in_words_pictures_and_tables(sample):
    assert sample.pictures == ("struggle", "goal", "channels", "contacts")
    for name in sample.pictures:
        for width in (680, 340):
            drawn = sample.chart(name, width=width).to_dict()
            assert drawn["description"] and drawn["title"]["text"]
    assert "ask for help within 3\u00a0days" in sample.headline
    assert len(sample.figures) == 3
    page = sample.to_html()
    assert "Who struggles where" in page and "In what groups differ most surely" in page
    assert json.loads(sample.to_json())["tables"]["channels"]
    no_contacts = cx.journey_friction(ROOT / "data_samples" / "moving_house.csv.gz", **{**SAMPLE, "contacts": None})
    assert "switches" in no_contacts.pictures and "change the channel" in no_contacts.headline


def test_groups_of_few_people_are_hidden():
    rows = [(f"u{k}", t, name) for k in range(60) for t, name in enumerate("abc" if k < 3 else "bc")]
    shown = friction(rows).to_dict()["tables"]["table"]
    assert {row["event"] for row in shown if row["n"] is None} == {"a"}


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"goal": "dne"}, ParameterError, "`goal` is 'dne', which never occurs"),
        ({"errors": ["X", "eror"]}, ParameterError, "`errors` has 'eror'"),
        ({"errors": []}, ParameterError, r"`errors` is \[\]; expected a list of names"),
        ({"contacts": "call"}, ParameterError, "`contacts` is 'call'; expected a list"),
        ({"contacts": ["cal"]}, ParameterError, "`contacts` has 'cal'"),
        ({"contacts": ["fone"], "channel": "event"}, ParameterError, "`contacts` has 'fone', which never occurs in"),
        ({"times": 1}, ParameterError, "`times` is 1; expected a whole number from 2"),
        ({"top": 99}, ParameterError, "`top` is 99"),
        ({"within": "soon"}, ParameterError, "within"),
        ({"contact_within": "3"}, ParameterError, "contact_within"),
        ({"dwell": 95}, ParameterError, "expected a fraction from 0.5 to below 1"),
        ({"goal": "X", "errors": ["X"]}, ParameterError, "one of `errors` too"),
        ({"session": "unit", "session_gap": "1h"}, ParameterError, "leave one out"),
        ({"channel": "chanel"}, DataError, "chanel"),
        ({"confidence": 95}, ParameterError, "confidence"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(given, error, said):
    with pytest.raises(error, match=said):
        friction([("u", 0, "A"), ("u", 1, "X"), ("v", 0, "done")], **given)


def test_too_many_groups_are_refused():
    rows = [(f"u{k}", 0, "A") for k in range(25)]
    with pytest.raises(DataError, match="divides people into 25 groups"):
        cx.journey_friction(frame(rows).assign(group=range(25)), segment="group", observe_until=LATE)


@pytest.mark.parametrize("rows", [[("u", 0, "A")], [("u", 0, "A"), ("u", 0, "A")], [("u", 0, "Ä→ö"), ("v", 0, "日本")]])
def test_tiny_logs_have_an_answer(rows):
    found = friction(rows)
    assert found.headline and found.to_html() and found.to_json()


def test_missing_channels_are_a_channel_of_their_own():
    log = pd.DataFrame({
        "unit": ["u", "u"], "event": ["a", "b"], "time": [moment(0), moment(1)], "channel": ["web", None],
    })  # fmt: skip
    found = cx.journey_friction(log, channel="channel", observe_until=LATE)
    assert set(found.tables["channels"]["source"]) == {"web", "(not given)"}
