"""Optional steps, windows of steps, exclusions, attempts, visits, properties, presets: as users call them."""

import json
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxlab.errors import DataError, ParameterError
from cxlab.journeys import journey_funnel
from tests.journeys.logs import CASES, START, frame, moment

EVERY = json.loads(Path(__file__).with_name("option_vectors.json").read_text(encoding="utf-8"))["cases"]
ABC = ["A", "B", "C"]


def step_text(step):
    if isinstance(step, dict):
        where = " and ".join(f"{name}={value}" for name, value in step.get("props", {}).items())
        return step["event"] + (f" where {where}" if where else "")
    return step if isinstance(step, str) else "|".join(step)


def log_of(events):
    properties = pd.DataFrame([event[3] if len(event) > 3 else {} for event in events])
    return pd.concat([frame(events), properties], axis=1)


def asked(case):
    """The options of a reference case as arguments of the analysis."""
    o, any_order = case["options"], case["mode"] == "any"

    def seconds(name):
        return {str(step): f"{ticks}s" for step, ticks in o.get(name, {}).items()}

    exclude = [
        one["event"] if any_order else f"{one['event']} after {one['after']} before {one['before']}"
        for one in o.get("exclusions", [])
    ]
    return {
        "steps": [step_text(step) for step in case["steps"]], "order": case["mode"],
        "within": None if o.get("window") is None else f"{o['window']}s", "ties": o.get("ties"),
        "optional": [str(step) for step in o.get("optional", [])], "step_within": seconds("step_windows"),
        "min_gap": seconds("min_gaps"), "exclude": exclude, "reentry": o.get("reentry"), "repeats": o.get("repeats"),
        "on_exclusion": None if any_order else o.get("on_exclusion"), "counting": o.get("counting", "units"),
        "event_reuse": o.get("event_reuse"), "hold": o.get("hold"),
        "session_gap": None if o.get("session_gap") is None else f"{o['session_gap']}s",
    }  # fmt: skip


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case["id"])
def test_reference_case(case):
    result, want = journey_funnel(log_of(case["events"]), **asked(case)), case["expected"]
    if "step_counts" in want:
        assert result.table["n"].tolist() == want["step_counts"]
    if "entries" in want:
        assert result.table["n"].iloc[[0, -1]].tolist() == [want["entries"], want["conversions"]]
    for step, mean in want.get("step_time_mean", {}).items():
        chains = [result.explain(unit).events for unit in {event[0] for event in case["events"]}]
        assert np.mean([took for events in chains for took in times_between(events, int(step))]) == pytest.approx(mean)
    for unit, chain in want.get("chains", {}).items():
        events = result.explain(unit).events.dropna(subset=["taken"])
        ticks = ((events["time"].dt.tz_localize(None) - START) / pd.Timedelta(1, "s")).astype(int)
        assert [[step, tick] for step, tick in zip(events["taken"], ticks, strict=True)] == chain


def times_between(events, step):
    """Seconds from the required step before, where the person took it."""
    taken = events.dropna(subset=["taken"]).set_index("taken")["time"]
    before = 1 if step - 1 not in taken.index else step - 1
    before = 1 if step == 3 else before  # step 2 may be skipped in the only case with three steps
    return [(taken[step] - taken[before]).total_seconds()] if step in taken.index else []


@pytest.mark.parametrize("case", [c for c in EVERY if "attempt_levels" in c["expected"]], ids=lambda case: case["id"])
def test_each_attempt_is_explained(case):
    result = journey_funnel(log_of(case["events"]), **asked(case))
    for unit, levels in case["expected"]["attempt_levels"].items():
        reasons = result.explain(unit).reasons
        assert len(reasons) == len(levels)
        assert [reason.partition(": ")[2].startswith("Reached") or (len(levels) == 1 and "Reached" in reason)
                for reason in reasons] == [level == 2 for level in levels]  # fmt: skip


CHECKED = [c for c in CASES if len(c["steps"]) > 1 and not {"data_end", "entry_from", "entry_to"} & set(c["options"])]


