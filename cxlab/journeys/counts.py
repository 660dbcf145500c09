"""Small frames from the table of chains: how many, when, and where to instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cxlab.data import literal
from cxlab.journeys.attempt_rates import attempt_products, attempt_sums
from cxlab.journeys.events import EventLog
from cxlab.journeys.fetched import chains_by_kernel
from cxlab.journeys.first_starts import last_step
from cxlab.journeys.further import count_further
from cxlab.journeys.packed import chains_by_keys, suits_keys

__all__ = ["Counts", "count_chains", "groups_of"]

SECOND, _FEW_NAMES = 1_000_000, 64


@dataclass(frozen=True)
class Counts:
    """Aggregates of one funnel.

    Attributes:
        reached: segment, level, is_open, n: everybody who entered.
        finished: segment, level, n: the same over starts whose window is over.
        times: segment, step, median_time (seconds from the step before).
        durations: segment, seconds, converted, n: from the first entry to the last step or to where watching ended.
        destinations: step (last reached), destination, n, and the people behind it where they may count several times.
        tied: number of customers whose steps rest on events of one instant.
        taken_out: number of customers who began and are left out of every step because of an exclusion.
        optional: segment, step (its number), n, mature (how many chains hold it, and of finished starts).
        repeated: where a person counts more than once, sums over people by segment and step for intervals.
        shared: the same for people who are in two groups.
        further: what was counted for further questions, by question.
    """

    reached: pd.DataFrame
    finished: pd.DataFrame
    times: pd.DataFrame
    durations: pd.DataFrame
    destinations: pd.DataFrame
    tied: int
    taken_out: int = 0
    optional: pd.DataFrame = field(default_factory=pd.DataFrame)
    repeated: pd.DataFrame | None = None
    shared: pd.DataFrame | None = None
    further: dict[str, pd.DataFrame] = field(default_factory=dict)


def count_chains(log: EventLog, given: Mapping[str, Any] | None = None) -> Counts:
    """How many customers got how far, how fast, and where did the others go?

    Args:
        log: the events.
        given: the settings of the analysis, with its further questions.

    Returns:
        Small frames.
    """
    chains = chains_by_keys(log) if suits_keys(log) else chains_by_kernel(log)
    query = log.table.query
    reached = query(f"SELECT segment, level, is_open, count(*) AS n FROM {chains} GROUP BY ALL ORDER BY ALL")
    repeated, shared = _repeated(log, chains, reached)
    return Counts(
        reached=reached,
        finished=query(
            f"SELECT finished_segment AS segment, finished_level AS level, count(*) AS n FROM {chains} "
            "WHERE finished_level > 0 GROUP BY ALL ORDER BY ALL"
        ),
        times=_times(log, chains),
        durations=_durations(log, chains),
        destinations=query(_destinations(log, chains)),
        tied=_tied(log, chains),
        taken_out=_taken_out(log, chains),
        optional=_optional(log, chains),
        repeated=repeated,
        shared=shared,
        further=count_further(log, chains, given or {}),
    )


def groups_of(reached: pd.DataFrame) -> list[str]:
    """The groups of the breakdown, the largest first.

    Args:
        reached: segment, level, is_open, n.
    """
    sizes = reached.groupby("segment")["n"].sum()
    order = sizes.reset_index().sort_values(["n", "segment"], ascending=[False, True])
    return [name for name in order["segment"] if name != "all"]


def _optional(log: EventLog, chains: str) -> pd.DataFrame:
    """How many chains hold each step that may be skipped?"""
    parts = [
        f"SELECT segment, {number} AS step, count(o{k}) AS n, 0 AS mature FROM {chains} GROUP BY 1 "
        f"UNION ALL SELECT finished_segment, {number}, 0, count(*) FILTER (finished_o{k}) FROM {chains} "
        "WHERE finished_level > 0 GROUP BY 1"
        for k, number in enumerate(sorted(log.settings.optional), 1)
    ]
    if not parts:
        return pd.DataFrame({"segment": [], "step": [], "n": [], "mature": []})
    every = " UNION ALL ".join(parts)
    total = "sum(n)::BIGINT AS n, sum(mature)::BIGINT AS mature"
    groups = f" UNION ALL SELECT segment, step, {total} FROM ({every}) GROUP BY 1, 2" if log.segmented else ""
    return log.table.query(f"SELECT 'all' AS segment, step, {total} FROM ({every}) GROUP BY 1, 2{groups}")


def _repeated(log: EventLog, chains: str, reached: pd.DataFrame) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Sums over people, where one person counts more than once; of starts whose window is over."""
    if not log.settings.clustered:
        return None, None
    columns = []
    for k in range(1, len(log.steps) + 1):
        level = f"finished_level >= {log.settings.required.index(k) + 1}" if k in log.settings.required else ""
        place = sorted(log.settings.optional).index(k) + 1 if not level else 0
        columns.append(f"count(*) FILTER ({level or f'finished_o{place}'}) AS r{k}")
    tries = log.make(
        "tries",
        f"SELECT person AS u, finished_segment AS segment, {', '.join(columns)} FROM {chains} "
        "WHERE finished_level > 0 GROUP BY ALL",
    )
    sums, groups = attempt_sums(log.table.query, tries, steps=len(log.steps)), groups_of(reached)
    several = log.segmented and len(groups) > 1
    return sums, attempt_products(log.table.query, tries, control=groups[0], steps=len(log.steps)) if several else None


