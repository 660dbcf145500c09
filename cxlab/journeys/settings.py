"""The settings of a funnel, checked and turned into the rules that its chains follow."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from cxlab.data import parse_duration
from cxlab.errors import ParameterError
from cxlab.journeys.counted import PEOPLE, Counted
from cxlab.journeys.known_tools import resolved
from cxlab.journeys.rules import Barrier, Rules, SkippedStep
from cxlab.journeys.steps import Step, parse_step, parse_steps, step_number

__all__ = ["Exclusion", "Settings", "settle", "ticks"]


class Exclusion(NamedTuple):
    """Events that a chain may not go past.

    Attributes:
        step: which events.
        after: from this step on, counted as the user does.
        before: up to this one.
    """

    step: Step
    after: int
    before: int


@dataclass(frozen=True)
class Settings:
    """What was asked, resolved.

    Attributes:
        steps: all steps.
        optional: numbers of the steps that may be skipped.
        exclusions: events that a chain may not go past.
        choices: every other argument, with the choices filled in.
        numbered: step -> longest time from the step before, step -> shortest, in microseconds.
        segment_at: number of the step that decides on a person's group; 1 is the start, 0 the last one reached.
    """

    steps: tuple[Step, ...]
    optional: frozenset[int]
    exclusions: tuple[Exclusion, ...]
    choices: Mapping[str, Any]
    numbered: tuple[Mapping[int, int], Mapping[int, int]]
    anchored: frozenset[int]
    segment_at: int

    @property
    def required(self) -> tuple[int, ...]:
        """Numbers of the steps that may not be skipped."""
        return tuple(number for number in range(1, len(self.steps) + 1) if number not in self.optional)

    @property
    def clustered(self) -> bool:
        """Can a person count more than once?"""
        several = self.choices.get("counting") == "attempts" or self.choices.get("session")
        return bool(several or self.choices.get("hold") or self.choices.get("session_gap"))

    @property
    def counted(self) -> Counted:
        """What is counted, in words."""
        c = self.choices
        if c.get("counting") == "attempts":
            return Counted("attempt", "attempts")
        if c.get("session") or c.get("session_gap"):
            return Counted("visit", "visits")
        return Counted("case", "cases") if c.get("hold") else PEOPLE

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the properties that steps and exclusions ask for."""
        every = [*self.steps, *(exclusion.step for exclusion in self.exclusions)]
        return tuple(dict.fromkeys(one.column for step in every for one in step.where))

    def rules(self, **limits: int | None) -> Rules:
        """The rules in required steps and bits: required steps first, then optional ones, then exclusions."""
        c, place = self.choices, {number: k for k, number in enumerate(self.required, 1)}
        longest, shortest = self.numbered
        windows = tuple(longest.get(number) for number in self.required)
        first = len(self.required)
        skipped = [
            SkippedStep(1 << (first + k), max(place[n] for n in self.required if n < number))
            for k, number in enumerate(sorted(self.optional))
        ]
        barriers = [
            Barrier(1 << (len(self.steps) + k), place[one.after], place[one.before])
            for k, one in enumerate(self.exclusions)
        ]
        return Rules(
            steps=first, order=c["order"], ties=c["ties"], tolerance=ticks(c["tolerance"], "tolerance") or 0,
            window=self._window(windows), step_windows=windows if longest else (),
            gaps=tuple(shortest.get(number, 0) for number in self.required) if shortest else (),
            first_only=c["reentry"] == "first", reuse=c["event_reuse"], breaks_at_repeat=c["repeats"] == "break",
            drops=c["on_exclusion"] == "drop_unit" and bool(barriers), barriers=tuple(barriers),
            optional=tuple(skipped), anchored=self.anchored, **limits,
        )  # fmt: skip

    def _window(self, windows: Sequence[int | None]) -> int | None:
        """The window as given; where every step has one of its own these bound the whole."""
        own = [window for window in windows[1:] if window is not None]
        bound = sum(own) if len(own) == len(windows) - 1 else None
        given = ticks(self.choices["within"], "within")
        return bound if given is None else given if bound is None else min(given, bound)


def ticks(duration: str | None, argument: str) -> int | None:
    """A length of time in microseconds; None stays."""
    return None if duration is None else int(parse_duration(duration, argument=argument) / pd.Timedelta(1, "us"))


