"""Exports of known tools: columns find their roles, header rows are no data, near misses name what does not fit."""

import builtins
import json
from html import escape
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from cxlab.data import table
from cxlab.data.presets import PRESETS, preset
from cxlab.errors import DataError, ParameterError, SourceError


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    return write(path, "\n".join(json.dumps(row) for row in rows))


def values(opened: Any, role: str, kind: str) -> list[Any]:
    relation = opened.typed(value=(role, kind))
    return [row[0] for row in opened.engine.rows(f"SELECT value FROM {relation} ORDER BY 1")]


def test_a_zendesk_view_is_read_by_its_column_titles(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", (
        "ID,Requester,Status,Ticket priority,Created at,Solved at,Assignee,Mood\n"
        "7,Ann,Solved,High,2026-05-01 10:00:00,2026-05-02 10:00:00,Bo,good\n"
        "8,Ann,Open,Low,2026-05-03 10:00:00,,Bo,\n"))  # fmt: skip
    opened = table(path, preset="zendesk_tickets")
    assert dict(opened.roles) == {"id": "ID", "created": "Created at", "solved": "Solved at", "unit": "Requester",
                                  "status": "Status", "priority": "Ticket priority", "agent": "Assignee"}  # fmt: skip
    assert "Mood" in opened.columns
    assert [str(v) for v in values(opened, "created", "time")] == ["2026-05-01 10:00:00", "2026-05-03 10:00:00"]


def test_zendesk_json_lines_step_into_nested_values(tmp_path: Path) -> None:
    path = lines(tmp_path / "t.jsonl", [
        {"id": 1, "created_at": "2026-05-01T10:00:00Z", "via": {"channel": "email"},
         "satisfaction_rating": {"score": "good"}},
        {"id": 2, "created_at": "2026-05-02T10:00:00Z", "via": {"channel": "web"}, "satisfaction_rating": None},
    ])  # fmt: skip
    opened = table(path, preset="zendesk_tickets")
    assert values(opened, "channel", "text") == ["email", "web"]
    assert values(opened, "rating", "text?") == ["good", None]


def test_intercom_seconds_become_times(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.json", [
        {"id": "a", "created_at": 1767225600, "state": "closed",
         "statistics": {"first_admin_reply_at": 1767229200, "count_reopens": 0},
         "contacts": {"contacts": [{"id": "u1"}]}},
    ])  # fmt: skip
    opened = table(path, preset="intercom_tickets")
    assert str(values(opened, "created", "time")[0]) == "2026-01-01 00:00:00"
    assert str(values(opened, "first_response", "time")[0]) == "2026-01-01 01:00:00"
    assert values(opened, "unit", "id") == ["u1"]


def test_the_extra_header_rows_of_qualtrics_are_no_answers(tmp_path: Path) -> None:
    path = write(tmp_path / "q.csv", (
        "StartDate,RecordedDate,Status,ResponseId,Q5\n"
        'Start Date,Recorded Date,Response Type,Response ID,"How likely are you\nto recommend us, really?"\n'
        '"{""ImportId"":""startDate""}","{""ImportId"":""recordedDate""}","{""ImportId"":""status""}",'
        '"{""ImportId"":""_recordId""}","{""ImportId"":""QID5""}"\n'
        "2026-05-01 10:00:00,2026-05-01 10:05:00,0,R_1,9\n"
        "2026-05-01 11:00:00,2026-05-01 11:05:00,1,R_2,3\n"))  # fmt: skip
    opened = table(path, preset="qualtrics_responses", score="Q5")
    assert opened.rows == 2
    assert values(opened, "score", "number") == [3.0, 9.0]
    assert values(opened, "preview", "text") == ["0", "1"]


def test_the_second_header_row_of_surveymonkey_is_no_answer(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", (
        "Respondent ID,Collector ID,Start Date,End Date,How likely?,What did you use?,\n"
        ",,,,Response,Web,App\n"
        "118,4,05/01/2026 10:00:00 AM,05/01/2026 10:03:00 AM,9,Web,\n"
        "119,4,05/01/2026 02:00:00 PM,05/01/2026 02:03:00 PM,2,,App\n"))  # fmt: skip
    opened = table(path, preset="surveymonkey_responses", score="How likely?", time_format="%m/%d/%Y %I:%M:%S %p")
    assert opened.rows == 2
    assert str(values(opened, "time", "time")[1]) == "2026-05-01 14:03:00"


def test_ga4_microseconds_become_times_in_parquet_and_csv(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "user_pseudo_id": ["a.1"], "event_name": ["page_view"], "event_timestamp": [1767225600000000],
        "device": [{"category": "mobile"}],
    })  # fmt: skip
    duckdb.from_df(frame).write_parquet(str(tmp_path / "e.parquet"))
    frame.drop(columns="device").to_csv(tmp_path / "e.csv", index=False)
    for name in ("e.parquet", "e.csv"):
        opened = table(tmp_path / name, preset="ga4_events")
        assert str(values(opened, "time", "time")[0]) == "2026-01-01 00:00:00"
    assert values(table(tmp_path / "e.parquet", preset="ga4_events"), "device", "text") == ["mobile"]


