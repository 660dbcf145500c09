"""Further questions to a funnel: which were asked, and what each of them needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cxlab.errors import ParameterError, choose
from cxlab.journeys.events import ticks

__all__ = ["PERIODS", "Questions", "questions_of"]

PERIODS = ("day", "week", "month")
_MOST_NEXT = 5


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What is asked beside how far people get; times are whole microseconds.

    Attributes:
        trend: period of the first start by which people are grouped; None without the question.
        goes_with: columns whose value at the first start is compared.
        look_back: how long before the first start events are looked at; None without the question.
        landmark: how long after the first start events are looked at; None without the question.
        exposures: names of the events compared; None for every event that enough people have.
        next_events: how many events after stopping make a path; None without the question.
        contact: events that are a contact with support; none without the question.
        contact_within: how long after stopping a contact counts.
        columns: the columns of "unit", "event" and "time".
    """

    trend: str | None = None
    goes_with: tuple[str, ...] = ()
    look_back: int | None = None
    landmark: int | None = None
    exposures: tuple[str, ...] | None = None
    next_events: int | None = None
    contact: tuple[str, ...] = ()
    contact_within: int = 86_400_000_000
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def correlates(self) -> bool:
        """Is it asked what goes with finishing?"""
        return bool(self.goes_with) or self.look_back is not None or self.landmark is not None


def questions_of(given: Mapping[str, Any]) -> Questions:
    """Which further questions were asked?

    Args:
        given: the settings of the analysis; what is not in them was not asked.

    Returns:
        The questions.

    Raises:
        ParameterError: a setting is none, or lacks another one that it needs.

    Examples:
        >>> questions_of({"within": "7D", "trend": "week"}).trend
        'week'
    """
    asked = Questions(
        trend=choose("trend", given.get("trend"), (None, *PERIODS)), goes_with=_names(given, "goes_with") or (),
        look_back=_time(given, "look_back"), landmark=_time(given, "landmark"), exposures=_names(given, "exposures"),
        next_events=_next(given.get("next_events")), contact=_names(given, "contact") or (),
        contact_within=_time(given, "contact_within") or 86_400_000_000,
        columns={role: given.get(role, role) for role in ("unit", "event", "time")},
    )  # fmt: skip
    _refuse_without_window(asked, given)
    if asked.exposures is not None and asked.look_back is None and asked.landmark is None:
        raise ParameterError(
            "`exposures` names events, but not when they count. Give `look_back`, such as '7D', for events before the "
            "start, or `landmark`, such as '1h', for events soon after it."
        )
    return asked


def _names(given: Mapping[str, Any], argument: str) -> tuple[str, ...] | None:
    """A list of names, each once."""
    value = given.get(argument)
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) and name for name in value):
        raise ParameterError(f"`{argument}` is {value!r}; expected a list of names, such as ['{_EXAMPLES[argument]}'].")
    return tuple(dict.fromkeys(value))


_EXAMPLES = {"goes_with": "platform", "exposures": "help_page", "contact": "ticket_opened"}


def _time(given: Mapping[str, Any], argument: str) -> int | None:
    """A length of time above zero."""
    found = ticks(given.get(argument), argument)
    if found is not None and found <= 0:
        raise ParameterError(f"`{argument}` is {given[argument]!r}; expected a time longer than none, such as '1D'.")
    return found


def _next(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_NEXT:
        raise ParameterError(f"`next_events` is {value!r}; expected a whole number from 1 to {_MOST_NEXT}.")
    return value


def _refuse_without_window(asked: Questions, given: Mapping[str, Any]) -> None:
    """Shares of starts are alike only where each had the same time to finish."""
    window = ticks(given.get("within"), "within")
    names = [name for name in ("trend", "goes_with", "look_back", "landmark") if getattr(asked, name) not in (None, ())]
    if names and window is None:
        raise ParameterError(
            f"`{names[0]}` compares starts that all had the same time to finish, and `within` is None. Give `within`, "
            "such as '7D'."
        )
    if asked.landmark is not None and window is not None and asked.landmark >= window:
        raise ParameterError(
            f"`landmark` is {given['landmark']!r} and `within` {given['within']!r}: no time to finish is left after "
            "it. Give a shorter `landmark`."
        )
