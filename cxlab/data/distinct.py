"""How many values of a column differ: exact, and without keeping them all where that can be seen more cheaply."""

from __future__ import annotations

from cxlab.data.tables import Table

__all__ = ["distinct"]

_MANY = 200_000  # rows; fewer are gathered before the other ways have begun
_BITS = 2**28  # the widest range of numbers that is marked bit by bit: 32 megabytes for each thread
_SPARSE = 64  # bits a row; beyond that the values themselves take less
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def distinct(table: Table, source: str, column: str, rows: int) -> int:
    """How many different values has a column without missing ones?

    Args:
        table: the data.
        source: what is read, as SQL.
        column: its column.
        rows: how many rows it has.

    Returns:
        Their number. A column that only rises needs one look at each value and its neighbour; whole numbers that lie
        close together are marked bit by bit; else the values are gathered.
    """
    if rows >= _MANY:
        if _rises(table, source, column):
            return rows
        bits = _marked(table, source, column, rows)
        if bits is not None:
            return bits
    return int(table.query(f"SELECT count(DISTINCT {column}) AS n FROM {source} AS t")["n"].iloc[0])


def _rises(table: Table, source: str, column: str) -> bool:
    """Is each value above the one before it, in whatever order they are read? The first that is not ends the look."""
    pairs = f"SELECT {column} AS this, lag({column}) OVER () AS before FROM {source} AS t"
    return table.query(f"SELECT this FROM ({pairs}) AS p WHERE before >= this LIMIT 1").empty


def _marked(table: Table, source: str, column: str, rows: int) -> int | None:
    ends = table.query(
        f"SELECT typeof(min({column})) AS kind, min({column}) AS low, max({column}) AS high FROM {source} AS t"
    ).iloc[0]
    if ends["kind"] not in _WHOLE:
        return None
    low, high = int(ends["low"]), int(ends["high"])
    if high - low >= min(_BITS, _SPARSE * rows):
        return None
    marks = f"bitstring_agg({column}, {low}, {high})"
    return int(table.query(f"SELECT bit_count({marks}) AS n FROM {source} AS t")["n"].iloc[0])
