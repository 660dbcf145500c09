"""A visitor's own table in an app: what is wrong with it, and which settings to begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from cxlab.publish.register import Analysis
from cxlab.publish.upload import Upload, open_upload
from cxlab.wording import count

if TYPE_CHECKING:
    from cxlab.quality import QualityResult

__all__ = ["Own", "look_at"]

_GUESSED = frozenset({"unit", "time", "event", "variant", "score", "amount"})
_STEPS = 5


@dataclass(frozen=True)
class Own:
    """The opened table, what was found about it, and the settings that its columns suggest."""

    data: Any
    values: Mapping[str, Any]
    quality: "QualityResult | None"

    def html(self) -> str:
        """What the visitor sees before any answer.

        Returns:
            HTML without page frame and style.
        """
        rows = f"{count(self.data.rows)} rows, {count(len(self.data.columns))} columns"
        report = "" if self.quality is None else self.quality.to_html(stills=False)
        return (
            f'<div class="cx-result cx-own"><h2>Your data: {escape(self.data.source.removeprefix("The file "))}, {rows}'
            "</h2><p>Nothing has been calculated yet. Read what was found, choose in the settings which column is "
            "which, then press Calculate. The file was read into this visit’s memory and deleted from the disk; when "
            f"you close the page, nothing of it is left.</p>{report}</div>"
        )


def look_at(upload: Upload, analysis: Analysis) -> Own:
    """Open what a visitor sent, and check it against what the analysis needs.

    Args:
        upload: the file, whole.
        analysis: the page's analysis.

    Returns:
        The table with what was found.

    Raises:
        SourceError: it cannot be read.
    """
    from cxlab.quality import check_data

    data = open_upload(upload)
    usual = {one.name: one.default for one in analysis.own if not one.required}
    if not analysis.contract:
        return Own(data, usual, None)
    found = check_data(data, as_=analysis.contract)  # type: ignore[arg-type]
    values = usual | _columns(analysis, data)
    return Own(data, values | _suggested(analysis, data, values), found)


def _columns(analysis: Analysis, data: Any) -> dict[str, str]:
    """The column of each role that has one of its usual names."""
    from cxlab.quality.columns import find_columns
    from cxlab.quality.contracts import CONTRACTS

    roles = {one.role: one.name for one in find_columns(data, CONTRACTS[analysis.contract], {})}
    wanted = [one.name for one in analysis.own if one.names_column and one.name in _GUESSED]
    return {name: roles[name] for name in wanted if name in roles}


def _suggested(analysis: Analysis, data: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """A first value for what must be given and cannot be a column's name."""
    needed = {one.name for one in analysis.own if one.required or one.name == "metrics"}
    found: dict[str, Any] = {}
    for name in ("steps", "stages"):
        if name in needed and values.get("event"):
            found[name] = data.values(values["event"], most=_STEPS)
    if "within" in needed:
        found["within"] = "7D"
    if "metrics" in needed:
        found["metrics"] = _measured(data, set(values.values()))
    if values.get("control") not in (shown := _variants(data, values)) and shown:
        found["control"] = shown[0]
    return found


def _variants(data: Any, values: Mapping[str, Any]) -> list[str]:
    return data.values(values["variant"]) if values.get("variant") in data.columns else []


def _measured(data: Any, taken: set[Any]) -> list[str]:
    """The first column that holds yes and no, as a share; else the first of numbers, as a mean."""
    numeric = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")
    means = []
    for name in data.columns:
        if name in taken:
            continue
        held = set(data.values(name, most=3))
        if held and held <= {"0", "1", "true", "false", "True", "False", "yes", "no", "0.0", "1.0"}:
            return [f"proportion({name!r})"]
        if any(word in data.types[name] for word in numeric) or all(map(_is_number, held)):
            means.append(f"mean({name!r})")
    return means[:1]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
