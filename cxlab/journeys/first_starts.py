"""Everybody by the first start: a moment that is fixed before anything is known of how far they get."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from cxlab.data.calendar import INSTANT, parse_instant, period_key, period_sql
from cxlab.stats.proportions import wilson_interval
from cxlab.stats.share_trends import share_trend

if TYPE_CHECKING:
    from cxlab.data.calendar import Period
    from cxlab.journeys.events import EventLog
    from cxlab.journeys.rules import Rules

__all__ = ["cohort_counts", "cohort_table", "first_starts", "last_step", "person_key"]

_DAY = 86_400_000_000


def last_step(rules: Rules) -> str:
    """SQL: the time of the last step of a chain.

    Args:
        rules: what counts as a chain.

    Returns:
        An expression over the table of chains.
    """
    required, optional = range(1, rules.steps + 1), range(1, len(rules.optional) + 1)
    return f"greatest({', '.join([*(f't{k}' for k in required), *(f'o{k}' for k in optional)])})"


def person_key(log: EventLog, chains: str) -> str:
    """Which column tells one person from another, where a person may have several chains?

    Args:
        log: the events.
        chains: the table of chains.

    Returns:
        "person" where chains are of visits or of things that a person dealt with, else "u".
    """
    columns = {row[0] for row in log.table.engine.rows(f"DESCRIBE {chains}")}
    return "person" if "person" in columns else "u"


def first_starts(log: EventLog, chains: str) -> str:
    """Make the table of first starts, one row per person.

    Args:
        log: the events; their rules have a window.
        chains: the table of chains.

    Returns:
        Name of a table: u, entered, finished_at (NULL who never did), done (within the window of the first start), and
        over (is that window over?).
    """
    rules = log.rules
    finished = f"CASE WHEN level >= {rules.steps} THEN {last_step(rules)} END"
    return log.make(
        "starts",
        f"SELECT u, entered, finished_at, coalesce(finished_at <= entered + {rules.window}, false) AS done, "
        f"entered + {rules.window} <= {rules.data_end} AS over "
        f"FROM (SELECT {person_key(log, chains)} AS u, min(entered) AS entered, min({finished}) AS finished_at "
        f"FROM {chains} GROUP BY 1)",
    )


def cohort_counts(log: EventLog, starts: str, period: Period) -> pd.DataFrame:
    """How many began in each period, and how many of them finished?

    Args:
        log: the events.
        starts: the table of first starts.
        period: "day", "week" or "month".

    Returns:
        One row per period from the first to the last: period (its number), cohort, size (all who began), n (whose
        window is over), finished, state ("complete", "partial" or "unobservable").
    """
    moment = "make_timestamp(entered)"
    number = period_sql(period, utc=moment, local=log.table.local(moment))
    frame = log.table.query(
        f"SELECT {number} AS period, count(*) AS size, count(*) FILTER (over) AS n, "
        f"count(*) FILTER (over AND done) AS finished FROM {starts} GROUP BY 1 ORDER BY 1"
    )
    if frame.empty:
        return frame.assign(cohort=[], state=[])
    whole = range(int(frame["period"].min()), int(frame["period"].max()) + 1)
    frame = frame.set_index("period").reindex(whole, fill_value=0).rename_axis("period").reset_index()
    names = [period_key(number, period, tz=log.table.tz) for number in frame["period"]]
    states = [_state(log, number, period, n) for number, n in zip(frame["period"], frame["n"], strict=True)]
    return frame.assign(cohort=names, state=states)


def _state(log: EventLog, number: int, period: Period, n: int) -> str:
    """Were all starts of the period seen, each for its whole window?"""
    rules = log.rules
    begins, ends = _edge(log, number, period), _edge(log, number + 1, period)
    first = log.first - _DAY + 1 if rules.entry_from is None else rules.entry_from  # a day may begin with its sleep
    last = (rules.data_end or log.last) - (rules.window or 0) + 1
    last = last if rules.entry_to is None else min(last, rules.entry_to)
    if begins >= first and ends <= last:
        return "complete"
    return "partial" if n or begins < last else "unobservable"


def _edge(log: EventLog, number: int, period: Period) -> int:
    """The moment at which a period begins, in microseconds."""
    day = parse_instant(period_key(number, period, tz=log.table.tz), argument="trend", tz=log.table.tz)
    return int((day - pd.Timestamp(0)) // INSTANT)


def cohort_table(counts: pd.DataFrame, *, confidence: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Does the share that finishes rise or fall from period to period?

    Args:
        counts: one row per period, from `cohort_counts`.
        confidence: level of the intervals.

    Returns:
        One row per cohort: cohort, size, n, finished, rate, ci_low, ci_high, state, and fitted, fitted_low and
        fitted_high (the line through complete cohorts). And one row, or none with fewer than five complete cohorts:
        since, until, cohorts, n, control_estimate and estimate (first and last on the line), effect, ci_low, ci_high,
        odds_ratio (from one period to the next), dispersion, p_value.
    """
    low, high = wilson_interval(counts["finished"], counts["n"], confidence=confidence)
    rate = counts["finished"] / counts["n"].where(counts["n"] > 0)
    table = counts[["cohort", "size", "n", "finished"]].assign(
        rate=rate, ci_low=low, ci_high=high, state=counts["state"], fitted=math.nan, fitted_low=math.nan,
        fitted_high=math.nan,
    )  # fmt: skip
    kept = (counts["state"] == "complete") & (counts["n"] > 0)
    rows = counts[kept]
    trend = share_trend(rows["period"].astype(float), rows["finished"], rows["n"], confidence=confidence)
    if trend is None:
        return table, pd.DataFrame()
    for name in ("fitted", "fitted_low", "fitted_high"):
        table.loc[kept, name] = getattr(trend, name)
    return table, pd.DataFrame([{
        "since": rows["cohort"].iloc[0], "until": rows["cohort"].iloc[-1], "cohorts": len(rows),
        "n": int(rows["n"].sum()), "control_estimate": trend.fitted[0], "estimate": trend.fitted[-1],
        "effect": trend.effect, "ci_low": trend.effect_low, "ci_high": trend.effect_high,
        "odds_ratio": math.exp(trend.slope), "dispersion": trend.dispersion, "p_value": trend.p_value,
    }])  # fmt: skip
