"""The tables of customer value as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import publishable
from cxlab.retention.amounts import rounded
from cxlab.retention.value_findings import ValueFindings
from cxlab.wording import MISSING, count, date, number, share

if TYPE_CHECKING:
    from cxlab.retention.lifetime_value import ValueResult

__all__ = ["value_display"]

_MEASURES = {
    "purchases ahead": "Purchases in the next {ahead}",
    "revenue ahead": "Amount of these purchases",
    "still customers": "Customers who still are",
    "value of all customers": "Value of all customers, discounted, without end",
    "value of a new customer": "Value of a new customer, the first purchase included",
    "purchases expected in the test": "Purchases expected after the cut of the test",
}


def value_display(result: ValueResult) -> dict[str, pd.DataFrame]:
    """Totals, groups, the test and the parameters, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells; no customer stands in any of them.
    """
    found = result.found
    tables = {
        "All customers together": _totals(found),
        "Customers by value, ten groups of equal size": _groups(found, result.tables["tenths"], "tenth", "Tenth"),
    }
    if len(result.table) > 1:
        tables["Customers by segment"] = _groups(found, result.table, "segment", "Segment")
    tables |= {
        "Customers by month of the first purchase": _groups(found, result.tables["cohorts"], "cohort", "Month"),
        "How often customers had bought, and what they did after the cut": _holdout(result.tables["holdout"]),
        "How often customers bought until the cut": _frequency(result.tables["frequency"]),
        f"Repeat purchases by {found.period}": _periods(result.tables["tracking"]),
        "Parameters of the models": _parameters(result.tables["parameters"], found),
    }
    return tables


def _span(low: Any, high: Any, write: Any) -> str:
    return MISSING if pd.isna(low) or pd.isna(high) else f"{write(float(low))} to {write(float(high))}"


def _people(n: Any) -> str:
    return "under 5" if pd.isna(n) else count(float(n))


def _told(value: Any, write: Any) -> str:
    return MISSING if pd.isna(value) else str(write(float(value)))


def _totals(found: ValueFindings) -> pd.DataFrame:
    rows = []
    for row in found.totals().to_dict("records"):
        plain = str(row["measure"]).startswith(("purchases", "still"))
        write = (lambda value: count(rounded(value))) if plain else found.money
        rows.append({
            "Total": _MEASURES[str(row["measure"])].format(ahead=found.ahead()),
            "Expected": _told(row["estimate"], write),
            f"{found.level} interval": _span(row["ci_low"], row["ci_high"], write),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _groups(found: ValueFindings, frame: pd.DataFrame, key: str, heading: str) -> pd.DataFrame:
    rows = []
    for row in publishable(frame).to_dict("records"):
        told = {heading: str(row[key]), "Customers": _people(row["n"])}
        told |= {
            "Still customers": _told(row["probability_alive"], lambda v: share(v, 0)),
            f"Purchases ahead, {found.ahead()}": _told(row["expected_purchases"], lambda v: number(v, 2)),
            "Value each": _told(row["value"], found.money),
            f"{found.level} interval": _span(row["ci_low"], row["ci_high"], found.money),
            "Value together": _told(row["total_value"], found.money),
        }
        if "share" in row:
            told["Share of all value"] = _told(row["share"], lambda v: share(v, 0))
        rows.append(told)
    return pd.DataFrame(rows)


def _holdout(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame([
        {"Repeat purchases before": str(row["frequency"]), "Customers": _people(row["n"]),
         "Purchases each after": _told(row["actual_each"], lambda v: number(v, 2)),
         "Expected each": _told(row["expected_each"], lambda v: number(v, 2))}
        for row in publishable(frame).to_dict("records")
    ])  # fmt: skip


def _frequency(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame([
        {"Repeat purchases": str(row["frequency"]), "Customers": _people(row["n"]),
         "Expected": _told(row["expected"], count), "Range": _span(row["ci_low"], row["ci_high"], count)}
        for row in publishable(frame).to_dict("records")
    ])  # fmt: skip


def _periods(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame([
        {"Until": date(str(row["end"])), "Model": "fitted" if row["window"] == "fitted" else "tested",
         "Customers": _people(row["n"]), "Came": _told(row["actual"], count),
         "Expected": _told(row["expected"], lambda v: number(v, 1)),
         "Range": _span(row["ci_low"], row["ci_high"], count),
         "Came so far": _told(row["actual_so_far"], count), "Expected so far": _told(row["expected_so_far"], count)}
        for row in publishable(frame).to_dict("records")
    ])  # fmt: skip


def _parameters(frame: pd.DataFrame, found: ValueFindings) -> pd.DataFrame:
    def write(value: float) -> str:
        return number(value, 3 if abs(value) < 100 else 0)

    return pd.DataFrame([
        {"Model": str(row["model"]), "Parameter": str(row["parameter"]), "Estimate": write(row["estimate"]),
         f"{found.level} interval": f"{_told(row['ci_low'], write)} to {_told(row['ci_high'], write)}"}
        for row in frame.to_dict("records")
    ])  # fmt: skip
