"""Paths in plain words: headline, numbers, definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlab.data import ALL
from cxlab.journeys.path_clusters import LEAST_STABLE
from cxlab.journeys.path_counts import GROUPS, PathCounts
from cxlab.journeys.path_log import END, OPEN, OTHER, START, PathLog
from cxlab.journeys.path_order import ANY_STAGE
from cxlab.journeys.words import moment
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, Figure
from cxlab.wording import count, date, duration, frequency, interval, share

__all__ = [
    "CHECK_TITLES", "WAY_NAMES", "Told", "kept", "path_definitions", "path_figures", "path_headline",
    "path_scope", "path_who", "place_name",
]  # fmt: skip

CHECK_TITLES = {
    "other_events": "Rare events", "markov_order": "What came before", "stable_groups": "Groups of ways",
}  # fmt: skip
WAY_NAMES = {
    "wholly": "the whole order", "stopped": "in order, not to its end", "detours": "in order, with detours",
    "skips": "a stage left out", "out_of_order": "out of order", "none": "no stage at all", "open": "not over yet",
}  # fmt: skip
_PLACES = {START: "the start", END: "the end", OPEN: "still open", OTHER: "rarer events"}


@dataclass(frozen=True)
class Told:
    """Everything that words are made of."""

    log: PathLog
    counts: PathCounts
    moves: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    reached: tuple[float, float, float] | None
    given: Mapping[str, Any]

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return int(self.counts.sizes["m"].sum())

    @property
    def people(self) -> int:
        """How many people took them."""
        return int(self.counts.sizes["people"].sum())

    @property
    def what(self) -> str:
        """What a path is called."""
        return "visits" if self.given["session"] or self.given["session_gap"] else "paths"


def place_name(name: str) -> str:
    """What is a place called in a sentence?

    Examples:
        >>> place_name("cart"), place_name("(end)")
        ('“cart”', 'the end')
    """
    return _PLACES.get(name, f"“{name}”")


def path_headline(told: Told) -> str:
    """The answer in one or two sentences."""
    first = _reached(told) if told.reached is not None else _common(told)
    return " ".join(part for part in (first, _backward(told) or _loop(told)) if part)


def _reached(told: Told) -> str:
    assert told.reached is not None
    rate, low, high = told.reached
    goal = place_name(str(told.log.goal))
    if told.people < SMALLEST_GROUP:
        return f"Fewer than {SMALLEST_GROUP} people were seen."
    start = f"{share(rate)} of {told.what} reach {goal} ({interval(low, high, share)})."
    needed = told.tables["removal"]
    needed = needed[(needed["n"] >= SMALLEST_DRAWN) & (needed["event"] != OTHER) & (needed["effect"] < 0.995)]
    if needed.empty or not rate:
        return start
    row = needed.iloc[0]
    ends = interval(row["ci_low"], row["ci_high"], lambda value: share(value, 0))
    return (
        f"{start} If {place_name(row['event'])} led nowhere, {share(row['effect'], 0)} of them would be lost ({ends})."
    )


def _common(told: Told) -> str:
    own = told.moves[(told.moves["segment"] == ALL) & (told.moves["source_moves"] >= SMALLEST_DRAWN)]
    own = own[
        (own["source"] != START)
        & (own["source"] != OTHER)
        & ~own["target"].isin([OTHER])
        & (own["n"] >= SMALLEST_GROUP)
    ]
    if own.empty:
        return f"{count(told.people)} people took {count(told.paths)} {told.what}."
    row = own.loc[own["moves"].idxmax()]
    ends = interval(row["ci_low"], row["ci_high"], lambda value: share(value, 0))
    return (
        f"The most usual move: from {place_name(row['source'])} to {place_name(row['target'])}, "
        f"{share(row['rate'], 0)} of all moves from there ({ends})."
    )


def _returned(told: Told) -> pd.Series | None:
    rows = told.tables["loops"]
    rows = rows[(rows["segment"] == ALL) & (rows["kind"] == "returned") & (rows["n"] >= SMALLEST_DRAWN)]
    return None if rows.empty or not rows["found"].max() else rows.loc[rows["rate"].idxmax()]


def _loop(told: Told) -> str:
    row = _returned(told)
    if row is None:
        return ""
    where = "one of their visits" if told.what == "visits" else "their path"
    return f"{frequency(row['rate'])} people with {place_name(row['event'])} come back to it later in {where}."


def kept(ways: pd.DataFrame) -> float:
    """Which part of paths keeps the order as far as they go, with or without detours?

    Args:
        ways: the table "conformance" of one segment.

    Returns:
        The share.
    """
    return float(ways.loc[ways["way"].isin(["wholly", "stopped", "detours"]), "rate"].sum())


def _backward(told: Told) -> str:
    """How often people go back against the order, and what that takes."""
    rows = told.tables.get("backtracking", pd.DataFrame(columns=["segment", "stage", "measure", "n"]))
    rows = rows[(rows["segment"] == ALL) & (rows["stage"] == ANY_STAGE) & (rows["n"] >= SMALLEST_DRAWN)]
    if rows.empty:
        return ""
    row = rows.set_index("measure").loc["moves"]
    ends = interval(row["ci_low"], row["ci_high"], lambda value: share(value, 0))
    lost = told.tables["lost_time"]
    lost = lost[(lost["segment"] == ALL) & (lost["stage"] == ANY_STAGE) & (lost["n"] >= SMALLEST_DRAWN)]
    back = ""
    if len(lost):
        half = float(lost["median_time"].iloc[0])
        back = f"; half of those who come as far again take {duration(half)} or more"
    return f"{share(row['rate'], 0)} of moves from stage to stage lead back ({ends}){back}."


def path_figures(told: Told) -> tuple[Figure, ...]:
    """The three numbers under the answer."""
    found = [Figure(count(told.paths), f"{told.what} of {count(told.people)} people")]
    if told.reached is not None and told.people >= SMALLEST_GROUP:
        rate, low, high = told.reached
        found.append(Figure(share(rate), f"reach {place_name(str(told.log.goal))} ({interval(low, high, share)})"))
    rows = told.tables["variants"]
    rows = rows[rows["segment"] == ALL]
    if len(rows):
        top = rows.iloc[0]
        found.append(Figure(share(top["rate"]), f"take the most common one: {top['path']}"))
    else:
        found.append(Figure(count(told.counts.different), f"different {told.what}"))
    ways = told.tables.get("conformance")
    if ways is not None and len(ways) and told.people >= SMALLEST_GROUP:
        part = kept(ways[ways["segment"] == ALL])
        found[-1] = Figure(share(part, 0), f"of {told.what} keep the order of stages as far as they go")
    row = _returned(told)
    if row is not None and len(found) < 3:
        found.append(Figure(share(row["rate"], 0), f"of people with {place_name(row['event'])} come back to it"))
    return tuple(found[:3])


def path_scope(told: Told) -> str:
    """How much was read."""
    return f"{count(told.paths)} {told.what} of {count(told.people)} people, {_span(told.log)}"


def _span(log: PathLog) -> str:
    first, last = (date(moment(at, log.table.tz)) for at in (log.first, log.until))
    return first if first == last else f"{first} to {last}"


def path_who(told: Told) -> str:
    """Whose paths, when and how they are cut: the line under each picture."""
    begin = f" Each begins with {place_name(told.given['begin'])}." if told.given["begin"] else ""
    goal = (
        f" Each ends at its first {place_name(told.given['goal'])}, if it comes so far." if told.given["goal"] else ""
    )
    return f"{count(told.paths)} {told.what} of {count(told.people)} people, {_span(told.log)}.{begin}{goal}"


def path_definitions(told: Told) -> tuple[str, ...]:
    """Every choice that changes the numbers, in sentences."""
    given, log, level = told.given, told.log, share(told.given["confidence"], 0)
    lines = [
        _cut(given),
        *_between(given),
        "Events stand in the order of their times, those of one instant in the order of their names.",
        *(["The same event several times in a row counts once."] if given["repeats"] == "merge" else []),
        f"A path that is quiet for {duration(log.pause / 1e6)} has ended"
        + ("." if given["session_gap"] else ": 95 of 100 pauses between two events are not longer."),
        "A move counts where it is known what comes next: what starts in the last such stretch of the log is left out, "
        "whether or not somebody went on, so that the quick are not counted alone.",
        f"Shares of moves: of all moves from the same event. Intervals, {level}: Wilson on the number of independent "
        "moves that a person's several moves are worth.",
        "Loops: people who do the same again on one path, with nothing between or after something else.",
    ]  # fmt: skip
    lines += _order_definitions(told, level)
    if log.goal is not None:
        lines.append(
            "Without an event: the part of those who reach the goal that would be lost if whoever comes to that event "
            "ended there (Markov chain). It describes ways, not causes. "
            f"Intervals, {level}, from {GROUPS} random groups of people."
        )
    if log.segmented:
        lines.append(
            f"Groups: the value of “{given['segment']}” at a person's first event. Differences against the largest "
            "group; p-values adjusted by Benjamini and Hochberg over all rows of a table."
        )
    return tuple(lines)


def _order_definitions(told: Told, level: str) -> list[str]:
    """How the order of stages and groups of ways are meant."""
    lines, stages, clusters = [], told.given["stages"], told.counts.clusters
    if stages is not None:
        lines = [
            f"Order of stages: {' → '.join(stages)}. A move back leads from a stage to an earlier one, whatever lies "
            "between; its share is of all moves to another stage.",
            "Time lost: from leaving the furthest stage so far until being as far again, of those who were; the "
            f"median, with limits ({level}) by Woodruff over people.",
            "A path keeps the order where each stage comes after the one before it. Repeats of a stage do not count.",
        ]  # fmt: skip
    if clusters is not None:
        lines.append(
            f"Groups of ways: {count(len(clusters.paths))} of {count(clusters.of)} {told.what} with two events or more "
            "before the goal, drawn by their ids; events and pairs of events weighted by how rare they are (TF-IDF), "
            "k-means, the number of groups by the silhouette. They are told where samples of other people would give "
            f"nearly the same (adjusted Rand index {LEAST_STABLE:g} or more) and one cloud would be less divided."
        )
    return lines


def _between(given: Mapping[str, Any]) -> list[str]:
    """Where a path begins and ends."""
    begin, goal = given["begin"], given["goal"]
    lines = [f"A path begins at its first {place_name(begin)}; paths without it are left out."] if begin else []
    return [*lines, *([f"A path ends at its first {place_name(goal)}."] if goal else [])]


def _cut(given: Mapping[str, Any]) -> str:
    if given["session"]:
        return f"A path is one visit of a person: the column “{given['session']}”."
    if given["session_gap"]:
        return f"A path is one visit: a pause of more than {given['session_gap']} begins a new one."
    return "A path is everything that a person did."
