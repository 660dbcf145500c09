"""From a blueprint to its picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.blueprint import blueprint_chart
from cxlab.charts.blueprint_shapes import Box, Plan
from cxlab.charts.score_rows import Frame
from cxlab.journeys.blueprint_words import longest_wait, wait_title
from cxlab.journeys.blueprints import LANES, Blueprint, Node
from cxlab.results import SMALLEST_DRAWN, publishable
from cxlab.wording import count, duration, interval, number, share

if TYPE_CHECKING:
    from cxlab.journeys.blueprint import BlueprintResult

__all__ = ["blueprint_pictures"]


def blueprint_pictures(result: BlueprintResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it.
    """
    if not any(one.placed for one in result.blueprint.nodes):
        return {}
    return {"blueprint": lambda width: _blueprint(result, width)}


def _blueprint(result: BlueprintResult, width: int) -> Any:
    frame = Frame(
        wait_title(result.table, result.tables["links"]),
        f"Each box: people, their share of the stage's people, and when half of those who come have come. {result.who}",
        f"Service blueprint in five lanes. {result.headline} Numbers in the table below.",
        f"Bars: time since the node that most people came from, with {share(result.confidence, 0)} intervals. Rust: "
        "the longest wait; blue: between lanes; grey: within one. Dashed boxes have no numbers, dashed arrows no time.",
        width,
    )  # fmt: skip
    return blueprint_chart(_plan(result), frame)


def _plan(result: BlueprintResult) -> Plan:
    plan = result.blueprint
    nodes = publishable(result.table).set_index("node")
    top = longest_wait(result.table, result.tables["links"])
    longest = nodes[["median_time", "time_high"]].max(axis=None)
    placed = [one.name for one in plan.nodes if one.placed]
    loose = {one.name for one in plan.nodes} - {end for link in plan.links for end in (link.source, link.target)}
    target = None if top is None else top["node"]
    boxes = [
        _box(name, nodes.loc[name], plan, longest, loose=name in loose, target=target == name) for name in placed
    ]  # fmt: skip
    return Plan(plan.stages, list(LANES.values()), boxes, _arrows(result, placed, target))


def _box(name: str, row: pd.Series, plan: Blueprint, longest: float, *, loose: bool, target: bool) -> Box:
    """One node with its words."""
    told = _told(row, plan.node(name))
    told += [("no link leads here or on", "no link")] if loose else []
    look = "bad" if loose or row["state"] == "unseen" else "plain" if row["state"] == "not measured" else "measured"
    wait = _bar(row, longest)
    tone = "longest" if target and wait[0] > 0 else "between" if row["crosses"] else "within"
    return Box(
        name, plan.stages.index(str(row["stage"])), list(LANES).index(str(row["lane"])), tuple(told), look, wait, tone,
        _tip(name, row),
    )  # fmt: skip


def _bar(row: pd.Series, longest: float) -> tuple[float, float, float]:
    """The time as part of the longest one, with the ends of its interval."""
    if pd.isna(row["median_time"]) or not longest > 0:
        return 0.0, 0.0, 0.0
    middle, low, high = (float(row[name]) / longest for name in ("median_time", "time_low", "time_high"))
    return middle, low, high


def _told(row: pd.Series, node: Node) -> list[tuple[str, str]]:
    """The numbers of a node, each with a shorter form for small boxes."""
    if row["state"] == "not measured":
        return [("not in the log", "not in log")]
    if row["state"] == "unseen":
        return [("never occurs", "never")]
    if pd.isna(row["n"]):
        return [("under 5 people", "under 5")]
    n, part = count(row["n"]), share(row["rate"], 0)
    whole = pd.isna(row["stage_n"]) or row["stage_n"] < SMALLEST_DRAWN
    found = [(f"{n} people", n)] if whole else [(f"{n} people, {part}", f"{n}, {part}")]
    if not pd.isna(row["median_time"]):
        wait = duration(row["median_time"])
        found.append((f"half within {wait}", f"in {wait}"))
    if not pd.isna(row["own_time"]):
        found.append((f"takes {duration(row['own_time'])}",) * 2)
    if not pd.isna(row["value"]):
        value = f"{number(row['value'])} {node.measured_in}".strip()
        found.append((f"{node.metric} {value}", value))
    return found


def _tip(name: str, row: pd.Series) -> str:
    if row["state"] != "measured" or pd.isna(row["n"]):
        return name
    parts = [f"{name}: {count(row['n'])} people"]
    if not pd.isna(row["rate"]):
        parts.append(f"{share(row['rate'])} of the stage ({interval(row['ci_low'], row['ci_high'], share)})")
    if not pd.isna(row["median_time"]):
        ends = interval(row["time_low"], row["time_high"], duration)
        parts.append(f"half within {duration(row['median_time'])} ({ends}) of “{row['before']}”")
    return ", ".join(parts)


def _arrows(result: BlueprintResult, placed: list[str], target: str | None) -> list[tuple[int, int, str, str]]:
    links = publishable(result.tables["links"]).set_index(["before", "node"])
    main = result.table.set_index("node")["before"]
    found = []
    for link in result.blueprint.links:
        if link.source in placed and link.target in placed:
            row = links.loc[(link.source, link.target)]
            known = not pd.isna(row["median_time"])
            longest = link.target == target and main[link.target] == link.source
            tone = "plain" if not known else "longest" if longest else "between" if row["crosses"] else "within"
            tip = f"{link.source} → {link.target}"
            tip += f": half of those who come within {duration(row['median_time'])}" if known else ""
            found.append((placed.index(link.source), placed.index(link.target), tone, tip))
    return found
