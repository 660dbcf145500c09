"""The change by quantile as a specification."""

import json

import numpy as np
import pandas as pd
import pytest

from cxlab.charts.offline import to_svg
from cxlab.charts.quantile_effects import effect_by_quantile

WORDS = {"title": "Revenue: most of the change comes from the top 10%", "subtitle": "Change", "note": "Rank by rank.",
         "description": "Dots and bars", "value_title": "Change, €", "quantile_title": "Customers",
         "nothing": "Both groups have 0: nothing to see"}  # fmt: skip


def quantiles(away=(), scale=10.0):
    q = np.round(np.arange(1, 20) / 20, 2)
    effect = np.where(np.isin(np.arange(19), list(away)), np.nan, scale * q**4)
    rows = pd.DataFrame({"q": q, "effect": effect, "ci_low": effect - 1, "ci_high": effect + 2})
    rows = rows.assign(band_low=effect - 2, band_high=effect + 4)
    return rows.assign(kind=np.where(rows["band_low"] > 0, "good", "open"))


def layers(picture, mark):
    inside = picture.to_dict()["vconcat"][0]["layer"]
    return [layer for layer in inside if layer["mark"]["type"] == mark]


@pytest.mark.parametrize(("width", "away"), [(680, ()), (680, range(13)), (340, (0, 1, 2, 8, 9))])
def test_it_draws_within_its_width(width, away):
    svg = to_svg(effect_by_quantile(quantiles(away), **WORDS, width=width))
    assert float(svg.split('width="')[1].split('"')[0]) <= width + 10


def test_only_the_stretches_where_nothing_shows_are_shaded_and_the_widest_is_named():
    picture = effect_by_quantile(quantiles((0, 1, 2, 8, 9)), **WORDS)
    spec = picture.to_dict()
    data = spec["datasets"][layers(picture, "rect")[0]["data"]["name"]]
    assert [(round(row["start"], 3), round(row["end"], 3)) for row in data] == [(0.025, 0.175), (0.425, 0.525)]
    assert len(layers(picture, "text")) == 1
    assert not layers(effect_by_quantile(quantiles(), **WORDS), "rect")


def test_zero_is_always_there_and_large_changes_are_written_out():
    picture = effect_by_quantile(quantiles(scale=4000), **WORDS)
    low, high = layers(picture, "rule")[0]["encoding"]["y"]["scale"]["domain"]
    assert low < 0 < high
    svg = to_svg(picture)
    assert "+1,000" in svg
    assert "e+" not in svg


def test_no_text_is_smaller_than_11_pixels():
    for width in (680, 340):
        spec = json.dumps(effect_by_quantile(quantiles(range(9)), **WORDS, width=width).to_dict())
        assert min(float(part.split(",")[0].rstrip("}")) for part in spec.split('ontSize": ')[1:]) >= 11


def test_it_describes_itself():
    assert effect_by_quantile(quantiles(), **WORDS).to_dict()["description"] == "Dots and bars"
