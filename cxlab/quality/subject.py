"""The table under examination: its columns and what one pass over it counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from cxlab.data import Table
from cxlab.quality.columns import Column, find_columns
from cxlab.quality.contracts import Contract
from cxlab.quality.measures import Tally, measures, prepared
from cxlab.quality.tallies import Values, few_valued, tallied

__all__ = ["SCRATCH", "Subject", "examine"]

SCRATCH = ("tallies", "tied_keys", "tied_rows", "histories")  # tables that a look writes beside the source

_MOSTLY = 0.9


@dataclass(frozen=True)
class Subject:
    """A table, what it is read as, its columns and the counts of the one pass."""

    table: Table = field(repr=False)
    contract: Contract
    columns: tuple[Column, ...]
    counts: Mapping[tuple[str, str], Any] = field(repr=False)
    values: Values = field(repr=False)
    now: pd.Timestamp

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return self.table.rows

    def of(self, column: Column, measure: str) -> Any:
        """What the pass counted; 0 where this was not counted for the column."""
        found = self.counts.get((column.name, measure))
        return 0 if found is None else found

    def role(self, name: str) -> Column | None:
        """The column that plays a role, or None."""
        return next((column for column in self.columns if column.role == name), None)

    def kind(self, *kinds: str) -> list[Column]:
        """The columns of these kinds that hold anything."""
        return [column for column in self.columns if column.kind in kinds and self.of(column, "present")]

    def filled(self, column: Column) -> int:
        """Cells that hold more than a blank or a word for missing."""
        return int(self.of(column, "present") - self.of(column, "blank") - self.of(column, "words"))

    def sql(self, query: str) -> tuple[Any, ...]:
        """One row from the engine."""
        return self.table.engine.rows(query)[0]


def examine(table: Table, contract: Contract, roles: Mapping[str, str], now: pd.Timestamp) -> Subject:
    """Count what every column holds: one pass for the values of columns that have few, one for each other column.

    Args:
        table: the table.
        contract: what it is read as.
        roles: role=column, as the user gave them.
        now: the present, in UTC.

    Returns:
        The table with its counts.
    """
    columns = find_columns(table, contract, roles)
    few = few_valued(table, columns)
    counts, values = tallied(table, few)
    counts |= _counted(table, [column for column in columns if not column.text])
    for column in columns:  # texts one by one: their measures side by side no longer fit the processor's cache
        counts |= _counted(table, [column] if column.text and column not in few else [])
    subject = Subject(table, contract, columns, counts, values, now)
    return replace(subject, columns=tuple(_numbers(subject, column) for column in columns))


def _counted(table: Table, columns: Sequence[Column]) -> dict[tuple[str, str], Any]:
    asked = [(column.name, name, sql) for column in columns for name, sql in measures(column, Tally()).items()]
    if not asked:
        return {}
    row = table.engine.rows(f"SELECT {', '.join(sql for *_, sql in asked)} FROM {prepared(columns, table.relation)}")[0]
    return {(column, name): value for (column, name, _), value in zip(asked, row, strict=True)}


def _numbers(subject: Subject, column: Column) -> Column:
    """A text column without a role that mostly holds numbers is read as numbers."""
    if column.role or column.kind != "text":
        return column
    numbers = subject.of(column, "numbers") + subject.of(column, "commas")
    mostly = numbers > 0 and numbers >= _MOSTLY * subject.filled(column)
    return replace(column, kind="number") if mostly else column
