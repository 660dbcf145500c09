"""Tidy tables against a declared order: moves back, time lost, paths that keep the order, what is unlike it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from cxlab.journeys.path_counts import PathCounts
from cxlab.journeys.path_order import ANY_STAGE, GRID, OrderCounts
from cxlab.journeys.path_shares import by_move_and_person, clustered_shares, everybody_first, with_all
from cxlab.stats.quantiles import share_error

__all__ = ["WAYS", "back_table", "lost_table", "turn_table", "way_table"]

WAYS = ("wholly", "stopped", "detours", "skips", "out_of_order", "none", "open")
_RATE = ["rate", "ci_low", "ci_high"]
_TURNS = 40


def back_table(order: OrderCounts, *, stages: tuple[str, ...], confidence: float) -> pd.DataFrame:
    """How often do people go back, and how many of them do?

    Args:
        order: what was counted.
        stages: the stages in order.
        confidence: level of the intervals.

    Returns:
        One row per segment, stage ("(any)" for all together) and measure: segment, stage, measure ("moves": share of
        the moves to another stage that lead back; "people": share of people who went back), n (people who went on from
        the stage), tried, found, rate, ci_low, ci_high, effective, size.
    """
    frame = with_all(order.back, ["stage"]).drop(columns="n")
    rows = by_move_and_person(frame[frame["stage"] != stages[0]], confidence)  # nothing lies before the first one
    return _by_stage(rows, stages, ["measure"])[
        ["segment", "stage", "measure", "n", "tried", "found", *_RATE, "effective", "size"]
    ]


def _by_stage(rows: pd.DataFrame, stages: tuple[str, ...], more: list[str]) -> pd.DataFrame:
    """All stages together first, then in their order."""
    places = {name: place for place, name in enumerate((ANY_STAGE, *stages))}
    rows = rows.assign(place=rows["stage"].map(places))
    ordered = everybody_first(rows, ["place", *more], [True] * (1 + len(more))).drop(columns="place")
    whole = [name for name in ("n", "tried", "found", "people", "falls", "regained") if name in ordered]
    return ordered.astype(dict.fromkeys(whole, int))


def lost_table(order: OrderCounts, *, stages: tuple[str, ...], confidence: float) -> pd.DataFrame:
    """How long does it take to be as far again?

    Args:
        order: what was counted.
        stages: the stages in order.
        confidence: level of the intervals.

    Returns:
        One row per segment and stage from which people fell back: segment, stage, n (people), falls, regained (how
        often they were as far again), median_time (seconds until then), ci_low, ci_high.
    """
    frame = _by_stage(order.lost, stages, [])
    frame = frame[frame["regained"] > 0]
    limits = [_median(row, confidence) for row in frame.to_dict("records")]
    found = pd.DataFrame(limits, columns=["median_time", "ci_low", "ci_high"], index=frame.index)
    return frame.join(found)[["segment", "stage", "n", "falls", "regained", "median_time", "ci_low", "ci_high"]]


def _median(row: dict[str, object], confidence: float) -> tuple[float, float, float]:
    """The median and Woodruff's limits over people, where at least six of them were as far again."""
    times = np.asarray(row["times"], float)
    regained, people, spread = (float(str(row[name])) for name in ("regained", "people", "spread"))
    half = float(times[len(times) // 2])
    if people < 6:
        return half, np.nan, np.nan
    error = share_error(0.5, int(regained), 0, units=int(people), squares=max(spread, regained / 4))
    reach = float(stdtrit(people - 1, (1 + confidence) / 2)) * error
    low, high = np.interp([0.5 - reach, 0.5 + reach], GRID, times)
    return half, float(low), float(high)


def way_table(order: OrderCounts, counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """How many paths keep the order?

    Args:
        order: what was counted against the order.
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment and way, each path in one of them: segment, way ("wholly"; "stopped": in order as far as it
        goes; "detours": in order, with other events between; "skips": a stage is left out; "out_of_order"; "none": no
        stage at all; "open": not over yet), n (people), paths, rate (of all paths), ci_low, ci_high, effective, size.
    """
    frame = _of_paths(with_all(order.ways, ["way"]), counts, confidence)
    frame = frame.assign(place=frame["way"].map(WAYS.index))
    return everybody_first(frame, ["place"], [True])[["segment", "way", "n", "paths", *_RATE, "effective", "size"]]


def _of_paths(frame: pd.DataFrame, counts: PathCounts, confidence: float) -> pd.DataFrame:
    shares = clustered_shares(frame.merge(with_all(counts.sizes, []), on="segment"), confidence)
    shares = shares.assign(size=shares["people"])
    return shares.rename(columns={"y": "paths"}).astype({"n": int, "paths": int})


def turn_table(order: OrderCounts, counts: PathCounts, *, confidence: float) -> pd.DataFrame:
    """In what are paths unlike the order most often?

    Args:
        order: what was counted against the order.
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment and deviation, a path may have several: segment, kind ("left_out": the stage is missing;
        "back": from the stage back to the other one; "detour": after the stage the other event, before a stage again),
        stage, other, n (people), paths, rate (of all paths), ci_low, ci_high, effective, size; the 40 most frequent.
    """
    keys = ["kind", "stage", "other"]
    if order.turns.empty:
        return pd.DataFrame(columns=["segment", *keys, "n", "paths", *_RATE, "effective", "size"])
    frame = _of_paths(with_all(order.turns, keys), counts, confidence)
    most = frame[frame["segment"] == "all"].nlargest(_TURNS, ["paths", "n"])[keys]
    frame = everybody_first(frame.merge(most, on=keys), ["paths", *keys], [False, True, True, True])
    return frame[["segment", *keys, "n", "paths", *_RATE, "effective", "size"]]
