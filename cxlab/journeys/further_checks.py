"""What could make the answers to further questions misleading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.errors import nearest
from cxlab.journeys.counted import PEOPLE
from cxlab.journeys.questions import questions_of
from cxlab.results import SMALLEST_DRAWN, Check
from cxlab.stats.share_trends import FEWEST
from cxlab.wording import count, duration, sentence_list, share

if TYPE_CHECKING:
    from cxlab.journeys.events import EventLog

__all__ = ["further_checks"]

_MANY = 0.25


def further_checks(log: EventLog, counts: Mapping[str, pd.DataFrame], given: Mapping[str, Any]) -> tuple[Check, ...]:
    """Can the answers be trusted?

    Args:
        log: the events.
        counts: what was counted.
        given: the settings of the analysis.

    Returns:
        The checks of what was asked.
    """
    asked, found = questions_of(given), []
    if asked.trend is not None:
        found.append(_periods(counts["trend"], asked.trend))
    if asked.correlates:
        found.append(_compared(counts["goes_with"]))
    if asked.look_back is not None:
        found.append(_early(counts["early"], asked.look_back))
    if asked.exposures is not None:
        found.append(_seen("exposures_seen", asked.exposures, log))
    if asked.contact:
        found.append(_seen("contact_seen", asked.contact, log))
    return tuple(found)


def _periods(counts: pd.DataFrame, period: str) -> Check:
    """Are there enough whole periods for a line?"""
    whole = int(((counts["state"] == "complete") & (counts["n"] > 0)).sum())
    partial = int((counts["state"] == "partial").sum())
    told = f"{count(whole)} whole {period}{'' if whole == 1 else 's'} of first starts"
    apart = f"; {count(partial)} more {'is' if partial == 1 else 'are'} partial and left out of the line"
    if whole < FEWEST:
        message = f"{told}: too few to say whether the share rises or falls; {FEWEST} are needed."
        return Check("trend_periods", True, "info", message)
    return Check("trend_periods", True, "info", f"The line goes through {told}{apart if partial else ''}.")


def _compared(counts: pd.DataFrame) -> Check:
    enough = (counts["n"] >= SMALLEST_DRAWN) & (counts["control_n"] >= SMALLEST_DRAWN)
    left = int((~enough).sum())
    out = f" {count(left)} were not: fewer than {SMALLEST_DRAWN} people had them, or had them not." if left else ""
    if not enough.any():
        return Check("goes_with", False, "warning", f"Nothing could be compared.{out}")
    message = (
        f"{count(int(enough.sum()))} values and events were compared.{out} What goes together need not be a cause."
    )
    return Check("goes_with", True, "info", message)


def _early(counts: pd.DataFrame, look_back: int) -> Check:
    n, early = (int(counts[name].iloc[0]) for name in ("n", "early"))
    if not early:
        return Check("look_back", True, "info", f"Everybody was seen for {duration(look_back / 1e6)} before the start.")
    part = early / max(n, 1)
    message = (
        f"{PEOPLE.number(early)} ({share(part, 0)}) began less than {duration(look_back / 1e6)} after the data begin; "
        "they are not in the comparison of earlier events."
    )
    return Check("look_back", part < _MANY, "info" if part < _MANY else "warning", message)


def _seen(name: str, events: Sequence[str], log: EventLog) -> Check:
    missing = [event for event in events if event not in log.seen]
    if not missing:
        return Check(name, True, "info", "Every event that was named occurs in the data.")
    named = sentence_list([f"“{event}”{_hint(event, log)}" for event in missing])
    return Check(name, False, "warning", f"Never seen in the data: {named}.")


def _hint(event: str, log: EventLog) -> str:
    near = nearest(event, log.seen)
    return f" (d{near[2:]})" if near else ""
