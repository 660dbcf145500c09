"""Signs of struggle in a log, in SQL: the same again and again, back and forth, errors, long waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlab.data import literal
from cxlab.journeys.events import ticks
from cxlab.journeys.path_log import OTHER, PathLog

__all__ = ["SIGNALS", "SignalCounts", "count_signals"]

_SWING = 3  # events after the first one until somebody has gone back and forth twice
SIGNALS = ("repeated", "back_and_forth", "error", "error_again", "long_wait")


@dataclass(frozen=True)
class SignalCounts:
    """Counts of struggle.

    Attributes:
        people: segment, event, signal, n (people with the event), found (of them with the signal).
        goal: event, signal, exposed, exposed_lost (of them without the goal), others, others_lost; None without goal.
        waits: event, limit (seconds above which a wait is long).
    """

    people: pd.DataFrame
    goal: pd.DataFrame | None
    waits: pd.DataFrame


def count_signals(log: PathLog, given: Mapping[str, Any]) -> SignalCounts:
    """Count who struggles where.

    Args:
        log: the paths.
        given: the arguments of `journey_friction`.

    Returns:
        The counts.
    """
    name = f"{log.steps}_signals"
    execute = log.table.engine.execute
    execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_signals(log, given)}", scratch=True)
    try:
        return SignalCounts(
            log.table.query(_people(log, given, name)),
            None if log.goal is None else log.table.query(_goal(log, given, name)),
            log.table.query(_limits(log, given)),
        )  # fmt: skip
    finally:
        execute(f"DROP TABLE IF EXISTS {name}", scratch=True)


def _asked(given: Mapping[str, Any]) -> list[str]:
    return [name for name in SIGNALS if given["errors"] or not name.startswith("error")]


def _own(log: PathLog, given: Mapping[str, Any], column: str = "e") -> str:
    """Is this an event that somebody may struggle with: no error, not the goal, not several rare ones together?"""
    names = [OTHER, *(given["errors"] or []), *([log.goal] if log.goal else [])]
    return f"{column} NOT IN ({', '.join(literal(name) for name in names)})"


def _steps(log: PathLog, given: Mapping[str, Any]) -> str:
    """The steps with how long people stay at each before they go on by themselves; a call for help is no going on."""
    if not given["contacts"]:
        return f"(SELECT *, wait AS dwell FROM {log.steps})"
    names = ", ".join(literal(name) for name in given["contacts"])
    onward = "target" if given["channel"] is None else "lead(channel) OVER (PARTITION BY u, p ORDER BY k)"
    return f"(SELECT *, CASE WHEN {onward} NOT IN ({names}) THEN wait END AS dwell FROM {log.steps})"


def _usual(given: Mapping[str, Any]) -> str:
    return f"quantile_cont(dwell, {given['dwell']}) OVER (PARTITION BY e) AS usual"


def _marked(log: PathLog, given: Mapping[str, Any]) -> str:
    """Each step beside the ones before it, and the same event before and after."""
    path, same = "(PARTITION BY u, p ORDER BY k)", "(PARTITION BY u, p, e ORDER BY k)"
    return (
        f"SELECT u, p, e, t, wait, dwell, target, lag(t, {given['times'] - 1}) OVER {same} AS begun, "
        f"lead(t) OVER {same} AS again, lag(e, 1) OVER {path} AS e1, lag(e, 2) OVER {path} AS e2, "
        f"lag(e, 3) OVER {path} AS e3, lag(t, 3) OVER {path} AS t3, {_usual(given)} FROM {_steps(log, given)} AS steps"
    )


def _signals(log: PathLog, given: Mapping[str, Any]) -> str:
    """Who shows which sign at which event, and when for the first time on a path."""
    window = ticks(given["within"], "within")
    swing = f"e = e2 AND e1 = e3 AND e <> e1 AND t - t3 <= {window} AND {_own(log, given)} AND {_own(log, given, 'e1')}"
    parts = [
        f"SELECT u, p, e, 'repeated' AS signal, t AS moment FROM marked WHERE t - begun <= {window}",
        f"SELECT u, p, e, 'back_and_forth', t FROM marked WHERE {swing}",
        f"SELECT u, p, e1, 'back_and_forth', t FROM marked WHERE {swing}",
        "SELECT u, p, e, 'long_wait', t + usual FROM marked WHERE dwell > usual",
    ]
    if given["errors"]:
        listed = ", ".join(literal(name) for name in given["errors"])
        failed = f"FROM marked WHERE target IN ({listed})"
        parts += [
            f"SELECT u, p, e, 'error', t + wait {failed}",
            f"SELECT u, p, e, 'error_again', again {failed} AND again - t - wait BETWEEN 0 AND {window}",
        ]
    every, own = " UNION ALL ".join(parts), _own(log, given)
    first = f"SELECT u, p, e, signal, min(moment) AS moment FROM ({every}) AS every WHERE {own} GROUP BY 1, 2, 3, 4"
    return f"WITH marked AS ({_marked(log, given)}) {first}"


def _people(log: PathLog, given: Mapping[str, Any], name: str) -> str:
    """Of the people with an event, how many show the sign there?"""
    listed = ", ".join(f"({literal(signal)})" for signal in _asked(given))
    met = f"SELECT DISTINCT segment, u, e FROM {log.steps} WHERE {_own(log, given)}"
    shown = f"SELECT DISTINCT u, e, signal FROM {name}"
    return (
        "SELECT m.segment AS segment, m.e AS event, s.signal AS signal, count(*) AS n, "
        f"count(d.u) AS found FROM ({met}) AS m CROSS JOIN (VALUES {listed}) AS s(signal) "
        f"LEFT JOIN ({shown}) AS d ON m.u = d.u AND m.e = d.e AND s.signal = d.signal GROUP BY 1, 2, 3"
    )


def _firsts(log: PathLog, given: Mapping[str, Any]) -> str:
    """Everybody's first meeting with each event, what comes some events later, and whether the goal is reached."""
    path = "OVER (PARTITION BY u, p ORDER BY k)"
    reached = f"max(CASE WHEN e = {literal(log.goal or '')} THEN t END) OVER (PARTITION BY u, p) AS reached"
    later = ", ".join(
        f"lead({column}, {after}) {path} AS {column}_{name}"
        for name, after in (("repeated", given["times"] - 1), ("swung", _SWING))
        for column in ("t", "e")
    )
    nth = "row_number() OVER (PARTITION BY u, e ORDER BY t, p, k) AS nth"
    columns = f"u, p, e, t, wait, dwell, {reached}, max(t) OVER (PARTITION BY u, p) AS last, {later}, {nth}"
    begun = f"nth = 1 AND t <= {log.limit} AND (reached IS NOT NULL OR last <= {log.limit})"
    steps = f"SELECT {columns} FROM {_steps(log, given)} AS own"
    return f"SELECT * FROM ({steps}) AS steps WHERE {begun} AND {_own(log, given)}"


