"""Shares in tables of paths: over everybody and by segment, each knowing that people repeat, and groups compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL
from cxlab.results import SMALLEST_DRAWN
from cxlab.stats.clusters import share_difference
from cxlab.stats.limit_differences import difference_from_limits
from cxlab.stats.multiplicity import benjamini_hochberg
from cxlab.stats.proportions import wilson_interval
from cxlab.stats.repeated_shares import repeated_shares

__all__ = [
    "SUMS",
    "by_move_and_person",
    "clustered_shares",
    "compared_estimates",
    "compared_shares",
    "everybody_first",
    "largest_segment",
    "with_all",
]

SUMS = ("n", "y", "yy", "ym")
Floats = NDArray[np.float64]
_FOUND = ["effect", "ci_low", "ci_high", "p_value", "p_adjusted"]


def with_all(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The segments, with a row for all of them together first; each person is in one segment.

    Args:
        frame: counts by segment and keys.
        keys: what else names a row.

    Returns:
        The counts as numbers, with rows of the segment "all".
    """
    numbers = [name for name in frame.columns if name not in (*keys, "segment")]
    frame = frame.astype(dict.fromkeys(numbers, float))
    if set(frame["segment"]) == {ALL}:
        return frame
    both = pd.concat([frame.assign(segment=ALL), frame], ignore_index=True)
    return both.groupby(["segment", *keys], as_index=False, sort=False)[numbers].sum()


