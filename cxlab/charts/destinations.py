"""Where those who stopped went instead: the most frequent next events after every step."""

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.funnel_view import SMALLEST_DRAWN, SMALLEST_GROUP, FunnelView, behind
from cxlab.charts.theme import AXIS, INK, MUTED, VARIANTS, figure, is_narrow
from cxlab.wording import count, frequency, share

__all__ = ["destinations_chart"]

_MOST_STEPS, _MOST_PLACES, _PITCH = 4, 5, 24
_WORDS = {"(none)": "nothing more", "(open)": "nothing yet, still open"}


def destinations_chart(view: FunnelView, *, width: int = 680) -> Any:
    """What did people do next after the last step they reached?

    Args:
        view: the funnel.
        width: width of the page in pixels.

    Returns:
        An Altair chart.
    """
    frame = view.tables["destinations"]
    shown = frame.groupby("step")["n"].sum().nlargest(_MOST_STEPS).index.sort_values()
    rows = _rows(frame[frame["step"].isin(shown)], view)
    height = float(rows["y"].max()) + _PITCH
    drawing = alt.layer(*_marks(rows, view, width)).properties(width=width - 16, height=height)
    title = _title(frame, view.order)
    more = f"The {_MOST_STEPS} steps where most stopped. " if frame["step"].nunique() > _MOST_STEPS else ""
    return figure(
        drawing, title=title, width=width,
        subtitle=f"First event after the last step reached, over those who stopped there. {view.who}",
        note=f"{more}“Nothing more”: no further event within the window. Adds up to everybody who did not go on, "
        "also those who still have time.",
        description=f"Bar list of what people did next after each step. {title}. Numbers in the table below.",
    )  # fmt: skip


def _title(frame: pd.DataFrame, order: str) -> str:
    """Where most people go from the step with the largest loss."""
    totals = frame.groupby("step")["n"].sum()
    rows = frame[(frame["step"] == totals.idxmax()) & ~frame["destination"].isin(list(_WORDS))]
    where = _after(rows["name"].iloc[0], int(totals.idxmax()), order) if len(rows) else ""
    if rows.empty or totals.max() < SMALLEST_DRAWN or behind(rows).iloc[0] < SMALLEST_GROUP:
        return "What those who stopped did next"
    return f"{frequency(rows['rate'].iloc[0])} who stop {where} go to “{rows['destination'].iloc[0]}”"[:90]


def _after(name: str, step: int, order: str) -> str:
    return f"after “{name}”" if order != "any" else f"after {step} of the steps"


def _rows(frame: pd.DataFrame, view: FunnelView) -> pd.DataFrame:
    """Heads and bars, one line each, with their height in pixels."""
    lines: list[dict[str, Any]] = []
    for step, rows in frame.groupby("step"):
        total = int(rows["n"].sum())
        if lines:
            lines.append({"kind": "gap"})
        head = f"Stopped {_after(rows['name'].iloc[0], int(step), view.order)}: {count(total)} {view.counted}"
        lines += [{"kind": "head", "label": head}, *_places(rows, total)]
    placed = pd.DataFrame(lines)
    return placed.assign(y=_PITCH * placed.index + 10)


def _places(rows: pd.DataFrame, total: int) -> list[dict[str, Any]]:
    """The most frequent places, then the others together; small ones are never told apart."""
    top = rows[behind(rows) >= SMALLEST_GROUP].head(_MOST_PLACES)
    lines = [
        _line(_WORDS.get(row.destination, row.destination), row.n, total, row.destination in _WORDS)
        for row in top.itertuples()
    ]
    rest = total - int(top["n"].sum())
    return [*lines, _line(f"{len(rows) - len(top)} other places", rest, total, pale=True)] if rest else lines


def _line(label: str, n: int, total: int, pale: bool) -> dict[str, Any]:
    seen = n >= SMALLEST_GROUP
    words = f"{count(n)} · {share(n / total, 0)}" if seen else f"under {SMALLEST_GROUP}"
    return {"kind": "pale" if pale else "bar", "label": label if len(label) <= 26 else label[:25] + "…",
            "rate": n / total if seen else 0.0, "words": words}  # fmt: skip


def _marks(rows: pd.DataFrame, view: FunnelView, width: int) -> list[alt.Chart]:
    """Heads in bold, names on the left, bars, numbers behind them."""
    left = 150 if is_narrow(width) else 190
    length = width - 24 - left - 90
    widest = max(float(rows["rate"].max()), 0.01)
    rows = rows.assign(x=left, end=left + length * rows["rate"] / widest, zero=0, top=rows["y"] - 8, low=rows["y"] + 8)
    rows = rows.assign(after=rows["end"] + 7, name_end=left - 8)
    bars = rows[rows["kind"].isin(["bar", "pale"])]
    heads = alt.Chart(rows[rows["kind"] == "head"])
    base, label, words = alt.Chart(bars), alt.Text("label"), alt.Text("words")
    colour = alt.Color("kind:N", scale=alt.Scale(domain=["bar", "pale"], range=[VARIANTS[1], AXIS]), legend=None)
    return [
        heads.mark_text(align="left", fontSize=13, fontWeight="bold").encode(_pixel("zero"), _down("y"), text=label),
        base.mark_rect().encode(x=_pixel("x"), x2=alt.X2("end"), y=_down("top"), y2=alt.Y2("low"), color=colour,
                                tooltip=[alt.Tooltip("label", title="next"), alt.Tooltip("words", title=view.counted)]),
        base.mark_text(align="right", fontSize=12, color=INK).encode(x=_pixel("name_end"), y=_down("y"), text=label),
        base.mark_text(align="left", fontSize=12, color=MUTED).encode(x=_pixel("after"), y=_down("y"), text=words),
    ]  # fmt: skip


def _pixel(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=None, axis=None)


def _down(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=None, axis=None)
