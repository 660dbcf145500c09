"""The funnel: bars of the share that reached each step, who left between them, and who may still go on."""

from typing import Any

import altair as alt
import pandas as pd

from cxlab.charts.funnel_view import SMALLEST_DRAWN, FunnelView, enough
from cxlab.charts.theme import BAD, GRID, INK, MUTED, PANEL, VARIANTS, figure, is_narrow
from cxlab.wording import count, duration, frequency, interval, points, share

__all__ = ["funnel_chart", "groups_chart"]

_BLUE = VARIANTS[1]


def funnel_chart(view: FunnelView, *, width: int = 680) -> Any:
    """How many of those who begin reach each step?

    Args:
        view: the funnel.
        width: width of the page in pixels.

    Returns:
        An Altair chart.
    """
    rows = _places(view, width)
    size = {"width": width - 16, "height": float(rows["bottom"].max()) + 2}
    drawing = alt.layer(*_bars(rows), *_texts(rows, narrow=is_narrow(width))).properties(**size)
    return figure(
        drawing, title=view.finding, subtitle=f"{view.who} Whiskers: {share(view.confidence, 0)} intervals.",
        description=f"Bar chart of a funnel. {view.headline} Numbers in the table below.",
        note=_note(view), width=width,
    )  # fmt: skip


def _note(view: FunnelView) -> str:
    still = int(view.steps.loc[view.steps["segment"] == "all", "open"].iloc[-1])
    times = "Times run from the step before, over those who took the step."
    if not still:
        return times
    return (
        f"Dashed: began less than {duration(view.window)} before the data end and may still go on; "
        f"shares are over the {view.counted} whose time is over. {times}"
    )


def _places(view: FunnelView, width: int) -> pd.DataFrame:
    """The steps with their words and their places in pixels."""
    narrow = is_narrow(width)
    frame = _whole(view)
    left, length = (0, width - 24) if narrow else (158, 296)
    tall, pitch, top = (28, 74, 20) if narrow else (38, 68, 0)
    entered, drawn = frame["n"].iloc[0], bool(enough(frame).iloc[0])
    known = pd.Series(drawn, index=frame.index)
    rate = frame["rate"].where(known)
    y = top + pitch * frame.index
    reach = (rate.fillna(0) + frame["open"] / max(entered, 1)).clip(upper=1)
    return frame.assign(
        y=y, bottom=y + tall, middle=y + tall / 2, x=left, full=left + length, end=left + length * rate.fillna(0),
        hope=left + length * reach, low=left + length * frame["ci_low"].where(known),
        high=left + length * frame["ci_high"].where(known), drawn=drawn, label=_labels(frame, view),
        words=[_inside(row, drawn) for row in frame.itertuples()],
        between=[_between(row) for row in frame.itertuples()],
    )  # fmt: skip


def _whole(view: FunnelView) -> pd.DataFrame:
    """The steps of everybody; who skips a step that may be skipped has neither left nor is open there."""
    frame = view.steps[view.steps["segment"] == "all"].reset_index(drop=True)
    skipped = frame["optional"].astype(bool) if "optional" in frame else pd.Series(False, index=frame.index)
    losses = ["dropped", "open", "dropped_here", "open_here"]
    return frame.assign(**{name: frame[name].fillna(0).astype(int) for name in losses}, skipped=skipped)


def _labels(frame: pd.DataFrame, view: FunnelView) -> list[str]:
    if view.order == "any":
        return [f"{k} of the steps" for k in frame["step"]]
    names = [f"({name})" if skip else name for name, skip in zip(frame["name"], frame["skipped"], strict=True)]
    return [name if len(name) <= 21 else name[:20] + "…" for name in names]


def _inside(row: Any, drawn: bool) -> str:
    if row.step == 1:
        return f"all {count(row.n)}"
    return frequency(row.rate) if drawn else f"too few: {SMALLEST_DRAWN} needed"


def _between(row: Any) -> str:
    if row.step == 1:
        return ""
    if row.skipped:
        return "may be skipped"
    still = f" · {count(row.open_here)} still open" if row.open_here else ""
    return f"{count(row.dropped_here)} left{still}" if row.dropped_here or row.open_here else "nobody left"


def _scale(field: str) -> dict[str, Any]:
    """An encoding in pixels: no axis, no rescaling."""
    return {"shorthand": f"{field}:Q", "scale": None, "axis": None}


def _x(field: str) -> alt.X:
    return alt.X(**_scale(field))


def _y(field: str) -> alt.Y:
    return alt.Y(**_scale(field))


