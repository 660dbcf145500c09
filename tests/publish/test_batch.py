"""A batch: an index of cards, and one failing report never spoils another."""

import json
import re

import pytest

from cxlab.errors import ParameterError
from cxlab.publish.batch import run_batch
from cxlab.publish.index import index_page
from cxlab.publish.register import ANALYSES
from tests.publish.made import made_reports


@pytest.fixture(scope="module")
def out():
    return made_reports()


@pytest.fixture(scope="module")
def record(out):
    return json.loads((out / "batch.json").read_text(encoding="utf-8"))


def test_every_report_is_there_and_the_failed_one_alone_failed(out, record):
    sound = [(one.name, "ok") for one in ANALYSES]
    assert [(one["name"], one["status"]) for one in record["reports"]] == [*sound, ("wrong", "failed")]
    assert record["status"] == "failed"
    for name, _ in sound:
        assert {path.suffix for path in out.glob(f"{name}.*")} == {".html", ".ipynb", ".json"}
    assert [path.name for path in out.glob("wrong.*")] == ["wrong.json"]
    assert not list(out.glob(".cxlab-*")), "nothing half-written stays"


def test_the_failed_report_says_what_to_do(record):
    assert re.search(r"no column 'user'. Did you mean 'user_id'\?", record["reports"][-1]["headline"])


def test_the_index_shows_question_reading_sentence_checks_and_links(out, record):
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count('<li class="cx-card">') == len(ANALYSES) + 1
    for one in record["reports"]:
        assert all(f'href="{path}"' in page for path in one["files"].values())
    assert "What happens to a report that fails?" in page
    assert page.index("What happens to a report that fails?") < page.index("Do customers come back?"), "action first"
    assert f"{len(ANALYSES) + 1} reports, 1 failed" in page
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)


def test_every_link_of_the_index_leads_somewhere(out):
    page = (out / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"#:]+)"', page)
    assert links
    assert all((out / link).is_file() for link in links)


def test_text_on_a_card_is_escaped():
    report = {
        "name": "x", "analysis": "x", "title": "<b>", "status": "ok", "parameters": {}, "headline": "<script>",
        "decision": {"verdict": "broken", "reasons": []}, "data": {"to": "2026-05-31T00:00:00"},
        "checks": [{"name": "sample_ratio", "passed": False, "severity": "failure", "message": "<i>"}],
        "files": {"html": "x.html"},
    }  # fmt: skip
    page = index_page([report])
    assert "<script>" not in page
    assert "&lt;b&gt;" in page
    assert "Split into groups:" in page
    assert "until 31 May 2026" in page


def test_nothing_starts_when_one_report_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr("cxlab.publish.batch.write_report", lambda *_: pytest.fail("a report was started"))
    plan = tmp_path / "reports.yml"
    plan.write_text("reports:\n- analysis: ab_test\n- analysis: ab_test\n  name: b\n  parameters: {metrik: x}\n")
    with pytest.raises(ParameterError, match="Report 2"):
        run_batch(plan, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_number_of_jobs_is_checked(tmp_path):
    plan = tmp_path / "reports.yml"
    plan.write_text("reports:\n- analysis: ab_test\n")
    with pytest.raises(ParameterError, match="`jobs` is 0; expected a whole number from 1"):
        run_batch(plan, out=tmp_path / "out", jobs=0)
