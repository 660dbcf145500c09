"""From the map to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.score_rows import Frame
from cxlab.charts.stage_cards import stage_cards
from cxlab.charts.stage_details import Panel, pain_bars, stage_panels
from cxlab.charts.stage_lanes import Lane, stage_lanes
from cxlab.charts.stage_marks import parts_colours
from cxlab.charts.theme import is_narrow
from cxlab.journeys.map_tables import reading
from cxlab.journeys.map_words import PARTS, enough_pain, worst_stage
from cxlab.journeys.words import place
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, publishable
from cxlab.wording import count, duration, frequency, interval, number, sentence_list, share

if TYPE_CHECKING:
    from cxlab.journeys.maps import MapResult

__all__ = ["map_pictures"]

_CHANNELS, _LISTED, _OTHERS = 5, 6, "others"


def map_pictures(result: MapResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it.
    """
    if result.table["n"].iloc[0] < SMALLEST_GROUP:
        return {}
    drawn: dict[str, Callable[[int], Any]] = {"map": lambda width: _map(result, width)}
    if _panels(result):
        drawn["stage"] = lambda width: _details(result, width)
    if len(_pain(result)):
        drawn["pain"] = lambda width: _pain_picture(result, width)
    return drawn


def _whole(value: float | None) -> str:
    return share(value, 0)


def _map(result: MapResult, width: int) -> Any:
    rows, narrow = publishable(result.table), is_narrow(width)
    parts = _part_names(result)
    lanes = [lane for lane in _lanes(result, rows, parts, narrow=narrow) if lane.rows["told"].ne("–").any()]
    frame = Frame(
        _title(result), f"{result.who} {_how(result)}",
        f"Journey map with {len(rows)} stages. {result.headline} Numbers in the table below.", _note(result), width,
    )  # fmt: skip
    stages = rows[["stage"]].assign(tag=rows["moment"])
    picture = (stage_cards if narrow else stage_lanes)(stages, lanes, parts, frame)
    picture.usermeta = {"chooses": "stage"}
    return picture


def _title(result: MapResult) -> str:
    """Where it hurts, in one line; stages whose intervals meet are not told apart."""
    worst = worst_stage(result.table)
    if worst is None:
        return "The journey, stage by stage"
    if not enough_pain(worst):
        return f"Most are lost in “{worst['stage']}”: {frequency(worst['drop'])} do not go on"
    rows = result.table[result.table["pain_index_n"] >= SMALLEST_DRAWN]
    alike = rows[(rows["pain_index_ci_high"] >= worst["pain_index_ci_low"])]["stage"].tolist()
    if len(alike) > 1:
        return f"{sentence_list([f'“{one}”' for one in alike[:3]])} are where the journey hurts most"[:90]
    if worst["satisfaction_n"] >= SMALLEST_DRAWN:
        return (
            f"“{worst['stage']}” is where the journey hurts: {frequency(1 - worst['satisfaction'])} are not satisfied"
        )
    return f"“{worst['stage']}” is where the journey hurts most"


def _how(result: MapResult) -> str:
    if not len(result.tables["answers"]):
        return ""
    against = "the target" if result.parameters["targets"] else "all stages together"
    return (
        f"Bars through the points: {_whole(result.confidence)} intervals; dashed: {against}. "
        "Red square: the whole interval is worse; green: better; hollow: undecided."
    )


def _note(result: MapResult) -> str:
    used = result.tables["pain"]["component"].unique()
    skipped = result.table[result.table["optional"]]["stage"].tolist()
    told = f" Not everybody comes to {' and '.join(f'“{one}”' for one in skipped)}." if skipped else ""
    parts = ", ".join(PARTS[name] for name in used)
    return (
        f"Pain index: mean of the shares who {parts}; its parts are in the picture below. "
        f"Shares of fewer than {SMALLEST_DRAWN} people are not drawn.{told}"
    )


