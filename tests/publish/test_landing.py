"""The landing page's cards: the question, the data and its last day, the last report and what it read."""

import json

import pytest

from cxlab.errors import ParameterError
from cxlab.publish.landing import Shelf, cards, last_day, show_reports
from cxlab.publish.register import ANALYSES, analysis_named
from tests.publish.toy import TOY

ENTRY = {
    "name": "may", "analysis": "journey_funnel", "title": "Where?", "status": "ok", "headline": "11 of 100 <b>pay</b>.",
    "decision": None, "badge": "Look here", "data": {"to": "2024-06-29T23:59:00+00:00"},
    "files": {"html": "may.html", "ipynb": "may.ipynb", "json": "may.json"},
}  # fmt: skip


@pytest.fixture
def batch(tmp_path):
    def write(*entries):
        (tmp_path / "batch.json").write_text(json.dumps({"status": "ok", "reports": entries}), encoding="utf-8")
        for entry in entries:
            for name in entry["files"].values():
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).write_text("page", encoding="utf-8")
        return Shelf.of(tmp_path)

    yield write
    show_reports(Shelf())


def test_a_card_says_question_scope_and_data():
    found = cards(ANALYSES)
    assert [card["question"] for card in found] == [one.question for one in ANALYSES]
    assert found[0]["data"] == "Sample data: checkout_test.csv"
    shop = next(card for card in found if card["name"] == "cohort_retention")
    assert shop["until"].replace("\u00a0", " ") == "until 29 June 2024"


def test_the_last_day_of_a_sample_is_read_from_its_time_column(plans):
    assert last_day(analysis_named("journey_funnel")) == "2024-06-29"
    assert last_day(TOY) == ""


def test_a_card_tells_of_the_last_report_and_what_needs_action_comes_first(batch):
    show_reports(batch(ENTRY))
    first = cards(ANALYSES)[0]
    assert first["name"] == "journey_funnel"
    assert "Look here" in first["badge"]
    assert first["report"]["headline"] == "11 of 100 <b>pay</b>.", "the template escapes it"
    assert first["report"]["files"] == {"html": "may.html", "ipynb": "may.ipynb"}
    assert "29" in first["report"]["until"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"status": "failed"}, "Failed"),
        ({"status": "timeout"}, "Failed"),
        ({"decision": {"verdict": "ship", "reasons": []}}, "ship"),
        ({"badge": ""}, ""),
    ],
)
def test_the_reading_is_the_reports(batch, change, word):
    show_reports(batch(ENTRY | change))
    assert {card["name"]: card["word"] for card in cards(ANALYSES)}["journey_funnel"] == word


def test_the_last_of_several_reports_of_one_analysis_is_shown(batch):
    show_reports(batch(ENTRY, ENTRY | {"headline": "Newer."}))
    assert cards(ANALYSES)[0]["report"]["headline"] == "Newer."


def test_two_analyses_of_one_function_have_reports_of_their_own(batch):
    show_reports(batch(ENTRY | {"analysis": "ab_test", "name": "a", "headline": "A change."}))
    told = {card["name"]: card["report"].get("headline") for card in cards(ANALYSES)}
    assert (told["ab_test"], told["ab_monitor"]) == ("A change.", None)
    show_reports(batch(ENTRY | {"analysis": "ab_monitor", "name": "b", "headline": "May stop."}))
    told = {card["name"]: card["report"].get("headline") for card in cards(ANALYSES)}
    assert (told["ab_test"], told["ab_monitor"]) == (None, "May stop.")


def test_only_files_that_the_batch_names_can_be_had(batch, tmp_path):
    outside = {"html": "../secret.html", "json": "deep/x.json"}
    shelf = batch(ENTRY, ENTRY | {"files": outside})
    (tmp_path / "secret.html").write_text("no", encoding="utf-8")
    assert shelf.path("may.html") == (tmp_path / "may.html").resolve()
    for name in ("../secret.html", "secret.html", "batch.json", "deep/x.json", "..", "", "may.html/../secret.html"):
        assert shelf.path(name) is None, name


def test_a_link_out_of_the_folder_is_no_report(batch, tmp_path):
    shelf = batch(ENTRY)
    (tmp_path / "may.html").unlink()
    (tmp_path / "may.html").symlink_to("/etc/hostname")
    assert shelf.path("may.html") is None


def test_a_folder_without_a_batch_is_refused_and_a_broken_one_shows_no_reports(tmp_path):
    with pytest.raises(ParameterError, match="no batch.json"):
        Shelf.of(tmp_path)
    (tmp_path / "batch.json").write_text("{", encoding="utf-8")
    assert Shelf.of(tmp_path).reports() == []
    assert Shelf.of(None).reports() == []
