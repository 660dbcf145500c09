"""The lifecycle made ready for its two pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.lifecycle import active_periods, lifecycle_bars
from cxlab.charts.theme import is_narrow
from cxlab.results import publishable
from cxlab.retention.lifecycle_words import SMALLEST, lifecycle_title, stickiness_title
from cxlab.wording import count, date, share

if TYPE_CHECKING:
    from cxlab.retention.lifecycle import LifecycleResult

__all__ = ["lifecycle_pictures"]

_WIDE, _NARROW = 26, 10
_STATES = ("returning", "resurrected", "new", "dormant")


def lifecycle_pictures(result: LifecycleResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures are there?

    Args:
        result: the result.

    Returns:
        Name and what draws it at a width.
    """
    found: dict[str, Callable[[int], Any]] = {"lifecycle": partial(_lifecycle, result)}
    if result.tables["stickiness_mean"]["n"].iloc[0] >= SMALLEST:
        found["stickiness"] = partial(_stickiness, result)
    return found


def _seen(result: LifecycleResult) -> str:
    return f"seen until {date(result.activity.local(result.activity.observe_until))}"


def _lifecycle(result: LifecycleResult, width: int) -> Any:
    activity, period = result.activity, result.activity.period
    first = activity.last - len(result.table) + 1
    numbered = publishable(result.table).assign(p=range(first, activity.last + 1))
    shown = numbered.tail(_NARROW if is_narrow(width) else _WIDE)
    parts = [
        pd.DataFrame({"period": [activity.name(int(p)) for p in shown["p"]], "state": state.capitalize(),
                      "n": shown[state].astype(float) * (-1 if state == "dormant" else 1), "early": shown["early"]})
        for state in _STATES
    ]  # fmt: skip
    pale = " Pale: so near to the log's start that old customers can look new." if shown["early"].any() else ""
    hidden = " Periods with fewer than 5 customers are left out." if shown["n"].isna().any() else ""
    return lifecycle_bars(
        pd.concat(parts).dropna(subset="n"), title=lifecycle_title(result.table.assign(p=numbered["p"]), activity),
        subtitle=f"Customers by whole {period}: above the line who was active, below it who was active in the {period} "
        f"before and stayed away. {len(shown)} of {len(numbered)} {period}s, {_seen(result)}.",
        note=f"Who stays away may come back later, and counts as resurrected then.{pale}{hidden}",
        description=f"Stacked bars of active customers by {period}. {result.headline} Numbers in the table below.",
        value_title="Customers", time_title=period.capitalize(), width=width,
    )  # fmt: skip


def _stickiness(result: LifecycleResult, width: int) -> Any:
    activity, rows = result.activity, result.tables["stickiness"]
    every = rows.iloc[-1]
    level = f"{100 * result.confidence:g}%"
    return active_periods(
        publishable(rows).dropna(subset="share"), title=stickiness_title(result.tables["stickiness_mean"], activity),
        subtitle=f"Share of {count(rows['n'].sum())} customers active at least once in the last {activity.over} "
        f"whole {activity.period}s, by the number of these with activity. Bars: {level} interval; {_seen(result)}.",
        note=f"In every one: {share(every['share'])}." if every["n"] >= 5 else "Under 5 customers: left out.",
        description=f"Bars of how many {activity.period}s customers are active in. {result.headline}",
        value_title="Share of customers", count_title=f"{activity.period.capitalize()}s with activity", width=width,
    )  # fmt: skip
