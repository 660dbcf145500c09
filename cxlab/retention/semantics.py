"""Every definition in words, so that nobody has to guess which retention this is."""

from dataclasses import dataclass
from typing import Any

from cxlab.retention.definition import TOOLS
from cxlab.retention.question import Question

__all__ = ["Definition", "defined", "definitions", "line"]

_TIMES = {1: "once", 2: "twice"}
_HOURS = {"hour": "one-hour", "day": "24-hour", "week": "7-day", "month": "30-day"}
_DAYS = {"day": "one-day", "week": "7-day", "month": "30-day"}


@dataclass(frozen=True)
class Definition:
    """What exactly was counted; its text is the line that stands under every picture's title.

    Attributes:
        unit: column of the customer.
        start_event: event that makes a customer start; None for any.
        start_where: property that it must have.
        return_event: event that counts as coming back; None for any.
        return_where: property that it must have.
        anchor: which start counts.
        clock: how age is counted.
        period: length of a cohort and of a step of age.
        brackets: first and last age of each bracket; None where each age stands by itself.
        tz: time zone of days, weeks and months.
        week_start: first day of a week.
        measure: when somebody counts as back.
        minimum: how often the return event must occur in a cell.
        horizon: last age up to which coming back counts; None for the end of the log.
        observe_until: last moment up to which the log is complete.
        like: the tool whose definition it is.
        line: all of it in one line.
    """

    unit: str
    start_event: str | None
    start_where: str | None
    return_event: str | None
    return_where: str | None
    anchor: str
    clock: str
    period: str
    brackets: tuple[tuple[int, int], ...] | None
    tz: str
    week_start: str
    measure: str
    minimum: int
    horizon: int | None
    observe_until: str
    like: str | None
    line: str

    def __str__(self) -> str:
        return self.line


def defined(question: Question, unit: str) -> Definition:
    """What exactly is counted here?

    Args:
        question: the question.
        unit: column of the customer.

    Returns:
        The definition.
    """
    wheres: dict[str, Any] = {
        name: str(getattr(question, name)) if getattr(question, name) else None
        for name in ("start_where", "return_where")
    }
    same = ("start_event", "return_event", "anchor", "clock", "period", "week_start", "measure", "minimum", "like")
    last = question.horizon if question.bounded else None
    return Definition(
        unit=unit, **{name: getattr(question, name) for name in same}, **wheres,
        brackets=question.reckoning.brackets, tz=question.table.tz,
        horizon=None if last is None else question.reckoning.age(last),
        observe_until=question.local(question.observe_until), line=line(question),
    )  # fmt: skip


def line(question: Question) -> str:
    """The definition in one line, as it stands under a picture's title.

    Args:
        question: the question.

    Returns:
        One sentence.
    """
    start = _named(question.start_event, question.start_where)
    how = {"first_matching": f"the first {start}", "first_ever": f"the very first {_named(question.start_event, None)}",
           "recurring": f"every {question.period} with {_a(start)}"}[question.anchor]  # fmt: skip
    if question.anchor == "first_ever" and question.start_where:
        how += f", if {question.start_where}"
    often = "" if question.minimum == 1 else f" at least {_times(question.minimum)}"
    back = f"{_named(question.return_event, question.return_where)}{often} {_measured(question)}"
    title = f"As {TOOLS[question.like].title} counts" if question.like else "Definition"
    return f"{title}: start is {how}; back is {_a(back)}; {_steps(question)}."


def _times(minimum: int) -> str:
    return _TIMES.get(minimum, f"{minimum} times")


def _named(event: str | None, where: object) -> str:
    return (repr(event) if event else "event") + (f" with {where}" if where else "")


def _a(what: str) -> str:
    return f"an {what}" if what.startswith("event") else f"a {what}"


def _measured(question: Question) -> str:
    period = question.period
    if question.measure == "on_or_after":
        last = (
            "the log's end" if question.open_ended else f"{period} {question.reckoning.age_name(question.horizon or 0)}"
        )
        return f"in that {period} or a later one, up to {last}"
    return {"on": f"in that very {period}", "on_or_before": f"in that {period} or an earlier one after the start",
            "streak": f"in every {period} up to that one"}[question.measure]  # fmt: skip


def _steps(question: Question) -> str:
    """The clock."""
    period, zone = question.period, question.table.tz
    if question.clock == "calendar":
        days = f" from {question.week_start.capitalize()}" if period == "week" else ""
        return f"calendar {period}s{days}, {zone}"
    if question.clock == "day_floored":
        return f"{_DAYS[period]} steps from the day of the start, {zone}"
    cut = " from the full hour of the start" if question.clock == "hour_floored" else " from the moment of the start"
    return f"{_HOURS[period]} steps{cut}; cohorts by calendar {period}, {zone}"


