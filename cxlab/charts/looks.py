"""The path of a watched test: its estimate at each look, between the limits at which it may stop."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cxlab.charts import theme

__all__ = ["looks_path"]

HEIGHT, AXIS_ROOM = 330, 44
MOST_LABELS = 6
LETTER = 0.011  # width of a letter as a part of the picture's


def looks_path(
    looks: pd.DataFrame, limits: pd.DataFrame, *, title: str, subtitle: str, note: str, description: str,
    value_title: str, size_title: str, higher_is_better: bool = True, last: float | None = None, width: int = 680,
) -> Any:  # fmt: skip
    """How did the estimate go from look to look, and where would it have stopped the test?

    Args:
        looks: one row per look, in order: size (share of the plan, or a number of customers), effect, ci_low,
            ci_high, label, crossed (True where a limit was crossed first).
        limits: the limits along the sizes: size, limit (distance from zero).
        title: the finding.
        subtitle: what is drawn, for whom, and what a bar means.
        note: the caution that changes the reading.
        description: the text alternative.
        value_title: heading over the value axis.
        size_title: heading under the axis of sizes.
        higher_is_better: whether a gain lies above zero.
        last: the planned end, on the axis of sizes; None where there is none.
        width: width of the page in pixels.

    Returns:
        The chart; narrow for small screens below 500 pixels.
    """
    look = _look(looks, limits, value_title, size_title, higher_is_better, last, theme.is_narrow(width))
    layers = [
        *_zones(limits, look),
        _zero(look),
        *_end(look),
        *_path(looks, look),
        *_labels(looks, limits, look),
        _words(look),
    ]
    chart = alt.layer(*layers).properties(width=width - AXIS_ROOM - 24, height=look.height)
    return theme.figure(
        chart, title=title, subtitle=subtitle, note=note, description=description, width=width - AXIS_ROOM
    )


@dataclass(frozen=True)
class _Look:
    """What all layers share."""

    x: alt.X
    axis: alt.Axis
    top: float
    start: float
    end: float
    last: float | None
    up: bool
    narrow: bool

    @property
    def height(self) -> int:
        return 260 if self.narrow else HEIGHT

    def y(self, column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", axis=self.axis, scale=alt.Scale(domain=[-self.top, self.top], nice=False))


def _look(
    looks: pd.DataFrame, limits: pd.DataFrame, value_title: str, size_title: str, up: bool, last: float | None,
    narrow: bool,
) -> _Look:  # fmt: skip
    top, shares = _top(looks, limits), last == 1
    start = min(float(limits["size"].min()), float(looks["size"].min()))
    end = max(float(limits["size"].max()), float(looks["size"].max()), last or 0.0)
    edge = 0.05 * (end - start or end)
    places = sorted({*looks["size"], *([last] if last else [])}) if shares and len(looks) <= MOST_LABELS else None
    sizes = alt.Axis(
        title=size_title, grid=False, format=".0%" if shares else ",d", labelOverlap=True, tickCount=4 if narrow else 7,
        **({"values": places} if places else {}),
    )  # fmt: skip
    x = alt.X("size:Q", axis=sizes, scale=alt.Scale(domain=[start - edge, end + edge], nice=False))
    axis = alt.Axis(
        title=value_title,
        format="+.6~g",
        tickCount=6,
        labelExpr="datum.value === 0 ? '0' : replace(datum.label, '-', '−')",
    )
    return _Look(x, axis, top, start, end, last, up, narrow)


def _top(looks: pd.DataFrame, limits: pd.DataFrame) -> float:
    """Half the height in numbers: the first limits lie so far out that they would flatten all others."""
    ends = looks[["effect", "ci_low", "ci_high"]].abs().iloc[1 if len(looks) > 1 else 0 :].to_numpy().max()
    nearest = float(limits["limit"].min())
    return 1.12 * max(float(looks["effect"].abs().max()), min(float(ends), 6 * nearest), 2 * nearest)


def _zones(limits: pd.DataFrame, look: _Look) -> list[alt.Chart]:
    """Beyond the limits: clear gain, clear harm."""
    layers = []
    for sign in (1, -1):
        good = (sign > 0) == look.up
        edge = (sign * limits["limit"]).clip(-look.top, look.top)
        rows = pd.DataFrame({"size": limits["size"], "limit": edge, "far": sign * look.top})
        base = alt.Chart(rows)
        fill = theme.GOOD_PALE if good else theme.BAD_PALE
        shape = {"interpolate": "monotone", "clip": True}
        layers.append(base.mark_area(color=fill, **shape).encode(x=look.x, y=look.y("limit"), y2=alt.Y2("far:Q")))
        ink = theme.GOOD if good else theme.BAD
        inside = base.transform_filter(f"abs(datum.limit) < {look.top * 0.999}")
        layers.append(inside.mark_line(color=ink, strokeWidth=1.8, **shape).encode(x=look.x, y=look.y("limit")))
    return layers


def _zero(look: _Look) -> alt.Chart:
    rows = pd.DataFrame({"zero": [0.0]})
    return alt.Chart(rows).mark_rule(color=theme.INK, strokeWidth=1.2).encode(y=look.y("zero"))


def _end(look: _Look) -> list[alt.Chart]:
    if look.last is None:
        return []
    rows = pd.DataFrame({"size": [look.last]})
    return [alt.Chart(rows).mark_rule(color=theme.AXIS, strokeDash=[4, 4]).encode(x=look.x)]


def _path(looks: pd.DataFrame, look: _Look) -> list[alt.Chart]:
    """Bars that hold at every look, the line of estimates, and a ring where a limit was crossed."""
    blue = theme.VARIANTS[1]
    drawn = looks.assign(**{end: looks[end].clip(-look.top, look.top) for end in ("ci_low", "ci_high")})
    base, first = alt.Chart(drawn), alt.Chart(drawn[drawn["crossed"]])
    tips = [
        alt.Tooltip("label:N", title="Look"), alt.Tooltip("effect:Q", title="Change", format="+.3~g"),
        alt.Tooltip("ci_low:Q", title="from", format="+.3~g"), alt.Tooltip("ci_high:Q", title="to", format="+.3~g"),
    ]  # fmt: skip
    bars = base.mark_rule(color=blue, opacity=0.55, strokeWidth=4, clip=True)
    line = base.mark_line(color=blue, strokeWidth=2.4)
    points = base.mark_point(color=blue, filled=True, size=90, opacity=1)
    layers = [
        bars.encode(x=look.x, y=look.y("ci_low"), y2=alt.Y2("ci_high:Q")),
        line.encode(x=look.x, y=look.y("effect")),
        points.encode(x=look.x, y=look.y("effect"), tooltip=tips),
    ]
    if drawn["crossed"].any():
        ring = first.mark_point(color=theme.GOOD, size=300, strokeWidth=2.4, filled=False, opacity=1)
        layers.append(ring.encode(x=look.x, y=look.y("effect")))
    return layers


def _labels(looks: pd.DataFrame, limits: pd.DataFrame, look: _Look) -> list[alt.Chart]:
    """When each look was; of many looks the one that crossed, or the last one."""
    shown = looks[looks["crossed"]] if looks["crossed"].any() else looks.tail(1)
    if len(looks) <= MOST_LABELS and not look.narrow:
        shown = looks
    late = shown["size"] > (look.start + look.end) / 2
    under = pd.Series([_stands_below(looks, limits, look, place, late[place]) for place in shown.index], shown.index)
    return [
        _label(shown[(late == right) & (under == low)], look, right=right, low=low)
        for right in (False, True)
        for low in (False, True)
        if ((late == right) & (under == low)).any()
    ]


def _stands_below(looks: pd.DataFrame, limits: pd.DataFrame, look: _Look, place: int, right: bool) -> bool:
    """Does a look's label keep clearer of the path and the limits below its point than above it?"""
    own = looks.loc[place]
    long = len(own["label"]) * LETTER * (look.end - look.start)
    beside = own["size"] + np.linspace(0.1, 1.0, 7) * (-long if right else long)
    edge = np.interp(beside, limits["size"], limits["limit"])
    lines = np.stack([np.interp(beside, looks["size"], looks["effect"]), edge, -edge])
    step = 14 * 2 * look.top / look.height
    above, below = (float(np.abs(lines - (own["effect"] + way * step)).min()) for way in (1, -1))
    return below > above


