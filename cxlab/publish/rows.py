"""Which row of one report is which row of another."""

from collections.abc import Mapping, Sequence
from typing import Any

from cxlab.publish.gates import ESTIMATES, interval_columns

__all__ = ["estimate_of", "rows_by_key"]

_NUMBERS_THAT_NAME = (
    "step",
    "age",
    "time",
    "answer",
    "look",
    "weeks",
    "point",
    "q",
    "tenth",
    "ahead",
    "position",
    "landmark",
)  # which row it is, not what was found
_ALSO = ("share", "method", "n")  # name a row only where nothing else does: a quantile, a way to add up, a planned size
_NET = "nrr"  # of two rates with an interval each, the one that holds what came as well as what went
_TEXTS_THAT_TELL = (
    "method",
    "policy",
    "state",
    "reading",
    "class",
    "example",
    "advice",
    "effect",
    "severity",
    "crosses",
)

Row = Mapping[str, Any]


def rows_by_key(rows: Sequence[Row]) -> dict[tuple[tuple[str, Any], ...], Row] | None:
    """What does each row of a table stand for?

    Args:
        rows: a table of a report's JSON.

    Returns:
        Column and value of what names the row, to the row; None where rows cannot be told apart.
    """
    if not rows:
        return {}
    columns = _naming(rows)
    for names in (columns, [*columns, *(name for name in _ALSO if name in rows[0])]):
        found = {tuple((name, row.get(name)) for name in names): row for row in rows}
        if len(found) == len(rows):
            return found
    return None


def _naming(rows: Sequence[Row]) -> list[str]:
    texts = {name for row in rows for name, value in row.items() if isinstance(value, str)}
    return [name for name in rows[0] if name in _NUMBERS_THAT_NAME or name in texts - {*_TEXTS_THAT_TELL}]


def estimate_of(row: Row) -> tuple[str, tuple[float, float, float]] | None:
    """Which number of a row has an interval?

    Args:
        row: a row of a report's table.

    Returns:
        Its column, and value, low and high; None where there is none, or it is hidden.
    """
    column = next((name for name in (*ESTIMATES, _NET) if name in row), None)
    names = interval_columns(row, column) if column else ()
    values = [row[name] for name in (column, *names)] if column and names else []
    if not column or not values or any(not isinstance(value, (int, float)) for value in values):
        return None
    return column, (float(values[0]), float(values[1]), float(values[2]))