def settle(steps: object, choices: Mapping[str, Any], seen: Collection[str] = ()) -> Settings:
    """Check the settings and say what they mean.

    Args:
        steps: the steps as the user gave them.
        choices: the other arguments by name.
        seen: names of events in the data.

    Raises:
        ParameterError: a setting is not one, names a step that is not there, or does not go with another.
    """
    choices = resolved({"order": "ordered", **choices, "steps": steps})
    parsed = parse_steps(steps, seen)
    given: Sequence[object] = list(steps)  # type: ignore[call-overload]

    def number(reference: object, argument: str) -> int:
        return step_number(reference, given, parsed, argument=argument)

    optional = frozenset(number(one, "optional") for one in choices.get("optional") or ())
    numbered = tuple(
        {number(name, role): ticks(length, role) or 0 for name, length in (choices.get(role) or {}).items()}
        for role in ("step_within", "min_gap")
    )
    exclusions = tuple(_exclusion(text, seen, given, parsed) for text in choices.get("exclude") or ())
    anchored = frozenset(number(one, "anchored") for one in choices.get("anchored") or ())
    at = choices.get("segment_at") or "first"
    segment_at = {"first": 1, "last": 0}.get(at) if at not in given else None
    found = Settings(
        parsed, optional, exclusions, choices, (numbered[0], numbered[1]), anchored,
        number(at, "segment_at") if segment_at is None else segment_at,
    )  # fmt: skip
    _refuse(found)
    return found


def _exclusion(text: object, seen: Collection[str], given: Sequence[object], steps: Sequence[Step]) -> Exclusion:
    """Which events, after and before which step?"""
    called, after, before = str(text), 1, len(steps)
    if called not in seen and (found := re.fullmatch(r"(.+) before (.+)", called)):
        called, before = found[1], step_number(found[2].strip(), given, steps, argument="exclude")
    if called not in seen and (found := re.fullmatch(r"(.+) after (.+)", called)):
        called, after = found[1], step_number(found[2].strip(), given, steps, argument="exclude")
    if after >= before:
        raise ParameterError(
            f"`exclude` holds {text!r}: step {after} does not come before step {before}. Write it as "
            "'refund after cart before payment'."
        )
    return Exclusion(parse_step(called, seen, argument="exclude"), after, before)


def _refuse(settings: Settings) -> None:
    """Settings that do not go together, each with what to do."""
    c, last = settings.choices, len(settings.steps)
    attempts = c.get("counting") == "attempts"
    ordered, away = c["order"] == "ordered", "; leave one of the two out."
    whole = all((one.after, one.before) == (1, last) for one in settings.exclusions)
    edges = settings.optional & {1, last}
    bounds = {number for one in settings.exclusions for number in (one.after, one.before)}
    drops = c["on_exclusion"] == "drop_unit" and settings.exclusions
    faults = [
        (c["tolerance"] is not None and c["ties"] != "step_order",
         f"`tolerance` goes with ties='step_order', not with ties={c['ties']!r}{away}"),
        (c["event_reuse"] and (c["ties"] != "step_order" or c["tolerance"] is not None),
         f"`event_reuse` goes with ties='step_order' and no tolerance{away}"),
        (bool(edges), "`optional` names the first or the last step, which cannot be skipped; name steps between."),
        (settings.optional and not ordered, f"`optional` goes with order='ordered', not with {c['order']!r}{away}"),
        (bool(settings.optional & bounds), "`exclude` begins or ends at an optional step; name a required one."),
        (any(number in settings.optional or number == 1 for numbers in settings.numbered for number in numbers),
         "`step_within` and `min_gap` run from one required step to the next; name one that is not the first."),
        (c["order"] == "any" and any(settings.numbered),
         f"`step_within` and `min_gap` go with steps in an order, not with order='any'{away}"),
        (c["order"] == "any" and not whole,
         "In any order `exclude` counts over the whole way; leave out after and before."),
        (c["order"] == "any" and bool(drops), "In any order an exclusion ends the chain; leave `on_exclusion` out."),
        (settings.anchored and c["order"] != "any", f"`anchored` goes with order='any', not with {c['order']!r}{away}"),
        (attempts and c["order"] == "any", f"counting='attempts' does not go with order='any'{away}"),
        (attempts and bool(drops), f"counting='attempts' does not go with on_exclusion='drop_unit'{away}"),
        (bool(c.get("session")) and c.get("session_gap") is not None,
         f"`session` and `session_gap` both say what a visit is{away}"),
        (settings.segment_at in settings.optional, "`segment_at` names an optional step; name a required one."),
    ]  # fmt: skip
    for wrong, message in faults:
        if wrong:
            raise ParameterError(message)
    _refuse_gaps(settings)


def _refuse_gaps(settings: Settings) -> None:
    """A gap longer than the window that it lies in can never be kept."""
    longest, shortest = settings.numbered
    window = ticks(settings.choices["within"], "within")
    for number, gap in shortest.items():
        limit = min((one for one in (longest.get(number), window) if one is not None), default=None)
        if limit is not None and gap > limit:
            raise ParameterError(f"`min_gap` of step {number} is longer than its window; nobody could keep both.")
