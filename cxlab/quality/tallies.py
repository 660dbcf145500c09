"""Columns that hold few values: each value counted once, all columns in one pass over the table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cxlab.data import Table, quote
from cxlab.quality.columns import Column
from cxlab.quality.measures import Tally, measures, prepared

__all__ = ["Values", "few_valued", "tallied"]

Values = Mapping[str, tuple[tuple[str, int], ...]]
_LOOKED_AT, _FEW, _PART = 100_000, 2_000, 0.2
_TALLIES = "tallies"
_WEIGHT = '"rows of this value"'
_STACKED = Column("value", "", "text", "VARCHAR")


def few_valued(table: Table, columns: Sequence[Column]) -> list[Column]:
    """Which text columns have few values, by the table's first rows?

    Args:
        table: the table.
        columns: its columns.

    Returns:
        Those whose values are better counted once than looked at in every row; a wrong guess costs time only.
    """
    texts = [c for c in columns if c.text and c.kind not in ("id", "time")]
    if not texts:
        return []
    listed = ", ".join(f"approx_count_distinct({quote(c.name)})" for c in texts)
    names = ", ".join(quote(c.name) for c in texts)
    row = table.engine.rows(f"SELECT {listed} FROM (SELECT {names} FROM {table.relation} LIMIT {_LOOKED_AT})")[0]
    part = _PART * min(table.rows, _LOOKED_AT)
    most = [_FEW if column.kind == "category" else min(_FEW, part) for column in texts]
    return [column for column, values, limit in zip(texts, row, most, strict=True) if values <= limit]


def tallied(table: Table, columns: Sequence[Column]) -> tuple[dict[tuple[str, str], Any], Values]:
    """What do these columns hold?

    Args:
        table: the table.
        columns: columns with few values.

    Returns:
        (column, measure) -> count, and column -> its values with their rows, the most frequent first.
    """
    if not columns:
        return {}, {}
    _count_values(table, columns)
    stacked = replace(_STACKED, role="amount" if any(c.role == "amount" for c in columns) else "")
    asked = measures(stacked, Tally(_WEIGHT))
    sql = f"SELECT place, {', '.join(asked.values())} FROM {prepared([stacked], _TALLIES)} GROUP BY place"
    counts = {
        (columns[place].name, name): value
        for place, *row in table.engine.rows(sql)
        for name, value in zip(asked, row, strict=True)
    }
    return counts, _listed(table, [(i, c) for i, c in enumerate(columns) if counts[c.name, "distinct"] <= _FEW])


def _count_values(table: Table, columns: Sequence[Column]) -> None:
    """One pass: the values of all columns below each other."""
    read = ", ".join(f"{column.value} AS c{place}" for place, column in enumerate(columns))
    names = [f"c{place}" for place in range(len(columns))]
    which = " ".join(f"WHEN grouping({name}) = 0 THEN {place}" for place, name in enumerate(names))
    sets = ", ".join(f"({name})" for name in names)
    table.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {_TALLIES} AS SELECT CASE {which} END AS place, "
        f"coalesce({', '.join(names)}) AS value, count(*) AS {_WEIGHT} "
        f"FROM (SELECT {read} FROM {table.relation}) GROUP BY GROUPING SETS ({sets})"
    )


def _listed(table: Table, columns: Sequence[tuple[int, Column]]) -> Values:
    places = ", ".join(str(place) for place, _ in columns) or "-1"
    found: dict[int, list[tuple[str, int]]] = {place: [] for place, _ in columns}
    sql = (
        f"SELECT place, value, {_WEIGHT} FROM {_TALLIES} WHERE place IN ({places}) AND value IS NOT NULL "
        f"ORDER BY 1, 3 DESC, 2"
    )
    for place, value, rows in table.engine.rows(sql):
        found[place].append((value, rows))
    return {column.name: tuple(found[place]) for place, column in columns}
