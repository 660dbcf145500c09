"""What the landing page says: the questions, the data behind them, and what the last reports found."""

import csv
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from cxlab.errors import ParameterError
from cxlab.folders import folder
from cxlab.publish.register import Analysis
from cxlab.wording import date

__all__ = ["Shelf", "cards", "last_day", "show_reports"]

_ORDER = ("Failed", "broken", "don't ship", "Look here", "Down", "keep running")
_KINDS = (".html", ".json", ".ipynb")
_ROWS = 2_000_000


@dataclass(frozen=True)
class Shelf:
    """The reports of a batch, found anew for each page; nothing but what batch.json names can be had."""

    folder: Path | None = None

    @classmethod
    def of(cls, place: Path | None) -> "Shelf":
        """Take the reports of a folder.

        Args:
            place: the folder, or None for no reports.

        Returns:
            The shelf.

        Raises:
            ParameterError: the folder has no batch.json.
        """
        if place is not None and not (place / "batch.json").is_file():
            raise ParameterError(f"There is no batch.json in '{place}'; `cxlab batch` writes one beside its reports.")
        return cls(None if place is None else place.resolve())

    def reports(self) -> list[dict[str, Any]]:
        """What does the batch say now?

        Returns:
            Its entries; none while the file is missing or being repaired.
        """
        if self.folder is None:
            return []
        try:
            found = json.loads((self.folder / "batch.json").read_text(encoding="utf-8"))["reports"]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        return [one for one in found if isinstance(one, dict)]

    def path(self, name: str) -> Path | None:
        """Where is a report's file?

        Args:
            name: as batch.json has it.

        Returns:
            The path; None for any other name.
        """
        named = {"index.html"} | {file for one in self.reports() for file in dict(one.get("files", {})).values()}
        if self.folder is None or name not in named or Path(name).name != name or not name.endswith(_KINDS):
            return None
        path = self.folder / name
        return path if path.is_file() and path.resolve().parent == self.folder else None


@dataclass
class _Shown:
    """Which reports the landing page shows; one server, one shelf."""

    shelf: Shelf = field(default_factory=Shelf)


_SHOWN = _Shown()


def show_reports(shelf: Shelf) -> None:
    """From now on the landing page tells of these reports.

    Args:
        shelf: the reports.
    """
    _SHOWN.shelf = shelf


def cards(analyses: Sequence[Analysis]) -> list[dict[str, Any]]:
    """What does the landing page say about each app?

    Args:
        analyses: the register.

    Returns:
        One mapping per analysis: what needs action first, then in the register's order.
    """
    reports = _SHOWN.shelf.reports()
    latest = {str(one.get(key)): one for key in ("analysis", "name") for one in reports}
    found = [_card(one, latest.get(one.name) or latest.get(one.called)) for one in analyses]
    return sorted(found, key=lambda card: _ORDER.index(card["word"]) if card["word"] in _ORDER else len(_ORDER))


def _card(one: Analysis, report: Mapping[str, Any] | None) -> dict[str, Any]:
    day = last_day(one)
    return {
        "name": one.name, "question": one.question, "scope": one.scope, "room": one.room,
        "description": one.description, "data": f"{'Data' if one.fixed else 'Sample data'}: {Path(one.sample).name}",
        "until": f"until {date(day)}" if day else "", **_said(report),
    }  # fmt: skip


def _said(report: Mapping[str, Any] | None) -> dict[str, Any]:
    """The last report in a line, with its reading."""
    if report is None:
        return {"word": "", "badge": "", "report": {}}
    from cxlab.results.html import badge_html

    word = _word(report)
    until = (report.get("data") or {}).get("to")
    told = {"headline": str(report.get("headline", "")), "until": f"until {date(until)}" if until else ""}
    links = {kind: name for kind, name in dict(report.get("files", {})).items() if kind in ("html", "ipynb")}
    return {"word": word, "badge": badge_html(word) if word else "", "report": told | {"files": links}}


def _word(report: Mapping[str, Any]) -> str:
    if report.get("status") != "ok":
        return "Failed"
    decision = report.get("decision")
    return str(decision["verdict"] if decision else report.get("badge", ""))


def last_day(analysis: Analysis) -> str:
    """Until which day does an analysis's sample go?

    Args:
        analysis: its line in the register.

    Returns:
        An ISO day; "" where the sample is no CSV file or names no time.
    """
    column = next((str(one.default or "") for one in analysis.parameters if one.name == "time"), "")
    places = (Path(analysis.sample), folder("data_samples").parent / analysis.sample)
    path = next((place for place in places if place.is_file()), places[1])
    known = bool(column) and path.is_file() and path.name.endswith((".csv", ".csv.gz"))
    return _last_day(path, column, path.stat().st_mtime_ns) if known else ""


@cache
def _last_day(path: Path, column: str, _: int) -> str:
    """Read with the standard library: the server needs no more than this one column."""
    opened = gzip.open if path.name.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", errors="replace", newline="") as text:
        rows = csv.reader(text)
        head = next(rows, [])
        if column not in head:
            return ""
        place = head.index(column)
        last = max((row[place] for row in islice(rows, _ROWS) if len(row) > place), default="")
    return last[:10] if re.match(r"\d{4}-\d\d-\d\d", last) else ""