@pytest.mark.parametrize("tool", ["posthog", "mixpanel", "clickhouse"])
def test_presets_give_the_tools_own_cases(tool):
    prefix = {"posthog": "ph_", "mixpanel": "mp_", "clickhouse": "ch_"}[tool]
    cases = [c for c in [*EVERY, *CHECKED] if c["id"].startswith(prefix) and "/latest" not in c["id"]]
    cases = [c for c in cases if c["options"].get("ties", "step_order") == "step_order"]
    assert len(cases) > 1
    for case in cases:
        given = {name: value for name, value in asked(case).items() if name in GIVEN and value}
        within = {"within": asked(case)["within"]}
        result = journey_funnel(log_of(case["events"]), **{**given, **within}, like=tool)
        assert result.table["n"].tolist() == case["expected"]["step_counts"], case["id"]
        told = result.tables["tools"]
        own = told[told["tool"].str.lower().str.startswith(tool)]
        assert own["n"].tolist() == [n for k, n in enumerate(case["expected"]["step_counts"], 1)
                                     if k not in case["options"].get("optional", [])]  # fmt: skip


GIVEN = ("steps", "order", "optional", "exclude")


def test_the_three_tools_disagree_about_one_log_and_it_is_said():
    rows = [("u", 46_800, "A"), ("u", 48_600, "A"), ("u", 49_500, "B"), ("u", 51_300, "C")]
    result = journey_funnel(frame(rows), steps=ABC, within="1h", like="mixpanel")
    assert result.table["n"].tolist() == [1, 1, 0]
    found = result.tables["tools"].groupby("tool", sort=False)["n"].agg(list)
    assert found.to_dict() == {"PostHog": [1, 1, 1], "Mixpanel": [1, 1, 0], "ClickHouse windowFunnel": [1, 1, 1]}
    assert "Counted as Mixpanel does" in result.semantics[0]


def test_who_skips_a_step_has_not_dropped_out():
    rows = [(f"u{i}", 0, "A") for i in range(60)] + [(f"u{i}", 2, "C") for i in range(40)]
    rows += [(f"u{i}", 1, "B") for i in range(10)] + [("z", 200, "X")]
    result = journey_funnel(frame(rows), steps=ABC, within="60s", optional=["B"])
    first, skipped, last = result.table.to_dict("records")
    assert (skipped["n"], skipped["rate"], skipped["optional"]) == (10, 10 / 60, True)
    assert pd.isna(skipped["dropped"])
    assert (last["n"], last["dropped"], last["step_rate"], last["median_time"]) == (40, 20, 40 / 60, 2.0)
    assert first["n"] == 60
    shown = result._display()["Steps"]
    assert shown["Step"].tolist() == ["A", "B (optional)", "C"]
    assert shown["Dropped out"].tolist() == ["0", "–", "20"]
    assert "may be skipped" in result.chart().to_json()
    assert "B (may be skipped)" in " ".join(result.semantics)


def test_intervals_of_attempts_know_that_a_person_tries_several_times():
    rng = np.random.default_rng(3)
    rows = []
    for person in range(80):
        luck = rng.beta(0.5, 0.5)
        for attempt in range(6):
            rows.append((f"u{person}", 100 * attempt, "A"))
            if rng.random() < luck:
                rows.append((f"u{person}", 100 * attempt + 5, "B"))
    data = frame([*rows, ("z", 2_000, "X")])
    tried = journey_funnel(data, steps=["A", "B"], within="50s", counting="attempts")
    naive = journey_funnel(data.assign(unit=data["unit"] + data.index.astype(str)), steps=["A"] * 2, within="50s")
    last = tried.table.iloc[-1]
    assert (tried.table["n"].iloc[0], naive.table["n"].iloc[0]) == (480, 480)
    share = last["rate"]
    independent = 2 * 1.96 * np.sqrt(share * (1 - share) / 480)
    assert last["ci_high"] - last["ci_low"] > 1.5 * independent
    assert "attempts reach “B”" in tried.headline
    assert "those of one person are alike" in " ".join(tried.semantics)


