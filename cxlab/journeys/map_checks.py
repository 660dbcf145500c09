"""What could make the journey map misleading."""

from __future__ import annotations

from cxlab.errors import nearest
from cxlab.journeys.map_words import Told
from cxlab.journeys.words import moment, people
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, Check
from cxlab.wording import count, date, sentence_list, share

__all__ = ["map_checks"]

_MANY, _UNLINKED, _UNKNOWN, _OFTEN = 0.25, 0.25, 0.1, 0.1


def map_checks(told: Told) -> tuple[Check, ...]:
    """Can the map be trusted?

    Args:
        told: everything that was found.

    Returns:
        The checks, those about the data first.
    """
    found = [_seen(told), _observed(told), _open(told), _small(told)]
    if told.log.channelled:
        found.append(_unchannelled(told))
    if told.asked is not None:
        found.append(_unlinked(told))
    if told.asked is not None and told.asked.instruments:
        found += [_few(told), _often(told), _scale(told)]
    return tuple(found)


def _seen(told: Told) -> Check:
    seen = told.log.chain.seen
    missing = [stage for stage in told.log.stages if not any(name in seen for name in stage.events)]
    gone = [name for name in told.log.goal if name not in seen]
    if not missing and not (gone and len(gone) == len(told.log.goal)):
        return Check("stages_seen", True, "info", "Every stage occurs in the data.")
    named = [f"“{stage.name}”{_hint(stage.events[0], told)}" for stage in missing]
    named += [f"the goal “{gone[0]}”{_hint(gone[0], told)}"] if gone else []
    return Check(
        "stages_seen", False, "warning", f"Never seen in the data, so nobody came there: {sentence_list(named)}."
    )


def _hint(name: str, told: Told) -> str:
    near = nearest(name, told.log.chain.seen)
    return f" (d{near[2:]})" if near else ""


def _observed(told: Told) -> Check:
    until = date(moment(told.log.chain.rules.data_end or told.log.chain.last, told.log.table.tz))
    if told.given["observe_until"] is None:
        message = f"Taken from the data: seen until {until}, the last event. Give observe_until if it was later."
    else:
        message = f"People were seen until {until}, as given."
    return Check("observe_until", True, "info", message)


def _open(told: Told) -> Check:
    first = told.stages.iloc[0]
    still, began = int(first["n"] - first["reach_n"]), max(int(first["n"]), 1)
    if told.log.chain.rules.window is None:
        message = "No time limit was given: who might still go on counts as lost. Give `within` to set one."
        return Check("open_windows", False, "warning", message)
    if not still:
        return Check("open_windows", True, "info", "Everybody who began had the whole time to come through.")
    part = still / began
    message = (
        f"{people(still)} ({share(part, 0)} of those who began) had less than the whole time; "
        f"shares are over the {count(first['reach_n'])} whose time is over."
    )
    return Check("open_windows", part < _MANY, "info" if part < _MANY else "warning", message)


def _small(told: Told) -> Check:
    rows = told.stages
    small = rows[(rows["n"] < SMALLEST_DRAWN)]["stage"].tolist()
    if not small:
        return Check("small_groups", True, "info", f"At least {SMALLEST_DRAWN} people came to every stage.")
    named = sentence_list([f"“{name}”" for name in small])
    message = f"Fewer than {SMALLEST_DRAWN} people came to {named}. Shares there say little and are not drawn."
    return Check("small_groups", False, "warning", message)


def _unchannelled(told: Told) -> Check:
    missing, events = told.counts.unchannelled
    part = missing / max(events, 1)
    if not missing:
        return Check("channel_missing", True, "info", "Every event of a stage has a channel.")
    message = f"{count(missing)} of {count(events)} events of stages ({share(part)}) have no channel."
    return Check("channel_missing", part < _UNKNOWN, "info" if part < _UNKNOWN else "warning", message)


def _unlinked(told: Told) -> Check:
    answers, lost = told.counts.said
    part = lost / max(answers, 1)
    if not lost:
        return Check("unattributed_answers", True, "info", f"All {count(answers)} answers belong to a stage.")
    message = (
        f"{count(lost)} of {count(answers)} answers ({share(part)}) follow no stage event of their person within "
        f"{told.given['linked_within']}; they count in no stage."
    )
    return Check("unattributed_answers", part < _UNLINKED, "info" if part < _UNLINKED else "warning", message)


def _few(told: Told) -> Check:
    assert told.asked is not None
    few = [
        str(row["stage"])
        for row in told.stages.to_dict("records")
        if any(row[f"{name}_n"] < SMALLEST_DRAWN for name in told.asked.instruments)
    ]
    if not few:
        return Check("few_answers", True, "info", f"At least {SMALLEST_DRAWN} people answered in every stage.")
    named = sentence_list([f"“{name}”" for name in few])
    message = f"Fewer than {SMALLEST_DRAWN} people answered in {named}: no share of answers is drawn there."
    return Check("few_answers", False, "warning", message)


def _often(told: Told) -> Check:
    rows = told.counts.most
    rows = rows[(rows["k"] > 0) & (rows["answers"] >= SMALLEST_DRAWN)]
    part = (rows["most"] / rows["answers"]).astype(float)
    if rows.empty or part.max() < _OFTEN:
        return Check("frequent_answerers", True, "info", "Nobody gives a large part of a stage's answers.")
    worst = rows.loc[part.idxmax()]
    name = told.log.names[int(worst["k"]) - 1]
    message = (
        f"One person gave {share(part.max(), 0)} of the answers on {worst['question']} in “{name}”. "
        "The interval knows, but the share is mostly that person's view."
    )
    return Check("frequent_answerers", False, "warning", message)


def _scale(told: Told) -> Check:
    states = told.counts.states
    rows = states[states["state"].isin(["invalid", "code"])]
    if rows.empty:
        return Check("answer_scale", True, "info", "Every answer is on its scale.")
    total = int(rows["rows"].sum())
    if total < SMALLEST_GROUP:
        return Check("answer_scale", True, "info", f"Fewer than {SMALLEST_GROUP} answers are on no scale; left out.")
    wrong = bool((rows["state"] == "invalid").any())
    message = f"{count(total)} answers are codes or not on the scale, and count as not given."
    return Check("answer_scale", not wrong, "warning" if wrong else "info", message)
