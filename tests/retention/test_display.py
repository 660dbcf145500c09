"""Sentence, table and pictures tell the same, and small groups stay out of all of them."""

import json

import pytest

import cxlab.data as cx
from cxlab.charts.offline import to_svg
from cxlab.retention import cohort_retention

CASES = {
    "month": {"period": "month"},
    "segment": {"period": "month", "segment": "acquisition_channel"},
    "week": {"period": "week"},
    "property": {"period": "month", "cohort": "acquisition_channel"},
    "purchase": {"anchor": "recurring", "return_event": "purchase", "segment": "platform"},
    "on or after": {"period": "month", "measure": "on_or_after", "return_event": "purchase", "horizon": 2},
}


@pytest.fixture(scope="module")
def results(root):
    shop = cx.table(str(root / "data_samples" / "shop_events.csv.gz"), unit="user_id", time="timestamp", event="event")
    return {name: cohort_retention(shop, **choices) for name, choices in CASES.items()}


@pytest.mark.parametrize("name", ["segment", "purchase"])
def test_every_picture_is_drawn_in_both_widths(results, name):
    for picture in results[name].pictures:
        for width in (680, 340):
            svg = to_svg(results[name].chart(picture, width=width))
            assert float(svg.split('width="')[1].split('"')[0]) <= width + 20


@pytest.mark.parametrize("name", CASES)
def test_titles_are_short_and_pictures_describe_themselves(results, name):
    for picture in results[name].pictures:
        spec = results[name].chart(picture).to_dict()
        assert len(" ".join(spec["title"]["text"])) <= 90
        assert results[name].headline in spec["description"]


@pytest.mark.parametrize("name", CASES)
def test_tables_hold_text_only_and_the_page_renders(results, name):
    tables = results[name]._display()
    assert tables
    assert all(isinstance(v, str) for t in tables.values() for row in t.to_numpy().tolist() for v in row)
    assert results[name].headline.split("'")[0] in results[name].to_html(stills=False)
    json.loads(results[name].to_json())


def test_headline_table_and_picture_agree(results):
    result = results["month"]
    curve = next(t for caption, t in result._display().items() if "Observed" in t)
    row = curve[curve["Month"] == "2"].iloc[0]
    assert (row["Share"], row["95% interval"]) == ("73.1%", "68.3% to 77.4%")
    assert "73 of 100 customers are active in month 2 (68 to 77)" in result.headline
    datasets = result.chart("curves").to_dict()["datasets"].values()
    points = next(rows for rows in datasets if "inside" in rows[0])
    assert round(points[2]["rate"], 3) == 0.731


def test_a_small_cohort_is_in_no_table_and_no_picture(results):
    result = results["month"]
    grid = next(t for caption, t in result._display().items() if "Started" in t)
    assert grid[grid["Started"] == "Jun 2024"].to_numpy().tolist()[0][1:] == ["under 50", *["–"] * 5]
    datasets = result.chart("triangle").to_dict()["datasets"].values()
    rows = [row for rows in datasets for row in rows if row.get("cohort") == "Jun 2024"]
    assert rows
    assert all(row["rate"] is None and row["size"] != 3 for row in rows)


def test_the_narrow_triangle_has_the_last_six_cohorts(results):
    result = results["purchase"]
    spec = result.chart("triangle", width=340).to_dict()
    names = [row["name"] for rows in spec["datasets"].values() for row in rows if "name" in row]
    assert names == ["20 May 2024", "27 May 2024", "3 Jun 2024", "10 Jun 2024", "17 Jun 2024", "24 Jun 2024"]
    assert "of 26 cohorts" in to_svg(result.chart("triangle", width=340))


def test_without_a_large_cohort_there_is_no_triangle(results):
    assert results["week"].pictures == ("curves",)


def test_a_purchase_is_not_had_by_everybody_at_the_start(results):
    datasets = results["purchase"].chart("curves").to_dict()["datasets"].values()
    assert min(row["age"] for rows in datasets for row in rows if "inside" in row) == 1


def test_at_most_four_lines_are_drawn_and_the_rest_is_told(results):
    svg = to_svg(results["segment"].chart("curves"))
    assert "4 of 5 groups" in svg
