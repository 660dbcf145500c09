"""Tidy tables from the counts of paths: shares with intervals, groups compared, what a place's removal would lose."""

from __future__ import annotations

import pandas as pd

from cxlab.data import ALL
from cxlab.journeys.path_counts import PathCounts
from cxlab.journeys.path_log import END, OPEN, START, PathLog
from cxlab.journeys.path_shares import clustered_shares, everybody_first, with_all
from cxlab.stats.absorbing_chain import grouped_removal
from cxlab.stats.proportions import wilson_interval

__all__ = [
    "loop_table",
    "move_table",
    "place_table",
    "removal_table",
    "removals",
    "variant_table",
]


def move_table(counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """From where do people go where, how often, and how soon?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment and move: segment, source, target, n (people), moves, source_moves, rate (of the moves from
        the source), ci_low, ci_high, median_time (seconds), effective.
    """
    moves = with_all(counts.moves, ["source", "target"])
    frame = moves.merge(with_all(counts.sources, ["source"]), on=["segment", "source"])
    frame = clustered_shares(frame, confidence).merge(counts.waits, on=["segment", "source", "target"], how="left")
    frame = frame.assign(begin=frame["source"] != START)
    frame = everybody_first(frame, ["begin", "m", "source", "y", "target"], [True, False, True, False, True])
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
        ci_low, ci_high, effective, size. Shares of one position add up to 1.
    """
    places = with_all(counts.positions, ["position", "event"]).astype({"position": int})
    frame = clustered_shares(places.merge(with_all(counts.sizes, []), on="segment"), confidence)
    last = frame["event"].isin([END, OPEN])
    frame = everybody_first(frame.assign(last=last), ["position", "last", "y", "event"], [True, True, False, True])
    frame = frame.rename(columns={"y": "paths"}).astype({"n": int, "paths": int})
    frame = frame.assign(size=frame["people"])
    return frame[["segment", "position", "event", "n", "paths", "rate", "ci_low", "ci_high", "effective", "size"]]


def variant_table(counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """Which whole paths are taken most often?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment and path that five people or more took: segment, path, n (people), paths, rate, ci_low,
        ci_high, effective, size.
    """
    frame = with_all(counts.variants, ["path"]).merge(with_all(counts.sizes, []), on="segment")
    frame = clustered_shares(frame, confidence).assign(size=frame["people"])
    frame = everybody_first(frame, ["y", "path"], [False, True])
    frame = frame.rename(columns={"y": "paths"}).astype({"n": int, "paths": int})
    return frame[["segment", "path", "n", "paths", "rate", "ci_low", "ci_high", "effective", "size"]]


_LOOPS = ("repeated", "in_a_row", "returned")


def loop_table(counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """Who does the same again on one path?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment, event and kind: segment, event, kind ("repeated": more than once, "in_a_row": with nothing
        between, "returned": after something else), n (people with the event), found (of them), rate, ci_low, ci_high,
        effective, size.
    """
    frame = with_all(counts.loops, ["event"])
    long = frame.melt(["segment", "event", "n"], list(_LOOPS), var_name="kind", value_name="found")
    low, high = wilson_interval(long["found"], long["n"], confidence=confidence)
    long = long.assign(rate=long["found"] / long["n"], ci_low=low, ci_high=high)
    long["kind"] = pd.Categorical(long["kind"], _LOOPS)
    ordered = everybody_first(long, ["kind", "rate", "event"], [True, False, True]).astype({"n": int, "found": int})
    return ordered.assign(kind=ordered["kind"].astype(str), effective=ordered["n"], size=ordered["n"])[
        ["segment", "event", "kind", "n", "found", "rate", "ci_low", "ci_high", "effective", "size"]
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
    found, limits = grouped_removal(counts.groups[ALL], confidence=confidence)
    ordered = removals(log, counts, ALL, confidence).sort_values(["effect", "event"], ascending=[False, True])
    return ordered.drop(columns="segment").reset_index(drop=True), (found.reached, *limits.reached)


def removals(log: PathLog, counts: PathCounts, segment: str, confidence: float) -> pd.DataFrame:
    """What would be lost in one segment, or over everybody?

    Args:
        log: the paths.
        counts: what was counted, with a goal.
        segment: which of them.
        confidence: level of the intervals.

    Returns:
        One row per event, as in `removal_table`, with its segment.
    """
    found, limits = grouped_removal(counts.groups[segment], confidence=confidence)
    sources = with_all(counts.sources, ["source"])
    people = sources[sources["segment"] == segment].set_index("source")["people"]
    return pd.DataFrame({
        "segment": segment, "event": log.places, "n": people.reindex(log.places).fillna(0).astype(int).to_numpy(),
        "effect": found.effect, "ci_low": limits.effect[0], "ci_high": limits.effect[1], "credit": found.credit,
        "credit_ci_low": limits.credit[0], "credit_ci_high": limits.credit[1],
    })  # fmt: skip
