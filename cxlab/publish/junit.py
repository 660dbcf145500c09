"""A batch as JUnit XML: what CI servers show beside tests."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from cxlab.publish.gates import missed_gates

__all__ = ["junit_xml", "problems_of"]

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(reports: Sequence[Mapping[str, Any]], *, seconds: float, fail_on_check: bool) -> str:
    """How does a batch look to a CI server?

    Args:
        reports: the entries of batch.json.
        seconds: how long the batch ran.
        fail_on_check: a failed check is a failure.

    Returns:
        XML: one test case per report, with a failure where it failed, missed a gate or, if wanted, failed a check.
    """
    found = [problems_of(one, fail_on_check=fail_on_check) for one in reports]
    cases = "\n".join(map(_case, reports, found))
    counts = f'tests="{len(reports)}" failures="{sum(map(bool, found))}" errors="0" time="{seconds:.2f}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="cxlab" {counts}>\n<testsuite name="reports" skipped="0" {counts}>\n'
        f"{cases}\n</testsuite>\n</testsuites>\n"
    )


def problems_of(entry: Mapping[str, Any], *, fail_on_check: bool) -> list[tuple[str, str]]:
    """What keeps this report from being a success?

    Args:
        entry: a report's entry of batch.json.
        fail_on_check: a failed check is a problem.

    Returns:
        Kind ("failed", "gate" or "check") and message of each problem.
    """
    if entry["status"] == "failed":
        return [("failed", entry["headline"])]
    gates = [("gate", gate["message"]) for gate in missed_gates(entry)]
    checks = [one for one in entry["checks"] if not one["passed"]] if fail_on_check else []
    return gates + [("check", f"{one['name']}: {one['message']}") for one in checks]


def _case(entry: Mapping[str, Any], problems: Sequence[tuple[str, str]]) -> str:
    name, kind = quoteattr(_clean(entry["name"])), quoteattr(f"cxlab.{_clean(entry['analysis'])}")
    head = f'<testcase name={name} classname={kind} time="{entry["duration_s"]:.2f}">'
    lines = "".join(_failure(problems)) if problems else ""
    return f"{head}{lines}<system-out>{escape(_clean(entry['headline']))}</system-out></testcase>"


def _failure(problems: Sequence[tuple[str, str]]) -> str:
    """One element, as readers of this format expect; its text has every problem on a line."""
    first_kind, first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    text = "\n".join(f"{kind}: {message}" for kind, message in problems)
    kind, message = quoteattr(first_kind), quoteattr(_clean(first + more))
    return f"<failure type={kind} message={message}>{escape(_clean(text))}</failure>"


def _clean(text: str) -> str:
    """Without the signs that XML cannot hold."""
    return _UNWRITABLE.sub("\ufffd", str(text))
