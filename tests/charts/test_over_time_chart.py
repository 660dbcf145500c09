"""The effect by days since assignment as a specification."""

import json

import numpy as np
import pandas as pd
import pytest

from cxlab.charts.offline import to_svg
from cxlab.charts.over_time import effect_by_age

WORDS = {"title": "Spent: the effect fades over 8 days", "subtitle": "Change", "note": "Same customers.",
         "description": "Dots and bars", "value_title": "Change a day, €"}  # fmt: skip


def days(number=8, fall=0.1):
    effect = 1 - fall * np.arange(number)
    return pd.DataFrame({"age": range(number), "effect": effect, "ci_low": effect - 0.3, "ci_high": effect + 0.3})


def halves(number=8):
    half = number // 2
    return pd.DataFrame({
        "start": [0, number - half], "end": [half - 1, number - 1], "effect": [0.85, 0.45],
        "label": [f"First {half} days\n+€0.85 a day", f"Last {half} days\n+€0.45 a day"],
    })  # fmt: skip


@pytest.mark.parametrize("width", [680, 340])
@pytest.mark.parametrize("number", [2, 8, 28])
def test_it_draws_within_its_width(number, width):
    svg = to_svg(effect_by_age(days(number, 0.02), halves(number), **WORDS, width=width))
    assert float(svg.split('width="')[1].split('"')[0]) <= width + 10


def test_both_levels_are_named_and_zero_is_always_there():
    picture = effect_by_age(days(fall=0), halves(), **WORDS)
    svg = to_svg(picture)
    for words in ("First 4 days", "+€0.45 a day", "Days since assignment"):
        assert words in svg
    low, high = picture.to_dict()["vconcat"][0]["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert low < 0 < high


def test_no_text_is_smaller_than_11_pixels():
    for width in (680, 340):
        spec = json.dumps(effect_by_age(days(), halves(), **WORDS, width=width).to_dict())
        assert min(float(part.split(",")[0].rstrip("}")) for part in spec.split('ontSize": ')[1:]) >= 11


def test_it_describes_itself():
    assert effect_by_age(days(), halves(), **WORDS).to_dict()["description"] == "Dots and bars"
