"""Contracts held after each renewal: what was seen, what the model expects, and beyond."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import GRID, INK, MUTED, PANEL, SEGMENTS, VARIANTS

__all__ = ["contract_groups_chart", "contract_survival", "contracts_tested"]

_BLUE, _LEFT, _BESIDE = VARIANTS[1], 62, 96
_SHARES = [0, 0.25, 0.5, 0.75, 1]


def contract_survival(
    expected: pd.DataFrame, seen: pd.DataFrame, frame: Frame, *, axis_title: str, value_title: str, half: str = ""
) -> Any:
    """What share of contracts is still held after each renewal, seen and expected?

    Args:
        expected: one row per renewal from 0 on, in order: age, expected, ci_low, ci_high, median (the renewal by which
            half are lost; missing where the curve does not get there).
        seen: one row per renewal that was seen: age, n, observed.
        frame: words and width.
        axis_title: under the renewals.
        value_title: over the shares.
        half: words at the median.

    Returns:
        Points for what was seen, a line with its band for what is expected, dashed where nothing was seen; below, how
        many contracts are still watched.
    """
    last, until = float(expected["age"].max()), float(seen["age"].max())
    x = _ages(last, axis_title)
    base, dashed = alt.Chart(expected[expected["age"] <= until]), alt.Chart(expected[expected["age"] >= until])
    told = {"expected": "Expected", "ci_low": "from", "ci_high": "to"}
    tips = [alt.Tooltip("age:Q", title="Renewal"),
            *(alt.Tooltip(f"{name}:Q", title=title, format=".1%") for name, title in told.items())]  # fmt: skip
    line: dict[str, Any] = {"color": _BLUE, "strokeWidth": 2.4}
    y, points = _share("expected", value_title), {"color": INK, "fill": INK, "size": 26, "opacity": 1}
    marks = [
        *_unseen(until, last, x, frame),
        alt.Chart(expected).mark_area(color=_BLUE, opacity=0.2).encode(
            x=x, y=_share("ci_low", value_title), y2=alt.Y2("ci_high:Q")
        ),
        base.mark_line(**line).encode(x=x, y=y),
        dashed.mark_line(strokeDash=[6, 4], **line).encode(x=x, y=y),
        alt.Chart(expected).mark_point(size=60, opacity=0).encode(x=x, y=y, tooltip=tips),
        alt.Chart(seen).mark_point(**points).encode(x=x, y=_share("observed", value_title)),
        *_half(expected, x, half, value_title),
    ]  # fmt: skip
    height = 200 if frame.narrow else 270
    picture = alt.layer(*marks).properties(width=frame.inner - _LEFT - 12, height=height)
    watched = _watched(seen, last, frame).properties(width=frame.inner - _LEFT - 12, height=18)
    return frame.put(alt.vconcat(picture, watched, spacing=6))


def _ticks(last: float, *, most: int) -> list[float]:
    step = next(one for one in (1, 2, 3, 6, 12, 24, 60, 120, 365, 3650) if last / one <= most)
    return [float(one) for one in np.arange(0, last + 1e-9, step)]


def _ages(last: float, title: str | None) -> alt.X:
    axis = alt.Axis(title=title, grid=False, format="d", values=_ticks(last, most=9))
    return alt.X("age:Q", axis=axis, scale=alt.Scale(domain=[0, last], nice=False))


def _share(column: str, title: str) -> alt.Y:
    look = alt.Axis(title=title, gridColor=GRID, domain=False, titleX=-_LEFT + 18, values=_SHARES, format=".0%")
    return alt.Y(f"{column}:Q", axis=look, scale=alt.Scale(domain=[0, 1]))


def _unseen(until: float, last: float, x: alt.X, frame: Frame) -> list[Any]:
    """The shade over what nobody has seen yet, and its name."""
    if until >= last:
        return []
    place = alt.Chart(pd.DataFrame({"age": [until], "to": [last]}))
    name = place.mark_text(
        text="not seen yet", align="left", dx=6, baseline="top", color=MUTED, fontSize=11 if frame.narrow else 12
    )
    return [
        place.mark_rect(color=PANEL, opacity=1).encode(x=x, x2=alt.X2("to:Q")),
        name.encode(x=x, y=alt.YValue(4)),
    ]


def _half(expected: pd.DataFrame, x: alt.X, words: str, title: str) -> list[Any]:
    """The line of one half, and where the curve crosses it."""
    rule = alt.Chart(pd.DataFrame({"half": [0.5]})).mark_rule(color=INK, strokeDash=[4, 3], strokeWidth=1)
    found = [rule.encode(y=_share("half", title))]
    median = float(expected["median"].iloc[0])
    if np.isnan(median):
        return found
    place = alt.Chart(pd.DataFrame({"age": [median], "top": [0.5], "low": [0.0], "text": [0.06]}))
    late = median > 0.6 * float(expected["age"].max())
    mark = place.mark_text(text=words, align="right" if late else "left", dx=-7 if late else 7, color=INK, fontSize=12)
    return [
        *found,
        place.mark_rule(color=INK, strokeDash=[2, 3], strokeWidth=1.2).encode(
            x=x, y=_share("low", title), y2=alt.Y2("top:Q")
        ),
        mark.encode(x=x, y=_share("text", title)),
    ]


def _watched(seen: pd.DataFrame, last: float, frame: Frame) -> Any:
    """How many contracts could still be lost at each tick."""
    n = seen.set_index("age")["n"]
    ticks = [one for one in _ticks(last, most=9) if max(one, 1.0) in n.index]
    rows = pd.DataFrame({"age": ticks, "n": [f"{n[max(one, 1.0)]:,.0f}" for one in ticks]})
    bare = alt.X("age:Q", axis=None, scale=alt.Scale(domain=[0, last], nice=False))
    head = alt.Chart(pd.DataFrame({"age": [0.0]})).mark_text(
        text=["Still", "watched"],
        align="left",
        dx=-_LEFT + 2,
        color=MUTED,
        fontSize=11,
        lineHeight=12,
        baseline="middle",
    )
    words = alt.Chart(rows).mark_text(color=MUTED, fontSize=11 if frame.narrow else 11.5).encode(x=bare, text="n:N")
    return alt.layer(head.encode(x=bare), words)


def contract_groups_chart(
    rows: pd.DataFrame, seen: pd.DataFrame, frame: Frame, *, axis_title: str, value_title: str
) -> Any:
    """Do contracts of some groups last longer?

    Args:
        rows: one row per group and renewal from 0 on, in order: group, age, expected, ci_low, ci_high; at most six
            groups.
        seen: one row per group and renewal that was seen: group, age, observed.
        frame: words and width.
        axis_title: under the renewals.
        value_title: over the shares.

    Returns:
        A line with its band for each group, dashed where nothing was seen, its points as seen, its name and last value.
    """
    names = list(dict.fromkeys(rows["group"]))
    colour = alt.Color("group:N", legend=None, scale=alt.Scale(domain=names, range=list(SEGMENTS[: len(names)])))
    last, y = float(rows["age"].max()), _share("expected", value_title)
    x = _ages(last, axis_title)
    ends = rows.groupby("group", sort=False).tail(1)
    ends = ends.assign(
        told=[f"{row.group} {row.expected:.0%}" for row in ends.itertuples()], place=_apart(ends["expected"])
    )
    until = rows["group"].map(seen.groupby("group")["age"].max())
    known, beyond = alt.Chart(rows[rows["age"] <= until]), alt.Chart(rows[rows["age"] >= until])
    words: dict[str, Any] = {"align": "right", "dx": -2} if frame.narrow else {"align": "left", "dx": 8}
    tips = [alt.Tooltip("group:N", title="Group"), alt.Tooltip("age:Q", title="Renewal"),
            alt.Tooltip("expected:Q", title="Expected", format=".1%")]  # fmt: skip
    marks = [
        alt.Chart(rows).mark_area(opacity=0.18).encode(
            x=x, y=_share("ci_low", value_title), y2=alt.Y2("ci_high:Q"), color=colour
        ),
        known.mark_line(strokeWidth=2.4).encode(x=x, y=y, color=colour),
        beyond.mark_line(strokeWidth=2.4, strokeDash=[6, 4]).encode(x=x, y=y, color=colour),
        alt.Chart(rows).mark_point(size=60, opacity=0).encode(x=x, y=y, color=colour, tooltip=tips),
        alt.Chart(seen).mark_point(filled=True, size=22, opacity=1).encode(
            x=x, y=_share("observed", value_title), color=colour
        ),
        alt.Chart(ends).mark_text(fontSize=12, fontWeight="bold", limit=130, **words).encode(
            x=x, y=_share("place", value_title), text="told:N", color=colour
        ),
    ]  # fmt: skip
    width = frame.inner - _LEFT - (12 if frame.narrow else _BESIDE)
    return frame.put(alt.layer(*marks).properties(width=width, height=200 if frame.narrow else 270))


def _apart(values: pd.Series, gap: float = 0.07) -> np.ndarray:
    """Places of words near these values that do not lie upon each other."""
    place = values.to_numpy(float).copy()
    order = np.argsort(place)
    for lower, upper in pairwise(order):
        place[upper] = max(place[upper], place[lower] + gap)
    return np.clip(place, 0.02, 0.98)


def contracts_tested(
    rows: pd.DataFrame, frame: Frame, *, axis_title: str, value_title: str, ends: tuple[str, str]
) -> Any:
    """Does the model foretell who is held at renewals that it has not seen?

    Args:
        rows: one row per renewal after the cut, in order, the cut itself as 0: age, actual, expected, ci_low, ci_high.
        frame: words and width.
        axis_title: under the renewals.
        value_title: over the numbers of contracts.
        ends: words beside the ends of what was expected and of what was seen.

    Returns:
        Points for what was seen, a dashed line with its range for what was expected.
    """
    x = _ages(float(rows["age"].max()), axis_title)
    look = alt.Axis(title=value_title, gridColor=GRID, domain=False, titleX=-_LEFT + 18, tickCount=5, format=",d")
    base = alt.Chart(rows)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", axis=look, scale=alt.Scale(zero=True))

    tips = [alt.Tooltip("age:Q", title="Renewal"), alt.Tooltip("actual:Q", title="Held", format=",.0f"),
            alt.Tooltip("expected:Q", title="Expected", format=",.0f")]  # fmt: skip
    above = float(rows["expected"].iloc[-1]) >= float(rows["actual"].iloc[-1])
    last = alt.Chart(rows.tail(1))
    said = [
        last.mark_text(text=text, color=colour, fontWeight="bold", align="right", dy=-16 if high else 18).encode(
            x=x, y=y(name)
        )
        for name, text, colour, high in zip(("expected", "actual"), ends, (_BLUE, INK), (above, not above), strict=True)
    ]
    marks = [
        base.mark_area(color=_BLUE, opacity=0.2).encode(x=x, y=y("ci_low"), y2=alt.Y2("ci_high:Q")),
        base.mark_line(color=_BLUE, strokeDash=[6, 4], strokeWidth=2.4).encode(x=x, y=y("expected")),
        base.mark_point(color=INK, fill=INK, size=40, opacity=1).encode(x=x, y=y("actual"), tooltip=tips),
        *said,
    ]
    chart = alt.layer(*marks).properties(width=frame.inner - _LEFT - 12, height=190 if frame.narrow else 240)
    return frame.put(chart)
