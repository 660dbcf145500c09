"""How far do people get, how fast, and where do the others go?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from cxlab.data import Table, as_table, refuse_total
from cxlab.errors import DataError, check_confidence, choose
from cxlab.journeys import words
from cxlab.journeys.checks import funnel_checks
from cxlab.journeys.counted import PEOPLE, Counted
from cxlab.journeys.counts import Counts, count_chains
from cxlab.journeys.definitions import semantics
from cxlab.journeys.estimates import compared, convert_times, destination_table, step_table
from cxlab.journeys.events import EventLog, read_events
from cxlab.journeys.explanations import Explanation, explained
from cxlab.journeys.further import further_tables
from cxlab.journeys.further_checks import further_checks
from cxlab.journeys.further_words import CHECK_TITLES, further_definitions, further_display
from cxlab.journeys.known_tools import Tool
from cxlab.journeys.peers import steps_elsewhere
from cxlab.journeys.questions import questions_of
from cxlab.journeys.settings import settle
from cxlab.results import SMALLEST_DRAWN, Result

if TYPE_CHECKING:
    import altair as alt

    from cxlab.charts.funnel_view import FunnelView

__all__ = ["FunnelResult", "journey_funnel"]

Order = Literal["ordered", "strict", "any"]
_MOST_SEGMENTS = 50


@dataclass(frozen=True, kw_only=True, repr=False)
class FunnelResult(Result):
    """A funnel: the table of steps, and in `tables` comparison, destinations, time_to_convert, median_time.

    Attributes:
        who: who was counted, when and how, for the line under each picture.
        window: longest time from the start in seconds; None for no limit.
        counted: what is counted, in words.
        log: the events, for `explain`.
    """

    who: str = ""
    window: float | None = field(default=None, repr=False)
    counted: Counted = PEOPLE
    log: EventLog | None = field(default=None, repr=False, compare=False)

    def explain(self, unit: Any) -> Explanation:
        """Which chain of this person was matched, and why did it end there?

        Args:
            unit: the person, as in the data.

        Returns:
            The events with the steps they can serve, the chain, the reason, and what the known tools would count.

        Raises:
            DataError: there is no such person in the data.
        """
        if self.log is None:
            raise DataError("This result was read back, without its events. Ask the funnel again to explain a person.")
        return explained(self.log, unit)

    def _display(self) -> dict[str, pd.DataFrame]:
        shown = words.display_tables({"steps": self.table, **self.tables}, self.parameters["order"])
        return {**shown, **further_display(self.tables, self.parameters)}

    def _pictures(self) -> "dict[str, Callable[[int], alt.Chart]]":
        from cxlab.charts.destinations import destinations_chart
        from cxlab.charts.funnel import funnel_chart, groups_chart
        from cxlab.charts.time_to_convert import time_to_convert_chart
        from cxlab.journeys.further_pictures import further_pictures

        drawn: dict[str, Callable[[int], alt.Chart]] = {"funnel": lambda w: funnel_chart(self._view(), width=w)}
        if len(self.tables.get("comparison", ())):
            drawn["groups"] = lambda w: groups_chart(self._view(), width=w)
        if len(self.tables["time_to_convert"]) > 1 and self.tables["median_time"]["n"].iloc[0] >= SMALLEST_DRAWN:
            drawn["time_to_convert"] = lambda w: time_to_convert_chart(self._view(), width=w)
        if len(self.tables["destinations"]):
            drawn["destinations"] = lambda w: destinations_chart(self._view(), width=w)
        return {**drawn, **further_pictures(self)}

    def _check_titles(self) -> Mapping[str, str]:
        return CHECK_TITLES

    def _view(self) -> "FunnelView":
        """What the pictures are drawn from."""
        from cxlab.charts.funnel_view import FunnelView

        order = self.parameters["order"]
        return FunnelView(
            steps=self.table, tables=self.tables, finding=words.loss_title(self.table, order, self.counted),
            headline=self.headline, counted=self.counted.many, who=self.who, order=order, window=self.window,
            confidence=self.confidence,
        )  # fmt: skip


def journey_funnel(
    data: Any,
    *,
    steps: list[str],
    within: str | None,
    unit: str = "unit",
    event: str = "event",
    time: str = "time",
    order: Order = "ordered",
    optional: list[str] | None = None,
    step_within: dict[str, str] | None = None,
    min_gap: dict[str, str] | None = None,
    exclude: list[str] | None = None,
    on_exclusion: Literal["stop_chain", "drop_unit"] | None = None,
    reentry: Literal["latest", "first"] | None = None,
    counting: Literal["units", "attempts"] = "units",
    session: str | None = None,
    session_gap: str | None = None,
    hold: list[str] | None = None,
    ties: Literal["step_order", "strict", "row_order"] | None = None,
    tolerance: str | None = None,
    event_reuse: bool | None = None,
    repeats: Literal["tolerate", "break"] | None = None,
    anchored: list[str] | None = None,
    like: Tool | None = None,
    segment: str | None = None,
    segment_at: str = "first",
    observe_until: str | None = None,
    entry_from: str | None = None,
    entry_to: str | None = None,
    trend: Literal["day", "week", "month"] | None = None,
    goes_with: list[str] | None = None,
    look_back: str | None = None,
    landmark: str | None = None,
    exposures: list[str] | None = None,
    next_events: int | None = None,
    contact: list[str] | None = None,
    contact_within: str = "1D",
    confidence: float = 0.95,
) -> FunnelResult:
    """How far do people get through these steps, where do they stop, and what do they do instead?

    Args:
        data: one row per event: a table, a data frame or a path.
        steps: names of the events in their order; "a|b" is either event, "a where plan=team" one with that property.
        within: longest time from the first step to the last, such as "7D"; None for no limit.
        unit: column of the person (or case) an event belongs to.
        event: column of the event's name.
        time: column of the event's time.
        order: "ordered": other events may lie between; "strict": none may; "any": the order does not matter.
        optional: steps that may be skipped; the first and the last may not.
        step_within: longest time from the step before, by step, such as {"purchase": "1h"}.
        min_gap: shortest time from the step before, by step, such as {"purchase": "1min"}.
        exclude: events that nobody may do on the way, such as "refund" or "refund after cart before purchase".
        on_exclusion: "stop_chain" ends the way there, the steps before stay; "drop_unit" takes the person out of all.
        reentry: "latest": any start may lead on; "first": only the first start counts.
        counting: "units" counts each person once, "attempts" each try from a first step on.
        session: column of the visit; all steps must lie in one visit, and visits are counted.
        session_gap: the same with a visit that ends at a longer pause than this, such as "30min".
        hold: columns that must keep their value over all steps, such as the item that is bought.
        ties: events at one instant: in the order of the steps, neither follows the other, or in the order of rows.
        tolerance: how much earlier than the step before it a step may be stamped, such as "2s", where clocks differ.
        event_reuse: whether one event may serve several steps.
        repeats: in strict order: "tolerate" a repeat of the step just done, or "break" there.
        anchored: in any order: steps that come only after all steps before them, such as the first.
        like: count as this tool does; what is not chosen above is then its own.
        segment: column whose value divides people into groups.
        segment_at: when that value is taken: "first" step, "last" step reached, or a step's name.
        observe_until: until when people were seen; None means the last event in the data.
        entry_from: count only first steps from this moment on.
        entry_to: count only first steps before this moment.
        trend: compare people by the day, week or month of their first start.
        goes_with: columns whose value at the first start is compared between who finished and who did not.
        look_back: compare earlier events too, over this time before the first start, such as "7D".
        landmark: compare events soon after the start too, over this time, such as "1h"; who is done by then is out.
        exposures: names of the events that are compared; None for every event that enough people have.
        next_events: tell the ways of those who stopped, this many events long, from 1 to 5.
        contact: events that are a contact with support, such as ["ticket_opened"].
        contact_within: how long after stopping a contact counts, such as "1D".
        confidence: level of the intervals, such as 0.95.

    Returns:
        A FunnelResult. Its table has one row per segment and step: segment, step (from 1), name, n (all who reached
        it), rate with ci_low and ci_high (of those who began and whose window is over: mature_n), step_rate (of the
        step before), dropped and open (did not reach it, window over or not), median_time (seconds from the step
        before). In `tables`: destinations, time_to_convert, median_time; with groups comparison and step_differences;
        with like tools (what the known tools count); where asked trend, trend_over_cohorts, goes_with, dropped_paths,
        after_stopping and contacts.

    Raises:
        ParameterError: a choice that is none, a window without a unit, fewer than two steps.
        DataError: a column is missing or holds what it must not; none of the steps occurs; a group is called "all".

    Assumes:
        People are independent of each other; all their events up to observe_until are in the data.

    Source:
        Wilson 1927 (steps); Newcombe 1998, method 10 (differences); Holm 1979; Kaplan and Meier 1958 (time to
        convert). Counts checked against ClickHouse windowFunnel, the tests of PostHog and exhaustive search.

    Examples:
        >>> import pandas as pd
        >>> log = pd.DataFrame({
        ...     "unit": ["a", "a", "a", "b", "b", "c"],
        ...     "event": ["cart", "pay", "thanks", "cart", "help", "cart"],
        ...     "time": ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-01", "2026-05-02", "2026-05-20"],
        ... })
        >>> funnel = journey_funnel(log, steps=["cart", "pay", "thanks"], within="7D")
        >>> funnel.table[["name", "n", "dropped", "open"]].to_dict("list")
        {'name': ['cart', 'pay', 'thanks'], 'n': [3, 1, 1], 'dropped': [0, 1, 1], 'open': [0, 1, 1]}
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _refuse(given)
    table = as_table(data)
    counted = repr(
        [table.tz, table.time_format, table.missing, table.decimal, table.roles, {**given, "confidence": None}]
    )
    log, counts, elsewhere = table.engine.once(f"journey_funnel {counted}", lambda: _count(table, given))
    return _result(log, counts, elsewhere, given)