def _goal(log: PathLog, given: Mapping[str, Any], name: str) -> str:
    """Who struggled right after they met an event first, and who reaches the goal after that?

    What is done again and again takes its events: whoever has left, or is at the goal, after as many is not asked. An
    error and a long wait are known with the next event.
    """
    goal = literal(log.goal or "")
    asked = {
        "repeated": ("t_repeated", f"t_repeated IS NOT NULL AND e_repeated <> {goal}"),
        "back_and_forth": ("t_swung", f"t_swung IS NOT NULL AND e_swung <> {goal}"),
        "error": ("t + coalesce(wait, 0)", "TRUE"), "long_wait": ("t + wait", "dwell IS NOT NULL"),
    }  # fmt: skip
    watched = " UNION ALL ".join(
        f"SELECT u, p, e, reached, '{signal}' AS signal, {until} AS until FROM firsts WHERE {who}"
        for signal, (until, who) in asked.items()
        if signal in _asked(given)
    )
    there = (
        f"SELECT w.e AS event, w.signal AS signal, d.u IS NOT NULL AS struggled, w.reached IS NULL AS lost "
        f"FROM ({watched}) AS w LEFT JOIN {name} AS d ON w.u = d.u AND w.p = d.p AND w.e = d.e AND w.signal = d.signal "
        "AND d.moment <= w.until"
    )
    groups = {"exposed": "struggled", "exposed_lost": "struggled AND lost", "others": "NOT struggled",
              "others_lost": "NOT struggled AND lost"}  # fmt: skip
    sums = ", ".join(f"count(CASE WHEN {who} THEN 1 END) AS {column}" for column, who in groups.items())
    return f"WITH firsts AS ({_firsts(log, given)}) SELECT event, signal, {sums} FROM ({there}) AS there GROUP BY 1, 2"


def _limits(log: PathLog, given: Mapping[str, Any]) -> str:
    return (
        f'SELECT e AS event, quantile_cont(wait, {given["dwell"]}) / 1e6 AS "limit" FROM {log.steps} '
        "WHERE wait IS NOT NULL GROUP BY 1"
    )
