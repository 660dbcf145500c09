"""What could make the funnel misleading."""

from collections.abc import Sequence

import pandas as pd

from cxlab.errors import nearest
from cxlab.journeys.attribution import attribution_check
from cxlab.journeys.events import EventLog
from cxlab.journeys.words import moment
from cxlab.results import SMALLEST_DRAWN, Check
from cxlab.wording import count, date, sentence_list, share

__all__ = ["funnel_checks"]

_MANY_OPEN, _FEW_UNHELD = 0.25, 0.05


def funnel_checks(
    log: EventLog, steps: pd.DataFrame, tied: int, *, assumed_end: bool, taken_out: int = 0
) -> tuple[Check, ...]:
    """Can the funnel be trusted?

    Args:
        log: the events.
        steps: the table of steps.
        tied: customers whose steps rest on events of one instant.
        assumed_end: was the end of the data taken from the data?
        taken_out: customers left out of every step because of an exclusion.

    Returns:
        The checks, those about the data first.
    """
    whole = steps[steps["segment"] == "all"]
    found = [_seen(log), _observed(log, assumed=assumed_end), _open(log, whole), _ties(log, whole, tied)]
    found += [_small(steps if log.segmented else whole, log.settings.counted.many)]
    if log.settings.choices.get("hold") or log.settings.choices.get("session"):
        found.append(_held(log))
    if log.segmented and log.settings.segment_at != 1:
        at = log.settings.segment_at or "last"
        found.append(attribution_check(at, str(log.settings.choices["segment"]), steps=len(log.steps)))
    if log.rules.drops:
        found.append(_taken_out(log, int(whole["n"].iloc[0]), taken_out))
    return tuple(found)


def _taken_out(log: EventLog, kept: int, taken_out: int) -> Check:
    """Leaving people out for what they did later raises shares, and makes groups hard to compare."""
    if not taken_out:
        return Check("on_exclusion", True, "info", "Nobody had to be left out because of an exclusion.")
    message = (
        f"{log.settings.counted.number(taken_out)} of {count(kept + taken_out)} who began are left out of every step "
        "for what they did after the start. Shares are of the others, and groups differ by who is left. With "
        "on_exclusion='stop_chain' everybody stays in."
    )
    return Check("on_exclusion", False, "warning", message)


def _held(log: EventLog) -> Check:
    """Events that belong to nothing because a value is missing."""
    if not log.unheld:
        return Check("held_constant", True, "info", f"Every event belongs to a {log.settings.counted.one}.")
    part = log.unheld / max(sum(log.seen.values()), 1)
    message = (
        f"{count(log.unheld)} events ({share(part, 1)}) have no value of what is held constant; they belong to no "
        f"{log.settings.counted.one} and are left out."
    )
    return Check("held_constant", False, "info" if part < _FEW_UNHELD else "warning", message)


def _seen(log: EventLog) -> Check:
    every = [*log.steps, *(one.step for one in log.settings.exclusions)]
    seen = log.matched or [sum(log.seen.get(name, 0) for name in step.events) for step in every]
    missing = [step for step, n in zip(every, seen, strict=True) if not n]
    if not missing:
        told = "Every step and exclusion occurs" if log.settings.exclusions else "Every step occurs"
        return Check("steps_seen", True, "info", f"{told} in the data.")
    named = sentence_list([f"“{step.name}”{_hint(step.events[0], log) if step.events else ''}" for step in missing])
    return Check("steps_seen", False, "warning", f"Never seen in the data, so counted as 0: {named}.")


def _hint(name: str, log: EventLog) -> str:
    near = nearest(name, log.seen)
    return f" (d{near[2:]})" if near else ""


def _observed(log: EventLog, *, assumed: bool) -> Check:
    until = date(moment(log.rules.data_end or log.last, log.table.tz))
    if assumed:
        message = f"Taken from the data: seen until {until}, the last event. Give observe_until if it was later."
    else:
        message = f"People were seen until {until}, as given."
    return Check("observe_until", True, "info", message)


def _open(log: EventLog, whole: pd.DataFrame) -> Check:
    entered, still = int(whole["n"].iloc[0]), int(whole["open"].iloc[-1])
    if log.rules.window is None:
        message = "No time limit was given: who might still go on counts as dropped out. Give `within` to set one."
        return Check("open_windows", False, "warning", message)
    if not still:
        return Check("open_windows", True, "info", "Everybody who began had the whole time to finish.")
    part = still / max(entered, 1)
    message = (
        f"{log.settings.counted.number(still)} ({share(part, 0)} of those who began) still have time to finish. "
        "They are not counted as dropped out; "
        f"shares are over the {count(whole['mature_n'].iloc[0])} whose time is over."
    )
    return Check("open_windows", part < _MANY_OPEN, "info" if part < _MANY_OPEN else "warning", message)


def _ties(log: EventLog, whole: pd.DataFrame, tied: int) -> Check:
    entered = max(int(whole["n"].iloc[0]), 1)
    if not tied:
        return Check("ties", True, "info", "No order had to be guessed: no two steps of a person share an instant.")
    few = tied / entered < 0.01
    message = (
        f"{log.settings.counted.number(tied)} did two steps at the same instant; their order is taken from "
        f"{'the rows' if log.rules.ties == 'row_order' else 'the steps'}. With ties='strict' they would not count."
    )
    return Check("ties", few, "info" if few else "warning", message)


def _small(steps: pd.DataFrame, many: str) -> Check:
    sizes = steps.drop_duplicates("segment").set_index("segment")["mature_n"]
    small: Sequence[str] = [str(name) for name, n in sizes.items() if n < SMALLEST_DRAWN]
    if not small:
        return Check("small_groups", True, "info", f"Every group has at least {SMALLEST_DRAWN} {many}.")
    named = sentence_list(["all" if s == "all" else f"“{s}”" for s in small[:5]])
    more = f" and {len(small) - 5} more" if len(small) > 5 else ""
    message = f"Fewer than {SMALLEST_DRAWN} {many} whose time is over: {named}{more}. Such shares say little."
    return Check("small_groups", False, "warning", message)
