"""Struggle: how many people show a sign of it, and the odds that go together with it."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import AXIS, BAD, GOOD, INK, SEGMENTS, UNDECIDED

__all__ = ["odds_chart", "signals_chart"]

_LEFT, _ROW, _WIDEST = 150, 34, (0.05, 20.0)  # odds that are drawn
_STATES = {"more without": BAD, "fewer without": GOOD, "undecided": UNDECIDED}


def _names(order: list[str], left: int) -> alt.Y:
    axis = alt.Axis(
        title=None, ticks=False, domain=False, labelLimit=left - 8, labelExpr=r"split(datum.label, '\n')",
        labelLineHeight=13, labelOffset=-6,
    )  # fmt: skip
    return alt.Y("name:N", sort=order, axis=axis)


def signals_chart(rows: pd.DataFrame, frame: Frame, *, axis: str) -> Any:
    """How many people struggle, at which event and how?

    Args:
        rows: one row per event and sign, in order: name, kind (the sign in words), value, ci_low, ci_high and told.
        frame: words and width.
        axis: what the shares are of.

    Returns:
        A bar with its interval for each, coloured by the sign, which stands under the event's name too.
    """
    rows = rows.assign(name=rows["name"] + "\n" + rows["kind"])
    kinds = list(dict.fromkeys(rows["kind"]))
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=list(SEGMENTS[: len(kinds)])), legend=None)
    y = _names(list(rows["name"]), _LEFT)
    scale = alt.Scale(domain=[0, max(0.1, 1.03 * float(rows["ci_high"].max()))], nice=False)
    x = alt.X("value:Q", axis=alt.Axis(title=axis, format="%", tickCount=5, grid=True), scale=scale)
    base = alt.Chart(rows)
    marks = [
        base.mark_bar(opacity=0.8, height=16).encode(x=x, y=y, color=colour, tooltip=[alt.Tooltip("told:N", title="")]),
        base.mark_rule(color=INK, strokeWidth=1.6).encode(x=alt.X("ci_low:Q"), x2="ci_high:Q", y=y),
    ]
    return frame.put(alt.layer(*marks).properties(width=frame.inner - _LEFT, height=_ROW * len(rows)))


def odds_chart(rows: pd.DataFrame, frame: Frame) -> Any:
    """How much larger are the odds of those who struggle?

    Args:
        rows: one row per event and sign, in order: name, odds_ratio, ci_low, ci_high, state ("more without", "fewer
            without" or "undecided") and told.
        frame: words and width.

    Returns:
        A dot with its interval for each, on a scale on which twice and half are equally far from 1.
    """
    y = _names(list(rows["name"]), _LEFT)
    low = min(max(float(rows["ci_low"].min()), _WIDEST[0]), 0.5)
    high = max(min(float(rows["ci_high"].max()), _WIDEST[1]), 2.0)
    told = (0.1, 0.3, 1, 3, 10) if frame.narrow else (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
    ticks = [tick for tick in told if low <= tick <= high]
    rows = rows.assign(**{name: rows[name].clip(low, high) for name in ("odds_ratio", "ci_low", "ci_high")})
    axis = alt.Axis(title="Odds of not reaching the goal, times", values=ticks, format="~g", grid=True)
    x = alt.X("odds_ratio:Q", axis=axis, scale=alt.Scale(type="log", domain=[low, high], nice=False))
    colour = alt.Color("state:N", scale=alt.Scale(domain=list(_STATES), range=list(_STATES.values())), legend=None)
    base = alt.Chart(rows)
    sure = alt.datum.state != "undecided"
    dots = base.encode(x=x, y=y, color=colour, tooltip=[alt.Tooltip("told:N", title="")])
    marks = [
        alt.Chart(pd.DataFrame({"one": [1.0]})).mark_rule(color=AXIS, strokeDash=[4, 3]).encode(x=alt.X("one:Q")),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("ci_low:Q"), x2="ci_high:Q", y=y, color=colour),
        dots.transform_filter(sure).mark_point(filled=True, opacity=1, size=80),
        dots.transform_filter(~sure).mark_point(filled=False, fill="white", opacity=1, shape="diamond", size=80),
    ]
    return frame.put(alt.layer(*marks).properties(width=frame.inner - _LEFT, height=_ROW * len(rows)))
