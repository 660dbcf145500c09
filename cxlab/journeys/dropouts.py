"""Those who stopped: what they did next, for how long they stayed, and whether they asked for help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxlab.data import literal
from cxlab.journeys.first_starts import last_step, person_key
from cxlab.results import SMALLEST_GROUP
from cxlab.stats.proportions import wilson_interval
from cxlab.stats.quantiles import order_statistic_interval

if TYPE_CHECKING:
    from cxlab.journeys.events import EventLog

__all__ = [
    "OTHER", "STILL_OPEN", "contact_counts", "contact_table", "path_counts", "path_table", "stay_counts", "stay_table",
    "stopped_people",
]  # fmt: skip

OTHER, STILL_OPEN, NOTHING = "(other)", "(open)", "(none)"
_MOST_PATHS, _MARK = 40, "\x1f"


def stopped_people(log: EventLog, chains: str) -> str:
    """Make the table of those who did not get to the last step.

    Args:
        log: the events.
        chains: the table of chains.

    Returns:
        Name of a table, one row per chain: chain (its number), u, who (the person), step (the last one reached), t1,
        last (when), is_open (may some start still go on?).
    """
    return log.make(
        "stopped",
        f"SELECT row_number() OVER () AS chain, u, {person_key(log, chains)} AS who, level AS step, t1, "
        f"{last_step(log.rules)} AS last, coalesce(is_open, false) AS is_open "
        f"FROM {chains} WHERE level < {log.rules.steps}",
    )


def _later_events(log: EventLog) -> str:
    """SQL: the events after the last step, within the window of that start; e are the events, s who stopped."""
    within = "" if log.rules.window is None else f" AND e.t <= s.t1 + {log.rules.window}"
    return f"e.u = s.u AND e.t > s.last{within}"


def path_counts(log: EventLog, stopped: str, length: int) -> pd.DataFrame:
    """Which events came next, one after another?

    Args:
        log: the events.
        stopped: the table of those who stopped.
        length: how many events make a path.

    Returns:
        One row per step and path: step, path (names joined by arrows; "(none)" where nothing more came, "(open)" for
        everybody who may still go on), n, people (different ones at the step who cannot go on). Rare paths go together
        as "(other)".
    """
    text = f"string_agg(event, {literal(_MARK)} ORDER BY place)"
    numbered = "row_number() OVER (PARTITION BY s.chain ORDER BY e.t, e.event)"
    found = log.table.query(
        f"WITH next AS (SELECT s.chain, e.event, {numbered} AS place FROM {log.events} e JOIN {stopped} s "
        f"ON {_later_events(log)} AND NOT s.is_open QUALIFY place <= {length}), "
        f"paths AS (SELECT chain, {text} || CASE WHEN count(*) < {length} THEN {literal(_MARK + NOTHING)} ELSE '' END "
        f"AS path FROM next GROUP BY chain), "
        f"counted AS (SELECT s.step, CASE WHEN s.is_open THEN {literal(STILL_OPEN)} "
        f"ELSE coalesce(p.path, {literal(NOTHING)}) END AS path, count(*) AS n, count(DISTINCT s.who) AS people "
        f"FROM {stopped} s LEFT JOIN paths p ON p.chain = s.chain GROUP BY ALL), "
        f"ranked AS (SELECT *, row_number() OVER (PARTITION BY step ORDER BY path = {literal(STILL_OPEN)} DESC, "
        f"n DESC, path) AS rank FROM counted) "
        f"SELECT step, CASE WHEN path = {literal(STILL_OPEN)} "
        f"OR (people >= {SMALLEST_GROUP} AND rank <= {_MOST_PATHS}) THEN path "
        f"ELSE {literal(OTHER)} END AS way, sum(n)::BIGINT AS n FROM ranked GROUP BY ALL"
    ).sort_values(["step", "n", "way"], ascending=[True, False, True])
    paths = [way.replace(_MARK, " → ") for way in found["way"]]
    frame = pd.DataFrame({"step": found["step"].astype(int), "path": paths, "n": found["n"].astype(int)})
    return _with_people(log, stopped, frame)


def _with_people(log: EventLog, stopped: str, frame: pd.DataFrame) -> pd.DataFrame:
    """How many different people stopped at each step for good; fewer than chains where people may try again."""
    sql = f"SELECT step, count(DISTINCT who) AS people FROM {stopped} WHERE NOT is_open GROUP BY step"
    people = log.table.query(sql).set_index("step")["people"]
    return frame.assign(people=frame["step"].map(people).fillna(0).astype(int))


def _interval(
    part: pd.Series[float], whole: pd.Series[float], people: pd.Series[int], confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's limits; where people stopped several times, as if each had always done the same."""
    share = part / whole.where(whole > 0)
    return wilson_interval(share * people, people.where(share.notna(), 0), confidence=confidence)


