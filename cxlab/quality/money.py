"""Amounts of money: refunds and nothings among purchases, several currencies in one column."""

from collections.abc import Iterator

from cxlab.quality.finding import Finding
from cxlab.quality.subject import Subject
from cxlab.wording import number, sentence_list

__all__ = ["money"]


def money(subject: Subject) -> Iterator[Finding]:
    """Can the amounts be added up?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    amount = subject.role("amount")
    if amount is None or amount.kind != "number":
        return
    yield from _currencies(subject)
    if subject.contract.name != "transactions":
        return
    below, zero = subject.of(amount, "below"), subject.of(amount, "zero")
    if below:
        yield Finding("negative_amounts", amount.name, below, number(subject.of(amount, "low")))
    if zero:
        yield Finding("zero_amounts", amount.name, zero)


def _currencies(subject: Subject) -> Iterator[Finding]:
    column = subject.role("currency")
    if column is None or subject.of(column, "first") == subject.of(column, "last"):
        return
    counted = subject.values.get(column.name, ())
    shown = sentence_list([word for word, _ in counted[:4]])
    yield Finding("mixed_currencies", column.name, sum(n for _, n in counted[1:]), shown)
