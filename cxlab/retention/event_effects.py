"""`cx.effect_of_event`: do customers leave sooner or later after something has happened to them?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from cxlab.data import Table, as_table
from cxlab.data.note import DataNote
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.results import Result
from cxlab.retention import event_words as words
from cxlab.retention.event_checks import TITLES, event_checks
from cxlab.retention.event_estimates import EventEstimates, event_estimates
from cxlab.retention.spells import Spells, read_spells
from cxlab.wording import count

if TYPE_CHECKING:
    import altair as alt

__all__ = ["EventResult", "effect_of_event"]

EventMethod = Literal["time-varying", "landmark"]
LANDMARKS, SINCE = (30, 60, 90), (30, 90)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EventResult(Result):
    """How an event goes with leaving; `tables`: "since_event", "rates", "survival", "covariates", "immortal_time"."""

    spells: Spells = field(repr=False)

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.retention.event_pictures import event_pictures

        return event_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.retention.event_display import event_display

        return event_display(self)

    def _check_titles(self) -> dict[str, str]:
        return TITLES


def effect_of_event(
    data: Any,
    *,
    unit: str = "unit",
    start: str = "start",
    end: str = "end",
    event_time: str = "event_time",
    label: str = "the event",
    covariates: list[str] | None = None,
    method: EventMethod = "time-varying",
    landmarks: list[int] | None = None,
    since: list[int] | None = None,
    observe_until: str | None = None,
    question: str | None = None,
    confidence: float = 0.95,
) -> EventResult:
    """Do customers leave sooner or later after an event, such as a support contact, a call or a fault?

    Args:
        data: one row per customer: a table, data frame, path or SQL.
        unit: column of the customer; who came back may stand in a row per stay.
        start: column of the first day.
        end: column of the last day, empty while the customer is here.
        event_time: column of when the event happened for the first time, empty where it never did.
        label: what the event is called, such as "a support contact".
        covariates: columns of what was known at the start, held constant; numbers, or groups.
        method: "time-varying" (each customer counts as without the event until it comes) or "landmark" (customers
            still here at the first landmark, by whether it had come).
        landmarks: days after the start, chosen before looking; 30, 60 and 90 if not set.
        since: days since the event at which its ratio is asked anew; 30 and 90 if not set.
        observe_until: last day up to which ends and events are known; the last one in the data if not set.
        question: the question in plain words, as the page's title.
        confidence: level of all intervals, as a fraction.

    Returns:
        An EventResult. `table`: one row per way to ask, the answer first: method, landmark (days), n (customers),
        exposed (with the event), events (customers who left), exposed_events (of them after it), estimate (hazard
        ratio: how many times as often customers leave after it), ci_low, ci_high, p_value. `tables`: "since_event" (by
        days since it), "rates" (who left, before and after it), "survival" (from the landmarks on), "covariates", and
        "immortal_time" (what a split by who ever had it would have said, and why that is wrong).

    Raises:
        ParameterError: a choice, number or date is not usable, or ever against never is asked for.
        DataError: events after ends, ends before starts, a customer twice, or too few who left.

    Assumes:
        Independent customers; leaving and the end of the log have nothing to do with each other; and, to read the ratio
        as the event's doing, nothing beside the covariates that brings about both the event and leaving.

    Source:
        Cox (1972) with exposure that varies in time (Andersen & Gill 1982), Efron's ties; Anderson, Cain & Gelber
        (1983) for landmarks; Suissa (2008) for immortal time. Checked by simulation against a known ratio.

    Examples:
        >>> import pandas as pd
        >>> people = pd.DataFrame({"unit": range(40), "start": "2026-01-01",
        ...     "end": [f"2026-0{1 + k % 5}-{3 + k % 20:02}" for k in range(30)] + [None] * 10,
        ...     "event_time": [f"2026-01-{2 + k // 2:02}" if k % 3 == 0 else None for k in range(40)]})
        >>> found = effect_of_event(people, observe_until="2026-06-30", landmarks=[20])
        >>> found.table[["method", "n", "exposed", "events", "exposed_events"]].values.tolist()[0]
        ['time-varying', 40, 14, 30, 10]
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _check(given)
    asked = given | {"landmarks": _days("landmarks", landmarks, LANDMARKS), "since": _days("since", since, SINCE)}
    table = as_table(data)
    spells = read_spells(table, asked)
    found = event_estimates(spells, asked)
    return _told(spells, found, asked, _note(table, given))


def _told(spells: Spells, found: EventEstimates, given: dict[str, Any], data: DataNote) -> EventResult:
    row = found.table.iloc[0]
    return EventResult(
        analysis="effect_of_event", title=given["question"] or words.event_question(given), table=found.table,
        headline=words.event_headline(found, given), status=words.reading(row), tables=found.tables(),
        checks=event_checks(spells, found, given), confidence=given["confidence"], parameters=given,
        semantics=words.event_definitions(spells, given), figures=words.event_figures(row, found, given), data=data,
        scope=f"{count(spells.customers)} customers, seen until {spells.until}", spells=spells,
    )  # fmt: skip


def _note(table: Table, given: dict[str, Any]) -> DataNote:
    """From the first start to the last end."""
    return replace(table.note(given["start"]), last=table.note(given["end"]).last)


def _check(given: dict[str, Any]) -> None:
    check_confidence(given["confidence"])
    if str(given["method"]).casefold().replace("_", " ").replace("-", " ") in _EVER:
        raise ParameterError(
            f"`method` is {given['method']!r}: customers who ever had the event against those who never had it. That "
            "is no answer: whoever had it must have stayed until then, so that it looks as if it kept people (immortal "
            "time). Choose 'time-varying' or 'landmark'; what this split would have said stands beside the answer."
        )
    choose("method", given["method"], get_args(EventMethod))


_EVER = {"ever", "never", "ever/never", "ever never", "ever vs never", "ever against never", "naive", "naive split"}


def _days(argument: str, value: Any, usual: tuple[int, ...]) -> list[int]:
    """Days in order, each once."""
    days = list(usual) if value is None else value
    whole = isinstance(days, list) and all(isinstance(day, int) and not isinstance(day, bool) for day in days)
    if not whole or not days or min(days) < 1 or days != sorted(set(days)):
        raise ParameterError(f"`{argument}` is {value!r}; expected whole days from 1 up, in order, such as {[*usual]}.")
    return days
