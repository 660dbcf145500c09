"""Tidy tables of a blueprint: every node with its people, times and measure, and every link."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from cxlab.journeys.blueprint_counts import BlueprintCounts, EventSums
from cxlab.journeys.blueprints import LANES, Blueprint, Link, Node, crossed_lines
from cxlab.results import SMALLEST_GROUP
from cxlab.stats.arrivals import Arrivals, arrivals
from cxlab.stats.proportions import wilson_interval

__all__ = ["link_table", "node_table"]

_NO_TIME = dict.fromkeys(("median_time", "time_low", "time_high"), np.nan)


def link_table(blueprint: Blueprint, counts: BlueprintCounts, *, confidence: float) -> pd.DataFrame:
    """How many go along each link, and how long does it take them?

    Args:
        blueprint: what is drawn.
        counts: what the log says.
        confidence: level of the intervals.

    Returns:
        One row per link, and per node with an end (from its begin to its end): before, node, n (people at `before`),
        arrived (who came so far), rate (that come at all), ci_low, ci_high, median_time (seconds, of those who come),
        time_low, time_high, followed (seconds), crosses (lines between the lanes).
    """
    lanes, rows = {one.name: one.lane for one in blueprint.nodes}, []
    order = {one.name: place for place, one in enumerate(sorted(blueprint.nodes, key=partial(_place, blueprint)))}
    links = dict.fromkeys((*blueprint.links, *counts.waits))
    for link in sorted(links, key=lambda one: (order[one.target], order[one.source])):
        crosses = ", ".join(crossed_lines(lanes[link.source], lanes[link.target]))
        times = _timed(counts, link, confidence) if link in counts.waits else {"n": 0, "arrived": 0, **_NO_TIME}
        rows.append({"before": link.source, "node": link.target, **times, "crosses": crosses})
    columns = ["before", "node", "n", "arrived", "rate", "ci_low", "ci_high", *_NO_TIME, "followed", "crosses"]
    return pd.DataFrame(rows, columns=columns)


def _place(blueprint: Blueprint, node: Node) -> tuple[int, int]:
    """Where a node stands: by stage, and within it from the customer inwards; what has no place comes last."""
    return (*blueprint.stages, node.stage).index(node.stage), (*LANES, node.lane).index(node.lane)


def _timed(counts: BlueprintCounts, link: Link, confidence: float) -> dict[str, Any]:
    frame, horizon = counts.waits[link], counts.horizons[link]
    n = int(frame["n"].sum())
    arrived = int(frame.loc[(frame["came"] == 1) & (frame["wait"] <= horizon), "n"].sum())
    if not n:
        return {"n": 0, "arrived": 0, **_NO_TIME}
    found = arrivals(frame["wait"], frame["came"], horizon=horizon, weights=frame["n"], confidence=confidence)
    return {"n": n, "arrived": arrived, **_ends(found), "followed": horizon / 1e6}


def _ends(found: Arrivals) -> dict[str, float]:
    share = dict(zip(("rate", "ci_low", "ci_high"), found.share, strict=True))
    return share | dict(zip(_NO_TIME, (one / 1e6 for one in found.median), strict=True))


def node_table(
    log: EventSums, blueprint: Blueprint, counts: BlueprintCounts, links: pd.DataFrame, *, confidence: float
) -> pd.DataFrame:
    """Who comes to each node, how long after the one before, and what was measured there?

    Args:
        log: the events.
        blueprint: what is drawn.
        counts: what the log says.
        links: the table of links.
        confidence: level of the intervals.

    Returns:
        One row per node, by stage and lane: stage, lane, node, state ("measured", "unseen", "not measured"), n
        (people), stage_n, rate (of the stage's people), ci_low, ci_high, before (the node that most came from),
        median_time, time_low, time_high (seconds since then), crosses, own_time, own_low, own_high (from its begin to
        its end), value, value_low, value_high (its metric).
    """
    rows = [_node_row(log, one, counts, links, confidence) for one in blueprint.nodes]
    frame = pd.DataFrame(rows)
    low, high = wilson_interval(frame["n"], frame["stage_n"], confidence=confidence)
    frame = frame.assign(rate=frame["n"] / frame["stage_n"].where(frame["stage_n"] > 0), ci_low=low, ci_high=high)
    frame[["ci_low", "ci_high"]] = frame[["ci_low", "ci_high"]].where(frame["rate"].notna(), np.nan)
    order = sorted(range(len(frame)), key=lambda row: _place(blueprint, blueprint.nodes[row]))
    return frame.loc[order, _COLUMNS].reset_index(drop=True)


_COLUMNS = [
    "stage", "lane", "node", "state", "n", "stage_n", "rate", "ci_low", "ci_high", "before", "median_time", "time_low",
    "time_high", "crosses", "own_time", "own_low", "own_high", "value", "value_low", "value_high",
]  # fmt: skip


def _node_row(
    log: EventSums, node: Node, counts: BlueprintCounts, links: pd.DataFrame, confidence: float
) -> dict[str, Any]:
    seen = any(name in log.people for name in node.events)
    value = _measure(counts.metrics, node.name, confidence)
    n = float(counts.nodes["n"].get(node.name, 0)) if seen else float(counts.metrics["n"].get(node.name, np.nan))
    state = "measured" if seen or (not node.events and n > 0) else "unseen" if node.events else "not measured"
    own = links[(links["before"] == node.name) & (links["node"] == node.name)]
    return {
        "stage": node.stage, "lane": node.lane, "node": node.name, "state": state,
        "n": 0.0 if state == "unseen" else n, "stage_n": float(counts.stages.get(node.stage, 0)) if seen else np.nan,
        **_main(links, node.name), **_own(own), **dict(zip(("value", "value_low", "value_high"), value, strict=True)),
    }  # fmt: skip


def _main(links: pd.DataFrame, name: str) -> dict[str, Any]:
    """The link by which most people came; no time is told of fewer than five."""
    rows = links[(links["node"] == name) & (links["before"] != name) & (links["arrived"] >= SMALLEST_GROUP)]
    if rows.empty:
        return {"before": "", **_NO_TIME, "crosses": ""}
    top = rows.sort_values("arrived", ascending=False, kind="stable").iloc[0]
    return {name: top[name] for name in ("before", *_NO_TIME, "crosses")}


def _own(rows: pd.DataFrame) -> dict[str, float]:
    names = ("own_time", "own_low", "own_high")
    if rows.empty or rows["arrived"].iloc[0] < SMALLEST_GROUP:
        return dict.fromkeys(names, np.nan)
    return dict(zip(names, rows[list(_NO_TIME)].iloc[0].astype(float), strict=True))


def _measure(metrics: pd.DataFrame, name: str, confidence: float) -> tuple[float, float, float]:
    """The mean over people of each one's own mean; a share where all are 0 or 1."""
    if name not in metrics.index or metrics["n"][name] < SMALLEST_GROUP:
        return np.nan, np.nan, np.nan
    row: Mapping[Any, Any] = metrics.loc[name].to_dict()
    n, mean = float(row["n"]), float(row["total"]) / float(row["n"])
    if row["flag"]:
        low, high = wilson_interval(row["total"], n, confidence=confidence)
        return mean, float(low), float(high)
    variance = max((float(row["squares"]) - n * mean**2) / (n - 1), 0.0)
    reach = float(stdtrit(n - 1, (1 + confidence) / 2)) * np.sqrt(variance / n)
    return mean, mean - reach, mean + reach