def _count(table: Table, given: dict[str, Any]) -> tuple[EventLog, Counts, pd.DataFrame | None]:
    """What is counted does not depend on the level of the intervals."""
    columns = {"unit": (given["unit"], "id"), "event": (given["event"], "text"), "time": (given["time"], "time")}
    if given["segment"] is not None:
        columns["segment"] = (given["segment"], "text?")
    log = read_events(table, columns=columns, steps=given["steps"], choices=given)
    with log.cleaned():
        counts = count_chains(log, given)
    return log, counts, None if given["like"] is None else steps_elsewhere(table, columns, log.settings)


def _refuse(given: dict[str, Any]) -> None:
    """Settings that are none, named before the data are read."""
    choose("order", given["order"], get_args(Order))
    check_confidence(given["confidence"])
    questions_of(given)
    settle(given["steps"], given)


def _result(log: EventLog, counts: Counts, elsewhere: pd.DataFrame | None, given: dict[str, Any]) -> FunnelResult:
    """Estimates, words and checks around the counts."""
    settings, confidence, order = log.settings, given["confidence"], given["order"]
    names, counted = tuple(log.steps[number - 1].name for number in settings.required), settings.counted
    groups = counts.reached["segment"].nunique()
    if log.segmented:
        refuse_total(set(counts.reached["segment"]), given["segment"])
    if groups > _MOST_SEGMENTS:
        raise DataError(
            f"`segment`: column {given['segment']!r} divides people into {groups:,} groups; expected at most "
            f"{_MOST_SEGMENTS}. Choose a column with fewer values, or put values together."
        )
    steps = step_table(counts, settings, confidence=confidence)
    curve, medians = convert_times(counts, confidence=confidence)
    tables = {"destinations": destination_table(counts, settings), "time_to_convert": curve, "median_time": medians}
    if log.segmented and groups > 1:
        tables = {**compared(counts, steps, confidence=confidence), **tables}
    if elsewhere is not None:
        tables["tools"] = elsewhere
    tables |= further_tables(counts.further, names, settings.required, confidence=confidence)
    return FunnelResult(
        analysis="journey_funnel", title="How far do people get, and where do they stop?",
        headline=words.headline(steps, order, counted), table=steps, tables=tables,
        checks=(*funnel_checks(log, steps, counts.tied, assumed_end=given["observe_until"] is None,
                              taken_out=counts.taken_out),
                *further_checks(log, counts.further, given)),
        confidence=confidence, parameters=given,
        semantics=(*semantics(log, given["segment"], confidence),
                   *further_definitions(given, groups="step_differences" in tables)),
        figures=words.figures(steps, medians, order, counted), data=log.table.note(given["time"]), status="Look here",
        scope=words.scope(log, log.steps), who=words.who(log),
        window=None if log.rules.window is None else log.rules.window / 1e6, counted=counted, log=log,
    )  # fmt: skip
