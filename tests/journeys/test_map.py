"""journey_map as users call it: the funnel's numbers, links of answers, times, channels, pain, words, refusals."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.charts.offline import specification
from cxlab.errors import DataError, ParameterError
from cxlab.results import publishable
from cxlab.stats.proportions import wilson_interval
from tests.journeys.logs import frame, moment, random_units

SAMPLE = {
    "stages": [
        "Discover: offer_viewed|advice_asked", "Order: order_started|order_placed",
        "Delivery: router_sent|router_arrived", "Set up: setup_started|setup_done", "Support: help_asked|help_answered",
        "First bill: bill_sent|bill_paid",
    ],
    "optional": ["Support"], "goal": "first_month_over", "within": "45D", "unit": "customer_id", "channel": "channel",
    "answers": "data_samples/broadband_answers.csv", "answer_time": "answered_at", "satisfaction": "satisfaction",
    "effort": "ease", "comment": "comment", "linked_within": "3D", "again_within": "1h", "observe_until": "2026-05-31",
    "targets": {"satisfaction": 0.7, "effort": 0.33},
}  # fmt: skip
TIMES = {"Discover": "7D", "Order": "3D", "Delivery": "3D", "Set up": "2D", "Support": "2D", "First bill": "7D"}
ABC = ["First: A", "Second: B", "Third: C"]
LATE = moment(10**7).isoformat()


EVENTS = cache(lambda: cx.table("data_samples/broadband_events.csv.gz"))


def sample(**given):
    return cx.journey_map(EVENTS(), **{**SAMPLE, **given})


@pytest.fixture(scope="module")
def whole():
    return sample(time_targets=TIMES)


def journey(rows, answers=None, **given):
    chosen = {"stages": ABC, "within": None, "observe_until": LATE, **given}
    if answers is not None:
        said = pd.DataFrame(answers, columns=["unit", "t", "satisfaction"])
        chosen["answers"] = said.assign(time=[moment(t) for t in said["t"]]).drop(columns="t")
        chosen["satisfaction"] = "satisfaction"
    return cx.journey_map(frame(rows), **chosen)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, 3, 8]), st.integers(5, 40))
def test_reach_and_drop_equal_the_funnels(seed, window, until):
    rows = random_units(seed, 40)
    if not any(name == "A" and time <= until for _, time, name in rows):
        return
    same = {"within": None if window is None else f"{window}s", "observe_until": moment(until).isoformat()}
    found = journey(rows, **same).table
    funnel = cx.journey_funnel(frame(rows), steps=["A", "B", "C"], **same).table
    assert found["n"].tolist() == funnel["n"].tolist()
    for name in ("rate", "ci_low", "ci_high"):
        mine = found[name.replace("rate", "reach") if name == "rate" else f"reach_{name}"]
        assert mine.to_numpy(float) == pytest.approx(funnel[name].to_numpy(float), nan_ok=True)
    assert found["drop_n"].tolist()[:2] == funnel["mature_reached"].tolist()[:2]
    assert (1 - found["drop"].to_numpy(float)[:2]) == pytest.approx(
        funnel["step_rate"].to_numpy(float)[1:], nan_ok=True
    )
    assert found["open"].tolist()[:2] == funnel["open_here"].tolist()[1:]


def test_the_sample_equals_its_funnel_with_the_goal_as_last_step(whole):
    steps = [stage.partition(": ")[2] for stage in SAMPLE["stages"] if not stage.startswith("Support")]
    funnel = cx.journey_funnel(
        EVENTS(), steps=[*steps, "first_month_over"], within="45D", unit="customer_id",
        observe_until="2026-05-31",
    ).table  # fmt: skip
    passing = whole.table[~whole.table["optional"]]
    assert passing["n"].tolist() == funnel["n"].tolist()[:-1]
    assert (1 - passing["drop"]).tolist() == pytest.approx(funnel["step_rate"].tolist()[1:])


def linked(events, answers, limit):
    """Answer by answer: the stage of the latest event at most so long before; of one instant the later stage."""
    found = []
    for unit, time, _ in answers:
        near = [(t, "ABC".index(name)) for who, t, name in events if who == unit and time - limit <= t <= time]
        found.append("ABC"[max(near)[1]] if near else None)
    return found


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 2, 6]))
def test_answers_belong_to_the_stage_that_a_look_at_each_of_them_says(seed, limit):
    rows = [row for row in random_units(seed, 25) if row[2] in "ABC"]
    draw = np.random.default_rng(seed)
    units = sorted({unit for unit, *_ in rows})
    if not any(name == "A" for _, _, name in rows):
        return
    answers = [(str(draw.choice(units)), int(draw.integers(0, 45)), int(draw.integers(1, 6))) for _ in range(40)]
    found = journey(rows, answers, linked_within=f"{limit}s").tables["answers"]
    want = linked(rows, answers, limit)
    names = ["First", "Second", "Third", "(no stage)"]
    counts = [want.count(name) for name in ("A", "B", "C", None)]
    good = [sum(w == name and a[2] >= 4 for w, a in zip(want, answers, strict=True)) for name in ("A", "B", "C", None)]
    assert found["stage"].tolist() == names
    assert found["answers"].tolist() == counts
    assert (found["estimate"] * found["answers"]).fillna(0).tolist() == pytest.approx(good)


def test_answers_among_the_events_read_as_answers_beside_them():
    rows = random_units(3, 60)
    answers = [(unit, time + 1, 1 + time % 5) for unit, time, _ in rows[::3]]
    beside = journey(rows, answers).tables["answers"]
    said = pd.DataFrame(answers, columns=["unit", "t", "score"])
    said = said.assign(event="survey", time=[moment(t) for t in said["t"]]).drop(columns="t")
    both = pd.concat([frame(rows), said], ignore_index=True)
    among = cx.journey_map(both, stages=ABC, within=None, observe_until=LATE, satisfaction="score").tables["answers"]
    pd.testing.assert_frame_equal(among, beside)


def test_several_answers_of_one_person_are_not_taken_for_several_people():
    rows = [(f"u{k}", 0, "A") for k in range(60)] + [("u0", 5, "B")]
    once = [(f"u{k}", 1, 5 if k % 2 else 1) for k in range(60)]
    often = [row for row in once[:20] for _ in range(3)]
    one, other = (journey(rows, answers).table.iloc[0] for answers in (once, often))
    assert one["satisfaction"] == other["satisfaction"] == 0.5
    assert other["satisfaction_n"] == 20 and other["satisfaction_answers"] == 60
    low, high = wilson_interval(10, 20, confidence=0.95)
    assert other["satisfaction_ci_high"] - other["satisfaction_ci_low"] >= float(high - low)
    assert one["satisfaction_ci_high"] - one["satisfaction_ci_low"] < 0.26


def test_time_in_a_stage_counts_those_who_are_still_there():
    rows = [(f"u{k}", 0, "A") for k in range(8)] + [(f"u{k}", 2 + k, "B") for k in range(4)]
    found = journey(rows, observe_until=moment(10).isoformat()).table
    assert found["median_time"].iloc[0] == 5  # half of eight have gone on when the fourth has
    fewer = journey(rows[:-1], observe_until=moment(10).isoformat()).table
    assert np.isnan(fewer["median_time"].iloc[0])


def test_a_stage_that_may_be_skipped_holds_nobody_up():
    rows = [("a", 0, "A"), ("a", 1, "C"), ("b", 0, "A"), ("b", 1, "B"), ("b", 2, "C"), ("c", 0, "A"), ("c", 3, "B")]
    rows += [("d", 0, "A"), ("d", 1, "C"), ("d", 2, "B")]  # after the next stage: not on this way
    found = journey(rows, optional=["Second"]).table
    assert found["n"].tolist() == [4, 2, 3]
    assert found["drop"].iloc[0] == 0.25 and found["drop"].iloc[1] == 0.5
    assert found["optional"].tolist() == [False, True, False]


def test_a_goal_gives_the_last_stage_its_drop_and_its_index():
    rows = [(f"u{k}", t, name) for k in range(10) for t, name in enumerate("ABC")] + [("u1", 9, "D")]
    without, with_it = journey(rows).table.iloc[-1], journey(rows, goal="D").table.iloc[-1]
    assert np.isnan(without["drop"]) and np.isnan(without["pain_index"])
    assert with_it["drop"] == 0.9 and with_it["pain_index"] == pytest.approx(45)  # and nobody struggles


def test_struggle_is_the_same_event_again_and_soon():
    rows = [("a", 0, "A"), ("a", 5, "A"), ("b", 0, "A"), ("b", 50, "A"), ("c", 0, "A"), ("c", 0, "A"), ("d", 0, "A")]
    found = journey([*rows, ("d", 2, "B")], again_within="10s").table.iloc[0]
    assert (found["struggle"], found["struggle_n"]) == (0.25, 4)


def test_switches_are_moves_to_an_event_in_another_channel():
    log = pd.DataFrame({
        "unit": ["a", "a", "a", "b", "b", "c"], "event": ["A", "A", "B", "A", "B", "A"],
        "time": [moment(t) for t in (0, 1, 2, 0, 900, 0)], "via": ["web", "phone", "phone", "web", "app", None],
    })  # fmt: skip
    found = cx.journey_map(
        log, stages=["First: A", "Second: B"], channel="via", linked_within="60s", observe_until=LATE
    )
    assert found.table["switch_rate"].iloc[0] == 0.5  # two moves of a; that of b took too long
    shares = found.tables["channels"].query("stage == 'First'").set_index("channel")["share"]
    assert shares.to_dict() == {"web": 0.5, "phone": 0.25, "(not given)": 0.25}
    assert "channel_missing" in {check.name for check in found.failed}


def test_the_index_is_the_mean_of_its_parts_and_weights_decide(whole):
    points = whole.tables["pain"].groupby("stage", sort=False)["points"].sum(min_count=1)
    assert points.tolist() == pytest.approx(whole.table["pain_index"].tolist())
    effort = sample(weights={"effort": 2.0}, time_targets=TIMES)
    assert (effort.table["pain_index"] / 100).tolist() == pytest.approx(effort.table["effort"].tolist())
    assert set(effort.tables["pain"]["component"]) == {"effort"}


def test_a_part_that_is_not_known_makes_the_index_missing():
    found = sample(time_targets={"Order": "3D"}).table.set_index("stage")
    assert found["pain_index"].notna().tolist() == [False, True, False, False, False, False]
    assert "time" not in set(sample().tables["pain"]["component"])


def test_the_sample_holds_its_truth(whole):
    table = whole.table.set_index("stage")
    for name, stage in {"Discover": 0.38, "Order": 0.22, "Delivery": 0.05, "Set up": 0.17}.items():
        if name != "Set up":  # who asks for help leaves from there
            assert table.loc[name, "drop_ci_low"] <= stage <= table.loc[name, "drop_ci_high"] + 0.01
    assert table.loc["Discover", "satisfaction_ci_low"] <= 0.74 <= table.loc["Discover", "satisfaction_ci_high"]
    assert table["moment"].tolist() == ["", "", "delights", "hurts", "hurts", ""]
    assert whole.headline.startswith("“Support” hurts most")
    themes = whole.tables["themes"]
    assert {"extra fees", "order form", "setup guide"} <= set(themes["theme"])
    assert themes["n"].min() >= 5


def test_an_order_of_rows_does_not_matter():
    rows = random_units(5, 50)
    pd.testing.assert_frame_equal(journey(rows).table, journey(rows[::-1]).table)


def test_few_people_are_hidden_measure_by_measure():
    rows = [(f"u{k}", t, name) for k in range(60) for t, name in enumerate("ABC")]
    answers = (
        [(f"u{k}", 0, 4) for k in range(30)]
        + [(f"u{k}", 1, 4) for k in range(20)]
        + [(f"u{k}", 2, 4) for k in range(3)]
    )
    found = journey(rows, answers)
    shown = publishable(found.table)
    assert shown["satisfaction"].notna().tolist() == [True, False, False]  # the next one too: the sum is told
    assert shown["drop"].notna().tolist() == found.table["drop"].notna().tolist()
    assert shown["pain_index"].notna().tolist() == [True, False, False]
    assert {"few_answers"} <= {check.name for check in found.failed}


@pytest.mark.parametrize("width", [680, 340])
def test_every_picture_draws_at_both_widths_with_what_was_found(whole, width):
    assert whole.pictures == ("map", "stage", "pain")
    drawn = {name: specification(whole.chart(name, width=width)) for name in whole.pictures}
    assert "“Support” is where the journey hurts" in str(drawn["map"]["title"]["text"])
    assert all("description" in one for one in drawn.values())
    assert "What happens in “Support”?" in drawn["stage"]["title"]["text"]
    other = sample(stage="Order").chart("stage", width=width)
    assert "What happens in “Order”?" in specification(other)["title"]["text"]


def test_a_map_without_answers_and_channels_draws_and_says_where_most_are_lost():
    rows = [(f"u{k}", t, name) for k in range(80) for t, name in enumerate("ABC"[: 1 + k % 4])]
    found = journey(rows)
    assert found.table["satisfaction"].isna().all() and found.table["switch_rate"].isna().all()
    assert "hurts most" in found.headline and "hard work" not in found.headline
    for width in (680, 340):
        assert "Satisfied" not in str(specification(found.chart(width=width)))
    assert "<article" in found.to_html(stills=False)


def test_titles_do_not_tell_apart_what_chance_may_have_made():
    rows = [(f"u{k}", t, name) for k in range(100) for t, name in enumerate("ABCD"[: 1 + k % 4])]
    found = journey(rows, goal="D")
    assert "are where the journey hurts most" in str(specification(found.chart())["title"]["text"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stages": "A"}, "expected a list of two to 12 stages"),
        ({"stages": ["First: A", "Second: A|B"]}, "has in two places the event 'A' twice"),
        ({"stages": ["Same: A", "Same: B"]}, "names the stage 'Same' twice"),
        ({"stages": ["First:", "Second: B"]}, "a name and its events"),
        ({"optional": ["Secnd"]}, "Did you mean 'Second'?"),
        ({"optional": ["First"]}, "the first stage, with which every journey begins"),
        ({"goal": "B"}, "its event 'B' belongs to the stage 'Second'"),
        ({"stage": "Thrid"}, "Did you mean 'Third'?"),
        ({"weights": {"effort": 1}}, "`effort` is not given"),
        ({"weights": {"drop": -1}}, "expected numbers from 0"),
        ({"weights": {"pain": 1}}, "expected one of 'drop'"),
        ({"targets": {"satisfaction": 70}}, "expected a share between 0 and 1"),
        ({"time_targets": {"Third": "0D"}}, "expected times above 0"),
        ({"linked_within": "7"}, "expected a number with a unit"),
        ({"effort_kind": "ces3"}, "expected one of 'ces1', 'ces2'"),
    ],
)
def test_settings_that_are_none_are_refused_in_words(given, words):
    with pytest.raises(ParameterError, match=words.replace("?", r"\?").replace("|", r"\|")):
        journey([("a", 0, "A"), ("a", 1, "B")], **given)


def test_answers_without_a_column_to_read_are_refused():
    with pytest.raises(ParameterError, match="none of its columns"):
        cx.journey_map(frame([("a", 0, "A")]), stages=ABC, answers=pd.DataFrame({"unit": ["a"]}))


def test_data_that_cannot_answer_are_refused_in_words():
    rows = [("a", 0, "A"), ("a", 1, "B")]
    with pytest.raises(DataError, match="None of the events of the first stage 'Start' occurs"):
        journey(rows, stages=["Start: Z", "Second: B"])
    with pytest.raises(DataError, match="none of its 1 people has an event of a stage"):
        journey(rows, [("other", 1, 5)])
    with pytest.raises(DataError, match="are not whole numbers from 1 to 5"):
        journey(rows, [("a", 1, 9), ("a", 1, 10)])
    with pytest.raises(DataError, match="holds no answer from 1 to 5"):
        journey(rows, [("a", 1, None)])


def test_what_is_suspicious_is_told():
    rows = [(f"u{k}", 0, "A") for k in range(60)]
    answers = [("u0", 1, 5)] * 30 + [(f"u{k}", 1, 2) for k in range(30)] + [("stranger", 1, 4)] * 40 + [("u1", 1, 7)]
    found = journey(rows, answers, observe_until=None)
    failed = {check.name: check.message for check in found.failed}
    assert {"stages_seen", "frequent_answerers", "unattributed_answers", "few_answers", "open_windows"} <= set(failed)
    assert "One person gave 52% of the answers" in failed["frequent_answerers"]
    assert "Taken from the data" in next(check.message for check in found.checks if check.name == "observe_until")


def test_events_whose_names_hold_colons_and_bars_are_taken_as_they_are():
    rows = [("a", 0, "x:y"), ("a", 1, "p|q")]
    found = journey(rows, stages=["x:y", "p|q"])
    assert found.table["stage"].tolist() == ["x:y", "p|q"] and found.table["n"].tolist() == [1, 1]
