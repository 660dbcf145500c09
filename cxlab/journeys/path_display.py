"""The tables of paths as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import ALL
from cxlab.journeys.path_order_display import KIND_NAMES, compared_display, order_display, plain_place
from cxlab.results import publishable
from cxlab.wording import MISSING, count, duration, interval, share

if TYPE_CHECKING:
    from cxlab.journeys.paths import PathsResult

__all__ = ["path_display"]

_MOST_MOVES, _MOST_LOOPS = 60, 12


def path_display(result: PathsResult) -> dict[str, pd.DataFrame]:
    """Moves, whole paths, loops, places, what would be lost, and groups, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    tables = result.tables
    shown = {}
    if len(tables.get("removal", ())):
        shown["If an event led nowhere"] = _removal(publishable(tables["removal"]))
    shown["Where people go next"] = _moves(_own(result.table))
    if len(tables["variants"]):
        shown["The most common paths"] = _variants(_own(tables["variants"]))
    shown["Who does the same again"] = _loops(_own(tables["loops"]))
    shown |= order_display(tables)
    shown["Where paths are after so many events"] = _places(_own(tables["places"]))
    return shown | compared_display(tables)


def _own(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of everybody, numbers of few people hidden as they are beside the segments."""
    return publishable(frame)[frame["segment"] == ALL]


def _cell(value: Any, write: Callable[[Any], str]) -> str:
    return MISSING if pd.isna(value) else write(value)


def _people(value: Any) -> str:
    return "under 5" if pd.isna(value) else count(value)


def _ends(rows: pd.DataFrame, write: Callable[[Any], str] = share, name: str = "ci") -> list[str]:
    pairs = zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    return [MISSING if pd.isna(low) or pd.isna(high) else interval(low, high, write) for low, high in pairs]


def _moves(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.head(_MOST_MOVES)
    return pd.DataFrame({
        "From": rows["source"].map(plain_place), "To": rows["target"].map(plain_place),
        "People": rows["n"].map(_people),
        "Moves": [_cell(v, count) for v in rows["moves"]],
        "Of moves from there": [_cell(v, share) for v in rows["rate"]],
        "Likely between": _ends(rows), "Half within": [_cell(v, duration) for v in rows["median_time"]],
    })  # fmt: skip


def _variants(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Path": rows["path"], "People": rows["n"].map(_people), "Times": [_cell(v, count) for v in rows["paths"]],
        "Of all": [_cell(v, share) for v in rows["rate"]], "Likely between": _ends(rows),
    })  # fmt: skip


def _loops(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.groupby("kind", sort=False).head(_MOST_LOOPS)
    return pd.DataFrame({
        "Event": rows["event"], "How": [KIND_NAMES[kind].capitalize() for kind in rows["kind"]],
        "People with it": rows["n"].map(_people),
        "Of them": [_cell(v, share) for v in rows["rate"]], "Likely between": _ends(rows),
    })  # fmt: skip


def _places(rows: pd.DataFrame) -> pd.DataFrame:
    """A row per event, a column per position."""
    text = rows.assign(told=[_cell(v, share) for v in rows["rate"]])
    order = rows.groupby("event")["rate"].max().sort_values(ascending=False).index
    wide = text.pivot(index="event", columns="position", values="told").reindex(order).fillna(MISSING)
    wide.columns = [f"Event {position}" for position in wide.columns]
    return wide.rename(index=plain_place).rename_axis("Where").reset_index()


def _removal(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Event": rows["event"].map(plain_place), "People": rows["n"].map(_people),
        "Would be lost": [_cell(v, share) for v in rows["effect"]], "Likely between": _ends(rows),
        "Share of the credit": [_cell(v, share) for v in rows["credit"]],
        "Credit likely between": _ends(rows, name="credit_ci"),
    })  # fmt: skip
