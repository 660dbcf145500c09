"""The tables of revenue retention as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import publishable
from cxlab.retention.amounts import money, signed_money
from cxlab.retention.revenue_words import spell
from cxlab.retention.text_rows import text_rows
from cxlab.wording import MISSING, count, share

if TYPE_CHECKING:
    from cxlab.retention.kept_revenue import RevenueResult

__all__ = ["revenue_display"]


def revenue_display(result: RevenueResult) -> dict[str, pd.DataFrame]:
    """Groups, rates over time, bridges, and what customers pay by age, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    given, tables = dict(result.parameters), result.tables
    who = {"Customers": ("n", lambda value: count(float(value)))}
    rates, named, span = _rates(result.confidence), given["period"].capitalize(), spell(given)
    return {
        f"Revenue kept over {span}": text_rows(publishable(result.table), {"Group": ("segment", str), **who, **rates}),
        f"What came and went over {span}": _changes(tables["changes"], "segment", "Group", given),
        f"Revenue kept over {span}, by {given['period']} of the end": text_rows(
            publishable(tables["over_time"]), {named: ("period", str), **who, **rates}
        ),
        f"What came and went from each {given['period']} to the next": _changes(
            tables["steps"], "period", named, given
        ),
        f"Revenue by {given['period']}s since the first payment": text_rows(
            publishable(tables["curve"]), {f"{named}s since": ("age", lambda age: count(float(age))), **who, **rates}
        ),
        f"Net revenue by {given['period']} of the first payment, {given['period']}s later": _cohorts(tables["cohorts"]),
    }


def _changes(frame: pd.DataFrame, key: str, heading: str, given: dict[str, Any]) -> pd.DataFrame:
    """A row per group or period, a column per change."""
    rows: dict[str, dict[str, str]] = {}
    for row in publishable(frame).to_dict("records"):
        level = row["change"] in ("start", "end")
        write = money if level and row["amount"] else signed_money
        told = "hidden" if pd.isna(row["amount"]) else write(float(row["amount"]), given["measured_in"])
        rows.setdefault(str(row[key]), {})[str(row["change"]).capitalize()] = told
    return pd.DataFrame([{heading: name, **cells} for name, cells in rows.items()])


_AGES = (1, 2, 3, 6, 9, 12, 18, 24, 36, 48)


def _cohorts(frame: pd.DataFrame) -> pd.DataFrame:
    """A row per cohort, a column for some ages; all of them with their intervals are in the download."""
    rows: dict[str, dict[str, str]] = {}
    ages = [age for age in _AGES if age in set(frame["age"])]
    for row in publishable(frame).to_dict("records"):
        size = "under 5" if pd.isna(row["n"]) else count(float(row["n"]))
        cells = rows.setdefault(str(row["cohort"]), {"Customers": size, **{str(age): MISSING for age in ages}})
        if row["age"] in ages:
            cells[str(row["age"])] = MISSING if pd.isna(row["nrr"]) else share(float(row["nrr"]), 0)
    return pd.DataFrame([{"First payment": name, **cells} for name, cells in rows.items()])


def _rates(confidence: float) -> dict[str, tuple[Any, Callable[[Any], str]]]:
    def written(value: Any) -> str:
        return share(float(value))

    level = f"{100 * confidence:g}% interval"
    return {
        "Gross": ("grr", written), f"Gross, {level}": (("grr_ci_low", "grr_ci_high"), written),
        "Net": ("nrr", written), f"Net, {level}": (("nrr_ci_low", "nrr_ci_high"), written),
    }  # fmt: skip
