"""The tables of the map as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.journeys.map_words import PARTS
from cxlab.journeys.words import place
from cxlab.results import publishable
from cxlab.wording import MISSING, count, duration, interval, number, share

if TYPE_CHECKING:
    from cxlab.journeys.maps import MapResult

__all__ = ["map_display"]

_MOST_THEMES, _MOST_NEXT = 6, 4


def map_display(result: MapResult) -> dict[str, pd.DataFrame]:
    """Stages, answers, the parts of pain, channels, themes and what comes next, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    rows = publishable(result.table)
    tables = {name: publishable(frame) for name, frame in result.tables.items()}
    shown = {"The stages": _stages(rows), "Time in the stage": _times(tables["times"])}
    if len(tables["answers"]):
        shown["What was answered"] = _answers(tables["answers"])
    shown["What people do there"] = _doings(rows)
    shown["Of what the pain index is made"] = _pain(tables["pain"], rows)
    if len(tables["channels"]):
        shown["Where it happens"] = _channels(tables["channels"])
    if len(tables["themes"]):
        shown["What people write about"] = _themes(tables["themes"])
    if len(tables["next"]):
        shown["What those who do not go on do next"] = _next(tables["next"])
    return shown


def _cell(value: Any, write: Callable[[Any], str]) -> str:
    return MISSING if pd.isna(value) else write(value)


def _people(value: Any) -> str:
    return "under 5" if pd.isna(value) else count(value)


def _with_ends(
    rows: pd.DataFrame, name: str, write: Callable[[Any], str] = share, stem: str | None = None
) -> list[str]:
    """Each value with its interval."""
    low, high = ("ci_low", "ci_high") if stem == "" else (f"{name}_ci_low", f"{name}_ci_high")
    return [
        MISSING if pd.isna(v) else write(v) if pd.isna(a) or pd.isna(b) else f"{write(v)} ({interval(a, b, write)})"
        for v, a, b in zip(rows[name], rows[low], rows[high], strict=True)
    ]


def _stages(rows: pd.DataFrame) -> pd.DataFrame:
    optional = [
        f"{name} (may be skipped)" if skip else name for name, skip in zip(rows["stage"], rows["optional"], strict=True)
    ]
    return pd.DataFrame({
        "Stage": optional, "Came": rows["n"].map(_people), "Of those who began": _with_ends(rows, "reach"),
        "Do not go on": _with_ends(rows, "drop"), "Window over": rows["drop_n"].map(_people),
        "May still go on": [_cell(v, count) for v in rows["open"]],
        "Moment of truth": [word or MISSING for word in rows["moment"]],
    })  # fmt: skip


def _times(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per stage: when a quarter, half and three quarters have gone on."""
    parts = []
    for stage, own in rows.groupby("stage", sort=False):
        found = own[["estimate", "ci_low", "ci_high"]].itertuples(index=False)
        times = [_reached(*row) if own["n"].notna().all() else MISSING for row in found]
        parts.append((stage, _people(own["n"].iloc[0]), *times))
    return pd.DataFrame(parts, columns=["Stage", "Came", "A quarter gone on within", "Half", "Three quarters"])


def _reached(time: float, low: float, high: float) -> str:
    if time != time:
        return "not reached"
    return duration(time) if low != low or high != high else f"{duration(time)} ({interval(low, high, duration)})"


def _answers(rows: pd.DataFrame) -> pd.DataFrame:
    words = {"satisfaction": "satisfied", "effort": "hard work"}
    ends = zip(rows["ci_low"], rows["ci_high"], strict=True)
    return pd.DataFrame({
        "Stage": rows["stage"], "Answer": rows["question"].map(words), "People": rows["n"].map(_people),
        "Answers": [_cell(v, count) for v in rows["answers"]], "Share": [_cell(v, share) for v in rows["estimate"]],
        "Likely between": [MISSING if pd.isna(a) else interval(a, b, share) for a, b in ends],
        "Against": [_cell(v, share) for v in rows["target"]], "Reading": [word or MISSING for word in rows["reading"]],
    })  # fmt: skip


def _doings(rows: pd.DataFrame) -> pd.DataFrame:
    found = pd.DataFrame({
        "Stage": rows["stage"], "People with its events": rows["struggle_n"].map(_people),
        "Do the same again soon": _with_ends(rows, "struggle"),
        "Moves in another channel": _with_ends(rows, "switch_rate"),
        "Take longer than the target": _with_ends(rows, "late"),
    })  # fmt: skip
    return found.loc[:, [name == "Stage" or found[name].ne(MISSING).any() for name in found]]


def _pain(pain: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A row per stage, a column per part."""
    text = pain.assign(told=_with_ends(pain, "estimate", lambda v: share(v, 0), stem=""))
    wide = text.pivot(index="stage", columns="component", values="told")
    parts = list(dict.fromkeys(pain["component"]))
    found = wide.reindex(rows["stage"])[parts].rename(columns={name: PARTS[name].capitalize() for name in parts})
    index = _with_ends(rows, "pain_index", lambda v: number(v, 0))
    return found.rename_axis("Stage").rename_axis(None, axis=1).reset_index().assign(**{"Pain index": index})


def _channels(rows: pd.DataFrame) -> pd.DataFrame:
    """A row per stage, a column per channel."""
    text = rows.assign(told=_with_ends(rows, "share", lambda v: share(v, 0), stem=""))
    order = list(dict.fromkeys(rows["stage"])), list(dict.fromkeys(rows["channel"]))
    wide = text.pivot(index="stage", columns="channel", values="told").reindex(order[0])[order[1]].fillna(MISSING)
    return wide.rename_axis("Stage").rename_axis(None, axis=1).reset_index()


def _themes(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.groupby("stage", sort=False).head(_MOST_THEMES)
    return pd.DataFrame({
        "Stage": rows["stage"], "Words": rows["theme"], "People": rows["n"].map(_people),
        "Of those who wrote": [_cell(v, lambda one: share(one, 0)) for v in rows["share"]],
    })  # fmt: skip


def _next(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.groupby("stage", sort=False).head(_MOST_NEXT)
    return pd.DataFrame({
        "Stage": rows["stage"], "Next": rows["destination"].map(place), "People": rows["n"].map(_people),
        "Of those who stop there": [_cell(v, lambda one: share(one, 0)) for v in rows["rate"]],
    })  # fmt: skip