def _lanes(result: MapResult, rows: pd.DataFrame, parts: Sequence[str], *, narrow: bool) -> list[Lane]:
    crowded = len(rows) > 7 and not narrow
    of = _whole if crowded else frequency
    highest = float(_drawn(rows, "drop")["high"].max())
    lanes = [
        Lane("bars", "People who come", f"of {count(rows['n'].iloc[0])} who began", _came(rows)),
        Lane(
            "losses",
            "Do not go on",
            "of those who come",
            _told(rows, "drop", of),
            most=max(highest, 0.05) if highest == highest else 1.0,
        ),
        Lane("words", "Typical time" if not narrow else "Half go on within", "half go on within", _times(rows)),
    ]
    for name, title in (("satisfaction", "Satisfied"), ("effort", "Hard work")):
        if name in result.aims:
            lanes.append(_points(result, rows, name, title, narrow=narrow))
    lanes += [
        Lane("cells", "Do it again soon", "of those who come", _told(rows, "struggle", _whole), most=0.6),
        Lane("cells", "Change channel", "of moves", _told(rows, "switch_rate", _whole), most=0.6),
    ]
    if parts:
        lanes.append(Lane("parts", "Where it happens", "share of events", _channels(result, rows, parts)))
    return [*lanes, Lane("cells", "Pain index", "0 none to 100", _told(rows, "pain_index", _points_of), most=60)]


def _points_of(value: float | None) -> str:
    return number(value, 0)


def _hundred(value: float | None) -> str:
    return number(None if value is None else 100 * value, 0)


