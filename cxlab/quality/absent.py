"""What is not there: needed columns, missing values, words that stand for missing, empty and constant columns."""

from collections.abc import Iterable, Iterator

from cxlab.quality.columns import Column
from cxlab.quality.examples import example
from cxlab.quality.finding import Finding, Severity
from cxlab.quality.subject import Subject
from cxlab.wording import count, share

__all__ = ["absences", "gathered"]

_ENOUGH = 50
_ALONE = ("experiment", "instrument", "unit", "currency", "status")  # one of these is how things are
_TOLD = 4


def absences(subject: Subject) -> Iterator[Finding]:
    """What is missing from the table?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    yield from _columns_not_found(subject)
    yield from _values(subject)
    yield from _words(subject)
    yield from _constants(subject)


def gathered(name: str, found: Iterable[tuple[str, int, str]]) -> Iterator[Finding]:
    """One finding for all columns with the same fault; its rows are those of the worst column.

    Args:
        name: the fault's word.
        found: column, rows and example; columns without such rows are left out.

    Yields:
        At most one finding.
    """
    worst = sorted((item for item in found if item[1]), key=lambda item: -item[1])
    if worst:
        names = [column for column, *_ in worst]
        more = f" and {count(len(names) - _TOLD)} more" if len(names) > _TOLD else ""
        yield Finding(name, ", ".join(names[:_TOLD]) + more, worst[0][1], worst[0][2])


def _columns_not_found(subject: Subject) -> Iterator[Finding]:
    for role in subject.contract.roles:
        if role.needed and subject.role(role.name) is None:
            advice = f'Name it: cx.check_data(..., {role.name}="your column").'
            yield Finding("missing_column", role.name, subject.rows, role.tells, advice=advice)
    if subject.contract.name == "assignments" and subject.role("unit") is None:
        yield Finding("no_unit", "unit", subject.rows)


def _values(subject: Subject) -> Iterator[Finding]:
    answered_only = subject.role("sent") is None
    for column in subject.columns:
        blank = subject.of(column, "blank") if column.kind == "id" else 0
        rows = subject.rows - subject.of(column, "present") + blank
        if rows and column.kind == "score" and answered_only:
            effect = "The score speaks for those who answered, not for all."
            advice = "Compare who answered with who did not; weight if they differ."
            yield Finding("missing_values", column.name, rows, "", effect, advice, "info")
        elif rows and column.role and not column.may_be_empty and (column.needed or rows < subject.rows):
            yield _missing(subject, column, rows)


def _missing(subject: Subject, column: Column, rows: int) -> Finding:
    if column.needed:
        effect = (
            f"{count(rows)} {'row' if rows == 1 else 'rows'} cannot be used; left out in silence they bias every count."
        )
        advice = "Find out why; leave them out or fill the value in, and say so."
        return Finding("missing_values", column.name, rows, "", effect, advice, "failure")
    severity: Severity = "info" if column.role == "agent" else "warning"
    effect = f"Results by {column.role} leave out {share(rows / subject.rows)} of the rows."
    return Finding("missing_values", column.name, rows, "", effect, "Show them as a group of their own.", severity)


def _words(subject: Subject) -> Iterator[Finding]:
    """Words such as "N/A" or "?", and blanks where a number, time or category is meant."""
    others = []
    for column in subject.columns:
        if not column.text or column.kind == "id":
            continue
        blank = subject.of(column, "blank") if column.kind != "text" else 0
        rows = subject.of(column, "words") + blank if _says_missing(subject, column) else blank
        if rows and column.role:
            yield _word(column.name, rows, _example(subject, column))
        elif rows:
            others.append((column.name, rows, _example(subject, column)))
    for finding in gathered("missing_words", others):
        yield _word(finding.column, finding.rows, finding.example)


def _says_missing(subject: Subject, column: Column) -> bool:
    """In a column of two-letter codes, NA may be Namibia."""
    return bool(subject.of(column, "longest") > 2 or subject.of(column, "word") in ("?", "-", "--"))


def _example(subject: Subject, column: Column) -> str:
    return repr(subject.of(column, "word") or " ")


def _word(column: str, rows: int, example: str) -> Finding:
    advice = f"If it means missing, name it: cx.table(..., missing=[{example}])."
    if not example.strip("' "):
        advice = "A blank in a number or time is read as missing; check that this is meant."
    return Finding("missing_words", column, rows, example, advice=advice)


def _constants(subject: Subject) -> Iterator[Finding]:
    empty = [c for c in subject.columns if c.kind != "other" and subject.filled(c) <= 0]
    yield from gathered("empty_columns", [(c.name, subject.rows, "") for c in empty if not c.needed])
    if subject.rows < _ENOUGH:
        return
    one = [c for c in subject.columns if c not in empty and c.type != "BOOLEAN" and _constant(subject, c)]
    variant = [c for c in one if c.role == "variant"]
    yield from gathered("one_variant", [(c.name, subject.rows, str(subject.of(c, "first"))) for c in variant])
    rest = [
        (c.name, subject.rows, _shown(subject, c))
        for c in one
        if c not in variant and not {c.role, c.name.casefold()} & set(_ALONE)
    ]
    yield from gathered("constant_columns", rest)


def _constant(subject: Subject, column: Column) -> bool:
    first, last = (subject.counts.get((column.name, edge)) for edge in ("first", "last"))
    return first is not None and first == last and subject.of(column, "present") == subject.rows


def _shown(subject: Subject, column: Column) -> str:
    return example(subject.of(column, "first"), column)
