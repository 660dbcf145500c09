"""Variants compared: a measure that is missing more often in one than in another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cxlab.data import quote
from cxlab.quality.columns import Column
from cxlab.quality.finding import Finding
from cxlab.quality.subject import Subject
from cxlab.wording import sentence_list, share

__all__ = ["groups", "uneven"]

_FALSE_ALARM = 0.001  # of a whole table without a fault, as for the split of an experiment
_EXPECTED = 5  # rows missing, and rows present, that each variant would have: below, the bound does not hold
_GAP = 0.01  # smaller differences between shares move no answer by as much as its interval is wide


@dataclass(frozen=True)
class _Compared:
    """One measure in one experiment: how uneven it is, and in what."""

    column: Column
    p_value: float
    missing: int
    shown: str


def groups(subject: Subject) -> Iterator[Finding]:
    """Is a measure missing more often in one variant than in another?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    variant = subject.role("variant")
    measured = [c for c in subject.columns if not c.role and 0 < subject.of(c, "present") < subject.rows]
    if subject.contract.name != "assignments" or variant is None or not measured:
        return
    rows = _counted(subject, variant, measured)
    compared = [
        _compare(column, [(r[1], r[2], r[2] - r[place]) for r in rows if r[0] == experiment])
        for experiment in dict.fromkeys(r[0] for r in rows)
        for place, column in enumerate(measured, start=3)
    ]
    tests = [one for one in compared if one is not None]
    found = [one for one in tests if one.p_value < _FALSE_ALARM / len(tests)]
    for column in dict.fromkeys(one.column for one in found):
        worst = min((one for one in found if one.column == column), key=lambda one: one.p_value)
        yield Finding("missing_by_variant", column.name, worst.missing, worst.shown)


def _counted(subject: Subject, variant: Column, measured: Sequence[Column]) -> list[tuple[Any, ...]]:
    """Experiment, variant, rows, and rows that have each measure."""
    experiment = subject.role("experiment")
    test = f"{quote(experiment.name)}::VARCHAR" if experiment else "''"
    counted = ", ".join(f"count({c.value})" for c in measured)
    return subject.table.engine.rows(
        f"SELECT {test}, {quote(variant.name)}::VARCHAR, count(*), {counted} FROM {subject.table.relation} "
        f"WHERE {quote(variant.name)} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1000"
    )


def _compare(column: Column, arms: Sequence[tuple[str, int, int]]) -> _Compared | None:
    """Variant, rows and rows missing of one experiment; None where nothing can be said."""
    p_value = uneven([n for _, n, _ in arms], [missing for *_, missing in arms])
    if p_value is None:
        return None
    shares = sorted((missing / n, name) for name, n, missing in arms)
    (low, least), (high, most) = shares[0], shares[-1]
    shown = sentence_list([f"{share(high)} in {most}", f"{share(low)} in {least}"])
    return _Compared(column, p_value if high - low >= _GAP else 1.0, sum(missing for *_, missing in arms), shown)


def uneven(rows: Sequence[int], missing: Sequence[int]) -> float | None:
    """How often would shares missing differ between variants as much as here, if nothing made them differ?

    Args:
        rows: rows of each variant.
        missing: rows missing of each variant.

    Returns:
        The p-value of Pearson's chi-square for equal shares; None where a variant is too small for it.

    Assumes:
        Rows are missing independently of each other.

    Source:
        Pearson (1900); expected counts of at least five: Cochran (1954).

    Examples:
        >>> round(uneven([1000, 1000], [60, 100]), 5)
        0.00098
    """
    from scipy.special import chdtrc

    total, gone = sum(rows), sum(missing)
    if len(rows) < 2 or min(rows) * min(gone, total - gone) < _EXPECTED * total:
        return None
    part = gone / total
    distance = sum((m - n * part) ** 2 / (n * part * (1 - part)) for n, m in zip(rows, missing, strict=True))
    return float(chdtrc(len(rows) - 1, distance))