def test_attempts_of_groups_are_compared_with_people_in_both():
    rng = random.Random(9)
    rows, group = [], []
    for person in range(300):
        for attempt in range(3):
            where = rng.choice(["web", "web", "shop"])
            done = rng.random() < (0.7 if where == "web" else 0.3)
            rows += [(f"u{person}", 100 * attempt, "A")] + [(f"u{person}", 100 * attempt + 2, "B")] * done
            group += [where] * (1 + done)
    data = frame([*rows, ("z", 900, "X")]).assign(where=[*group, "web"])
    result = journey_funnel(data, steps=["A", "B"], within="50s", counting="attempts", segment="where")
    (row,) = result.tables["comparison"].to_dict("records")
    assert (row["segment"], row["control"]) == ("shop", "web")
    assert row["ci_high"] < 0 < row["ci_high"] - row["ci_low"] < 0.3
    assert row["n"] + row["control_n"] == 900


def test_visits_and_cases_are_counted_and_events_without_one_are_told():
    data = frame([("a", 0, "A"), ("a", 1, "B"), ("a", 50, "A"), ("b", 0, "A"), ("b", 9, "B")])
    by_visit = journey_funnel(data.assign(visit=["1", "1", "2", "1", None]), steps=["A", "B"], within="60s",
                              session="visit")  # fmt: skip
    assert by_visit.table["n"].tolist() == [3, 1]
    check = next(check for check in by_visit.checks if check.name == "held_constant")
    assert "1 events" in check.message
    assert by_visit.headline.startswith("3 visits began")


def test_the_group_may_be_that_of_another_step_and_a_check_warns():
    rows = [("a", 0, "A"), ("a", 1, "B"), ("b", 0, "A")]
    data = frame(rows).assign(page=["x", "y", "x"])
    last = journey_funnel(data, steps=["A", "B"], within="60s", segment="page", segment_at="last")
    assert last.table.set_index(["segment", "step"])["n"].to_dict() == {
        ("all", 1): 2, ("all", 2): 1, ("x", 1): 1, ("x", 2): 0, ("y", 1): 1, ("y", 2): 1,
    }  # fmt: skip
    assert not next(check for check in last.checks if check.name == "segment_at").passed
    second = journey_funnel(data, steps=["A", "B"], within="60s", segment="page", segment_at="B")
    assert set(second.table["segment"]) == {"all", "y", "(did not get there)"}


def test_anchored_steps_keep_their_place_in_any_order():
    rows = [("a", 0, "B"), ("a", 1, "A"), ("a", 2, "C"), ("a", 3, "D")]
    rows += [("b", 0, "A"), ("b", 1, "C"), ("b", 2, "D"), ("b", 3, "B")]
    rows += [("c", 0, "A"), ("c", 1, "C"), ("c", 2, "B"), ("c", 3, "D")]
    steps = ["A", "B", "C", "D"]
    free = journey_funnel(frame(rows), steps=steps, within="60s", order="any")
    assert free.table["n"].tolist() == [3, 3, 3, 3]
    fixed = journey_funnel(frame(rows), steps=steps, within="60s", order="any", anchored=["A", "D"])
    assert fixed.table["n"].tolist() == [3, 3, 2, 1]
    assert "A and D only after all steps before" in " ".join(fixed.semantics)


def test_conditions_compare_numbers_and_words():
    rows = [("a", 0, "A"), ("a", 1, "buy"), ("b", 0, "A"), ("b", 1, "buy"), ("c", 0, "A"), ("c", 1, "buy")]
    data = frame(rows).assign(amount=["", "12.5", "", "3", "", "many"], paid=[None, "yes", None, "yes", None, "no"])
    found = [
        journey_funnel(data, steps=["A", f"buy where {where}"], within="60s").table["n"].iloc[1]
        for where in ("amount>=3", "amount > 3", "paid=yes", "paid!=yes", "amount>1 and paid=yes", "amount<100")
    ]
    assert found == [2, 1, 2, 1, 2, 2]
    any_event = journey_funnel(data, steps=["A", "* where paid=no"], within="60s")
    assert any_event.table["name"].tolist() == ["A", "any event (paid is no)"]
    never = journey_funnel(data, steps=["A", "buy where paid=later"], within="60s")
    assert not next(check for check in never.checks if check.name == "steps_seen").passed


