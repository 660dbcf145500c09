"""Tidy tables from the counts of paths: shares with intervals, groups compared, what a place's removal would lose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.journeys.path_counts import PathCounts
from cxlab.journeys.path_log import END, OPEN, START, PathLog
from cxlab.results import SMALLEST_DRAWN
from cxlab.stats.absorbing_chain import grouped_removal
from cxlab.stats.clusters import share_difference
from cxlab.stats.multiplicity import benjamini_hochberg
from cxlab.stats.proportions import wilson_interval
from cxlab.stats.repeated_shares import repeated_shares

__all__ = [
    "compared_moves",
    "loop_table",
    "move_table",
    "place_table",
    "removal_table",
    "variant_table",
]

_SUMS = ["n", "y", "yy", "ym"]


def _with_all(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The segments, with a row for all of them together first; each person is in one segment."""
    numbers = [name for name in frame.columns if name not in (*keys, "segment")]
    frame = frame.astype(dict.fromkeys(numbers, float))
    if set(frame["segment"]) == {ALL}:
        return frame
    both = pd.concat([frame.assign(segment=ALL), frame], ignore_index=True)
    return both.groupby(["segment", *keys], as_index=False, sort=False)[numbers].sum()


def _shares(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    found = repeated_shares(
        frame["y"], frame["m"], squares=frame["yy"], products=frame["ym"], tried_squares=frame["mm"],
        people=frame["people"], confidence=confidence,
    )  # fmt: skip
    return frame.assign(rate=found.share, ci_low=found.ci_low, ci_high=found.ci_high, effective=found.effective)


def _ordered(frame: pd.DataFrame, by: Sequence[str], ascending: Sequence[bool]) -> pd.DataFrame:
    """All together first, then the segments by name."""
    whole = (frame["segment"] != ALL).rename("whole")
    sort = frame.assign(whole=whole).sort_values(["whole", "segment", *by], ascending=[True, True, *ascending])
    return sort.drop(columns="whole").reset_index(drop=True)


def move_table(counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """From where do people go where, how often, and how soon?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment and move: segment, source, target, n (people), moves, source_moves, rate (of the moves from
        the source), ci_low, ci_high, median_time (seconds), effective.
    """
    moves = _with_all(counts.moves, ["source", "target"])
    frame = moves.merge(_with_all(counts.sources, ["source"]), on=["segment", "source"])
    frame = _shares(frame, confidence).merge(counts.waits, on=["segment", "source", "target"], how="left")
    frame = frame.assign(begin=frame["source"] != START)
    frame = _ordered(frame, ["begin", "m", "source", "y", "target"], [True, False, True, False, True])
    frame = frame.rename(columns={"y": "moves", "m": "source_moves"}).astype(
        {"n": int, "moves": int, "source_moves": int}
    )
    return frame[[
        "segment", "source", "target", "n", "moves", "source_moves", "rate", "ci_low", "ci_high", "median_time",
        "effective",
    ]]  # fmt: skip


def place_table(counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """Where are people after so many events?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment, position and event: segment, position, event, n (people), paths, rate (of all paths),
        ci_low, ci_high. Shares of one position add up to 1.
    """
    places = _with_all(counts.positions, ["position", "event"]).astype({"position": int})
    frame = _shares(places.merge(_with_all(counts.sizes, []), on="segment"), confidence)
    last = frame["event"].isin([END, OPEN])
    frame = _ordered(frame.assign(last=last), ["position", "last", "y", "event"], [True, True, False, True])
    frame = frame.rename(columns={"y": "paths"}).astype({"n": int, "paths": int})
    return frame[["segment", "position", "event", "n", "paths", "rate", "ci_low", "ci_high"]]


def variant_table(counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """Which whole paths are taken most often?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per path that five people or more took: path, n (people), paths, rate, ci_low, ci_high.
    """
    sizes = counts.sizes[["people", "m", "mm"]].sum()
    frame = _shares(counts.variants.astype(dict.fromkeys(_SUMS, float)).assign(**sizes), confidence)
    return frame.rename(columns={"y": "paths"}).astype({"n": int, "paths": int})[
        ["path", "n", "paths", "rate", "ci_low", "ci_high"]
    ]


_LOOPS = ("repeated", "in_a_row", "returned")


def loop_table(counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """Who does the same again on one path?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment, event and kind: segment, event, kind ("repeated": more than once, "in_a_row": with nothing
        between, "returned": after something else), n (people with the event), found (of them), rate, ci_low, ci_high.
    """
    frame = _with_all(counts.loops, ["event"])
    long = frame.melt(["segment", "event", "n"], list(_LOOPS), var_name="kind", value_name="found")
    low, high = wilson_interval(long["found"], long["n"], confidence=confidence)
    long = long.assign(rate=long["found"] / long["n"], ci_low=low, ci_high=high)
    long["kind"] = pd.Categorical(long["kind"], _LOOPS)
    ordered = _ordered(long, ["kind", "rate", "event"], [True, False, True]).astype({"n": int, "found": int})
    return ordered.assign(kind=ordered["kind"].astype(str))[
        ["segment", "event", "kind", "n", "found", "rate", "ci_low", "ci_high"]
    ]


def removal_table(
    log: PathLog, counts: PathCounts, *, confidence: float
) -> tuple[pd.DataFrame, tuple[float, float, float]]:
    """How many would not reach the goal, if a place led nowhere any more?

    Args:
        log: the paths.
        counts: what was counted, with a goal.
        confidence: level of the intervals.

    Returns:
        One row per event: event, n (people), effect (part of those who reach the goal that would be lost), ci_low,
        ci_high, credit (adds up to 1), credit_ci_low, credit_ci_high; the largest effect first. And the share of paths
        that reaches the goal, with its limits, those still open allowed for.
    """
    assert counts.groups is not None
    found, limits = grouped_removal(counts.groups, confidence=confidence)
    people = _with_all(counts.sources, ["source"]).query("segment == @ALL").set_index("source")["people"]
    frame = pd.DataFrame({
        "event": log.places, "n": people.reindex(log.places).fillna(0).astype(int).to_numpy(), "effect": found.effect,
        "ci_low": limits.effect[0], "ci_high": limits.effect[1], "credit": found.credit,
        "credit_ci_low": limits.credit[0], "credit_ci_high": limits.credit[1],
    })  # fmt: skip
    ordered = frame.sort_values(["effect", "event"], ascending=[False, True]).reset_index(drop=True)
    return ordered, (found.reached, *limits.reached)


def compared_moves(moves: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """Do the segments go other ways?

    Args:
        moves: the table of moves, with segments.
        confidence: level of the intervals.

    Returns:
        One row per move and segment other than the largest, both with 50 moves or more from the source: source, target,
        segment, n, estimate, control, control_n, control_estimate, effect, ci_low, ci_high, p_value, p_adjusted
        (Benjamini-Hochberg over all rows); the surest first. Sizes are people who made the move.
    """
    own = moves[(moves["segment"] != ALL) & (moves["source_moves"] >= SMALLEST_DRAWN)]
    largest = own[own["source"] == START].groupby("segment")["source_moves"].max()
    if len(largest) < 2:
        return pd.DataFrame()
    control = largest.sort_values(kind="stable").index[-1]
    rows = _pairs(own, str(control))
    if rows.empty:
        return rows
    worth = (
        rows["estimate"] * rows["effective"],
        rows["effective"],
        rows["control_estimate"] * rows["control_effective"],
    )
    effect, low, high, p = share_difference(*worth, rows["control_effective"], confidence=confidence)
    found = rows.assign(effect=effect, ci_low=low, ci_high=high, p_value=p, p_adjusted=benjamini_hochberg(p))
    found = found.sort_values(["p_value", "source", "target"]).reset_index(drop=True)
    return found[[
        "source", "target", "segment", "n", "estimate", "control", "control_n", "control_estimate", "effect", "ci_low",
        "ci_high", "p_value", "p_adjusted",
    ]]  # fmt: skip


def _pairs(own: pd.DataFrame, control: str) -> pd.DataFrame:
    """Each move in a segment beside the same move in the largest one; a move that nobody made counts as 0."""
    sources = own.drop_duplicates(["segment", "source"])[["segment", "source"]]
    targets = own[["source", "target"]].drop_duplicates()
    grid = sources.merge(targets, on="source").merge(own, on=["segment", "source", "target"], how="left")
    known = own.groupby(["segment", "source"])["effective"].min()
    least = known.reindex(pd.MultiIndex.from_frame(grid[["segment", "source"]])).to_numpy()
    grid = grid.fillna({"n": 0, "rate": 0.0}).assign(
        effective=np.where(grid["effective"].isna(), least, grid["effective"])
    )
    names = {"n": "control_n", "rate": "control_estimate", "effective": "control_effective"}
    there = grid[grid["segment"] == control][["source", "target", *names]].rename(columns=names)
    rows = grid[grid["segment"] != control].rename(columns={"rate": "estimate"}).merge(there, on=["source", "target"])
    return rows.assign(control=control).astype({"n": int, "control_n": int})
