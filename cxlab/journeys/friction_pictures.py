"""From friction to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.friction import odds_chart, signals_chart
from cxlab.charts.moves import moves_chart, parts_chart
from cxlab.charts.score_rows import Frame
from cxlab.data import ALL
from cxlab.journeys.friction_channels import ANY_EVENT
from cxlab.journeys.friction_words import SIGNAL_NAMES, SIGNS
from cxlab.journeys.path_log import END, OTHER
from cxlab.journeys.path_words import place_name
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, publishable
from cxlab.wording import count, duration, interval, number, share

if TYPE_CHECKING:
    from cxlab.journeys.friction import FrictionResult

__all__ = ["friction_pictures"]

_MOST_SIGNALS, _MOST_ODDS, _MOST_EVENTS = 10, 10, 8


def friction_pictures(result: FrictionResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it.
    """
    drawn: dict[str, Callable[[int], Any]] = {}
    if len(_signs(result)):
        drawn["struggle"] = lambda width: _struggle(result, width)
    if len(_odds(result)):
        drawn["goal"] = lambda width: _goal(result, width)
    if len(_stays(result)):
        drawn["channels"] = lambda width: _channels(result, width)
    if len(_events(result, "contacts")):
        drawn["contacts"] = lambda width: _contacts(result, width)
    if "contacts" not in drawn and len(_events(result, "switches")):
        drawn["switches"] = lambda width: _switches(result, width)
    return drawn


def _lines(result: FrictionResult) -> str:
    return f"Lines: {100 * result.confidence:g}% intervals. {result.who}"


def _own(frame: pd.DataFrame, least: str = "n") -> pd.DataFrame:
    rows = publishable(frame)
    return rows[(rows["segment"] == ALL) & rows["rate"].notna() & (rows[least] >= SMALLEST_DRAWN)]


def _signs(result: FrictionResult) -> pd.DataFrame:
    rows = _own(result.table)
    rows = rows[(rows["signal"] != "long_wait") & (rows["found"] >= SMALLEST_GROUP)]
    return rows.nlargest(_MOST_SIGNALS, "rate")


def _struggle(result: FrictionResult, width: int) -> Any:
    rows = _signs(result)
    top = rows.iloc[0]
    rows = rows.assign(
        name=rows["event"], kind=rows["signal"].map(SIGNS), value=rows["rate"],
        told=[f"{row.event}, {SIGNS[row.signal]}: {share(row.rate)} of {count(row.n)} people "
              f"({interval(row.ci_low, row.ci_high, share)})" for row in rows.itertuples()],
    )  # fmt: skip
    given = result.parameters
    span = duration(pd.Timedelta(given["within"]).total_seconds())
    frame = Frame(
        f"{share(top['rate'], 0)} of people with {place_name(top['event'])} {SIGNAL_NAMES[top['signal']]}",
        f"Part of the people with an event who struggle there. {_lines(result)}",
        f"Bars of who struggles at which event. {result.headline} Numbers in the table below.",
        f"Again and again: {given['times']} times within {span}. Back and forth: two events in turn, twice each.",
        width,
    )  # fmt: skip
    return signals_chart(rows, frame, axis="Of people with the event")


def _odds(result: FrictionResult) -> pd.DataFrame:
    rows = publishable(result.tables.get("goal", pd.DataFrame(columns=["n", "odds_ratio", "p_adjusted"])))
    rows = rows[rows["odds_ratio"].notna()]
    return rows[(rows["n"] + rows["control_n"]) >= SMALLEST_DRAWN].head(_MOST_ODDS) if len(rows) else rows


def _odds_told(row: Any) -> str:
    lost, others = share(row.lost_rate, 0), share(row.control_lost_rate, 0)
    ends = f"{number(row.ci_low)} to {number(row.ci_high)}"
    return (
        f"{row.event}, {SIGNS[row.signal]}: {lost} without, others {others}; odds × {number(row.odds_ratio)} ({ends})"
    )


def _stay_told(row: Any) -> str:
    return f"{row.source} → {row.target}: {share(row.rate)} of {count(row.source_moves)} stays"


