"""Ids: lost digits, decimal points, spaces, and ids that read as missing."""

from collections.abc import Iterator

from cxlab.quality.columns import Column
from cxlab.quality.finding import Finding
from cxlab.quality.subject import Subject

__all__ = ["identifiers"]

_ENOUGH = 20


def identifiers(subject: Subject) -> Iterator[Finding]:
    """Are the ids whole?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    for column in subject.kind("id"):
        yield from _rounded(subject, column)
        if column.text:
            yield from _written(subject, column)


def _written(subject: Subject, column: Column) -> Iterator[Finding]:
    for name, measure, example in (
        ("missing_ids", "words", repr(subject.of(column, "word"))),
        ("spaced_ids", "spaced", ""),
        ("decimal_ids", "decimal", ""),
    ):
        rows = subject.of(column, measure)
        if rows:
            yield Finding(name, column.name, rows, example)


def _rounded(subject: Subject, column: Column) -> Iterator[Finding]:
    """Written as 1.2E+11, with decimals, or beyond 2^53 where a float can no longer hold every whole number."""
    rows, example = subject.of(column, "scientific"), str(subject.of(column, "scientific_example"))
    if not rows:
        rows, example = subject.of(column, "fractions"), str(subject.of(column, "last"))
    beyond = subject.of(column, "beyond")
    floats = column.numeric and not column.whole
    if not rows and beyond and (floats or _all_even(subject, column)):
        rows, example = beyond, str(subject.of(column, "last"))
    if rows:
        yield Finding("rounded_ids", column.name, rows, example)


def _all_even(subject: Subject, column: Column) -> bool:
    """Whole ids beyond 2^53 that went through a float are all even; as text they end in 00."""
    return bool(subject.of(column, "beyond") >= _ENOUGH and subject.of(column, "odd") == 0)
