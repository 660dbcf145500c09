"""What a column must hold to play its role, and loud words where it does not."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cxlab.data.engine import literal, quote
from cxlab.errors import DataError
from cxlab.wording import count

if TYPE_CHECKING:
    from cxlab.data.tables import Table

__all__ = ["Relation", "typed_expression", "typed_relation"]

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FLOATS = ("FLOAT", "DOUBLE", "DECIMAL")
_EXPECTED = {
    "id": "a whole or text id",
    "text": "text",
    "number": "a number",
    "flag": "0 or 1 (also true/false, yes/no)",
    "time": "a time such as 2026-05-31 14:30 or 2026-05-31T14:30:00+02:00",
}
_ADVICE = {
    "number": (
        "Correct it; if it means missing, name it in cx.table(..., missing=[...]); "
        "for a decimal comma give decimal=','."
    ),
    "time": "Correct it, or give its form in cx.table(..., time_format='%d-%m-%Y %H:%M').",
    "flag": "Correct it, or use a metric for numbers.",
    "id": "Correct it, or give the ids as text.",
    "text": "Correct it.",
}
_OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)$"


@dataclass(frozen=True)
class Relation:
    """A checked selection of columns, named by role; its text is a parenthesised SELECT.

    `complete` names the roles of stored numbers of which none is missing, each with its smallest and largest value;
    other columns may be complete too, but that was not to be had for nothing.
    """

    sql: str
    complete: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sql


@dataclass(frozen=True)
class _Column:
    """One column of the user's and the role it is to play."""

    name: str
    role: str
    kind: str
    optional: bool
    type: str
    table: "Table"
    vouched: bool = False
    ends: tuple[float, float] | None = None  # smallest and largest value, where none is missing

    @property
    def text(self) -> bool:
        return self.type == "VARCHAR"

    @property
    def raw(self) -> str:
        """The value, with the words that the user declared as missing taken out."""
        plain = quote(self.name)
        blank = ["''"]
        words = [literal(word) for word in self.table.missing]
        if not self.text or self.kind == "id" or (self.kind == "text" and not words):
            return plain
        return f"CASE WHEN trim({plain}) NOT IN ({', '.join(blank + words)}) THEN {plain} END"

    @property
    def value(self) -> str:
        """The value in its role's type; NULL where it cannot be read."""
        if self.vouched:
            return f"{quote(self.name)}::DOUBLE"
        return {"id": _id, "text": _text, "number": _number, "flag": _flag, "time": _time}[self.kind](self)

    @property
    def safe(self) -> bool:
        """Can the stored type, or the range of the stored numbers, vouch for every value?"""
        if self.vouched:
            return True
        native = {"text": True, "time": self.type.startswith(("TIMESTAMP", "DATE")), "number": self.type in _INTEGERS}
        known = native | {"id": not self.type.startswith(_FLOATS), "flag": self.type == "BOOLEAN"}
        return known[self.kind] and not (self.kind == "time" and self.table.time_format)


def _id(column: _Column) -> str:
    name = quote(column.name)
    if column.type in _INTEGERS:
        return name
    if column.type.startswith(_FLOATS):
        return f"CASE WHEN {name} = floor({name}) AND abs({name}) < 9007199254740992 THEN {name}::BIGINT END"
    return f"{name}::VARCHAR"


def _text(column: _Column) -> str:
    return column.raw if column.text else f"{column.raw}::VARCHAR"


def _number(column: _Column) -> str:
    if not column.text:
        double = f"TRY_CAST({column.raw} AS DOUBLE)"
        return double if not column.type.startswith(_FLOATS) else f"CASE WHEN isfinite({double}) THEN {double} END"
    plain = f"trim({column.raw})"
    if column.table.decimal == ",":
        plain = f"replace(replace({plain}, '.', ''), ',', '.')"
    double = f"TRY_CAST({plain} AS DOUBLE)"
    # DuckDB takes 1_000 for a thousand; a person may have meant anything
    return f"CASE WHEN isfinite({double}) AND NOT contains({plain}, '_') THEN {double} END"


