"""The triangle: four states that cannot be confused, and no number of a small cohort."""

import json

import pandas as pd
import pytest

from cxlab.charts.offline import to_svg
from cxlab.charts.retention import retention_triangle

WORDS = {"title": "More come back", "subtitle": "Share", "note": "Only whole months.", "description": "A table",
         "row_title": "Started", "age_title": "Month after the start"}  # fmt: skip


def cells():
    rows = [
        ("Jan 2026", 0, 100, 100, 1.0, "start"), ("Jan 2026", 1, 100, 100, 0.61, "complete"),
        ("Jan 2026", 2, 100, 0, 0.37, "partial"), ("Feb 2026", 0, 80, 80, 1.0, "start"),
        ("Feb 2026", 1, 80, 80, 0.22, "complete"), ("Feb 2026", 2, 80, 0, None, "unobservable"),
        ("Mar 2026", 0, 1, 0, None, "few"), ("Mar 2026", 1, 1, 0, None, "few"),
        ("Mar 2026", 2, 1, 0, None, "unobservable"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["cohort", "age", "size", "n", "rate", "state"])
    return table.assign(ci_low=table["rate"] - 0.05, ci_high=table["rate"] + 0.05)


def drawn(width):
    return retention_triangle(cells(), **WORDS, width=width)


@pytest.mark.parametrize("width", [680, 340])
def test_it_draws_within_its_width(width):
    svg = to_svg(drawn(width))
    assert float(svg.split('width="')[1].split('"')[0]) <= width + 20


def test_the_four_states_and_their_words_are_there():
    svg = to_svg(drawn(680))
    for words in ("61%", "37%", "too few", "under 50", "complete", "still running, can only rise", "cannot be seen yet",
                  "fewer than 50", "Month after the start", "Customers"):  # fmt: skip
        assert words in svg


def test_a_running_cell_is_dashed_and_italic_and_not_filled():
    layers = drawn(680).to_dict()["vconcat"][0]["layer"]
    dashed = [layer for layer in layers if layer["mark"].get("strokeDash")]
    assert len(dashed) == 2  # the cells, and the legend's key
    assert all(layer["mark"]["filled"] is False for layer in dashed)
    assert any(layer["mark"].get("fontStyle") == "italic" for layer in layers)


def test_a_cell_that_cannot_be_seen_shows_a_dash_and_never_zero():
    datasets = drawn(680).to_dict()["datasets"].values()
    words = [row["text"] for rows in datasets for row in rows if "xm" in row]
    assert words.count("–") == 2
    assert "0%" not in words


@pytest.mark.parametrize(("rate", "ink"), [(0.61, "white"), (0.22, "#1B2026")])
def test_words_can_be_read_on_their_cell(rate, ink):
    datasets = drawn(680).to_dict()["datasets"].values()
    inks = {row["text"]: row["ink"] for rows in datasets for row in rows if "ink" in row and "text" in row}
    assert inks[f"{rate:.0%}"] == ink


def test_no_text_is_smaller_than_11_pixels():
    for width in (680, 340):
        spec = json.dumps(drawn(width).to_dict())
        assert min(float(part.split(",")[0].rstrip("}")) for part in spec.split('ontSize": ')[1:]) >= 11
