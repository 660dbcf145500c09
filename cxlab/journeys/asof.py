"""Ordered chains as SQL: every event looks back to the latest chain that it can carry on.

The latest-start rule of `ordered` in the engine's own as-of joins; the events never leave it. For steps that no
event can serve twice, under the ties "step_order" and "strict".
"""

from cxlab.data import literal
from cxlab.journeys.events import EventLog
from cxlab.journeys.rules import Rules

__all__ = ["arrivals_by_asof", "chains_by_asof", "suits_asof"]


def suits_asof(log: EventLog) -> bool:
    """Is the question one that as-of joins answer exactly?"""
    rules = log.rules
    plain = rules.order == "ordered" and rules.ties in ("step_order", "strict") and rules.tolerance == 0
    return plain and not log.overlapping


def chains_by_asof(log: EventLog) -> str:
    """Make the table of chains, one row per unit that entered.

    Args:
        log: the events.

    Returns:
        Name of a table: u, level, t1 ... tK, entered, is_open, segment, entered_segment, and the level and
        segment over starts whose window is over.
    """
    steps = log.make("steps", _step_events(log))
    reached = log.make("reached", _reached(log.rules, steps))
    chains = log.make("timed", _timed(log.rules, steps, reached))
    late = _late(log.rules)
    if late == "false":
        return log.make("chains", _labelled(log, chains, steps, f"SELECT u, level, t1 FROM {chains}"))
    some = log.make(
        "late", f"SELECT s.* FROM {steps} s SEMI JOIN (SELECT u FROM {reached} WHERE {late}) x ON s.u = x.u"
    )
    again = log.make("again", _reached(log.rules, some, f"AND NOT {_unfinished(log.rules, 't')}"))
    finished = (
        f"SELECT u, level, t1 FROM {chains} WHERE NOT coalesce({late}, false) "
        f"UNION ALL SELECT u, level, start AS t1 FROM {again}"
    )
    return log.make("chains", _labelled(log, chains, steps, finished))


def _step_events(log: EventLog) -> str:
    """The events of steps with their step; the breakdown's value is kept at the first step only."""
    cases = " ".join(
        f"WHEN {literal(name)} THEN {number}" for number, step in enumerate(log.steps, 1) for name in step.events
    )
    names = ", ".join(literal(name) for step in log.steps for name in step.events)
    segment = f", CASE WHEN event IN ({', '.join(map(literal, log.steps[0].events))}) THEN segment END AS segment"
    return (
        f"SELECT u, t, (CASE event {cases} END)::UTINYINT AS k{segment if log.segmented else ''} "
        f"FROM {log.events} WHERE event IN ({names})"
    )


def _in_range(rules: Rules, column: str) -> str:
    """SQL: may a chain begin at this time?"""
    low = "" if rules.entry_from is None else f" AND {column} >= {rules.entry_from}"
    return low + ("" if rules.entry_to is None else f" AND {column} < {rules.entry_to}")


def _unfinished(rules: Rules, column: str) -> str:
    """SQL: does the window of a chain begun then reach beyond the end of the data?"""
    if rules.window is None or rules.data_end is None:
        return "false"
    return f"({column} > {rules.data_end - rules.window})"


def _late(rules: Rules) -> str:
    return _unfinished(rules, "latest")


def _carried(rules: Rules, steps: str, condition: str = "") -> str:
    """CTEs a1 ... aK: the events of each step that a chain can be carried on with, and the latest start behind them."""
    later = ">" if rules.ties == "strict" else ">="
    window = "" if rules.window is None else f" WHERE x.t - p.s <= {rules.window}"
    parts = [f"a1 AS MATERIALIZED (SELECT u, t, t AS s FROM {steps} WHERE k = 1{_in_range(rules, 't')} {condition})"]
    parts += [
        f"a{k} AS MATERIALIZED (SELECT x.u, x.t, p.s FROM (SELECT u, t FROM {steps} WHERE k = {k}) x "
        f"ASOF JOIN a{k - 1} p ON x.u = p.u AND x.t {later} p.t{window})"
        for k in range(2, rules.steps + 1)
    ]
    return ", ".join(parts)


