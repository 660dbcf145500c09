"""One thing that is wrong with a table, and the list of all that is looked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from cxlab.quality.columns import Column
from cxlab.quality.contracts import Contract

__all__ = ["Fault", "Finding", "Severity"]

Severity = Literal["info", "warning", "failure"]


@dataclass(frozen=True)
class Fault:
    """A kind of fault: its fixed word, title, usual severity, what it does to an answer and what to do."""

    name: str
    title: str
    severity: Severity
    effect: str
    advice: str
    needs: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def concerns(self, contract: Contract, columns: Iterable[Column]) -> bool:
        """Is this looked for here? Roles or kinds that are needed must be there, and the contract must match."""
        there = {word for column in columns for word in (column.role, column.kind)}
        return (not self.only or contract.name in self.only) and set(self.needs) <= there


@dataclass(frozen=True)
class Finding:
    """A fault found: where, in how many rows, and what it means here."""

    name: str
    column: str
    rows: int
    example: str = ""
    effect: str = ""
    advice: str = ""
    severity: Severity | None = None

    def row(self, faults: Mapping[str, Fault], total: int) -> dict[str, object]:
        """The finding as a row of the result's table."""
        fault = faults[self.name]
        return {
            "finding": self.name, "severity": self.severity or fault.severity, "column": self.column,
            "rows": self.rows, "share": self.rows / total, "example": self.example,
            "effect": self.effect or fault.effect, "advice": self.advice or fault.advice,
        }  # fmt: skip
