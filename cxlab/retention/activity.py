"""In which periods is who active, and how does each period's crowd come from the one before?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cxlab.data import Relation, Table
from cxlab.data.calendar import INSTANT, Period, iso_local, parse_instant, period_key, period_name
from cxlab.errors import DataError, ParameterError, nearest
from cxlab.retention.clocks import Reckoning
from cxlab.retention.question import is_named
from cxlab.stats.proportions import wilson_interval
from cxlab.wording import count, date

__all__ = ["Activity", "lifecycle_rows", "read_activity", "stickiness_mean", "stickiness_rows"]

_TYPICAL = 0.95
_OVER = {"hour": 24, "day": 7, "week": 8, "month": 6}


@dataclass(frozen=True)
class Activity:
    """Counts of who is active, period by period.

    `steps` has one row per period with activity: p, n, new, returning, resurrected, leaving (not active in the next);
    `gaps` how many periods lie between two active ones of a customer, `often` how many of the last `over` periods
    customers were active in. `first` is the log's first period, `shown` the first one asked for, `last` the last whole
    one; `gap` is the longest usual gap.
    """

    table: Table
    reckoning: Reckoning
    first: int
    shown: int
    last: int
    over: int
    asked_over: int | None
    gap: int
    first_event: pd.Timestamp
    observe_until: pd.Timestamp
    assumed: bool
    steps: pd.DataFrame
    often: pd.DataFrame

    @property
    def period(self) -> Period:
        """The length of a period."""
        return self.reckoning.period

    def key(self, number: int) -> str:
        """A period as programs read it."""
        return period_key(number, self.period, tz=self.table.tz, week_start=self.reckoning.week_start)

    def name(self, number: int) -> str:
        """A period as readers read it."""
        return period_name(number, self.period, tz=self.table.tz, week_start=self.reckoning.week_start)

    def local(self, moment: pd.Timestamp) -> str:
        """A moment as local ISO text."""
        return iso_local(moment, self.table.tz)


def read_activity(table: Table, given: dict[str, Any]) -> Activity:
    """Count who is active in which period.

    Args:
        table: the events.
        given: the arguments of `customer_lifecycle` by name.

    Returns:
        The counts.

    Raises:
        ParameterError: a date or number is not usable.
        DataError: a column or event is not there, or fewer than two whole periods have been seen.
    """
    columns = {"unit": (given["unit"], "id"), "time": (given["time"], "time")}
    if given["active_event"]:
        columns["event"] = (given["event"] or "event", "text")
    relation = table.typed(**columns)
    active = is_named(given["active_event"])
    first, last = table.engine.rows(f"SELECT min(time), max(time) FROM {relation} AS e WHERE {active}")[0]
    if first is None:
        known = table.values(given["event"] or "event")
        raise DataError(
            f"No row has the event {given['active_event']!r} (`active_event`).{nearest(given['active_event'], known)} "
            f"Events: {', '.join(known[:12])}."
        )
    until = _until(given["observe_until"], pd.Timestamp(last), table.tz)
    reckoning = Reckoning(table, "calendar", given["period"], given["week_start"], None, until)
    return _counted(reckoning, relation, active, given, pd.Timestamp(first))


def _until(given: str | None, last: pd.Timestamp, tz: str) -> pd.Timestamp:
    return last + INSTANT if given is None else parse_instant(given, argument="observe_until", tz=tz, end=True)


def _counted(
    reckoning: Reckoning, relation: Relation, active: str, given: dict[str, Any], begin: pd.Timestamp
) -> Activity:
    first, last, until = reckoning.number(begin), reckoning.number(reckoning.seen_until) - 1, reckoning.seen_until
    if last - first < 1:
        raise DataError(
            f"Only {count(max(last - first + 1, 0))} whole {reckoning.period} has been seen until "
            f"{date((until - INSTANT).isoformat())}; two are needed. Choose a shorter `period` or a later "
            "`observe_until`."
        )
    shown = first
    if given["periods_from"] is not None:
        shown = max(first, reckoning.number(parse_instant(given["periods_from"], argument="periods_from",
                                                          tz=reckoning.table.tz)))  # fmt: skip
    if shown > last:
        raise ParameterError(f"`periods_from` is {given['periods_from']}, after the last whole {reckoning.period}.")
    over = min(given["over"] or _OVER[reckoning.period], last - first + 1)
    found = reckoning.table.query(_sql(reckoning, relation, active, last, over))
    steps, gaps, often = (found[found["what"] == what].drop(columns="what") for what in ("step", "gap", "often"))
    return Activity(
        reckoning.table, reckoning, first, shown, last, over, given["over"], _usual_gap(gaps), begin, until - INSTANT,
        given["observe_until"] is None, steps, often,
    )  # fmt: skip


def _usual_gap(gaps: pd.DataFrame) -> int:
    """Nineteen of twenty gaps between two active periods are no longer."""
    if gaps.empty:
        return 1
    ordered = gaps.sort_values("p")
    reached = ordered["n"].cumsum() / ordered["n"].sum()
    return int(ordered["p"].to_numpy()[np.searchsorted(reached.to_numpy(float), _TYPICAL)])


def _sql(reckoning: Reckoning, relation: Relation, active: str, last: int, over: int) -> str:
    def tally(condition: str) -> str:
        return f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)"

    return f"""