def _label(rows: pd.DataFrame, look: _Look, *, right: bool, low: bool) -> alt.Chart:
    mark = {"align": "right" if right else "left", "dx": -12 if right else 12, "dy": 14 if low else -14, "fontSize": 12}
    text = alt.Chart(rows).mark_text(color=theme.INK, baseline="middle", **mark)
    return text.encode(x=look.x, y=look.y("effect"), text="label:N")


def _words(look: _Look) -> alt.Chart:
    """What each zone says, where few bars are."""
    place = look.start + 0.74 * (look.end - look.start)
    good, bad = "Clear gain: may stop and ship", "Clear harm: stop, do not ship"
    if look.narrow:
        good, bad = "Clear gain", "Clear harm"
    above, below = (good, bad) if look.up else (bad, good)
    inks = (theme.GOOD, theme.BAD) if look.up else (theme.BAD, theme.GOOD)
    rows = pd.DataFrame(
        {"size": [place, place], "at": [0.86 * look.top, -0.86 * look.top], "text": [above, below], "ink": inks}
    )
    mark = alt.Chart(rows).mark_text(fontSize=12 if look.narrow else 13, fontWeight="bold", align="center")
    return mark.encode(x=look.x, y=look.y("at"), text="text:N", color=alt.Color("ink:N", scale=None))
