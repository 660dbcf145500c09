"""Retention curves: solid where at least half have got that far, names beside the lines."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxlab.charts.curves import _apart, retention_curves
from cxlab.charts.offline import to_svg

WORDS = {"title": "39 of 100 stay", "subtitle": "Share", "note": "Dashed: few.", "description": "A curve",
         "value_title": "Share back", "age_title": "Weeks"}  # fmt: skip


def curve(groups=("all",), ages=6):
    rows = [
        {"group": g, "age": a, "n": 500 - 60 * a, "rate": 1 / (1 + 0.4 * a + 0.1 * i), "observed": a <= 3}
        for i, g in enumerate(groups) for a in range(ages)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    return table.assign(ci_low=table["rate"] - 0.03, ci_high=np.minimum(table["rate"] + 0.03, 1))


@pytest.mark.parametrize("width", [680, 340])
@pytest.mark.parametrize("groups", [("all",), ("email", "paid_search", "social", "organic")])
def test_it_draws_within_its_width(groups, width):
    svg = to_svg(retention_curves(curve(groups), **WORDS, width=width))
    assert float(svg.split('width="')[1].split('"')[0]) <= width + 10


def test_each_line_is_named_at_its_end():
    svg = to_svg(retention_curves(curve(("email", "social")), **WORDS))
    assert "email: 33%" in svg
    assert "social: 32%" in svg


def test_a_line_that_ends_early_says_where():
    table = curve(("email", "social"))
    svg = to_svg(retention_curves(table[(table["group"] == "email") | (table["age"] < 4)], **WORDS))
    assert "social: 43% at 3" in svg


def test_lines_are_dashed_and_points_hollow_from_the_last_solid_point_on():
    spec = retention_curves(curve(), **WORDS).to_dict()
    dashed = [layer for layer in spec["vconcat"][0]["layer"] if layer["mark"].get("strokeDash") == [5, 4]]
    assert [row["age"] for row in spec["datasets"][dashed[0]["data"]["name"]]] == [3, 4, 5]
    points = next(rows for rows in spec["datasets"].values() if "inside" in rows[0])
    assert [row["inside"] == "white" for row in points] == [False] * 4 + [True] * 2


def test_shares_begin_at_zero_and_small_ones_get_the_room():
    for factor, top in ((1, 1.0), (0.1, 0.2)):
        table = curve()
        table[["rate", "ci_low", "ci_high"]] *= factor
        layer = retention_curves(table, **WORDS).to_dict()["vconcat"][0]["layer"][1]
        assert layer["encoding"]["y"]["scale"]["domain"] == [0, top]


def test_the_remark_stands_at_its_age_in_the_wide_picture_only():
    how = WORDS | {"remark": "Week 3:\nso many", "remark_age": 3}
    texts = [to_svg(retention_curves(curve(), **how, width=width)) for width in (680, 340)]
    assert ["so many" in text for text in texts] == [True, False]


@given(st.lists(st.floats(0.1, 0.9), min_size=1, max_size=4))
def test_names_do_not_touch(places):
    placed = np.sort(_apart(np.array(places), 0.06))
    assert (np.diff(placed) >= 0.99 * 0.06).all()


def test_no_text_is_smaller_than_11_pixels():
    spec = json.dumps(retention_curves(curve(("a", "b")), **WORDS, width=340).to_dict())
    assert min(float(part.split(",")[0].rstrip("}")) for part in spec.split('ontSize": ')[1:]) >= 11
