"""The one pass over the answers: how many gave which answer in each group, and which customers answered twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cxlab.data import Table
from cxlab.data.calendar import period_sql
from cxlab.errors import DataError
from cxlab.feedback.instruments import Instrument
from cxlab.stats.clusters import Products
from cxlab.wording import count

__all__ = ["ALL", "NOT_GIVEN", "PERIODS", "USUAL_CODES", "Key", "Responses"]

ALL, NOT_GIVEN = "all", "(not given)"
PERIODS = ("day", "week", "month")
USUAL_CODES = (-999, -99, -98, -97, -9, -8, -1, 77, 88, 97, 98, 99, 777, 888, 997, 998, 999)
_MOST_SEGMENTS, _MOST_WAVES = 50, 400

Key = tuple[Any, str]  # wave (None without waves) and segment


@dataclass(frozen=True)
class Responses:
    """The question put to the table: which column is the answer, and how its rows are grouped."""

    table: Table
    instrument: Instrument
    score: str
    unit: str | None = None
    segment: str | None = None
    wave: str | None = None
    time: str | None = None
    codes: tuple[float, ...] = field(default=USUAL_CODES)

    @property
    def periodic(self) -> bool:
        """Are the waves periods of the answers' time?"""
        return self.wave in PERIODS and self.time is not None and self.wave not in self.table.columns

    def counts(self) -> pd.DataFrame:
        """How many rows of each group hold which answer, no answer, a code or something invalid?

        Returns:
            wave, segment, state ("valid", "missing", "code", "invalid"), answer (of valid answers and codes),
            rows, least and most (of the values).

        Raises:
            DataError: a column is missing or holds what it must not, or there are too many groups.
        """
        answer = "CASE WHEN state IN ('valid', 'code') THEN score END"
        frame = self.table.query(
            f"SELECT wave, segment, state, {answer} AS answer, count(*) AS rows, min(score) AS least, "
            f"max(score) AS most FROM {self._rows()} GROUP BY 1, 2, 3, 4"
        )
        for column, name, most in (("segment", self.segment, _MOST_SEGMENTS), ("wave", self.wave, _MOST_WAVES)):
            _check_groups(frame[column], name, most)
        if self.segment is not None and (frame["segment"] == ALL).any():
            raise DataError(
                f"Column '{self.segment}' has a group '{ALL}', the name of the row for everybody; rename it."
            )
        return frame

    def products(self, pairs: Sequence[tuple[Key, Key]]) -> dict[tuple[Key, Key], Products]:
        """For pairs of groups: the sums over customers from which variances and covariances follow.

        Args:
            pairs: groups; a group with itself gives its own variance.

        Returns:
            The sums for each pair that shares a customer.
        """
        listed = ", ".join(
            f"({_literal(a[0])}, {_literal(a[1])}, {_literal(b[0])}, {_literal(b[1])})" for a, b in pairs
        )
        frame = self.table.query(f"""
WITH v AS (SELECT wave, segment, who, count(*) AS m, sum({self._weight()}) AS s FROM {self._rows()}
  WHERE state = 'valid' GROUP BY 1, 2, 3),
u AS (SELECT * FROM v {self._everybody()}),
p AS (SELECT * FROM (VALUES {listed}) AS t(wave_a, segment_a, wave_b, segment_b))
SELECT p.*, sum(a.s * b.s) AS ss, sum(a.s * b.m) AS sm, sum(a.m * b.s) AS ms, sum(a.m * b.m) AS mm,
  count(*) AS customers, sum(CASE WHEN b.m > a.m THEN 1 ELSE 0 END) AS beyond
FROM p JOIN u AS a ON a.wave IS NOT DISTINCT FROM p.wave_a AND a.segment = p.segment_a
JOIN u AS b ON b.who = a.who AND b.wave IS NOT DISTINCT FROM p.wave_b AND b.segment = p.segment_b
GROUP BY ALL""")
        return {
            _pair(row): Products(row.ss, row.sm, row.ms, row.mm, int(row.customers), int(row.beyond))
            for row in frame.itertuples()
        }

    def nameless(self) -> int:
        """How many valid answers bear no customer's id?"""
        if self.unit is None:
            return 0
        sql = f"SELECT count(*) FROM {self._rows()} WHERE state = 'valid' AND NOT named"
        return int(self.table.engine.rows(sql)[0][0])

    def _everybody(self) -> str:
        """Customers' totals over all segments, beside those of each segment."""
        if self.segment is None:
            return ""
        return f"UNION ALL SELECT wave, '{ALL}', who, sum(m), sum(s) FROM v GROUP BY wave, who"

    def _rows(self) -> str:
        """Each row with its groups, its customer and what its answer is."""
        columns = {"score": (self.score, "number?")}
        if self.unit is not None:
            columns["unit"] = (self.unit, "id?")
        if self.segment is not None:
            columns["segment"] = (self.segment, "text?")
        if self.periodic:
            columns["time"] = (str(self.time), "time")
        elif self.wave is not None:
            columns["wave"] = (self.wave, "text")
        unit = "'c' || CAST(unit AS VARCHAR)" if self.unit else "NULL"
        anonymous = "'r' || CAST(row_number() OVER () AS VARCHAR)" if self.unit else "NULL"
        return (
            f"(SELECT score, {self._state()} AS state, {self._wave()} AS wave, {self._segment()} AS segment, "
            f"coalesce({unit}, {anonymous}) AS who, {unit} IS NOT NULL AS named "
            f"FROM {self.table.typed(**columns)} AS t)"
        )

    def _state(self) -> str:
        codes = ", ".join(map(repr, map(float, self.codes))) or "NULL"
        one = self.instrument
        return (
            f"CASE WHEN score IS NULL THEN 'missing' WHEN score IN ({codes}) THEN 'code' "
            f"WHEN score = floor(score) AND score BETWEEN {one.low} AND {one.high} THEN 'valid' ELSE 'invalid' END"
        )

    def _wave(self) -> str:
        if self.periodic:
            period: Any = self.wave
            return period_sql(period, utc="time", local=self.table.local("time"))
        return "CAST(NULL AS VARCHAR)" if self.wave is None else "wave"

    def _segment(self) -> str:
        return f"'{ALL}'" if self.segment is None else f"coalesce(segment, '{NOT_GIVEN}')"

    def _weight(self) -> str:
        (_, bad), (good, last) = self.instrument.bad, self.instrument.good
        if self.instrument.kind == "nps":
            return f"CASE WHEN score <= {bad} THEN -1.0 WHEN score >= {good} THEN 1.0 ELSE 0.0 END"
        return f"CASE WHEN score BETWEEN {good} AND {last} THEN 1.0 ELSE 0.0 END" if self._binary else "score"

    @property
    def _binary(self) -> bool:
        return self.instrument.kind == "csat"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _pair(row: Any) -> tuple[Key, Key]:
    return (_known(row.wave_a), row.segment_a), (_known(row.wave_b), row.segment_b)


def _known(value: Any) -> Any:
    """A wave as Python's own value; a missing one as None."""
    if value is None or value != value:
        return None
    return value if isinstance(value, str) else int(value)


def _check_groups(column: "pd.Series[Any]", name: str | None, most: int) -> None:
    found = column.nunique(dropna=True)
    if name is not None and found > most:
        raise DataError(
            f"'{name}' makes {count(found)} groups; at most {most} can be shown. Choose a coarser column or period."
        )