def _times(log: EventLog, chains: str) -> pd.DataFrame:
    """Median time from the required step before, over those who took the step."""
    required = log.settings.required
    taken = {required[k - 1]: f"t{k} - t{k - 1}" for k in range(2, log.rules.steps + 1)}
    skipped = zip(sorted(log.settings.optional), log.rules.optional, strict=True)
    taken |= {number: f"o{k} - t{one.after}" for k, (number, one) in enumerate(skipped, 1)}
    medians = ", ".join(f"median({took}) / {SECOND} AS t{number}" for number, took in taken.items())
    groups = ["'all'", "segment"] if log.segmented else ["'all'"]
    parts = [f"SELECT {group} AS segment, {medians} FROM {chains} GROUP BY 1" for group in groups]
    wide = log.table.query(" UNION ALL ".join(parts))
    long = wide.melt("segment", var_name="step", value_name="median_time")
    return long.assign(step=long["step"].str.removeprefix("t").astype(int))


def _durations(log: EventLog, chains: str) -> pd.DataFrame:
    """From the first entry to the last step; watched for one window or to the end of the data."""
    rules = log.rules
    limit = f"{rules.data_end} - entered"
    if rules.window is not None:
        limit = f"least({limit}, {rules.window})"
    last = f"t{rules.steps}"
    done = f"CASE WHEN {last} IS NOT NULL THEN greatest({last} - entered, 0) END"
    first = " QUALIFY row_number() OVER (PARTITION BY person ORDER BY entered, u) = 1" if log.settings.clustered else ""
    rows = f"SELECT entered_segment AS segment, {done} AS took, greatest({limit}, 0) AS watched FROM {chains}{first}"
    found = log.table.engine.arrays(
        f"SELECT segment, coalesce(took <= watched, false) AS converted, "
        f"coalesce(CASE WHEN took <= watched THEN took END, watched) / {SECOND} AS seconds, count(*) AS n "
        f"FROM ({rows}) GROUP BY ALL ORDER BY ALL"
    )
    return pd.DataFrame(found)


def _destinations(log: EventLog, chains: str) -> str:
    """The first event after the last step and within the window; the smallest name of one instant."""
    rules, own = log.rules, log.settings.choices.get("counting") == "attempts"
    number = "number" if own else "0"
    within = "" if rules.window is None else f" AND e.t <= c.t1 + {rules.window}"
    last = f"{last_step(rules)} AS last"
    who = ", person" if log.settings.clustered else ""
    people = ", count(DISTINCT c.person) AS people" if who else ""
    stopped = f"SELECT u{who}, {number} AS number, level, t1, {last} FROM {chains} WHERE level < {rules.steps}"
    still = "false" if rules.window is None else f"c.t1 + {rules.window} > {rules.data_end}"
    return (
        f"WITH stopped AS MATERIALIZED ({stopped}), "
        f"after AS (SELECT c.u, c.number, {_first_event(log)} AS event FROM {log.events} e "
        f"JOIN stopped c ON e.u = c.u AND e.t > c.last{within} GROUP BY c.u, c.number) "
        f"SELECT c.level AS step, coalesce(a.event, CASE WHEN {still} THEN '(open)' ELSE '(none)' END) AS destination, "
        f"count(*) AS n{people} FROM stopped c LEFT JOIN after a ON a.u = c.u AND a.number = c.number "
        "GROUP BY ALL ORDER BY step, n DESC, destination"
    )


def _first_event(log: EventLog) -> str:
    """SQL: the first of some events; the smallest name of one instant. Few names are packed into one number."""
    names = sorted(log.seen)
    if len(names) > _FEW_NAMES:
        return "arg_min(e.event, (e.t, e.event))"
    codes = " ".join(f"WHEN {literal(name)} THEN {code}" for code, name in enumerate(names))
    packed = f"min((e.t - {log.first}) * {_FEW_NAMES} + CASE e.event {codes} END)"
    return f"[{', '.join(map(literal, names))}][{packed} % {_FEW_NAMES} + 1]"


def _taken_out(log: EventLog, chains: str) -> int:
    """Who began, but has no chain that goes without what is excluded."""
    if not log.rules.drops:
        return 0
    began = f"SELECT count(*) FROM {log.name}_units"
    return int(log.table.engine.rows(f"SELECT ({began}) - (SELECT count(*) FROM {chains})")[0][0])


def _tied(log: EventLog, chains: str) -> int:
    """Chains in which two steps carry the same time."""
    if log.rules.order == "any":
        return 0
    same = " OR ".join(f"t{k} = t{k - 1}" for k in range(2, log.rules.steps + 1))
    return int(log.table.engine.rows(f"SELECT count(*) FROM {chains} WHERE {same}")[0][0])
