"""The lifecycle in sentences, checks and tables of text."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from cxlab.results import Check, Figure, publishable
from cxlab.retention.activity import Activity
from cxlab.retention.text_rows import text_rows
from cxlab.stats.proportions import wilson_interval
from cxlab.wording import count, date, frequency, interval, number, share

__all__ = [
    "lifecycle_checks", "lifecycle_definitions", "lifecycle_display", "lifecycle_figures", "lifecycle_headline",
    "lifecycle_scope", "lifecycle_status", "lifecycle_title", "stickiness_title",
]  # fmt: skip

Columns = dict[str, tuple[Any, Callable[[Any], str]]]
SMALLEST = 50
_MOST = 26


def _few(row: Any) -> bool:
    return bool(row["size"] < SMALLEST)


def lifecycle_headline(rows: pd.DataFrame, mean: pd.DataFrame, activity: Activity) -> str:
    """Who came back in the last period, and how often customers come."""
    return f"{_back(rows.iloc[-1], activity)} {_often(mean.iloc[0], activity)}".strip()


def _back(row: Any, activity: Activity) -> str:
    period = activity.period
    if _few(row):
        return f"Fewer than {SMALLEST} customers were active in the {period} before {activity.name(int(row['p']))}."
    rate = frequency(row["rate"])
    base = int(rate.rpartition(" of ")[2].replace(",", ""))
    likely = f"{row['ci_low'] * base:,.0f} to {row['ci_high'] * base:,.0f}"
    return (
        f"{rate} customers active in one {period} were active in the next, {activity.name(int(row['p']))} ({likely}); "
        f"{count(row['new'])} were new, {count(row['resurrected'])} back after a break, {count(row['dormant'])} stayed "
        "away."
    )


def _often(row: Any, activity: Activity) -> str:
    if row["n"] < SMALLEST:
        return ""
    likely = f"{number(row['ci_low'], 1)} to {number(row['ci_high'], 1)}"
    return (
        f"Who came at all in the last {activity.over} {activity.period}s came in {number(row['estimate'], 1)} of them "
        f"({likely})."
    )


def lifecycle_status(rows: pd.DataFrame, confidence: float) -> str:
    """Do more come than go, by more than chance explains?"""
    row = rows.iloc[-1]
    gained, lost = float(row["new"] + row["resurrected"]), float(row["dormant"])
    if _few(row):
        return "Too few"
    low, high = wilson_interval(gained, gained + lost, confidence=confidence)
    return "Growing" if low > 0.5 else "Shrinking" if high < 0.5 else "Steady"


def lifecycle_title(rows: pd.DataFrame, activity: Activity) -> str:
    """The title of the bars: what became of the last period's crowd."""
    row = rows.iloc[-1]
    if _few(row):
        return f"Too few customers for a share in {activity.name(int(row['p']))}"
    return f"{frequency(row['rate'])} customers come back in the next {activity.period}"


def stickiness_title(mean: pd.DataFrame, activity: Activity) -> str:
    """The title of the distribution."""
    row = mean.iloc[0]
    return f"Customers come in {number(row['estimate'], 1)} of {activity.over} {activity.period}s on average"


def lifecycle_figures(rows: pd.DataFrame, mean: pd.DataFrame, activity: Activity) -> tuple[Figure, ...]:
    """The three numbers: who comes back, the change, how often."""
    row, often = rows.iloc[-1], mean.iloc[0]
    found = []
    if not _few(row):
        likely = interval(row["ci_low"], row["ci_high"], share)
        found.append(
            Figure(share(row["rate"]), f"of customers active in one {activity.period} come in the next, {likely}")
        )
        change = f"customers against the {activity.period} before: {count(row['new'] + row['resurrected'])} came, "
        found.append(Figure(number(float(row["n"] - row["size"]), 0, sign=True),
                            f"{change}{count(row['dormant'])} stayed away"))  # fmt: skip
    if often["n"] >= SMALLEST:
        likely = interval(often["ci_low"], often["ci_high"], lambda value: number(value, 1))
        what = f"of the last {activity.over} {activity.period}s with activity, likely {likely}"
        found.append(Figure(number(often["estimate"], 1), f"{what}; {count(often['n'])} customers"))
    return tuple(found)


