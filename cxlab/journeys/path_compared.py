"""Two segments beside each other, table by table: the same share or time in both, and the difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cxlab.data import ALL
from cxlab.journeys.path_counts import PathCounts
from cxlab.journeys.path_log import PathLog
from cxlab.journeys.path_shares import compared_estimates, compared_shares, largest_segment
from cxlab.journeys.path_tables import removals

__all__ = ["compared_tables"]

# Which columns name a share, and which of them name what it is a share of.
_SHARES: dict[str, tuple[list[str], list[str]]] = {
    "places": (["position", "event"], ["position"]), "variants": (["path"], []),
    "loops": (["event", "kind"], ["event", "kind"]), "backtracking": (["stage", "measure"], ["stage", "measure"]),
    "conformance": (["way"], []), "deviations": (["kind", "stage", "other"], []), "clusters": (["cluster"], []),
}  # fmt: skip


def compared_tables(
    log: PathLog, counts: PathCounts, moves: pd.DataFrame, tables: Mapping[str, pd.DataFrame], *, confidence: float
) -> dict[str, pd.DataFrame]:
    """In what do the segments differ from the largest one?

    Args:
        log: the paths.
        counts: what was counted.
        moves: the table of moves.
        tables: the other tables.
        confidence: level of the intervals.

    Returns:
        "comparison" of the moves, and "…_comparison" of every table of shares, times and removal effects that has
        segments of 50 or more: what names the row, segment, n, estimate, control, control_n, control_estimate, effect,
        ci_low, ci_high, p_value, p_adjusted (Benjamini-Hochberg over the rows of one table).
    """
    level: dict[str, Any] = {"control": largest_segment(counts.sizes), "confidence": confidence}
    if level["control"] is None:
        return {}
    rows = moves.assign(size=moves["source_moves"])
    found = {"comparison": compared_shares(rows, ["source", "target"], base=["source"], **level)}
    for name, (keys, base) in _SHARES.items():
        if name in tables and "segment" in tables[name]:
            found[f"{name}_comparison"] = compared_shares(tables[name], keys, base=base, **level)
    if "lost_time" in tables:
        times = tables["lost_time"]
        found["lost_time_comparison"] = compared_estimates(times, ["stage"], value="median_time", **level)
    if "removal" in tables:
        every = [removals(log, counts, name, confidence) for name in counts.groups if name != ALL]
        effects = pd.concat(every, ignore_index=True)
        found["removal_comparison"] = compared_estimates(effects, ["event"], value="effect", **level)
    return {name: frame for name, frame in found.items() if len(frame)}
