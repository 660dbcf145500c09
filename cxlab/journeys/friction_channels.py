"""Changes of channel in a log, in SQL: how often, from where to where, and when people had to ask for help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlab.data import literal
from cxlab.journeys.events import ticks
from cxlab.journeys.path_log import END, PathLog

__all__ = ["ANY_EVENT", "ChannelCounts", "count_contacts", "count_switches"]

ANY_EVENT = "(any)"
_DID = "count(*) AS people, count(CASE WHEN y > 0 THEN 1 END) AS went"
_TRIED = "count(*) AS people, sum(m) AS m, sum(m * m) AS mm"
_SUMS = "sum(y) AS y, sum(y * y) AS yy, sum(y * m) AS ym"


@dataclass(frozen=True)
class ChannelCounts:
    """Counts of changes of channel; y is how often each person did it, m how often the person could.

    Attributes:
        switches: segment, event, people (who went on from it), went (to another channel), y, yy, ym, m, mm.
        moves: segment, source, target, n (people), y, yy, ym; stays in one channel by what comes next.
        sources: segment, source, people, m, mm.
    """

    switches: pd.DataFrame
    moves: pd.DataFrame
    sources: pd.DataFrame


def _by_event(own: str) -> str:
    """Sums over people, for each event and for all together."""
    person = f"AS event, sum(y) AS y, count(*) AS m FROM ({own}) AS own GROUP BY 1, 2, 3"
    each, whole = f"SELECT segment, u, e {person}", f"SELECT segment, u, {literal(ANY_EVENT)} {person}"
    sums = f"{_DID}, {_SUMS}, sum(m) AS m, sum(m * m) AS mm"
    return f"SELECT segment, event, {sums} FROM ({each} UNION ALL {whole}) AS persons GROUP BY 1, 2"


def count_switches(log: PathLog) -> ChannelCounts:
    """How often do people change the channel, and from where to where?

    Args:
        log: the paths, with channels.

    Returns:
        The counts.
    """
    order = "OVER (PARTITION BY u, p ORDER BY k)"
    steps = f"SELECT *, lead(channel) {order} AS onward, lag(channel) {order} AS earlier FROM {log.steps}"
    moves = f"SELECT segment, u, e, CASE WHEN channel <> onward THEN 1 ELSE 0 END AS y FROM ({steps}) AS steps"
    reached = "FALSE" if log.goal is None else f"e = {literal(log.goal)}"
    goal = literal(log.goal or "")
    after = f"CASE WHEN onward IS NOT NULL THEN onward WHEN {reached} THEN {goal} ELSE {literal(END)} END AS target"
    # The last event of a stay in one channel stands for the stay.
    stays = (
        f"SELECT segment, u, channel AS source, {after} FROM ({steps}) AS steps "
        f"WHERE (onward IS NULL OR channel <> onward) AND ({reached} OR t <= {log.limit})"
    )
    own = f"SELECT segment, u, source, target, count(*) AS y FROM ({stays}) AS stays GROUP BY 1, 2, 3, 4"
    known = f"SELECT *, sum(y) OVER (PARTITION BY segment, u, source) AS m FROM ({own}) AS own"
    tried = f"SELECT segment, u, source, count(*) AS m FROM ({stays}) AS stays GROUP BY 1, 2, 3"
    ask = log.table.query
    return ChannelCounts(
        ask(_by_event(f"{moves} WHERE onward IS NOT NULL AND t <= {log.limit}")),
        ask(f"SELECT segment, source, target, count(*) AS n, {_SUMS} FROM ({known}) AS known GROUP BY 1, 2, 3"),
        ask(f"SELECT segment, source, {_TRIED} FROM ({tried}) AS tried GROUP BY 1, 2"),
    )  # fmt: skip


def count_contacts(log: PathLog, given: Mapping[str, Any]) -> pd.DataFrame:
    """After what do people have to ask for help soon?

    Args:
        log: the paths.
        given: the arguments of `journey_friction`, with contacts.

    Returns:
        As `ChannelCounts.switches`, where y counts events after which a contact followed in time.
    """
    window = ticks(given["contact_within"], "contact_within")
    names = ", ".join(literal(name) for name in given["contacts"])
    contact = f"{'channel' if given['channel'] is not None else 'e'} IN ({names})"
    later = "OVER (PARTITION BY u ORDER BY t DESC, k DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    steps = f"SELECT *, min(CASE WHEN {contact} THEN t END) {later} AS asked FROM {log.steps}"
    reached = "" if log.goal is None else f" AND e <> {literal(log.goal)}"
    own = (
        f"SELECT segment, u, e, CASE WHEN asked - t <= {window} THEN 1 ELSE 0 END AS y FROM ({steps}) AS steps "
        f"WHERE NOT ({contact}){reached} AND t + {window} <= {log.until}"
    )
    return log.table.query(_by_event(own))
