"""Amounts of money: refunds and nothings among purchases, several currencies in one column."""

from collections.abc import Iterator

from cxlab.data import quote
from cxlab.quality.finding import Finding
from cxlab.quality.measures import number_of
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
    if subject.contract.name != "transactions" or not subject.of(amount, "present") or subject.of(amount, "low") > 0:
        return
    value = number_of(amount)
    below, zero = subject.sql(
        f"SELECT count(*) FILTER ({value} < 0), count(*) FILTER ({value} = 0) FROM {subject.table.relation}"
    )
    if below:
        yield Finding("negative_amounts", amount.name, below, number(subject.of(amount, "low")))
    if zero:
        yield Finding("zero_amounts", amount.name, zero)


def _currencies(subject: Subject) -> Iterator[Finding]:
    column = subject.role("currency")
    if column is None or subject.of(column, "first") == subject.of(column, "last"):
        return
    name = quote(column.name)
    sql = (
        f"SELECT {name}::VARCHAR, count(*) FROM {subject.table.relation} WHERE {name} IS NOT NULL GROUP BY 1 "
        f"ORDER BY 2 DESC, 1"
    )
    counted = subject.table.engine.rows(sql)
    shown = sentence_list([word for word, _ in counted[:4]])
    yield Finding("mixed_currencies", column.name, sum(n for _, n in counted[1:]), shown)