def _flag(column: _Column) -> str:
    if column.type.startswith((*_INTEGERS, *_FLOATS)):  # compared as numbers: many times quicker than as words
        return f"CASE {column.raw} WHEN 1 THEN 1.0::DOUBLE WHEN 0 THEN 0.0::DOUBLE END"
    word = f"lower(trim({column.raw}::VARCHAR))"
    yes, no = "('1', '1.0', 'true', 'yes', 't', 'y')", "('0', '0.0', 'false', 'no', 'f', 'n')"
    return f"CASE WHEN {word} IN {yes} THEN 1.0 WHEN {word} IN {no} THEN 0.0 END"


def _time(column: _Column) -> str:
    zone, raw = f"'{column.table.tz}'", column.raw
    if column.table.time_format and not column.type.startswith(("TIMESTAMP", "DATE")):
        form = column.table.time_format
        parsed = f"try_strptime({raw}::VARCHAR, {literal(form)})"
        return f"{parsed} AT TIME ZONE 'UTC'" if "%z" in form else _from_local(parsed, zone)
    if column.type.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"({raw} AT TIME ZONE 'UTC')"
    if column.type.startswith(("TIMESTAMP", "DATE")):
        return _from_local(f"{raw}::TIMESTAMP", zone)
    if column.text:
        instant = f"(TRY_CAST({raw} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
        local = _from_local(f"TRY_CAST({raw} AS TIMESTAMP)", zone)
        return f"CASE WHEN {_has_offset(column)} THEN {instant} ELSE {local} END"
    return "NULL::TIMESTAMP"


def _from_local(expression: str, zone: str) -> str:
    return expression if zone == "'UTC'" else f"(({expression} AT TIME ZONE {zone}) AT TIME ZONE 'UTC')"


def _has_offset(column: _Column) -> str:
    return f"(length({column.raw}) > 10 AND regexp_matches(trim({column.raw}), '{_OFFSET}'))"


def typed_relation(table: "Table", columns: dict[str, tuple[str, str]]) -> Relation:
    """Select the user's columns under their roles' names, every value checked.

    Args:
        table: the table.
        columns: role -> (column, kind); kinds are "id", "text", "number", "flag", "time", with "?" where
            values may be missing.

    Returns:
        The relation.

    Raises:
        DataError: a column is missing, a value cannot be read, or a needed value is missing.
    """
    chosen = _vouched(table, [_column(table, role, name, kind) for role, (name, kind) in columns.items()])
    _check(table, chosen)
    listed = ", ".join(f"{column.value} AS {quote(column.role)}" for column in chosen)
    complete = {column.role: column.ends for column in chosen if column.ends}
    return Relation(f"(SELECT {listed} FROM {table.relation})", complete)


def typed_expression(table: "Table", name: str, kind: str) -> str:
    """SQL for a column's value in its role's type; NULL where it cannot be read.

    Args:
        table: the table.
        name: the column.
        kind: as for `typed_relation`, which checks that every value can be read.

    Returns:
        An expression over the table's relation.
    """
    return _column(table, name, name, kind).value


def _column(table: "Table", role: str, name: str, kind: str) -> _Column:
    actual = table.column(name)
    return _Column(actual, role, kind.rstrip("?"), kind.endswith("?"), table.types[actual], table)


def _vouched(table: "Table", columns: list[_Column]) -> list[_Column]:
    """Mark stored numbers whose smallest and largest value show that all are fit; Parquet knows both by heart."""
    stored = [c for c in columns if c.kind in ("number", "flag") and c.type.startswith((*_INTEGERS, *_FLOATS))]
    if not stored:
        return columns
    listed = ", ".join(f"min({q}), max({q}), count({q})" for q in (quote(c.name) for c in stored))
    found = table.engine.rows(f"SELECT {listed} FROM {table.relation}")[0]
    known = {c.role: found[3 * place : 3 * place + 3] for place, c in enumerate(stored)}
    fit = {c.role: known[c.role] for c in stored if _fit(c, *known[c.role][:2])}
    return [replace(c, vouched=True, ends=_ends(table, *fit[c.role])) if c.role in fit else c for c in columns]


