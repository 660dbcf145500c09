"""What exactly is asked: every choice of a retention analysis, resolved against the data."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cxlab.data import Relation, Table, literal
from cxlab.data.calendar import INSTANT, Period, WeekStart, iso_local, parse_instant
from cxlab.errors import DataError, ParameterError, check_confidence, nearest
from cxlab.retention.clocks import Reckoning
from cxlab.retention.definition import (
    Anchor,
    Clock,
    Measure,
    Property,
    Tool,
    parse_brackets,
    parse_property,
    resolved,
)
from cxlab.wording import count, date

__all__ = ["Question", "ask", "is_named", "is_return", "is_start"]


@dataclass(frozen=True)
class Question:
    """A retention question whose words are checked and whose dates are period numbers.

    `seen_until` is the first moment no longer seen. `horizon` is the last cell asked for; with the measure "on or
    after" coming back counts up to it, or where it is `open_ended` up to the end of the log.
    """

    table: Table
    relation: Relation
    reckoning: Reckoning
    measure: Measure
    anchor: Anchor
    start_event: str | None
    start_where: Property | None
    return_event: str | None
    return_where: Property | None
    minimum: int
    like: Tool | None
    cohort: str | None
    segment: str | None
    first_period: int | None
    horizon: int | None
    open_ended: bool
    observe_until: pd.Timestamp
    assumed: bool
    horizon_assumed: bool
    first_event: pd.Timestamp
    later_rows: int
    confidence: float
    trend_age: int = 1
    churn_after: int | None = None

    @property
    def period(self) -> Period:
        """Length of a cohort and of a step of age."""
        return self.reckoning.period

    @property
    def clock(self) -> Clock:
        """How age is counted."""
        return self.reckoning.clock

    @property
    def week_start(self) -> WeekStart:
        """First day of a week."""
        return self.reckoning.week_start

    @property
    def seen_until(self) -> pd.Timestamp:
        """The first moment no longer seen."""
        return self.reckoning.seen_until

    @property
    def bounded(self) -> bool:
        """Does coming back count up to one last age, the same for all?"""
        return self.measure == "on_or_after" and not self.open_ended

    @property
    def once(self) -> bool:
        """Does a customer stand in one cohort only?"""
        return self.anchor != "recurring"

    @property
    def starts_at_all(self) -> bool:
        """Is everybody active at the start by definition: does the start event itself count as activity?"""
        same_event = self.return_event in (None, self.start_event)
        return same_event and self.return_where in (None, self.start_where)

    def local(self, moment: pd.Timestamp) -> str:
        """A moment as local ISO text."""
        return iso_local(moment, self.table.tz)

    def number(self, moment: pd.Timestamp) -> int:
        """The number of the calendar period that a moment lies in."""
        return self.reckoning.number(moment)


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
    given = resolved(given)
    _check_choices(given)
    given = given | {name: parse_property(given[name], argument=name) for name in ("start_where", "return_where")}
    relation = table.typed(**_columns(given))
    first, last, starts, returns = _overview(table, relation, given)
    _check_events(table, given, starts, returns)
    seen_until, observe_until = _seen_until(given["observe_until"], last, table.tz)
    if seen_until <= first:
        raise DataError(
            f"`observe_until` is {given['observe_until']}, but the first event is on {date(first.isoformat())} and "
            f"the last on {date(last.isoformat())}. Give a later date, or leave it out to use the last event."
        )
    brackets = parse_brackets(given["brackets"])
    reckoning = Reckoning(table, given["clock"], given["period"], given["week_start"], brackets, seen_until)
    return _question(reckoning, relation, given, first, observe_until)


_KEPT = ("measure", "anchor", "start_event", "start_where", "return_event", "return_where", "minimum", "like", "cohort",
         "segment", "confidence", "trend_age", "churn_after")  # fmt: skip


def _question(
    reckoning: Reckoning, relation: Relation, given: dict[str, Any], first: pd.Timestamp, observe_until: pd.Timestamp
) -> Question:
    table, brackets = reckoning.table, reckoning.brackets
    no_end = given["measure"] == "on_or_after" and not given["horizon"] and brackets is None
    question = Question(
        table=table, relation=relation, reckoning=reckoning, first_event=first, observe_until=observe_until,
        assumed=given["observe_until"] is None, first_period=None, later_rows=0,
        horizon=given["horizon"] if brackets is None else len(brackets) - 1,
        open_ended=no_end and given["like"] is not None, horizon_assumed=no_end and given["like"] is None,
        **{name: given[name] for name in _KEPT},
    )  # fmt: skip
    _check_brackets(question)
    if question.assumed:
        return _bounded(question, given["cohorts_from"])
    until = reckoning.seen_until
    later = table.engine.rows(f"SELECT count(*) FROM {relation} AS e WHERE time >= TIMESTAMP '{until}'")
    return replace(_bounded(question, given["cohorts_from"]), later_rows=int(later[0][0]))


def _bounded(question: Question, cohorts_from: str | None) -> Question:
    """The question with its first cohort and, for "on or after", one horizon for all cohorts."""
    first = None
    if cohorts_from is not None:
        first = question.number(parse_instant(cohorts_from, argument="cohorts_from", tz=question.table.tz))
    horizon = question.horizon
    if question.horizon_assumed:
        span = question.reckoning.reach(max(first or 0, question.number(question.first_event)))[0]
        horizon = max(span // 2, 1)
    return replace(question, first_period=first, horizon=horizon)


def _check_choices(given: dict[str, Any]) -> None:
    check_confidence(given["confidence"])
    for name in ("horizon", "minimum", "trend_age", "churn_after"):
        value = given[name]
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            what = "a whole number of times" if name == "minimum" else "a whole number of periods"
            raise ParameterError(f"`{name}` is {value!r}; expected {what} from 1 up.")
    if given["brackets"] and given["horizon"]:
        raise ParameterError("`horizon` is given with `brackets`, which end at their own last age. Leave one out.")
    if given["clock"] == "day_floored" and given["period"] == "hour":
        raise ParameterError(
            "`clock` is 'day_floored' with hours as `period`; choose 'hour_floored' or longer periods."
        )
    if given["anchor"] == "recurring":
        _check_recurring(given)


def _check_recurring(given: dict[str, Any]) -> None:
    once = "Use anchor='first_matching'"
    if given["cohort"]:
        raise ParameterError(
            "`anchor` is 'recurring' with `cohort` given: one customer would stand in a cohort several times. "
            f"{once}, or leave `cohort` out and break down by `segment`."
        )
    if given["measure"] == "on_or_before":
        raise ParameterError(
            "`measure` is 'on_or_before' with anchor='recurring': how sure such a share is, when one customer stands "
            f"in several cohorts, is not known here. {once}, or measure='on'."
        )
    if given["churn_after"]:
        raise ParameterError(f"`churn_after` with anchor='recurring': one customer would leave several times. {once}.")


def _check_brackets(question: Question) -> None:
    if question.reckoning.brackets is None:
        return
    if question.churn_after:
        raise ParameterError("`churn_after` with `brackets`: staying is followed from period to period. Leave one out.")
    if question.measure != "on" and not question.reckoning.contiguous:
        raise ParameterError(
            f"`brackets` have gaps, and `measure` is {question.measure!r}: nobody could say whether a return in a gap "
            "counts. Close the gaps, such as '1,2-6,7-29', or use measure='on'."
        )


def _columns(given: dict[str, Any]) -> dict[str, tuple[str, str]]:
    columns = {"unit": (given["unit"], "id"), "time": (given["time"], "time")}
    if given["start_event"] or given["return_event"]:
        columns["event"] = (given["event"] or "event", "text")
    for role in ("cohort", "segment"):
        if given[role]:
            columns[role] = (given[role], "text?")
    for role in ("start_where", "return_where"):
        if given[role]:
            columns[role] = (given[role].column, "text?")
    return columns


def _overview(table: Table, relation: Relation, given: dict[str, Any]) -> tuple[pd.Timestamp, pd.Timestamp, int, int]:
    """First and last moment, and how many rows are start and return events."""
    events = [_is(given, "start"), _is(given, "return")]
    counts = ", ".join(
        "count(*)" if event == "TRUE" else f"sum(CASE WHEN {event} THEN 1 ELSE 0 END)" for event in events
    )
    rows = table.engine.rows(f"SELECT min(time), max(time), {counts} FROM {relation} AS e")
    first, last, starts, returns = rows[0]
    if first is None:
        raise DataError(f"{table.source} has no rows; at least one event is needed.")
    return pd.Timestamp(first), pd.Timestamp(last), int(starts), int(returns)


def is_named(name: str | None) -> str:
    """SQL: has this row such a name? Without a name every row has."""
    return "TRUE" if name is None else f"event = {literal(name)}"


def _is(given: dict[str, Any], which: str) -> str:
    where = given[f"{which}_where"]
    named = is_named(given[f"{which}_event"])
    if where is None:
        return named
    has = f"coalesce({which}_where = {literal(where.value)}, FALSE)"
    return has if named == "TRUE" else f"({named} AND {has})"


def is_start(question: Question) -> str:
    """SQL: can this row make a customer start?"""
    return _is(vars(question), "start")


def is_return(question: Question) -> str:
    """SQL: does this row count as coming back?"""
    return _is(vars(question), "return")


def _check_events(table: Table, given: dict[str, Any], starts: int, returns: int) -> None:
    for which, found in (("start", starts), ("return", returns)):
        if found:
            continue
        where, name = given[f"{which}_where"], given[f"{which}_event"]
        column, wanted = ("event", name) if where is None else (where.column, where.value)
        known = table.values((given["event"] or "event") if where is None else column)
        listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
        if where is not None:
            event = f"the event {name!r} with " if name else ""
            raise DataError(
                f"No row has {event}{where} (`{which}_where`; {count(table.rows)} rows).{nearest(wanted, known)} "
                f"Values: {listed}."
            )
        raise DataError(
            f"No row has the event {name!r} (`{which}_event`; {count(table.rows)} rows).{nearest(name, known)} "
            f"Events: {listed}."
        )


def _seen_until(given: str | None, last: pd.Timestamp, tz: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first moment no longer seen, and the last one seen as readers are told it."""
    if given is None:
        return last + INSTANT, last
    until = parse_instant(given, argument="observe_until", tz=tz, end=True)
    return until, until - INSTANT
