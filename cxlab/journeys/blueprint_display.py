"""The tables of a blueprint as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.journeys.blueprints import LANES
from cxlab.results import publishable
from cxlab.wording import MISSING, count, duration, interval, number, share

if TYPE_CHECKING:
    from cxlab.journeys.blueprint import BlueprintResult

__all__ = ["blueprint_display"]

_STATES = {"unseen": "never occurs", "not measured": "not in the log"}


def blueprint_display(result: BlueprintResult) -> dict[str, pd.DataFrame]:
    """Nodes, links and measures as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    nodes = publishable(result.table)
    shown = {"What happens, stage by stage": _nodes(nodes)}
    if len(links := publishable(result.tables["links"])):
        shown["From one to the next"] = _links(links)
    measured = nodes[nodes["value"].notna()]
    if len(measured):
        shown["Measures"] = _measures(measured, result)
    return shown


def _cell(value: Any, write: Callable[[Any], str]) -> str:
    return MISSING if pd.isna(value) else write(value)


def _ends(rows: pd.DataFrame, low: str, high: str, write: Callable[[Any], str]) -> list[str]:
    """Both limits, or one where the other cannot be told yet."""
    found = []
    for first, last in zip(rows[low], rows[high], strict=True):
        open_ = MISSING if pd.isna(first) else f"from {write(first)} on"
        found.append(open_ if pd.isna(last) else interval(first, last, write))
    return found


def _people(n: float, state: str) -> str:
    return _STATES[state] if state in _STATES else "under 5" if pd.isna(n) else count(n)


def _nodes(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "What": rows["node"], "Stage": rows["stage"].replace("", MISSING),
        "Lane": [LANES.get(lane, MISSING) for lane in rows["lane"]],
        "People": [_people(n, state) for n, state in zip(rows["n"], rows["state"], strict=True)],
        "Of the stage": [_cell(v, share) for v in rows["rate"]],
        "Likely between": _ends(rows, "ci_low", "ci_high", share),
        "Takes": [_cell(v, duration) for v in rows["own_time"]],
    })  # fmt: skip


def _links(rows: pd.DataFrame) -> pd.DataFrame:
    own = rows["before"] == rows["node"]
    return pd.DataFrame({
        "From": rows["before"], "To": rows["node"].mask(own, "its end"),
        "People": [_cell(v, lambda n: count(n) if n else MISSING) for v in rows["n"]],
        "Of them come": [_cell(v, share) for v in rows["rate"]],
        "Likely between": _ends(rows, "ci_low", "ci_high", share),
        "Half within": [_cell(v, duration) for v in rows["median_time"]],
        "Time likely between": _ends(rows, "time_low", "time_high", duration),
        "Crosses": [lines or MISSING for lines in rows["crosses"]],
    })  # fmt: skip


def _measures(rows: pd.DataFrame, result: BlueprintResult) -> pd.DataFrame:
    plan = {one.name: one for one in result.blueprint.nodes}
    return pd.DataFrame({
        "What": rows["node"], "Measure": [str(plan[name].metric) for name in rows["node"]],
        "Mean": [number(v) for v in rows["value"]], "In": [plan[name].measured_in or MISSING for name in rows["node"]],
        "Likely between": _ends(rows, "value_low", "value_high", number),
    })  # fmt: skip