def path_table(counts: pd.DataFrame, names: tuple[str, ...], *, confidence: float) -> pd.DataFrame:
    """Which ways did those who stopped go most often?

    Args:
        counts: one row per step and path.
        names: the steps in words.
        confidence: level of the intervals.

    Returns:
        One row per step and path: step (the last one reached), name, path, n, rate with ci_low and ci_high (of those
        who stopped there and cannot go on any more; missing for "(open)"). No path is told of fewer than five people.
    """
    folded = [_folded(rows) for _, rows in counts.groupby("step")]
    frame = pd.concat([counts.head(0), *folded], ignore_index=True)
    known = frame["n"].where(frame["path"] != STILL_OPEN)
    total = known.groupby(frame["step"]).transform("sum")
    low, high = _interval(known, total, frame["people"], confidence)
    return pd.DataFrame({
        "step": frame["step"].astype(int), "name": [names[int(k) - 1] for k in frame["step"]], "path": frame["path"],
        "n": frame["n"].astype(int), "rate": known / total, "ci_low": np.where(known.isna(), np.nan, low),
        "ci_high": np.where(known.isna(), np.nan, high),
    })  # fmt: skip


def _folded(rows: pd.DataFrame) -> pd.DataFrame:
    """Where the rest is too few to be told, the rarest path joins it."""
    named = rows[~rows["path"].isin([OTHER, STILL_OPEN])].sort_values(["n", "path"], ascending=[False, True])
    rest = int(rows.loc[rows["path"] == OTHER, "n"].sum())
    while 0 < rest < SMALLEST_GROUP and len(named):
        rest += int(named["n"].iloc[-1])
        named = named.iloc[:-1]
    more = rows.head(1).assign(path=OTHER, n=rest) if rest else rows.head(0)
    return pd.concat([named, more, rows[rows["path"] == STILL_OPEN]])


def stay_counts(log: EventLog, stopped: str) -> pd.DataFrame:
    """For how long did they still do something?

    Args:
        log: the events.
        stopped: the table of those who stopped.

    Returns:
        One row per step and time, over those who cannot go on any more: step, seconds (from the last step to the last
        event within the window; missing where nothing more came), n, people.
    """
    found = log.table.engine.arrays(
        f"SELECT step, coalesce((latest - last) / 1000000, -1) AS seconds, count(*) AS n FROM (SELECT s.chain, s.step, "
        f"s.last, max(e.t) AS latest FROM {stopped} s LEFT JOIN {log.events} e ON {_later_events(log)} "
        "WHERE NOT s.is_open GROUP BY ALL) GROUP BY ALL ORDER BY ALL"
    )
    frame = pd.DataFrame(found)
    return _with_people(log, stopped, frame.assign(seconds=frame["seconds"].where(frame["seconds"] >= 0)))


