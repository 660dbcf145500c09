"""The rules by which the events of one unit become a chain of steps; times are whole microseconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["NO_CHAIN", "Chain", "Rules"]


class Chain(NamedTuple):
    """The reported chain of one unit: its depth, the time of every step, where it began, and whether it may go on.

    Attributes:
        level: number of steps reached.
        times: one time per step reached.
        start: position of the first event among the unit's events, -1 without a chain.
        is_open: not finished, and some chain may still advance after the end of the data.
    """

    level: int
    times: tuple[int, ...]
    start: int
    is_open: bool


NO_CHAIN = Chain(0, (), -1, is_open=False)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What counts as a chain.

    Attributes:
        steps: number of steps.
        order: "ordered", "strict" (adjacent) or "any".
        ties: "step_order", "strict" or "row_order".
        tolerance: how much earlier than the step before it an event may lie.
        window: longest time from the first step to any later one; None for no limit.
        entry_from: earliest time of a first step.
        entry_to: first steps lie before this time.
        data_end: last instant in the data.
    """

    steps: int
    order: str = "ordered"
    ties: str = "step_order"
    tolerance: int = 0
    window: int | None = None
    entry_from: int | None = None
    entry_to: int | None = None
    data_end: int | None = None

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
        return [i for i, mask in enumerate(masks) if mask & serving and self.admits(times[i])]
