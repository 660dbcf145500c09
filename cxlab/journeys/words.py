"""The funnel in plain words: headline, numbers, definitions, tables for readers."""

from collections.abc import Callable, Sequence

import pandas as pd

from cxlab.charts.funnel_view import behind
from cxlab.journeys.counted import PEOPLE, Counted
from cxlab.journeys.events import EventLog
from cxlab.journeys.steps import Step
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, Figure, publishable
from cxlab.wording import count, date, duration, frequency, interval, p_text, points, share

__all__ = [
    "display_tables", "figures", "headline", "largest_loss", "loss_title", "moment", "people", "scope",
    "span", "who",
]  # fmt: skip


def moment(microseconds: int, tz: str) -> pd.Timestamp:
    """The local time of an instant in microseconds."""
    return pd.Timestamp(microseconds, unit="us", tz="UTC").tz_convert(tz)


def span(log: EventLog) -> str:
    """First and last day on which a chain could begin."""
    low = log.first if log.rules.entry_from is None else log.rules.entry_from
    high = min(log.last, log.rules.data_end or log.last)
    if log.rules.entry_to is not None:
        high = min(high, log.rules.entry_to - 1)
    first, last = date(moment(low, log.table.tz)), date(moment(max(low, high), log.table.tz))
    return first if first == last else f"{first} to {last}"


def who(log: EventLog) -> str:
    """Who is counted, when and under which order: the line under each title."""
    window = "" if log.rules.window is None else f", within {duration(log.rules.window / 1e6)} of the start"
    order = {"ordered": "steps in this order", "strict": "nothing between the steps", "any": "steps in any order"}
    counted = log.settings.counted
    whose = "People who" if counted is PEOPLE else f"{counted.many.capitalize()} that"
    return f"{whose} began from {span(log)}{window}, {order[log.rules.order]}."


def step_title(name: str, step: int, order: str) -> str:
    """What a step is called: in any order only their number counts."""
    return name if order != "any" else f"{step} of the steps" if step > 1 else "any of the steps"


def largest_loss(steps: pd.DataFrame) -> "pd.Series | None":
    """The step before which most people stopped; None where nobody did."""
    later = steps[(steps["segment"] == "all") & (steps["step"] > 1)]
    lost = later["dropped_here"].astype(float)
    return None if later.empty or not lost.max() > 0 else later.loc[lost.idxmax()]


def headline(steps: pd.DataFrame, order: str, counted: Counted = PEOPLE) -> str:
    """The answer in one or two sentences."""
    whole = steps[steps["segment"] == "all"]
    last = whole.iloc[-1]
    if not whole["n"].iloc[0]:
        return f"Nobody began with “{whole['name'].iloc[0]}”, so there is nothing to follow."
    goal = "do all of the steps" if order == "any" else f"reach “{last['name']}”"
    if last["mature_n"] < SMALLEST_GROUP:
        seen = "nobody has" if not last["mature_n"] else f"fewer than {SMALLEST_GROUP} have"
        return f"{counted.number(whole['n'].iloc[0])} began; {seen} had the whole time yet to {goal}."
    if _of_few(last):
        return f"All {counted.many} are of fewer than {SMALLEST_GROUP} people: too few to be told of."
    ends = interval(last["ci_low"], last["ci_high"], lambda v: share(v, 1))
    few = last["mature_n"] < SMALLEST_DRAWN  # “49 of 100” would promise more people than there are
    rate = f"{count(last['mature_reached'])} of {count(last['mature_n'])}" if few else frequency(last["rate"])
    whose = "who begin" if counted is PEOPLE else counted.many
    start = f"{rate} {whose} {goal} ({ends})."
    loss = largest_loss(steps)
    if loss is None:
        return start
    return f"{start} The largest loss: {counted.number(loss['dropped_here'])} {_stop(loss, order)}."


def _of_few(row: "pd.Series") -> bool:
    """Are these many, but of very few people?"""
    return "people" in row and row["people"] < SMALLEST_GROUP <= row["mature_n"]


def people(n: float) -> str:
    """A number of people."""
    return PEOPLE.number(n)


def _stop(loss: "pd.Series", order: str) -> str:
    verb = "stops" if loss["dropped_here"] == 1 else "stop"
    return f"{verb} before {'“' + loss['name'] + '”' if order != 'any' else step_title('', int(loss['step']), order)}"


def loss_title(steps: pd.DataFrame, order: str, counted: Counted = PEOPLE) -> str:
    """The finding of the picture of the funnel."""
    if _of_few(steps.iloc[0]):
        return "Too few people to be told of"
    loss = largest_loss(steps)
    if loss is None:
        return "Nobody has stopped on the way"
    lost = counted.number(loss["dropped_here"])
    title = f"The largest loss: {lost} {_stop(loss, order)}"
    return title if len(title) <= 90 else f"The largest loss: {lost} before step {loss['step']}"


def figures(steps: pd.DataFrame, medians: pd.DataFrame, order: str, counted: Counted = PEOPLE) -> tuple[Figure, ...]:
    """The three numbers under the answer."""
    last = steps[steps["segment"] == "all"].iloc[-1]
    if _of_few(last):
        return (Figure("–", f"{counted.many} of fewer than {SMALLEST_GROUP} people"),)
    ends = interval(last["ci_low"], last["ci_high"], lambda v: share(v, 1))
    goal = "do all steps" if order == "any" else f"reach “{last['name']}”"
    whose = "who began" if counted is PEOPLE else counted.many
    found = [Figure(share(last["rate"], 1), f"of {count(last['mature_n'])} {whose} {goal} ({ends})")]
    if last["mature_n"] < SMALLEST_GROUP:
        found = [Figure("–", f"fewer than {SMALLEST_GROUP} have had the whole time to {goal}")]
    loss = largest_loss(steps)
    if loss is not None:
        found.append(Figure(count(loss["dropped_here"]), f"{counted.many} {_stop(loss, order)}, the largest loss"))
    half = medians[(medians["segment"] == "all") & (medians["share"] == 0.5)] if len(medians) else medians
    if len(half) and half["estimate"].notna().all():
        found.append(Figure(duration(half["estimate"].iloc[0]), "from the first start until half have finished"))
    else:
        found.append(Figure(count(last["open"]), "still have time to finish"))
    return tuple(found)


