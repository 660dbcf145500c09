"""Retention curves: the share that came back by age, with bands, dashed where few have got that far."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts import theme

__all__ = ["MOST_LINES", "retention_curves"]

MOST_LINES = 4
HEIGHT, AXIS_ROOM = 300, 44
LINE = 17


def retention_curves(
    curve: pd.DataFrame, *, title: str, subtitle: str | Sequence[str], note: str, description: str,
    value_title: str, age_title: str,
    remark: str = "", remark_age: int | None = None, width: int = 680, age_names: Mapping[int, str] | None = None,
) -> Any:  # fmt: skip
    """What share came back at each age, one line per group?

    Args:
        curve: one row per group and age: group, age, n, rate, ci_low, ci_high, observed (False where
            fewer than half have got that far); at most four groups, in order.
        title: the finding.
        subtitle: what, who, until when, meaning of the band.
        note: the caution that changes the reading.
        description: the text alternative.
        value_title: heading over the value axis.
        age_title: heading under the age axis.
        remark: words at one point of the first line; lines are parted by a line break.
        remark_age: the age they stand at.
        width: width of the page in pixels.
        age_names: what stands at an age, where it is not the number itself.

    Returns:
        The chart; narrow for small screens below 500 pixels.
    """
    look = _look(curve, value_title, age_title, theme.is_narrow(width), age_names or {})
    layers = [_band(curve, look), *_lines(curve, look), _points(curve, look), _labels(curve, look)]
    if remark and remark_age is not None and not look.narrow:
        layers += _remark(curve, look, remark, remark_age)
    chart = alt.layer(*layers).properties(width=width - _beside(look), height=look.height)
    # The note stands under the plot, right of the value axis' labels: it must be that much shorter.
    inner = width - AXIS_ROOM
    return theme.figure(chart, title=title, subtitle=subtitle, note=note, description=description, width=inner)


def _beside(look: "_Look") -> int:
    """Room for the axis, and for the names at the lines' ends."""
    return AXIS_ROOM + 20 + (42 if len(look.groups) == 1 else 112 if look.narrow else 150)


@dataclass(frozen=True)
class _Look:
    """What all layers share: groups with their colours, and the two axes."""

    groups: list[str]
    colours: tuple[str, ...]
    age: alt.X
    value_axis: alt.Axis
    last: int
    top: float
    narrow: bool

    @property
    def height(self) -> int:
        """The plot's height."""
        return 220 if self.narrow else HEIGHT

    def share(self, column: str = "rate") -> alt.Y:
        """The value axis for a column."""
        return alt.Y(f"{column}:Q", axis=self.value_axis, scale=alt.Scale(domain=[0, self.top]))

    @property
    def scale(self) -> alt.Scale:
        """Group to colour."""
        return alt.Scale(domain=self.groups, range=list(self.colours))

    @property
    def colour(self) -> alt.Color:
        """The colour of a group; lines are named beside their end, not in a legend."""
        return alt.Color("group:N", scale=self.scale, legend=None)


