"""How long do customers stay, before they stay away for good, or for so many periods?"""

import numpy as np
import pandas as pd

from cxlab.retention.cohort_sql import active_cells, starts_sql
from cxlab.retention.question import Question
from cxlab.stats.curve_differences import log_rank
from cxlab.stats.proportions import wilson_interval
from cxlab.stats.survival import kaplan_meier

__all__ = ["staying", "staying_sql", "staying_test"]

_COLUMNS = ["segment", "age", "n", "churned", "hazard", "hazard_low", "hazard_high", "estimate", "ci_low", "ci_high"]


def staying_sql(question: Question) -> str:
    """At which age did whoever began leave, or was last known to be staying?

    Somebody leaves in the first of `churn_after` periods in a row without coming back. Who was not seen for so many
    periods after the last return is known to stay up to the age at which such a row could just be seen.

    Args:
        question: the question.

    Returns:
        SQL with one row per segment, age and way out: segment, age, churned (1 left, 0 still watched), n.
    """
    g = question.churn_after
    return f"""
{starts_sql(question)},
x AS (SELECT u, segment, seen, k FROM ({active_cells(question)}) AS y WHERE k > 0
  UNION ALL SELECT u, segment, seen, 0 FROM f),
o AS (SELECT u, segment, seen, k, lead(k) OVER (PARTITION BY u ORDER BY k) AS next FROM x),
g AS (SELECT u, segment, seen, min(k) + 1 AS gone FROM o WHERE next IS NULL OR next - k > {g} GROUP BY u, segment, seen)
SELECT segment, CASE WHEN gone + {g} - 1 <= seen THEN gone ELSE greatest(seen - {g} + 1, 0) END AS age,
  CASE WHEN gone + {g} - 1 <= seen THEN 1 ELSE 0 END AS churned, count(*) AS n
FROM g GROUP BY 1, 2, 3"""


def staying(ends: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Which share of customers is still there after each age, and which share of those still there leaves at it?

    Args:
        ends: the engine's answer to `staying_sql`.
        question: the question.

    Returns:
        One row per segment, with all first, and age: segment, age, n (still watched and there before that age),
        churned, hazard, hazard_low, hazard_high, estimate, ci_low, ci_high.
    """
    parts = [("all", ends)] + (sorted(ends.groupby("segment")) if question.segment else [])
    found = [_staying(rows[rows["age"] > 0], question).assign(segment=name) for name, rows in parts]
    kept = [rows for rows in found if len(rows)] or found[:1]
    return pd.concat(kept, ignore_index=True)[_COLUMNS]


def _staying(ends: pd.DataFrame, question: Question) -> pd.DataFrame:
    last = int(ends["age"].max()) if len(ends) else 0
    ages = np.arange(1, last + 1 if question.horizon is None else min(last, question.horizon) + 1)
    if not len(ages):
        return pd.DataFrame(columns=_COLUMNS[1:])
    curve = kaplan_meier(ends["age"], ends["churned"], weights=ends["n"], confidence=question.confidence)
    share, low, high = curve.at(ages)
    n = curve.watched(ages)
    lost = ends[ends["churned"] == 1].groupby("age")["n"].sum().reindex(ages, fill_value=0).to_numpy(float)
    below, above = wilson_interval(lost, n, confidence=question.confidence)
    return pd.DataFrame({
        "age": ages, "n": n.astype(int), "churned": lost.astype(int), "hazard": lost / n, "hazard_low": below,
        "hazard_high": above, "estimate": share, "ci_low": low, "ci_high": high,
    })  # fmt: skip


def staying_test(ends: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Do segments differ in how long customers stay by more than chance explains?

    Args:
        ends: the engine's answer to `staying_sql`.
        question: the question.

    Returns:
        One row, or none without segments: statistic, df, p_value of the log-rank test, and n.
    """
    watched = ends[ends["age"] > 0]
    if not question.segment or watched["segment"].nunique() < 2 or not watched["churned"].any():
        return pd.DataFrame()
    test = log_rank(watched["age"], watched["churned"], watched["segment"], weights=watched["n"])
    return pd.DataFrame([{"n": int(watched["n"].sum()), "statistic": test.statistic, "df": test.df,
                          "p_value": test.p_value}])  # fmt: skip
