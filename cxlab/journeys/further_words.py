"""Further questions to a funnel in plain words: definitions, and tables for readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from cxlab.journeys.correlates import BEFORE, LANDMARK
from cxlab.journeys.dropouts import STILL_OPEN
from cxlab.journeys.questions import Questions, questions_of
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, publishable
from cxlab.wording import count, duration, interval, number, p_text, points, sentence_list, share

__all__ = ["CHECK_TITLES", "cohort_label", "exposure", "further_definitions", "further_display"]

CHECK_TITLES = {
    "trend_periods": "Change over time", "goes_with": "What goes with finishing", "look_back": "Earlier events",
    "exposures_seen": "Events compared", "contact_seen": "Contacts", "segment_at": "When groups are formed",
    "held_constant": "What belongs together", "on_exclusion": "Left out",
}  # fmt: skip
_MOST_ROWS, _MOST_PATHS = 20, 5


def further_definitions(given: Mapping[str, Any], *, groups: bool) -> tuple[str, ...]:
    """Every choice behind the further questions, in sentences.

    Args:
        given: the settings of the analysis.
        groups: are there groups whose steps are compared?

    Returns:
        The sentences; none where nothing was asked.
    """
    asked, level = questions_of(given), share(given["confidence"], 0)
    lines = []
    if groups:
        lines.append(
            "Differences at every step: shares of those who began, so that no later step chooses who is compared. They "
            "are to look around in: p-values by Benjamini-Hochberg over all of them."
        )
    if asked.trend is not None:
        lines += _trend_lines(asked.trend, level)
    if asked.correlates:
        lines += _correlate_lines(asked, level)
    if asked.next_events is not None:
        lines.append(
            f"Ways of those who stopped: the next {asked.next_events} events after the last step, within the window of "
            "that start, over people who cannot go on any more. With those still open they add up to everybody who "
            f"stopped there. Ways of fewer than {SMALLEST_GROUP} people go together."
        )
    if asked.contact:
        lines.append(
            f"Contact with support: {sentence_list([f'“{name}”' for name in asked.contact], 'or')} within "
            f"{duration(asked.contact_within / 1e6)} after the last step, over people who dropped out. Who dropped out "
            f"so late that this time is not over is kept apart. Wilson, {level}."
        )
    return tuple(lines)


def _trend_lines(period: str, level: str) -> list[str]:
    return [
        f"By {period} of the first start: the share that finished within the window of that start, over people whose "
        f"window is over; every start had the same time. Wilson, {level}. It is lower than the funnel's share where "
        "people finish after a later start.",
        f"Trend: a line through the log odds of whole {period}s, its error as large as they scatter. A {period} that "
        "the data hold in part, or whose windows are not all over, is partial and on no line.",
    ]


def _correlate_lines(asked: Questions, level: str) -> list[str]:
    lines = [
        "What goes with finishing: finished within the window of the first start, over people whose window is over. It "
        "describes who finishes and does not show why.",
        f"Compared are values and events that at least {SMALLEST_DRAWN} people have and {SMALLEST_DRAWN} have not. "
        f"Differences: Newcombe, {level}; odds ratios: Woolf, with half a person added to each cell where one is "
        "empty (marked *); p-values by Benjamini-Hochberg over all of them.",
    ]
    if asked.goes_with:
        lines.append(
            f"Values of {sentence_list([f'“{c}”' for c in asked.goes_with])} at the first start; numbers of many "
            "values in four parts of about the same size; of two values the rarer one is told."
        )
    if asked.look_back is not None:
        lines.append(
            f"Earlier events: at least once in the {duration(asked.look_back / 1e6)} before the first start; only "
            "people whom the data show for so long before."
        )
    if asked.landmark is not None:
        lines.append(
            f"Events soon after the start: at least once in the first {duration(asked.landmark / 1e6)}, the same time "
            "for everybody. Who finished by then is left out; later steps are progress and are not compared. Who left "
            "for good without a trace cannot be told and counts as still there."
        )
    return lines


def cohort_label(key: str, period: str) -> str:
    """How is a period of first starts called?

    Args:
        key: ISO text of its first day.
        period: "day", "week" or "month".

    Returns:
        Words.

    Examples:
        >>> cohort_label("2026-03-02", "week")
        '2 Mar 2026'
    """
    day = pd.Timestamp(key)
    return f"{day:%b %Y}" if period == "month" else f"{day.day} {day:%b %Y}"


def exposure(row: Mapping[str, Any]) -> str:
    """What is compared with everybody else?

    Args:
        row: a row of the table of what goes with finishing.

    Returns:
        Words.

    Examples:
        >>> exposure({"kind": "property", "factor": "platform", "value": "mobile"})
        'platform: mobile'
    """
    about = {BEFORE: "before the start", LANDMARK: "soon after the start"}.get(row["kind"], "")
    return f"{row['value']}, {about}" if about else f"{row['factor']}: {row['value']}"


def further_display(tables: Mapping[str, pd.DataFrame], given: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables as readers see them, small groups hidden.

    Args:
        tables: the result's tables.
        given: the settings of the analysis.

    Returns:
        Caption and cells as text.
    """
    written: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
        "step_differences": ("Differences at every step, to look around in", _difference_rows),
        "trend": (f"Share that finished, by {given['trend']} of the first start",
                  lambda rows: _trend_rows(rows, given["trend"])),
        "goes_with": ("What goes with finishing", _correlate_rows),
        "dropped_paths": ("Ways of those who stopped", _path_rows),
        "after_stopping": ("How long those who stopped were still there", _stay_rows),
        "contacts": ("Contact with support after stopping", _contact_rows),
    }  # fmt: skip
    return {
        caption: write(publishable(tables[name]))
        for name, (caption, write) in written.items()
        if len(tables.get(name, ()))
    }


