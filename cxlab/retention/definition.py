"""What exactly counts as starting and as coming back: the choices, and which of them the known tools make."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from cxlab.data.calendar import Period, WeekStart
from cxlab.errors import ParameterError, choose

__all__ = ["TOOLS", "Anchor", "Clock", "Measure", "Property", "Tool", "parse_brackets", "parse_property", "resolved"]

Anchor = Literal["first_matching", "first_ever", "recurring"]
Clock = Literal["calendar", "elapsed", "hour_floored", "day_floored"]
Measure = Literal["on", "on_or_after", "on_or_before", "streak"]
Tool = Literal["posthog", "mixpanel", "amplitude"]
Brackets = tuple[tuple[int, int], ...]

_USUAL = {"anchor": "first_matching", "clock": "calendar", "measure": "on", "week_start": "monday"}
_CHOICES = {"anchor": Anchor, "clock": Clock, "measure": Measure, "week_start": WeekStart}
_BRACKET = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True)
class Known:
    """How one tool counts: what it does unless told otherwise, what it offers beside, and what is not published.

    Attributes:
        title: the tool's name.
        usual: its own defaults.
        offered: its further choices; whatever is in neither is refused.
        sized: does the first number of a row hold the cohort's size, and not who came back within the first period?
        assumed: what its documents leave open, as it is taken here.
    """

    title: str
    usual: dict[str, str]
    offered: dict[str, tuple[str, ...]]
    sized: bool
    assumed: str = ""
    monthly: dict[str, str] = field(default_factory=dict)

    def choice(self, name: str, period: str) -> str:
        """What the tool does unless told otherwise, for this period."""
        return (self.monthly if period in ("week", "month") else {}).get(name, self.usual[name])


TOOLS: dict[str, Known] = {
    "posthog": Known(
        "PostHog", _USUAL | {"week_start": "sunday"},
        {"anchor": get_args(Anchor), "clock": ("calendar", "hour_floored"), "measure": ("on", "on_or_after")}, True,
    ),
    "mixpanel": Known(
        "Mixpanel", _USUAL | {"clock": "elapsed", "measure": "on_or_after"},
        {"anchor": ("first_matching", "recurring"), "clock": ("elapsed", "calendar"),
         "measure": ("on", "on_or_after", "on_or_before")}, False,
        assumed="Assumed of Mixpanel: the first start is looked up in the whole log; "
        "recurring means one a period.",
    ),
    "amplitude": Known(
        "Amplitude", _USUAL | {"anchor": "recurring", "clock": "hour_floored"},
        {"anchor": ("recurring", "first_matching"), "clock": ("hour_floored", "day_floored", "calendar"),
         "measure": ("on", "on_or_after")}, False, monthly={"clock": "day_floored"},
        assumed="Assumed of Amplitude: a customer joins a cohort once a period, at the first start in it, and the "
        "first number of a row counts who came back within the first window.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Property:
    """A column and the value that it must have."""

    column: str
    value: str

    def __str__(self) -> str:
        return f"{self.column} = {self.value!r}"


def parse_property(text: str | None, *, argument: str) -> Property | None:
    """Which property must an event have?

    Args:
        text: "column=value"; None asks for none.
        argument: name of the parameter, for the message.

    Returns:
        The column and its value, or None.

    Raises:
        ParameterError: the text is of another form.

    Examples:
        >>> parse_property("plan=team", argument="start_where")
        Property(column='plan', value='team')
    """
    if text is None:
        return None
    column, sign, value = str(text).partition("=")
    if not (column.strip() and sign and value.strip()):
        raise ParameterError(f"`{argument}` is {text!r}; expected a column and its value, such as 'plan=team'.")
    return Property(column.strip(), value.strip())


def parse_brackets(text: str | None) -> Brackets | None:
    """Which ages are taken together?

    Args:
        text: ages and ranges of ages, such as "0,1,2-3,4-7"; None takes each age by itself.

    Returns:
        First and last age of each bracket; the start period comes first and is added where it is not named.

    Raises:
        ParameterError: the text is of another form, or the brackets do not rise.

    Examples:
        >>> parse_brackets("1,2-3,7")
        ((0, 0), (1, 1), (2, 3), (7, 7))
    """
    if text is None:
        return None
    found = [_BRACKET.fullmatch(part.strip()) for part in str(text).replace("–", "-").split(",")]
    edges = [(int(one[1]), int(one[2] or one[1])) for one in found if one]
    flat = [age for edge in edges for age in edge]
    if not all(found) or flat != sorted(flat) or len(flat) != len(set(flat)) + sum(a == b for a, b in edges):
        raise ParameterError(f"`brackets` is {text!r}; expected rising ages such as '0,1,2-3,4-7'.")
    return tuple(edges if edges[0][0] == 0 else [(0, 0), *edges])


def resolved(given: dict[str, Any]) -> dict[str, Any]:
    """Which anchor, clock, measure and first day of a week are meant, where some are not named?

    Args:
        given: the arguments by name.

    Returns:
        The arguments with these four filled in: as named, else as the tool in `like` does, else the usual.

    Raises:
        ParameterError: a choice does not exist, or the tool does not have it.
    """
    like = given["like"]
    for name, words in (("like", Tool), *_CHOICES.items(), ("period", Period)):
        if given[name] is not None or name == "period":
            choose(name, given[name], get_args(words))
    if like is None:
        return given | {name: given[name] or usual for name, usual in _USUAL.items()}
    tool = TOOLS[like]
    for name, offered in tool.offered.items():
        if given[name] is not None and given[name] not in offered:
            raise ParameterError(
                f"`{name}` is {given[name]!r}, but {tool.title} (`like`) has only {', '.join(map(repr, offered))}. "
                f"Leave `{name}` out for {tool.title}'s own, or leave `like` out."
            )
    return given | {name: given[name] or tool.choice(name, given["period"]) for name in _USUAL}
