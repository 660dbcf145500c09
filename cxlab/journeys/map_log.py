"""The journey map as it is read: events of the stages, chains of people through them, and answers beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cxlab.data import NOT_GIVEN, Table, literal
from cxlab.errors import ParameterError, choose
from cxlab.journeys.events import EventLog, event_rows, read_events, seen_events, ticks
from cxlab.journeys.stages import Stage, parse_goal, parse_stages, refuse_empty_journey

__all__ = ["FOLDS", "MapLog", "map_log"]

FOLDS = 40  # random groups of people, from which the interval of the pain index is told


@dataclass(frozen=True)
class MapLog:
    """Events ready for counting.

    Attributes:
        table: the source.
        chain: the log of the stages that all pass, and of the goal after them.
        stages: the stages.
        goal: events that end the journey well.
        touched: temporary table of the events of stages: u (text), fold, t (microseconds), k (stage from 1), event,
            channel.
        linked: longest time from a stage's event to what belongs to it, in microseconds.
        again: longest time until the same again, in microseconds.
        late: for each stage the time that going on should take, in microseconds; None where none is given.
        channelled: is there a column of channels?
        until: last instant that counts, as given, in microseconds; None where the data end it.
    """

    table: Table
    chain: EventLog
    stages: tuple[Stage, ...]
    goal: tuple[str, ...]
    touched: str
    linked: int
    again: int
    late: tuple[int | None, ...]
    channelled: bool
    until: int | None

    def passed(self, place: int) -> int:
        """How many stages that all pass lie up to this one: the step of the chain that it stands at or after."""
        return sum(not stage.optional for stage in self.stages[: place + 1])

    def ends(self, place: int) -> bool:
        """Is there nothing to go on to from here?"""
        return self.passed(place) == self.chain.rules.steps

    @property
    def names(self) -> tuple[str, ...]:
        """The stages in words."""
        return tuple(stage.name for stage in self.stages)


@contextmanager
def map_log(table: Table, given: Mapping[str, Any]) -> Iterator[MapLog]:
    """Read the events; what was kept in the engine is dropped at the end.

    Args:
        table: the source.
        given: the arguments of `journey_map`.

    Yields:
        The log.

    Raises:
        ParameterError: a setting is not one.
        DataError: a column is missing or holds what it must not; nobody begins.
    """
    columns = {"unit": (given["unit"], "id"), "event": (given["event"], "text"), "time": (given["time"], "time")}
    parse_goal(given["goal"], parse_stages(given["stages"], given["optional"]))
    linked, again = (ticks(given[name], name) or 0 for name in ("linked_within", "again_within"))
    chain, stages, goal = _chain(table, columns, given)
    with chain.cleaned():
        if given["channel"] is not None:
            columns["segment"] = (given["channel"], "text?")
        rows = event_rows(table, columns, "step_order", chain.rules.data_end)
        touched = chain.make("touched", _touched(rows, stages, given["channel"] is not None))
        yield MapLog(
            table, chain, stages, goal, touched, linked, again, _late(stages, given["time_targets"]),
            given["channel"] is not None, None if given["observe_until"] is None else chain.rules.data_end,
        )  # fmt: skip


def _chain(
    table: Table, columns: Mapping[str, tuple[str, str]], given: Mapping[str, Any]
) -> tuple[EventLog, tuple[Stage, ...], tuple[str, ...]]:
    """The log of the stages that all pass, and of the goal."""
    choices = {
        "within": given["within"], "observe_until": given["observe_until"], "order": "ordered", "ties": "step_order",
        "tolerance": None, "entry_from": None, "entry_to": None,
    }  # fmt: skip
    seen, _, _ = seen_events(table, event_rows(table, columns, "step_order", None))
    stages = parse_stages(given["stages"], given["optional"], seen)
    goal = parse_goal(given["goal"], stages, seen)
    refuse_empty_journey(stages, seen)
    steps = [list(stage.events) for stage in stages if not stage.optional] + ([list(goal)] if goal else [])
    return read_events(table, columns=columns, steps=steps, choices=choices), stages, goal


def _late(stages: tuple[Stage, ...], targets: Mapping[str, str] | None) -> tuple[int | None, ...]:
    names = [stage.name for stage in stages]
    given = {choose("time_targets", name, names): ticks(text, "time_targets") for name, text in (targets or {}).items()}
    if any(not length for length in given.values()):
        raise ParameterError(f"`time_targets` is {targets!r}; expected times above 0, such as {{'{names[0]}': '3D'}}.")
    return tuple(given.get(name) for name in names)


def _touched(rows: str, stages: tuple[Stage, ...], channelled: bool) -> str:
    """The events of all stages; ids as text, as answers may have them."""
    cases = " ".join(
        f"WHEN {literal(event)} THEN {number}" for number, stage in enumerate(stages, 1) for event in stage.events
    )
    names = ", ".join(literal(event) for stage in stages for event in stage.events)
    channel = f"CASE WHEN segment = {literal(NOT_GIVEN)} THEN NULL ELSE segment END" if channelled else "NULL::VARCHAR"
    return (
        f"SELECT u::VARCHAR AS u, (hash(u::VARCHAR) % {FOLDS})::UTINYINT AS fold, t, "
        f"(CASE event {cases} END)::UTINYINT AS k, event, {channel} AS channel FROM {rows} WHERE event IN ({names})"
    )
