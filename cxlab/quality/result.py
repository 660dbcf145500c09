"""The result of looking at a table: one row per finding, worst first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxlab.quality.faults import FAULTS
from cxlab.results import Result
from cxlab.wording import count, share

if TYPE_CHECKING:
    import altair as alt

__all__ = ["WORDS", "QualityResult"]

WORDS = {"failure": "Act on", "warning": "Look at", "info": "Know"}
_SHOWN, _PASSED = 8, 3


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class QualityResult(Result):
    """What is wrong with a table and what it does to an answer.

    `table`: one row per finding, worst first: finding, severity, column, rows, share, example, effect, advice.
    `tables["columns"]`: one row per column: column, role, read_as, stored_as, present, missing, distinct.
    """

    def _pictures(self) -> "dict[str, Callable[[int], alt.Chart]]":
        from cxlab.charts.findings import findings_chart

        rows, total = _picture_rows(self), len(self.checks)
        subtitle = f"{count(total)} checks of {count(self.data.rows)} rows, before anything is computed. Worst first."
        hidden = len(self.table) - min(len(self.table), _SHOWN)
        are = "finding is" if hidden == 1 else "findings are"
        more = f" {count(hidden)} more {are} in the table." if hidden else ""
        note = f"Nothing was repaired or removed. All {count(total)} checks are in the list.{more}"
        return {
            "findings": lambda width: findings_chart(
                rows,
                title=picture_title(self.table),
                subtitle=subtitle,
                note=note,
                description=self.headline,
                width=width,
            )
        }

    def _check_titles(self) -> Mapping[str, str]:
        return {name: fault.title for name, fault in FAULTS.items()}

    def _display(self) -> dict[str, pd.DataFrame]:
        found = self.table
        readable = pd.DataFrame(
            {
                "Finding": [f"{WORDS[row.severity]}: {FAULTS[row.finding].title}" for row in found.itertuples()],
                "Where": [_where(row.column, row.example) for row in found.itertuples()],
                "Rows": [f"{count(row.rows)} ({share(row.share)})" for row in found.itertuples()],
                "What it does to the answer": found["effect"].astype(str),
                "What to do": found["advice"].astype(str),
            }
        )
        return ({"Findings, worst first": readable} if len(found) else {}) | {
            "How each column was read": _columns(self)
        }


def _where(column: str, example: str) -> str:
    return f"{column}: {example}" if example else column


def _columns(result: QualityResult) -> pd.DataFrame:
    known = result.tables["columns"]
    return pd.DataFrame(
        {
            "Column": known["column"].astype(str),
            "Role": [role or "–" for role in known["role"]],
            "Read as": known["read_as"].astype(str),
            "Present": [count(n) for n in known["present"]],
            "Missing": [count(n) for n in known["missing"]],
        }
    )


def picture_title(found: pd.DataFrame) -> str:
    """The finding of the picture.

    Args:
        found: the result's table.

    Returns:
        At most 90 characters.
    """
    act, look = ((found["severity"] == level).sum() for level in ("failure", "warning"))
    if act:
        return f"{_things(act)} to act on before this table can carry an answer"
    if look:
        return f"The table can carry an answer, with {_things(look).lower()} to look at"
    return "The table can carry an answer: nothing to act on was found"


def _things(n: int) -> str:
    return "One thing" if n == 1 else f"{count(n)} things"


def _picture_rows(result: QualityResult) -> pd.DataFrame:
    """The worst findings, and a few checks that passed."""
    found = result.table.head(_SHOWN)
    rows = [
        {
            "word": WORDS[row.severity], "title": FAULTS[row.finding].title,
            "detail": _where(row.column, row.example),
            "share": row.share, "rows": row.rows, "effect": row.effect,
        }
        for row in found.itertuples()
    ]  # fmt: skip
    said = set(result.table["finding"])
    passed = [check for check in result.checks if check.name not in said][: max(min(_PASSED, _SHOWN - len(rows)), 1)]
    fine = {"word": "Fine", "detail": "None found", "share": 0.0, "rows": 0, "effect": ""}
    return pd.DataFrame(rows + [{**fine, "title": FAULTS[check.name].title} for check in passed])
