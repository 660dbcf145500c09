"""What may be shown of a cell: enough to find the fault, nothing that names a person."""

import re
from typing import Any

from cxlab.quality.columns import Column

__all__ = ["example"]

_LONGEST = 40
_OF_PEOPLE = re.compile(
    r"(?<![a-z])(e.?mail|mail|phone|mobile|tel|fax|(first|last|full|sur|user|nick|customer|contact|agent).?name|^name|"
    r"address|street|ip|iban|birth\w*|dob|requester|assignee|agent|resource|respondent)(_?id)?$",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?=.*\d)[\w:./-]+")
_PERSONAL = re.compile(r"\S+@\S+|\+\d[\d ()/-]{6,}|\b(?:\d[ -]?){13,19}\b|\b\d{1,3}(?:\.\d{1,3}){3}\b")


def example(value: Any, column: Column) -> str:
    """How is a cell shown, so that its fault can be found and no person is named?

    Args:
        value: the cell.
        column: where it stands.

    Returns:
        The text, at most 40 characters; of what may name a person only the shape: letters as x, digits as 9.

    Examples:
        >>> who = Column("user_id", "unit", "id", "VARCHAR")
        >>> example("K17", who), example("ann@example.com", who), example("Ann Lee", who)
        ('K17', 'xxx@xxxxxxx.xxx', 'xxx xxx')
    """
    text = str(value)
    if column.kind == "id" and column.text and not (_CODE.fullmatch(text) and len(text) <= _LONGEST):
        return _shape(text)
    if column.role in ("agent", "comment", "email") or (column.text and _named_for_people(column)):
        return _shape(text)
    return _PERSONAL.sub(lambda found: _shape(found.group()), text)[:_LONGEST] if column.text else text[:_LONGEST]


def _named_for_people(column: Column) -> bool:
    return column.kind != "id" and bool(_OF_PEOPLE.search(re.sub("([a-z])([A-Z])", r"\1 \2", column.name)))


def _shape(text: str) -> str:
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", text))[:_LONGEST]
