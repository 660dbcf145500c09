"""Small frames from the table of chains: how many, when, and where to instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cxlab.journeys.asof import chains_by_asof, suits_asof
from cxlab.journeys.events import EventLog
from cxlab.journeys.fetched import chains_by_kernel
from cxlab.journeys.further import count_further

__all__ = ["Counts", "count_chains"]

SECOND = 1_000_000


@dataclass(frozen=True)
class Counts:
    """Aggregates of one funnel.

    Attributes:
        reached: segment, level, is_open, n: everybody who entered.
        finished: segment, level, n: the same over starts whose window is over.
        times: segment, step, median_time (seconds from the step before).
        durations: segment, seconds, converted, n: from the first entry to the last step or to where watching ended.
        destinations: step (last reached), destination, n.
        tied: number of customers whose steps rest on events of one instant.
        further: what was counted for further questions, by question.
    """

    reached: pd.DataFrame
    finished: pd.DataFrame
    times: pd.DataFrame
    durations: pd.DataFrame
    destinations: pd.DataFrame
    tied: int
    further: dict[str, pd.DataFrame] = field(default_factory=dict)


def count_chains(log: EventLog, given: Mapping[str, Any] | None = None) -> Counts:
    """How many customers got how far, how fast, and where did the others go?

    Args:
        log: the events.
        given: the settings of the analysis, with its further questions.

    Returns:
        Small frames.
    """
    chains = chains_by_asof(log) if suits_asof(log) else chains_by_kernel(log)
    query = log.table.query
    return Counts(
        reached=query(f"SELECT segment, level, is_open, count(*) AS n FROM {chains} GROUP BY ALL ORDER BY ALL"),
        finished=query(
            f"SELECT finished_segment AS segment, finished_level AS level, count(*) AS n FROM {chains} "
            "WHERE finished_level > 0 GROUP BY ALL ORDER BY ALL"
        ),
        times=_times(log, chains),
        durations=_durations(log, chains),
        destinations=query(_destinations(log, chains)),
        tied=_tied(log, chains),
        further=count_further(log, chains, given or {}),
    )


def _times(log: EventLog, chains: str) -> pd.DataFrame:
    """Median time from the step before, over those who took the step."""
    medians = ", ".join(f"median(t{k} - t{k - 1}) / {SECOND} AS t{k}" for k in range(2, log.rules.steps + 1))
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
    rows = f"SELECT entered_segment AS segment, {done} AS took, greatest({limit}, 0) AS watched FROM {chains}"
    found = log.table.engine.arrays(
        f"SELECT segment, coalesce(took <= watched, false) AS converted, "
        f"coalesce(CASE WHEN took <= watched THEN took END, watched) / {SECOND} AS seconds, count(*) AS n "
        f"FROM ({rows}) GROUP BY ALL ORDER BY ALL"
    )
    return pd.DataFrame(found)


def _destinations(log: EventLog, chains: str) -> str:
    """The first event after the last step and within the window; the smallest name of one instant."""
    rules = log.rules
    last = f"greatest({', '.join(f't{k}' for k in range(1, rules.steps + 1))})"
    within = "" if rules.window is None else f" AND e.t <= c.t1 + {rules.window}"
    stopped = f"SELECT u, level, t1, {last} AS last FROM {chains} WHERE level < {rules.steps}"
    still = "false" if rules.window is None else f"c.t1 + {rules.window} > {rules.data_end}"
    return (
        f"WITH stopped AS MATERIALIZED ({stopped}), "
        f"after AS (SELECT c.u, arg_min(e.event, (e.t, e.event)) AS event FROM {log.events} e "
        f"JOIN stopped c ON e.u = c.u AND e.t > c.last{within} GROUP BY c.u) "
        f"SELECT c.level AS step, coalesce(a.event, CASE WHEN {still} THEN '(open)' ELSE '(none)' END) AS destination, "
        f"count(*) AS n FROM stopped c LEFT JOIN after a ON a.u = c.u GROUP BY ALL ORDER BY step, n DESC, destination"
    )


def _tied(log: EventLog, chains: str) -> int:
    """Chains in which two steps carry the same time."""
    if log.rules.order == "any":
        return 0
    same = " OR ".join(f"t{k} = t{k - 1}" for k in range(2, log.rules.steps + 1))
    return int(log.table.engine.rows(f"SELECT count(*) FROM {chains} WHERE {same}")[0][0])
