"""How many different customers come within so many weeks?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxlab.data import Table
from cxlab.errors import DataError, ParameterError
from cxlab.wording import count

__all__ = ["Traffic", "steady_traffic", "traffic_of"]


@dataclass(frozen=True)
class Traffic:
    """Different customers after each whole week; beyond what was seen, as many more as in its last week.

    Args:
        units: customers who had come after one week, two weeks and so on.
        seen: how many weeks were seen; 0 where the number was stated.
        share: part of them that enters the test.
    """

    units: tuple[float, ...]
    seen: int
    share: float = 1.0

    def after(self, weeks: int) -> float:
        """Customers in the test after so many weeks."""
        known = len(self.units)
        if weeks <= known:
            return self.share * self.units[weeks - 1]
        last = self.units[-1] - (self.units[-2] if known > 1 else 0.0)
        return self.share * (self.units[-1] + (weeks - known) * last)

    def weeks_for(self, n: float, most: int = 520) -> int | None:
        """Whole weeks until so many are in; None where that takes longer than `most`."""
        return next((weeks for weeks in range(1, most + 1) if self.after(weeks) >= n), None)


def steady_traffic(per_week: float, share: float = 1.0) -> Traffic:
    """The same number of new customers every week.

    Args:
        per_week: how many.
        share: part of them that enters the test.

    Returns:
        The traffic.

    Raises:
        ParameterError: it is not above 0.

    Examples:
        >>> steady_traffic(500, 0.5).weeks_for(1200)
        5
    """
    if not per_week > 0:
        raise ParameterError(f"`per_week` is {per_week!r}; expected the number of new customers in a week, above 0.")
    return Traffic((float(per_week),), 0, share)


def traffic_of(table: Table, time: str, unit: str | None, share: float = 1.0) -> Traffic:
    """How many different customers had come after each whole week of the history?

    Args:
        table: customers or visits from before the test.
        time: column with the time of a visit.
        unit: column with the customer's id; None counts rows.
        share: part of them that enters the test.

    Returns:
        The traffic; a customer counts on the first day only.

    Raises:
        DataError: less than a week was seen.
    """
    typed = {"time": (time, "time?")} | ({"unit": (unit, "id")} if unit else {})
    rows = f"(SELECT * FROM {table.typed(**typed)} AS typed WHERE time IS NOT NULL)"
    first = f"(SELECT min(time) AS time FROM {rows} AS given GROUP BY unit)" if unit else rows
    day = f"CAST({table.local('time')} AS DATE)"
    days = table.query(f"SELECT {day} AS day, count(*) AS n FROM {first} AS first GROUP BY 1 ORDER BY 1")
    last = table.engine.rows(f"SELECT max({day}) FROM {rows} AS given")[0][0]
    if days.empty:
        raise DataError(f"Column {table.column(time)!r} has no time; expected when each customer came.")
    passed = (pd.to_datetime(days["day"]) - pd.to_datetime(days["day"].iloc[0])).dt.days
    span = (pd.Timestamp(last) - pd.Timestamp(days["day"].iloc[0])).days + 1
    if span < 7:
        raise DataError(
            f"The history has {count(span)} days; expected a whole week or more, so that every weekday is in it. "
            "Give a longer one, or `per_week` instead of `time`."
        )
    weeks = span // 7
    return Traffic(tuple(float(days["n"][passed < 7 * week].sum()) for week in range(1, weeks + 1)), weeks, share)
