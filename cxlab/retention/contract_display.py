"""The tables of contracts as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import ALL
from cxlab.results import publishable
from cxlab.retention.amounts import money
from cxlab.retention.contract_words import told_median
from cxlab.retention.text_rows import text_rows
from cxlab.wording import MISSING, count, date, number, share

if TYPE_CHECKING:
    from cxlab.retention.contract_values import ContractResult

__all__ = ["contract_display"]

Columns = dict[str, tuple[Any, Callable[[Any], str]]]


def contract_display(result: ContractResult) -> dict[str, pd.DataFrame]:
    """Groups, what lies ahead, the curve, the test, losses through the calendar and parameters, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    given, tables = dict(result.parameters), result.tables
    period, level = given["period"], f"{100 * result.confidence:g}% interval"
    shown = {
        "How long contracts last": _lengths(result.table, given, level),
        "What contracts are worth": _worth(result.table, given, level),
        f"Share of contracts held, by {period}s since the start": _ages(tables, period, level),
        f"{period.capitalize()}s that the model had not seen": text_rows(publishable(tables["tracking"]), {
            f"{period.capitalize()}s after the cut": ("ahead", _whole), "Contracts": ("n", _whole),
            "Held": ("actual", _whole), "Expected": ("expected", _whole), "Range": (("ci_low", "ci_high"), _whole),
        }),
    }  # fmt: skip
    if result.groups[0].contracts.end is not None:
        shown[f"Contracts lost by {period}"] = text_rows(publishable(tables["calendar"]), {
            f"{period.capitalize()} until": ("until", date), "Up for renewal": ("n", _whole), "Lost": ("lost", _whole),
            "Expected": ("expected", _whole),
        })  # fmt: skip
    return shown | {
        "Parameters of the models": text_rows(tables["parameters"], {
            "Group": ("segment", str), "Parameter": ("parameter", str), "Estimate": ("estimate", _significant),
            level: (("ci_low", "ci_high"), _significant),
        })
    }  # fmt: skip


def _whole(value: Any) -> str:
    return count(float(value))


def _significant(value: Any) -> str:
    return number(float(value), 3 if abs(float(value)) < 1 else None)


def _lengths(table: pd.DataFrame, given: dict[str, Any], level: str) -> pd.DataFrame:
    rows = publishable(table)
    shown = text_rows(rows, {
        "Group": ("segment", str), "Contracts": ("n", _whole), "Held": ("held", _whole),
        f"Half lost by {given['period']}": ("median", _whole),
        f"Kept next {given['period']}": ("retention", lambda v: share(float(v))),
    })  # fmt: skip
    spans = [MISSING if pd.isna(row["median_ci_low"]) else told_median(row) for row in rows.to_dict("records")]
    shown.insert(4, level, spans)
    return shown


def _worth(table: pd.DataFrame, given: dict[str, Any], level: str) -> pd.DataFrame:
    def write(value: Any) -> str:
        return money(float(value), given["measured_in"])

    return text_rows(publishable(table), {
        "Group": ("segment", str), "New contract": ("new_value", write),
        f"New, {level}": (("new_ci_low", "new_ci_high"), write), "Held": ("held", _whole),
        "Held, each": ("value", write), f"Held, {level}": (("ci_low", "ci_high"), write),
        "Held, together": ("total_value", write),
    })  # fmt: skip


def _ages(tables: Any, period: str, level: str) -> pd.DataFrame:
    """All contracts: what was seen and what is expected, side by side; groups are in the downloads."""
    seen = publishable(tables["seen"]).drop(columns=["ci_low", "ci_high"])
    seen["watched"] = ["under 5" if pd.isna(n) else count(float(n)) for n in seen["n"]]
    rows = tables["curve"].merge(seen, how="left", on=["segment", "age"])
    return text_rows(rows[rows["segment"] == ALL], {
        period.capitalize(): ("age", _whole), "Still watched": ("watched", str), "Held": ("observed", _share),
        "Expected": ("expected", _share), level: (("ci_low", "ci_high"), _share),
    })  # fmt: skip


def _share(value: Any) -> str:
    return share(float(value))