def _look(curve: pd.DataFrame, value_title: str, age_title: str, narrow: bool, names: Mapping[int, str]) -> _Look:
    groups = list(dict.fromkeys(curve["group"]))
    last = max(int(curve["age"].max()), 1)
    step = max(1, -(-last // (6 if narrow else 12)))
    first = int(curve["age"].min())
    top = min(float(np.ceil(10 * curve["ci_high"].max() + 0.2) / 10), 1.0)
    ages = alt.Axis(title=age_title, values=list(range(first, last + 1, step)), grid=False, format="d")
    if names:
        ages.labelExpr = f"{json.dumps([names[age] for age in sorted(names)])}[datum.value]"
    shares = alt.Axis(title=value_title, format=".0%", values=np.linspace(0, top, round(top / _step(top)) + 1).tolist())
    colours = (theme.VARIANTS[1],) if len(groups) == 1 else theme.SEGMENTS[: len(groups)]
    x = alt.X("age:Q", axis=ages, scale=alt.Scale(domain=[min(first, last - 1), last], nice=False))
    return _Look(groups, colours, x, shares, last, top, narrow)


def _step(top: float) -> float:
    """Between grid lines: a fifth, a tenth or a twentieth, whichever divides the axis in few parts."""
    return 0.2 if round(10 * top) % 2 == 0 and top > 0.5 else 0.1 if top > 0.2 else 0.05


def _band(curve: pd.DataFrame, look: _Look) -> alt.Chart:
    base = alt.Chart(curve[["group", "age", "ci_low", "ci_high"]])
    band = base.mark_area(opacity=0.2 if len(look.groups) <= 2 else 0.1)
    return band.encode(x=look.age, y=look.share("ci_low"), y2=alt.Y2("ci_high:Q"), color=look.colour)


def _lines(curve: pd.DataFrame, look: _Look) -> list[alt.Chart]:
    """Solid as far as half have got, dashed from there on; the dashes begin at the last solid point."""
    solid = curve[curve["observed"]]
    last = solid.groupby("group")["age"].max()
    thin = curve[curve["age"] >= curve["group"].map(last).fillna(0)]
    drawn = [(solid, [1, 0]), (thin[thin.duplicated("group", keep=False)], [5, 4])]
    return [
        alt.Chart(rows[["group", "age", "rate"]])
        .mark_line(strokeWidth=2.4, strokeDash=dash)
        .encode(x=look.age, y=look.share(), color=look.colour)
        for rows, dash in drawn
        if not rows.empty
    ]


def _points(curve: pd.DataFrame, look: _Look) -> alt.Chart:
    """Full points where at least half have got that far, hollow ones after."""
    colour = curve["group"].map(dict(zip(look.groups, look.colours, strict=True)))
    hollow = colour.where(curve["observed"], "white")
    size = 18 if look.last > (12 if look.narrow else 30) else 48
    base = alt.Chart(curve.assign(inside=hollow)).mark_point(size=size, strokeWidth=1.8, opacity=1)
    tips = [
        alt.Tooltip("group:N", title="Group"), alt.Tooltip("age:Q", title="Age"),
        alt.Tooltip("n:Q", title="Customers seen", format=","), alt.Tooltip("rate:Q", title="Share", format=".1%"),
        alt.Tooltip("ci_low:Q", title="from", format=".1%"), alt.Tooltip("ci_high:Q", title="to", format=".1%"),
    ]  # fmt: skip
    stroke, fill = alt.Stroke("group:N", scale=look.scale, legend=None), alt.Fill("inside:N", scale=None)
    return base.encode(x=look.age, y=look.share(), stroke=stroke, fill=fill, tooltip=tips)


def _labels(curve: pd.DataFrame, look: _Look) -> alt.Chart:
    """Each line's name and last value beside its end, pushed apart where they would touch."""
    ends = curve.sort_values("age").groupby("group").tail(1).set_index("group").loc[look.groups].reset_index()
    words = [_end_words(row, look) for row in ends.to_dict("records")]
    place = _apart(ends["rate"].to_numpy() / look.top, (LINE + 1) / look.height) * look.top
    ink = [theme.VARIANTS[1]] if len(words) == 1 else [_legible(i) for i in range(len(words))]
    mark = alt.Chart(ends.assign(text=words, place=place, age=look.last, ink=ink)).mark_text(
        align="left", dx=10, baseline="middle", fontSize=11.5 if look.narrow else 12.5, fontWeight="bold", limit=180
    )
    return mark.encode(x=look.age, y=look.share("place"), text=alt.Text("text:N"), color=alt.Color("ink:N", scale=None))


def _end_words(row: dict[str, Any], look: _Look) -> str:
    """A line's name and last value; where it ends before the others, the age it ends at."""
    early = f" at {row['age']}" if row["age"] < look.last else ""
    name = "" if len(look.groups) == 1 else f"{row['group']}: "
    return f"{name}{100 * row['rate']:.0f}%{early}"


def _legible(place: int) -> str:
    """The third to fifth segment colours are too pale for text."""
    return theme.INK if place in (2, 3, 4) else theme.SEGMENTS[place]


def _apart(values: np.ndarray, gap: float) -> np.ndarray:
    """The same places, moved until neighbours are a gap apart."""
    order = np.argsort(values)
    placed = values[order].astype(float)
    for _ in range(200):
        close = np.diff(placed) < gap - 1e-9
        if not close.any():
            break
        i = int(np.argmax(close))
        middle = placed[i : i + 2].mean()
        placed[i], placed[i + 1] = middle - gap / 2, middle + gap / 2
    result = np.empty_like(placed)
    result[order] = np.clip(placed, 0.02, 1.02)
    return result


def _remark(curve: pd.DataFrame, look: _Look, words: str, age: int) -> list[alt.Chart]:
    """Words about one point of the first line, above all lines where there is room, else below them."""
    own = curve.loc[(curve["age"] == age) & (curve["group"] == look.groups[0]), "rate"]
    if own.empty:
        return []
    place, end = (look.top * v for v in _room(curve, look.top, age, LINE / look.height, words.count("\n") + 1))
    point = pd.DataFrame({"age": [age], "rate": [float(own.iloc[0])], "end": [end], "place": [place], "text": [words]})
    left = age > 0.5 * look.last
    mark = {"align": "right" if left else "left", "dx": 6 if left else -6, "baseline": "middle"}
    rule = alt.Chart(point).mark_rule(color=theme.AXIS).encode(x=look.age, y=look.share(), y2=alt.Y2("end:Q"))
    text = alt.Chart(point).mark_text(lineBreak="\n", fontSize=12, lineHeight=LINE, color=theme.INK, **mark)
    return [rule, text.encode(x=look.age, y=look.share("place"), text=alt.Text("text:N"))]


def _room(curve: pd.DataFrame, top: float, age: int, line: float, lines: int) -> tuple[float, float]:
    """The middle of the first line of words, and the end of the rule that leads to them, as shares of the height."""
    near = curve[(curve["age"] > 0) & ((curve["age"] - age).abs() <= max(2, 0.3 * curve["age"].max()))]
    high, low = float(near["ci_high"].max()) / top, float(near["ci_low"].min()) / top
    if high + 0.04 + line * lines <= 0.98:
        return high + 0.04 + line * (lines - 0.5), high + 0.03
    first = max(low - 0.04 - line / 2, line * (lines - 0.5))
    return first, first + line / 2 + 0.01
