"""A blueprint in plain words: headline, numbers, definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlab.journeys.blueprint_counts import BlueprintCounts, EventSums
from cxlab.journeys.blueprints import Blueprint
from cxlab.journeys.words import moment
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, Figure
from cxlab.wording import count, date, duration, interval, sentence_list, share

__all__ = [
    "CHECK_TITLES", "TITLE", "Drawn", "blueprint_definitions", "blueprint_figures", "blueprint_headline",
    "blueprint_scope", "blueprint_who", "longest_wait", "wait_title",
]  # fmt: skip

TITLE = "What happens behind each step, and where do customers wait?"
CHECK_TITLES = {
    "places": "Lanes and stages", "links": "Links", "orphans": "Loose ends", "unseen_events": "Events that never occur",
    "unshown_events": "Events not drawn", "skipped_lanes": "Lanes left out", "unmeasured": "Nodes without numbers",
    "other_ways": "Other ways in", "metrics": "Measures", "starter": "A start",
}  # fmt: skip
_HIDDEN = ("back", "support")


@dataclass(frozen=True)
class Drawn:
    """Everything that words, checks and pictures are made of."""

    log: EventSums
    blueprint: Blueprint
    counts: BlueprintCounts
    nodes: pd.DataFrame
    links: pd.DataFrame
    given: Mapping[str, Any]

    @property
    def waits(self) -> pd.DataFrame:
        """The links between two nodes, without the nodes' own times."""
        return self.links[self.links["before"] != self.links["node"]]


def longest_wait(nodes: pd.DataFrame, links: pd.DataFrame) -> pd.Series | None:
    """The longest time until something that is not the customers' own doing, else until anything.

    Of several links to a node the one counts that most people came by, as everywhere beside the node.

    Args:
        nodes: the table of nodes.
        links: the table of links.

    Returns:
        The link, with the lane of its target; None where no time is known of 50 people or more.
    """
    rows = links.merge(nodes[["node", "before", "lane"]], on=["before", "node"])
    rows = rows[(rows["arrived"] >= SMALLEST_DRAWN) & (rows["median_time"] > 0)]
    served = rows[rows["lane"] != "customer"]
    rows = served if len(served) else rows
    return None if rows.empty else rows.loc[rows["median_time"].idxmax()]


def _limits(row: pd.Series) -> str:
    if pd.isna(row["time_high"]):
        return f"from {duration(row['time_low'])} on"
    return interval(row["time_low"], row["time_high"], duration)


def _where(row: pd.Series) -> str:
    """Where that wait is hidden from customers."""
    if row["crosses"]:
        return f", across the {row['crosses'].replace(', ', ' and the ')}"
    return ", behind the line of visibility" if row["lane"] in _HIDDEN else ""


def blueprint_headline(drawn: Drawn) -> str:
    """The answer in one or two sentences."""
    if drawn.log.everybody < SMALLEST_GROUP:
        return f"Fewer than {SMALLEST_GROUP} people were seen."
    row = longest_wait(drawn.nodes, drawn.links)
    measured = int((drawn.nodes["state"] == "measured").sum())
    told = f"The log shows {measured} of {len(drawn.nodes)} nodes."
    if row is None:
        return f"{told} No time between two nodes is known of {SMALLEST_DRAWN} people or more."
    return (
        f"Customers wait longest before “{row['node']}”{_where(row)}: half within {duration(row['median_time'])} "
        f"({_limits(row)}) of “{row['before']}”. {told}"
    )


def wait_title(nodes: pd.DataFrame, links: pd.DataFrame) -> str:
    """The finding of the picture, at most 90 letters."""
    row = longest_wait(nodes, links)
    if row is None:
        return "The service, lane by lane"
    title = f"The longest wait: {duration(row['median_time'])} before “{row['node']}”"
    return title if len(title) <= 90 else f"The longest wait: {duration(row['median_time'])}"


def blueprint_figures(drawn: Drawn) -> tuple[Figure, ...]:
    """The three numbers under the answer."""
    if drawn.counts.shown < SMALLEST_GROUP:
        return ()
    found = [Figure(count(drawn.counts.shown), "people were followed through the blueprint")]
    row = longest_wait(drawn.nodes, drawn.links)
    if row is not None:
        told = f"until half have come to “{row['node']}” ({_limits(row)})"
        found.append(Figure(duration(row["median_time"]), told))
    crossing = drawn.waits[(drawn.waits["crosses"] != "") & (drawn.waits["arrived"] >= SMALLEST_DRAWN)]
    if crossing["median_time"].notna().any():
        top = crossing.loc[crossing["median_time"].idxmax()]
        if row is None or (top["before"], top["node"]) != (row["before"], row["node"]):
            told = f"the longest wait between lanes, before “{top['node']}” ({_limits(top)})"
            found.append(Figure(duration(top["median_time"]), told))
    if len(found) < 3:
        measured = int((drawn.nodes["state"] == "measured").sum())
        found.append(Figure(f"{measured} of {len(drawn.nodes)}", "nodes are shown by the log"))
    return tuple(found[:3])


def blueprint_scope(drawn: Drawn) -> str:
    """How much was read."""
    return f"{count(drawn.log.everybody)} people, {_span(drawn.log)}"


def _span(log: EventSums) -> str:
    first, last = (date(moment(at, log.table.tz)) for at in (log.first, log.until))
    return first if first == last else f"{first} to {last}"


def blueprint_who(drawn: Drawn) -> str:
    """Whose service and when: the line under the picture."""
    service = f"{drawn.blueprint.service}. " if drawn.blueprint.service else ""
    return f"{service}{count(drawn.counts.shown)} people, {_span(drawn.log)}."


def blueprint_definitions(drawn: Drawn) -> tuple[str, ...]:
    """Every choice that changes the numbers, in sentences."""
    level, within = share(drawn.given["confidence"], 0), drawn.given["within"]
    ended = any(one.ends for one in drawn.blueprint.nodes)
    followed = (
        f"What comes later than {within} does not count." if within else
        "Each time is followed for as long as a fifth of the people could be watched for it."
    )  # fmt: skip
    lines = [
        "A node's people: all with one of its events. Its share: of all people with any node of its stage, so far.",
        f"Intervals of shares, {level}: Wilson; each person counts once.",
        "A time runs from a person's first event of the one node to the next event of the other, at the same instant "
        "or later; where it has not come yet, it runs on until the end of the log (Kaplan and Meier).",
        "“Half within”: of those who come at all, half have come by then. Beside a node stands the time from the node "
        "that most people came from.",
        f"{followed} Intervals of times, {level}: the times that the curve does not exclude.",
        *(["A node with an end: its time runs from its first event to its end; what follows begins at the end."]
          if ended else []),
        "Lines: interaction lies between customers and the front stage, visibility between front and back stage, "
        "internal interaction between back stage and support. What customers hold in their hands lies above them all.",
    ]  # fmt: skip
    metrics = [one.metric for one in drawn.blueprint.nodes if one.metric]
    if metrics:
        lines.append(
            f"Measures ({sentence_list(sorted(set(metrics)))}): the mean over people of each one's own mean, with "
            f"Student's interval; a share where all values are 0 or 1. {level} intervals."
        )
    return tuple(lines)
