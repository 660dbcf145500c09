"""What a reader takes along from an app: tables for a spreadsheet, the result for a program, the page for others."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxlab.publish.answer import Answer
from cxlab.publish.register import Analysis

__all__ = ["Taken", "offers", "table_text", "take"]

_RUN = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MARK = "\ufeff"  # tells a spreadsheet that the text is UTF-8


@dataclass(frozen=True)
class Taken:
    """One file for the reader: its name, its media type and its text."""

    name: str
    kind: str
    text: str


def offers(answer: Answer) -> list[dict[str, str]]:
    """Which files can be taken from this answer? Pictures are made in the page.

    Args:
        answer: what is shown.

    Returns:
        `kind`, `name` and `label` of each.
    """
    names = ["table", *answer.result.tables]
    tables = [{"kind": "csv", "name": name, "label": f"{_words(name)} (CSV)"} for name in names]
    files = [{"kind": "file", "name": name, "label": f"File: {name}"} for name in answer.result.files()]
    return [
        {"kind": "html", "name": "", "label": "Whole page (HTML)"},
        *files,
        *tables,
        {"kind": "json", "name": "", "label": "Result (JSON)"},
    ]


def _words(name: str) -> str:
    return "Main table" if name == "table" else f"Table: {name.replace('_', ' ')}"


def take(answer: Answer, analysis: Analysis, kind: str, name: str = "", *, own: bool = False) -> Taken:
    """Make one file.

    Args:
        answer: what is shown.
        analysis: its line in the register.
        kind: "csv", "file", "json" or "html".
        name: the table, for "csv", or the file.
        own: whether the reader's own data was read, of which the notebook's text does not speak.

    Returns:
        The file.

    Raises:
        KeyError: there is no such table, file or kind.
    """
    if kind == "file":
        return Taken(f"{analysis.name}-{name}", "text/plain", answer.result.files()[name])
    record = answer.record()
    if kind == "csv":
        return Taken(f"{analysis.name}-{name}.csv", "text/csv", table_text(record["tables"][name]))
    if kind == "json":
        text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        return Taken(f"{analysis.name}.json", "application/json", text)
    if kind == "html":
        return Taken(f"{analysis.name}.html", "text/html", page_of(answer, analysis, record, own=own))
    raise KeyError(kind)


def table_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """How is a table written for a spreadsheet, so that nothing in it is run?

    Args:
        rows: one mapping per row; small groups are hidden already.

    Returns:
        CSV; text that a spreadsheet would take for a formula begins with an apostrophe.

    Examples:
        >>> table_text([{"segment": "=1+1", "n": -3}]).lstrip("\\ufeff").split()
        ['segment,n', "'=1+1,-3"]
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(name) for name in (rows[0] if rows else ())])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return _MARK + out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).casefold()
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_RUN) else text


def page_of(answer: Answer, analysis: Analysis, record: Mapping[str, Any], *, own: bool = False) -> str:
    """The whole view as one file.

    Args:
        answer: what is shown.
        analysis: its line in the register.
        record: the answer's JSON.
        own: whether the reader's own data was read.

    Returns:
        The page that a report of these settings gives.
    """
    from cxlab.publish.page import report_page, result_page
    from cxlab.publish.report import Job

    if own or not analysis.sample or not analysis.notebook.is_file():
        return result_page(analysis.room, record, answer.html())
    return report_page(Job(analysis=analysis), _filled(analysis, answer.html()), record)


def _filled(analysis: Analysis, fragment: str) -> Any:
    """The notebook as if it had been run with these settings."""
    import nbformat

    notebook = nbformat.read(analysis.notebook, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[-1].outputs = [nbformat.v4.new_output("display_data", data={"text/html": fragment})]
    return notebook
