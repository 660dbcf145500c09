"""A table as it stood earlier: the rows of the units that had come by then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from cxlab.data.contracts import typed_expression
from cxlab.data.tables import Table

__all__ = ["Excerpt", "excerpts"]


@dataclass(frozen=True)
class Excerpt:
    """The first units of a table: how many, until when, and their rows."""

    n: int
    moment: pd.Timestamp
    table: Table


def excerpts(table: Table, time: str, sizes: Sequence[int], *, unit: str | None = None) -> tuple[Excerpt, ...]:
    """Which rows were there when so many units had come?

    Args:
        table: the table.
        time: column with the time at which a row came.
        sizes: numbers of units, rising.
        unit: column with the unit, where one may have several rows; None counts rows.

    Returns:
        One excerpt per size that is smaller than the table. Those who came at the same instant come together, so
        that an excerpt may hold more units than asked for, and two sizes may give one excerpt.

    Examples:
        >>> import pandas as pd
        >>> from cxlab.data import table
        >>> days = table(pd.DataFrame({"day": ["2026-05-01", "2026-05-02", "2026-05-02", "2026-05-03"]}))
        >>> [(one.n, one.table.rows) for one in excerpts(days, "day", [1, 2, 4])]
        [(1, 1), (3, 3)]
    """
    if not sizes:
        return ()
    counted = _counted(table, time, unit)
    asked = ", ".join(f"min(CASE WHEN units >= {size} THEN units END), min(CASE WHEN units >= {size} THEN time END)"
                      for size in sizes)  # fmt: skip
    found = table.engine.rows(f"SELECT max(units), {asked} FROM {counted} AS counted")[0]
    whole, pairs = found[0], zip(found[1::2], found[2::2], strict=True)
    kept = {int(n): pd.Timestamp(moment) for n, moment in pairs if n is not None and n < whole}
    return tuple(Excerpt(n, moment, _until(table, time, moment)) for n, moment in sorted(kept.items()))


def _counted(table: Table, time: str, unit: str | None) -> str:
    """How many units there were at each instant."""
    typed = {"time": (time, "time?")} | ({"unit": (unit, "id")} if unit else {})
    rows = f"(SELECT * FROM {table.typed(**typed)} AS typed WHERE time IS NOT NULL)"
    first = f"(SELECT min(time) AS time FROM {rows} AS given GROUP BY unit)" if unit else rows
    new = f"(SELECT time, count(*) AS n FROM {first} AS first GROUP BY time)"
    return f"(SELECT time, sum(n) OVER (ORDER BY time) AS units FROM {new} AS new)"


def _until(table: Table, time: str, moment: pd.Timestamp) -> Table:
    inside = f"{typed_expression(table, time, 'time?')} <= TIMESTAMP '{moment.isoformat(sep=' ')}'"
    relation = f"(SELECT * FROM {table.relation} AS whole WHERE {inside})"
    rows = table.engine.rows(f"SELECT count(*) FROM {relation} AS excerpt")[0][0]
    return replace(table, relation=relation, rows=rows)
