"""Why a chain ended where it did, in a sentence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from cxlab.journeys.events import EventLog
from cxlab.journeys.layers import Layers
from cxlab.journeys.rules import Chain, Rules
from cxlab.journeys.words import moment
from cxlab.wording import duration, sentence_list

__all__ = ["why_ended"]


def why_ended(log: EventLog, chain: Chain, times: Sequence[int], masks: Sequence[int], events: Sequence[str]) -> str:
    """Why did this chain end where it did?

    Args:
        log: the events of all.
        chain: the chain.
        times: times of the person's events, rising.
        masks: steps that each serves, and what it bars.
        events: their names.

    Returns:
        A sentence; where the chain may still go on, this too.
    """
    names = [log.steps[number - 1].name for number in log.settings.required]
    if chain.level == len(names):
        took = duration((max(chain.times) - min(chain.times)) / 1e6)
        return f"Reached the last step, “{names[-1]}”, {took} after the first."
    own = Layers(times, masks, log.rules)
    if chain.level == 0:
        return _never_began(log, own, names[0], events)
    if log.rules.order == "any":
        reason = f"Did {chain.level} of {len(names)} steps within one window."
    else:
        reason = _Ended(log, own, chain, events).sentence(names)
    return f"{reason} May still go on." if chain.is_open else reason


def _never_began(log: EventLog, own: Layers, name: str, events: Sequence[str]) -> str:
    rules = log.rules
    first = own.serving(1)
    if rules.order == "any" or not first:
        return "Did none of the steps." if rules.order == "any" else f"Never did the first step, “{name}”."
    if not rules.starts(own.times, own.masks):
        return f"Did “{name}” only outside the time in which starts count."
    met = [event for event, mask in enumerate(own.masks) if mask & sum({b.bit for b in rules.barriers})]
    named = sentence_list([f"“{events[event]}” at {_at(log, own.times[event])}" for event in met[:3]])
    return f"Taken out of every step: {named} lies on the way, and no chain just as long goes without it."


def _at(log: EventLog, time: int) -> str:
    return moment(time, log.table.tz).strftime("%Y-%m-%d %H:%M:%S")


class _Ended:
    """A chain that stands at a step, and the nearest event of the next."""

    def __init__(self, log: EventLog, own: Layers, chain: Chain, events: Sequence[str]) -> None:
        self.log, self.own, self.chain, self.events = log, own, chain, events
        self.start, self.last = chain.times[0], chain.times[-1]

    def sentence(self, names: Sequence[str]) -> str:
        """Why the next step was not reached."""
        level, name = self.chain.level, names[self.chain.level]
        candidates = self.own.serving(level + 1)
        stopped = f"Stopped after “{names[level - 1]}” at {_at(self.log, self.last)}: "
        if not candidates:
            return f"{stopped}never did “{name}”."
        later = [event for event in candidates if self.own.times[event] >= self.last]
        if not later:
            return f"{stopped}“{name}” was done only before, last at {_at(self.log, self.own.times[candidates[-1]])}."
        return stopped + f"“{name}” at {_at(self.log, self.own.times[later[0]])} " + self.reason(later[0]) + "."

    def reason(self, event: int) -> str:
        """What kept this event from carrying on the chain."""
        rules, time, level = self.log.rules, self.own.times[event], self.chain.level
        took, step = time - self.last, level + 1
        barrier = self.between(self.own.barred(level), until=time, inclusive=True)
        foreign = self.between(self.own.foreign(level), until=time, inclusive=False)
        if barrier:
            return f"came after {barrier}, which ends the way"
        if foreign:
            return f"came with {foreign} in between"
        limit, gap = rules.step_window(step), rules.gap(step)
        if limit is not None and took > limit:
            return self.late(took, limit, "the step before")
        if not rules.within(self.start, time):
            return self.late(time - self.start, rules.window or 0, "the start")
        if gap and took < gap:
            return f"came {duration(took / 1e6)} after the step before, sooner than {duration(gap / 1e6)}"
        return self.same_instant(rules, took)

    def late(self, took: int, limit: int, since: str) -> str:
        """How much too late."""
        over = duration((took - limit) / 1e6)
        return f"came {duration(took / 1e6)} after {since}; the limit is {duration(limit / 1e6)}, {over} too late"

    def same_instant(self, rules: Rules, took: int) -> str:
        """What is left: events at one instant, or one that is taken already."""
        if not took and rules.ties == "strict":
            return "came at the same instant, and neither follows the other"
        if not took and rules.ties == "row_order":
            return "came at the same instant, but in an earlier row"
        return "serves an earlier step already"

    def between(self, moments: Sequence[int], *, until: int, inclusive: bool) -> str:
        """The first event after the last step that stands in the way."""
        at = bisect_right(moments, self.last)
        if at == len(moments) or not (moments[at] < until or (inclusive and moments[at] == until)):
            return ""
        bits = self.log.rules.barring(self.chain.level)
        here = [
            name for name, time, mask in zip(self.events, self.own.times, self.own.masks, strict=True)
            if time == moments[at] and (not inclusive or mask & bits)
        ]  # fmt: skip
        return f"“{here[0]}” at {_at(self.log, moments[at])}"