def _bars(rows: pd.DataFrame) -> list[alt.Chart]:
    """Pale full bar, dashed open part, solid bar, whisker."""
    base = alt.Chart(rows)
    ends: dict[str, Any] = {"color": INK, "size": 11, "thickness": 2, "orient": "vertical"}
    tips = [
        alt.Tooltip("name", title="step"), alt.Tooltip("n", title="reached", format=","),
        alt.Tooltip("rate", title="of those who began", format=".1%"),
        alt.Tooltip("ci_low", title="from", format=".1%"),
        alt.Tooltip("ci_high", title="to", format=".1%"),
    ]  # fmt: skip
    later = alt.Chart(rows[(rows["step"] > 1) & rows["drawn"]])
    still = later.transform_filter("datum.hope > datum.end + 1")
    return [
        base.mark_rect(color=PANEL).encode(x=_x("x"), x2=alt.X2("full"), y=_y("y"), y2=alt.Y2("bottom")),
        still.mark_rect(fill="white", stroke=_BLUE, strokeDash=[4, 3]).encode(
            x=_x("end"), x2=alt.X2("hope"), y=_y("y"), y2=alt.Y2("bottom")
        ),
        base.mark_rect(color=_BLUE).encode(x=_x("x"), x2=alt.X2("end"), y=_y("y"), y2=alt.Y2("bottom"), tooltip=tips),
        later.mark_rule(color=INK, strokeWidth=2).encode(x=_x("low"), x2=alt.X2("high"), y=_y("middle")),
        *[later.mark_tick(**ends).encode(x=_x(end), y=_y("middle")) for end in ("low", "high")],
    ]


def _texts(rows: pd.DataFrame, *, narrow: bool) -> list[alt.Chart]:
    """Words inside the bars, between them and at their sides."""
    room = rows["low"].where(rows["step"] > 1).fillna(rows["end"]) - rows["x"] >= 14 + 7.6 * rows["words"].str.len()
    place = (rows["hope"].where(rows["hope"] > rows["high"].fillna(0), rows["high"]) + 8).where(~room, rows["x"] + 10)
    rows = rows.assign(place=place, room=room, mark=rows["x"] + 14, under=rows["y"] - 13, after=rows["x"] + 24)
    inside = {"align": "left", "fontSize": 13 if narrow else 14, "fontWeight": "bold"}
    parts = [
        alt.Chart(part).mark_text(color=colour, **inside).encode(x=_x("place"), y=_y("middle"), text=alt.Text("words"))
        for part, colour in ((rows[room], "white"), (rows[~room], INK))
        if len(part)
    ]
    return [*parts, *_left(rows, narrow=narrow), *(_above(rows) if narrow else _beside(rows))]


def _left(rows: pd.DataFrame, *, narrow: bool) -> list[alt.Chart]:
    """Who left between two bars, the largest loss in rust."""
    later = rows[rows["step"] > 1]
    worst = (later["dropped_here"] == later["dropped_here"].max()) & (later["dropped_here"] > 0)
    drawn = []
    for part, colour in ((later[~worst], MUTED), (later[worst], BAD)):
        base = alt.Chart(part.assign(under=part["y"] - (33 if narrow else 15)))
        drawn += [
            base.mark_point(shape="triangle-down", filled=True, size=55, color=colour, opacity=1).encode(
                x=_x("mark"), y=_y("under")
            ),
            base.mark_text(align="left", fontSize=12, color=colour).encode(
                x=_x("after"), y=_y("under"), text=alt.Text("between")
            ),
        ]
    return drawn


def _above(rows: pd.DataFrame) -> list[alt.Chart]:
    """Narrow: the name above its bar."""
    base = alt.Chart(rows.assign(title=rows["y"] - 10))
    return [
        base.mark_text(align="left", fontSize=12, fontWeight="bold").encode(
            x=_x("x"), y=_y("title"), text=alt.Text("label")
        )
    ]


def _beside(rows: pd.DataFrame) -> list[alt.Chart]:
    """Wide: name and time on the left, number and shares on the right."""
    later = (rows["step"] > 1) & rows["drawn"]
    ends = [interval(low, high, share) for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)]
    number = [f"{count(n)} ({e})" if ok else count(n) for n, e, ok in zip(rows["n"], ends, later, strict=True)]
    before = [f"{share(v, 0)} of the step before" if ok else "" for v, ok in zip(rows["step_rate"], later, strict=True)]
    time = ["" if t != t else f"half within {duration(t)}" for t in rows["median_time"]]
    number[0] = ""
    full = rows.assign(zero=0, right=rows["full"] + 12, high_line=rows["middle"] - 8, low_line=rows["middle"] + 10,
                       number=number, before=before, time=time)  # fmt: skip
    base = alt.Chart(full)
    wide = {"align": "left", "fontSize": 13}
    return [
        base.mark_text(fontWeight="bold", **wide).encode(x=_x("zero"), y=_y("high_line"), text=alt.Text("label")),
        base.mark_text(align="left", fontSize=12, color=MUTED).encode(
            x=_x("zero"), y=_y("low_line"), text=alt.Text("time")
        ),
        base.mark_text(**wide).encode(x=_x("right"), y=_y("high_line"), text=alt.Text("number")),
        base.mark_text(align="left", fontSize=12, color=MUTED).encode(
            x=_x("right"), y=_y("low_line"), text=alt.Text("before")
        ),
    ]


