"""Tables against the order, of groups of ways and of segments compared, as readers see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from cxlab.data import ALL
from cxlab.journeys.path_order import ANY_STAGE
from cxlab.journeys.path_words import WAY_NAMES, place_name
from cxlab.results import publishable
from cxlab.wording import MISSING, count, duration, interval, p_text, points, share

__all__ = ["KIND_NAMES", "compared_display", "order_display", "plain_place", "surest_display"]

_MOST_TURNS, _MOST_COMPARED, _MOST_OF_ONE = 12, 15, 8
KIND_NAMES = {"repeated": "more than once", "in_a_row": "twice in a row", "returned": "again after something else"}
_TURNS = {"left_out": "left out", "back": "back to {}", "detour": "{} before the next stage"}


def plain_place(name: str) -> str:
    """What is a place called in a table?"""
    told = place_name(name)
    return name if told.startswith("“") else f"({told})"


def _cell(value: Any, write: Callable[[Any], str]) -> str:
    return MISSING if pd.isna(value) else write(value)


def _people(value: Any) -> str:
    return "under 5" if pd.isna(value) else count(value)


def _ends(rows: pd.DataFrame, write: Callable[[Any], str] = share, name: str = "ci") -> list[str]:
    pairs = zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    return [MISSING if pd.isna(low) or pd.isna(high) else interval(low, high, write) for low, high in pairs]


def _own(frame: pd.DataFrame) -> pd.DataFrame:
    return publishable(frame)[frame["segment"] == ALL]


def order_display(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Which tables against the order, and of groups of ways, are shown?

    Args:
        tables: the result's tables.

    Returns:
        Caption of each and its cells.
    """
    told = {
        "Which paths keep the order": ("conformance", _ways),
        "In what paths are unlike the order": ("deviations", _turns),
        "Who goes back": ("backtracking", _back), "How long it takes to be as far again": ("lost_time", _lost),
        "Groups of ways": ("clusters", _clusters),
    }  # fmt: skip
    return {caption: write(_own(tables[name])) for caption, (name, write) in told.items() if len(tables.get(name, ()))}


def _shares(rows: pd.DataFrame, whole: str) -> dict[str, Any]:
    return {
        "People": rows["n"].map(_people), "Times": [_cell(v, count) for v in rows["paths"]],
        whole: [_cell(v, share) for v in rows["rate"]], "Likely between": _ends(rows),
    }  # fmt: skip


def _ways(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"Path": rows["way"].map(WAY_NAMES), **_shares(rows, "Of all")})


def _turn(row: Any) -> str:
    return _TURNS[row.kind].format(plain_place(row.other))


def _turns(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.head(_MOST_TURNS)
    what = [_turn(row) for row in rows.itertuples()]
    return pd.DataFrame({"Stage": rows["stage"], "What is unlike": what, **_shares(rows, "Of all")})


def _stage(name: str) -> str:
    return "(all stages)" if name == ANY_STAGE else name


def _back(rows: pd.DataFrame) -> pd.DataFrame:
    what = {"moves": "Moves to another stage that lead back", "people": "People who went back"}
    return pd.DataFrame({
        "From": rows["stage"].map(_stage), "What": rows["measure"].map(what), "People": rows["n"].map(_people),
        "Of": [_cell(v, count) for v in rows["tried"]], "Share": [_cell(v, share) for v in rows["rate"]],
        "Likely between": _ends(rows),
    })  # fmt: skip


def _lost(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "From": rows["stage"].map(_stage), "People who fell back": rows["n"].map(_people),
        "Times": [_cell(v, count) for v in rows["falls"]], "As far again": [_cell(v, count) for v in rows["regained"]],
        "Half of these within": [_cell(v, duration) for v in rows["median_time"]],
        "Likely between": _ends(rows, duration),
    })  # fmt: skip


def _clusters(rows: pd.DataFrame) -> pd.DataFrame:
    told = {"Far more often": rows["cluster"], **_shares(rows, "Of these"), "Events, median": rows["length"].map(count)}
    if "goal_rate" in rows:
        told |= {
            "Reach the goal": [_cell(v, share) for v in rows["goal_rate"]],
            "Goal likely between": _ends(rows, name="goal_ci"),
        }  # fmt: skip
    return pd.DataFrame(told)


def compared_display(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Which differences of segments are shown?

    Args:
        tables: the result's tables.

    Returns:
        One table of the surest differences of all kinds; the result holds all of them.
    """
    return surest_display(tables, _COMPARED)


def surest_display(
    tables: Mapping[str, pd.DataFrame], kinds: Mapping[str, tuple[str, Callable[[Any], str]]]
) -> dict[str, pd.DataFrame]:
    """The surest differences, the most of one kind first told by their own p-values.

    Args:
        tables: the result's tables.
        kinds: comparison to what it is about, and how one of its rows is called.

    Returns:
        Caption and cells; nothing where nothing was compared.
    """
    parts = []
    for name, (about, say) in kinds.items():
        if len(tables.get(name, ())):
            rows = publishable(tables[name]).dropna(subset=["effect", "p_value"]).head(_MOST_OF_ONE)
            cells = difference_table(rows, about, [say(row) for row in rows.itertuples()], name.startswith("lost_time"))
            parts.append(cells.assign(sure=rows["p_adjusted"].to_numpy(), own=rows["p_value"].to_numpy()))
    parts = [part for part in parts if len(part)]
    if not parts:
        return {}
    every = pd.concat(parts, ignore_index=True).sort_values(["sure", "own"], kind="stable")
    return {"In what groups differ most surely": every.head(_MOST_COMPARED).drop(columns=["sure", "own"])}


def difference_table(rows: pd.DataFrame, about: str, names: list[str], times: bool) -> pd.DataFrame:
    """Differences as text.

    Args:
        rows: rows of a comparison.
        about: what kind of difference.
        names: what each row is about.
        times: are these times, not shares?

    Returns:
        The cells.
    """
    level, change = (duration, _longer) if times else (share, points)
    return pd.DataFrame({
        "About": about, "What": names, "Group": rows["segment"], "Here": [_cell(v, level) for v in rows["estimate"]],
        "Compared with": rows["control"], "There": [_cell(v, level) for v in rows["control_estimate"]],
        "Difference": [_cell(v, change) for v in rows["effect"]], "Likely between": _ends(rows, change),
        "p, adjusted": [_cell(v, p_text) for v in rows["p_adjusted"]],
    })  # fmt: skip


def _longer(seconds: float | None) -> str:
    """A change of a time, with its sign."""
    value = float(seconds or 0)
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{duration(abs(value))}"


_COMPARED: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "comparison": ("Moves", lambda row: f"{plain_place(row.source)} → {plain_place(row.target)}"),
    "loops_comparison": ("Doing the same again", lambda row: f"{row.event} {KIND_NAMES[row.kind]}"),
    "conformance_comparison": ("Keeping the order", lambda row: WAY_NAMES[row.way]),
    "deviations_comparison": ("What is unlike the order", lambda row: f"{row.stage}: {_turn(row)}"),
    "backtracking_comparison": ("Going back", lambda row: f"{_stage(row.stage)}, {row.measure}"),
    "lost_time_comparison": ("Time lost", lambda row: _stage(row.stage)),
    "clusters_comparison": ("Groups of ways", lambda row: row.cluster),
    "removal_comparison": ("Without an event", lambda row: plain_place(row.event)),
    "variants_comparison": ("Whole paths", lambda row: row.path),
    "places_comparison": ("Places", lambda row: f"event {row.position}: {plain_place(row.event)}"),
}  # fmt: skip
