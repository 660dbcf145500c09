"""The journey map in plain words: headline, numbers, definitions, moments of truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlab.journeys.map_answers import Asked
from cxlab.journeys.map_counts import MapCounts
from cxlab.journeys.map_log import FOLDS, MapLog
from cxlab.journeys.map_tables import reading
from cxlab.journeys.words import moment, people, span
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, Figure
from cxlab.wording import count, date, duration, frequency, interval, number, sentence_list, share

__all__ = [
    "CHECK_TITLES", "PARTS", "Told", "aims_of", "enough_pain", "map_definitions", "map_figures", "map_headline",
    "map_who", "shown_stage", "with_moments", "worst_stage",
]  # fmt: skip

CHECK_TITLES = {
    "stages_seen": "Stages", "unattributed_answers": "Answers of no stage", "few_answers": "Few answers",
    "frequent_answerers": "Answering often", "answer_scale": "Answers on no scale", "channel_missing": "No channel",
}  # fmt: skip
PARTS = {
    "drop": "do not go on", "time": "take longer than the target", "dissatisfaction": "are not satisfied",
    "effort": "find it hard work", "struggle": "do the same again soon",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Everything that words are made of."""

    log: MapLog
    counts: MapCounts
    asked: Asked | None
    stages: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    weights: Mapping[str, float]
    given: Mapping[str, Any]


def aims_of(stages: pd.DataFrame, given: Mapping[str, Any]) -> dict[str, float]:
    """What are satisfaction and effort measured against: the targets, else the answers of all stages together."""
    targets = given["targets"] or {}
    found = {}
    for name in ("satisfaction", "effort"):
        answers = float(stages[f"{name}_answers"].sum())
        if name in targets:
            found[name] = float(targets[name])
        elif answers:
            found[name] = float((stages[name] * stages[f"{name}_answers"]).sum() / answers)
    return found


def with_moments(stages: pd.DataFrame, aims: Mapping[str, float]) -> pd.DataFrame:
    """The table of stages with its moments of truth.

    Args:
        stages: the table of stages.
        aims: question -> share that is aimed at.

    Returns:
        The table with `moment`: "hurts" where a whole interval lies on the bad side, "delights" where none does and
        satisfaction's lies on the good side; else "".
    """
    drawn = [
        [
            reading(row[f"{name}_ci_low"], row[f"{name}_ci_high"], aims.get(name), good=good)
            if row[f"{name}_n"] >= SMALLEST_DRAWN
            else ""
            for name, good in (("satisfaction", "high"), ("effort", "low"))
        ]
        for row in stages.to_dict("records")
    ]
    told = ["hurts" if "missed" in found else "delights" if found[0] == "met" else "" for found in drawn]
    return stages.assign(moment=told)


def enough_pain(row: pd.Series) -> bool:
    """Is there an index, and do enough people stand behind each of its parts?"""
    return bool(row["pain_index"] == row["pain_index"] and row["pain_index_n"] >= SMALLEST_DRAWN)


def worst_stage(stages: pd.DataFrame) -> pd.Series | None:
    """Where does it hurt most: by the pain index, else by the share that does not go on?"""
    for name in ("pain_index", "drop"):
        rows = stages[(stages[f"{name}_n"] >= SMALLEST_DRAWN) & stages[name].notna()]
        if len(rows):
            return rows.loc[rows[name].idxmax()]
    return None


def shown_stage(stages: pd.DataFrame, given: Mapping[str, Any]) -> str:
    """Whose details are shown: the stage that was asked for, else where it hurts most."""
    worst = worst_stage(stages)
    return str(given["stage"] or (stages["stage"].iloc[0] if worst is None else worst["stage"]))


def map_headline(told: Told) -> str:
    """The answer in one or two sentences."""
    began = int(told.stages["n"].iloc[0])
    if began < SMALLEST_GROUP:
        return f"Fewer than {SMALLEST_GROUP} people began."
    worst = worst_stage(told.stages)
    if worst is None:
        return f"{people(began)} began; too few to say where it hurts ({SMALLEST_DRAWN} are needed)."
    if enough_pain(worst):
        ends = interval(worst["pain_index_ci_low"], worst["pain_index_ci_high"], lambda v: number(v, 0))
        lead = f"“{worst['stage']}” hurts most: pain {number(worst['pain_index'], 0)} of 100 ({ends})."
        return f"{lead} {_why(worst)}"
    ends = interval(worst["drop_ci_low"], worst["drop_ci_high"], lambda v: share(v, 0))
    return f"Most are lost in “{worst['stage']}”: {frequency(worst['drop'])} who come do not go on ({ends})."


def _why(row: pd.Series) -> str:
    """The two parts that most people feel."""
    felt = [
        (value, words)
        for name, words, value in (
            ("drop", PARTS["drop"], row["drop"]), ("satisfaction", PARTS["dissatisfaction"], 1 - row["satisfaction"]),
            ("effort", PARTS["effort"], row["effort"]), ("struggle", PARTS["struggle"], row["struggle"]),
            ("late", PARTS["time"], row["late"]),
        )
        if row[f"{name}_n"] >= SMALLEST_DRAWN and value == value
    ]  # fmt: skip
    top = sorted(felt, reverse=True)[:2]
    return f"{sentence_list([f'{frequency(value)} {words}' for value, words in top])} there." if top else ""


