"""Categories: spellings of one value, slips of the pen, flags in two styles, and categories that are none."""

import re
from collections.abc import Iterator, Sequence

from cxlab.quality.columns import Column
from cxlab.quality.examples import example
from cxlab.quality.finding import Finding, Severity
from cxlab.quality.subject import Subject
from cxlab.wording import count, sentence_list

__all__ = ["categories"]

_FEW, _PART, _LONGEST = 200, 0.2, 60
_MANY, _MOST_EVENTS, _MOST_VARIANTS = 50, 1_000, 20
_RARE, _OFTEN = 0.02, 20
_STYLES = (("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("1", "0"))
_SHORTEST = 5
_WORD = re.compile("[A-Za-z-]+")


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
    alike: dict[str, list[tuple[str, int]]] = {}
    for value, rows in subject.values.get(column.name, ()):
        alike.setdefault(" ".join(value.lower().split()), []).append((value, rows))
    several = [spelt for spelt in alike.values() if len(spelt) > 1]
    if several:
        rows = sum(n for spelt in several for _, n in spelt[1:])
        worst = max(several, key=lambda spelt: sum(n for _, n in spelt[1:]))
        shown = sentence_list([repr(example(word, column)) for word, _ in worst[:3]])
        yield Finding("spellings", column.name, rows, shown)


def _slips(subject: Subject, column: Column) -> Iterator[Finding]:
    """A rare word that differs by one letter inside from a frequent one; numbers and phrases are alike by nature."""
    values = subject.values.get(column.name, ())
    if column.kind != "category" or len(values) > _FEW:
        return
    total = sum(n for _, n in values)
    words = [(word, n) for word, n in values if _WORD.fullmatch(word)]
    slips = [(n, word, meant) for word, n in words if n <= _RARE * total and (meant := _meant(word, n, words))]
    if slips:
        _, slip, meant = max(slips)
        shown = f"{example(slip, column)!r} beside {example(meant, column)!r}"
        yield Finding("misspelt_values", column.name, sum(n for n, *_ in slips), shown)


def _meant(rare: str, rows: int, words: Sequence[tuple[str, int]]) -> str:
    """The most frequent word that this one is a slip of, "" if there is none."""
    letters = _letters(rare)
    often = (word for word, n in words if n >= _OFTEN * rows and word.lower() != rare.lower())
    return next((word for word in often if _one_slip(letters, _letters(word))), "")


def _letters(word: str) -> str:
    return word.lower().replace("-", "")


def _one_slip(one: str, other: str) -> bool:
    """One letter left out, put in, changed, or two swapped, between the first and the last letter."""
    if min(len(one), len(other)) < _SHORTEST or one == other or (one[0], one[-1]) != (other[0], other[-1]):
        return False
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[same:], other[same:]
    swapped = len(a) == len(b) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped


def _flags(subject: Subject, column: Column) -> Iterator[Finding]:
    """Yes and No beside 1 and 0: two people filled the column."""
    values = subject.values.get(column.name, ())
    if not 2 < len(values) <= 2 * len(_STYLES):
        return
    counts: dict[str, int] = {}
    for word, rows in values:
        counts[word.strip().lower()] = counts.get(word.strip().lower(), 0) + rows
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
    words = [(word.lower(), n) for word, n in subject.values.get(column.name, ())]
    started = sum(n for word, n in words if word in ("start", "started", "schedule", "scheduled"))
    if started and any(word in ("complete", "completed") for word, _ in words):
        yield Finding("lifecycle_rows", column.name, started)
