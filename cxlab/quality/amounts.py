"""Numbers and answers: codes for missing, answers outside the scale, text among numbers, one deciding value."""

from collections.abc import Iterator, Sequence

from cxlab.quality.answers import CODES, answers
from cxlab.quality.columns import Column
from cxlab.quality.examples import example
from cxlab.quality.finding import Finding, Severity
from cxlab.quality.measures import number_of
from cxlab.quality.subject import Subject
from cxlab.wording import count, number, sentence_list, share

__all__ = ["amounts"]

_BEYOND = 9
_ENOUGH, _DECIDES = 100, 1 / 2


def amounts(subject: Subject) -> Iterator[Finding]:
    """Are the numbers numbers, and do they mean what they say?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    for column in subject.kind("score"):
        yield from _answers(subject, column)
    for column in subject.kind("number", "score"):
        if column.text:
            yield from _text_among_numbers(subject, column)
    codes = _codes(subject, subject.kind("number"))
    for column in subject.kind("number"):
        yield from codes.get(column.name) or _deciding(subject, column)


def _answers(subject: Subject, column: Column) -> Iterator[Finding]:
    codes: dict[float, int] = {}
    outside: dict[float, int] = {}
    for group in answers(subject, column):
        low, high = group.scale or (-float("inf"), float("inf"))
        fractions = sum(n for value, n in group.counted if value % 1) > 0.1 * group.total
        for value, n in group.counted:
            if not low <= value <= high:
                place = codes if value in CODES else outside
            elif value % 1 and group.scale and not fractions:
                place = outside
            else:
                continue
            place[value] = place.get(value, 0) + n
    yield from _coded(subject, column, codes)
    if outside:
        yield Finding("out_of_scale", column.name, sum(outside.values()), _listed(outside))


def _coded(subject: Subject, column: Column, codes: dict[float, int]) -> Iterator[Finding]:
    if not codes:
        return
    rows = sum(codes.values())
    total = sum(value * n for value, n in codes.items())
    filled = subject.of(column, "numbers") or subject.of(column, "present")
    mean = float(subject.of(column, "mean"))
    without = (mean * filled - total) / max(filled - rows, 1)
    effect = f"Taken as answers they make the mean {number(mean, 2)} instead of {number(without, 2)}."
    words = ", ".join(f'"{value:g}"' for value in sorted(codes))
    advice = f"Name them as missing: cx.table(..., missing=[{words}])."
    yield Finding("sentinel_values", column.name, rows, _listed(codes), effect, advice)


def _listed(values: dict[float, int]) -> str:
    return sentence_list([f"{value:g}" for value in sorted(values, key=lambda v: -values[v])[:4]])


def _text_among_numbers(subject: Subject, column: Column) -> Iterator[Finding]:
    commas, numbers = subject.of(column, "commas"), subject.of(column, "numbers")
    if commas and subject.table.decimal != ",":
        yield Finding("decimal_commas", column.name, commas, str(subject.of(column, "comma")))
    rows = subject.filled(column) - commas - numbers
    if rows > 0 and numbers + commas:
        value = column.value
        sql = (
            f"SELECT min({value}) FILTER ({number_of(column)} IS NULL AND trim({value}) <> '' "
            f"AND NOT contains({value}, ',')) FROM {subject.table.relation}"
        )
        severity: Severity = "failure" if column.role else "warning"
        shown = example(subject.sql(sql)[0] or "", column)
        yield Finding("mixed_types", column.name, rows, shown, severity=severity)


def _codes(subject: Subject, columns: Sequence[Column]) -> dict[str, list[Finding]]:
    """A code at the edge of a number column, far from all other values, in more than one row."""
    edges = [(column, code) for column in columns for code in sorted(_edges(subject, column) & CODES)]
    if not edges:
        return {}
    asked = ", ".join(_beside(number_of(column), code) for column, code in edges)
    counted = iter(subject.sql(f"SELECT {asked} FROM {subject.table.relation}"))
    found: dict[str, list[Finding]] = {}
    for (column, code), rows, least, most in zip(edges, counted, counted, counted, strict=True):
        if rows > 1 and _apart(code, least, most):
            found.setdefault(column.name, []).extend(_coded(subject, column, {code: rows}))
    return found


def _edges(subject: Subject, column: Column) -> set[float]:
    return {float(subject.of(column, measure)) for measure in ("low", "high")}


def _beside(value: str, code: float) -> str:
    other = f"CASE WHEN {value} <> {code} THEN {value} END"
    return f"count_if({value} = {code}), min({other}), max({other})"


def _apart(code: float, least: float | None, most: float | None) -> bool:
    if least is None or most is None:
        return False
    return least >= 0 and most > 1 if code < 0 else code >= _BEYOND * max(most, 1)


def _deciding(subject: Subject, column: Column) -> Iterator[Finding]:
    """One value that makes up more than half of the column's whole spread."""
    n = subject.of(column, "numbers") if column.text else subject.of(column, "present")
    low, high, mean, variance = (float(subject.of(column, m)) for m in ("low", "high", "mean", "variance"))
    extreme = high if high - mean >= mean - low else low
    if n < _ENOUGH or not variance:
        return
    part = (extreme - mean) ** 2 / (n * variance)
    if part > _DECIDES:
        without = (mean * n - extreme) / (n - 1)
        effect = (
            f"This one of {count(n)} values makes up {share(part, 0)} of the spread; without it the mean is "
            f"{number(without)} instead of {number(mean)}."
        )
        yield Finding("deciding_value", column.name, 1, number(extreme), effect)