def _drawn(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """One measure of each stage, missing where few stand behind it."""
    enough = rows[f"{name}_n"] >= SMALLEST_DRAWN
    return pd.DataFrame({
        "stage": rows["stage"], "value": rows[name].where(enough), "n": rows[f"{name}_n"],
        "low": rows[f"{name}_ci_low"].where(enough), "high": rows[f"{name}_ci_high"].where(enough),
    })  # fmt: skip


def _told(rows: pd.DataFrame, name: str, write: Callable[[float | None], str]) -> pd.DataFrame:
    found = _drawn(rows, name)
    known = found["value"].notna()
    told = [write(value) if there else "–" for value, there in zip(found["value"], known, strict=True)]
    few = (~known) & rows[name].notna()
    told = ["too few" if hidden else word for hidden, word in zip(few, told, strict=True)]
    tip = [
        f"{row['stage']}: {word}"
        + (f" ({interval(row['low'], row['high'], write)})" if row["low"] == row["low"] else "")
        for row, word in zip(found.to_dict("records"), told, strict=True)
    ]
    return found.assign(told=told, tip=tip)


def _came(rows: pd.DataFrame) -> pd.DataFrame:
    """All who came, as parts of all who began."""
    told = [f"under {SMALLEST_GROUP}" if n != n else count(n) for n in rows["n"]]
    tip = [f"{stage}: {word} people" for stage, word in zip(rows["stage"], told, strict=True)]
    value = rows["n"] / rows["n"].iloc[0]  # counts, not estimates: no interval
    return pd.DataFrame(
        {"stage": rows["stage"], "value": value, "low": float("nan"), "high": float("nan"), "told": told, "tip": tip}
    )


def _times(rows: pd.DataFrame) -> pd.DataFrame:
    told = []
    for row in rows.to_dict("records"):
        if row["median_time_n"] != row["median_time_n"] or row["median_time_n"] < SMALLEST_DRAWN:
            told.append("too few" if row["median_time_n"] else "–")
        else:
            told.append(duration(row["median_time"]) if row["median_time"] == row["median_time"] else "not reached")
    tip = [f"{stage}: half go on within {word}" for stage, word in zip(rows["stage"], told, strict=True)]
    return pd.DataFrame({"stage": rows["stage"], "value": rows["median_time"], "told": told, "tip": tip})


def _points(result: MapResult, rows: pd.DataFrame, name: str, title: str, *, narrow: bool) -> Lane:
    target = result.aims[name]
    good = "high" if name == "satisfaction" else "low"
    found = _told(rows, name, _hundred)
    read = [reading(low, high, target, good=good) for low, high in zip(found["low"], found["high"], strict=True)]
    word = "target" if name in (result.parameters["targets"] or {}) else "all"
    if narrow:
        found["told"] = [f"{one} of 100" if one[:1].isdigit() else one for one in found["told"]]
    return Lane("points", title, f"of 100; {word}: {number(100 * target, 0)}", found.assign(reading=read), target)


def _part_names(result: MapResult) -> list[str]:
    """The channels with most events; the rest together."""
    frame = result.tables["channels"]
    if not len(frame):
        return []
    order = frame.groupby("channel")["events"].sum().sort_values(ascending=False, kind="stable").index.tolist()
    return [*order[:_CHANNELS], *([_OTHERS] if len(order) > _CHANNELS else [])]


def _channels(result: MapResult, rows: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    frame = publishable(result.tables["channels"])
    frame = frame.assign(part=[one if one in parts else _OTHERS for one in frame["channel"]]).dropna(subset=["share"])
    sums = frame.groupby(["stage", "part"], as_index=False)["share"].sum()
    sums = sums.assign(rank=sums["part"].map({name: k for k, name in enumerate(parts)}))
    sums = sums[sums["stage"].isin(rows["stage"])].sort_values(["stage", "rank"])
    end, colours = sums.groupby("stage")["share"].cumsum(), parts_colours(parts)
    tip = [f"{row['stage']}, {row['part']}: {_whole(row['share'])}" for row in sums.to_dict("records")]
    return sums.assign(
        start=end - sums["share"],
        end=end,
        value=sums["share"],
        told=sums["part"],
        tip=tip,
        colour=sums["part"].map(colours),
    )


def _pain(result: MapResult) -> pd.DataFrame:
    """Stages whose index may be drawn."""
    rows = publishable(result.table)
    return rows[rows["pain_index"].notna() & (rows["pain_index_n"] >= SMALLEST_DRAWN)]


def _pain_picture(result: MapResult, width: int) -> Any:
    rows = _pain(result).reset_index(drop=True)
    pain = result.tables["pain"]
    pain = pain[pain["stage"].isin(rows["stage"])]
    end = pain.groupby("stage", sort=False)["points"].cumsum()
    tip = [
        f"{row['stage']}: {_whole(row['estimate'])} {PARTS[row['component']]}, {number(row['points'], 1)} points"
        for row in pain.to_dict("records")
    ]
    bars = pain.assign(
        label=pain["stage"], start=end - pain["points"], end=end, component=pain["component"].map(PARTS), tip=tip
    )
    low, high = rows["pain_index_ci_low"], rows["pain_index_ci_high"]
    told = [
        f"{number(value, 0)} ({interval(a, b, _points_of)})"
        for value, a, b in zip(rows["pain_index"], low, high, strict=True)
    ]
    sums = pd.DataFrame({"label": rows["stage"], "low": low, "high": high, "told": told})
    frame = Frame(
        "What the pain in each stage is made of",
        f"Points of the index, 0 to 100. Line: {_whole(result.confidence)} interval. {result.who}",
        f"Divided bars of the pain index by stage. {result.headline} Numbers in the table below.",
        "Each part is a share of people or answers times its weight.", width,
    )  # fmt: skip
    return pain_bars(bars, sums, [PARTS[name] for name in pain["component"].unique()], frame)


def _panels(result: MapResult) -> list[Panel]:
    """What is known of the stage that is shown."""
    found = []
    tables = {name: publishable(result.tables[name]) for name in ("channels", "themes", "next")}
    own = {name: frame[frame["stage"] == result.shown] for name, frame in tables.items()}
    channels = own["channels"].dropna(subset=["share"]).sort_values("share", ascending=False)
    if len(channels):
        found.append(Panel("Where does it happen? Share of events", _bars(channels, "channel", "share", "ci")))
    if len(own["themes"]):
        found.append(Panel("What do they write about? Share of writers", _bars(own["themes"], "theme", "share")))
    onward = own["next"].dropna(subset=["rate"])
    onward = onward.assign(destination=[{"(open)": "still open"}.get(one, place(one)) for one in onward["destination"]])
    if len(onward):
        found.append(Panel("What do those who do not go on do next?", _bars(onward, "destination", "rate")))
    return found


def _bars(frame: pd.DataFrame, label: str, value: str, ends: str = "") -> pd.DataFrame:
    rows = frame.head(_LISTED)
    low, high = (rows[f"{ends}_{side}"] if ends else pd.Series(float("nan"), rows.index) for side in ("low", "high"))
    told = [f"{_whole(v)}, {count(n)} people" for v, n in zip(rows[value], rows["n"], strict=True)]
    return pd.DataFrame({"label": rows[label], "value": rows[value], "low": low, "high": high, "told": told})


def _details(result: MapResult, width: int) -> Any:
    row = publishable(result.table).set_index("stage").loc[result.shown]
    told = [
        f"{count(row['n'])} people came" if row["n"] == row["n"] else "",
        f"half go on within {duration(row['median_time'])}" if row["median_time"] == row["median_time"] else "",
        f"{frequency(row['drop'])} do not go on" if row["drop"] == row["drop"] else "",
    ]
    frame = Frame(
        f"What happens in “{result.shown}”?", f"{'; '.join(filter(None, told))}. {result.who}",
        f"Bars of channels, themes and next events in the stage {result.shown}. Numbers in the table below.",
        f"Lines: {_whole(result.confidence)} intervals. Words of fewer than {SMALLEST_GROUP} people are left out. "
        "Another stage: set `stage`.", width,
    )  # fmt: skip
    return stage_panels(_panels(result), frame)
