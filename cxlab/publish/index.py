"""The index page of a batch: one card per report, what needs action first."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from cxlab.publish.assets import page_style
from cxlab.publish.gates import missed_gates
from cxlab.publish.report import failed_checks
from cxlab.wording import count, date

__all__ = ["index_page"]

_ORDER = ("Failed", "broken", "don't ship", "Look here", "Down", "keep running", "ship", "Up")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reports</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body class="cx-body-page">
<div class="cx-page cx-wide-page">
<header class="cx-top"><span><b>cxlab</b> · Reports</span><span>{summary}</span></header>
<main>
<h1>What do the reports say?</h1>
<ul class="cx-cards">
{cards}
</ul>
</main>
</div>
</body>
</html>
"""


def index_page(reports: Sequence[Mapping[str, Any]]) -> str:
    """How does a batch look on one page?

    Args:
        reports: the entries of batch.json.

    Returns:
        HTML with a card per report: question, reading, sentence, failed checks, data, links.
    """
    ordered = sorted(reports, key=lambda one: (one["status"] != "failed", not missed_gates(one), _urgency(_word(one))))
    cards = "\n".join(map(_card, ordered))
    return _PAGE.format(style=page_style(), summary=_summary(reports), cards=cards)


def _word(report: Mapping[str, Any]) -> str:
    if report["status"] == "failed":
        return "Failed"
    return report["decision"]["verdict"] if report["decision"] else report.get("badge", "")


def _urgency(word: str) -> int:
    return _ORDER.index(word) if word in _ORDER else len(_ORDER)


def _summary(reports: Sequence[Mapping[str, Any]]) -> str:
    failed = sum(one["status"] == "failed" for one in reports)
    words = f"{count(len(reports))} report{'' if len(reports) == 1 else 's'}"
    missed = sum(bool(missed_gates(one)) for one in reports)
    said = [f"{count(failed)} failed"] * bool(failed) + [f"{count(missed)} missed a gate"] * bool(missed)
    return ", ".join([words, *said])


def _card(report: Mapping[str, Any]) -> str:
    from cxlab.results.html import badge_html

    word = _word(report)
    parts = [
        f"<h2>{escape(report['title'])}</h2>",
        badge_html(word) if word else "",
        f"<p>{escape(report['headline'])}</p>",
        *(_missed(gate) for gate in missed_gates(report)),
        *(_warning(check) for check in failed_checks(report)),
        f'<p class="cx-links">{_links(report)}</p>',
    ]
    return f'<li class="cx-card">{"".join(parts)}</li>'


def _warning(check: Mapping[str, Any]) -> str:
    from cxlab.results.html import check_title

    name = check_title(check["name"])
    return f'<p class="cx-warned"><b>! {escape(name)}:</b> {escape(check["message"])}</p>'


def _missed(gate: Mapping[str, Any]) -> str:
    return f'<p class="cx-warned"><b>! Gate missed:</b> {escape(gate["message"])}</p>'


def _links(report: Mapping[str, Any]) -> str:
    until = report["data"]["to"]
    words = [escape(report.get("scope", "").rstrip(".")) or (f"until {date(until)}" if until else "")]
    title = escape(report["title"])
    labels = {"html": "Report", "pdf": "PDF", "ipynb": "Notebook", "json": "Numbers"}
    links = [
        f'<a href="{escape(path)}" aria-label="{labels[kind]}: {title}">{labels[kind]}</a>'
        for kind, path in report["files"].items()
    ]
    return " · ".join(filter(None, [*words, *links]))
