"""The forest of hazard ratios as Vega-Lite: every row drawn, what is wrong without a bar, and a scale by ratios."""

import pandas as pd
import pytest

from cxlab.charts.hazard_ratios import hazard_ratio_forest
from cxlab.charts.offline import to_svg
from cxlab.charts.score_rows import Frame

ROWS = pd.DataFrame([
    {"label": "Had it by day 30", "about": "244 with it", "estimate": 1.5, "ci_low": 1.2, "ci_high": 1.9,
     "told": "1.50 (1.20 to 1.90)", "reading": "Leave sooner", "kind": "bad"},
    {"label": "Had it by day 60", "about": "428 with it", "estimate": 0.9, "ci_low": 0.7, "ci_high": 1.2,
     "told": "0.90 (0.70 to 1.20)", "reading": "Undecided", "kind": "open"},
    {"label": "Ever against never: wrong", "about": "", "estimate": 0.28, "ci_low": None, "ci_high": None,
     "told": "would have said 0.28", "reading": "No answer", "kind": "wrong"},
])  # fmt: skip


def drawn(width):
    frame = Frame("After it customers leave sooner", "Hazard ratios.", "Dot-and-bar chart.", "A note.", width)
    return hazard_ratio_forest(ROWS, frame, axis_title="Times as often")


def scales(part):
    """All scales of the horizontal axis, anywhere in the specification."""
    if isinstance(part, dict):
        own = [part["scale"]] if part.get("scale", {}) and part.get("field") in ("estimate", "ci_low", "one") else []
        return own + [one for inner in part.values() for one in scales(inner)]
    return [one for inner in part for one in scales(inner)] if isinstance(part, list) else []


@pytest.mark.parametrize("width", [680, 340])
def test_half_and_twice_lie_equally_far_from_one_and_everything_is_inside(width):
    found = scales(drawn(width).to_dict())
    assert {one["type"] for one in found if "domain" in one} == {"log"}
    low, high = found[0]["domain"]
    assert low < 0.28
    assert high > 1.9
    assert all(one["domain"] == [low, high] for one in found)


@pytest.mark.parametrize("width", [680, 340])
def test_what_is_wrong_has_a_word_and_no_bar(width):
    svg = to_svg(drawn(width))
    for text in ("Ever against never: wrong", "would have said 0.28", "After it customers leave sooner", "A note."):
        assert text in svg
    specification = drawn(width).to_dict()
    rows = next(rows for rows in specification["datasets"].values() if len(rows) == 3)
    assert [row["ci_low"] is None for row in rows] == [False, False, True]
    assert "isValid(datum.ci_low)" in str(specification)


def test_the_wide_layout_tells_the_reading_and_the_narrow_one_fits():
    wide, narrow = to_svg(drawn(680)), to_svg(drawn(340))
    assert ">244 with it<" in wide
    assert ">244 with it<" not in narrow
    assert ">1.50 (1.20 to 1.90)<" in narrow