def groups_chart(view: FunnelView, *, width: int = 680, most: int = 12) -> Any:
    """Which groups finish more often?

    Args:
        view: a funnel with a breakdown.
        width: width of the page in pixels.
        most: groups drawn, the largest first.

    Returns:
        An Altair chart.
    """
    last = view.steps[(view.steps["step"] == view.steps["step"].max()) & (view.steps["segment"] != "all")]
    rows = last.head(most)
    drawn = enough(rows)
    rows = rows.assign(drawn=drawn)
    rows = rows.assign(
        shown=rows["rate"].where(drawn), low=rows["ci_low"].where(drawn), high=rows["ci_high"].where(drawn),
        label=[_group_label(row) for row in rows.itertuples()],
        words=[_group_words(row, narrow=is_narrow(width)) for row in rows.itertuples()],
    )  # fmt: skip
    subtitle = f"Share that reached the last step. {view.who} Bars: {share(view.confidence, 0)} intervals."
    note = f"The {most} largest of {len(last)} groups. " if len(last) > most else ""
    return figure(
        _dots(rows, width), title=_groups_title(view), subtitle=subtitle, width=width,
        note=f"{note}Groups differ in more than this; a difference does not show what brings it about.",
        description=f"Dot chart of the share that finished. {_groups_title(view)}. Numbers in the table below.",
    )  # fmt: skip


def _group_label(row: Any) -> str:
    name = row.segment if len(row.segment) <= 24 else row.segment[:23] + "…"
    return f"{name}, {count(row.mature_n)}" if row.drawn else name


def _group_words(row: Any, *, narrow: bool) -> str:
    if not row.drawn:
        return f"too few: {SMALLEST_DRAWN} needed"
    ends = interval(row.ci_low, row.ci_high, share)
    return share(row.rate) if narrow else f"{share(row.rate)} ({ends})"


def _dots(rows: pd.DataFrame, width: int) -> Any:
    """One row per group: bar of the interval, point, words at the right."""
    label, words = (110, 56) if is_narrow(width) else (170, 140)
    order = rows["label"].tolist()
    scale = alt.Scale(type="band", paddingInner=0.3, paddingOuter=0.3)
    band = alt.Y("label:N", sort=order, title=None, scale=scale, axis=alt.Axis(labelLimit=label, labelColor=INK))
    top = float(rows["high"].max()) if rows["high"].notna().any() else 1.0
    ticks = alt.Axis(
        format=".0%", tickCount=3 if is_narrow(width) else 5, domain=False, ticks=False, grid=True, gridColor=GRID
    )
    x = alt.X("low:Q", title=None, scale=alt.Scale(domain=[0, min(1.0, 1.08 * top)]), axis=ticks)
    base = alt.Chart(rows).encode(y=band)
    picture = alt.layer(
        base.mark_rule(color=_BLUE, strokeWidth=4).encode(x=x, x2=alt.X2("high")),
        base.mark_point(filled=True, color=_BLUE, size=100, opacity=1).encode(x=alt.X("shown:Q")),
    ).properties(width=width - label - words - 30, height=32 * len(rows))
    bare = alt.Y("label:N", sort=order, axis=None, scale=scale)
    column = alt.Chart(rows).mark_text(align="left").encode(x=alt.XValue(0), y=bare, text=alt.Text("words"))
    column = column.properties(width=words, height=32 * len(rows))
    return alt.hconcat(picture, column, spacing=6)


def _groups_title(view: FunnelView) -> str:
    """The clearest difference, or that there is none."""
    frame = view.tables["comparison"]
    clear = frame[(frame["p_adjusted"] < 1 - view.confidence) & (frame["n"] >= SMALLEST_DRAWN)]
    if clear.empty:
        return f"No group finishes clearly more or less often than “{frame['control'].iloc[0]}”"
    row = clear.loc[clear["p_adjusted"].idxmin()]
    word = "more" if row["effect"] > 0 else "less"
    return f"“{row['segment']}” finishes {word} often than “{row['control']}”: {points(row['effect'])}"