def _ends(table: "Table", low: Any, high: Any, present: int) -> tuple[float, float] | None:
    """Smallest and largest value of a column in which none is missing."""
    return (float(low), float(high)) if present == table.rows else None


def _fit(column: _Column, low: Any, high: Any) -> bool:
    """Are all numbers between these two fit for the role?"""
    if low is None or not (math.isfinite(low) and math.isfinite(high)):
        return False
    return column.kind == "number" or (column.type in _INTEGERS and low >= 0 and high <= 1)


def _check(table: "Table", columns: list[_Column]) -> None:
    """One pass that counts what is missing, unreadable or mixed in every column."""
    parts = [f"{_absent(c)}, {_unread(c)}, {_mixed(c)}" for c in columns]
    counts = table.engine.rows(f"SELECT {', '.join(parts)} FROM {table.relation} LIMIT 1")[0]
    for index, column in enumerate(columns):
        absent, unread, offsets = counts[3 * index : 3 * index + 3]
        if unread:
            raise DataError(_unread_message(column, unread))
        if offsets not in (0, table.rows - absent):
            raise DataError(_mixed_message(column, offsets))
        if absent and not column.optional:
            raise DataError(_absent_message(column, absent))


def _absent(column: _Column) -> str:
    if column.vouched and column.optional:
        return "0"
    return f"count(*) - count({column.raw})"


def _unread(column: _Column) -> str:
    if column.safe:
        return "0"
    return f"count(*) FILTER ({column.raw} IS NOT NULL AND {_legible(column)} IS NULL)"


def _legible(column: _Column) -> str:
    """A float's NaN is a missing value, not an unreadable one."""
    if column.type.startswith(("FLOAT", "DOUBLE")) and column.kind in ("number", "flag", "id"):
        return f"CASE WHEN isnan({quote(column.name)}) THEN 0 ELSE {column.value} END"
    return column.value


def _mixed(column: _Column) -> str:
    if column.kind == "time" and column.text and not column.table.time_format:
        return f"count(*) FILTER ({_has_offset(column)})"
    return "0"


def _first(column: _Column, condition: str) -> tuple[int, object]:
    numbered = f"SELECT row_number() OVER () AS row_number, * FROM {column.table.relation}"
    sql = f"SELECT row_number, {quote(column.name)} FROM ({numbered}) WHERE {condition} ORDER BY 1 LIMIT 1"
    row, value = column.table.engine.rows(sql)[0]
    return row, value


def _unread_message(column: _Column, unread: int) -> str:
    row, value = _first(column, f"{column.raw} IS NOT NULL AND {_legible(column)} IS NULL")
    others = f" ({count(unread)} such rows)" if unread > 1 else ""
    return (
        f"Column '{column.name}' has {value!r} in row {count(row)}{others}; expected {_EXPECTED[column.kind]}. "
        f"{_ADVICE[column.kind]}"
    )


def _mixed_message(column: _Column, offsets: int) -> str:
    row, value = _first(column, f"{column.raw} IS NOT NULL AND NOT {_has_offset(column)}")
    return (
        f"Column '{column.name}' mixes times with and without an offset: {count(offsets)} have one, row {count(row)} "
        f"({value!r}) has none. Write all with an offset, or none and name the time zone in cx.table(..., tz=...)."
    )


def _absent_message(column: _Column, absent: int) -> str:
    return (
        f"{count(absent)} of {count(column.table.rows)} rows have no '{column.name}', "
        f"which is needed as {column.role}. "
        "Drop these rows or fill the value in, then read the table again."
    )