def map_figures(told: Told) -> tuple[Figure, ...]:
    """The three numbers under the answer."""
    stages, counts = told.stages, told.counts
    began = int(stages["n"].iloc[0])
    found = [Figure(count(began) if began >= SMALLEST_GROUP else "–", f"people began with “{stages['stage'].iloc[0]}”")]
    passing = stages[~stages["optional"]].iloc[-1]
    if passing["reach_n"] >= SMALLEST_GROUP:
        ends = interval(passing["reach_ci_low"], passing["reach_ci_high"], lambda v: share(v, 1))
        found.append(Figure(share(passing["reach"], 1), f"of those who began come to “{passing['stage']}” ({ends})"))
    if told.asked is not None:
        answers, lost = counts.said
        found.append(Figure(count(answers - lost), f"of {count(answers)} answers belong to a stage"))
    else:
        found.append(Figure(count(int(stages["open"].sum())), "may still go on"))
    return tuple(found)


def map_who(told: Told) -> str:
    """Whose journeys, when and how they are counted: the line under each picture."""
    window = told.log.chain.rules.window
    limit = "" if window is None else f", within {duration(window / 1e6)} of the start"
    return f"{people(int(told.stages['n'].iloc[0]))} who began from {span(told.log.chain)}{limit}."


def map_definitions(told: Told) -> tuple[str, ...]:
    """Every choice that changes the numbers, in sentences."""
    log, given = told.log, told.given
    level = share(given["confidence"], 0)
    stages = "; ".join(
        f"{k}. {stage.name} ({' or '.join(stage.events)}{', may be skipped' if stage.optional else ''})"
        for k, stage in enumerate(log.stages, 1)
    )
    goal = f" Who has done {' or '.join(f'“{one}”' for one in log.goal)} has come through." if log.goal else ""
    window = log.chain.rules.window
    limit = "No time limit." if window is None else f"All stages within {duration(window / 1e6)} of the first."
    until = date(moment(log.chain.rules.data_end or log.chain.last, log.table.tz))
    lines = [
        f"Stages: {stages}.{goal}",
        f"People pass the stages in this order, as in the funnel; other events may lie between. {limit}",
        f"Seen until {until}.",
        "People who come to a stage: everybody counts, once. Shares of them: over those whose window is over. "
        f"Intervals: Wilson, {level}.",
        *(["A stage that may be skipped: its first event after the stage before it and before the next one."]
          if any(stage.optional for stage in log.stages) else []),
        "Do not go on: do not come to the next stage that all pass"
        + (" or to the goal." if log.goal else "; the last stage has none."),
        "Time in a stage: from first coming to it until first coming to the next one, people watched for at most one "
        f"window (Kaplan-Meier, {level}). “Not reached”: fewer than half go on.",
        *([_late(told)] if given["time_targets"] else []),
        *_asked(told, level),
        *([f"Another channel: of the moves from an event of the stage to the person's next one within "
           f"{duration(log.linked / 1e6)}, those in another channel; one person's moves are alike ({level})."]
          if log.channelled else []),
        "Do the same again: people with events of the stage who do the same event again within "
        f"{duration(log.again / 1e6)}.",
        _pain(told),
    ]  # fmt: skip
    return tuple(lines)


def _late(told: Told) -> str:
    times = ", ".join(f"{name} {text}" for name, text in told.given["time_targets"].items())
    return f"Longer than the target: of those who go on and whose window is over. Targets: {times}."


def _asked(told: Told, level: str) -> list[str]:
    if told.asked is None:
        return []
    lines = [
        "An answer belongs to the stage of the same person's latest stage event at most "
        f"{duration(told.log.linked / 1e6)} before it; of two at one instant to the later stage. Others belong to none."
    ]
    told_by = {"satisfaction": ("Satisfied", "good"), "effort": ("Hard work", "bad")}
    for name, one in told.asked.instruments.items():
        words, side = told_by[name]
        answers = one.span(2 if side == "good" else 0)
        lines.append(
            f"{words}: answers {answers} on the scale from {one.scale}. Interval: Wilson on the number of independent "
            f"answers that several answers of one person are worth ({level})."
        )
    given = told.given["targets"] or {}
    aims = ", ".join(f"{name} {share(value, 0)}" for name, value in given.items())
    rest = [name for name in told.asked.instruments if name not in given]
    against = f"the target ({aims})" if given else ""
    mean = f"the answers of all stages together ({sentence_list(rest)})" if rest else ""
    if told.asked.instruments:
        lines.append(
            f"Moments of truth: the whole interval lies on one side of {' or '.join(filter(None, [against, mean]))}; "
            "several stages are looked at, so one of them may be chance."
        )
    if told.asked.comment:
        lines.append(
            f"Themes: words and pairs of words that {SMALLEST_GROUP} people or more of a stage wrote; nobody is quoted."
        )
    return lines


def _pain(told: Told) -> str:
    used = {name: weight for name, weight in told.weights.items() if weight > 0}
    alike = len(set(used.values())) == 1
    words = {
        "drop": "who do not go on", "time": "who take longer than the target",
        "dissatisfaction": "of answers that are not satisfied", "effort": "of answers that say hard work",
        "struggle": "who do the same again",
    }  # fmt: skip
    parts = sentence_list([words[name] + ("" if alike else f" (weight {share(w, 0)})") for name, w in used.items()])
    return (
        f"Pain index, 0 to 100: the mean of the shares {parts}{', all with the same weight' if alike else ''}. "
        f"A stage without one of them has no index. Interval from {FOLDS} random groups of people."
    )
