"""Retention curves: the share that came back by age, with bands, dashed where few have got that far."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts import theme

__all__ = ["MOST_LINES", "retention_curves"]

MOST_LINES = 4
HEIGHT = 300
LABEL_GAP = 0.062


def retention_curves(
    curve: pd.DataFrame, *, title: str, subtitle: str, note: str, description: str, value_title: str, age_title: str,
    remark: str = "", remark_age: int | None = None, width: int = 680,
) -> Any:  # fmt: skip
    """What share came back at each age, one line per group?

    Args:
        curve: one row per group and age from 0 on: group, age, n, rate, ci_low, ci_high, observed (False where
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

    Returns:
        The chart; narrow for small screens below 500 pixels.
    """
    look = _look(curve, value_title, age_title, theme.is_narrow(width))
    layers = [_band(curve, look), *_lines(curve, look), _points(curve, look), _labels(curve, look)]
    if remark and remark_age is not None:
        layers += _remark(curve, look, remark, remark_age)
    beside = 118 if look.narrow else 205 if len(look.groups) > 1 else 130
    chart = alt.layer(*layers).properties(width=width - beside, height=220 if look.narrow else HEIGHT)
    return theme.figure(chart, title=title, subtitle=subtitle, note=note, description=description, width=width)


@dataclass(frozen=True)
class _Look:
    """What all layers share: groups with their colours, and the two axes."""

    groups: list[str]
    colours: tuple[str, ...]
    age: alt.X
    value_axis: alt.Axis
    last: int
    narrow: bool

    def share(self, column: str = "rate") -> alt.Y:
        """The value axis for a column."""
        return alt.Y(f"{column}:Q", axis=self.value_axis, scale=alt.Scale(domain=[0, 1]))

    @property
    def scale(self) -> alt.Scale:
        """Group to colour."""
        return alt.Scale(domain=self.groups, range=list(self.colours))

    @property
    def colour(self) -> alt.Color:
        """The colour of a group; lines are named beside their end, not in a legend."""
        return alt.Color("group:N", scale=self.scale, legend=None)


def _look(curve: pd.DataFrame, value_title: str, age_title: str, narrow: bool) -> _Look:  # noqa: FBT001
    groups = list(dict.fromkeys(curve["group"]))
    last = max(int(curve["age"].max()), 1)
    step = max(1, -(-last // (6 if narrow else 12)))
    ages = alt.Axis(title=age_title, values=list(range(0, last + 1, step)), grid=False, format="d")
    shares = alt.Axis(title=value_title, format=".0%", values=[0, 0.2, 0.4, 0.6, 0.8, 1])
    colours = (theme.VARIANTS[1],) if len(groups) == 1 else theme.SEGMENTS[: len(groups)]
    x = alt.X("age:Q", axis=ages, scale=alt.Scale(domain=[0, last], nice=False))
    return _Look(groups, colours, x, shares, last, narrow)


def _band(curve: pd.DataFrame, look: _Look) -> alt.Chart:
    base = alt.Chart(curve[["group", "age", "ci_low", "ci_high"]])
    return base.mark_area(opacity=0.2).encode(x=look.age, y=look.share("ci_low"), y2="ci_high:Q", color=look.colour)


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
    size = 18 if look.last > 30 else 48
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
    words = [f"{100 * rate:.0f}%" for rate in ends["rate"]]
    if len(words) > 1:
        words = [f"{group}: {word}" for group, word in zip(look.groups, words, strict=True)]
    place = _apart(ends["rate"].to_numpy(), LABEL_GAP * (1.4 if look.narrow else 1))
    ink = [theme.VARIANTS[1]] if len(words) == 1 else [_legible(i) for i in range(len(words))]
    mark = alt.Chart(ends.assign(text=words, place=place, age=look.last, ink=ink)).mark_text(
        align="left", dx=10, baseline="middle", fontSize=11.5 if look.narrow else 12.5, fontWeight="bold", limit=180
    )
    return mark.encode(x=look.age, y=look.share("place"), text="text:N", color=alt.Color("ink:N", scale=None))


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
    place, end = _room(curve, age, 0.065 * (words.count("\n") + 1))
    point = pd.DataFrame({"age": [age], "rate": [float(own.iloc[0])], "end": [end], "place": [place], "text": [words]})
    left = age > 0.5 * look.last
    mark = {"align": "right" if left else "left", "dx": 6 if left else -6, "baseline": "middle"}
    rule = alt.Chart(point).mark_rule(color=theme.AXIS).encode(x=look.age, y=look.share(), y2="end:Q")
    text = alt.Chart(point).mark_text(lineBreak="\n", fontSize=12, lineHeight=17, color=theme.INK, **mark)
    return [rule, text.encode(x=look.age, y=look.share("place"), text="text:N")]


def _room(curve: pd.DataFrame, age: int, tall: float) -> tuple[float, float]:
    """The middle of the words, and the end of the rule that leads to them."""
    near = curve[(curve["age"] - age).abs() <= max(2, 0.3 * curve["age"].max())]
    high, low = float(near["ci_high"].max()), float(near["ci_low"].min())
    if high + tall + 0.07 <= 1:
        return high + tall / 2 + 0.06, high + 0.05
    return max(low - tall / 2 - 0.08, tall / 2 + 0.01), max(low - 0.06, tall + 0.01)