def test_mixpanel_properties_are_found_inside(tmp_path: Path) -> None:
    row = {"event": "pay", "properties": {"distinct_id": "u1", "time": 1767225600, "$insert_id": "x"}}
    opened = table(lines(tmp_path / "m.jsonl", [row]), preset="mixpanel_events")
    assert values(opened, "unit", "id") == ["u1"]
    assert values(opened, "id", "id") == ["x"]
    assert str(values(opened, "time", "time")[0]) == "2026-01-01 00:00:00"


def test_amplitude_and_segment_and_a_crm_are_read(tmp_path: Path) -> None:
    amplitude = lines(tmp_path / "a.json", [
        {"amplitude_id": 5, "event_time": "2026-05-01 10:00:00.123000", "event_type": "open", "uuid": "z",
         "platform": "iOS"}])  # fmt: skip
    segment = write(tmp_path / "s.csv", "id,anonymous_id,user_id,event,timestamp\n1,a,u,open,2026-05-01T10:00:00Z\n")
    crm = write(
        tmp_path / "c.csv", "Record ID,Create Date,Lifecycle Stage,Country/Region\n1,2026-05-01 10:00,lead,DE\n"
    )
    assert table(amplitude, preset="amplitude_events").roles["unit"] == "amplitude_id"
    assert table(segment, preset="segment_events", unit="anonymous_id").roles["unit"] == "anonymous_id"
    assert dict(table(crm, preset="crm_customers").roles) == {
        "unit": "Record ID", "created": "Create Date", "segment": "Lifecycle Stage",
        "country": "Country/Region"}  # fmt: skip


def test_an_spss_file_keeps_its_codes(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({"respid": ["a", "b"], "nps": [9.0, 99.0]})
    pyreadstat.write_sav(frame, str(tmp_path / "w.sav"), variable_value_labels={"nps": {99: "not answered"}})
    opened = table(tmp_path / "w.sav", preset="spss_responses")
    assert values(opened, "score", "number") == [9.0, 99.0]
    assert opened.roles["id"] == "respid"


def test_without_pyreadstat_an_spss_file_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pyreadstat":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SourceError, match="'w.sav' is an SPSS file.*pip install pyreadstat"):
        table(tmp_path / "w.sav", preset="spss_responses")


def test_a_broken_or_missing_spss_file_is_refused_in_words(tmp_path: Path) -> None:
    pytest.importorskip("pyreadstat")
    (tmp_path / "w.sav").write_bytes(b"no spss")
    with pytest.raises(SourceError, match="cannot be read as an SPSS file"):
        table(tmp_path / "w.sav", preset="spss_responses")
    with pytest.raises(SourceError, match=r"No file .*x\.sav"):
        table(tmp_path / "x.sav", preset="spss_responses")
    with pytest.raises(SourceError, match="is no SPSS file"):
        table(write(tmp_path / "x.csv", "a\n1\n"), preset="spss_responses")
    with pytest.raises(SourceError, match="No file .*nowhere.jsonl"):
        table(tmp_path / "nowhere.jsonl", preset="ga4_events")


def test_a_near_miss_names_the_columns_that_do_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "Ticket ID,Creatd at,Status\n1,2026-05-01,Open\n")
    with pytest.raises(
        DataError,
        match=r"no column for created \('created_at'\) Did you mean 'Creatd at'\?.*id = 'Ticket ID', status = 'Status'",
    ):
        table(path, preset="zendesk_tickets")
    assert table(path, preset="zendesk_tickets", created="Creatd at").roles["created"] == "Creatd at"


def test_a_given_role_stands_over_the_preset(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id,created_at,Requester,company\n1,2026-05-01,Ann,Acme\n")
    assert table(path, preset="zendesk_tickets", unit="company").roles["unit"] == "company"
    with pytest.raises(DataError, match="no column 'compny'"):
        table(path, preset="zendesk_tickets", unit="compny")


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'zendesk_tickets'"):
        table(pd.DataFrame({"a": [1]}), preset="zendesk_ticket")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_prints_what_it_maps(name: str) -> None:
    one = preset(name)
    text, html = repr(one), one._repr_html_()
    for field in one.fields:
        assert field.role in text
        assert field.names[0] in text
        assert escape(field.tells) in html
    assert all(note in text for note in one.notes)


@pytest.mark.parametrize("name", PRESETS)
def test_the_roles_of_a_preset_are_said_once(name: str) -> None:
    roles = [field.role for field in preset(name).fields]
    assert len(roles) == len(set(roles))
