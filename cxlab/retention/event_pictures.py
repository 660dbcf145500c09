"""From the effect of an event to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.hazard_ratios import hazard_ratio_forest
from cxlab.charts.score_rows import Frame
from cxlab.charts.survival import survival_curves
from cxlab.charts.theme import is_narrow
from cxlab.results import SMALLEST_DRAWN, publishable
from cxlab.retention.event_display import way_named
from cxlab.retention.event_words import adjusted, days_since, reading, told_ratio
from cxlab.wording import count, number, share

if TYPE_CHECKING:
    from cxlab.retention.event_effects import EventResult

__all__ = ["event_pictures"]

_KINDS = {"Leave sooner": "bad", "Leave later": "good", "Undecided": "open"}
_LEAVE, _SIDES = "Times as often customers leave", "; left of 1 they leave later, right of it sooner"


def event_pictures(result: EventResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the ways to ask are always there.
    """
    drawn: dict[str, Callable[[int], Any]] = {"ways": lambda width: _ways(result, width)}
    if result.tables["since_event"]["estimate"].notna().sum() > 1:
        drawn["since_event"] = lambda width: _since(result, width)
    if len(_curves(result)):
        drawn["survival"] = lambda width: _survival(result, width)
    return drawn


def _row(row: Any, label: str, about: str) -> dict[str, Any]:
    word = reading(row)
    return {"label": label, "about": about, "estimate": row["estimate"], "ci_low": row["ci_low"],
            "ci_high": row["ci_high"], "told": told_ratio(row), "reading": word, "kind": _KINDS[word]}  # fmt: skip


def _axis(width: int) -> str:
    return _LEAVE if is_narrow(width) else _LEAVE + _SIDES


def _about(row: Any) -> str:
    kind = "landmark" if row["method"] == "landmark" else "time-varying"
    return f"{kind}; {count(row['exposed'])} with it, {count(row['exposed_events'])} left"


def _way(row: Any) -> str:
    return way_named(row).replace("From the event on, nothing", "Nothing")


def _ways(result: EventResult, width: int) -> Any:
    given = dict(result.parameters)
    rows = [
        _row(row, _way(row), _about(row))
        for row in publishable(result.table).dropna(subset=["estimate"]).to_dict("records")
    ]
    wrong = result.tables["immortal_time"].iloc[0]
    rows.append({"label": "Ever against never: wrong", "about": "counts the time before it as time with it",
                 "estimate": wrong["wrong_estimate"], "ci_low": None, "ci_high": None,
                 "told": f"would have said {number(wrong['wrong_estimate'])}", "reading": "No answer",
                 "kind": "wrong"})  # fmt: skip
    first = result.table.iloc[0]
    frame = Frame(
        _finding(first, given),
        f"Hazard ratios with {100 * result.confidence:g}% intervals{adjusted(given)}. {result.scope}.",
        f"Dot-and-bar chart of hazard ratios. {result.headline} Numbers in the table below.",
        "The cross is no answer: whoever had the event must have stayed until then, so that such a split makes it look "
        "as if it kept people.", width,
    )  # fmt: skip
    return hazard_ratio_forest(pd.DataFrame(rows), frame, axis_title=_axis(width))


def _finding(row: Any, given: dict[str, Any]) -> str:
    """What the interval supports, no more."""
    label, word = given["label"], reading(row)
    if word == "Undecided":
        return f"Whether customers leave sooner or later after {label} is undecided"
    return f"After {label} customers {word.lower()}: {number(row['estimate'])} times as often"


def _since(result: EventResult, width: int) -> Any:
    given, table = dict(result.parameters), publishable(result.tables["since_event"]).dropna(subset=["estimate"])
    rows = [
        _row(row, f"Days {days_since(row)}", f"{count(row['n'])} customers, {count(row['events'])} left")
        for row in table.to_dict("records")
    ]
    first, last = table.iloc[0], table.iloc[-1]
    frame = Frame(
        f"On days {days_since(first)} after it customers leave {number(first['estimate'])} times as often, on days "
        f"{days_since(last)} {number(last['estimate'])} times",
        f"Hazard ratios by days since {given['label']}, with {100 * result.confidence:g}% intervals, against customers "
        f"of the same age without it{adjusted(given)}. {result.scope}.",
        f"Dot-and-bar chart of hazard ratios by days since the event. {result.headline} Numbers in the table below.",
        "", width,
    )  # fmt: skip
    return hazard_ratio_forest(pd.DataFrame(rows), frame, axis_title=_axis(width))


def _curves(result: EventResult) -> pd.DataFrame:
    """The curves of the first landmark at which both groups are large, as far as enough of both are watched."""
    table = publishable(result.tables["survival"]).dropna(subset=["n"])
    for day in table["landmark"].unique():
        own = table[(table["landmark"] == day) & (table["n"] >= SMALLEST_DRAWN)]
        if own["group"].nunique() == 2:
            last = float(own.groupby("group")["time"].max().min())
            # Whole months where there are some: six equal parts of the axis are then whole days.
            last = next((last // part * part for part in (60, 30, 6) if last >= part), last)
            return own[own["time"] <= last].fillna({"ci_low": 1.0, "ci_high": 1.0})
    return table.head(0)


def _survival(result: EventResult, width: int) -> Any:
    given, rows = dict(result.parameters), _curves(result)
    day = int(rows["landmark"].iloc[0])
    title = _stayed(result, rows, day)
    return survival_curves(
        rows, title=title,
        subtitle=f"Share still here after day {day}, by whether {given['label']} had come by then. Bands: "
        f"{100 * result.confidence:g}% intervals. {result.scope}.",
        note=f"Nothing is held constant here, and customers without it by day {day} may have it later.",
        description=f"Survival curves from day {day} on. {title}. Numbers in the table below.",
        value_title="Share still here", time_title=f"Days since day {day}", width=width,
    )  # fmt: skip


def _stayed(result: EventResult, rows: pd.DataFrame, day: int) -> str:
    """How many of each are still here at the curves' end, where the landmark tells them apart."""
    asked = result.table[result.table["landmark"] == day]
    if asked.empty or reading(asked.iloc[0]) == "Undecided":
        return f"Whether customers with it by day {day} stay longer than the others is undecided"
    last = rows.groupby("group").tail(1).set_index("group")
    return (
        f"Of customers here on day {day}, {share(last.loc['with it', 'estimate'], 0)} with it by then are still here "
        f"{count(last['time'].max())} days later, {share(last.loc['without it', 'estimate'], 0)} without"
    )
