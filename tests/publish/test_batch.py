"""A batch: an index of cards, and one failing report never spoils another."""

import json
import re
from xml.etree import ElementTree as ET

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


def test_batch_json_says_what_the_exit_code_means(out, record):
    assert record["exit"] == {"code": 3, "meaning": "a report failed"}
    assert {"python", "cxlab", "pandas", "code"} <= set(record["versions"])
    assert all(one["kept"] is False and one["gates"] == [] for one in record["reports"])


def test_junit_xml_lies_beside_it(out, record):
    suite = ET.parse(out / "junit.xml").getroot()
    cases = {case.get("name"): case.find("failure") for case in suite.iter("testcase")}
    assert list(cases) == [one["name"] for one in record["reports"]]
    assert [name for name, failure in cases.items() if failure is not None] == ["wrong"]


def test_a_missed_gate_shows_on_the_card_and_in_the_code(toy_analysis, tmp_path):
    plan, out = tmp_path / "reports.yml", tmp_path / "out"
    plan.write_text(
        "reports:\n- analysis: shares\n  gates:\n  - {where: {segment: pro}, column: estimate, at_least: 0.15}\n"
        "  - {where: {segment: pro}, column: n, at_most: 60}\n"
    )
    batch = run_batch(plan, out=out)
    assert (batch.code, batch.missed, batch.failed) == (1, ("shares",), ())
    message = "estimate (segment pro) is 0.1; wanted: at least 0.15."
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count("Gate missed:") == 1
    assert message in page
    assert "1 report, 1 missed a gate" in page
    assert message in (out / "junit.xml").read_text(encoding="utf-8")
    record = json.loads(batch.json.read_text(encoding="utf-8"))
    assert [gate["passed"] for gate in record["reports"][0]["gates"]] == [False, True]
    assert record["exit"]["code"] == 1


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
    monkeypatch.setattr("cxlab.publish.batch.make_report", lambda *_: pytest.fail("a report was started"))
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
