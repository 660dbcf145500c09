"""The tables as readers see them: text, plain headings, small groups already hidden."""

import pandas as pd

from cxlab.retention.comparison import SMALLEST
from cxlab.retention.findings import Findings
from cxlab.retention.words import period_of
from cxlab.wording import count, interval, p_text, points, share

__all__ = ["displayed"]

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
    if not findings.comparison.empty:
        age = int(findings.comparison["age"].iloc[0])
        tables[f"Difference {period.lower()} {age}, pair by pair"] = _pairs(findings, level)
    tables[f"Share that came back, by {period.lower()} after the start"] = _curve(findings.curve, period, level)
    if not findings.groups.empty:
        caption = f"Share that came back, by group and {period.lower()} ({level} interval)"
        tables[caption] = _grid(findings, findings.groups, "Group")
    if findings.large_cohorts and (findings.question.cohort is None or findings.groups.empty):
        caption = f"Share that came back, by cohort and {period.lower()} ({level} interval)"
        tables[caption] = _grid(findings, findings.cells, "Started")
    return tables


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


def _curve(curve: pd.DataFrame, period: str, level: str) -> pd.DataFrame:
    rows = [_curve_row(row) for row in curve[curve["age"] > 0].to_dict("records")]
    return pd.DataFrame(rows, columns=[period, "Customers seen", "Came back", "Share", f"{level} interval", "Observed"])


def _curve_row(row: dict) -> list[str]:
    age, observed = str(row["age"]), share(row["share_observed"], 0)
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
        row[f"{period_of(findings)} {cell['age']}"] = NONE if few else _cell(cell)
    return row


def _cell(cell: dict) -> str:
    """A rate from fifty people on; a running cell says who has come back so far."""
    if cell["n"] >= SMALLEST:
        ends = f"{100 * cell['ci_low']:.0f} to {100 * cell['ci_high']:.0f}"
        return f"{share(cell['rate'])} ({ends})"
    if cell["n"] == 0 and cell.get("state") == "partial":
        return f"{share(cell['so_far'] / cell['size'], 0)} so far"
    return f"under {SMALLEST} seen" if cell["n"] else NONE
