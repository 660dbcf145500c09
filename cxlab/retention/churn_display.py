"""The tables of who leaves sooner as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import publishable
from cxlab.retention.churn_words import ratio, spell
from cxlab.retention.text_rows import text_rows
from cxlab.wording import MISSING, count, number, p_text, share

if TYPE_CHECKING:
    from cxlab.retention.leaving import ChurnResult

__all__ = ["churn_display"]

Columns = dict[str, tuple[Any, Callable[[Any], str]]]


def churn_display(result: ChurnResult) -> dict[str, pd.DataFrame]:
    """Drivers, groups, pairs, reasons and tests, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    given, level = dict(result.parameters), f"{100 * result.confidence:g}% interval"
    after = spell(result.found.periods, given)
    shown: dict[str, tuple[str, Columns]] = {}
    if result.hazards is not None:
        shown["How many times as often customers leave"] = "table", _driver_columns(level)
    groups = "groups" if result.hazards is not None else "table"
    shown[f"Still here after {after}, and mean time within it"] = groups, _group_columns(result, level)
    shown[f"Each two groups: mean time within {after}, and log-rank test"] = "pairs", _pair_columns(given, level)
    shown[f"Gone for each reason after {after}"] = "reasons", _reason_columns(level)
    shown["Ratios early and late"] = "spells", _spell_columns(given, level)
    shown["Does a ratio change over time?"] = "proportional_hazards", _test_columns("Driver", "driver")
    shown["Tests over all groups"] = "tests", _test_columns("Test", "test")
    frames = {"table": result.table, **result.tables}
    return {
        caption: text_rows(publishable(frames[name]), columns)
        for caption, (name, columns) in shown.items() if name in frames
    }  # fmt: skip


def _whole(value: Any) -> str:
    return count(float(value))


def _part(value: Any) -> str:
    return share(float(value))


def _times(value: Any) -> str:
    return ratio(float(value))


def _spelled(value: Any) -> str:
    return number(float(value), 1)


def _signed(value: Any) -> str:
    return number(float(value), 1, sign=True)


def _probability(value: Any) -> str:
    return MISSING if pd.isna(value) else p_text(float(value))


def _driver_columns(level: str) -> Columns:
    return {
        "Driver": ("driver", str), "Level": ("level", str), "Customers": ("n", _whole), "Left": ("churned", _whole),
        "Times as often": ("estimate", _times), level: (("ci_low", "ci_high"), _times),
        "p, for all rows": ("p_adjusted", _probability),
    }  # fmt: skip


def _group_columns(result: ChurnResult, level: str) -> Columns:
    period = result.parameters["period"]
    columns: Columns = {
        "Group": ("group", str), "Customers": ("n", _whole), "Left": ("churned", _whole),
        "Still here": ("estimate", _part), level: (("ci_low", "ci_high"), _part),
        f"Half left after, {period}s": ("median", _spelled), f"Mean {period}s": ("mean", _spelled),
    }  # fmt: skip
    if "difference" not in result.tables.get("groups", result.table):
        return columns
    return columns | {
        f"Minus “{result.found.reference}”": ("difference", _signed),
        f"Difference, {level}": (("difference_ci_low", "difference_ci_high"), _signed),
        "p, for all pairs": ("p_adjusted", _probability),
    }


def _pair_columns(given: dict[str, Any], level: str) -> Columns:
    return {
        "Group": ("group", str), "Against": ("against", str),
        f"Difference, {given['period']}s": ("difference", _signed), level: (("ci_low", "ci_high"), _signed),
        "p": ("p_value", _probability),
        "p, for all pairs": ("p_adjusted", _probability),
    }  # fmt: skip


def _reason_columns(level: str) -> Columns:
    return {
        "Group": ("group", str), "Reason": ("reason", str), "Customers": ("size", _whole),
        "Left for it": ("n", _whole), "Gone": ("estimate", _part), level: (("ci_low", "ci_high"), _part),
    }  # fmt: skip


def _spell_columns(given: dict[str, Any], level: str) -> Columns:
    return {
        "Driver": ("driver", str), "Level": ("level", str), "Spell": ("spell", str),
        f"Early until, {given['period']}s": ("until", _spelled), "Customers then": ("n", _whole),
        "Left in it": ("churned", _whole), "Times as often": ("estimate", _times),
        level: (("ci_low", "ci_high"), _times),
    }  # fmt: skip


def _test_columns(heading: str, column: str) -> Columns:
    named: Columns = {heading: (column, str)}
    if column == "test":
        named["Reason"] = ("reason", str)
    return named | {
        "Chi-square": ("statistic", lambda value: number(float(value), 2)), "df": ("df", _whole),
        "p": ("p_value", _probability), "p, for all": ("p_adjusted", _probability),
    }  # fmt: skip
