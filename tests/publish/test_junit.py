"""JUnit XML: one test case per report, and a failure for what keeps it from success."""

import xml.etree.ElementTree as ET

import pytest

from cxlab.publish.junit import junit_xml, problems_of

CHECK = {"name": "sample_ratio", "passed": False, "severity": "failure", "message": "Uneven."}


def entry(name="a", **changed):
    return {"name": name, "analysis": "ab_test", "status": "ok", "headline": "Up.", "checks": [], "gates": [],
            "duration_s": 1.25, **changed}  # fmt: skip


def cases(*reports, fail_on_check=False):
    suites = ET.fromstring(junit_xml(reports, seconds=2.5, fail_on_check=fail_on_check))
    return suites, suites.findall("testsuite/testcase")


def test_a_finished_report_is_a_passed_case():
    suites, (case,) = cases(entry())
    assert case.attrib == {"name": "a", "classname": "cxlab.ab_test", "time": "1.25"}
    assert case.find("failure") is None
    assert case.findtext("system-out") == "Up."
    assert (suites.get("tests"), suites.get("failures"), suites.get("time")) == ("1", "0", "2.50")


def test_a_failed_report_a_missed_gate_and_a_failed_check_are_failures():
    gate = {"passed": False, "message": "rate is 0.1; wanted: at least 0.2."}
    reports = (entry("ok"), entry("broke", status="failed", headline="no column"), entry("gate", gates=[gate]),
               entry("check", checks=[CHECK]), entry("both", gates=[gate], checks=[CHECK]))  # fmt: skip
    suites, found = cases(*reports, fail_on_check=True)
    failures = {case.get("name"): case.find("failure") for case in found}
    assert suites.get("failures") == suites.find("testsuite").get("failures") == "4"
    assert failures["ok"] is None
    assert (failures["broke"].get("type"), failures["broke"].get("message")) == ("failed", "no column")
    assert failures["gate"].get("type") == "gate"
    assert failures["check"].text == "check: sample_ratio: Uneven."
    assert failures["both"].get("message") == f"{gate['message']} (and 1 more)"
    assert failures["both"].text == f"gate: {gate['message']}\ncheck: sample_ratio: Uneven."


def test_a_failed_check_counts_only_where_wanted():
    assert problems_of(entry(checks=[CHECK]), fail_on_check=False) == []
    suites, _ = cases(entry(checks=[CHECK]))
    assert suites.get("failures") == "0"


@pytest.mark.parametrize("text", ["<b>&\"'", "a\x00b\x1b[31m", "]]>", "ü – \U0001f600", "\ud800"])
def test_any_text_gives_xml_that_can_be_read(text):
    _, (case,) = cases(entry(name=text, status="failed", headline=text))
    assert case.find("failure") is not None
    if text.isprintable():
        assert case.find("failure").get("message") == text
