"""Friction in plain words: headline, numbers, definitions, checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlab.data import ALL
from cxlab.journeys.friction_channels import ANY_EVENT
from cxlab.journeys.path_log import PathLog
from cxlab.journeys.path_words import place_name
from cxlab.journeys.words import moment
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, Check, Figure
from cxlab.wording import count, date, duration, frequency, interval, number, sentence_list, share

__all__ = [
    "CHECK_TITLES", "SIGNAL_NAMES", "SIGNS", "Friction", "friction_checks", "friction_definitions", "friction_figures",
    "friction_headline", "friction_scope", "friction_who",
]  # fmt: skip

CHECK_TITLES = {"rare_events": "Rare events", "no_errors": "Errors"}
SIGNAL_NAMES = {
    "repeated": "do it again and again", "back_and_forth": "go back and forth", "error": "meet an error",
    "error_again": "try again after an error", "long_wait": "wait unusually long",
}  # fmt: skip
SIGNS = {
    "repeated": "again and again", "back_and_forth": "back and forth", "error": "an error",
    "error_again": "again after an error", "long_wait": "a long wait",
}  # fmt: skip


@dataclass(frozen=True)
class Friction:
    """Everything that words are made of."""

    log: PathLog
    sizes: pd.DataFrame
    signals: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    given: Mapping[str, Any]

    @property
    def people(self) -> int:
        """How many people were seen."""
        return int(self.sizes["people"].sum())

    @property
    def paths(self) -> int:
        """How many paths they took."""
        return int(self.sizes["m"].sum())

    @property
    def what(self) -> str:
        """What a path is called."""
        return "visits" if self.given["session"] or self.given["session_gap"] else "paths"

    @property
    def worst(self) -> pd.Series | None:
        """The sign that most people of an event show; long waits are the longest ones by their definition."""
        rows = self.signals[(self.signals["segment"] == ALL) & (self.signals["signal"] != "long_wait")]
        rows = rows[(rows["n"] >= SMALLEST_DRAWN) & (rows["found"] >= SMALLEST_GROUP)]
        return None if rows.empty else rows.loc[rows["rate"].idxmax()]

    @property
    def costly(self) -> pd.Series | None:
        """The surest sign that goes together with not reaching the goal."""
        rows = self.tables.get("goal", pd.DataFrame(columns=["ci_low", "p_adjusted"]))
        rows = rows[(rows["ci_low"] > 1) & (rows["p_adjusted"] < 1 - self.given["confidence"])]
        return None if rows.empty else rows.iloc[0]

    def over_all(self, name: str, measure: str) -> pd.Series | None:
        """The row over everybody and all events of a table by event."""
        rows = self.tables.get(name, pd.DataFrame(columns=["segment", "event", "measure", "n"]))
        rows = rows[(rows["segment"] == ALL) & (rows["event"] == ANY_EVENT) & (rows["measure"] == measure)]
        return None if rows.empty or rows["n"].iloc[0] < SMALLEST_DRAWN else rows.iloc[0]


def _whole(value: float | None) -> str:
    return share(value, 0)


def friction_headline(told: Friction) -> str:
    """The answer in a few sentences."""
    if told.people < SMALLEST_GROUP:
        return f"Fewer than {SMALLEST_GROUP} people were seen."
    parts = [_worst(told), _costly(told), _asked(told) or _switched(told)]
    return " ".join(part for part in parts if part) or "No event shows signs of struggle in five people or more."


def _worst(told: Friction) -> str:
    row = told.worst
    if row is None:
        return ""
    ends = interval(row["ci_low"], row["ci_high"], _whole)
    return f"{frequency(row['rate'])} people with {place_name(row['event'])} {SIGNAL_NAMES[row['signal']]} ({ends})."


def _costly(told: Friction) -> str:
    row = told.costly
    if row is None:
        return ""
    return (
        f"Of those who {SIGNAL_NAMES[row['signal']]} at {place_name(row['event'])}, {_whole(row['lost_rate'])} do not "
        f"reach {place_name(told.given['goal'])}; of the others {_whole(row['control_lost_rate'])}."
    )


def _asked(told: Friction) -> str:
    row = told.over_all("contacts", "people")
    if row is None:
        return ""
    ends = interval(row["ci_low"], row["ci_high"], _whole)
    wait = told.given["contact_within"]
    return f"{frequency(row['rate'])} who try it themselves ask for help within {_span_text(wait)} ({ends})."


def _switched(told: Friction) -> str:
    row = told.over_all("switches", "people")
    if row is None:
        return ""
    return f"{frequency(row['rate'])} people change the channel ({interval(row['ci_low'], row['ci_high'], _whole)})."


def _span_text(text: str) -> str:
    return duration(pd.Timedelta(text).total_seconds())


def friction_figures(told: Friction) -> tuple[Figure, ...]:
    """The three numbers under the answer."""
    found = [Figure(count(told.paths), f"{told.what} of {count(told.people)} people")]
    if told.people < SMALLEST_GROUP:
        return tuple(found)
    row = told.worst
    if row is not None:
        found.append(
            Figure(_whole(row["rate"]), f"of people with {place_name(row['event'])} {SIGNAL_NAMES[row['signal']]}")
        )
    asked, switched = told.over_all("contacts", "people"), told.over_all("switches", "people")
    if asked is not None:
        found.append(Figure(_whole(asked["rate"]), "of those who try it themselves ask for help soon after"))
    elif switched is not None:
        found.append(Figure(_whole(switched["rate"]), "of people change the channel"))
    elif told.costly is not None:
        odds = number(told.costly["odds_ratio"], 1)
        found.append(
            Figure(f"× {odds}", f"odds of not reaching {place_name(told.given['goal'])} with the costliest sign")
        )
    return tuple(found[:3])


def _period(log: PathLog) -> str:
    first, last = (date(moment(at, log.table.tz)) for at in (log.first, log.until))
    return first if first == last else f"{first} to {last}"


def friction_scope(told: Friction) -> str:
    """How much was read."""
    return f"{count(told.paths)} {told.what} of {count(told.people)} people, {_period(told.log)}"


def friction_who(told: Friction) -> str:
    """Whose paths, and when: the line under each picture."""
    return f"{friction_scope(told)}."


def friction_checks(told: Friction) -> tuple[Check, ...]:
    """Can this be trusted?

    Args:
        told: everything that was found.

    Returns:
        The checks.
    """
    until = date(moment(told.log.until, told.log.table.tz))
    named = told.given["observe_until"] is not None
    seen = f"People were seen until {until}, as given." if named else (
        f"Taken from the data: seen until {until}, the last event. Give observe_until if it was later."
    )  # fmt: skip
    return (Check("observe_until", True, "info", seen), _errors(told), _rare(told), _small(told))


def _errors(told: Friction) -> Check:
    if told.given["errors"]:
        named = sentence_list([place_name(name) for name in told.given["errors"]])
        return Check("no_errors", True, "info", f"Errors are: {named}.")
    return Check(
        "no_errors", True, "info", "No event was named as an error; name them with `errors` to see what they cost."
    )


def _rare(told: Friction) -> Check:
    if not told.log.folded:
        return Check("rare_events", True, "info", "Every kind of event is told by its name.")
    message = f"{count(told.log.folded)} rarer kinds of events are not told by name; `top` tells more."
    return Check("rare_events", True, "info", message)


def _small(told: Friction) -> Check:
    small = sorted(str(one.segment) for one in told.sizes.itertuples() if int(str(one.people)) < SMALLEST_DRAWN)
    if not small:
        return Check("small_groups", True, "info", f"Every group has at least {SMALLEST_DRAWN} people.")
    names = sentence_list(["all" if one == ALL else f"“{one}”" for one in small[:5]])
    more = f" and {len(small) - 5} more" if len(small) > 5 else ""
    text = f"Fewer than {SMALLEST_DRAWN} people: {names}{more}. Such shares say little."
    return Check("small_groups", False, "warning", text)


def friction_definitions(told: Friction) -> tuple[str, ...]:
    """Every choice that changes the numbers, in sentences."""
    given, level = told.given, share(told.given["confidence"], 0)
    span, times = _span_text(given["within"]), given["times"]
    lines = [
        "Events stand in the order of their times, those of one instant in the order of their names.",
        f"Again and again: the same event {times} times or more within {span} on one path.",
        f"Back and forth: two events in turn, each twice, within {span}.",
        f"A long wait: longer than {share(given['dwell'], 0)} of all waits after the same event, so it is rare by "
        "definition.",
        f"Shares are of all people with the event. Intervals, {level}: Wilson.",
    ]
    if given["errors"]:
        named = sentence_list([place_name(name) for name in given["errors"]])
        lines.append(
            f"An error belongs to the event right before it ({named}); tried again: the same event once more within "
            f"{span}."
        )
    return (*lines, *_goal_lines(told, level), *_channel_lines(told), *_group_lines(told))


def _goal_lines(told: Friction, level: str) -> list[str]:
    if told.given["goal"] is None:
        return []
    return [
        "The goal: each person's first meeting with an event, and whether they struggled right after it, before the "
        "goal. "
        f"For repeats: with their next {told.given['times'] - 1} events, for back and forth with their next 3; both of "
        "those who are still under way then. An error: whether the next event is one, of all. A long wait: of those "
        "who "
        "went on."
        "Struggling and missing the goal go together; one need not be the cause of the other. Odds ratios by Woolf, "
        f"{level}; p-values adjusted by Benjamini and Hochberg.",
    ]


def _channel_lines(told: Friction) -> list[str]:
    given, lines = told.given, []
    if given["channel"] is not None:
        lines.append(
            f"Channel: the column “{given['channel']}”. A change is a move to an event in another channel on the "
            "same path; "
            "a stay is all that is done in one channel before the next one, the goal or the end."
        )
    if given["contacts"]:
        lines.append(
            f"Asking for help: {sentence_list([f'“{name}”' for name in given['contacts']])} within "
            f"{_span_text(given['contact_within'])} after an event that is none; events whose time was not over are "
            "left out."
        )
    return lines


def _group_lines(told: Friction) -> list[str]:
    if told.given["segment"] is None:
        return []
    return [
        f"Groups: the value of “{told.given['segment']}” at a person's first event. Differences against the largest "
        "group, "
        "Newcombe; p-values adjusted by Benjamini and Hochberg over all rows of a table."
    ]
