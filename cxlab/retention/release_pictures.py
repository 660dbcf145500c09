"""From the change at a release to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts.release import changes_by_cohort, cohorts_at_release
from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import CHANGE
from cxlab.results import publishable
from cxlab.retention.release_words import reading, told_effect
from cxlab.wording import count, interval, number, points, share

if TYPE_CHECKING:
    from cxlab.retention.release_effects import ReleaseResult

__all__ = ["release_pictures"]


def release_pictures(result: ReleaseResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the cohorts are always there.
    """
    drawn: dict[str, Callable[[int], Any]] = {"cohorts": lambda width: _cohorts(result, width)}
    if "leads" in result.tables:
        drawn["leads"] = lambda width: _leads(result, width)
    if len(result.tables["placebo"]):
        drawn["placebo"] = lambda width: _placebo(result, width)
    return drawn


def _cohorts(result: ReleaseResult, width: int) -> Any:
    given, seen = dict(result.parameters), result.seen
    rows = publishable(result.tables["cohorts"]).dropna(subset=["rate"])
    rows = rows.rename(columns={"segment": "group", "without_release": "without"}).assign(
        side=np.where(rows["at"] < 0, "before", "after"),
        told=[f"{row['cohort']}: {share(row['rate'])} of {count(row['n'])}" for row in rows.to_dict("records")],
    )
    order = [seen.affected, *([seen.control] if seen.control else [])]
    rows = rows.sort_values("group", key=lambda column: column.map(order.index), kind="stable")
    age = f"{given['period']} {count(given['age'])}"
    frame = Frame(
        _finding(result),
        f"Share of each cohort that comes back in {age}. Points and bars: cohorts with {100 * result.confidence:g}% "
        f"intervals. Line: the broken trend; dashed: the trend before, gone on. {result.scope}.",
        f"Scatter chart of cohorts. {result.headline} Numbers in the table below.",
        f"Whatever else began with {given['label']} is in the jump.", width,
    )  # fmt: skip
    title = f"{given['period'].capitalize()}s since the first one after {given['label']}"
    return cohorts_at_release(rows, frame, value_title=f"Come back in {age}", time_title=title)


def _finding(result: ReleaseResult) -> str:
    row, label = result.table.iloc[0], result.parameters["label"]
    word = reading(row)
    if word == "Undecided":
        return f"Whether more customers come back since {label} is undecided"
    more = "More" if word == "Up" else "Fewer"
    return f"{more} customers come back since {label}: {told_effect(row).partition(' (')[0]}"


def _axis(result: ReleaseResult, title: str) -> alt.Axis:
    if result.parameters["scale"] == "odds":
        return alt.Axis(title=f"{title}, odds ratio", format="~g", tickCount=5)
    return alt.Axis(
        title=f"{title}, points", labelExpr=CHANGE.replace("datum.value", "(100 * datum.value)"), tickCount=5
    )


def _draw(result: ReleaseResult, rows: pd.DataFrame, frame: Frame, title: str, *, marked: bool) -> Any:
    odds = result.parameters["scale"] == "odds"
    write = (lambda value: number(value, 2)) if odds else points
    told = [
        f"{row['cohort']}: {write(row['effect'])} ({interval(row['ci_low'], row['ci_high'], write)})"
        for row in rows.to_dict("records")
    ]
    return changes_by_cohort(
        rows.assign(told=told), frame, axis=_axis(result, title), none=1.0 if odds else 0.0, log=odds, marked=marked
    )


def _leads(result: ReleaseResult, width: int) -> Any:
    seen = result.seen
    rows = publishable(result.tables["leads"]).dropna(subset=["effect"])
    rows = rows.assign(kind=np.where(rows["at"] >= 0, "real", "asked"))
    trend = "had a trend" if result.found.parallel < 0.05 else "had no trend beyond chance"
    frame = Frame(
        f"Before the release the groups' difference {trend}",
        f"Share that comes back, {seen.affected} against {seen.control}, by cohort, with {100 * result.confidence:g}% "
        f"intervals by chance alone. Grey: before the release. {result.scope}.",
        f"Dot-and-bar chart of differences by cohort. {result.headline} Numbers in the table below.", "", width,
    )  # fmt: skip
    return _draw(result, rows, frame, "Difference", marked=True)


def _placebo(result: ReleaseResult, width: int) -> Any:
    rows = publishable(result.tables["placebo"]).dropna(subset=["effect"]).assign(kind="asked")
    own = result.table[result.table["method"] == "broken trend"].iloc[0]
    real = pd.DataFrame([{"cohort": result.seen.first_after, "at": 0, "kind": "real",
                          **own[["effect", "ci_low", "ci_high"]].to_dict()}])  # fmt: skip
    found = int((rows["p_value"] < 0.05).sum())
    frame = Frame(
        f"Where nothing happened, {count(found)} of {count(len(rows))} jumps are beyond chance by themselves",
        f"Jumps of the broken trend, with {100 * result.confidence:g}% intervals: at the release (blue), and at "
        f"cohorts before it, from these alone (grey). {result.scope}.",
        f"Dot-and-bar chart of jumps. {result.headline} Numbers in the table below.",
        f"About {100 * (1 - result.confidence):g} of 100 grey bars miss no change by chance alone.", width,
    )  # fmt: skip
    return _draw(result, pd.concat([rows, real], ignore_index=True), frame, "Jump", marked=False)
