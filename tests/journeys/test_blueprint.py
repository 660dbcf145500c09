"""service_blueprint as users call it: people, times, measures, what does not hang together, the start, refusals."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.errors import CxlabError, DataError, ParameterError
from tests.journeys.blueprint_logs import END, PLAN, helped, log


def drawn(data, plan=PLAN, **given):
    return cx.service_blueprint(data, blueprint=plan, **{"observe_until": END, **given})


def check(result, name):
    return next(one for one in result.checks if one.name == name)


def rows(result):
    return result.table.set_index("node")


@pytest.fixture(scope="module")
def data():
    return helped()


@pytest.fixture(scope="module")
def result(data):
    return drawn(data)


def test_people_and_shares_by_hand():
    found = rows(drawn(log(
        ("a", 0, "asked"), ("a", 1, "begun"), ("b", 0, "asked"), ("b", 2, "called"), ("b", 3, "answered"),
        ("c", 5, "asked"), ("c", 5, "asked"),
    )))  # fmt: skip
    assert found["n"].to_dict() == {"Question": 3, "Look it up": 1, "Answer": 1}
    assert found["stage_n"].to_dict() == {"Question": 3, "Look it up": 2, "Answer": 2}
    row = found.loc["Answer", ["rate", "ci_low", "ci_high"]]
    assert row.tolist() == pytest.approx([0.5, 0.0945, 0.9055], abs=1e-4)


def test_times_run_from_the_first_event_to_the_next_one_of_the_same_person():
    way = [(0, "called"), (1, "asked"), (2, "asked"), (4, "called"), (90, "called")]
    people = [(f"u{k}", t + k * (t == 4), name) for k in range(7) for t, name in way]
    links = drawn(log(*people)).tables["links"].set_index(["before", "node"])
    row = links.loc[("Question", "Answer")]
    assert (row["n"], row["arrived"], row["median_time"]) == (7, 7, 6 * 3600)
    assert row["crosses"] == "line of interaction"


def test_the_same_instant_counts_and_whoever_is_not_there_yet_stays_in(data):
    instant = [(f"u{k}", 1, name) for k in range(6) for name in ("asked", "answered")]
    assert rows(drawn(log(*instant))).loc["Answer", "median_time"] == 0
    late = pd.concat([data, log(*((f"v{k}", 700, "asked") for k in range(60)))])
    links = drawn(late, observe_until="2026-05-30 05:00").tables["links"].set_index(["before", "node"])
    assert links.loc[("Question", "Look it up"), "n"] == 140
    assert links.loc[("Question", "Look it up"), "rate"] == pytest.approx(1)


def test_a_node_with_an_end_has_a_time_of_its_own_and_links_begin_at_its_end():
    people = [(f"u{k}", t, name) for k in range(5)
              for t, name in ((0, "asked"), (1, "begun"), (4, "found"), (9, "answered"))]  # fmt: skip
    found = drawn(log(*people))
    assert rows(found).loc["Look it up", "own_time"] == 3 * 3600
    links = found.tables["links"].set_index(["before", "node"])
    assert links.loc[("Look it up", "Answer"), "median_time"] == 5 * 3600


def test_times_equal_pandas_where_all_is_seen(data):
    wide = data.pivot_table(index="unit", columns="event", values="time", aggfunc="first")
    waits = (wide["answered"] - wide["asked"]).dropna().sort_values()
    links = drawn(data).tables["links"].set_index(["before", "node"])
    row = links.loc[("Question", "Answer")]
    assert row["arrived"] == len(waits) and row["rate"] == pytest.approx(len(waits) / 80)
    assert row["median_time"] == pytest.approx(waits.iloc[(len(waits) + 1) // 2 - 1].total_seconds(), abs=1e-3)
    assert row["time_low"] < row["median_time"] < row["time_high"]


def test_measures_are_means_over_people(data, result):
    each = data.dropna(subset="score").groupby("unit")["score"].mean()
    row = rows(result).loc["Answer"]
    assert row["value"] == pytest.approx(each.mean())
    half = 1.998 * each.std() / np.sqrt(len(each))
    assert row["value_high"] - row["value"] == pytest.approx(half, rel=0.01)
    flags = rows(drawn(data.assign(score=data["score"].ge(3).where(data["score"].notna()).astype(float)))).loc["Answer"]
    assert 0 < flags["value_low"] < flags["value"] < flags["value_high"] < 1


def test_within_leaves_out_what_comes_later(data):
    links = drawn(data, within="8h").tables["links"].set_index(["before", "node"])
    all_ = drawn(data).tables["links"].set_index(["before", "node"])
    assert links.loc[("Question", "Answer"), "arrived"] < all_.loc[("Question", "Answer"), "arrived"]
    assert links["median_time"].max() <= 8 * 3600


def test_the_answer_in_words_names_the_longest_wait_of_the_service(result):
    assert "Customers wait longest before “Answer”, across the line of interaction: half within" in result.headline
    assert result.figures[0].value == "80"
    assert result.to_html() and result.to_json()
    assert any("Kaplan" in line for line in result.semantics)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_counts_never_exceed_and_the_order_of_rows_does_not_matter(seed):
    draw = np.random.default_rng(seed)
    names = ["asked", "begun", "found", "answered", "other"]
    events = [(f"u{draw.integers(12)}", int(draw.integers(40)), names[draw.integers(5)]) for _ in range(90)]
    found = drawn(log(*events))
    again = drawn(log(*events).sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(found.table, again.table)
    pd.testing.assert_frame_equal(found.tables["links"], again.tables["links"])
    known = found.table.dropna(subset="rate")
    assert (known["n"] <= known["stage_n"]).all() and known["rate"].between(known["ci_low"], known["ci_high"]).all()
    assert (found.tables["links"]["arrived"] <= found.tables["links"]["n"]).all()


def changed(**edits):
    """The blueprint with something put in for something else."""
    plan = PLAN
    for old, new in edits.values():
        assert old in plan
        plan = plan.replace(old, new, 1)
    return plan


@pytest.mark.parametrize(
    ("edit", "name", "severity", "said"),
    [
        (("lane: back", "lane: bakc"), "places", "failure", "in the lane “bakc”, which is none. Did you mean 'back'?"),
        (("stage: Solve", "stage: Solv"), "places", "failure", "“Look it up” (line 10) is in the stage “Solv”"),
        (("  lane: back\n", ""), "places", "failure", "“Look it up” (line 10) has no lane"),
        (("to: Answer", "to: Anser"), "links", "failure", "leads to “Anser”, which is no node. Did you mean 'Answer'?"),
        (("to: Answer", "to: Look it up"), "links", "failure", "leads to itself"),
        (("[Look it up, Answer]", "Look it up"), "skipped_lanes", "warning", "“Look it up” past front stage"),
        (("events: asked", "events: aksed"), "unseen_events", "warning", "which never occurs. Did you mean 'asked'?"),
        (("events: asked", "events: aksed"), "unshown_events", "warning", "“asked” happens with 100% of people."),
        (("metric: score", "metric: scroe"), "metrics", "warning", "which is no column. Did you mean 'score'?"),
        (("[Look it up, Answer]", "Answer"), "orphans", "warning", "Nothing leads to “Look it up” (line 10), although"),
    ],
)  # fmt: skip
def test_what_does_not_hang_together_is_told_with_its_line_and_the_nearest_name(data, edit, name, severity, said):
    found = check(drawn(data, changed(one=edit)), name)
    assert (found.passed, found.severity) == (False, severity)
    assert said in found.message


def test_a_node_without_links_and_one_without_events_are_told(data):
    lonely = PLAN + "- {name: Poster, lane: evidence, stage: Ask}\n"
    found = drawn(data, lonely)
    assert "Nothing leads to or from “Poster”" in check(found, "orphans").message
    assert "“Poster”" in check(found, "unmeasured").message and check(found, "unmeasured").passed
    assert rows(found).loc["Poster", "state"] == "not measured"
    text = json.dumps(found.chart().to_dict(), ensure_ascii=False)
    assert "not in the log" in text and "no link" in text


def test_a_whole_blueprint_passes(result):
    names = {one.name for one in result.checks if not one.passed}
    assert names == {"skipped_lanes", "unseen_events"}  # nobody called


def test_people_who_come_another_way_are_noticed(data):
    strays = log(*((f"s{k}", 3, "called") for k in range(60)))
    assert "were at none of the nodes" in check(drawn(pd.concat([data, strays])), "other_ways").message


def test_numbers_of_few_people_are_hidden(data):
    few = pd.concat([data[~data["event"].isin(["begun", "found"])], log(*((f"u{k}", 600, "begun") for k in range(3)))])
    found = drawn(few)
    shown = {row["node"]: row for row in found.to_dict()["tables"]["table"]}
    assert shown["Look it up"]["n"] is None and shown["Look it up"]["rate"] is None
    links = {(row["before"], row["node"]): row for row in found.to_dict()["tables"]["links"]}
    assert links["Question", "Look it up"]["arrived"] is None and links["Question", "Look it up"]["rate"] is None
    assert rows(found).loc["Look it up", "before"] == ""
    assert "under 5" in json.dumps(found.chart().to_dict())


@pytest.fixture(scope="module")
def start(data):
    return cx.service_blueprint(
        data.assign(who=data["event"].map({"asked": "customer", "begun": "warehouse"})), actor="who"
    )


def test_without_a_blueprint_a_start_is_made_that_can_be_given_again(data, start):
    plan = yaml.safe_load(start.files()["blueprint.yml"])
    assert [(one["name"], one["events"]) for one in plan["nodes"]] == [
        ("Asked", ["asked"]), ("Begun", ["begun"]), ("Found", ["found"]), ("Answered", ["answered"]),
    ]  # fmt: skip
    assert [one["lane"] for one in plan["nodes"]] == ["customer", "back", "customer", "customer"]
    assert plan["nodes"][0]["to"] == ["Begun"]
    again = cx.service_blueprint(data, blueprint=start.files()["blueprint.yml"])
    pd.testing.assert_frame_equal(again.table, start.table)
    assert not check(start, "starter").passed and "starter" not in {one.name for one in again.checks}


@pytest.mark.parametrize(
    "names",
    [
        ["a", "A", "a_"],
        ["x: y", "- z", "#q", "'"],
        ["", "  ", "ok"],
        ["yes", "null", "12"],
        ["é\x85", "日本", "w" * 500],
    ],
)
def test_a_start_is_made_of_any_names(names):
    data = log(*((f"u{k}", t, name) for k in range(8) for t, name in enumerate(names)))
    found = cx.service_blueprint(data, observe_until=END)
    used = {event for one in found.blueprint.nodes for event in one.events}
    assert used == {name for name in names if name.strip() and len(name) <= 120}
    assert found.to_json() and found.chart()


def test_a_mapping_a_text_and_a_file_say_the_same(data, result, tmp_path):
    path = tmp_path / "help.yml"
    path.write_text(PLAN, encoding="utf-8")
    for one in (str(path), yaml.safe_load(PLAN)):
        pd.testing.assert_frame_equal(drawn(data, one).table, result.table)


@pytest.mark.parametrize("width", [680, 340])
def test_the_picture_is_drawn_wide_and_narrow_with_all_lines(result, width):
    chart = result.chart(width=width).to_dict()
    text = json.dumps(chart, ensure_ascii=False)
    assert "The longest wait" in text and chart["description"]
    for word in ("interaction", "visibility", "Front stage", "Question"):
        assert word in text


def test_many_stages_are_drawn_below_each_other(data):
    plan = PLAN.replace("[Ask, Solve]", "[Ask, B, C, D, E, F, G, Solve]")
    assert drawn(data, plan).chart().to_dict()["vconcat"][0]["height"] > 400


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("nowhere.yml", "The blueprint 'nowhere.yml' was not found"),
        ("data_samples/returns_bluprint.yml", "Did you mean 'returns_blueprint.yml'"),
        ("data_samples/returns.csv", "expected a file whose name ends in .yml"),
        ("stages: [a\nnodes: b", "The blueprint is no YAML, line 2"),
        ("just words\nand more", "has no keys"),
        ("stages: [a]\nstage: b\n", r"has `stage` \(line 2\), which nothing reads. Did you mean 'stages'"),
        ("stages: [a]\nstages: [b]\n", "Line 2 has `stages` again; it stands in line 1"),
        ("stages: [a, a]\nnodes: [{name: x}]\n", "The stage 'a' stands twice"),
        ("stages: []\nnodes: [{name: x}]\n", "has no `stages`"),
        ("stages: [a]\n", "has no `nodes`"),
        ("stages: [a]\nnodes: [x]\n", "Node 1 is 'x'; expected keys"),
        ("stages: [a]\nnodes: [{lane: front}]\n", r"Node 1 \(line 2\) has no `name`"),
        ("stages: [a]\nnodes:\n- {name: x}\n- {name: x}\n", r"Two nodes are called “x” \(line 3 and line 4\)"),
        ("stages: [a]\nnodes: [{name: x, to: yes}]\n", "Line 2 has yes, which YAML reads as yes/no"),
        ("stages: [a]\nnodes: [{name: x, to: {y: z}}]\n", "expected a text or a list of texts"),
        ("stages: [a]\nnodes: [{name: [x]}]\n", "expected one text"),
        ("stages: [a]\nnodes: [{name: x, ends: y}]\n", "`ends` but no `events`"),
        ("stages: &s [a]\nnodes: *s\n", r"refers back with `\*`"),
        ("stages: [a]\nnodes: [{? [q] : x}]\n", "key that is no word"),
        ("[" * 3000 + "\n", "no YAML|too deeply"),
        ("[" * 30 + "]" * 30 + "\n", "too deeply"),
        ("stages: \x07\n", "a sign that YAML does not allow"),
        ("a\n" * 200_000, "signs; expected at most"),
        (f"stages: [{', '.join(map(str, range(13)))}]\nnodes: [{{name: x}}]\n", "13 stages; expected at most 12"),
        ({"stages": object()}, "something else than text"),
        (7, "expected the path of a YAML file"),
    ],
)  # fmt: skip
def test_what_is_no_blueprint_is_refused_in_words(data, plan, said):
    with pytest.raises(ParameterError, match=said):
        cx.service_blueprint(data, blueprint=plan)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"unit": "person"}, DataError, "person"),
        ({"actor": "who"}, DataError, "who"),
        ({"within": "soon"}, ParameterError, "`within` is 'soon'"),
        ({"observe_until": "1960-01-01"}, ParameterError, "before the first event"),
        ({"confidence": 95}, ParameterError, "confidence"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(data, given, error, said):
    with pytest.raises(error, match=said):
        drawn(data, **given)


def test_no_start_without_people():
    with pytest.raises(DataError, match="No event occurs with five people"):
        cx.service_blueprint(log(("a", 0, "asked")))


@settings(max_examples=40, deadline=None)
@given(st.text("ab:-[]{}#&*!'\"\n \t?|>%@,", min_size=1, max_size=60))
def test_no_text_gives_anything_but_a_sentence(text):
    with pytest.raises(CxlabError, match=r"[.?]$"):
        cx.service_blueprint(None, blueprint=text + "\n")


@pytest.mark.parametrize("people", [1, 4])
def test_tiny_logs_have_an_answer(people):
    found = drawn(log(*((f"u{k}", 0, "asked") for k in range(people))))
    assert "Fewer than 5 people" in found.headline and found.to_html() and found.to_json()


def test_no_address_sets_the_blueprint():
    from cxlab.publish.address import values_in
    from cxlab.publish.register import analysis_named

    line = analysis_named("service_blueprint")
    with pytest.raises(ParameterError, match="cannot set `blueprint`"):
        values_in("blueprint=%2Fetc%2Fhosts.yml", line)
    assert "blueprint" not in {one.name for one in (*line.settings, *line.own)}
