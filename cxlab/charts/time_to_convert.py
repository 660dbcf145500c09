"""Time to convert: the share that has finished by the time since the start, over everybody who began."""

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.funnel_view import SMALLEST_DRAWN, FunnelView
from cxlab.charts.theme import AXIS, INK, MUTED, SEGMENTS, VARIANTS, figure, is_narrow
from cxlab.wording import count, duration, frequency, share

__all__ = ["time_to_convert_chart"]

_UNITS = ((86_400.0, "day"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))
_MOST = 4


def time_to_convert_chart(view: FunnelView, *, width: int = 680) -> Any:
    """By when have people finished?

    Args:
        view: the funnel.
        width: width of the page in pixels.

    Returns:
        An Altair chart.
    """
    groups = _groups(view)
    curve = view.tables["time_to_convert"]
    curve = curve[curve["segment"].isin(groups)]
    size, unit = _unit(float(curve["time"].max()))
    ends = curve.groupby("segment", sort=False).tail(1)
    began = view.tables["median_time"].drop_duplicates("segment").set_index("segment")["n"]
    drawing = _lines(curve.assign(at=curve["time"] / size), groups, unit, width, _halves(view, groups, size))
    return figure(
        drawing, title=_title(view), width=width,
        subtitle="Share who reached the last step, by time since the very first start, over "
        f"{count(began['all'])} people. {view.who} Band: {share(view.confidence, 0)} interval.",
        note=_note(ends),
        description=f"Curve of the share who finished by time. {_title(view)}. Numbers in the table below.",
    )  # fmt: skip


def _groups(view: FunnelView) -> list[str]:
    """The largest groups that are large enough, else everybody."""
    began = view.tables["median_time"].drop_duplicates("segment").set_index("segment")["n"]
    large = [name for name, n in began.items() if name != "all" and n >= SMALLEST_DRAWN]
    return large[:_MOST] if len(large) > 1 else ["all"]


def _halves(view: FunnelView, groups: list[str], size: float) -> pd.DataFrame:
    """Where each curve crosses one half."""
    frame = view.tables["median_time"]
    frame = frame[frame["segment"].isin(groups) & (frame["share"] == 0.5) & frame["estimate"].notna()]
    return frame.assign(at=frame["estimate"] / size, label=[duration(t) for t in frame["estimate"]])


def _unit(longest: float) -> tuple[float, str]:
    return next((unit for unit in _UNITS if longest >= 2 * unit[0]), _UNITS[-1])


def _title(view: FunnelView) -> str:
    medians = view.tables["median_time"]
    half = medians[(medians["segment"] == "all") & (medians["share"] == 0.5)]["estimate"].iloc[0]
    if half == half:
        return f"Half of all finish within {duration(half)} of their very first start"
    end = view.tables["time_to_convert"].query("segment == 'all'").iloc[-1]
    whole = view.steps.query("segment == 'all'").iloc[-1]
    found = f"{frequency(end['estimate'])} finish within {duration(end['time'])} of their very first start"
    apart = whole["rate"] > end["estimate"] and frequency(whole["rate"]) != frequency(end["estimate"])
    return f"{found}; with later starts {frequency(whole['rate'])}" if apart else found


def _note(ends: pd.DataFrame) -> str:
    never = ends.iloc[0]
    whom = "" if never["segment"] == "all" else f" of “{never['segment']}”"
    return (
        f"{frequency(1 - never['estimate'])}{whom} had not finished after {duration(never['time'])}; "
        "the curve never reaches them. Here the clock runs once per person, from the very first start; the funnel "
        "takes the start that got furthest, so who failed at first and finished at a later try counts there only."
    )


def _lines(curve: pd.DataFrame, groups: list[str], unit: str, width: int, halves: pd.DataFrame) -> Any:
    """Bands, step curves, the line at one half with its crossings, and the names at the ends."""
    narrow = is_narrow(width)
    colours = [VARIANTS[1]] if groups == ["all"] else list(SEGMENTS[: len(groups)])
    hue = alt.Color("segment:N", scale=alt.Scale(domain=groups, range=colours), legend=None)
    top = min(1.0, 1.15 * float(curve["ci_high"].fillna(curve["estimate"]).max()) + 0.01)
    room = 40 if narrow or groups == ["all"] else 130
    ends = _ends(curve, groups, top, short=narrow)
    plural = "s" if unit == "day" else ""
    labels = f"datum.value == 0 ? 'start' : datum.value + ' {unit}' + (datum.value == 1 ? '' : '{plural}')"
    x = alt.X("at:Q", title="Time since the very first start", scale=alt.Scale(nice=False),
              axis=alt.Axis(grid=False, labelExpr=labels, tickCount=4 if narrow else 7, domainColor=AXIS))  # fmt: skip
    y = alt.Y("estimate:Q", title="Share who finished", scale=alt.Scale(domain=[0, top], nice=False),
              axis=alt.Axis(format=".0%", tickCount=5))  # fmt: skip
    base = alt.Chart(curve)
    layers = [
        base.mark_area(opacity=0.2, interpolate="step-after").encode(
            x=x, y=alt.Y("ci_low:Q"), y2=alt.Y2("ci_high"), color=hue
        ),
        base.mark_line(strokeWidth=2.4, interpolate="step-after").encode(x=x, y=y, color=hue),
        alt.Chart(ends)
        .mark_text(align="left", dx=8, fontWeight="bold")
        .encode(x=alt.X("at:Q"), y=alt.Y("place:Q"), text=alt.Text("label"), color=hue),
    ]
    if top > 0.5:
        layers += _crossings(halves, hue)
    return alt.layer(*layers).properties(width=width - room - 60, height=240 if narrow else 320)


def _ends(curve: pd.DataFrame, groups: list[str], top: float, *, short: bool) -> pd.DataFrame:
    """Names at the ends of the curves, pushed apart where they would touch."""
    ends = curve.groupby("segment", sort=False).tail(1).sort_values("estimate").reset_index(drop=True)
    gap = 0.055 * top
    places: list[float] = []
    for value in ends["estimate"]:
        places.append(max(value, places[-1] + gap) if places else value)
    label = [
        share(v, 0) if groups == ["all"] or short else f"{name[:14]}: {share(v, 0)}"
        for name, v in zip(ends["segment"], ends["estimate"], strict=True)
    ]
    return ends.assign(place=places, label=label)


def _crossings(halves: pd.DataFrame, hue: alt.Color) -> list[alt.Chart]:
    line = alt.Chart(pd.DataFrame({"half": [0.5]})).mark_rule(color=INK, strokeDash=[5, 4], strokeWidth=1)
    base = alt.Chart(halves.assign(half=0.5))
    return [
        line.encode(y=alt.Y("half:Q")),
        base.mark_point(filled=True, size=110, opacity=1).encode(x=alt.X("at:Q"), y=alt.Y("half:Q"), color=hue),
        base.mark_text(align="left", dx=6, dy=16, fontWeight="bold", color=MUTED).encode(
            x=alt.X("at:Q"), y=alt.Y("half:Q"), text=alt.Text("label"), color=hue
        ),
    ]