def lifecycle_scope(activity: Activity) -> str:
    """Which periods."""
    return f"{activity.name(activity.shown)} to {activity.name(activity.last)}, whole {activity.period}s"


def lifecycle_checks(rows: pd.DataFrame, activity: Activity) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?"""
    return (_until(activity), _history(rows, activity), _identity(rows), *_over(activity))


def _until(activity: Activity) -> Check:
    told = date(activity.local(activity.observe_until))
    how = "assumed to end with its last event" if activity.assumed else "taken as complete until then, as stated"
    return Check("observe_until", True, "info",
                 f"Until {told}: the log is {how}. A {activity.period} still running is left out.")  # fmt: skip


def _history(rows: pd.DataFrame, activity: Activity) -> Check:
    """Who was active before the log begins looks new at the first visit in it."""
    early = int(rows["early"].sum())
    usual = f"19 of 20 breaks last up to {count(activity.gap)} {activity.period}s"
    if not early:
        return Check("history_start", True, "info", f"The log begins early enough: {usual}.")
    return Check(
        "history_start", False, "warning",
        f"In the first {count(early)} {activity.period}s of the log old customers can look new: {usual}. Read new, "
        "resurrected and dormant from then on, or begin later with periods_from.",
    )  # fmt: skip


def _identity(rows: pd.DataFrame) -> Check:
    """Both sides of the accounts, period by period."""
    flow = rows["size"] + rows["new"] + rows["resurrected"] - rows["dormant"]
    parts = rows["new"] + rows["returning"] + rows["resurrected"]
    whole = bool((flow == rows["n"]).all() and (parts == rows["n"]).all())
    told = "Active = before + new + resurrected − dormant = new + returning + resurrected"
    return Check("adds_up", whole, "info" if whole else "failure",
                 f"{told}: {'true' if whole else 'not true'} in all {count(len(rows))} periods.")  # fmt: skip


def _over(activity: Activity) -> list[Check]:
    if activity.asked_over is None or activity.over == activity.asked_over:
        return []
    message = f"Only {count(activity.over)} whole {activity.period}s have been seen, not {count(activity.asked_over)}."
    return [Check("over", False, "warning", message)]


def lifecycle_definitions(given: dict[str, Any], activity: Activity, confidence: float) -> tuple[str, ...]:
    """Every definition in words."""
    period, what = given["period"], repr(given["active_event"]) if given["active_event"] else "event of any kind"
    days = f" from {given['week_start'].capitalize()}" if period == "week" else ""
    return (
        f"Active: at least one {what} in a calendar {period}{days}, time zone {activity.table.tz}.",
        f"New: the first {period} with activity in the whole log. Returning: active in the {period} before as well. "
        f"Resurrected: active earlier, but not in the {period} before. Dormant: active in the {period} before, not in "
        "this one; booked in the first one without activity.",
        f"Share that comes back: returning of all active in the {period} before; Wilson, {100 * confidence:g}%.",
        f"How often: of all active in at least one of the last {activity.over} whole {period}s, the number of them "
        "with activity; the mean with a normal interval over customers.",
    )


def lifecycle_display(
    rows: pd.DataFrame, tables: dict[str, pd.DataFrame], activity: Activity, confidence: float
) -> dict[str, pd.DataFrame]:
    """The tables of text, small groups hidden."""
    level, named = f"{100 * confidence:g}% interval", activity.period.capitalize()
    states: Columns = {name.capitalize(): (name, count) for name in ("new", "returning", "resurrected", "dormant")}
    lived: Columns = {named: ("period", str), "Active": ("n", count), **states, "Came back": ("rate", share),
             level: (("ci_low", "ci_high"), share)}  # fmt: skip
    often: Columns = {f"{named}s with activity": ("active_periods", lambda k: f"{k:.0f}"), "Customers": ("n", count),
             "Share": ("share", share), level: (("ci_low", "ci_high"), share)}  # fmt: skip
    return {
        f"Who was active, by {activity.period}": text_rows(publishable(rows).tail(_MOST), lived),
        f"How often in the last {activity.over} {activity.period}s": text_rows(
            publishable(tables["stickiness"]), often
        ),
    }
