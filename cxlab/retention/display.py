"""The tables as readers see them: text, plain headings, small groups already hidden."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from cxlab.results.privacy import publishable
from cxlab.retention.comparison import SMALLEST
from cxlab.retention.definition import TOOLS
from cxlab.retention.findings import Findings
from cxlab.retention.text_rows import text_rows
from cxlab.retention.words import period_of
from cxlab.wording import count, interval, p_text, points, share

__all__ = ["displayed"]

Columns = dict[str, tuple[Any, Callable[[Any], str]]]
MOST_AGES, MOST_COHORTS = 12, 30
NONE = "–"
SMALLEST_SHOWN = 5


def displayed(findings: Findings) -> dict[str, pd.DataFrame]:
    """Which tables stand under the pictures?

    Args:
        findings: the findings.

    Returns:
        Caption and table of text.
    """
    level, period = f"{100 * findings.question.confidence:g}%", period_of(findings)
    tables = {}
    if not findings.tools.empty:
        tables[f"Back in {period.lower()} 1, as each tool counts"] = _by_tool(findings, level)
    if not findings.comparison.empty:
        age = findings.age_name(int(findings.comparison["age"].iloc[0]))
        tables[f"Difference {period.lower()} {age}, pair by pair"] = _pairs(findings, level)
    tables[f"Share that came back, by {period.lower()} after the start"] = _curve(findings, period, level)
    if not findings.groups.empty:
        caption = f"Share that came back, by group and {period.lower()} ({level} interval)"
        tables[caption] = _grid(findings, findings.groups, "Group")
    if findings.large_cohorts and (findings.question.cohort is None or findings.groups.empty):
        caption = f"Share that came back, by cohort and {period.lower()} ({level} interval)"
        tables[caption] = _grid(findings, findings.cells, "Started")
    if not findings.matrix.empty:
        title = TOOLS[findings.question.like or ""].title
        tables[f"As {title} prints it: all who came back so far, also in cells still running"] = _as_tool(findings)
    if not findings.stays.empty:
        tables[f"Who stays and who leaves, by {period.lower()}"] = _stays(findings, period, level)
    return tables


def _by_tool(findings: Findings, level: str) -> pd.DataFrame:
    columns: Columns = {"Tool": ("tool", str), "Start": ("anchor", _words), "Clock": ("clock", _words),
               "Back": ("measure", _words), "Customers seen": ("n", count), "Share": ("rate", share),
               f"{level} interval": (("ci_low", "ci_high"), share)}  # fmt: skip
    return text_rows(publishable(findings.tools), columns)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _as_tool(findings: Findings) -> pd.DataFrame:
    """One row per cohort: its size, then counts; small cohorts hidden."""
    rows = []
    for group, part in findings.matrix.groupby("group", sort=False):
        size = int(part["size"].iloc[0])
        few = 0 < size < SMALLEST
        row = {"Started": findings.name(group), "Customers": f"under {SMALLEST}" if few else count(size)}
        for cell in part[part["age"] <= MOST_AGES].to_dict("records"):
            told = count(cell["returned"]) + ("*" if cell["running"] else "")
            row[f"{period_of(findings)} {findings.age_name(int(cell['age']))}"] = NONE if few else told
        rows.append(row)
    return pd.DataFrame(rows[-MOST_COHORTS:]).fillna(NONE)


def _stays(findings: Findings, period: str, level: str) -> pd.DataFrame:
    columns: Columns = {
        "Group": ("segment", str), period: ("age", lambda age: f"{age:.0f}"), "Still watched": ("n", count),
        "Left": ("churned", count), "Share that left": ("hazard", share),
        f"its {level} interval": (("hazard_low", "hazard_high"), share), "Share that stays": ("estimate", share),
        f"{level} interval": (("ci_low", "ci_high"), share),
    }  # fmt: skip
    shown = publishable(findings.stays[findings.stays["age"] <= MOST_AGES])
    table = text_rows(shown, columns)
    return table if findings.question.segment else table.drop(columns="Group")


def _pairs(findings: Findings, level: str) -> pd.DataFrame:
    rows = findings.comparison.to_dict("records")
    return pd.DataFrame({
        "Group": [row["segment"] for row in rows],
        "Against": [row["against"] for row in rows],
        "Share": [share(row["estimate"]) for row in rows],
        "Share of the other": [share(row["control_estimate"]) for row in rows],
        "Difference": [points(row["effect"]) for row in rows],
        f"{level} interval": [interval(row["ci_low"], row["ci_high"], points) for row in rows],
        "p, adjusted": [p_text(row["p_adjusted"]) for row in rows],
    })  # fmt: skip


def _curve(findings: Findings, period: str, level: str) -> pd.DataFrame:
    curve = findings.curve
    rows = [_curve_row(row, findings.age_name(row["age"])) for row in curve[curve["age"] > 0].to_dict("records")]
    return pd.DataFrame(rows, columns=[period, "Customers seen", "Came back", "Share", f"{level} interval", "Observed"])


def _curve_row(row: dict, age: str) -> list[str]:
    observed = share(row["share_observed"], 0)
    if row["n"] == 0:
        return [age, NONE, NONE, NONE, NONE, observed]
    if row["n"] < SMALLEST_SHOWN:
        return [age, f"under {SMALLEST_SHOWN}", NONE, NONE, NONE, NONE]
    likely = interval(row["ci_low"], row["ci_high"], share)
    return [age, count(row["n"]), count(row["returned"]), share(row["rate"]), likely, observed]


def _grid(findings: Findings, cells: pd.DataFrame, heading: str) -> pd.DataFrame:
    """One row per group, one column per age; the newest cohorts where there are many."""
    shown = cells[(cells["age"] > 0) & (cells["age"] <= MOST_AGES)]
    rows = [_grid_row(findings, group, part, heading) for group, part in shown.groupby("group", sort=False)]
    return pd.DataFrame(rows[-MOST_COHORTS:]).fillna(NONE)


def _grid_row(findings: Findings, group: object, part: pd.DataFrame, heading: str) -> dict[str, str]:
    size = int(part["size"].iloc[0])
    name = str(group) if heading == "Group" else findings.name(group)
    few = 0 < size < SMALLEST
    row = {heading: name, "Customers": f"under {SMALLEST}" if few else count(size)}
    for cell in part.to_dict("records"):
        row[f"{period_of(findings)} {findings.age_name(cell['age'])}"] = NONE if few else _cell(cell)
    return row


def _cell(cell: dict) -> str:
    """A rate from fifty people on; a running cell says who has come back so far."""
    if cell["n"] >= SMALLEST:
        ends = f"{100 * cell['ci_low']:.0f} to {100 * cell['ci_high']:.0f}"
        return f"{share(cell['rate'])} ({ends})"
    if cell["n"] == 0 and cell.get("state") == "partial":
        return f"{share(cell['so_far'] / cell['size'], 0)} so far"
    return f"under {SMALLEST} seen" if cell["n"] else NONE
