"""What stands twice: ids, whole rows, customers in two variants, events at the same moment."""

from collections.abc import Iterator

from cxlab.data import quote
from cxlab.quality.columns import Column
from cxlab.quality.examples import example
from cxlab.quality.finding import Finding, Severity
from cxlab.quality.subject import Subject
from cxlab.quality.ties import Ties, tied_rows
from cxlab.wording import count, share

__all__ = ["repeats"]

_RARE, _OFTEN = 0.001, 0.01
_CLOSE, _STRIP = 64, 1_000_000_000


def repeats(subject: Subject) -> Iterator[Finding]:
    """Which rows, ids and moments stand more than once?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    key = [subject.role(name) for name in subject.contract.key if name != "experiment"]
    keyed = all(column is not None for column in key)
    again = _again(subject)
    ties = tied_rows(subject)
    equal = (ties.equal if ties else _equal_rows(subject)) if again or not keyed else 0
    if subject.contract.name == "assignments":
        yield from _assigned_twice(subject)
    elif again:
        yield _same_id(subject, again, equal)
    if equal and not keyed:
        yield Finding("repeated_rows", "all columns", equal)
    if ties and ties.anew and keyed and not again:
        yield Finding("repeated_under_new_ids", "all columns but the id", ties.anew)
    if ties:
        yield from _order(subject, ties, equal)


def _again(subject: Subject) -> int:
    """Rows whose id stands in another row too."""
    column = subject.role(subject.contract.key[-1])
    if column is None:
        return 0
    name = quote(column.name)
    return int(subject.sql(f"SELECT count({name}) - {_distinct(subject, column)} FROM {subject.table.relation}")[0])


def _distinct(subject: Subject, column: Column) -> str:
    """SQL for how many ids there are: whole numbers that lie close are marked off on a strip of bits."""
    name = quote(column.name)
    low, high = subject.of(column, "first"), subject.of(column, "last")
    if column.whole and high - low < min(_CLOSE * subject.rows, _STRIP):
        return f"bit_count(bitstring_agg({name}, {low}, {high}))"
    return f"count(DISTINCT {f'hash({name})' if column.text else name})"


def _equal_rows(subject: Subject) -> int:
    """Rows that equal an earlier row in every column."""
    listed = ", ".join(quote(column.name) for column in subject.columns)
    return int(subject.sql(f"SELECT count(*) - count(DISTINCT hash({listed})) FROM {subject.table.relation}")[0])


def _same_id(subject: Subject, rows: int, equal: int) -> Finding:
    column = subject.role(subject.contract.key[-1])
    assert column is not None
    whole = f" {count(min(equal, rows))} of these rows equal an earlier one in every column." if equal else ""
    effect = f"Counts and sums are too high, intervals too narrow.{whole}"
    return Finding("duplicate_ids", column.name, rows, _most_repeated(subject, column), effect)


def _most_repeated(subject: Subject, column: Column) -> str:
    name = quote(column.name)
    sql = (
        f"SELECT {name}, count(*) FROM {subject.table.relation} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 2 "
        f"DESC, 1 LIMIT 1"
    )
    value, times = subject.sql(sql)
    return f"{example(value, column)} ({count(times)} rows)"


def _assigned_twice(subject: Subject) -> Iterator[Finding]:
    unit, variant, experiment = (subject.role(name) for name in ("unit", "variant", "experiment"))
    if unit is None or variant is None:
        return
    keys = ", ".join(quote(column.name) for column in (unit, experiment) if column is not None)
    arm = variant.value
    per_unit = (
        f"SELECT count(*) AS n, min({arm}) <> max({arm}) AS in_two, min({quote(unit.name)})::VARCHAR AS who "
        f"FROM {subject.table.relation} WHERE {quote(unit.name)} IS NOT NULL GROUP BY {keys} HAVING count(*) > 1"
    )
    rows, units, who, again = subject.sql(
        f"SELECT sum(n) FILTER (in_two), count_if(in_two), min(who) FILTER (in_two), sum(n - 1) FILTER (NOT "
        f"in_two) FROM ({per_unit})"
    )
    if rows:
        effect = (
            f"{count(units)} customers count in two groups, which pulls the groups together and breaks the comparison."
        )
        yield Finding("unit_in_two_variants", unit.name, int(rows), example(who, unit), effect)
    if again:
        yield Finding("unit_twice", unit.name, int(again))


def _order(subject: Subject, ties: Ties, equal: int) -> Iterator[Finding]:
    """Events at one moment, but for repeated rows and for events that always come in pairs."""
    time, rows = subject.role("time"), ties.rows - equal
    if subject.contract.name != "events" or time is None or rows <= _RARE * subject.rows:
        return
    unclear = rows - ties.pairs
    if unclear > _RARE * subject.rows:
        severity: Severity = "warning" if unclear > _OFTEN * subject.rows else "info"
        effect = (
            f"For {share(unclear / subject.rows)} of the events the order is not known: "
            "paths and ordered funnels may go either way."
        )
        yield Finding("tied_times", time.name, rows, "", effect, severity=severity)
