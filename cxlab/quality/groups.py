"""Variants compared: a measure that is missing more often in one than in another."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from cxlab.data import quote
from cxlab.quality.finding import Finding
from cxlab.quality.subject import Subject
from cxlab.wording import sentence_list, share

__all__ = ["groups"]

_SURE, _GAP = 3.5, 0.01  # twenty comparisons together err once in a hundred tables


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
    experiment = subject.role("experiment")
    test = f"{quote(experiment.name)}::VARCHAR" if experiment else "''"
    counted = ", ".join(f"count({c.value})" for c in measured)
    sql = (
        f"SELECT {test}, {quote(variant.name)}::VARCHAR, count(*), {counted} FROM {subject.table.relation} "
        f"WHERE {quote(variant.name)} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1000"
    )
    rows = subject.table.engine.rows(sql)
    for place, column in enumerate(measured, start=3):
        worst = max(
            (_uneven([r for r in rows if r[0] == name], place) for name in {r[0] for r in rows}), key=lambda u: u[0]
        )
        if worst[0] > _SURE:
            yield Finding("missing_by_variant", column.name, worst[1], worst[2])


def _uneven(rows: Sequence[tuple[Any, ...]], place: int) -> tuple[float, int, str]:
    """How sure it is that the share missing differs between the variants, in standard errors."""
    total, missing = sum(r[2] for r in rows), sum(r[2] - r[place] for r in rows)
    shares = sorted(((r[2] - r[place]) / r[2], r[1], r[2]) for r in rows)
    (low, one, n), (high, other, m) = shares[0], shares[-1]
    spread = math.sqrt(missing / total * (1 - missing / total) * (1 / n + 1 / m))
    if not spread or high - low < _GAP:
        return 0.0, 0, ""
    shown = sentence_list([f"{share(high)} in {other}", f"{share(low)} in {one}"])
    return (high - low) / spread, missing, shown
