"""What the pictures of a funnel are drawn from: tidy tables and the words that go with them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

__all__ = ["SMALLEST_DRAWN", "SMALLEST_GROUP", "FunnelView", "behind", "enough"]

SMALLEST_DRAWN, SMALLEST_GROUP = 50, 5


def behind(rows: pd.DataFrame) -> pd.Series:
    """How many people stand behind each number, where it counts what people did several times?

    Args:
        rows: one row per number, in `n`.
    """
    return rows[["n", "people"]].min(axis=1) if "people" in rows else rows["n"]


def enough(steps: pd.DataFrame) -> "pd.Series[bool]":
    """Are there enough starts for a rate to be drawn, and not all of the same few people?

    Args:
        steps: rows of the table of steps.
    """
    drawn = steps["mature_n"] >= SMALLEST_DRAWN
    return drawn & (steps["people"] >= SMALLEST_GROUP) if "people" in steps else drawn


@dataclass(frozen=True, kw_only=True)
class FunnelView:
    """Tables and words of one funnel.

    Attributes:
        steps: one row per segment and step.
        tables: comparison, destinations, time_to_convert, median_time.
        finding: title of the picture of the funnel.
        headline: the answer in one or two sentences.
        who: who was counted, when and how.
        order: "ordered", "strict" or "any".
        window: longest time from the start in seconds; None for no limit.
        confidence: level of the intervals.
        counted: what is counted, in words.
    """

    steps: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    finding: str
    headline: str
    who: str
    order: str
    window: float | None
    confidence: float
    counted: str = "people"
