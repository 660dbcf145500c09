"""The tables of an event's effect as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import publishable
from cxlab.retention.event_words import days_since
from cxlab.retention.text_rows import text_rows
from cxlab.wording import MISSING, count, number, p_text, share

if TYPE_CHECKING:
    from cxlab.retention.event_effects import EventResult

__all__ = ["event_display", "way_named"]

_CURVE = (0, 30, 60, 90, 180, 270, 360)


def way_named(row: Any) -> str:
    """A way to ask, in words.

    Args:
        row: method and landmark.

    Returns:
        Text.
    """
    if not pd.isna(row["landmark"]):
        return f"Had it by day {count(row['landmark'])}"
    return "From the event on" + row["method"].removeprefix("time-varying")


def event_display(result: EventResult) -> dict[str, pd.DataFrame]:
    """Ways to ask, days since the event, rates, curves, covariates and the wrong split, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    tables, level = result.tables, f"{100 * result.confidence:g}% interval"
    ratio: dict[str, tuple[Any, Callable[[Any], str]]] = {
        "Times as often": ("estimate", _two),
        level: (("ci_low", "ci_high"), _two),
    }
    ways = publishable(result.table)
    since = publishable(tables["since_event"])
    shown = {
        "How many times as often customers leave after the event": text_rows(
            ways.assign(way=[way_named(row) for row in ways.to_dict("records")]),
            {"How it is asked": ("way", str), "Customers": ("n", _whole), "With it": ("exposed", _whole),
             "Left": ("events", _whole), "Left after it": ("exposed_events", _whole), **ratio,
             "p": ("p_value", lambda p: p_text(float(p)))},
        ),
        "By days since the event": text_rows(
            since.assign(days=[days_since(row) for row in since.to_dict("records")]),
            {"Days since it": ("days", str), "Customers": ("n", _whole), "Left": ("events", _whole), **ratio},
        ),
        "Who leaves in 30 days, nothing held constant": text_rows(
            publishable(tables["rates"]),
            {"State": ("state", str), "Customers": ("n", _whole), "Days": ("days", _whole), "Left": ("events", _whole),
             "Of 100 in 30 days": ("estimate", _hundred), level: (("ci_low", "ci_high"), _hundred)},
        ),
        "Share still here, by days since the landmark": _curves(tables["survival"], level),
    }  # fmt: skip
    if "covariates" in tables:
        shown["What was held constant"] = text_rows(
            tables["covariates"], {"Known at the start": ("covariate", str), "Change": ("change", str), **ratio}
        )
    return {**shown, "No answer: a split by who ever had it": _wrong(tables["immortal_time"])}


def _two(value: Any) -> str:
    return number(float(value), 2)


def _whole(value: Any) -> str:
    return count(float(value))


def _hundred(value: Any) -> str:
    return number(100 * float(value), 1)


def _curves(frame: pd.DataFrame, level: str) -> pd.DataFrame:
    """Some days of each curve; all of them are in the download."""
    rows = []
    for (day, group), own in publishable(frame).groupby(["landmark", "group"], sort=False):
        seen = own[own["n"] > 0]
        for asked in _CURVE:
            near = seen[seen["time"] <= asked].tail(1)
            if len(near) and asked <= float(seen["time"].max()):
                rows.append({**near.iloc[0].to_dict(), "time": asked, "landmark": day, "group": group})
    return text_rows(pd.DataFrame(rows), {
        "Landmark": ("landmark", lambda day: f"day {count(day)}"), "Group": ("group", str),
        "Days since": ("time", _whole),
        "Still watched": ("n", _whole), "Still here": ("estimate", lambda value: share(float(value))),
        level: (("ci_low", "ci_high"), lambda value: share(float(value))),
    }) if rows else pd.DataFrame({"Landmark": [MISSING]})  # fmt: skip


def _wrong(frame: pd.DataFrame) -> pd.DataFrame:
    return text_rows(publishable(frame), {
        "Split": ("method", str), "Ever had it": ("exposed", _whole), "It would have said": ("wrong_estimate", _two),
        "Days counted as theirs": ("days", _whole),
        "Of these before it": ("share_before_it", lambda value: share(float(value), 0)),
    })  # fmt: skip