class TestExplain:
    def test_the_chain_and_the_reason(self):
        rows = [("a", 0, "A"), ("a", 3, "X"), ("a", 4, "B"), ("a", 90, "C"), ("b", 0, "B")]
        result = journey_funnel(frame(rows), steps=ABC, within="60s")
        told = result.explain("a")
        assert told.events["taken"].fillna(0).tolist() == [1, 0, 2, 0]
        (reason,) = told.reasons
        assert "Stopped after “B”" in reason
        assert "30\xa0s too late" in reason
        assert told.elsewhere.set_index("tool")["level"].to_dict()["Mixpanel"] == 2
        assert result.explain("b").reasons == ("Never did the first step, “A”.",)
        assert "<table" in told._repr_html_()
        assert "Stopped after" in str(told)

    @pytest.mark.parametrize(("given", "words"), [
        ({"exclude": ["X"]}, "came after “X” at"),
        ({"order": "strict"}, "with “X” at"),
        ({"step_within": {"B": "2s"}}, "after the step before; the limit is"),
        ({"min_gap": {"B": "9s"}}, "sooner than"),
        ({"within": "3s"}, "after the start; the limit is"),
    ])  # fmt: skip
    def test_every_reason_has_its_words(self, given, words):
        rows = [("a", 0, "A"), ("a", 3, "X"), ("a", 4, "B"), ("z", 99, "X")]
        result = journey_funnel(frame(rows), **{"steps": ["A", "B"], "within": "60s", **given})
        assert words in result.explain("a").reasons[0]

    def test_who_may_still_go_on_is_told(self):
        result = journey_funnel(frame([("a", 0, "A"), ("b", 3, "X")]), steps=["A", "B"], within="60s")
        assert result.explain("a").reasons[0].endswith("never did “B”. May still go on.")

    def test_who_was_taken_out_is_told_why(self):
        rows = [("a", 0, "A"), ("a", 3, "X"), ("a", 4, "B"), ("b", 0, "A"), ("b", 1, "B")]
        result = journey_funnel(frame(rows), steps=["A", "B"], within="60s", exclude=["X"], on_exclusion="drop_unit")
        assert result.table["n"].tolist() == [1, 1]
        assert "“X” at" in result.explain("a").reasons[0]

    def test_nobody_of_that_name(self):
        result = journey_funnel(frame([("a", 0, "A"), ("b", 3, "B")]), steps=["A", "B"], within="60s")
        with pytest.raises(DataError, match="There is nobody 'zoe'"):
            result.explain("zoe")


REFUSALS = [
    ({"optional": ["A"]}, "the first or the last step"),
    ({"optional": ["Q"]}, "names 'Q', which is no step"),
    ({"optional": ["B"], "order": "strict"}, "goes with order='ordered'"),
    ({"steps": ["A", "A", "B"], "optional": ["A"]}, "which is step 1 and 2; give the number"),
    ({"step_within": {"A": "1h"}}, "run from one required step to the next"),
    ({"min_gap": {"B": "2h"}, "within": "1h"}, "longer than its window"),
    ({"exclude": ["X after C before B"]}, "does not come before"),
    ({"exclude": ["X after B"], "order": "any"}, "leave out after and before"),
    ({"anchored": ["A"]}, "goes with order='any'"),
    ({"counting": "attempts", "order": "any"}, "does not go with order='any'"),
    ({"session": "unit", "session_gap": "1h"}, "both say what a visit is"),
    ({"event_reuse": True, "ties": "strict"}, "goes with ties='step_order'"),
    ({"like": "mixpanel", "order": "strict"}, "Mixpanel (`like`) has only 'ordered', 'any'"),
    ({"like": "clickhouse", "exclude": ["X"]}, "has no `exclude`"),
    ({"like": "posthog", "reentry": "first"}, "PostHog (`like`) has only 'latest'"),
    ({"like": "amplitud"}, "expected one of 'posthog'"),
    ({"steps": ["A", "B where plan"]}, "expected a column, a sign"),
    ({"steps": ["A", "B where plan>high"]}, "expected a number there"),
    ({"segment": "unit", "segment_at": "Q"}, "names 'Q', which is no step"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "words"), REFUSALS, ids=[str(r[0]) for r in REFUSALS])
def test_refused_in_words(given, words):
    data = frame([("a", 0, "A"), ("a", 1, "B"), ("b", 2, "C"), ("b", 3, "X")])
    with pytest.raises(ParameterError) as error:
        journey_funnel(data, **{"steps": ABC, "within": "7D", **given})
    assert words in str(error.value)


