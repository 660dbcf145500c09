"""What was asked beside the funnel itself: counted from the same chains, told in tables of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from cxlab.journeys.correlates import correlate_counts, correlate_table
from cxlab.journeys.dropouts import (
    contact_counts,
    contact_table,
    path_counts,
    path_table,
    stay_counts,
    stay_table,
    stopped_people,
)
from cxlab.journeys.first_starts import cohort_counts, cohort_table, first_starts, person_key
from cxlab.journeys.questions import questions_of

if TYPE_CHECKING:
    from cxlab.data.calendar import Period
    from cxlab.journeys.events import EventLog
    from cxlab.journeys.questions import Questions

__all__ = ["count_further", "further_tables"]

Frames = dict[str, pd.DataFrame]
_AFTER = ("dropped_paths", "after_stopping", "contacts")  # by the last step reached


def count_further(log: EventLog, chains: str, given: Mapping[str, Any]) -> Frames:
    """Count what the further questions need; what does not depend on the level of the intervals.

    Args:
        log: the events.
        chains: the table of chains.
        given: the settings of the analysis.

    Returns:
        Small frames by question; none without one.
    """
    asked = questions_of(given)
    return {**_from_the_start(log, chains, asked), **_after_stopping(log, chains, asked)}


def _from_the_start(log: EventLog, chains: str, asked: Questions) -> Frames:
    if asked.trend is None and not asked.correlates:
        return {}
    starts, found = first_starts(log, chains), Frames()
    if asked.trend is not None:
        found["trend"] = cohort_counts(log, starts, cast("Period", asked.trend))
    if asked.correlates:
        found["goes_with"] = correlate_counts(log, starts, asked, key=person_key(log, chains))
    if asked.look_back is not None:
        found["early"] = log.table.query(
            f"SELECT count(*) AS n, count(*) FILTER (entered - {asked.look_back} < {log.first}) AS early "
            f"FROM {starts} WHERE over"
        )
    return found


def _after_stopping(log: EventLog, chains: str, asked: Questions) -> Frames:
    if asked.next_events is None and not asked.contact:
        return {}
    stopped, found = stopped_people(log, chains), Frames()
    if asked.next_events is not None:
        found["paths"] = path_counts(log, stopped, asked.next_events)
        found["stays"] = stay_counts(log, stopped)
    if asked.contact:
        found["contacts"] = contact_counts(
            log, stopped, asked.contact, asked.contact_within, key=person_key(log, chains)
        )
    return found


def further_tables(counts: Frames, names: tuple[str, ...], numbers: tuple[int, ...], *, confidence: float) -> Frames:
    """The tables of what was asked beside the funnel.

    Args:
        counts: from `count_further`.
        names: the steps that may not be skipped, in words.
        numbers: their numbers among all steps.
        confidence: level of the intervals.

    Returns:
        Tables by name: where asked "trend" and "trend_over_cohorts", "goes_with",
        "dropped_paths", "after_stopping" and "contacts".
    """
    level, found = {"confidence": confidence}, Frames()
    if "trend" in counts:
        found["trend"], line = cohort_table(counts["trend"], **level)
        found |= {"trend_over_cohorts": line} if len(line) else {}
    if "goes_with" in counts:
        found["goes_with"] = correlate_table(counts["goes_with"], **level)
    if "paths" in counts:
        found["dropped_paths"] = path_table(counts["paths"], names, **level)
        found["after_stopping"] = stay_table(counts["stays"], names, **level)
    if "contacts" in counts:
        found["contacts"] = contact_table(counts["contacts"], names, **level)
    by_level = dict(enumerate(numbers, 1))
    placed = {name: found[name].assign(step=found[name]["step"].map(by_level)) for name in _AFTER if name in found}
    return found | placed
