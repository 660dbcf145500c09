"""The real sets give the findings that are known of them, and few others."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxlab.quality import check_data
from tests.quality.conftest import found


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("helpdesk", {"administrative_close": ("concept:name = Closed", 4557), "tied_times": ("time:timestamp", 130),
                      "constant_columns": ("seriousness", 21348), "partial_last_period": ("time:timestamp", 17)}),
        ("bpic2012", {"tied_times": ("time:timestamp", 13995), "missing_values": ("org:resource", 18010),
                      "several_offsets": ("case:REG_DATE, time:timestamp", 262200),
                      "lifecycle_rows": ("lifecycle:transition", 97694),
                      "partial_last_period": ("time:timestamp", 11008)}),
        # the ties of the 24 rows without a case are not counted: 4,441 of 4,447
        ("sepsis", {"missing_values": ("case_id", 24), "tied_times": ("timestamp", 4441),
                    "missing_words": ("resource", 294), "constant_columns": ("lifecycle", 15214)}),
        ("traffic_fines", {"tied_times": ("timestamp", 475), "day_precision": ("timestamp", 34724),
                           "missing_values": ("resource", 24705), "constant_columns": ("lifecycle", 34724),
                           "stray_times": ("timestamp", 37), "partial_last_period": ("timestamp", 294)}),
        ("hospital_billing", {"tied_times": ("timestamp", 99), "missing_values": ("resource", 23576),
                              "constant_columns": ("lifecycle", 49951), "last_cohort": ("timestamp", 969)}),
    ],
)  # fmt: skip
def test_event_logs(evaluation_data: Path, name: str, known: dict[str, Any]) -> None:
    result = check_data(evaluation_data / name / "events.parquet", as_="events")
    assert found(result) == known
    if name == "hospital_billing":
        assert (result.table.query("column == 'case_id'")[["finding", "rows"]].to_numpy().tolist()) == [
            ["missing_values", 1]
        ]


def test_cookie_cats_one_player_decides_the_mean(evaluation_data: Path) -> None:
    result = check_data(evaluation_data / "cookie_cats/cookie_cats.csv.gz", as_="assignments")
    assert found(result) == {"deciding_value": ("sum_game_rounds", 1)}
    assert result.table["example"].item() == "49,854"


def test_hillstrom_repeats_are_told_not_removed(evaluation_data: Path) -> None:
    result = check_data(evaluation_data / "hillstrom/hillstrom.csv.gz", as_="assignments", variant="segment")
    assert found(result) == {"repeated_rows": ("all columns", 6562), "no_unit": ("unit", 64000)}
    assert set(result.table["severity"]) == {"info"}


def test_telco_blanks_among_numbers(evaluation_data: Path) -> None:
    result = check_data(evaluation_data / "telco_ibm/telco_customer_churn.csv.gz", as_="customers")
    assert found(result) == {"missing_words": ("TotalCharges", 11)}


def test_cdnow_last_cohort_and_zero_amounts(evaluation_data: Path) -> None:
    sample = evaluation_data / "cdnow/CDNOW_master.txt.gz"
    words = "string_split_regex(trim(line), '\\s+')"
    lines = f"read_csv('{sample}', header=false, skip=1, delim='\\0', columns={{'line': 'VARCHAR'}})"
    frame = duckdb.sql(
        f"SELECT w[1] AS customer_id, w[2] AS date, w[3]::INT AS cds, w[4]::DOUBLE AS dollar_value "
        f"FROM (SELECT {words} AS w FROM {lines})"
    ).df()
    result = check_data(frame, as_="transactions")
    assert found(result) == {
        "number_dates": ("date", 69659), "last_cohort": ("date", 7248), "zero_amounts": ("dollar_value", 80),
        "day_precision": ("date", 69659), "repeated_rows": ("all columns", 255)}  # fmt: skip
    assert "25 March 1997" in result.table["example"].to_list()


def test_online_shoppers_repeats_cannot_be_judged(evaluation_data: Path) -> None:
    path = evaluation_data / "online_shoppers/online_shoppers_intention.csv.gz"
    result = check_data(path, as_="assignments", variant="VisitorType")
    assert found(result) == {"repeated_rows": ("all columns", 125), "no_unit": ("unit", 12330)}


def test_cfpb_sent_before_received(evaluation_data: Path) -> None:
    old = check_data(evaluation_data / "cfpb_small/cfpb_2013.csv.gz", as_="tickets", closed="date_sent_to_company")
    empty = "consumer_complaint_narrative, company_public_response, consumer_consent_provided"
    assert found(old) == {
        "negative_durations": ("date_sent_to_company", 23), "empty_columns": (empty, 1000),
        "month_first_dates": ("date_received, date_sent_to_company", 1000),
        "only_finished": ("date_sent_to_company", 1000)}  # fmt: skip
    new = check_data(evaluation_data / "cfpb_small/cfpb_2019.csv.gz", as_="tickets", closed="Date sent to company")
    assert found(new) == {"missing_words": ("Consumer disputed?, Consumer consent provided?", 266),
                          "line_breaks": ("Consumer complaint narrative", 43)}  # fmt: skip


def test_nyc311_local_times_and_a_closed_ticket_without_a_time(evaluation_data: Path) -> None:
    path = evaluation_data / "nyc311_sample/nyc311_service_requests.csv.gz"
    result = check_data(path, as_="tickets", channel="open_data_channel_type", topic="complaint_type")
    assert found(result) == {
        "missing_words": ("facility_type, descriptor, resolution_description", 54),
        "closed_without_time": ("closed_date", 1), "spellings": ("location_type", 1),
        "naive_times": ("created_date, closed_date", 1000), "ended_at_once": ("closed_date", 6),
        "line_breaks": ("location", 977),
        "empty_columns": ("facility_type, taxi_company_borough", 1000)}  # fmt: skip


def test_uci_incidents_as_events(evaluation_data: Path) -> None:
    path = evaluation_data / "uci_incident_sample/incident_event_log.csv.gz"
    result = check_data(
        path, as_="events", unit="number", time="sys_updated_at", event="incident_state", created="opened_at"
    )
    seen = found(result)
    assert seen["negative_durations"] == ("sys_updated_at", 5)
    assert seen["administrative_close"] == ("incident_state = Closed", 889)
    assert seen["day_first_dates"] == ("opened_at, sys_updated_at", 5998)
    assert seen["empty_columns"] == ("vendor", 5998)
    assert seen["constant_columns"][0].startswith("contact_type")
    assert set(seen) == {"negative_durations", "administrative_close", "day_first_dates", "missing_words",
                         "empty_columns", "constant_columns", "naive_times", "tied_times", "last_cohort"}  # fmt: skip


def test_uci_incidents_as_tickets(evaluation_data: Path) -> None:
    path = evaluation_data / "uci_incident_sample/incident_event_log.csv.gz"
    assert found(check_data(path, as_="tickets"))["duplicate_ids"] == ("number", 5108)
    frame = duckdb.sql(f"FROM read_csv('{path}', all_varchar=true)").df().groupby("number", as_index=False).last()
    seen = found(check_data(frame, as_="tickets"))
    assert seen["administrative_close"] == ("closed_at", 861)
    assert "duplicate_ids" not in seen
    assert all(rows <= 890 for _, rows in seen.values())
