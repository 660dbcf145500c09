"""The change over the whole distribution: each quantile with its interval and the band of all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts import theme

__all__ = ["effect_by_quantile"]

HEIGHT, AXIS_ROOM = 300, 44
_SHAPES = {
    "good": ("circle", theme.GOOD, theme.GOOD), "bad": ("square", theme.BAD, theme.BAD),
    "open": ("diamond", theme.UNDECIDED, "white"),
}  # fmt: skip


def effect_by_quantile(
    quantiles: pd.DataFrame, *, title: str, subtitle: str, note: str, description: str, value_title: str,
    quantile_title: str, nothing: str, width: int = 680,
) -> Any:  # fmt: skip
    """Does the change sit among low or among high values?

    Args:
        quantiles: one row per quantile, in order: q (a fraction), effect, ci_low, ci_high, band_low, band_high, kind
            ("good", "bad" or "open": does the band keep clear of zero, on which side?); without effect where both
            groups have one and the same value.
        title: the finding.
        subtitle: what is drawn, for whom, and what bar and band mean.
        note: the caution that changes the reading.
        description: the text alternative.
        value_title: heading over the value axis.
        quantile_title: heading under the axis of quantiles.
        nothing: words over the quantiles where nothing can be seen.
        width: width of the page in pixels; below 500 the narrow layout.

    Returns:
        The chart.
    """
    look = _look(quantiles, value_title, quantile_title, narrow=theme.is_narrow(width))
    layers = [*_unseen(quantiles, look, nothing), _zero(look), *_marks(quantiles, look)]
    chart = alt.layer(*layers).properties(width=width - AXIS_ROOM - 24, height=220 if look.narrow else HEIGHT)
    return theme.figure(
        chart, title=title, subtitle=subtitle, note=note, description=description, width=width - AXIS_ROOM
    )


@dataclass(frozen=True)
class _Look:
    """What all layers share."""

    axis: alt.Axis
    below: alt.Axis
    ends: tuple[float, float]
    narrow: bool

    def x(self, column: str) -> alt.X:
        """The axis of quantiles for a column."""
        return alt.X(f"{column}:Q", axis=self.below, scale=alt.Scale(domain=[0, 1], nice=False))

    def y(self, column: str) -> alt.Y:
        """The value axis for a column."""
        return alt.Y(f"{column}:Q", axis=self.axis, scale=alt.Scale(domain=list(self.ends), nice=False))


def _look(quantiles: pd.DataFrame, value_title: str, quantile_title: str, *, narrow: bool) -> _Look:
    limits = quantiles[["effect", "ci_low", "ci_high", "band_low", "band_high"]]
    low, high = min(float(limits.min(axis=None)), 0.0), max(float(limits.max(axis=None)), 0.0)
    reach = (high - low) or 1.0
    axis = alt.Axis(title=value_title, tickCount=6, labelExpr=theme.CHANGE)
    ticks = [0.1, 0.5, 0.9] if narrow else [0.1, 0.25, 0.5, 0.75, 0.9]
    below = alt.Axis(title=quantile_title, values=ticks, format=".0%", grid=False)
    return _Look(axis, below, (low - 0.05 * reach, high + 0.08 * reach), narrow)


def _zero(look: _Look) -> alt.Chart:
    rows = pd.DataFrame({"zero": [0.0]})
    return alt.Chart(rows).mark_rule(color=theme.INK, strokeWidth=1.2).encode(y=look.y("zero"))


def _unseen(quantiles: pd.DataFrame, look: _Look, nothing: str) -> list[alt.Chart]:
    """The stretches in which both groups have one and the same value, and words over the widest."""
    away = quantiles.loc[quantiles["effect"].isna(), "q"]
    if away.empty:
        return []
    step, (low, high) = float(quantiles["q"].diff().min()), look.ends
    runs = away.groupby((away.diff() > 1.5 * step).cumsum()).agg(["min", "max"]).reset_index(drop=True)
    rows = pd.DataFrame({"start": runs["min"] - step / 2, "end": runs["max"] + step / 2, "low": low, "high": high})
    area = alt.Chart(rows).mark_rect(color=theme.PANEL)
    widest = rows.loc[(rows["end"] - rows["start"]).idxmax()]
    words = theme.lines(nothing, (widest["end"] - widest["start"]) * (250 if look.narrow else 560), 6.6)
    at = pd.DataFrame({"middle": [(widest["start"] + widest["end"]) / 2], "top": [high - 0.02 * (high - low)]})
    told = {"text": words, "color": theme.MUTED, "fontSize": 12, "baseline": "top", "align": "center", "lineHeight": 15}
    return [
        area.encode(x=look.x("start"), x2=alt.X2("end:Q"), y=look.y("low"), y2=alt.Y2("high:Q")),
        alt.Chart(at).mark_text(**told).encode(x=look.x("middle"), y=look.y("top")),
    ]


def _marks(quantiles: pd.DataFrame, look: _Look) -> list[alt.Chart]:
    """The band of all quantiles, each one's own interval, and the change; colour and shape say the reading."""
    columns = ["q", "effect", "ci_low", "ci_high", "band_low", "band_high", "kind"]
    base = alt.Chart(quantiles.dropna(subset=["effect"])[columns])
    tips = [
        alt.Tooltip("q:Q", title="Quantile", format=".0%"), alt.Tooltip("effect:Q", title="Change", format="+,.4~r"),
        alt.Tooltip("ci_low:Q", title="from", format="+,.4~r"), alt.Tooltip("ci_high:Q", title="to", format="+,.4~r"),
        alt.Tooltip("band_low:Q", title="all together, from", format="+,.4~r"),
        alt.Tooltip("band_high:Q", title="to", format="+,.4~r"),
    ]  # fmt: skip
    colour = alt.Color(
        "kind:N", legend=None, scale=alt.Scale(domain=[*_SHAPES], range=[one[1] for one in _SHAPES.values()])
    )
    x, known, told = (
        look.x("q"),
        base.transform_filter("isValid(datum.band_low)"),
        base.transform_filter("isValid(datum.ci_low)"),
    )
    band = known.mark_rule(strokeWidth=8 if look.narrow else 16, opacity=0.2)
    bars = told.mark_rule(strokeWidth=2.5 if look.narrow else 4)
    points = [
        base.transform_filter(f"datum.kind == '{kind}'")
        .mark_point(shape=shape, stroke=stroke, fill=fill, strokeWidth=1.6, opacity=1, size=36 if look.narrow else 80)
        .encode(x=x, y=look.y("effect"), tooltip=tips)
        for kind, (shape, stroke, fill) in _SHAPES.items()
    ]
    return [
        band.encode(x=x, y=look.y("band_low"), y2=alt.Y2("band_high:Q"), color=colour, tooltip=tips),
        bars.encode(x=x, y=look.y("ci_low"), y2=alt.Y2("ci_high:Q"), color=colour, tooltip=tips),
        *points,
    ]