WITH a AS (SELECT DISTINCT unit AS u, {reckoning.cohort_sql()} AS p FROM {relation} AS e
  WHERE time < TIMESTAMP '{reckoning.seen_until}' AND {active}),
w AS (SELECT u, p, lag(p) OVER (PARTITION BY u ORDER BY p) AS earlier, lead(p) OVER (PARTITION BY u ORDER BY p) AS later
  FROM a)
SELECT 'step' AS what, p, count(*) AS n, {tally("earlier IS NULL")} AS fresh, {tally("earlier = p - 1")} AS back,
  {tally("earlier < p - 1")} AS resurrected, {tally("later IS NULL OR later > p + 1")} AS leaving
FROM w GROUP BY p
UNION ALL SELECT 'gap', p - earlier, count(*), 0, 0, 0, 0 FROM w WHERE earlier IS NOT NULL AND p <= {last}
  GROUP BY p - earlier
UNION ALL SELECT 'often', k, count(*), 0, 0, 0, 0
FROM (SELECT u, count(*) AS k FROM a WHERE p BETWEEN {last - over + 1} AND {last} GROUP BY u) AS o GROUP BY k"""


def lifecycle_rows(activity: Activity, confidence: float) -> pd.DataFrame:
    """Who was active in each period, and where did they come from?

    Args:
        activity: the counts.
        confidence: level of the intervals.

    Returns:
        One row per whole period: p, period, n, new, returning, resurrected, dormant, size (active in the period
        before), rate (returning of size), ci_low, ci_high, early (an old customer could still look new).
    """
    every = np.arange(activity.first, activity.last + 1)
    steps = activity.steps.set_index(activity.steps["p"].astype(int)).reindex(every, fill_value=0)
    n, fresh, back, again, leaving = (
        steps[name].to_numpy(float) for name in ("n", "fresh", "back", "resurrected", "leaving")
    )
    size, dormant = np.append(0.0, n[:-1]), np.append(0.0, leaving[:-1])
    low, high = wilson_interval(back, size, confidence=confidence)
    rows = pd.DataFrame({
        "p": every, "period": [activity.key(int(number)) for number in every], "n": n.astype(int),
        "new": fresh.astype(int), "returning": back.astype(int), "resurrected": again.astype(int),
        "dormant": dormant.astype(int), "size": size.astype(int),
        "rate": np.divide(back, size, out=np.full_like(back, np.nan), where=size > 0), "ci_low": low, "ci_high": high,
        "early": every < activity.first + activity.gap,
    })  # fmt: skip
    return rows[rows["p"] >= activity.shown].reset_index(drop=True)


def stickiness_rows(activity: Activity, confidence: float) -> pd.DataFrame:
    """Of who was active at all in the last periods: in how many of them?

    Args:
        activity: the counts.
        confidence: level of the intervals.

    Returns:
        One row per number of active periods, from 1 up: active_periods, n, share, ci_low, ci_high.
    """
    numbers = np.arange(1, activity.over + 1)
    often = activity.often.set_index(activity.often["p"].astype(int))["n"].reindex(numbers, fill_value=0)
    n, total = often.to_numpy(float), float(often.sum())
    low, high = wilson_interval(n, np.full_like(n, total), confidence=confidence)
    share = n / total if total else np.full_like(n, np.nan)
    return pd.DataFrame({
        "active_periods": numbers, "n": n.astype(int), "share": share, "ci_low": low, "ci_high": high,
    })  # fmt: skip


def stickiness_mean(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """In which share of the periods is a customer active, on average?

    Args:
        rows: what `stickiness_rows` gave.
        confidence: level of the interval.

    Returns:
        One row: n (customers active at all), periods, estimate (mean number of active periods), ci_low, ci_high, share
        (that mean by the number of periods: what is called DAU to MAU where days lie in a month).
    """
    n, k = rows["n"].to_numpy(float), rows["active_periods"].to_numpy(float)
    total, periods = n.sum(), len(rows)
    mean = float((n * k).sum() / total) if total else np.nan
    spread = float(np.sqrt((n * (k - mean) ** 2).sum() / (total - 1))) if total > 1 else np.nan
    half = float(ndtri((1 + confidence) / 2)) * spread / np.sqrt(total) if total > 1 else np.nan
    row = {"n": int(total), "periods": periods, "estimate": mean,
           "ci_low": max(mean - half, 1.0) if total > 1 else np.nan,
           "ci_high": min(mean + half, float(periods)) if total > 1 else np.nan, "share": mean / periods}  # fmt: skip
    return pd.DataFrame([row])
