"""What counts as a unit's value: which column is read as what, and how an answer becomes a number."""

from __future__ import annotations

from cxlab.data import Table, literal
from cxlab.errors import DataError
from cxlab.experiments.kinds import Rate, TimeToEvent
from cxlab.experiments.metrics import Metric
from cxlab.experiments.scales import Nps, Ordinal, TopBox
from cxlab.wording import count

__all__ = ["bounds", "capped_sql", "invalid_sql", "refuse_invalid", "typed_kind", "value_sql"]


def typed_kind(metric: Metric, place: int) -> str:
    """As what is one of a metric's columns read?

    Args:
        metric: what is measured.
        place: which of its columns.

    Returns:
        A kind of the data room's typed columns; missing values are allowed.

    Examples:
        >>> typed_kind(TimeToEvent("days", event="churned"), 1)
        'flag?'
    """
    if metric.kind == "proportion" or (isinstance(metric, TimeToEvent) and place == 1):
        return "flag?"
    return "text?" if isinstance(metric, Ordinal) and metric.levels else "number?"


def value_sql(metric: Metric, name: str) -> str:
    """SQL for the number that a column's value stands for; a missing value stays missing.

    Args:
        metric: what is measured.
        name: the column in SQL.

    Returns:
        An expression: points of a net promoter score, 0 or 1 for best answers, the rank of a word, else the value.

    Examples:
        >>> value_sql(TopBox("csat"), "a")
        'CASE WHEN a >= 4 THEN 1.0 WHEN a IS NOT NULL THEN 0.0 END'
    """
    if metric.missing == "zero":
        return f"coalesce({name}, 0.0)"
    if isinstance(metric, Nps):
        return f"CASE WHEN {name} >= 9 THEN 100.0 WHEN {name} <= 6 THEN -100.0 WHEN {name} IS NOT NULL THEN 0.0 END"
    if isinstance(metric, TopBox):
        return f"CASE WHEN {name} >= {metric.least} THEN 1.0 WHEN {name} IS NOT NULL THEN 0.0 END"
    if isinstance(metric, Ordinal) and metric.levels:
        ranks = " ".join(f"WHEN {literal(level)} THEN {rank}.0" for rank, level in enumerate(metric.levels, 1))
        return f"CASE {name} {ranks} END"
    return name


def capped_sql(value: str, cap: float | None) -> str:
    """SQL for a value that counts as the cap where it is larger; `least` would turn a missing one into the cap.

    Examples:
        >>> capped_sql("a", 5.0)
        'CASE WHEN a > CAST(5.0 AS DOUBLE) THEN CAST(5.0 AS DOUBLE) ELSE a END'
    """
    if cap is None:
        return value
    limit = f"CAST({float(cap)!r} AS DOUBLE)"
    return f"CASE WHEN {value} > {limit} THEN {limit} ELSE {value} END"


def bounds(metric: Metric) -> tuple[int, int] | None:
    """The lowest and highest answer of a metric on a fixed scale of whole numbers."""
    if isinstance(metric, Nps):
        return 0, 10
    return (1, metric.scale) if isinstance(metric, TopBox) else None


def invalid_sql(metric: Metric, names: list[str]) -> str:
    """SQL condition for values that mean nothing for this kind; empty where every number means something.

    Args:
        metric: what is measured.
        names: its columns in SQL.

    Examples:
        >>> invalid_sql(Rate("contacts"), ["a"])
        'a < 0'
    """
    scale, name = bounds(metric), names[0]
    if scale:
        return f"{name} < {scale[0]} OR {name} > {scale[1]} OR {name} <> floor({name})"
    if isinstance(metric, Ordinal) and metric.levels:
        return f"{name} NOT IN ({', '.join(map(literal, metric.levels))})"
    if isinstance(metric, Rate):
        return " OR ".join(f"{one} < 0" for one in names)
    return f"{name} < 0" if isinstance(metric, TimeToEvent) else ""


def refuse_invalid(table: Table, metric: Metric, invalid: int) -> None:
    """Are there values that mean nothing for this kind of metric?

    Args:
        table: the data.
        metric: what is measured.
        invalid: how many rows have such a value.

    Raises:
        DataError: there are some; the message says how many and what was expected.
    """
    if not invalid:
        return
    scale, column = bounds(metric), table.column(metric.parts[0])
    expected = "numbers from 0 up"
    if scale:
        expected = f"whole numbers from {scale[0]} to {scale[1]}"
    elif isinstance(metric, Ordinal) and metric.levels:
        expected = f"one of {', '.join(map(repr, metric.levels))}"
    elif isinstance(metric, Rate) and metric.exposure:
        column = f"{column}' or '{table.column(metric.exposure)}"
    raise DataError(
        f"{count(invalid)} row{'s have' if invalid > 1 else ' has'} a value of '{column}' that {metric.name!r} cannot "
        f"read; expected {expected}. Correct them, or make codes for “no answer” missing before the table is read."
    )