def _count(value: float) -> str:
    return f"under {SMALLEST_GROUP}" if value != value else count(value)


def _ends(
    rows: pd.DataFrame, write: Callable[[float | None], str], low: str = "ci_low", high: str = "ci_high"
) -> list[str]:
    pairs = zip(rows[low], rows[high], strict=True)
    return ["–" if low != low else interval(low, high, write) for low, high in pairs]


def _difference_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Group": rows["segment"], "Step": rows["name"], "Reached": rows["estimate"].map(share),
        "Compared with": rows["control"], "Reached there": rows["control_estimate"].map(share),
        "Difference": rows["effect"].map(points), "Likely between": _ends(rows, points),
        "p, adjusted": rows["p_adjusted"].map(p_text),
    })  # fmt: skip


def _trend_rows(rows: pd.DataFrame, period: str) -> pd.DataFrame:
    states = {"complete": "whole", "partial": "partial", "unobservable": "not over yet"}
    return pd.DataFrame({
        f"{period.capitalize()} of the first start": [cohort_label(key, period) for key in rows["cohort"]],
        "Began": rows["size"].map(_count), "Window over": rows["n"].map(_count), "Finished": rows["rate"].map(share),
        "Likely between": _ends(rows, share), "Seen": rows["state"].map(states),
    })  # fmt: skip


def _correlate_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The surest rows; all of them are in the table."""
    top = rows.head(_MOST_ROWS)
    return pd.DataFrame({
        "With": [exposure(row) for row in top.to_dict("records")],
        "People with": top["n"].map(_count), "Of them finish": top["estimate"].map(share),
        "People without": top["control_n"].map(_count), "Of those": top["control_estimate"].map(share),
        "Difference": top["effect"].map(points), "Likely between": _ends(top, points),
        "Odds, times": [
            f"{number(row.odds_ratio)} ({interval(row.odds_low, row.odds_high, number)}){'*' if row.half_added else ''}"
            for row in top.itertuples()
        ],
        "p, adjusted": top["p_adjusted"].map(p_text),
    })  # fmt: skip


def _path_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The most frequent ways after each step; the rest together, who may still go on last."""
    parts = []
    for name, own in rows.groupby("name", sort=False):
        known = own[own["path"] != STILL_OPEN]
        named = known[known["path"] != "(other)"].head(_MOST_PATHS)
        rest = known[~known.index.isin(named.index)]
        parts += [(name, path.replace("(none)", "nothing more"), _count(n), share(rate, 0))
                  for path, n, rate in zip(named["path"], named["n"], named["rate"], strict=True)]  # fmt: skip
        if len(rest):
            parts.append((name, "other ways", _count(rest["n"].sum(skipna=False)), share(rest["rate"].sum(), 0)))
        still = own.loc[own["path"] == STILL_OPEN, "n"]
        parts += [(name, "still open", _count(n), "–") for n in still]
    return pd.DataFrame(parts, columns=["Stopped after", "Then", "People", "Of those who dropped out there"])


def _stay_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Stopped after": rows["name"], "Dropped out": rows["n"].map(_count), "Did more": rows["rate"].map(share),
        "Likely between": _ends(rows, share), "Half of these were gone after": rows["median_time"].map(duration),
        "This likely between": [
            "–" if not (abs(low) < float("inf") and abs(high) < float("inf")) else interval(low, high, duration)
            for low, high in zip(rows["time_low"], rows["time_high"], strict=True)
        ],
    })  # fmt: skip


def _contact_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Stopped after": rows["name"], "Dropped out": rows["n"].map(_count),
        "Turned to support": rows["rate"].map(share), "Likely between": _ends(rows, share),
        "Too early to say": rows["open"].map(_count),
    })  # fmt: skip
