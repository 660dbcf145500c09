"""What PostHog, Mixpanel and Amplitude would print for the same log."""

from typing import Any

import pandas as pd

from cxlab.data import Table
from cxlab.retention.cells import Counts, curve
from cxlab.retention.cohort_sql import cluster_sql
from cxlab.retention.definition import TOOLS
from cxlab.retention.masks import count_returns
from cxlab.retention.question import Question, ask

__all__ = ["by_tool", "tool_matrix"]

_OWN = {"anchor": None, "clock": None, "measure": None, "week_start": None, "horizon": None, "brackets": None,
        "cohort": None, "segment": None, "churn_after": None}  # fmt: skip


def tool_matrix(cells: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The cohorts as the tool in `like` prints them: counts of all who began, also in cells that are still running.

    Args:
        cells: the cells of the cohorts, in `group`.
        question: the question.

    Returns:
        One row per cohort and cell that has begun: group, age (the cell), size, returned, share (of the size), running.
    """
    begun = cells[cells["state"] != "unobservable"]
    sized = bool(question.like and TOOLS[question.like].sized)
    returned = begun["so_far"].astype(int).where(~(sized & (begun["age"] == 0)), begun["size"])
    return begun[["group", "age", "size"]].assign(
        returned=returned, share=returned / begun["size"].where(begun["size"] > 0),
        running=begun["state"] == "partial",
    )  # fmt: skip


def by_tool(table: Table, given: dict[str, Any]) -> pd.DataFrame:
    """What is the share that came back one period after the start, by each tool's own definition?

    Args:
        table: the events.
        given: the arguments of `cohort_retention` by name; which events and which log stay as they are.

    Returns:
        One row per tool: tool, anchor, clock, measure, age, n, returned, rate, ci_low, ci_high.
    """
    rows = [_by(ask(table, given | _OWN | {"like": tool})) for tool in TOOLS]
    return pd.DataFrame(rows)


def _by(question: Question) -> dict[str, Any]:
    counts = Counts(count_returns(question))
    cluster = None if question.once else question.table.query(cluster_sql(question))
    named = {"tool": TOOLS[question.like or ""].title, "anchor": question.anchor, "clock": question.clock}
    named["measure"] = question.measure
    found = curve(counts, question, cluster) if counts.started else pd.DataFrame(columns=["age"])
    row = found[found["age"] == 1]
    columns = ["n", "returned", "rate", "ci_low", "ci_high"]
    values = row.iloc[0][columns].to_dict() if len(row) else dict.fromkeys(columns) | {"n": 0}
    return named | {"age": 1} | values
