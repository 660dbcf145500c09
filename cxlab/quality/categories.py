"""Categories: spellings of one value, slips of the pen, flags in two styles, and categories that are none."""

from collections.abc import Iterator

from cxlab.quality.columns import Column
from cxlab.quality.finding import Finding, Severity
from cxlab.quality.subject import Subject
from cxlab.wording import count, sentence_list

__all__ = ["categories"]

_FEW, _PART, _LONGEST = 200, 0.2, 60
_MANY, _MOST_EVENTS, _MOST_VARIANTS = 50, 1_000, 20
_RARE, _OFTEN = 0.02, 20
_STYLES = (("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("1", "0"))
_ALIKE = r"lower(trim(regexp_replace(v, '\s+', ' ', 'g')))"


def categories(subject: Subject) -> Iterator[Finding]:
    """Does each value of a category stand for one thing, in one way?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    for column in subject.columns:
        if column.text and _is_category(subject, column):
            yield from _spellings(subject, column)
            yield from _slips(subject, column)
        if column.text and column.kind in ("text", "number") and not column.role:
            yield from _flags(subject, column)
        yield from _too_many(subject, column)
    yield from _lifecycle(subject)


def _is_category(subject: Subject, column: Column) -> bool:
    distinct = subject.of(column, "distinct")
    if column.kind == "category":
        return bool(distinct <= _MOST_EVENTS)
    short = subject.of(column, "longest") <= _LONGEST and not column.role
    return bool(short and column.kind == "text" and 1 < distinct <= min(_FEW, _PART * subject.rows))


def _spellings(subject: Subject, column: Column) -> Iterator[Finding]:
    """Values that differ only by capitals and spaces."""
    value = column.value
    counted = f"SELECT {value} AS v, count(*) AS n FROM {subject.table.relation} WHERE {value} IS NOT NULL GROUP BY 1"
    alike = (
        f"SELECT sum(n) - max(n) AS n, list(v ORDER BY n DESC, v) AS v FROM ({counted}) GROUP BY {_ALIKE} "
        f"HAVING count(*) > 1"
    )
    rows, written = subject.sql(f"SELECT sum(n), arg_max(v, n) FROM ({alike})")
    if rows:
        yield Finding("spellings", column.name, int(rows), sentence_list([repr(word[:30]) for word in written[:3]]))


def _slips(subject: Subject, column: Column) -> Iterator[Finding]:
    """A rare word that differs by one letter inside from a frequent one; numbers and phrases are alike by nature."""
    if column.kind != "category" or subject.of(column, "distinct") > _FEW:
        return
    counted = (
        f"SELECT {column.value} AS v, count(*) AS n FROM {subject.table.relation} WHERE {column.value} IS "
        f"NOT NULL GROUP BY 1"
    )
    words = (
        f"SELECT v, n, sum(n) OVER () AS total, regexp_replace(lower(v), '[^a-z]', '', 'g') AS letters FROM ({counted})"
    )
    sql = (
        f"WITH words AS (SELECT * FROM ({words}) WHERE strlen(letters) >= 5 AND regexp_full_match(v, "
        f"'[A-Za-z-]+')), slips AS ("
        f"SELECT rare.v, min(rare.n) AS n, arg_max(often.v, often.n) AS meant FROM words AS rare, words AS often "
        f"WHERE rare.n <= {_RARE} * rare.total AND often.n >= {_OFTEN} * rare.n AND lower(trim(rare.v)) <> "
        f"lower(trim(often.v)) "
        f"AND damerau_levenshtein(rare.letters, often.letters) = 1 "
        "AND rare.letters[1] = often.letters[1] AND rare.letters[-1] = often.letters[-1] GROUP BY rare.v) "
        "SELECT sum(n), arg_max(v, n), arg_max(meant, n) FROM slips"
    )
    rows, slip, meant = subject.sql(sql)
    if rows:
        yield Finding("misspelt_values", column.name, int(rows), f"{slip!r} beside {meant!r}")


def _flags(subject: Subject, column: Column) -> Iterator[Finding]:
    """Yes and No beside 1 and 0: two people filled the column."""
    if not 2 < subject.of(column, "distinct") <= 2 * len(_STYLES):
        return
    sql = (
        f"SELECT lower(trim({column.value})), count(*) FROM {subject.table.relation} WHERE {column.value} IS "
        f"NOT NULL GROUP BY 1"
    )
    counts = dict(subject.table.engine.rows(sql))
    by_style = sorted((sum(counts.get(word, 0) for word in style), style) for style in _STYLES)
    used = [(n, style) for n, style in by_style if n]
    if len(used) > 1 and sum(n for n, _ in used) == sum(counts.values()):
        shown = sentence_list([repr(style[0]) for _, style in reversed(used)])
        yield Finding("mixed_flags", column.name, sum(n for n, _ in used[:-1]), shown)


def _too_many(subject: Subject, column: Column) -> Iterator[Finding]:
    if column.kind != "category":
        return
    most = max(_MANY, _PART * subject.rows)
    most = _MOST_VARIANTS if column.role == "variant" else min(most, _MOST_EVENTS) if column.role == "event" else most
    distinct = subject.of(column, "distinct")
    if distinct > most:
        severity: Severity = "failure" if column.role == "variant" else "warning"
        example = f"about {count(distinct)} values"
        yield Finding("too_many_values", column.name, subject.of(column, "present"), example, severity=severity)


def _lifecycle(subject: Subject) -> Iterator[Finding]:
    column = subject.role("lifecycle")
    if column is None:
        return
    word = f"lower({column.value}::VARCHAR)"
    started, completed = subject.sql(
        f"SELECT count(*) FILTER ({word} IN ('start', 'started', 'schedule', 'scheduled')), "
        f"count(*) FILTER ({word} IN ('complete', 'completed')) FROM {subject.table.relation}"
    )
    if started and completed:
        yield Finding("lifecycle_rows", column.name, started)