def display_tables(result_tables: dict[str, pd.DataFrame], order: str) -> dict[str, pd.DataFrame]:
    """The tables as readers see them, small groups hidden."""
    steps = publishable(result_tables["steps"])
    several = steps["segment"].nunique() > 1
    groups = steps.groupby("segment", sort=False)
    shown = {f"Steps, {name}" if several else "Steps": _step_rows(rows, order) for name, rows in groups}
    if len(result_tables.get("comparison", ())):
        shown["Difference of the share that finished"] = _comparison_rows(publishable(result_tables["comparison"]))
    if len(result_tables["median_time"]):
        shown["By when they finish, from the very first start"] = _time_rows(publishable(result_tables["median_time"]))
    if len(result_tables.get("tools", ())):
        shown["What known tools would count"] = _tool_rows(result_tables["tools"])
    if len(result_tables["destinations"]):
        shown["What those who stopped did next"] = _destination_rows(result_tables["destinations"])
    return shown


def _step_rows(rows: pd.DataFrame, order: str) -> pd.DataFrame:
    """One group's funnel."""
    return pd.DataFrame({
        "Step": [step_title(n, s, order) for n, s in zip(_names(rows), rows["step"], strict=True)],
        "Reached": rows["n"].map(_count), "Of those who began": rows["rate"].map(share),
        "Likely between": _ends(rows, share),
        "Of the step before": rows["step_rate"].map(share), "Dropped out": _lost(rows, "dropped"),
        "Still open": _lost(rows, "open"), "Window over": rows["mature_n"].map(_count),
        "Half within": rows["median_time"].map(duration),
    })  # fmt: skip


def _names(rows: pd.DataFrame) -> list[str]:
    if "optional" not in rows:
        return list(rows["name"])
    return [f"{name} (optional)" if skip else name for name, skip in zip(rows["name"], rows["optional"], strict=True)]


def _lost(rows: pd.DataFrame, column: str) -> list[str]:
    """Who skips a step has not dropped out."""
    skipped = rows["optional"] if "optional" in rows else [False] * len(rows)
    return ["–" if skip else _count(n) for n, skip in zip(rows[column], skipped, strict=True)]


def _ends(rows: pd.DataFrame, write: Callable[[float | None], str]) -> list[str]:
    pairs = zip(rows["ci_low"], rows["ci_high"], strict=True)
    return ["–" if low != low else interval(low, high, write) for low, high in pairs]


def _count(value: float) -> str:
    return f"under {SMALLEST_GROUP}" if pd.isna(value) else count(value)


def _comparison_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Group": rows["segment"], "Window over": rows["n"].map(_count), "Finished": rows["estimate"].map(share),
        "Compared with": rows["control"], "Finished there": rows["control_estimate"].map(share),
        "Difference": rows["effect"].map(points),
        "Likely between": _ends(rows, points),
        "p, adjusted": rows["p_adjusted"].map(p_text),
    })  # fmt: skip


def _time_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per group: when a quarter, half and three quarters of those who began have finished."""
    parts = []
    for group, own in rows.groupby("segment", sort=False):
        n = own["n"].iloc[0]
        found = own[["estimate", "ci_low", "ci_high"]].itertuples(index=False)
        times = ["–" if n != n else _reached_by(*row) for row in found]
        parts.append((group, _count(n), *times))
    return pd.DataFrame(parts, columns=["Group", "Began", "A quarter finished within", "Half", "Three quarters"])


def _reached_by(time: float, low: float, high: float) -> str:
    return "not reached" if time != time else f"{duration(time)} ({interval(low, high, duration)})"


def _tool_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per step, one column per tool."""
    wide = rows.pivot(index=["step", "name"], columns="tool", values="n")
    wide = wide[list(dict.fromkeys(rows["tool"]))].reset_index(level="step", drop=True)
    hidden = wide.where((wide == 0) | (wide >= SMALLEST_GROUP))
    return hidden.map(_count).rename_axis(index="Step", columns=None).reset_index()


def _destination_rows(frame: pd.DataFrame, most: int = 5) -> pd.DataFrame:
    """The most frequent destinations per step; the rest together."""
    parts = []
    for name, rows in frame.groupby("name", sort=False):
        top, rest = rows.head(most), rows.iloc[most:]
        listed = [*zip(top["destination"].map(place), top["n"], top["rate"], behind(top), strict=True)]
        if len(rest):
            listed.append((f"{len(rest)} others", rest["n"].sum(), rest["rate"].sum(), behind(rest).sum()))
        parts += [(name, where, *_hidden(n, r, size)) for where, n, r, size in listed]
    return pd.DataFrame(parts, columns=["Stopped after", "Next", "People", "Of those who stopped there"])


def _hidden(n: int, rate: float, size: int) -> tuple[str, str]:
    return (f"under {SMALLEST_GROUP}", "–") if size < SMALLEST_GROUP else (count(n), share(rate, 0))


def place(destination: str) -> str:
    """A destination in words."""
    return {"(none)": "nothing more", "(open)": "nothing yet, still open"}.get(destination, destination)


def scope(log: EventLog, steps: Sequence[Step]) -> str:
    """Object and period in one short line."""
    return f"{steps[0].name} to {steps[-1].name}, {span(log)}"