def stay_table(counts: pd.DataFrame, names: tuple[str, ...], *, confidence: float) -> pd.DataFrame:
    """How many of those who stopped were still there afterwards, and for how long?

    Args:
        counts: one row per step and time, from `stay_counts`.
        names: the steps in words.
        confidence: level of the intervals.

    Returns:
        One row per step: step (the last one reached), name, n (stopped there for good), stayed (did something more
        within the window), rate with ci_low and ci_high, median_time (seconds from the last step to the last event,
        over those who stayed) with time_low and time_high (order statistics; infinite where too few, missing where
        people stopped there several times).
    """
    rows = []
    for step, own in counts.groupby("step"):
        later = own[own["seconds"].notna()]
        seconds = np.repeat(later["seconds"].to_numpy(float), later["n"].to_numpy(int))
        n, people = int(own["n"].sum()), int(own["people"].iloc[0])
        median = float(np.median(seconds)) if len(seconds) else np.nan
        ends = (np.nan, np.nan)
        if len(seconds) and n == people:
            ends = order_statistic_interval(seconds, 0.5, confidence=confidence)
        rows.append((int(step), names[int(step) - 1], n, len(seconds), median, *ends, people))
    columns = ["step", "name", "n", "stayed", "median_time", "time_low", "time_high"]
    table = pd.DataFrame(rows, columns=[*columns, "people"])
    low, high = _interval(table["stayed"], table["n"], table["people"], confidence)
    table = table.assign(rate=table["stayed"] / table["n"], ci_low=low, ci_high=high)
    return table[[*columns[:4], "rate", "ci_low", "ci_high", *columns[4:]]]


def contact_counts(
    log: EventLog, stopped: str, contact: tuple[str, ...], within: int, *, key: str = "u"
) -> pd.DataFrame:
    """How many turned to support soon after they stopped?

    Args:
        log: the events.
        stopped: the table of those who stopped.
        contact: names of the events that are a contact.
        within: how long after the last step a contact counts, in microseconds.
        key: the events' column that tells one person from another.

    Returns:
        One row per step, over those who cannot go on any more: step, n (seen for the whole time), contacted (of them),
        open (stopped so late that the time is not over), people (different ones among n).
    """
    named = ", ".join(map(literal, contact))
    return log.table.query(
        f"WITH helped AS (SELECT DISTINCT s.chain FROM {log.events} e JOIN {stopped} s ON e.{key} = s.who "
        f"AND e.t > s.last AND e.t <= s.last + {within} WHERE e.event IN ({named})) "
        f"SELECT step, count(*) FILTER (seen) AS n, count(*) FILTER (seen AND contacted) AS contacted, "
        "count(*) FILTER (NOT seen) AS open, count(DISTINCT who) FILTER (seen) AS people FROM (SELECT s.step, s.who, "
        f"s.last + {within} <= {_end(log)} AS seen, h.chain IS NOT NULL AS contacted FROM {stopped} s "
        "LEFT JOIN helped h ON h.chain = s.chain WHERE NOT s.is_open) GROUP BY step ORDER BY step"
    )


def _end(log: EventLog) -> int:
    return log.last if log.rules.data_end is None else log.rules.data_end


def contact_table(counts: pd.DataFrame, names: tuple[str, ...], *, confidence: float) -> pd.DataFrame:
    """Which share of those who stopped turned to support?

    Args:
        counts: one row per step, from `contact_counts`.
        names: the steps in words.
        confidence: level of the intervals.

    Returns:
        One row per step: step (the last one reached), name, n, contacted, rate, ci_low, ci_high, open. n and open
        together are those who dropped out after the step.
    """
    low, high = _interval(counts["contacted"], counts["n"], counts["people"], confidence)
    return pd.DataFrame({
        "step": counts["step"].astype(int), "name": [names[int(k) - 1] for k in counts["step"]],
        "n": counts["n"].astype(int), "contacted": counts["contacted"].astype(int),
        "rate": counts["contacted"] / counts["n"].where(counts["n"] > 0), "ci_low": low, "ci_high": high,
        "open": counts["open"].astype(int),
    })  # fmt: skip