def _goal(result: FrictionResult, width: int) -> Any:
    rows, goal = _odds(result), place_name(result.parameters["goal"])
    rows = rows.sort_values("odds_ratio", ascending=False)
    sure = rows["p_adjusted"] < 1 - result.confidence
    rows = rows.assign(
        name=[f"{row.event}\n{SIGNS[row.signal]}" for row in rows.itertuples()],
        state=["more without" if s and v > 1 else "fewer without" if s else "undecided"
               for s, v in zip(sure, rows["odds_ratio"], strict=True)],
        told=[_odds_told(row) for row in rows.itertuples()],
    )  # fmt: skip
    worse = rows[rows["state"] == "more without"]
    title = "No sign of struggle surely goes together with missing the goal"
    if len(worse):
        top = worse.loc[worse["p_adjusted"].idxmin()]
        title = (
            f"{share(top['lost_rate'], 0)} of those who {SIGNAL_NAMES[top['signal']]} at {place_name(top['event'])} "
            "miss "
            f"{goal}, else {share(top['control_lost_rate'], 0)}"
        )
    frame = Frame(
        title, f"Odds of not reaching {goal}, of those who struggle against the others. {_lines(result)}",
        f"Dots of odds ratios. {result.headline} Numbers in the table below.",
        "It goes together; it need not be the cause. Grey and hollow: undecided. Odds beyond 20 are drawn at the edge.",
        width,
    )  # fmt: skip
    return odds_chart(rows, frame)


def _stays(result: FrictionResult) -> pd.DataFrame:
    frame = result.tables.get("channels")
    if frame is None:
        return pd.DataFrame()
    return _own(frame, "source_moves")


def _channels(result: FrictionResult, width: int) -> Any:
    rows = _stays(result)
    sources = list(dict.fromkeys(rows["source"]))
    goal = result.parameters["goal"]
    last = [name for name in (goal, END) if name is not None and name in set(rows["target"])]
    targets = [name for name in sources if name in set(rows["target"])]
    targets += [name for name in dict.fromkeys(rows["target"]) if name not in {*targets, *last}] + last
    away = rows[~rows["target"].isin(last)]
    best = away.loc[away["rate"].idxmax()] if len(away) else None
    rows = rows.assign(
        told=["" if rate < 0.005 else share(rate, 0) for rate in rows["rate"]],
        tip=[_stay_told(row) for row in rows.itertuples()],
    )  # fmt: skip
    title = "Nobody changes the channel" if best is None else (
        f"{share(best['rate'], 0)} of stays in {best['source']} go on to {best['target']}"
    )  # fmt: skip
    frame = Frame(
        title, f"What comes after a stay in one channel; each row adds up to 100%. {result.who}",
        f"Heat map from channel to channel. {result.headline} Numbers in the table below.",
        f"A stay: all that is done in a channel before the next one. Rows under {SMALLEST_DRAWN} stays are not drawn.",
        width,
    )  # fmt: skip
    return moves_chart(rows, frame, sources=sources, targets=targets)


def _events(result: FrictionResult, name: str) -> pd.DataFrame:
    frame = result.tables.get(name)
    if frame is None:
        return pd.DataFrame()
    rows = _own(frame)
    rows = rows[
        (rows["measure"] == "moves") & ~rows["event"].isin([ANY_EVENT, OTHER]) & (rows["found"] >= SMALLEST_GROUP)
    ]
    return rows.head(_MOST_EVENTS)


def _bars(rows: pd.DataFrame, frame: Frame, axis: str) -> Any:
    told = [f"{row.event}: {share(row.rate)} of {count(row.tried)} ({interval(row.ci_low, row.ci_high, share)})"
            for row in rows.itertuples()]  # fmt: skip
    return parts_chart(rows.assign(name=rows["event"], value=rows["rate"], told=told), frame, axis=axis, most=0.1)


def _contacts(result: FrictionResult, width: int) -> Any:
    rows = _events(result, "contacts")
    top, wait = rows.iloc[0], duration(pd.Timedelta(result.parameters["contact_within"]).total_seconds())
    frame = Frame(
        f"After {place_name(top['event'])}, {share(top['rate'], 0)} ask for help within {wait}",
        f"Part of the times that people did it themselves after which they asked for help. {_lines(result)}",
        f"Bars of asking for help after each event. {result.headline} Numbers in the table below.",
        "What came before a contact need not be why people asked.", width,
    )  # fmt: skip
    return _bars(rows, frame, f"Followed by a contact within {wait}")


def _switches(result: FrictionResult, width: int) -> Any:
    rows = _events(result, "switches")
    top = rows.iloc[0]
    frame = Frame(
        f"After {place_name(top['event'])}, {share(top['rate'], 0)} of next events are in another channel",
        f"Part of the events that were followed by one in another channel. {_lines(result)}",
        f"Bars of changes of channel after each event. {result.headline} Numbers in the table below.",
        "Only events after which the same visit or path goes on.", width,
    )  # fmt: skip
    return _bars(rows, frame, "Followed by an event in another channel")
