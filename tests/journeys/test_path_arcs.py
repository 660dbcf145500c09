"""The pictures of usual places: what leads onward and back, and the field of events by their number."""

import pytest

import cxlab as cx
from tests.journeys.logs import frame, moment


def log():
    """Of 100 people 60 go by A, B, C; 40 go by A, B, A; and two by A, D."""
    rows = [(f"u{k}", second, name) for k in range(60) for second, name in enumerate("ABC")]
    rows += [(f"v{k}", second, name) for k in range(40) for second, name in enumerate("ABA")]
    return frame([*rows, *((f"w{k}", second, name) for k in range(2) for second, name in enumerate("AD"))])


@pytest.fixture(scope="module")
def found():
    return cx.journey_paths(log(), goal="C", observe_until=moment(10**6).isoformat())


def rows(chart, field):
    """The records of a picture that have this field."""
    return [one for data in chart.to_dict()["datasets"].values() for one in data if field in one]


def test_events_stand_in_the_order_in_which_they_usually_come_and_the_goal_last(found):
    assert found.usual_order == ("A", "B", "D", "C")
    boxes = sorted(rows(found.chart("onward"), "event"), key=lambda one: one["x"])
    assert list(dict.fromkeys(one["event"] for one in boxes)) == ["A", "B", "C"]


@pytest.mark.parametrize("width", [680, 340])
def test_arcs_lie_on_the_side_of_their_direction_and_are_as_wide_as_their_moves(found, width):
    points = rows(found.chart("onward", width=width), "arc")
    away = {"x": 1, "y": -1}["y" if width == 680 else "x"]
    middle = {one["told"]: one["y" if width == 680 else "x"] for one in points if one["step"] == 15}
    ends = {one["told"]: one["y" if width == 680 else "x"] for one in points if one["step"] == 0}
    reach = {told.split(":")[0]: away * (middle[told] - ends[told]) for told in middle}
    assert reach["A → B"] > 0 and reach["B → C"] > 0 > reach["B → A"]
    thick = {one["told"].split(":")[0]: one["thick"] for one in points}
    assert thick["A → B"] > thick["B → C"] > thick["B → A"]


def test_what_few_people_did_is_no_arc_and_no_cell(found):
    assert not any("D" in one["told"].split(":")[0] for one in rows(found.chart("onward"), "arc"))
    assert not any(one["source"] == "D" for one in rows(found.chart("places"), "tip"))


def test_the_field_of_events_by_number_tells_the_shares_of_the_table(found):
    drawn = {(one["source"], one["position"]): one["rate"] for one in rows(found.chart("places"), "tip")}
    assert drawn["A", 1] == 1
    assert drawn["B", 2] == pytest.approx(100 / 102)
    assert drawn["C", 3] == pytest.approx(60 / 102)
    title = " ".join(found.chart("places").to_dict()["title"]["text"])
    assert title == "By event 5, 41% of the paths have ended and 59% have reached “C”"


def test_the_title_names_the_most_frequent_move_and_its_time(found):
    title = " ".join(found.chart("onward").to_dict()["title"]["text"])
    assert title == "Most often “A” leads to “B”, half within 1\N{NO-BREAK SPACE}s"


def test_fewer_than_fifty_paths_are_no_field_of_shares():
    rows = [(f"u{k}", second, name) for k in range(49) for second, name in enumerate("AB")]
    assert "places" not in cx.journey_paths(frame(rows)).pictures