def definitions(question: Question) -> tuple[str, ...]:
    """Which definitions does this result use?

    Args:
        question: the question.

    Returns:
        One sentence or two per definition.
    """
    return (
        *_like(question), _start(question), _back(question), _clock(question), _measure(question),
        _start_period(question), _counted(question), _intervals(question), *_comparisons(question),
    )  # fmt: skip


def _like(question: Question) -> list[str]:
    if question.like is None:
        return []
    tool = TOOLS[question.like]
    first = "the size of the cohort" if tool.sized else "who came back within the first step, which can be fewer"
    told = f"As {tool.title} counts; the first number of its row is {first}."
    return [f"{told} {tool.assumed}".strip()]


def _start(question: Question) -> str:
    event = _named(question.start_event, question.start_where) if question.start_event else "event of any kind"
    if question.start_where and not question.start_event:
        event += f" with {question.start_where}"
    if question.anchor == "recurring":
        return (
            f"Start: a customer joins the cohort of every {question.period} with {_a(event)}; one customer can stand "
            "in several cohorts."
        )
    since = " Who started before the first cohort asked for is left out." if question.first_period else ""
    if question.anchor == "first_ever":
        named = repr(question.start_event) if question.start_event else "event of any kind"
        only = f", and only if it has {question.start_where}" if question.start_where else ""
        return f"Start: a customer's very first {named} in the whole log{only}.{since}"
    return f"Start: a customer's first {event} in the whole log, counted once.{since}"


def _back(question: Question) -> str:
    event = _named(question.return_event, question.return_where) if question.return_event else "event of any kind"
    if question.return_where and not question.return_event:
        event += f" with {question.return_where}"
    if question.minimum == 1:
        return f"Coming back: at least one {event} at a later instant than the start."
    return (
        f"Coming back: {_a(event)} at least {_times(question.minimum)} within the {question.period}, at later instants "
        "than the start."
    )


def _clock(question: Question) -> str:
    period = question.period
    brackets = question.reckoning.brackets
    told = "" if brackets is None else (
        f" Taken together: {period} {', '.join(question.reckoning.age_name(j) for j in range(len(brackets)))}."
    )  # fmt: skip
    if question.clock == "calendar":
        days = f", beginning on {question.week_start.capitalize()}" if period == "week" else ""
        return (
            f"Age: calendar {period}s{days}, in the time zone {question.table.tz}; {period} 0 is the one of the start, "
            f"{period} 1 the next.{told}"
        )
    return f"Age: {_steps(question)}; {period} 0 is the first step, {period} 1 the next.{told}"


def _measure(question: Question) -> str:
    period = question.period
    if question.measure == "on_or_after" and question.open_ended:
        return (
            f"Measure: back in that {period} or a later one, up to the end of the log; older cohorts have had longer, "
            "so their rates are not comparable with newer ones'."
        )
    if question.measure == "on_or_after":
        return f"Measure: back {_measured(question)}; the same bound for all cohorts."
    return f"Measure: back {_measured(question)}."


def _start_period(question: Question) -> str:
    drawn = "Pictures draw the start as 100%, everybody." if question.starts_at_all else "Pictures leave it out."
    return f"In {question.period} 0 the table counts who came back after the start within it. {drawn}"


def _counted(question: Question) -> str:
    return (
        f"Rates count only customers who could be seen for the whole {question.period}. A running cell has no rate, "
        "only who has come back so far; what cannot be seen yet is missing, never 0%."
    )


def _intervals(question: Question) -> str:
    level = f"{100 * question.confidence:g}%"
    curve = "The curve pools customers, not rates: all who came back of all who could be seen."
    if not question.once:
        curve += " Its variance is clustered by customer."
    return f"Intervals: Wilson, {level}. {curve}"


def _comparisons(question: Question) -> list[str]:
    found = []
    names = [name for name in (question.cohort, question.segment) if name]
    if names:
        found.append(
            f"{' and '.join(names)}: the value at the first start event. Pairs are compared at the last age that at "
            "least half of every group reached; Newcombe interval, p from the score test, Holm over all pairs."
        )
    if question.cohort is None and question.once:
        found.append(
            f"Newer against older cohorts: complete cohorts cut into two halves of about equal size, {question.period} "
            f"{question.trend_age}, Newcombe interval. Trend over cohorts: binomial regression of those shares on the "
            "cohort's place, its error taken from how far cohorts scatter around the line."
        )
    return found
