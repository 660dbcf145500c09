"""An export as the tool writes it goes straight through: opened by preset, checked, analysed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab.data import Table
from cxlab.data.presets import PRESETS

N = 240
RNG = np.random.default_rng(77)
WHO = RNG.integers(0, 60, N)
AT = pd.Series(
    pd.date_range("2026-01-01 08:00", periods=N, freq="9h") + pd.to_timedelta(RNG.integers(0, 9_000, N), "s")
)
STEP = np.where(pd.Series(WHO).duplicated(), RNG.choice(["view_item", "add_to_cart", "purchase"], N), "first_visit")
SCORE = RNG.choice([10, 9, 8, 7, 5], N)
SECONDS = AT.astype("datetime64[s]").astype("int64")
SOLVED = (AT + pd.to_timedelta(RNG.integers(600, 400_000, N), "s")).where(RNG.random(N) < 0.9)


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def csv(path: Path, frame: pd.DataFrame, **options: Any) -> Path:
    frame.to_csv(path, index=False, **options)
    return path


def zendesk(folder: Path) -> Path:
    form = "%Y-%m-%d %H:%M"
    return csv(folder / "tickets.csv", pd.DataFrame({
        "Summation column": 1, "Id": np.arange(N) + 4000, "Requester": [f"Client {who}" for who in WHO],
        "Requester id": WHO + 360_000_000_000, "Submitter": "Agent One",
        "Assignee": np.where(RNG.random(N) < 0.5, "Agent One", "Agent Two"), "Group": "Support", "Subject": "Order",
        "Tags": "order late", "Status": np.where(SOLVED.notna(), "Solved", "Open"),
        "Priority": RNG.choice(["Low", "Normal", "High"], N), "Via": RNG.choice(["Mail", "Web form", "Chat"], N),
        "Ticket type": RNG.choice(["Question", "Problem"], N), "Created at": AT.dt.strftime(form),
        "Updated at": AT.dt.strftime(form), "Solved at": SOLVED.dt.strftime(form), "Satisfaction Score": "Not Offered",
        "Reopens": 0, "Replies": RNG.integers(1, 5, N),
    }), encoding="utf-8-sig")  # fmt: skip


def intercom(folder: Path) -> Path:
    closed = SOLVED.astype("datetime64[s]").astype("int64").where(SOLVED.notna())
    return lines(folder / "conversations.jsonl", [
        {"type": "conversation", "id": str(900_000 + i), "created_at": int(SECONDS[i]),
         "updated_at": int(SECONDS[i]) + 9,
         "source": {"type": str(RNG.choice(["conversation", "email", "whatsapp"])), "body": "<p>Hello</p>"},
         "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": f"c{WHO[i]}"}]},
         "state": "open" if pd.isna(closed[i]) else "closed", "admin_assignee_id": int(RNG.integers(1, 4)),
         "statistics": {"first_admin_reply_at": int(SECONDS[i]) + int(RNG.integers(30, 500)),
                        "first_close_at": None if pd.isna(closed[i]) else int(closed[i]),
                        "last_close_at": None if pd.isna(closed[i]) else int(closed[i]),
                        "count_reopens": int(RNG.integers(0, 2))},
         "conversation_rating": {"rating": int(RNG.integers(1, 6))}}
        for i in range(N)])  # fmt: skip


def qualtrics(folder: Path) -> Path:
    answers = pd.DataFrame({
        "StartDate": (AT - pd.Timedelta("4min")).dt.strftime("%Y-%m-%d %H:%M:%S"),
        "EndDate": AT.dt.strftime("%Y-%m-%d %H:%M:%S"), "Status": np.where(RNG.random(N) < 0.05, "1", "0"),
        "IPAddress": "*******", "Progress": "100", "Duration (in seconds)": RNG.integers(60, 500, N).astype(str),
        "Finished": "1", "RecordedDate": AT.dt.strftime("%Y-%m-%d %H:%M:%S"),
        "ResponseId": [f"R_{i}" for i in range(N)],
        "ExternalReference": [f"c{i}" for i in range(N)], "DistributionChannel": RNG.choice(["email", "anonymous"], N),
        "UserLanguage": RNG.choice(["EN", "DE"], N), "Q1": SCORE.astype(str),
        "Q1_NPS_GROUP": np.where(SCORE > 8, "3", "2"),
    })  # fmt: skip
    told = [
        {c: f"Text of {c},\nsecond line" for c in answers},
        {c: json.dumps({"ImportId": f"QID_{c}"}) for c in answers},
    ]
    told[0]["ResponseId"] = "Response ID"
    return csv(folder / "qualtrics.csv", pd.concat([pd.DataFrame(told), answers], ignore_index=True))


def surveymonkey(folder: Path) -> Path:
    form = "%m/%d/%Y %I:%M:%S %p"
    answers = pd.DataFrame({
        "Respondent ID": (np.arange(N) + 118_000_000_000).astype(str), "Collector ID": "4511",
        "Start Date": (AT - pd.Timedelta("4min")).dt.strftime(form), "End Date": AT.dt.strftime(form),
        "IP Address": "", "Email Address": "", "First Name": "", "Last Name": "",
        "Custom Data 1": [f"c{i}" for i in range(N)],
        "How likely is it that you would recommend us?": SCORE.astype(str),
        "Which did you use?": np.where(RNG.random(N) < 0.5, "Web", ""),
        "Unnamed: 11": np.where(RNG.random(N) < 0.5, "App", ""),
    })  # fmt: skip
    second = dict.fromkeys(answers, "") | {"How likely is it that you would recommend us?": "Response",
                                           "Which did you use?": "Web", "Unnamed: 11": "App"}  # fmt: skip
    return csv(folder / "monkey.csv", pd.concat([pd.DataFrame([second]), answers], ignore_index=True))


def spss(folder: Path) -> Path:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({
        "respid": np.arange(N) + 1.0, "date": AT.dt.normalize(), "customer": np.arange(N) + 7_000.0,
        "nps": np.where(np.arange(N) < 12, 99.0, SCORE), "branch": RNG.integers(1, 4, N).astype(float),
    })  # fmt: skip
    pyreadstat.write_sav(
        frame, str(folder / "wave.sav"), missing_ranges={"nps": [98, 99]},
        variable_value_labels={"nps": {98: "does not know", 99: "no answer"},
                               "branch": {1: "North", 2: "South", 3: "West"}},
        column_labels={"nps": "How likely are you to recommend us?"},
    )  # fmt: skip
    return folder / "wave.sav"


def ga4(folder: Path) -> Path:
    frame = pd.DataFrame({
        "event_date": AT.dt.strftime("%Y%m%d"), "event_timestamp": SECONDS * 1_000_000, "event_name": STEP,
        "event_params": [[{"key": "ga_session_id", "value": {"int_value": 5}}]] * N,
        "user_id": pd.Series([None] * N, dtype="str"), "user_pseudo_id": [f"{who}.17" for who in WHO],
        "device": [{"category": "mobile", "language": "de"}] * N, "geo": [{"country": "Germany"}] * N,
        "traffic_source": [{"name": "(direct)", "medium": "(none)", "source": "(direct)"}] * N,
    })  # fmt: skip
    duckdb.from_df(frame).write_parquet(str(folder / "events_20260331.parquet"))
    return folder / "events_20260331.parquet"


def mixpanel(folder: Path) -> Path:
    return lines(folder / "raw.jsonl", [
        {"event": STEP[i], "properties": {"time": int(SECONDS[i]), "distinct_id": f"u{WHO[i]}", "$insert_id": f"i{i}",
                                          "mp_country_code": "DE", "$browser": "Firefox"}}
        for i in range(N)])  # fmt: skip


def amplitude(folder: Path) -> Path:
    return lines(folder / "export.json", [
        {"amplitude_id": 10_000 + int(WHO[i]), "user_id": f"u{WHO[i]}", "device_id": f"d{WHO[i]}",
         "event_type": STEP[i],
         "event_time": f"{AT[i]:%Y-%m-%d %H:%M:%S}.000000", "server_upload_time": f"{AT[i]:%Y-%m-%d %H:%M:%S}.500000",
         "uuid": f"9f-{i}", "$insert_id": f"i{i}", "platform": str(RNG.choice(["Web", "iOS"])), "country": "Germany",
         "user_properties": {"plan": "free"}, "session_id": 1}
        for i in range(N)])  # fmt: skip


def segment(folder: Path) -> Path:
    return csv(folder / "tracks.csv", pd.DataFrame({
        "id": [f"ajs-{i}" for i in range(N)], "anonymous_id": [f"a{who}" for who in WHO],
        "user_id": [f"u{who}" for who in WHO],
        "event": STEP, "event_text": STEP,
        "received_at": (AT + pd.Timedelta("2s")).dt.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "sent_at": AT.dt.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "timestamp": AT.dt.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "context_library_name": RNG.choice(["analytics.js", "analytics-ios"], N),
    }))  # fmt: skip


def crm(folder: Path) -> Path:
    return csv(folder / "contacts.csv", pd.DataFrame({
        "Record ID": np.arange(N) + 51, "First Name": [f"Person {i}" for i in range(N)],
        "Email": [f"person{i}@example.com" for i in range(N)], "Create Date": AT.dt.strftime("%Y-%m-%d %H:%M"),
        "Lifecycle Stage": RNG.choice(["Lead", "Customer"], N),
        "Original Source": RNG.choice(["Organic Search", "Direct"], N),
        "Country/Region": RNG.choice(["Germany", "France"], N),
    }))  # fmt: skip


EXPORTS: dict[str, tuple[Callable[[Path], Path], dict[str, str]]] = {
    "zendesk_tickets": (zendesk, {}), "intercom_tickets": (intercom, {}),
    "qualtrics_responses": (qualtrics, {"score": "Q1"}),
    "surveymonkey_responses": (surveymonkey, {"score": "How likely is it that you would recommend us?",
                                              "time_format": "%m/%d/%Y %I:%M:%S %p"}),
    "spss_responses": (spss, {}), "ga4_events": (ga4, {}), "mixpanel_events": (mixpanel, {}),
    "amplitude_events": (amplitude, {}), "segment_events": (segment, {}), "crm_customers": (crm, {}),
}  # fmt: skip
# What is true of these exports and should be known: nothing to act on, nothing to look at.
KNOWN = {"naive_times", "constant_columns", "empty_columns", "day_precision", "missing_values"}


def test_every_preset_has_its_export() -> None:
    assert set(EXPORTS) == set(PRESETS)


def opened(name: str, folder: Path) -> Table:
    write, options = EXPORTS[name]
    return cx.table(write(folder), preset=name, **options)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_opened_and_checked(name: str, tmp_path: Path) -> None:
    table = opened(name, tmp_path)
    assert table.rows == N
    needed = {field.role for field in PRESETS[name].fields if field.needed}
    assert needed <= set(table.roles)
    result = cx.check_data(table, as_=PRESETS[name].reads_as)
    assert set(result.table["finding"]) <= KNOWN
    assert set(result.table["severity"]) <= {"info"}
    assert "@example.com" not in result.to_json()


@pytest.mark.parametrize("name", [name for name in EXPORTS if PRESETS[name].reads_as == "events"])
def test_events_go_on_to_funnels_and_cohorts(name: str, tmp_path: Path) -> None:
    table = opened(name, tmp_path)
    funnel = cx.journey_funnel(table, steps=["first_visit", "view_item", "purchase"], within="30D")
    assert funnel.table["n"].iloc[0] == len(set(WHO))
    cohorts = cx.cohort_retention(table, period="week")
    assert cohorts.table.drop_duplicates("cohort")["size"].sum() == len(set(WHO))


@pytest.mark.parametrize("name", [name for name in EXPORTS if PRESETS[name].reads_as == "survey_responses"])
def test_answers_go_on_to_scores(name: str, tmp_path: Path) -> None:
    scores = cx.survey_scores(opened(name, tmp_path), score="score", kind="nps")
    real = SCORE[12:] if name == "spss_responses" else SCORE  # the file itself declares 98 and 99 as missing
    assert scores.table["n"].tolist() == [len(real)]
    assert scores.table["value"].iloc[0] == pytest.approx(100 * (np.mean(real > 8) - np.mean(real < 7)))
