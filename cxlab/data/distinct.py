"""How many values of a column differ: exact, and without keeping them all where that can be seen more cheaply."""

from __future__ import annotations

from cxlab.data.tables import Table

__all__ = ["distinct"]

_MANY = 200_000  # rows; fewer are gathered before the other ways have begun
_FIRST = 1000  # rows, of which no ids but those in order rise
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
        ends = _ends(table, source, column)
        if _rises(table, source, column, ends):
            return rows
        bits = _marked(table, source, column, rows, ends)
        if bits is not None:
            return bits
    return int(table.query(f"SELECT count(DISTINCT {column}) AS n FROM {source} AS t")["n"].iloc[0])


def _ends(table: Table, source: str, column: str) -> tuple[int, int] | None:
    """The smallest and the largest of whole numbers."""
    kind = table.query(f"SELECT typeof({column}) AS kind FROM {source} AS t LIMIT 1")["kind"].iloc[0]
    if kind not in _WHOLE:
        return None
    found = table.query(f"SELECT min({column}) AS low, max({column}) AS high FROM {source} AS t").iloc[0]
    return int(found["low"]), int(found["high"])


def _rises(table: Table, source: str, column: str, ends: tuple[int, int] | None) -> bool:
    """Is each value above the one before it, in whatever order they are read? The first ones often tell that not.

    Such a look takes one thread, so the lower and the upper half of whole numbers are looked at side by side.
    """
    if _falls(table, [f"(SELECT {column} FROM {source} AS t LIMIT {_FIRST})"], column):
        return False
    if ends is None:
        return not _falls(table, [source], column)
    middle = (ends[0] + ends[1]) // 2
    halves = [f"(SELECT {column} FROM {source} AS t WHERE {column} {side} {middle})" for side in ("<=", ">")]
    return not _falls(table, halves, column)


def _falls(table: Table, parts: list[str], column: str) -> bool:
    """Is some value not above the one before it in its part?"""
    pairs = (f"SELECT {column} AS this, lag({column}) OVER () AS before FROM {part} AS t" for part in parts)
    counts = " UNION ALL ".join(f"SELECT count(*) AS n FROM ({pair}) AS p WHERE before >= this" for pair in pairs)
    return bool(table.query(f"SELECT sum(n) AS n FROM ({counts}) AS c")["n"].iloc[0])


def _marked(table: Table, source: str, column: str, rows: int, ends: tuple[int, int] | None) -> int | None:
    if ends is None or ends[1] - ends[0] >= min(_BITS, _SPARSE * rows):
        return None
    low, high = ends
    marks = f"bitstring_agg({column}, {low}, {high})"
    return int(table.query(f"SELECT bit_count({marks}) AS n FROM {source} AS t")["n"].iloc[0])
