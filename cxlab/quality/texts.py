"""Texts: broken letters, web codes, and names of columns."""

import re
from collections.abc import Iterator

from cxlab.quality.absent import gathered
from cxlab.quality.finding import Finding
from cxlab.quality.subject import Subject

__all__ = ["texts"]

_HIDDEN = re.compile("^\\s|\\s$|[\ufeff\u200b\u00a0]")


def texts(subject: Subject) -> Iterator[Finding]:
    """Can the texts be read, and the columns be found by their names?

    Args:
        subject: the table under examination.

    Yields:
        Findings.
    """
    plain = [column for column in subject.columns if column.text]
    for name, measure in (("broken_letters", "broken"), ("html_entities", "entities")):
        found = [(c.name, subject.of(c, measure), str(subject.of(c, f"{measure}_example"))) for c in plain]
        yield from gathered(name, found)
    yield from gathered("line_breaks", [(c.name, subject.of(c, "lines"), "") for c in plain if c.kind != "time"])
    yield from _names(subject)


def _names(subject: Subject) -> Iterator[Finding]:
    odd = [column.name for column in subject.columns if _HIDDEN.search(column.name)]
    if len(subject.columns) == 1 and re.search("[;,|\t]", subject.columns[0].name):
        odd.append(subject.columns[0].name)
    yield from gathered("column_names", [(repr(name), subject.rows, "") for name in odd])
