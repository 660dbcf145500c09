"""The rules by which the events of one unit become a chain of steps; times are whole microseconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

__all__ = ["NO_CHAIN", "Barrier", "Chain", "Rules", "SkippedStep"]


class Chain(NamedTuple):
    """The reported chain of one unit: its depth, the time of every step, where it began, and whether it may go on.

    Attributes:
        level: number of required steps reached.
        times: one time per required step reached.
        start: position of the first event among the unit's events, -1 without a chain.
        is_open: not finished, and some chain may still advance after the end of the data.
        optional: one time per optional step; None where it is not in the chain.
    """

    level: int
    times: tuple[int, ...]
    start: int
    is_open: bool
    optional: tuple[int | None, ...] = ()


NO_CHAIN = Chain(0, (), -1, is_open=False)


class Barrier(NamedTuple):
    """Events that a chain may not go past.

    Attributes:
        bit: bit of these events in the masks.
        after: from this required step on.
        before: up to this one.
    """

    bit: int
    after: int
    before: int


class SkippedStep(NamedTuple):
    """A step that may be skipped.

    Attributes:
        bit: bit of its events in the masks.
        after: the required step that it follows.
    """

    bit: int
    after: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What counts as a chain. Bit k of a mask says that an event serves required step k + 1.

    Attributes:
        steps: number of required steps.
        order: "ordered", "strict" (adjacent) or "any".
        ties: "step_order", "strict" or "row_order".
        tolerance: how much earlier than the step before it an event may lie.
        window: longest time from the first step to any later one; None for no limit.
        entry_from: earliest time of a first step.
        entry_to: first steps lie before this time.
        data_end: last instant in the data.
        step_windows: longest time from the required step before, by step; None for no limit.
        gaps: shortest time from the required step before, by step.
        first_only: does only the first start count?
        reuse: may one event serve several steps?
        breaks_at_repeat: in strict order, does a repeat of the step just done break the run?
        barriers: what a chain may not go past.
        drops: does a unit leave every step if its best chains all meet a barrier?
        optional: steps that may be skipped, in their order.
        anchored: in any order, the steps (from 1) that keep their place.
    """

    steps: int
    order: str = "ordered"
    ties: str = "step_order"
    tolerance: int = 0
    window: int | None = None
    entry_from: int | None = None
    entry_to: int | None = None
    data_end: int | None = None
    step_windows: tuple[int | None, ...] = ()
    gaps: tuple[int, ...] = ()
    first_only: bool = False
    reuse: bool = False
    breaks_at_repeat: bool = False
    barriers: tuple[Barrier, ...] = ()
    drops: bool = False
    optional: tuple[SkippedStep, ...] = ()
    anchored: frozenset[int] = frozenset()

    def admits(self, time: int) -> bool:
        """May a chain begin at this time?"""
        late_enough = self.entry_from is None or time >= self.entry_from
        return late_enough and (self.entry_to is None or time < self.entry_to)

    def within(self, start: int, time: int) -> bool:
        """Is the window of a chain begun at `start` not over at `time`?"""
        return self.window is None or time - start <= self.window

    def unfinished(self, start: int) -> bool:
        """Does the window of a chain begun at `start` reach beyond the end of the data?"""
        return self.window is not None and self.data_end is not None and start + self.window > self.data_end

    def starts(self, times: Sequence[int], masks: Sequence[int], serving: int = 1) -> list[int]:
        """Positions of the events with which a chain may begin."""
        found = [i for i, mask in enumerate(masks) if mask & serving and self.admits(times[i])]
        return [i for i in found if times[i] == times[found[0]]] if self.first_only else found

    def step_window(self, step: int) -> int | None:
        """The longest time to this step from the one before; None for no limit."""
        return self.step_windows[step - 1] if self.step_windows else None

    def gap(self, step: int) -> int:
        """The shortest time to this step from the one before."""
        return self.gaps[step - 1] if self.gaps else 0

    def in_time(self, step: int, earlier: int, later: int) -> bool:
        """Does a step at `later` keep its own window and gap after a step at `earlier`?"""
        longest, shortest = self.step_window(step), self.gap(step)
        return (longest is None or later - earlier <= longest) and (not shortest or later - earlier >= shortest)

    def barring(self, depth: int) -> int:
        """Bits of the events that a chain standing at this step may not go past."""
        return sum({barrier.bit for barrier in self.barriers if barrier.after <= depth < barrier.before})

    @cached_property
    def required_bits(self) -> int:
        """Bits of all required steps."""
        return (1 << self.steps) - 1

    @cached_property
    def plain(self) -> bool:
        """Does the latest start alone decide what can follow? So it does with nothing but one window."""
        return not (
            self.tolerance or self.first_only or self.reuse or self.barriers or self.optional
            or any(self.gaps) or any(limit is not None for limit in self.step_windows)
        )  # fmt: skip

    @cached_property
    def past_barriers(self) -> "Rules":
        """The same rules without barriers."""
        return replace(self, barriers=(), drops=False)
