"""The tables of friction as readers see them: text, plain headings, small groups hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import ALL
from cxlab.journeys.friction_channels import ANY_EVENT
from cxlab.journeys.friction_words import SIGNS
from cxlab.journeys.path_order_display import plain_place, surest_display
from cxlab.results import publishable
from cxlab.wording import MISSING, count, interval, number, p_text, share

if TYPE_CHECKING:
    from cxlab.journeys.friction import FrictionResult

__all__ = ["friction_display"]

_MOST = 10


def friction_display(result: FrictionResult) -> dict[str, pd.DataFrame]:
    """Who struggles, what goes with it, channels, contacts and groups, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    tables = result.tables
    seen = result.table[result.table["found"] > 0]
    shown = {"Who struggles where": _signals(_own(seen))} if len(seen) else {}
    if len(tables.get("goal", ())):
        shown["What goes together with not reaching the goal"] = _goal(publishable(tables["goal"]))
    for name, caption in (
        ("contacts", "After what people ask for help"),
        ("switches", "After what people change the channel"),
    ):
        if len(tables.get(name, ())):
            shown[caption] = _events(_own(tables[name]))
    if len(tables.get("channels", ())):
        shown["From channel to channel"] = _channels(_own(tables["channels"]))
    return shown | surest_display(tables, _COMPARED)


def _own(frame: pd.DataFrame) -> pd.DataFrame:
    return publishable(frame)[frame["segment"] == ALL]


def _cell(value: Any, write: Callable[[Any], str]) -> str:
    return MISSING if pd.isna(value) else write(value)


def _people(value: Any) -> str:
    return "under 5" if pd.isna(value) else count(value)


def _ends(rows: pd.DataFrame, write: Callable[[Any], str] = share) -> list[str]:
    pairs = zip(rows["ci_low"], rows["ci_high"], strict=True)
    return [MISSING if pd.isna(low) or pd.isna(high) else interval(low, high, write) for low, high in pairs]


def _event(name: str) -> str:
    return "(all events)" if name == ANY_EVENT else plain_place(name)


def _signals(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.groupby("signal", sort=False).head(_MOST)
    return pd.DataFrame({
        "Event": rows["event"], "Sign": rows["signal"].map(SIGNS),
        "People with the event": rows["n"].map(_people), "Of them": [_cell(v, share) for v in rows["rate"]],
        "Likely between": _ends(rows),
    })  # fmt: skip


def _times(value: float) -> str:
    return f"{number(value, 2 if value < 10 else 0)}"


def _goal(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.head(2 * _MOST)
    return pd.DataFrame({
        "Event": rows["event"], "Sign": rows["signal"].map(SIGNS), "People": rows["n"].map(_people),
        "Not at the goal": [_cell(v, share) for v in rows["lost_rate"]], "Others": rows["control_n"].map(_people),
        "Not at the goal, others": [_cell(v, share) for v in rows["control_lost_rate"]],
        "Odds ratio": [_cell(v, _times) for v in rows["odds_ratio"]], "Likely between": _ends(rows, _times),
        "p, adjusted": [_cell(v, p_text) for v in rows["p_adjusted"]],
    })  # fmt: skip


def _events(rows: pd.DataFrame) -> pd.DataFrame:
    what = {"moves": "of these events", "people": "of these people"}
    rows = rows.groupby("measure", sort=False).head(_MOST)
    return pd.DataFrame({
        "After": rows["event"].map(_event), "People": rows["n"].map(_people),
        "Out of": [_cell(v, count) for v in rows["tried"]],
        "What": rows["measure"].map(what), "Share": [_cell(v, share) for v in rows["rate"]],
        "Likely between": _ends(rows),
    })  # fmt: skip


def _channels(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "From": rows["source"], "To": rows["target"].map(plain_place), "People": rows["n"].map(_people),
        "Stays": [_cell(v, count) for v in rows["moves"]], "Of stays there": [_cell(v, share) for v in rows["rate"]],
        "Likely between": _ends(rows),
    })  # fmt: skip


_COMPARED: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "comparison": ("Struggle", lambda row: f"{row.event}: {SIGNS[row.signal]}"),
    "contacts_comparison": ("Asking for help", lambda row: f"after {_event(row.event)}, {row.measure}"),
    "switches_comparison": ("Changing the channel", lambda row: f"after {_event(row.event)}, {row.measure}"),
    "channels_comparison": ("Channels", lambda row: f"{row.source} → {plain_place(row.target)}"),
}  # fmt: skip
