"""Texts: spellings of one value, broken letters, web codes, categories that are no categories, column names."""

import re
from collections.abc import Iterator

from cxlab.quality.absent import gathered
from cxlab.quality.columns import Column
from cxlab.quality.finding import Finding
from cxlab.quality.subject import Subject
from cxlab.wording import count, sentence_list

__all__ = ["texts"]

_FEW, _PART = 200, 0.2
_MANY, _MOST_EVENTS, _MOST_VARIANTS = 50, 1_000, 20
_ALIKE = r"lower(trim(regexp_replace(v, '\s+', ' ', 'g')))"
_HIDDEN = re.compile("^\\s|\\s$|[\ufeff\u200b\u00a0]")


def texts(subject: Subject) -> Iterator[Finding]:
    """Do texts and categories say one thing in one way?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    plain = [column for column in subject.columns if column.text]
    for name, measure in (("broken_letters", "broken"), ("html_entities", "entities")):
        found = [(c.name, subject.of(c, measure), str(subject.of(c, f"{measure}_example"))) for c in plain]
        yield from gathered(name, found)
    for column in plain:
        if _is_category(subject, column):
            yield from _spellings(subject, column)
        yield from _too_many(subject, column)
    yield from _names(subject)


def _is_category(subject: Subject, column: Column) -> bool:
    distinct = subject.of(column, "distinct")
    if column.kind == "category":
        return bool(distinct <= _MOST_EVENTS)
    return column.kind == "text" and 1 < distinct <= min(_FEW, _PART * subject.rows)


def _spellings(subject: Subject, column: Column) -> Iterator[Finding]:
    """Values that differ only by capitals and spaces."""
    value = column.value
    counted = f"SELECT {value} AS v, count(*) AS n FROM {subject.table.relation} WHERE {value} IS NOT NULL GROUP BY 1"
    alike = f"SELECT sum(n) - max(n) AS n, list(v ORDER BY n DESC, v) AS v FROM ({counted}) GROUP BY {_ALIKE} HAVING count(*) > 1"
    rows, written = subject.sql(f"SELECT sum(n), arg_max(v, n) FROM ({alike})")
    if rows:
        yield Finding("spellings", column.name, int(rows), sentence_list([repr(word[:30]) for word in written[:3]]))


def _too_many(subject: Subject, column: Column) -> Iterator[Finding]:
    if column.kind != "category":
        return
    most = max(_MANY, _PART * subject.rows)
    most = _MOST_VARIANTS if column.role == "variant" else min(most, _MOST_EVENTS) if column.role == "event" else most
    distinct = subject.of(column, "distinct")
    if distinct > most:
        severity = "failure" if column.role == "variant" else "warning"
        example = f"about {count(distinct)} values"
        yield Finding("too_many_values", column.name, subject.of(column, "present"), example, severity=severity)


def _names(subject: Subject) -> Iterator[Finding]:
    odd = [column.name for column in subject.columns if _HIDDEN.search(column.name)]
    if len(subject.columns) == 1 and re.search("[;,|\t]", subject.columns[0].name):
        odd.append(subject.columns[0].name)
    yield from gathered("column_names", [(repr(name), subject.rows, "") for name in odd])
