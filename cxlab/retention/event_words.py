"""How an event goes together with leaving, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import Figure
from cxlab.wording import count, interval, number, sentence_list, share

if TYPE_CHECKING:
    from cxlab.retention.event_estimates import EventEstimates
    from cxlab.retention.spells import Spells

__all__ = [
    "STRICT",
    "adjusted",
    "days_since",
    "event_definitions",
    "event_figures",
    "event_headline",
    "event_question",
    "reading",
    "told_ratio",
]

STRICT = 0.01  # below it, a test of the model says so


def event_question(given: dict[str, Any]) -> str:
    """The question as a page's title."""
    return f"Do customers leave sooner or later after {given['label']}?"


def reading(row: pd.Series) -> str:
    """Do they leave sooner or later, beyond chance?"""
    if row["ci_low"] > 1:
        return "Leave sooner"
    return "Leave later" if row["ci_high"] < 1 else "Undecided"


def _times(value: float | None) -> str:
    return number(value, 2)


def told_ratio(row: Any) -> str:
    """A ratio with its interval, such as "1.50 (1.28 to 1.75)".

    Args:
        row: estimate, ci_low and ci_high.

    Returns:
        Text; the number alone where there is no interval.
    """
    if pd.isna(row["ci_low"]):
        return _times(float(row["estimate"]))
    return f"{_times(float(row['estimate']))} ({interval(float(row['ci_low']), float(row['ci_high']), _times)})"


def adjusted(given: dict[str, Any], *, before: str = ", with the same ") -> str:
    """What was held constant, in words."""
    names = [name.replace("_", " ") for name in given["covariates"] or []]
    return f"{before}{sentence_list(names)}" if names else ""


def event_headline(found: EventEstimates, given: dict[str, Any]) -> str:
    """How many times as often customers leave after it, against whom, and what that is not."""
    row = found.table.iloc[0]
    level = f"{100 * given['confidence']:g}% interval"
    span = interval(float(row["ci_low"]), float(row["ci_high"]), _times)
    label = given["label"]
    if given["method"] == "landmark":
        day = count(row["landmark"])
        who = f"Of customers still here on day {day}, those who had had {label} by then left afterwards"
        against = f"{_times(row['estimate'])} times as often as the others"
    else:
        who = f"After {label} customers left"
        against = f"{_times(row['estimate'])} times as often as customers of the same age without it"
    told = f"{who} {against}{adjusted(given)} ({level} {span})."
    meaning = f"{_meaning(row)}{_moving(found) if given['method'] == 'time-varying' else ''}."
    return f"{told} {meaning} The two go together; this does not show that one brings about the other."


def _meaning(row: pd.Series) -> str:
    """What the interval says, for readers of few words."""
    word = reading(row)
    if word != "Undecided":
        return f"They {word.lower()}"
    less, more = share(max(1 - row["ci_low"], 0), 0), share(max(row["ci_high"] - 1, 0), 0)
    return f"Undecided: between {less} less and {more} more often is possible"


def _moving(found: EventEstimates) -> str:
    """How the ratio changes with the days since the event, where chance does not explain it."""
    rows = found.since.dropna(subset=["estimate"])
    if not found.moves < STRICT:
        return ""
    first, last = rows.iloc[0], rows.iloc[-1]
    early = f"{_times(first['estimate'])} times as often on days {days_since(first)} after it"
    return f": {early}, {_times(last['estimate'])} times on days {days_since(last)}"


def days_since(row: Any) -> str:
    """A band of days since the event, such as "1 to 30".

    Args:
        row: from_day and to_day.

    Returns:
        Text.
    """
    begin = count(row["from_day"] + 1)
    return f"from {begin} on" if pd.isna(row["to_day"]) else f"{begin} to {count(row['to_day'])}"


def event_figures(row: pd.Series, found: EventEstimates, given: dict[str, Any]) -> tuple[Figure, ...]:
    """The three numbers under the headline."""
    level = f"{100 * given['confidence']:g}% interval"
    span = interval(float(row["ci_low"]), float(row["ci_high"]), _times)
    before, after = found.rates.to_dict("records")
    return (
        Figure(f"{_times(row['estimate'])} times",
               f"as often do customers leave after {given['label']}, {span} ({level})"),
        Figure(f"{number(100 * after['estimate'], 1)} of 100",
               f"customers leave in 30 days after it, {number(100 * before['estimate'], 1)} before or without it; "
               "nothing held constant"),
        Figure(f"{count(row['exposed'])} of {count(row['n'])}", f"customers had {given['label']} while they were here"),
    )  # fmt: skip


def event_definitions(spells: Spells, given: dict[str, Any]) -> tuple[str, ...]:
    """Every definition, in words."""
    days = " All times count by their day, as ends are written so." if spells.whole_days else ""
    listed = sentence_list([count(day) for day in given["landmarks"]])
    return (
        f"Ratio (hazard ratio): how many times as often customers leave who have had {given['label']}, against "
        "customers of the same age who have not had it yet; above 1 they leave sooner.",
        "Time-varying: each customer counts as without the event until it comes and as with it from then on. An event "
        f"in the moment of leaving counts as none.{days}",
        f"Landmark: of customers still here {listed} days after their start, those who had had the event by then "
        "against the others; time counts from that day on. Events that come later make the two more alike, so that the "
        "ratio lies nearer to 1.",
        f"Held constant: {adjusted(given, before='') or 'nothing'}. Numbers enter in steps of their standard "
        "deviation, groups against the largest one; groups in which fewer than 5 left are put together.",
        f"Intervals ({100 * given['confidence']:g}%): Cox regression with Efron's ties"
        + (", robust where a customer stands in several rows." if spells.repeats else "."),
    )  # fmt: skip
