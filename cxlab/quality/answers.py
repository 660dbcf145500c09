"""Answers on a scale: how often each number was given to each question, and which scale that is."""

from dataclasses import dataclass

from cxlab.data import quote
from cxlab.quality.columns import Column
from cxlab.quality.measures import number_of
from cxlab.quality.subject import Subject

__all__ = ["CODES", "Answers", "answers", "instrument"]

CODES = {-1.0, -2.0, -9.0, -88.0, -98.0, -99.0, -999.0, -9999.0, 77.0, 88.0, 97.0, 98.0, 99.0,
          777.0, 888.0, 997.0, 998.0, 999.0, 8888.0, 9998.0, 9999.0, 99999.0}  # fmt: skip
_SCALES = ((1.0, 5.0), (1.0, 7.0), (0.0, 10.0), (0.0, 100.0))
_FIXED = {"nps": (0.0, 10.0), "ces1": (1.0, 5.0), "ces2": (1.0, 7.0)}
_MOST = 0.85


@dataclass(frozen=True)
class Answers:
    """How often each number was answered to one question."""

    name: str
    counted: tuple[tuple[float, int], ...]

    @property
    def instrument(self) -> str:
        """The instrument that the name stands for, "" for others."""
        plain = self.name.replace(" ", "").replace("_", "")
        return next((word for word in _FIXED if word in plain), "")

    @property
    def scale(self) -> tuple[float, float] | None:
        """The question's scale: fixed by its name, or the smallest usual one that holds most answers."""
        if self.instrument in _FIXED:
            return _FIXED[self.instrument]
        real = [
            (value, n) for value, n in self.counted if value not in CODES or (0 <= value <= 100 and n > self.total / 2)
        ]
        total = sum(n for _, n in real)
        fits = (s for s in _SCALES if sum(n for v, n in real if s[0] <= v <= s[1]) >= _MOST * total)
        return next(fits, None) if total else None

    @property
    def total(self) -> int:
        """Answers counted."""
        return sum(n for _, n in self.counted)


def answers(subject: Subject, column: Column) -> list[Answers]:
    """How often was each number answered to each question?

    Args:
        subject: the table under examination.
        column: a column of scores.

    Returns:
        One record per instrument, in small letters; one named "" where the table does not tell them apart.
    """
    value, kind = number_of(column), instrument(subject)
    sql = (
        f"SELECT {kind}, {value}, count(*) FROM {subject.table.relation} WHERE {value} IS NOT NULL GROUP BY 1, "
        f"2 ORDER BY 1, 2 LIMIT 5000"
    )
    rows = subject.table.engine.rows(sql)
    return [Answers(name, tuple((v, n) for k, v, n in rows if k == name)) for name in sorted({k for k, *_ in rows})]


def instrument(subject: Subject) -> str:
    """SQL for the instrument of a row in small letters, "" where none is named.

    Args:
        subject: the table under examination.

    Returns:
        The expression.
    """
    column = subject.role("instrument")
    return f"coalesce(lower(trim({quote(column.name)}::VARCHAR)), '')" if column else "''"
