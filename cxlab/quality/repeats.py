"""What stands twice: ids, whole rows, customers in two variants, events at the same moment."""

from collections.abc import Iterator

from cxlab.data import quote
from cxlab.quality.finding import Finding, Severity
from cxlab.quality.moments import instant
from cxlab.quality.subject import Subject
from cxlab.wording import count, share

__all__ = ["repeats"]

_RARE, _OFTEN, _ALWAYS = 0.001, 0.01, 0.9


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
    equal = _equal_rows(subject) if again or not keyed else 0
    if subject.contract.name == "assignments":
        yield from _assigned_twice(subject)
    elif again:
        yield _same_id(subject, again, equal)
    if equal and not keyed:
        yield Finding("repeated_rows", "all columns", equal)
    if keyed and not again and subject.contract.name in ("events", "transactions"):
        yield from _under_new_ids(subject)
    yield from _ties(subject, equal)


def _again(subject: Subject) -> int:
    """Rows whose id stands in another row too."""
    column = subject.role(subject.contract.key[-1])
    if column is None:
        return 0
    name = quote(column.name)
    return int(subject.sql(f"SELECT count({name}) - count(DISTINCT {name}) FROM {subject.table.relation}")[0])


def _equal_rows(subject: Subject) -> int:
    """Rows that equal an earlier row in every column."""
    listed = ", ".join(quote(column.name) for column in subject.columns)
    return int(subject.sql(f"SELECT count(*) - count(DISTINCT hash({listed})) FROM {subject.table.relation}")[0])


def _same_id(subject: Subject, rows: int, equal: int) -> Finding:
    column = subject.role(subject.contract.key[-1])
    assert column is not None
    whole = f" {count(min(equal, rows))} of these rows equal an earlier one in every column." if equal else ""
    effect = f"Counts and sums are too high, intervals too narrow.{whole}"
    return Finding("duplicate_ids", column.name, rows, _most_repeated(subject, quote(column.name)), effect)


def _most_repeated(subject: Subject, name: str) -> str:
    sql = (
        f"SELECT {name}, count(*) FROM {subject.table.relation} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 2 "
        f"DESC, 1 LIMIT 1"
    )
    value, times = subject.sql(sql)
    return f"{value} ({count(times)} rows)"


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
        yield Finding("unit_in_two_variants", unit.name, int(rows), str(who), effect)
    if again:
        yield Finding("unit_twice", unit.name, int(again))


def _under_new_ids(subject: Subject) -> Iterator[Finding]:
    """Rows that equal an earlier one in every column but the id."""
    listed = ", ".join(quote(column.name) for column in subject.columns if column.role != "id")
    rows = subject.sql(f"SELECT count(*) - count(DISTINCT hash({listed})) FROM {subject.table.relation}")[0]
    if rows:
        yield Finding("repeated_under_new_ids", "all columns but the id", rows)


def _ties(subject: Subject, equal: int) -> Iterator[Finding]:
    unit, time, event = (subject.role(name) for name in ("unit", "time", "event"))
    if subject.contract.name != "events" or unit is None or time is None:
        return
    what = f"{quote(event.name)}::VARCHAR" if event else "''"
    moments = (
        f"(SELECT {quote(unit.name)} AS u, {instant(subject, time)} AS t, {what} AS e FROM {subject.table.relation} "
        f"WHERE {quote(unit.name)} IS NOT NULL)"
    )
    rows = (
        int(subject.sql(f"SELECT count(t) - count(DISTINCT hash(u, t)) FROM {moments} WHERE t IS NOT NULL")[0]) - equal
    )
    if rows <= _RARE * subject.rows:
        return
    marks = _marks(subject, moments)
    if rows - marks > _RARE * subject.rows:
        severity: Severity = "warning" if rows - marks > _OFTEN * subject.rows else "info"
        effect = (
            f"For {share((rows - marks) / subject.rows)} of the events the order is not known: "
            "paths and ordered funnels may go either way."
        )
        yield Finding("tied_times", time.name, rows, "", effect, severity=severity)


def _marks(subject: Subject, moments: str) -> int:
    """Events that always come with one other, such as a first order with its purchase: one act under two names."""
    tied = f"SELECT u, t FROM {moments} GROUP BY u, t HAVING count(DISTINCT e) = 2"
    pairs = f"SELECT m.e, count(*) AS n FROM {moments} AS m JOIN ({tied}) AS d ON m.u = d.u AND m.t = d.t GROUP BY 1"
    whole = f"SELECT e, count(*) AS total FROM {moments} GROUP BY 1"
    found = subject.sql(
        f"SELECT sum(n) FROM ({pairs}) JOIN ({whole}) USING (e) WHERE n >= {_ALWAYS} * total AND total >= 20"
    )[0]
    return int(found or 0)
