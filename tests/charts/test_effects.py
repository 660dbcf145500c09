"""The forest of effects as a specification."""

import json

import pytest

from cxlab.charts.offline import to_svg
from cxlab.experiments import ab_test
from tests.experiments.experiment_data import experiment

METRICS = [
    "proportion('bought', label='bought something')",
    "mean('revenue', measured_in='€')",
    "ratio('clicks', 'visits', role='guardrail', margin='10%')",
]


@pytest.fixture(scope="module")
def found():
    return ab_test(experiment(900), metrics=METRICS, segment="plan")


@pytest.mark.parametrize("width", [680, 340])
@pytest.mark.parametrize("name", ["effects", "segments"])
def test_every_picture_draws_within_its_width(found, name, width):
    picture = to_svg(found.chart(name, width=width))
    assert float(picture.split('width="')[1].split('"')[0]) <= width + 30


def test_readings_levels_and_changes_stand_beside_the_bars(found):
    text = to_svg(found.chart())
    for words in ("Bought something", "primary, higher is better", "Reading", "control", "points ("):
        assert words in text


def test_the_narrow_layout_keeps_measure_and_reading(found):
    text = to_svg(found.chart(width=340))
    assert "Bought something" in text
    assert "primary, higher is better" not in text


def test_no_text_is_smaller_than_11_pixels(found):
    for width in (680, 340):
        spec = json.dumps(found.chart(width=width).to_dict())
        sizes = [float(part.split(",")[0].rstrip("}")) for part in spec.split('ontSize": ')[1:]]
        assert min(sizes) >= 11


def test_the_harm_zone_begins_at_the_margin_on_the_worse_side(found):
    spec = found.chart().to_dict()
    rows = next(data for data in spec["datasets"].values() if "margin" in data[0])
    assert [one["margin"] for one in rows] == [None, None, -0.1]


def test_the_picture_describes_itself(found):
    described = found.chart().to_dict()["description"]
    assert described.startswith("Dot-and-bar chart of the change in 3 measures")


def test_several_variants_form_one_block_per_measure():
    many = ab_test(experiment(900, variants=("control", "b", "c")), metrics=METRICS[:2])
    spec = many.chart().to_dict()
    rows = next(data for data in spec["datasets"].values() if "margin" in data[0])
    assert [one["label"] for one in rows] == ["Bought something"] * 2 + ["Revenue"] * 2
    assert [one["about"] for one in rows] == ["b; primary", "c; primary"] * 2


def test_a_segment_of_few_customers_is_not_drawn():
    frame = experiment(900)
    frame.loc[:20, "plan"] = "trial"
    spec = ab_test(frame, metrics=METRICS[:1], segment="plan").chart("segments").to_dict()
    rows = next(data for data in spec["datasets"].values() if "margin" in data[0])
    trial = next(one for one in rows if one["label"] == "trial")
    assert (trial["effect"], trial["reading"], trial["new"]) == (None, "Too few", "–")
