"""Unit and time in one number: looking back from the events of one step to those of the step before."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxlab.journeys.rules import Rules

__all__ = ["NEVER", "Keys", "Reached", "Whole"]

Whole = NDArray[np.int64]
NEVER = -(1 << 62)


class Reached(NamedTuple):
    """The events of one step with which a chain can be carried on, sorted.

    Attributes:
        key: unit and time.
        start: the latest start behind each.
        over: the latest start whose window is over at the end of the data; `NEVER` where there is none.
    """

    key: Whole
    start: Whole
    over: Whole


@dataclass(frozen=True)
class Keys:
    """How unit and time lie in one number: code of the unit times 2 ** bits, plus microseconds since `first`."""

    rules: Rules
    first: int
    bits: int

    def time(self, key: Whole) -> Whole:
        """The moments in the keys."""
        return (key & ((1 << self.bits) - 1)) + self.first

    def heads(self, key: Whole) -> NDArray[np.intp]:
        """Where in sorted keys each unit begins."""
        unit = key >> self.bits
        return np.flatnonzero(np.append(True, unit[1:] != unit[:-1])) if len(key) else np.zeros(0, np.intp)

    def begun(self, key: Whole) -> Reached:
        """The first steps that count."""
        rules, time = self.rules, self.time(key)
        inside = np.ones(len(key), bool) if rules.entry_from is None else time >= rules.entry_from
        if rules.entry_to is not None:
            inside &= time < rules.entry_to
        key, time = key[inside], time[inside]
        if rules.window is None or rules.data_end is None:
            return Reached(key, time, time)
        over = np.maximum.accumulate(np.where(time <= rules.data_end - rules.window, np.arange(len(key)), -1))
        own = (over >= 0) & (key[over] >> self.bits == key >> self.bits)
        return Reached(key, time, np.where(own, time[over], NEVER))

    def carried(self, before: Reached, key: Whole) -> Reached:
        """The events of the next step that follow one of the step before within the window."""
        side = "left" if self.rules.ties == "strict" else "right"
        place = np.searchsorted(before.key, key, side=side) - 1  # type: ignore[call-overload]
        found = place >= 0
        found[found] = before.key[place[found]] >> self.bits == key[found] >> self.bits
        key, place = key[found], place[found]
        time, start, over = self.time(key), before.start[place], before.over[place]
        if self.rules.window is None:
            return Reached(key, start, over)
        kept = time - start <= self.rules.window
        over = np.where(time - over <= self.rules.window, over, NEVER)
        return Reached(key[kept], start[kept], over[kept])

    def layers(self, steps: list[Whole]) -> list[Reached]:
        """The events of every step that chains reach."""
        found = [self.begun(steps[0])]
        for key in steps[1:]:
            found.append(self.carried(found[-1], key))
        return found
