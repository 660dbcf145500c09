"""How age is counted: by the calendar, or from each customer's own start.

Every clock counts whole ticks: periods of the calendar, or hours, days or microseconds, of which a step of age has
so many. An age is the number of ticks since the start, divided by the step. A cell has been seen whole when all its
ticks ended before the log does.
"""

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from cxlab.data.calendar import INSTANT, Period, WeekStart, parse_instant, period_key, period_number, period_sql
from cxlab.data.tables import Table
from cxlab.retention.definition import Brackets, Clock

__all__ = ["Reckoning"]

_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 720}
_EPOCH = pd.Timestamp("1970-01-01")


@dataclass(frozen=True)
class Reckoning:
    """The clock, resolved: from moments to periods, to ticks, to ages and to cells.

    A cell is one age, or one bracket of ages; cells are numbered from 0, the one of the start.
    """

    table: Table
    clock: Clock
    period: Period
    week_start: WeekStart
    brackets: Brackets | None
    seen_until: pd.Timestamp

    @property
    def step(self) -> int:
        """Ticks in a step of age."""
        hours = _HOURS[self.period]
        return {"calendar": 1, "elapsed": hours * 3_600_000_000, "hour_floored": hours, "day_floored": hours // 24}[
            self.clock
        ]

    @property
    def contiguous(self) -> bool:
        """Is there no gap between the brackets?"""
        return all(after[0] == before[1] + 1 for before, after in pairwise(self.brackets or ()))

    def number(self, moment: pd.Timestamp) -> int:
        """The number of the calendar period that a moment lies in."""
        return period_number(moment, self.period, tz=self.table.tz, week_start=self.week_start)

    def cohort_sql(self, column: str = "time") -> str:
        """SQL of the calendar period's number of a moment."""
        return self._period_sql(self.period, column)

    def tick(self, moment: pd.Timestamp) -> int:
        """The number of the tick that a moment lies in."""
        if self.clock == "calendar":
            return self.number(moment)
        if self.clock == "elapsed":
            return int((moment - _EPOCH) // INSTANT)
        grain: Period = "hour" if self.clock == "hour_floored" else "day"
        return period_number(moment, grain, tz=self.table.tz)

    def tick_sql(self, column: str = "time") -> str:
        """SQL of the tick's number of a moment."""
        if self.clock == "calendar":
            return self.cohort_sql(column)
        if self.clock == "elapsed":
            return f"date_diff('microsecond', TIMESTAMP '1970-01-01', {column})"
        return self._period_sql("hour" if self.clock == "hour_floored" else "day", column)

    def _period_sql(self, period: Period, column: str) -> str:
        return period_sql(period, utc=column, local=self.table.local(column), week_start=self.week_start)

    def age_sql(self, later: str, start: str) -> str:
        """SQL of the age: whole steps between two ticks."""
        return f"{later} - {start}" if self.step == 1 else f"({later} - {start}) // {self.step}"

    def cell_sql(self, age: str) -> str:
        """SQL of the cell that an age lies in; NULL in a gap."""
        if self.brackets is None:
            return age
        cases = " ".join(f"WHEN {age} BETWEEN {a} AND {b} THEN {j}" for j, (a, b) in enumerate(self.brackets))
        return f"CASE {cases} END"

    def seen_sql(self, start: str) -> str:
        """SQL of the last cell seen whole by who started in this tick; -1 where there is none."""
        return self._last_sql(self.age_sql(str(self.tick(self.seen_until)), start) + " - 1", 1)

    def begun_sql(self, start: str) -> str:
        """SQL of the last cell begun by who started in this tick."""
        return self._last_sql(self.age_sql(str(self.tick(self.seen_until - INSTANT)), start), 0)

    def _last_sql(self, age: str, edge: int) -> str:
        if self.brackets is None:
            return age
        reached = [(bounds[edge], j) for j, bounds in enumerate(self.brackets)]
        return "CASE " + " ".join(f"WHEN {age} >= {at} THEN {j}" for at, j in reached[::-1]) + " ELSE -1 END"

    def reach(self, cohort: int) -> tuple[int, int]:
        """The last cells seen whole and begun by who started in the first moment of a calendar period."""
        start = self.tick(self._beginning(cohort))
        seen = (self.tick(self.seen_until) - start) // self.step - 1
        begun = (self.tick(self.seen_until - INSTANT) - start) // self.step
        return self._last(seen, 1), self._last(begun, 0)

    def _last(self, age: int, edge: int) -> int:
        if self.brackets is None:
            return age
        return max((j for j, bounds in enumerate(self.brackets) if age >= bounds[edge]), default=-1)

    def _beginning(self, cohort: int) -> pd.Timestamp:
        if self.period == "hour":
            return _EPOCH + cohort * pd.Timedelta("1h")
        first = period_key(cohort, self.period, tz=self.table.tz, week_start=self.week_start)
        return parse_instant(first, argument="cohort", tz=self.table.tz)

    def age(self, cell: int) -> int:
        """The first age of a cell."""
        return cell if self.brackets is None else self.brackets[cell][0]

    def age_name(self, cell: int) -> str:
        """A cell's ages in words: "3", or "4 to 7"."""
        if self.brackets is None:
            return str(cell)
        first, last = self.brackets[cell]
        return str(first) if first == last else f"{first} to {last}"
