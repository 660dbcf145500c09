"""What exactly is asked: every choice of a retention analysis, resolved against the data."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import pandas as pd

from cxlab.data import Relation, Table, literal
from cxlab.data.calendar import INSTANT, Period, WeekStart, iso_local, parse_instant, period_number, period_sql
from cxlab.errors import DataError, ParameterError, check_confidence, choose, nearest
from cxlab.wording import count, date

__all__ = ["Anchor", "Measure", "Question", "ask", "is_event"]

Measure = Literal["on", "on_or_after"]
Anchor = Literal["first_matching", "recurring"]


@dataclass(frozen=True)
class Question:
    """A retention question whose words are checked and whose dates are period numbers.

    `seen_until` is the first moment no longer seen; `last_begun` and `last_whole` are the last periods that
    have begun and ended before it. `horizon` is the last age asked for.
    """

    table: Table
    relation: Relation
    period: Period
    week_start: WeekStart
    measure: Measure
    anchor: Anchor
    start_event: str | None
    return_event: str | None
    cohort: str | None
    segment: str | None
    first_period: int | None
    horizon: int | None
    seen_until: pd.Timestamp
    observe_until: pd.Timestamp
    assumed: bool
    horizon_assumed: bool
    first_event: pd.Timestamp
    later_rows: int
    confidence: float

    @property
    def last_begun(self) -> int:
        """The last period that has begun before the log ends."""
        return self.number(self.seen_until - INSTANT)

    @property
    def last_whole(self) -> int:
        """The last period that has ended before the log ends."""
        return self.number(self.seen_until) - 1

    @property
    def starts_at_all(self) -> bool:
        """Is everybody active at the start by definition: does the start event itself count as activity?"""
        return self.return_event in (None, self.start_event)

    def local(self, moment: pd.Timestamp) -> str:
        """A moment as local ISO text."""
        return iso_local(moment, self.table.tz)

    def number(self, moment: pd.Timestamp) -> int:
        """The number of the period that a moment lies in."""
        return period_number(moment, self.period, tz=self.table.tz, week_start=self.week_start)

    @property
    def period_sql(self) -> str:
        """SQL of the period's number of the column `time`."""
        local = self.table.local("time")
        return period_sql(self.period, utc="time", local=local, week_start=self.week_start)


def ask(table: Table, given: dict[str, Any]) -> Question:
    """Resolve the arguments of `cohort_retention` against the table.

    Args:
        table: the events.
        given: the arguments by name.

    Returns:
        The question.

    Raises:
        ParameterError: a choice, number or date is not usable.
        DataError: a column or event is not there, or nothing was seen before `observe_until`.
    """
    _check_choices(given)
    relation = table.typed(**_columns(given))
    first, last, starts, returns = _overview(table, relation, given)
    _check_events(table, given, starts, returns)
    seen_until, observe_until = _seen_until(given["observe_until"], last, table.tz)
    if seen_until <= first:
        raise DataError(
            f"`observe_until` is {given['observe_until']}, but the first event is on {date(first.isoformat())} and "
            f"the last on {date(last.isoformat())}. Give a later date, or leave it out to use the last event."
        )
    return _question(table, relation, given, (first, seen_until, observe_until))


def _question(table: Table, relation: Relation, given: dict[str, Any], seen: tuple[pd.Timestamp, ...]) -> Question:
    first, seen_until, observe_until = seen
    kept = ("period", "week_start", "measure", "anchor", "start_event", "return_event", "cohort", "segment")
    question = Question(
        table=table, relation=relation, first_event=first, seen_until=seen_until, observe_until=observe_until,
        assumed=given["observe_until"] is None, confidence=given["confidence"], horizon=given["horizon"],
        first_period=None, later_rows=0,
        horizon_assumed=given["measure"] == "on_or_after" and not given["horizon"],
        **{name: given[name] for name in kept},
    )  # fmt: skip
    if question.assumed:
        return _bounded(question, given["cohorts_from"])
    later = table.engine.rows(f"SELECT count(*) FROM {relation} AS e WHERE time >= TIMESTAMP '{seen_until}'")
    return replace(_bounded(question, given["cohorts_from"]), later_rows=int(later[0][0]))


def _bounded(question: Question, cohorts_from: str | None) -> Question:
    """The question with its first cohort and, for "on or after", one horizon for all cohorts."""
    first = None
    if cohorts_from is not None:
        first = question.number(parse_instant(cohorts_from, argument="cohorts_from", tz=question.table.tz))
    horizon = question.horizon
    if question.measure == "on_or_after" and horizon is None:
        span = question.last_whole - max(first or 0, question.number(question.first_event))
        horizon = max(span // 2, 1)
    return replace(question, first_period=first, horizon=horizon)


def _check_choices(given: dict[str, Any]) -> None:
    for name, words in (("period", Period), ("week_start", WeekStart), ("measure", Measure), ("anchor", Anchor)):
        choose(name, given[name], get_args(words))
    check_confidence(given["confidence"])
    if given["cohort"] and given["anchor"] == "recurring":
        raise ParameterError(
            "`anchor` is 'recurring' with `cohort` given: one customer would stand in a cohort several times. "
            "Use anchor='first_matching', or leave `cohort` out and break down by `segment`."
        )
    horizon = given["horizon"]
    if horizon is not None and (isinstance(horizon, bool) or not isinstance(horizon, int) or horizon < 1):
        raise ParameterError(f"`horizon` is {horizon!r}; expected a whole number of periods from 1 up.")


def _columns(given: dict[str, Any]) -> dict[str, tuple[str, str]]:
    columns = {"unit": (given["unit"], "id"), "time": (given["time"], "time")}
    if given["start_event"] or given["return_event"]:
        columns["event"] = (given["event"] or "event", "text")
    for role in ("cohort", "segment"):
        if given[role]:
            columns[role] = (given[role], "text?")
    return columns


def _overview(table: Table, relation: Relation, given: dict[str, Any]) -> tuple[pd.Timestamp, pd.Timestamp, int, int]:
    """First and last moment, and how many rows are start and return events."""
    events = [is_event(given[name]) for name in ("start_event", "return_event")]
    counts = ", ".join(f"sum(CASE WHEN {event} THEN 1 ELSE 0 END)" for event in events)
    rows = table.engine.rows(f"SELECT min(time), max(time), {counts} FROM {relation} AS e")
    first, last, starts, returns = rows[0]
    if first is None:
        raise DataError(f"{table.source} has no rows; at least one event is needed.")
    return pd.Timestamp(first), pd.Timestamp(last), int(starts), int(returns)


def is_event(name: str | None) -> str:
    """SQL: is this row such an event? Without a name every row is."""
    return "TRUE" if name is None else f"event = {literal(name)}"


def _check_events(table: Table, given: dict[str, Any], starts: int, returns: int) -> None:
    for argument, found in (("start_event", starts), ("return_event", returns)):
        if not found:
            name, known = given[argument], table.values(given["event"] or "event")
            listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
            raise DataError(
                f"No row has the event {name!r} (`{argument}`; {count(table.rows)} rows).{nearest(name, known)} "
                f"Events: {listed}."
            )


def _seen_until(given: str | None, last: pd.Timestamp, tz: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first moment no longer seen, and the last one seen as readers are told it."""
    if given is None:
        return last + INSTANT, last
    until = parse_instant(given, argument="observe_until", tz=tz, end=True)
    return until, until - INSTANT
