"""The pictures of the funnel say what the tables say, in two layouts."""

import json
from functools import cache

import pandas as pd
import pytest

from cxlab.journeys import journey_funnel
from tests.journeys.logs import frame, moment


def log(people=300, late=0):
    rows = [(f"u{i}", 0, "start") for i in range(people)] + [(f"u{i}", 60, "form") for i in range(0, people, 2)]
    rows += [(f"u{i}", 90, "help") for i in range(1, people, 2)] + [(f"u{i}", 300, "sent") for i in range(0, people, 5)]
    return rows + [(f"late{i}", 3_000, "start") for i in range(late)] + [("end", 3_600, "other")]


def funnel(rows, **more):
    given = {"steps": ["start", "form", "sent"], "within": "30min", **more}
    return journey_funnel(frame(rows), **given)


@cache
def plain():
    """The log as it is, read once for all tests."""
    return funnel(log())


def spec(result, name, width=680):
    return json.dumps(result.chart(name, width=width).to_dict(), ensure_ascii=False)


def data_rows(result, name, width=680):
    return [row for rows in result.chart(name, width=width).to_dict()["datasets"].values() for row in rows]


@pytest.fixture(scope="module")
def grouped():
    rows = log(late=40)
    data = frame(rows).assign(device=["phone" if hash(len(row[0])) % 2 else "web" for row in rows])
    return journey_funnel(data, steps=["start", "form", "sent"], within="30min", segment="device")


def test_pictures_are_named(grouped):
    assert grouped.pictures == ("funnel", "groups", "time_to_convert", "destinations")


@pytest.mark.parametrize("width", [680, 340])
def test_title_names_the_largest_loss(width):
    result = plain()
    title = result.chart("funnel", width=width).to_dict()["title"]
    assert " ".join(title["text"]) == "The largest loss: 150 people stop before “form”"
    assert "95% intervals" in " ".join(title["subtitle"])


def test_bars_carry_the_shares_and_the_numbers_of_the_table():
    result = funnel(log(late=40))
    rows = {row["step"]: row for row in data_rows(result, "funnel") if "words" in row}
    assert rows[1]["words"] == "all 340"
    assert rows[2]["words"] == "50 of 100"
    assert rows[2]["between"] == "150 left · 40 still open"
    assert rows[2]["number"].startswith("150 (")
    assert rows[2]["hope"] > rows[2]["end"]
    assert rows[2]["end"] == pytest.approx(158 + 296 * 0.5)


def test_no_rate_is_drawn_from_few_people():
    rows = [row for row in data_rows(funnel(log(people=30)), "funnel") if "words" in row]
    assert {row["words"] for row in rows if row["step"] > 1} == {"too few: 50 needed"}
    assert all(row["end"] == row["x"] for row in rows)


def test_destinations_hide_small_places():
    rows = log()
    rows += [("u1", 80, "chat"), ("u3", 80, "chat")]
    found = [row for row in data_rows(funnel(rows), "destinations") if row.get("label")]
    labels = {row["label"]: row.get("words") for row in found}
    assert "Stopped after “start”: 150 people" in labels
    assert labels["help"] == "148 · 99%"
    assert "chat" not in labels
    assert labels["1 other places"] == "under 5"


def test_time_to_convert_says_when_half_is_not_reached():
    result = plain()
    text = " ".join(result.chart("time_to_convert").to_dict()["title"]["text"])
    assert text == "10 of 100 finish within 30\xa0min of their very first start"


def test_time_to_convert_says_why_its_share_is_below_the_funnel():
    tries = ((0, "start"), (2000, "start"), (2010, "form"), (2020, "sent"))
    rows = [(f"u{i}", at, name) for i in range(100) for at, name in tries if i < 40 or at == 0]
    result = funnel([*rows, ("end", 9000, "other")])
    text = " ".join(result.chart("time_to_convert").to_dict()["title"]["text"])
    assert text == "0 of 100 finish within 30\xa0min of their very first start; with later starts 40 of 100"


def test_no_curve_is_drawn_from_few_people():
    assert "time_to_convert" not in funnel(log(people=30)).pictures


def test_time_to_convert_marks_where_half_have_finished():
    result = funnel([*log(), *[(f"u{i}", 400, name) for i in range(300) for name in ("form", "sent")]])
    text = " ".join(result.chart("time_to_convert").to_dict()["title"]["text"])
    assert text == "Half of all finish within 6.7\xa0min of their very first start"
    assert any(row.get("label") == "6.7\xa0min" for row in data_rows(result, "time_to_convert"))


def test_a_clear_difference_between_groups_is_the_title_and_no_other():
    rows = [
        (f"{g}{i}", t, e)
        for g in "ab"
        for i in range(400)
        for t, e in ((0, "start"), (5, "sent"))
        if e == "start" or i % 2 or g == "a"
    ]
    data = frame(rows).assign(device=[row[0][0] for row in rows])
    result = journey_funnel(
        data, steps=["start", "sent"], within="1min", segment="device", observe_until=str(moment(3_600))
    )
    title = " ".join(result.chart("groups").to_dict()["title"]["text"])
    assert title == "“b” finishes less often than “a”: −50.0\xa0points"


def test_every_picture_has_alt_text_two_layouts_and_no_tiny_letters(grouped):
    for name in grouped.pictures:
        for width in (680, 340):
            drawn = grouped.chart(name, width=width).to_dict()
            assert drawn["description"].endswith("Numbers in the table below.")
            assert len(" ".join(drawn["title"]["text"])) <= 90
            assert min(_sizes(drawn)) >= 11


def _sizes(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key.casefold().endswith("fontsize") and isinstance(value, (int, float)):
                yield value
            yield from _sizes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _sizes(value)


def test_pictures_are_drawn(grouped):
    from cxlab.charts.offline import to_svg

    for name in grouped.pictures:
        assert "<svg" in to_svg(grouped.chart(name, width=340))


def test_any_order_names_numbers_of_steps():
    rows = data_rows(funnel(log(), order="any"), "funnel")
    assert {row["label"] for row in rows if "label" in row} == {"1 of the steps", "2 of the steps", "3 of the steps"}


def test_data_of_the_pictures_is_json():
    result = funnel(log(late=3))
    for name in result.pictures:
        assert json.loads(spec(result, name))
        assert isinstance(pd.DataFrame(data_rows(result, name)), pd.DataFrame)


def test_small_groups_are_those_of_the_results():
    from cxlab import results
    from cxlab.charts import funnel_view

    assert (funnel_view.SMALLEST_DRAWN, funnel_view.SMALLEST_GROUP) == (results.SMALLEST_DRAWN, results.SMALLEST_GROUP)