def clustered_shares(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Shares of what people do several times.

    Args:
        frame: y, yy, ym and people, m, mm: sums over people of how often each did it, and could.
        confidence: level of the intervals.

    Returns:
        The frame with rate, ci_low, ci_high and effective.
    """
    found = repeated_shares(
        frame["y"], frame["m"], squares=frame["yy"], products=frame["ym"], tried_squares=frame["mm"],
        people=frame["people"], confidence=confidence,
    )  # fmt: skip
    return frame.assign(rate=found.share, ci_low=found.ci_low, ci_high=found.ci_high, effective=found.effective)


def by_move_and_person(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The same thing told of moves and of people.

    Args:
        frame: sums as in `clustered_shares`, and went: how many of the people did it at all.
        confidence: level of the intervals.

    Returns:
        Two rows for each: measure ("moves" or "people"), n (people), tried, found, rate, ci_low, ci_high, effective,
        size.
    """
    moves = clustered_shares(frame, confidence).assign(measure="moves", tried=frame["m"], found=frame["y"])
    low, high = wilson_interval(frame["went"], frame["people"], confidence=confidence)
    people = frame.assign(
        measure="people", tried=frame["people"], found=frame["went"], rate=frame["went"] / frame["people"], ci_low=low,
        ci_high=high, effective=frame["people"],
    )  # fmt: skip
    rows = pd.concat([moves, people], ignore_index=True)
    return rows.assign(n=rows["people"], size=rows["people"])


def everybody_first(frame: pd.DataFrame, by: Sequence[str], ascending: Sequence[bool]) -> pd.DataFrame:
    """All together first, then the segments by name.

    Args:
        frame: rows with a segment.
        by: columns that order the rows of a segment.
        ascending: which of them ascend.

    Returns:
        The rows in order.
    """
    whole = (frame["segment"] != ALL).rename("whole")
    sort = frame.assign(whole=whole).sort_values(["whole", "segment", *by], ascending=[True, True, *ascending])
    return sort.drop(columns="whole").reset_index(drop=True)


def largest_segment(sizes: pd.DataFrame) -> str | None:
    """With which segment are the others compared?

    Args:
        sizes: segment and m (its paths).

    Returns:
        The one with most paths; None where fewer than two have 50.
    """
    large = sizes[sizes["m"] >= SMALLEST_DRAWN].sort_values(["m", "segment"])
    return str(large["segment"].iloc[-1]) if len(large) > 1 else None


def compared_shares(
    frame: pd.DataFrame, keys: Sequence[str], *, base: Sequence[str], control: str | None, confidence: float
) -> pd.DataFrame:
    """In which of these shares do the segments differ?

    Args:
        frame: one row per segment and keys: n (people), size (what the share is of), rate and effective.
        keys: what names a share.
        base: those of the keys that name what the share is of; a share that is not there counts as 0.
        control: the segment that the others are compared with.
        confidence: level of the intervals.

    Returns:
        One row per share and segment other than the control, both of 50 or more: the keys, segment, n, estimate,
        control, control_n, control_estimate, effect, ci_low, ci_high, p_value, p_adjusted (Benjamini-Hochberg over all
        rows); the surest first.
    """
    own = frame[(frame["segment"] != ALL) & (frame["size"] >= SMALLEST_DRAWN)]
    rows = _pairs(own, keys, base, control)
    if rows.empty:
        return rows
    worth = (rows["estimate"] * rows["effective"], rows["effective"])
    there = (rows["control_estimate"] * rows["control_effective"], rows["control_effective"])
    return _surest(rows, keys, share_difference(*worth, *there, confidence=confidence))


def compared_estimates(
    frame: pd.DataFrame, keys: Sequence[str], *, value: str, control: str | None, confidence: float
) -> pd.DataFrame:
    """In which of these estimates do the segments differ?

    Args:
        frame: one row per segment and keys: n, the value, ci_low and ci_high.
        keys: what names an estimate.
        value: its column.
        control: the segment that the others are compared with.
        confidence: level of the intervals.

    Returns:
        As `compared_shares`, for segments of 50 people or more.
    """
    own = frame[(frame["segment"] != ALL) & (frame["n"] >= SMALLEST_DRAWN)].rename(columns={value: "estimate"})
    own = own.dropna(subset=["estimate", "ci_low", "ci_high"])
    columns = [*keys, "n", "estimate", "ci_low", "ci_high"]
    there = own.loc[own["segment"] == control, columns].rename(
        columns={name: f"control_{name}" for name in columns if name not in keys}
    )
    rows = own.loc[own["segment"] != control, ["segment", *columns]].merge(there, on=list(keys)).assign(control=control)
    if rows.empty:
        return rows
    found = difference_from_limits(
        rows["estimate"], rows["ci_low"], rows["ci_high"], rows["control_estimate"], rows["control_ci_low"],
        rows["control_ci_high"], confidence=confidence,
    )  # fmt: skip
    return _surest(rows, keys, found)


def _surest(rows: pd.DataFrame, keys: Sequence[str], found: tuple[Floats, Floats, Floats, Floats]) -> pd.DataFrame:
    told = dict(zip(_FOUND, (*found, benjamini_hochberg(found[3])), strict=True))
    sure = rows.assign(**told).sort_values(["p_value", *keys]).reset_index(drop=True)
    return sure[[*keys, "segment", "n", "estimate", "control", "control_n", "control_estimate", *_FOUND]]


def _pairs(own: pd.DataFrame, keys: Sequence[str], base: Sequence[str], control: str | None) -> pd.DataFrame:
    """Each share in a segment beside the same one in the control; what nobody did counts as 0."""
    whole = ["segment", *base]
    sizes = own.groupby(whole, as_index=False)["effective"].min().rename(columns={"effective": "least"})
    every = own[list(keys)].drop_duplicates()
    grid = sizes.merge(every, on=list(base)) if base else sizes.merge(every, how="cross")
    grid = grid.merge(own, on=["segment", *keys], how="left").fillna({"n": 0, "rate": 0.0})
    grid = grid.assign(effective=grid["effective"].fillna(grid["least"]))
    names = {"n": "control_n", "rate": "control_estimate", "effective": "control_effective"}
    there = grid.loc[grid["segment"] == control, [*keys, *names]].rename(columns=names)
    rows = grid[grid["segment"] != control].rename(columns={"rate": "estimate"}).merge(there, on=list(keys))
    return rows.assign(control=control).astype({"n": int, "control_n": int})
