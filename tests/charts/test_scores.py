"""The pictures of survey scores: nothing hidden is in them, and they fit their widths."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.charts.offline import to_svg

SEED = 5


def asked(rows: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(SEED)
    return pd.DataFrame(
        {
            "score": rng.integers(0, 11, rows),
            "csat": rng.integers(1, 6, rows),
            "channel": rng.choice(
                ["web", "a channel with quite a long name of its own", "store"], rows, p=[0.6, 0.35, 0.05]
            ),
            "wave": rng.choice(["1", "2", "3"], rows),
        }
    )


CASES = [
    ({}, ("scores",)),
    ({"score": "csat", "kind": "csat"}, ("scores",)),
    ({"segment": "channel"}, ("scores", "distribution", "answers")),
    ({"score": "csat", "kind": "ces1", "segment": "channel"}, ("scores", "distribution", "answers")),
    ({"wave": "wave"}, ("scores", "distribution", "answers")),
    ({"segment": "channel", "wave": "wave"}, ("scores", "segments", "distribution", "answers")),
]


@pytest.mark.parametrize(("options", "names"), CASES)
def test_every_picture_is_drawn_in_both_widths(options, names) -> None:
    result = cx.survey_scores(asked(), **options)
    assert result.pictures == names
    for name in names:
        for width in (680, 340):
            chart = result.chart(name, width=width)
            svg = to_svg(chart)
            assert float(re.search(r'width="([\d.]+)"', svg)[1]) <= width * 1.06
            assert min(float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)) >= 11
            assert "undefined" not in svg
            assert "NaN" not in svg
            title = chart.to_dict()["title"]["text"]
            assert len(" ".join(title)) <= 90
            assert chart.to_dict()["description"] == result.headline


def test_a_group_under_50_is_not_drawn() -> None:
    result = cx.survey_scores(asked(), segment="channel")
    rows = [
        row
        for data in result.chart("scores").to_dict()["datasets"].values()
        for row in data
        if row.get("label") == "store"
    ]
    assert rows
    assert all(row["value"] is None and row["told"] == "under 50" for row in rows)


def test_a_wave_that_is_not_over_is_hollow_and_said() -> None:
    days = pd.date_range("2026-01-01", "2026-03-12", periods=600)
    result = cx.survey_scores(asked().assign(at=days), wave="month", time="at")
    chart = json.dumps(result.chart("scores").to_dict(), ensure_ascii=False)
    assert "Hollow: Mar 2026 may not be over yet." in chart
    rows = next(rows for rows in result.chart("scores").to_dict()["datasets"].values() if len(rows) == 3)
    assert [row["running"] for row in rows] == [False, False, True]
    assert rows[-1]["short"].endswith(" so far")
    assert "in Feb 2026" in result.headline


def test_few_answers_are_drawn_as_numbers() -> None:
    result = cx.survey_scores(asked(20))
    text = json.dumps(result.chart().to_dict(), ensure_ascii=False)
    assert "number of answers" in text
    assert "rough" in text


def test_classes_without_a_middle_are_drawn() -> None:
    result = cx.survey_scores(
        asked().assign(csat=lambda frame: frame["csat"] + 1), score="csat", kind="csat", scale="1-6", satisfied_from=4
    )
    assert "Neutral" not in to_svg(result.chart())


def test_bars_hold_the_shares_of_the_table() -> None:
    result = cx.survey_scores(asked())
    rows = next(rows for rows in result.chart().to_dict()["datasets"].values() if len(rows) == 11)
    assert sum(row["height"] for row in rows) == pytest.approx(100)
