"""What the log says of a blueprint: who comes to which node, and how long it takes along each link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count as counter
from typing import Any

import pandas as pd

from cxlab.data import Table, literal
from cxlab.data.calendar import INSTANT, last_moment
from cxlab.journeys.blueprints import Blueprint, Link, Node
from cxlab.journeys.events import event_rows, seen_events, ticks

__all__ = ["BlueprintCounts", "EventSums", "blueprint_log", "count_blueprint"]

_WATCHED = 0.8  # a time is followed as long as a fifth of the people could be watched for it
_EXACT = 20_000  # people of a link up to whom times are told apart to the microsecond, not to three digits
_numbers = counter()


@dataclass(frozen=True)
class EventSums:
    """The events that occur, and how many people have each.

    Attributes:
        table: the source.
        rows: SQL of the checked events.
        people: people with each event, the most frequent first.
        everybody: people with any event.
        first: first instant in the data.
        until: end of the log; both in microseconds.
        made: actor that most often does each event; empty without such a column.
    """

    table: Table
    rows: str
    people: Mapping[str, int]
    everybody: int
    first: int
    until: int
    made: Mapping[str, str]


@dataclass(frozen=True)
class BlueprintCounts:
    """Counts of one blueprint.

    Attributes:
        nodes: by name: n (people), and other (people who came without having been at any node that leads here).
        stages: people with any node of each stage.
        shown: people with any node at all.
        waits: by link: wait, came and n; a node with an end is linked with itself.
        horizons: how long each link is followed, in microseconds.
        metrics: by node: n (people), total and squares of each person's mean, and whether all are 0 or 1.
    """

    nodes: pd.DataFrame
    stages: Mapping[str, int]
    shown: int
    waits: Mapping[Link, pd.DataFrame]
    horizons: Mapping[Link, int]
    metrics: pd.DataFrame


def blueprint_log(table: Table, given: Mapping[str, Any]) -> EventSums:
    """Which events occur, and with how many people?

    Args:
        table: the source.
        given: the arguments of `service_blueprint`.

    Returns:
        The events.

    Raises:
        DataError: a column is missing or holds what it must not.
        ParameterError: `observe_until` is no moment, or lies before the first event.
    """
    limit = None
    if given["observe_until"] is not None:
        at = last_moment(given["observe_until"], argument="observe_until", tz=table.tz)
        limit = int((at - pd.Timestamp(0)) // INSTANT)
    rows = event_rows(table, _columns(given), "step_order", limit)
    seen, first, last = seen_events(table, rows)
    frame = table.query(f"SELECT event, count(DISTINCT u) AS n FROM {rows} GROUP BY event ORDER BY n DESC, event")
    everybody = int(table.engine.rows(f"SELECT count(DISTINCT u) FROM {rows}")[0][0])
    people = dict(zip(frame["event"], frame["n"].astype(int), strict=True))
    return EventSums(table, rows, people, everybody, first, last if limit is None else limit, _made(table, given, seen))


def _columns(given: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return {"unit": (given["unit"], "id"), "event": (given["event"], "text"), "time": (given["time"], "time")}


def _made(table: Table, given: Mapping[str, Any], seen: Mapping[str, int]) -> dict[str, str]:
    """Who does each event most often."""
    if given["actor"] is None:
        return {}
    typed = table.typed(event=(given["event"], "text"), actor=(given["actor"], "text?"))
    sql = f"SELECT event, coalesce(actor, '') AS actor, count(*) AS n FROM {typed} GROUP BY 1, 2 ORDER BY n, actor DESC"
    return {event: actor for event, actor, _ in table.engine.rows(sql) if event in seen}


def count_blueprint(log: EventSums, blueprint: Blueprint, given: Mapping[str, Any]) -> BlueprintCounts:
    """Count people, times and measures of every node and link that the log shows.

    Args:
        log: the events.
        blueprint: what is drawn.
        given: the arguments of `service_blueprint`.

    Returns:
        The counts.
    """
    pairs = _pairs(blueprint)
    with _kept(log, blueprint) as events:
        nodes, stages, shown = _people(log, events, blueprint)
        waits = {link: _waits(log, events, pair) for link, pair in pairs.items()}
    within = ticks(given["within"], "within")
    horizons = {link: longest if within is None else min(within, longest) for link, (_, longest) in waits.items()}
    found = {link: frame for link, (frame, _) in waits.items()}
    return BlueprintCounts(nodes, stages, shown, found, horizons, _metrics(log, blueprint, given))


def _pairs(blueprint: Blueprint) -> dict[Link, tuple[Sequence[str], Sequence[str]]]:
    """From which events to which others a time runs."""
    own = {Link(one.name, one.name): (one.events, one.ends) for one in blueprint.nodes if one.ends}
    links = {Link(a.name, b.name): (a.leaves, b.events) for a, b in blueprint.ends_of() if a.leaves and b.events}
    return {**own, **links}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(literal(name) for name in names)


@contextmanager
def _kept(log: EventSums, blueprint: Blueprint) -> Iterator[str]:
    """The events of the blueprint, in the engine as long as they are counted."""
    used = dict.fromkeys(name for one in blueprint.nodes for name in (*one.events, *one.ends)) or {"": None}
    name, engine = f"cx_blueprint_{next(_numbers)}", log.table.engine
    sql = f"SELECT u, event, t FROM {log.rows} WHERE event IN ({_listed(used)})"
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}", scratch=True)
    try:
        yield name
    finally:
        engine.execute(f"DROP TABLE IF EXISTS {name}", scratch=True)


def _people(log: EventSums, events: str, blueprint: Blueprint) -> tuple[pd.DataFrame, dict[str, int], int]:
    """People of each node, each stage and all of them; who came to a node by none of the links that lead there."""
    table, shown = log.table, [one for one in blueprint.nodes if one.events]
    before: dict[str, list[Node]] = {one.name: [] for one in shown}
    for source, target in blueprint.ends_of():
        if target.events and any(name in log.people for name in source.events):
            before[target.name].append(source)
    rows = [_node_sums(table, events, one, before[one.name]) for one in shown]
    stages = {stage: _distinct(table, events, [n for n in shown if n.stage == stage]) for stage in blueprint.stages}
    frame = pd.DataFrame(rows, columns=["node", "n", "other"]).set_index("node")
    return frame, stages, _distinct(table, events, shown)


def _distinct(table: Table, events: str, nodes: Sequence[Node]) -> int:
    names = [name for one in nodes for name in one.events]
    if not names:
        return 0
    return int(table.engine.rows(f"SELECT count(DISTINCT u) FROM {events} WHERE event IN ({_listed(names)})")[0][0])


def _node_sums(table: Table, events: str, node: Node, before: Sequence[Node]) -> tuple[str, int, int]:
    own = f"CASE WHEN event IN ({_listed(node.events)}) THEN t END"
    names = [name for one in before for name in one.events]
    led = f"CASE WHEN event IN ({_listed(names)}) THEN t END" if names else "NULL"
    firsts = f"SELECT u, min({own}) AS here, min({led}) AS there FROM {events} GROUP BY u"
    other = "count(*) FILTER (WHERE there IS NULL OR there > here)" if names else "0"
    n, strays = table.engine.rows(f"SELECT count(*), {other} FROM ({firsts}) AS firsts WHERE here IS NOT NULL")[0]
    return node.name, int(n), int(strays)


def _waits(log: EventSums, events: str, pair: tuple[Sequence[str], Sequence[str]]) -> tuple[pd.DataFrame, int]:
    """From a person's first event of the one node to the next event of the other, or until the log ends."""
    source, target = map(_listed, pair)
    begun = f"SELECT u, min(t) AS s FROM {events} WHERE event IN ({source}) GROUP BY u"
    next_ = f"min(CASE WHEN e.event IN ({target}) AND e.t >= b.s THEN e.t END)"
    timed = f"SELECT b.s, {next_} AS e FROM ({begun}) AS b JOIN {events} AS e ON e.u = b.u GROUP BY b.u, b.s"
    wait, watched = f"(coalesce(e, {log.until}) - s) AS wait", f"{log.until} - s AS watched"
    told = f"(SELECT {wait}, {watched}, CASE WHEN e IS NULL THEN 0 ELSE 1 END AS came FROM ({timed}) AS timed) AS told"
    people, longest = log.table.engine.rows(f"SELECT count(*), quantile_disc(watched, {_WATCHED}) FROM {told}")[0]
    digits = "wait" if people <= _EXACT else "round(wait, 2 - floor(log10(greatest(wait, 1)))::INT)"
    sql = f"SELECT {digits} AS wait, came, count(*) AS n FROM {told} GROUP BY 1, 2 ORDER BY 1, 2"
    return log.table.query(sql).astype({"wait": float, "came": int, "n": int}), int(longest or 0)


def _metrics(log: EventSums, blueprint: Blueprint, given: Mapping[str, Any]) -> pd.DataFrame:
    """Each person's mean of a node's measure, added up over people."""
    rows = []
    for node in blueprint.nodes:
        if node.metric is not None and node.metric in log.table.columns:
            typed = log.table.typed(**_columns(given), value=(node.metric, "number?"))
            events = f" AND event IN ({_listed(node.events)})" if node.events else ""
            known = f"epoch_us(time) <= {log.until} AND value IS NOT NULL{events}"
            own = "avg(value) AS x, bool_and(value IN (0, 1)) AS flag"
            each = f"(SELECT unit, {own} FROM {typed} WHERE {known} GROUP BY unit) AS each"
            sums = "count(*), coalesce(sum(x), 0), coalesce(sum(x * x), 0), coalesce(bool_and(flag), false)"
            rows.append((node.name, *log.table.engine.rows(f"SELECT {sums} FROM {each}")[0]))
    return pd.DataFrame(rows, columns=["node", "n", "total", "squares", "flag"]).set_index("node")
