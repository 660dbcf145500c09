"""Hazard ratios on a scale of ratios, reasons one on top of the other, and names of curves that can be read."""

import numpy as np
import pandas as pd
import pytest

from cxlab.charts.hazards import hazard_ratios
from cxlab.charts.incidence import incidence_areas
from cxlab.charts.offline import to_svg
from cxlab.charts.score_rows import Frame
from cxlab.charts.survival import survival_curves

FRAME = Frame("Title", "Subtitle", "Text", "Note")
NARROW = Frame("Title", "Subtitle", "Text", "Note", 340)


def ratios():
    rows = [("plan: yearly", "compared with", 1.0, None, None, "reference"),
            ("plan: monthly", "1.87 (1.66 to 2.10)", 1.87, 1.66, 2.10, "sooner"),
            ("channel: referral", "0.70 (0.60 to 0.81)", 0.70, 0.60, 0.81, "later"),
            ("a name that is far too long for its place", "1.01", 1.01, 0.89, 1.14, "undecided")]  # fmt: skip
    return pd.DataFrame(rows, columns=["label", "told", "estimate", "ci_low", "ci_high", "reading"])


def layers(chart):
    return chart.to_dict()["vconcat"][0]["layer"]


@pytest.mark.parametrize("frame", [FRAME, NARROW])
def test_ratios_stand_on_a_logarithmic_scale_around_one(frame):
    chart = hazard_ratios(ratios(), frame, axis_title="Times as often")
    x = layers(chart)[0]["encoding"]["x"]
    low, high = x["scale"]["domain"]
    assert x["scale"]["type"] == "log"
    assert low < 0.60
    assert high > 2.10
    assert 1 in x["axis"]["values"]
    assert "compared with" in to_svg(chart)


def test_shapes_tell_sooner_from_later_and_undecided_is_hollow():
    found = [
        layer for layer in layers(hazard_ratios(ratios(), FRAME, axis_title="x")) if layer["mark"]["type"] == "point"
    ]
    shape, fill = (found[0]["encoding"][name]["scale"] for name in ("shape", "fill"))
    read = dict(zip(shape["domain"], zip(shape["range"], fill["range"], strict=True), strict=True))
    assert read["sooner"][0] != read["later"][0]
    assert read["undecided"][1] == read["reference"][1] == "white"


def areas():
    times = [0.0, 6.0, 12.0]
    return pd.concat([
        pd.DataFrame({"reason": reason, "time": times, "estimate": part, "told": f"{100 * part[-1]:.0f} of 100"})
        for reason, part in (("cancelled", [0, 0.2, 0.38]), ("failed", [0, 0.05, 0.09]), ("closed", [0, 0.03, 0.05]))
    ])  # fmt: skip


@pytest.mark.parametrize("frame", [FRAME, NARROW])
def test_areas_add_up_to_everybody_who_left_and_are_named(frame):
    chart = incidence_areas(areas(), frame, time_title="Months")
    data = chart.to_dict()["datasets"]
    drawn = pd.DataFrame(max(data.values(), key=len))
    last = drawn[drawn["time"] == 12]
    assert last["high"].max() == pytest.approx(0.52)
    assert last["low"].tolist() == pytest.approx([0, 0.38, 0.47])
    svg = to_svg(chart)
    for words in ("cancelled: 38 of 100", "failed: 9 of 100", "closed: 5 of 100"):
        assert words in svg
    names = pd.DataFrame(next(rows for rows in data.values() if "text" in rows[0]))["low"].sort_values()
    assert np.diff(names).min() > 0.02, "no name stands on another"


def test_names_of_low_curves_do_not_stand_on_one_another():
    times = np.linspace(0, 12, 20)
    curves = pd.concat([
        pd.DataFrame({"group": name, "time": times, "n": 100, "estimate": (share := np.exp(-times * rate)),
                      "ci_low": share * 0.9, "ci_high": np.minimum(share * 1.1, 1)})
        for name, rate in (("a", 0.2), ("b", 0.3), ("c", 0.31), ("d", 0.5))
    ])  # fmt: skip
    chart = survival_curves(curves, title="t", subtitle="s", note="n", description="d", value_title="v", time_title="m")
    data = chart.to_dict()["datasets"].values()
    places = pd.DataFrame(next(rows for rows in data if "place" in rows[0]))["place"].sort_values()
    assert np.diff(places).min() >= 0.06 - 1e-9
