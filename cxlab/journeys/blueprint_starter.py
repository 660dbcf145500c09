"""A blueprint to begin with: the events of a log in their usual order, for a designer to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cxlab.data import literal
from cxlab.errors import DataError
from cxlab.journeys.blueprint_counts import EventSums
from cxlab.journeys.blueprint_reading import read_blueprint
from cxlab.journeys.blueprint_yaml import written_yaml
from cxlab.journeys.blueprints import Blueprint
from cxlab.results import SMALLEST_GROUP

__all__ = ["started_blueprint"]

_MOST_EVENTS, _MOST_STAGES, _PER_STAGE = 15, 5, 3
_OFTEN, _SHARE, _LONGEST = 0.05, 0.25, 120
_LANES = {
    "front": ("agent", "staff", "employee", "advisor", "clerk", "seller", "support", "service", "team", "chat", "shop"),
    "back": ("back", "warehouse", "logistic", "operation", "kitchen", "workshop", "office", "expert"),
    "support": ("system", "payment", "partner", "supplier", "provider", "carrier", "bot", "machine", "robot"),
}  # fmt: skip
_HEAD = (
    "# A start, made from the log: put the nodes into your own stages and lanes, give them your names, and add what\n"
    "# the log does not show. Lanes: evidence, customer, front, back, support. `events` are the log's own names.\n"
)


def started_blueprint(log: EventSums) -> Blueprint:
    """Which blueprint do the events suggest?

    Args:
        log: the events.

    Returns:
        A node for each of the most frequent events, in their usual order, with links to what usually comes next.

    Raises:
        DataError: no event is shared by five people.
    """
    events = _events(log)
    if not events:
        raise DataError(
            "No event occurs with five people or more; a blueprint needs some. Is `event` the right column?"
        )
    names = _names(events)
    stages = min(_MOST_STAGES, -(-len(events) // _PER_STAGE))
    follow = _follow(log, events)
    nodes = []
    for place, event in enumerate(events):
        node: dict[str, Any] = {"name": names[event], "lane": _lane(log.made.get(event, ""))}
        node |= {"stage": f"Stage {place * stages // len(events) + 1}", "events": [event]}
        nodes.append(node | ({"to": [names[one] for one in follow[event]]} if follow.get(event) else {}))
    content = {"service": "My service", "stages": [f"Stage {k + 1}" for k in range(stages)], "nodes": nodes}
    text = _HEAD + written_yaml(content)
    return replace(read_blueprint(text), made=True)


def _events(log: EventSums) -> list[str]:
    """The events of many people, by their usual place among a person's events."""
    least = max(SMALLEST_GROUP, _OFTEN * log.everybody)
    often = [name for name, n in log.people.items() if n >= least and name.strip() and len(name) <= _LONGEST]
    often = often or [name for name, n in log.people.items() if n >= SMALLEST_GROUP and name.strip()]
    chosen = often[:_MOST_EVENTS]
    if not chosen:
        return []
    usual = f"SELECT event, avg(place) AS place FROM ({_placed(log, chosen)}) AS placed GROUP BY event"
    return [event for event, _ in log.table.engine.rows(f"{usual} ORDER BY place, event")]


def _placed(log: EventSums, events: Sequence[str]) -> str:
    """SQL of each person's first event of each kind, with its place among them."""
    listed = ", ".join(literal(name) for name in events)
    firsts = f"SELECT u, event, min(t) AS t FROM {log.rows} WHERE event IN ({listed}) GROUP BY u, event"
    order = "OVER (PARTITION BY u ORDER BY t, event)"
    return f"SELECT u, event, row_number() {order} AS place, lead(event) {order} AS next FROM ({firsts}) AS firsts"


def _follow(log: EventSums, events: Sequence[str]) -> dict[str, list[str]]:
    """What usually comes next, of what lies further along."""
    sql = (
        f"SELECT event, next, count(*) AS n FROM ({_placed(log, events)}) AS placed GROUP BY 1, 2 ORDER BY n DESC, 1, 2"
    )
    found: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for event, following, n in log.table.engine.rows(sql):
        sizes.setdefault(event, log.people[event])
        if following is not None and events.index(following) > events.index(event):
            told = found.setdefault(event, [])
            if not told or n >= _SHARE * sizes[event]:
                told.append(following)
    return found


def _names(events: Sequence[str]) -> Mapping[str, str]:
    """What each node is called: the event in words, twins told apart."""
    found: dict[str, str] = {}
    for event in events:
        words = " ".join(event.replace("_", " ").split())
        name = words[:1].upper() + words[1:]
        found[event] = name if name not in found.values() else f"{name} ({len(found) + 1})"
    return found


def _lane(actor: str) -> str:
    word = actor.casefold()
    return next((lane for lane, words in _LANES.items() if any(one in word for one in words)), "customer")
