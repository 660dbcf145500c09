"""The result is like any other: ranked table, checks, sentence, picture in two widths, html and json."""

import json
from typing import Any

import pandas as pd
import pytest

from cxlab.data.presets import PRESETS
from cxlab.errors import DataError, ParameterError
from cxlab.quality import CONTRACTS, check_data


@pytest.fixture
def spoilt(events: pd.DataFrame) -> pd.DataFrame:
    frame = pd.concat([events, events.iloc[:5]]).astype({"event": object}).reset_index(drop=True)
    frame.loc[10:12, "event"] = "Visit "
    return frame.assign(app="one")


def test_findings_are_ranked_worst_first_with_words_that_help(spoilt: pd.DataFrame) -> None:
    before = spoilt.copy()
    result = check_data(spoilt)
    assert list(result.table) == ["finding", "severity", "column", "rows", "share", "example", "effect", "advice"]
    assert result.table["severity"].tolist() == ["failure", "warning", "info"]
    assert result.table["finding"].tolist() == ["duplicate_ids", "spellings", "constant_columns"]
    assert result.table["share"].iloc[0] == pytest.approx(5 / 305)
    assert all(result.table[word].str.len().gt(5).all() for word in ("effect", "advice"))
    assert (
        result.headline
        == "Act on this before any analysis: the same id more than once. Look at: the same value in several spellings."
    )
    assert result.status == "Look here"
    pd.testing.assert_frame_equal(spoilt, before)


def test_every_check_is_listed_and_failed_ones_say_where(spoilt: pd.DataFrame) -> None:
    checks = {check.name: check for check in check_data(spoilt).checks}
    assert not checks["duplicate_ids"].passed
    assert checks["duplicate_ids"].message.startswith("5 rows (1.6%) in event_id.")
    assert checks["future_times"].passed
    assert checks["future_times"].message == "None found."
    assert "unit_in_two_variants" not in checks


def test_it_is_drawn_wide_and_narrow_and_written_as_html_and_json(spoilt: pd.DataFrame) -> None:
    result = check_data(spoilt)
    wide, narrow = (json.dumps(result.chart(width=width).to_dict()) for width in (680, 340))
    assert "What it does to the result" in wide
    assert "Act on: The same id" in narrow
    assert "Findings, worst first" in result.to_html(stills=False)
    stored = json.loads(result.to_json())
    assert stored["tables"]["table"][0]["finding"] == "duplicate_ids"
    assert stored["data"]["rows"] == 305
    assert stored["data"]["from"].startswith("2026-01-01")


def test_parameters_give_the_same_findings_again(spoilt: pd.DataFrame) -> None:
    first = check_data(spoilt.rename(columns={"event": "what"}), event="what")
    assert first.parameters["event"] == "what"
    again: Any = check_data(spoilt.rename(columns={"event": "what"}), **first.parameters)
    pd.testing.assert_frame_equal(first.table, again.table)


def test_free_text_never_leaves_the_table_whole(answers: pd.DataFrame) -> None:
    frame = answers.assign(comment=["my number is 555-1234 &amp; so on"] + [f"answer {i}" for i in range(399)])
    result = check_data(frame, as_="survey_responses")
    assert result.table["finding"].tolist() == ["html_entities"]
    assert "555" not in result.to_json()


def test_wrong_words_are_refused_with_the_nearest(events: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match="Did you mean 'events'"):
        check_data(events, as_="event")
    with pytest.raises(DataError, match="Did you mean 'user_id'"):
        check_data(events, unit="userid_")


def test_every_needed_role_of_a_preset_is_known_to_its_contract() -> None:
    for preset in PRESETS.values():
        known = {role.name for role in CONTRACTS[preset.reads_as].roles}
        assert {field.role for field in preset.fields if field.needed} <= known