def _reached(rules: Rules, steps: str, condition: str = "") -> str:
    """Per unit: the deepest level, the first completion of it, the latest start behind that, first and last entry."""
    depths = " UNION ALL ".join(
        f"SELECT u, {k} AS k, min(t) AS done, min(s) AS start, max(s) AS latest FROM a{k} GROUP BY u"
        for k in range(1, rules.steps + 1)
    )
    return (
        f"WITH {_carried(rules, steps, condition)} SELECT u, max(k) AS level, arg_max(start, k) AS start, "
        f"arg_max(done, k) AS done, arg_min(done, k) AS entered, arg_min(latest, k) AS latest "
        f"FROM ({depths}) GROUP BY u"
    )


def arrivals_by_asof(log: EventLog, *, settled: bool) -> str:
    """Make the table of arrivals: when did each unit first come to every step, by whichever chain?

    Args:
        log: the events; `chains_by_asof` has been asked before.
        settled: count only chains whose window is over at the end of the data.

    Returns:
        Name of a table: u, t1 ... tK, missing where the step was not reached.
    """
    condition = f"AND NOT {_unfinished(log.rules, 't')}" if settled else ""
    numbers = range(1, log.rules.steps + 1)
    found = " UNION ALL ".join(f"SELECT u, {k} AS k, min(t) AS t FROM a{k} GROUP BY u" for k in numbers)
    wide = ", ".join(f"max(CASE WHEN k = {k} THEN t END) AS t{k}" for k in numbers)
    carried = _carried(log.rules, f"{log.name}_steps", condition)
    return log.make("settled" if settled else "came", f"WITH {carried} SELECT u, {wide} FROM ({found}) GROUP BY u")


def _timed(rules: Rules, steps: str, reached: str) -> str:
    """The same with the time of every step: from the start, each step as early as it can be."""
    later = ">" if rules.ties == "strict" else ">="
    parts = [f"c1 AS (SELECT *, start AS t1 FROM {reached})"]
    for k in range(2, rules.steps):
        parts += [
            f"n{k} AS (SELECT c.u, min(e.t) AS t FROM c{k - 1} c "
            f"JOIN {steps} e ON e.u = c.u AND e.t {later} c.t{k - 1} "
            f"WHERE e.k = {k} AND c.level > {k} GROUP BY c.u)",
            f"c{k} AS (SELECT c.*, CASE WHEN c.level = {k} THEN c.done ELSE n.t END AS t{k} "
            f"FROM c{k - 1} c LEFT JOIN n{k} n ON n.u = c.u)",
        ]
    last = rules.steps
    still = f"level < {last} AND {_late(rules)}"
    return (
        f"WITH {', '.join(parts)} SELECT * EXCLUDE (start, done), CASE WHEN level = {last} THEN done END AS t{last}, "
        f"{still} AS is_open FROM c{last - 1}"
    )


def _labelled(log: EventLog, chains: str, steps: str, finished: str) -> str:
    """The chains with their values of the breakdown, and the level over finished starts."""
    if not log.segmented:
        return (
            f"SELECT c.*, 'all' AS segment, 'all' AS entered_segment, coalesce(f.level, 0) AS finished_level, "
            f"'all' AS finished_segment FROM {chains} c LEFT JOIN ({finished}) f ON f.u = c.u"
        )
    values = f"(SELECT u, t, min(segment) AS segment FROM {steps} WHERE k = 1 GROUP BY u, t)"
    return (
        f"SELECT c.*, a.segment, b.segment AS entered_segment, coalesce(f.level, 0) AS finished_level, "
        f"d.segment AS finished_segment FROM {chains} c JOIN {values} a ON a.u = c.u AND a.t = c.t1 "
        f"JOIN {values} b ON b.u = c.u AND b.t = c.entered LEFT JOIN ({finished}) f ON f.u = c.u "
        f"LEFT JOIN {values} d ON d.u = f.u AND d.t = f.t1"
    )
