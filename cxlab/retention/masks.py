"""The plain question asked of millions of events: each customer's periods as the bits of one whole number.

Where any event starts a customer and any event is a return, one row per customer holds everything: the first moment,
the last one within the first period, and a bit for each period with an event. It is one small group per customer in
place of one per customer and period. Answers are those of `counts_sql`, which says what is asked in general.
"""

import pandas as pd

from cxlab.retention.cohort_sql import counts_sql
from cxlab.retention.question import Question, is_return, is_start

__all__ = ["count_returns", "fits_masks", "masked_counts_sql"]

_BITS = 62
_MICROSECOND = pd.Timedelta("1us")


def count_returns(question: Question) -> pd.DataFrame:
    """How many units began in each group, and how many of them came back in each cell?

    Args:
        question: the question.

    Returns:
        The engine's answer, as `counts_sql` describes it.
    """
    sql = masked_counts_sql(question) if fits_masks(question) else counts_sql(question)
    return question.table.query(sql)


def fits_masks(question: Question) -> bool:
    """Is the question plain, and are its periods no more than the bits of a whole number?

    Args:
        question: the question.

    Returns:
        Whether `masked_counts_sql` answers it.
    """
    plain = question.once and question.measure == "on" and question.minimum == 1 and question.clock == "calendar"
    every = is_start(question) == is_return(question) == "TRUE" and not (question.cohort or question.segment)
    return plain and every and question.reckoning.brackets is None and _periods(question) <= _BITS


def _periods(question: Question) -> int:
    first, last = question.first_event, question.seen_until - _MICROSECOND
    return question.number(last) - question.number(first) + 1


def masked_counts_sql(question: Question) -> str:
    """The same as `counts_sql`, for questions that `fits_masks` lets through.

    Args:
        question: the question.

    Returns:
        SQL with the columns of `counts_sql`.
    """
    first, reckoning = question.number(question.first_event), question.reckoning
    # Wider than the whole log, so that the greatest of "moment less period times width" lies in the first period.
    width = (question.seen_until - question.first_event) // _MICROSECOND + 1
    last = _periods(question) - 1 if question.horizon is None else min(question.horizon, _periods(question) - 1)
    ages = ", ".join(f"({age})" for age in range(last + 1))
    cohort = f"(c + {first})"
    bound = "" if question.first_period is None else f"WHERE {cohort} >= {question.first_period}"
    everybody = "" if not bound else "UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, -1, count(*), 0, 0 FROM u"
    return f"""
WITH e AS (SELECT unit, date_diff('microsecond', TIMESTAMP '{question.first_event}', time) AS moment,
    {reckoning.cohort_sql()} - {first} AS p FROM {question.relation} AS r
    WHERE time < TIMESTAMP '{question.seen_until}'),
u AS (SELECT unit, min(p) AS c, min(moment) AS began, max(moment - CAST(p AS BIGINT) * {width}) AS latest,
    bit_or(CAST(1 AS BIGINT) << p) AS mask FROM e GROUP BY unit),
m AS (SELECT c, mask >> c AS mask, latest + CAST(c AS BIGINT) * {width} > began AS back, count(*) AS n
    FROM u {bound} GROUP BY 1, 2, 3)
SELECT CAST(NULL AS VARCHAR) AS cohort, CAST(NULL AS VARCHAR) AS segment, {cohort} AS c,
  {reckoning.seen_sql(cohort)} AS seen, {reckoning.begun_sql(cohort)} AS begun, CAST(NULL AS INTEGER) AS k,
  sum(n) AS so_far, 0 AS returned, 0 AS varies
FROM m GROUP BY c
UNION ALL
SELECT NULL, NULL, {cohort}, NULL, NULL, k, sum(n),
  sum(CASE WHEN k <= {reckoning.seen_sql(cohort)} THEN n ELSE 0 END), 0
FROM m JOIN (VALUES {ages}) AS ages(k) ON ((mask >> k) & 1) = 1 AND (k > 0 OR back) GROUP BY c, k
{everybody}"""
