"""The keys of all step events: read once as a stream, divided into batches of units that are whole."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.data import literal
from cxlab.journeys.events import EventLog
from cxlab.journeys.keys import Keys, Whole
from cxlab.journeys.parts import divided

__all__ = ["Batch", "Units", "key_batches", "number_units", "steps_named"]

_BATCH, _BITS, _SPREAD = 2_000_000, 62, 4  # events of a batch, bits of a key, whole ids for each event of a step


@dataclass(frozen=True)
class Units:
    """The units by number: their whole ids themselves, counted from the lowest, or a table of codes.

    Attributes:
        lowest: the lowest id; None where there is a table.
        number: how many numbers there are.
        bits: bits of the time.
        table: name of the table of codes.
    """

    lowest: int | None
    number: int
    bits: int
    table: str

    @property
    def code(self) -> str:
        """SQL of the number of an event's unit."""
        return "c.code" if self.lowest is None else f"(s.u - ({self.lowest}))::BIGINT"

    @property
    def joined(self) -> str:
        """SQL of what the number is looked up in."""
        return f"JOIN {self.table} c ON c.u = s.u" if self.lowest is None else ""


@dataclass(frozen=True)
class Batch:
    """Step events of some units, in no order.

    Attributes:
        keys: how unit and time lie in one number.
        lowest: number of the batch's first unit, from which the units in the keys are counted.
        key: unit and time of each event.
        step: which step it is.
    """

    keys: Keys
    lowest: int
    key: Whole
    step: NDArray[np.uint8]


def steps_named(log: EventLog, first: int = 0, last: int | None = None) -> str:
    """SQL: the names of the events of some steps.

    Args:
        log: the events.
        first: position of the first of these steps.
        last: position behind the last one; None for all that follow.
    """
    return ", ".join(literal(name) for step in log.steps[first:last] for name in step.events)


def number_units(log: EventLog) -> Units:
    """Numbers for the units that may have a chain; whole ids that lie close together are their own numbers.

    Args:
        log: the events.
    """
    engine, bits = log.table.engine, (log.last - log.first + 1).bit_length()
    if engine.rows(f"SELECT typeof(u) FROM {log.events} LIMIT 1")[0][0].endswith("INT"):
        # Of all events: a Parquet file tells that without being read.
        low, high = map(int, engine.rows(f"SELECT min(u), max(u) FROM {log.events}")[0])
        if high - low < max(_SPREAD * _events(log), _BATCH):
            return Units(low, high - low + 1, bits, "")
    distinct = f"SELECT DISTINCT u FROM {log.events} WHERE event IN ({steps_named(log, 0, 1)})"
    table = log.make("codes", f"SELECT u, (row_number() OVER () - 1)::BIGINT AS code FROM ({distinct})")
    return Units(None, engine.rows(f"SELECT count(*) FROM {table}")[0][0], bits, table)


def _events(log: EventLog) -> int:
    """How many events serve a step?"""
    return sum(log.seen.get(name, 0) for step in log.steps for name in step.events)


def key_batches(log: EventLog, units: Units) -> Iterator[Batch]:
    """The events of all steps, batch by batch; each is let go of when the next one is asked for.

    Args:
        log: the events.
        units: their numbers.

    Yields:
        Batches of about two million events, at least one.
    """
    shift = _shift(units, _events(log))
    parts = (max(units.number, 1) - 1 >> shift) + 1
    for number, found in enumerate(divided(log.table.engine, _packed(log, units, shift), parts)):
        key, step = found.get("key", np.zeros(0, np.int64)), found.get("k", np.zeros(0, np.uint8))
        yield Batch(Keys(log.rules, log.first, units.bits), number << shift, key, step)


def _shift(units: Units, events: int) -> int:
    """How many units a batch has, as a power of two: events enough, and no key longer than a whole number holds."""
    size = max(units.number * _BATCH // max(events, 1), 1)
    return max(min(size.bit_length() - 1, _BITS - units.bits), 0)


def _packed(log: EventLog, units: Units, shift: int) -> str:
    """SQL of part, key and step; a key counts the units from the first one of its part."""
    cases = " ".join(
        f"WHEN {literal(name)} THEN {number}" for number, step in enumerate(log.steps, 1) for name in step.events
    )
    inside = f"({units.code} & {(1 << shift) - 1}) << {units.bits}"
    return (
        f"SELECT ({units.code} >> {shift})::UINTEGER AS part, ({inside}) + (s.t - {log.first}) AS key, "
        f"(CASE event {cases} END)::UTINYINT AS k FROM {log.events} s {units.joined} "
        f"WHERE event IN ({steps_named(log)})"
    )
