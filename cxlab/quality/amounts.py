"""Numbers and answers: codes for missing, answers outside the scale, text among numbers, one deciding value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cxlab.quality.answers import CODES, Answers, answers
from cxlab.quality.columns import Column
from cxlab.quality.examples import example
from cxlab.quality.finding import Finding, Severity
from cxlab.quality.measures import number_of
from cxlab.quality.subject import Subject
from cxlab.wording import count, number, sentence_list, share

__all__ = ["amounts"]

_BEYOND = 9
_ENOUGH, _DECIDES = 100, 1 / 2
_FRACTIONS = 0.1


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
    coded: list[tuple[int, Answers]] = []
    for group in answers(subject, column):
        wrong = _wrong(group)
        here = {value: n for value, n in wrong.items() if value in CODES and not _inside(value, group)}
        coded.append((sum(here.values()), group))
        for value, n in wrong.items():
            place = codes if value in here else outside
            place[value] = place.get(value, 0) + n
    if codes:
        _, worst = max(coded, key=lambda item: item[0])
        whole = sum(value * n for value, n in worst.counted)
        yield _coded(
            column, codes, worst.total, whole, [item for item in worst.counted if item[0] in codes], worst.name
        )
    if outside:
        yield Finding("out_of_scale", column.name, sum(outside.values()), _listed(outside))


def _wrong(group: Answers) -> dict[float, int]:
    """Answers outside the scale, or between its marks where nearly all are whole."""
    fractions = sum(n for value, n in group.counted if value % 1) > _FRACTIONS * group.total
    between = group.scale is not None and not fractions
    return {value: n for value, n in group.counted if not _inside(value, group) or (between and value % 1)}


def _inside(value: float, group: Answers) -> bool:
    return group.scale is None or group.scale[0] <= value <= group.scale[1]


def _coded(
    column: Column, codes: Mapping[float, int], n: int, total: float, among: Iterable[tuple[float, int]], name: str = ""
) -> Finding:
    """What codes do to the mean of those answers among which they stand."""
    taken = list(among)
    rows, whole = sum(times for _, times in taken), sum(value * times for value, times in taken)
    without = (total - whole) / max(n - rows, 1)
    where = f" of {name}" if name else ""
    effect = f"Taken as answers they make the mean{where} {number(total / n, 2)} instead of {number(without, 2)}."
    words = ", ".join(f'"{value:g}"' for value in sorted(codes))
    advice = f"Name them as missing: cx.table(..., missing=[{words}])."
    return Finding("sentinel_values", column.name, sum(codes.values()), _listed(codes), effect, advice)


def _listed(values: Mapping[float, int]) -> str:
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
            n = subject.of(column, "numbers") or subject.of(column, "present")
            finding = _coded(column, {code: rows}, n, subject.of(column, "mean") * n, [(code, rows)])
            found.setdefault(column.name, []).append(finding)
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
