"""Tidy tables of struggle and of changes of channel: shares with intervals, odds, groups compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxlab.data import ALL
from cxlab.journeys.friction_channels import ANY_EVENT, ChannelCounts
from cxlab.journeys.friction_signals import SIGNALS
from cxlab.journeys.path_shares import (
    by_move_and_person,
    clustered_shares,
    compared_shares,
    everybody_first,
    with_all,
)
from cxlab.results import SMALLEST_GROUP
from cxlab.stats.multiplicity import benjamini_hochberg
from cxlab.stats.odds import cut_odds
from cxlab.stats.proportions import wilson_interval

__all__ = ["channel_table", "event_table", "friction_comparisons", "goal_table", "signal_table"]

_RATE = ["rate", "ci_low", "ci_high"]
_COMPARED: Mapping[str, tuple[list[str], list[str]]] = {
    "signals": (["event", "signal"], ["event", "signal"]), "switches": (["event", "measure"], ["event", "measure"]),
    "channels": (["source", "target"], ["source"]), "contacts": (["event", "measure"], ["event", "measure"]),
}  # fmt: skip


def signal_table(people: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """How many people struggle at each event?

    Args:
        people: segment, event, signal, n, found.
        confidence: level of the intervals.

    Returns:
        One row per segment, event and sign: segment, event, signal, n (people with the event), found (of them), rate,
        ci_low, ci_high, effective, size; the largest rates first.
    """
    frame = with_all(people, ["event", "signal"])
    low, high = wilson_interval(frame["found"], frame["n"], confidence=confidence)
    frame = frame.assign(
        rate=frame["found"] / frame["n"], ci_low=low, ci_high=high, effective=frame["n"], size=frame["n"]
    )
    frame = frame.assign(place=frame["signal"].map(SIGNALS.index))
    frame = everybody_first(frame, ["place", "rate", "event"], [True, False, True]).astype({"n": int, "found": int})
    return frame[["segment", "event", "signal", "n", "found", *_RATE, "effective", "size"]]


def goal_table(goal: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """Do people who struggle reach the goal less often?

    Args:
        goal: event, signal, exposed, exposed_lost, others, others_lost.
        confidence: level of the intervals.

    Returns:
        One row per event and sign that five people or more showed, as many did not: event, signal, n (who showed it),
        lost_rate (of them without the goal), control_n, control_lost_rate (of the others), odds_ratio (of not reaching
        the goal), ci_low, ci_high, p_value, p_adjusted (Benjamini-Hochberg over all rows); the surest first.
    """
    rows = goal[(goal["exposed"] >= SMALLEST_GROUP) & (goal["others"] >= SMALLEST_GROUP)]
    cells = [(one.exposed_lost, one.exposed - one.exposed_lost, one.others_lost, one.others - one.others_lost)
             for one in rows.itertuples()]  # fmt: skip
    odds = [cut_odds(*map(float, four), confidence=confidence) for four in cells]
    found = pd.DataFrame({
        "event": rows["event"], "signal": rows["signal"], "n": rows["exposed"],
        "lost_rate": rows["exposed_lost"] / rows["exposed"], "control_n": rows["others"],
        "control_lost_rate": rows["others_lost"] / rows["others"], "odds_ratio": [np.exp(one.value) for one in odds],
        "ci_low": [np.exp(one.ci_low) for one in odds], "ci_high": [np.exp(one.ci_high) for one in odds],
        "p_value": [float(2 * ndtr(-abs(one.value) / one.se)) for one in odds],
    })  # fmt: skip
    found = found.assign(p_adjusted=benjamini_hochberg(found["p_value"]))
    found = found.astype({"n": int, "control_n": int})
    return found.sort_values(["p_value", "event", "signal"]).reset_index(drop=True)


def event_table(counts: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """After which events do people change the channel, or have to ask for help?

    Args:
        counts: segment, event, people, went, y, yy, ym, m, mm.
        confidence: level of the intervals.

    Returns:
        One row per segment, event ("(any)" for all together) and measure: segment, event, measure ("moves": share of
        what followed these events; "people": share of people), n (people), tried, found, rate, ci_low, ci_high,
        effective, size.
    """
    frame = by_move_and_person(with_all(counts, ["event"]), confidence)
    frame = frame.assign(single=frame["event"] != ANY_EVENT)
    frame = everybody_first(frame, ["single", "measure", "rate", "event"], [True, True, False, True])
    frame = frame.astype({"n": int, "tried": int, "found": int})
    return frame[["segment", "event", "measure", "n", "tried", "found", *_RATE, "effective", "size"]]


def channel_table(counts: ChannelCounts, *, confidence: float) -> pd.DataFrame:
    """From which channel do people go to which other one?

    Args:
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per segment, channel and what came after a stay in it (another channel, the goal or the end): segment,
        source, target, n (people), moves, source_moves, rate, ci_low, ci_high, effective, size. Shares of one source
        add up to 1.
    """
    moves = with_all(counts.moves, ["source", "target"])
    frame = clustered_shares(moves.merge(with_all(counts.sources, ["source"]), on=["segment", "source"]), confidence)
    frame = everybody_first(frame, ["m", "source", "y", "target"], [False, True, False, True]).assign(size=frame["m"])
    frame = frame.rename(columns={"y": "moves", "m": "source_moves"})
    frame = frame.astype({"n": int, "moves": int, "source_moves": int}).assign(size=lambda rows: rows["source_moves"])
    return frame[["segment", "source", "target", "n", "moves", "source_moves", *_RATE, "effective", "size"]]


def friction_comparisons(
    tables: Mapping[str, pd.DataFrame], *, control: str | None, confidence: float
) -> dict[str, pd.DataFrame]:
    """In what do the segments differ from the largest one?

    Args:
        tables: signals, and where there are such switches, channels and contacts.
        control: the largest segment; None where fewer than two are large enough.
        confidence: level of the intervals.

    Returns:
        "comparison" of the signs, and "…_comparison" of each other table, as in `compared_shares`.
    """
    if control is None:
        return {}
    level: dict[str, Any] = {"control": control, "confidence": confidence}
    shown = {name: _seen(tables[name], keys) for name, (keys, _) in _COMPARED.items() if name in tables}
    found = {
        "comparison" if name == "signals" else f"{name}_comparison": compared_shares(
            shown[name], keys, base=base, **level
        )
        for name, (keys, base) in _COMPARED.items()
        if name in tables
    }
    return {name: frame for name, frame in found.items() if len(frame)}


def _seen(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Without what fewer than five people of all groups together did."""
    done = "found" if "found" in frame else "moves"
    whole = frame[(frame["segment"] == ALL) & (frame[done] >= SMALLEST_GROUP)]
    return frame.merge(whole[keys], on=keys)
