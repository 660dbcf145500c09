"""Tidy tables from the counts of the map: one row per stage, and what lies behind each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cxlab.journeys.map_counts import MapCounts
from cxlab.journeys.map_log import MapLog
from cxlab.stats.proportions import wilson_interval
from cxlab.stats.repeated_shares import repeated_shares
from cxlab.stats.survival import kaplan_meier

__all__ = [
    "MEASURES",
    "answer_table",
    "channel_table",
    "next_table",
    "reading",
    "stage_table",
    "theme_table",
    "time_table",
]

MEASURES = ("reach", "drop", "late", "satisfaction", "effort", "switch_rate", "struggle")
_SUMS = ["people", "y", "m", "yy", "ym", "mm"]
_QUARTERS = (0.25, 0.5, 0.75)


def stage_table(log: MapLog, counts: MapCounts, *, confidence: float) -> pd.DataFrame:
    """What happens in each stage?

    Args:
        log: the events.
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per stage: stage, step, optional, n, open, and for every measure its estimate, _ci_low, _ci_high and
        _n (people).
    """
    steps = range(1, len(log.stages) + 1)
    sums = [
        own.groupby("k")[["n", "gone", "late", "still"]].sum()
        for own in (counts.visits[~counts.visits["settled"]], counts.visits[counts.visits["settled"]])
    ]
    came, settled = (_of(one, steps) for one in sums)
    last = np.array([log.ends(place) for place in range(len(log.stages))])
    frame = pd.DataFrame({
        "stage": log.names, "step": steps, "optional": [stage.optional for stage in log.stages],
        "n": came["n"].to_numpy(int), "open": np.where(last, 0, came["still"]).astype(int),
    })  # fmt: skip
    began, onward = np.full(len(frame), settled["n"].iloc[0]), settled["n"].where(~last, 0)
    timed = np.array([limit is not None for limit in log.late])
    repeats = _of(counts.repeats.groupby("k")[["n", "again"]].sum(), steps)
    parts = {
        "reach": _people(settled["n"], began, confidence),
        "drop": _people(onward - settled["gone"].where(~last, 0), onward, confidence),
        "late": _people(settled["late"], settled["gone"].where(timed, 0), confidence),
        **{name: _repeated(_asked(counts, name), steps, confidence) for name in ("satisfaction", "effort")},
        "switch_rate": _repeated(counts.switches, steps, confidence),
        "struggle": _people(repeats["again"], repeats["n"], confidence),
    }
    for name, part in parts.items():
        frame = frame.join(part.add_prefix(f"{name}_").rename(columns={f"{name}_estimate": name}))
    return _with_times(frame, counts, confidence)


def _of(sums: pd.DataFrame, steps: range) -> pd.DataFrame:
    """One row per stage, 0 where nothing was counted."""
    return sums.reindex(steps).fillna(0).reset_index(drop=True)


def _people(found: Any, n: Any, confidence: float) -> pd.DataFrame:
    """Shares of people, each once."""
    y, m = np.asarray(found, float), np.asarray(n, float)
    low, high = wilson_interval(y, m, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {"estimate": np.where(m > 0, y / m, np.nan), "ci_low": low, "ci_high": high, "n": m.astype(int)}
        )


def _asked(counts: MapCounts, question: str) -> pd.DataFrame:
    return counts.answers[counts.answers["question"] == question]


def _repeated(rows: pd.DataFrame, steps: range, confidence: float) -> pd.DataFrame:
    """Shares of what a person may do several times."""
    sums = _of(rows.groupby("k")[_SUMS].sum().astype(float), steps)
    return _shares(sums, confidence).rename(columns={"m": "answers"})[["estimate", "ci_low", "ci_high", "n", "answers"]]


def _shares(sums: pd.DataFrame, confidence: float) -> pd.DataFrame:
    found = repeated_shares(
        sums["y"], sums["m"], squares=sums["yy"], products=sums["ym"], tried_squares=sums["mm"],
        people=sums["people"], confidence=confidence,
    )  # fmt: skip
    shares = {"estimate": found.share, "ci_low": found.ci_low, "ci_high": found.ci_high}
    return sums.assign(**shares, n=sums["people"].astype(int), m=sums["m"].astype(int))


def _with_times(frame: pd.DataFrame, counts: MapCounts, confidence: float) -> pd.DataFrame:
    times = time_table(frame["stage"].tolist(), counts, confidence=confidence)
    half = times[times["share"] == 0.5].set_index("stage").reindex(frame["stage"]).reset_index(drop=True)
    half = half.rename(columns={"estimate": "median_time"})
    ends = {f"median_time_{name}": half[name] for name in ("ci_low", "ci_high", "n")}
    found = frame.assign(median_time=half["median_time"], **ends)
    found["median_time_n"] = found["median_time_n"].fillna(0).astype(int)
    return found.drop(columns=["switch_rate_answers"])


def time_table(names: list[str], counts: MapCounts, *, confidence: float) -> pd.DataFrame:
    """By when have a quarter, half and three quarters gone on?

    Args:
        names: the stages.
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per stage and share: stage, share, n (people who came), estimate (seconds; missing where not reached),
        ci_low, ci_high. Stages from which nobody can go on are left out.
    """
    rows: list[tuple[Any, ...]] = []
    for k, own in counts.waits.groupby("k"):
        if own["converted"].any():
            curve = kaplan_meier(own["seconds"], own["converted"], weights=own["n"], confidence=confidence)
            n = int(own["n"].sum())
            rows += [(names[int(k) - 1], share, n, *curve.quantile(share)) for share in _QUARTERS]
    return pd.DataFrame(rows, columns=["stage", "share", "n", "estimate", "ci_low", "ci_high"])


def channel_table(log: MapLog, counts: MapCounts, *, confidence: float) -> pd.DataFrame:
    """Where does each stage happen?

    Args:
        log: the events.
        counts: what was counted.
        confidence: level of the intervals.

    Returns:
        One row per stage and channel: stage, channel, n (people), events, share (of the stage's events), ci_low,
        ci_high; the channel with most events first in every stage.
    """
    sums = counts.channels.astype(dict.fromkeys(("y", "m", "yy", "ym", "mm"), float))
    if sums.empty:
        return pd.DataFrame(columns=["stage", "channel", "n", "events", "share", "ci_low", "ci_high"])
    people = sums["n"]
    found = _shares(sums, confidence).assign(n=people, events=sums["y"].astype(int))
    order = found.groupby("channel")["events"].sum().sort_values(ascending=False, kind="stable")
    rank = {name: place for place, name in enumerate(order.index)}
    found = found.assign(stage=[log.names[int(k) - 1] for k in found["k"]], rank=found["channel"].map(rank))
    found = found.rename(columns={"estimate": "share"}).sort_values(["k", "rank"], ignore_index=True)
    return found[["stage", "channel", "n", "events", "share", "ci_low", "ci_high"]]


def reading(low: float, high: float, target: float | None, *, good: str) -> str:
    """Is a target met, as far as the interval tells?

    Args:
        low: lower limit.
        high: upper limit.
        target: what is aimed at; None for nothing.
        good: "high" or "low", the side of the target that is wanted.

    Returns:
        "met", "missed", "undecided", or "" without a target or an interval.

    Examples:
        >>> reading(0.4, 0.5, 0.7, good="high"), reading(0.4, 0.5, 0.45, good="low")
        ('missed', 'undecided')
    """
    if target is None or not (low == low and high == high):
        return ""
    above, below = low >= target, high <= target
    if not (above or below):
        return "undecided"
    return "met" if above == (good == "high") else "missed"


def answer_table(log: MapLog, counts: MapCounts, targets: Mapping[str, float], *, confidence: float) -> pd.DataFrame:
    """What was answered in each stage, and what could not be linked to one?

    Args:
        log: the events.
        counts: what was counted.
        targets: question -> share that is aimed at.
        confidence: level of the intervals.

    Returns:
        One row per stage and question, the answers of no stage last: stage, question ("satisfaction": share satisfied;
        "effort": share for whom it was hard), n (people), answers, estimate, ci_low, ci_high, target, reading.
    """
    rows = []
    names = [*log.names, "(no stage)"]
    for question, own in counts.answers.groupby("question", sort=False):
        sums = own.groupby("k")[_SUMS].sum().astype(float).reindex([*range(1, len(log.stages) + 1), 0]).fillna(0)
        rows.append(_shares(sums.reset_index(drop=True), confidence).assign(stage=names, question=question))
    if not rows:
        return pd.DataFrame(
            columns=["stage", "question", "n", "answers", "estimate", "ci_low", "ci_high", "target", "reading"]
        )
    found = pd.concat(rows, ignore_index=True).rename(columns={"m": "answers"})
    target = [targets.get(name) for name in found["question"]]
    wanted = ["high" if name == "satisfaction" else "low" for name in found["question"]]
    told = zip(found["ci_low"], found["ci_high"], target, wanted, strict=True)
    read = [reading(low, high, aim, good=good) for low, high, aim, good in told]
    read = ["" if stage == names[-1] else word for stage, word in zip(found["stage"], read, strict=True)]
    found = found.assign(target=pd.Series(target, dtype=float), reading=read)
    return found[["stage", "question", "n", "answers", "estimate", "ci_low", "ci_high", "target", "reading"]]


def theme_table(log: MapLog, counts: MapCounts) -> pd.DataFrame:
    """What do people write about in each stage?

    Args:
        log: the events.
        counts: what was counted.

    Returns:
        One row per stage and theme that five people or more wrote of: stage, theme, n (people), comments, share (of the
        people of the stage who wrote).
    """
    frame = counts.themes.merge(counts.writers[["k", "n"]].rename(columns={"n": "wrote"}), on="k", how="left")
    frame = frame.assign(
        stage=[log.names[int(k) - 1] for k in frame["k"]], share=frame["n"].astype(float) / frame["wrote"].astype(float)
    )
    return frame[["stage", "theme", "n", "comments", "share"]]


def next_table(log: MapLog, counts: MapCounts) -> pd.DataFrame:
    """What do those who go no further do next?

    Args:
        log: the events.
        counts: what was counted.

    Returns:
        One row per stage and next event outside it: stage, destination, n, rate (of those who stopped there, so far).
        "(none)": nothing more within the window; "(open)": nothing yet.
    """
    frame = counts.onward
    total = frame.groupby("k")["n"].transform("sum")
    stage = [log.names[int(k) - 1] for k in frame["k"]]
    return pd.DataFrame({
        "stage": stage, "destination": frame["destination"], "n": frame["n"].astype(int), "rate": frame["n"] / total,
    })  # fmt: skip
