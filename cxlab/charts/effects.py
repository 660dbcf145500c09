"""The forest of effects: one row per measure (or segment), its change with interval, levels and reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import pandas as pd

from cxlab.charts.theme import AXIS, BAD, BAD_PALE, GOOD, GRID, INK, MUTED, UNDECIDED, figure, is_narrow

__all__ = ["effect_forest"]

_SHAPES = {
    "good": ("circle", GOOD, GOOD),
    "bad": ("square", BAD, BAD),
    "open": ("diamond", UNDECIDED, "white"),
}
_STEP = 50
_DROP = 10


@dataclass(frozen=True)
class _Layout:
    """Where the columns stand, in pixels."""

    width: int
    left: int
    right: int
    control: int = 0
    new: int = 0
    reading: int = 0

    @classmethod
    def of(cls, width: int) -> _Layout:
        if is_narrow(width):
            return cls(width - 28, 0, width - 44)
        return cls(width - 14, 178, 398, 452, 512, 530)

    @property
    def narrow(self) -> bool:
        return is_narrow(self.width)


def effect_forest(
    rows: pd.DataFrame,
    *,
    axis: Literal["relative", "absolute"] = "relative",
    axis_title: str = "Change against control, relative",
    heads: tuple[str, str, str] = ("Measure", "Control", "New"),
    title: str,
    subtitle: str,
    note: str = "",
    description: str,
    width: int = 680,
) -> Any:
    """How far does each measure change, and what does its interval say?

    Args:
        rows: one row per measure, in order: label, about (second line), narrow (label of the narrow layout),
            effect, ci_low, ci_high, margin (signed: where harm begins; missing without one), control, new,
            reading, short (reading of the narrow layout), change (texts) and kind ("good", "bad", "open").
        axis: "relative" when effects are fractions of the control, written in %; "absolute" else.
        axis_title: what the axis holds.
        heads: words above the label, control and new columns.
        title: the finding.
        subtitle: what, who, when, n and the meaning of bar and shade.
        note: the caution that changes the reading.
        description: the text alternative.
        width: page width; below 500 the narrow layout.

    Returns:
        The chart.
    """
    layout = _Layout.of(width)
    numbers = dict.fromkeys(("effect", "ci_low", "ci_high", "margin"), float)
    drawn = rows.reset_index(drop=True).astype(numbers).assign(row=lambda frame: frame.index)
    base = alt.Chart(drawn).encode(y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)))
    reach = _reach(drawn)
    # Nothing can fall by more than all of it.
    least = -min(reach, 1.0) if axis == "relative" else -reach
    x = _x((least, reach), layout, axis, axis_title)
    text = _narrow_text(base, layout) if layout.narrow else _wide_text(base, layout, heads)
    marks = [
        *_harm(base, drawn, x, (least, reach), narrow=layout.narrow),
        _zero(x),
        *_bars(base, x, drop=_DROP if layout.narrow else 0),
    ]
    chart = alt.layer(*marks, *text).properties(width=layout.width, height=_STEP * len(drawn))
    return figure(chart, title=title, subtitle=subtitle, note=note, description=description, width=width)


def _x(ends: tuple[float, float], layout: _Layout, axis: str, axis_title: str) -> alt.X:
    suffix = " + '%'" if axis == "relative" else ""
    number = "format(abs(datum.value) * 100, '.3~g')" if axis == "relative" else "format(abs(datum.value), '.3~g')"
    sign = "(datum.value > 0 ? '+' : datum.value < 0 ? '\u2212' : '')"
    look = alt.Axis(
        orient="bottom", values=_ticks(*ends), labelExpr=f"{sign} + {number}{suffix}",
        title=axis_title, grid=True, gridColor=GRID, domainColor=AXIS, tickSize=5, titleFontSize=12, labelFontSize=12,
        labelFlush=False, labelOverlap=True,
        # The axis title stands under the plot, not under the whole row.
        titleX=(layout.left + layout.right) / 2, titleAlign="center",
    )  # fmt: skip
    scale = alt.Scale(domain=list(ends), range=[layout.left, layout.right], nice=False, clamp=True)
    return alt.X("effect:Q", scale=scale, axis=look)


def _ticks(least: float, reach: float) -> list[float]:
    return [tick for tick in (least, -reach / 2, 0, reach / 2, reach) if tick >= least]


def _reach(rows: pd.DataFrame) -> float:
    """A round number that holds every interval and shows some of every harm zone."""
    ends = pd.concat([rows["ci_low"].abs(), rows["ci_high"].abs(), rows["margin"].abs() * 1.25]).dropna()
    largest = float(ends.max()) if len(ends) else 0.1
    size = 10.0 ** len(str(int(largest * 1e6))) / 1e6 if largest > 0 else 0.1
    steps = [size * part for part in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)]
    return next(step for step in steps if step >= largest)


def _harm(base: alt.Chart, rows: pd.DataFrame, x: alt.X, ends: tuple[float, float], *, narrow: bool) -> list[Any]:
    """The zone beyond the agreed margin, and its edge."""
    if rows["margin"].isna().all():
        return []
    zones = base.transform_filter("isValid(datum.margin)").transform_calculate(
        edge=f"datum.margin > 0 ? {ends[1]} : {ends[0]}"
    )
    start = _field(x, "margin:Q")
    drop, height = (_DROP, 18) if narrow else (0, 29)
    # A bar's position cannot be shifted by an offset, a thick line's can.
    rect = zones.mark_rule(color=BAD_PALE, strokeWidth=height, yOffset=drop).encode(x=start, x2=alt.X2("edge:Q"))
    edge = zones.mark_tick(color=BAD, opacity=0.75, thickness=2, orient="vertical", size=height, yOffset=drop)
    edge = edge.encode(x=start)
    return [rect, edge]


def _zero(x: alt.X) -> alt.Chart:
    line = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK, strokeWidth=1.2)
    return line.encode(x=_field(x, "zero:Q"))


def _field(x: alt.X, name: str) -> alt.X:
    """The same axis and scale for another column."""
    other = x.copy()
    other["shorthand"] = name
    return other


def _bars(base: alt.Chart, x: alt.X, drop: int) -> list[Any]:
    """Interval and point; colour and shape say the reading."""
    known = base.transform_filter("isValid(datum.ci_low)")
    rule = known.mark_rule(strokeWidth=4, strokeCap="round", yOffset=drop)
    titles = {"label": "Measure", "change": "Change", "reading": "Reading"}
    tooltip = [alt.Tooltip(f"{column}:N", title=title) for column, title in titles.items()]
    points = []
    for kind, (shape, stroke, fill) in _SHAPES.items():
        look = {"shape": shape, "stroke": stroke, "fill": fill, "strokeWidth": 1.6, "opacity": 1, "size": 100}
        mark = known.transform_filter(f"datum.kind == '{kind}'").mark_point(yOffset=drop, **look)
        points.append(mark.encode(x=x, tooltip=tooltip))
    low = _field(x, "ci_low:Q")
    return [rule.encode(x=low, x2=alt.X2("ci_high:Q"), color=_kind_colour(), tooltip=tooltip), *points]


def _kind_colour() -> alt.Color:
    kinds = list(_SHAPES)
    return alt.Color("kind:N", legend=None, scale=alt.Scale(domain=kinds, range=[_SHAPES[k][1] for k in kinds]))


def _wide_text(base: alt.Chart, layout: _Layout, heads: tuple[str, str, str]) -> list[Any]:
    left = {"align": "left", "baseline": "middle"}
    right = {"align": "right", "baseline": "middle"}

    def at(x: int, column: str, **look: Any) -> Any:
        return base.mark_text(**{"color": INK, "fontSize": 12, **look}).encode(
            x=alt.XValue(x), text=alt.Text(f"{column}:N")
        )

    reading = base.mark_text(**left, dy=-8, fontWeight="bold", fontSize=12)
    return [
        at(0, "label", **left, dy=-8, fontWeight="bold", limit=layout.left - 6),
        at(0, "about", **left, dy=8, fontSize=11, color=MUTED, limit=layout.left - 6),
        at(layout.control, "control", **right),
        at(layout.new, "new", **right, fontWeight="bold"),
        reading.encode(x=alt.XValue(layout.reading), text=alt.Text("reading:N"), color=_kind_colour()),
        at(layout.reading, "change", **left, dy=8, fontSize=11, color=MUTED),
        *_heads(layout, heads),
    ]


def _heads(layout: _Layout, heads: tuple[str, str, str]) -> list[Any]:
    places = [(0, heads[0], "left"), (layout.control, heads[1], "right"), (layout.new, heads[2], "right")]
    places.append((layout.reading, "Reading", "left"))
    head = alt.Chart(alt.Data(values=[{}]))
    return [
        head.mark_text(text=words, align=align, color=MUTED, fontSize=12, x=x, y=-10, baseline="middle")
        for x, words, align in places
    ]


def _narrow_text(base: alt.Chart, layout: _Layout) -> list[Any]:
    """Label and reading above each bar; a white edge keeps lines out of the words."""
    look = {"baseline": "middle", "dy": -12, "fontSize": 12, "fontWeight": "bold"}
    left = look | {"align": "left", "limit": layout.right - 76}
    halo = base.mark_text(**left, stroke="white", strokeWidth=4, color="white")
    label = base.mark_text(**left, color=INK)
    reading = base.mark_text(align="right", **look)
    return [
        *(mark.encode(x=alt.XValue(layout.left), text=alt.Text("narrow:N")) for mark in (halo, label)),
        reading.encode(x=alt.XValue(layout.right), text=alt.Text("short:N"), color=_kind_colour()),
    ]