def test_events_that_are_a_step_and_an_exclusion_are_refused_with_their_number():
    data = frame([("a", 0, "A"), ("a", 1, "B"), ("b", 2, "B")])
    with pytest.raises(DataError, match="2 events serve a step and an exclusion at once"):
        journey_funnel(data, steps=["A", "B"], within="7D", exclude=["B"])
    with pytest.raises(DataError, match="serve a step and another step at once"):
        journey_funnel(data, steps=["A", "A|B", "B"], within="7D", optional=["A|B"])


@pytest.mark.parametrize("given", [
    {}, {"order": "strict"}, {"order": "any"}, {"step_within": {"B": "1h"}}, {"min_gap": {"B": "2s"}},
    {"counting": "attempts"}, {"reentry": "first"}, {"counting": "attempts", "reentry": "first"}, {"exclude": ["X"]},
    {"ties": "row_order"}, {"tolerance": "2s"}, {"session_gap": "30min"},
], ids=str)  # fmt: skip
def test_a_person_with_very_many_events_is_counted(given):
    rng = np.random.default_rng(1)
    number = 60_000
    data = pd.DataFrame({
        "unit": "robot", "event": rng.choice(["A", "B", "X"], number, p=[0.5, 0.4, 0.1]),
        "time": START + pd.to_timedelta(np.sort(rng.integers(0, 10_000_000, number)), unit="s"),
    })  # fmt: skip
    result = journey_funnel(data, steps=["A", "B", "C"], within="1D", **given)
    assert result.table["n"].iloc[-1] == 0
    assert result.table["n"].iloc[1] >= 1


def test_steps_given_twice_and_a_window_of_zero():
    data = frame([("a", 0, "A"), ("a", 0, "A"), ("b", 0, "A"), ("b", 1, "A"), ("z", 9, "X")])
    assert journey_funnel(data, steps=["A", "A"], within="0s").table["n"].tolist() == [2, 1]
    assert journey_funnel(data, steps=["A", "A"], within="1s").table["n"].tolist() == [2, 2]


def test_nothing_of_the_reason_leaks_a_moment_outside_what_was_seen():
    rows = [("a", 0, "A"), ("a", 50, "B")]
    result = journey_funnel(frame(rows), steps=["A", "B"], within="60s", observe_until=str(moment(20)))
    assert result.explain("a").reasons[0].endswith("never did “B”. May still go on.")


def test_many_attempts_of_few_people_are_not_told_of():
    """Sixty attempts of three people are three people."""
    rows = [(f"u{k % 3}", 100 * k, "A") for k in range(60)] + [(f"u{k % 3}", 100 * k + 1, "B") for k in range(30)]
    rows += [(f"u{k % 3}", 100 * k + 2, "help") for k in range(30, 60)]
    result = journey_funnel(frame([*rows, ("z", 9_000, "X")]), steps=["A", "B"], within="50s", counting="attempts",
                            next_events=1)  # fmt: skip
    assert result.table["people"].tolist() == [3, 3]
    assert result.headline == "All attempts are of fewer than 5 people: too few to be told of."
    assert [row["rate"] for row in result.to_dict()["tables"]["table"]] == [None, None]
    assert "help" not in result.chart("destinations").to_json() + str(result.tables["dropped_paths"]["path"].tolist())
    shown = result._display()["What those who stopped did next"]
    assert shown["People"].tolist() == ["under 5"]


def test_who_is_left_out_for_an_exclusion_is_said():
    rows = [(f"u{k}", 0, "A") for k in range(10)] + [(f"u{k}", 1, "X") for k in range(4)]
    data = frame([*rows, *[(f"u{k}", 2, "B") for k in range(10)], ("z", 99, "X")])
    result = journey_funnel(data, steps=["A", "B"], within="50s", exclude=["X"], like="posthog")
    check = next(check for check in result.checks if check.name == "on_exclusion")
    assert result.table["n"].tolist() == [6, 6]
    assert (check.passed, check.message.startswith("4 people of 10 who began are left out")) == (False, True)
    assert result._check_titles()["on_exclusion"] == "Left out"
