"""Every choice that changes the numbers of a funnel, in sentences."""

from collections.abc import Iterator

from cxlab.journeys.counted import PEOPLE
from cxlab.journeys.events import EventLog
from cxlab.journeys.known_tools import TOOLS
from cxlab.journeys.settings import Settings
from cxlab.journeys.words import span
from cxlab.wording import duration, sentence_list, share

__all__ = ["semantics"]

_ORDERS = {
    "ordered": "The steps count in this order; other events may lie between them.",
    "strict": "The steps count in this order with no other event between them{repeats}.",
    "any": "The steps count in any order{anchored}; step 2 means that two of them were done, not which two.",
}
_TIES = {
    "step_order": "Events of the same instant count in the order of the steps; the order of the rows does not matter.",
    "strict": "Of two events at the same instant neither follows the other.",
    "row_order": "Events of the same instant count in the order of their rows.",
}


def semantics(log: EventLog, segment: str | None, confidence: float) -> tuple[str, ...]:
    """What exactly was counted.

    Args:
        log: the events.
        segment: column of the breakdown.
        confidence: level of the intervals.
    """
    settings, rules = log.settings, log.rules
    many = settings.counted.many
    lines = [
        *_steps(settings), *_times(log), *_chains(settings), *_exclusions(settings),
        f"Shares are over the {many} {'who' if settings.counted is PEOPLE else 'that'} began and whose window is over "
        "at the end of the data "
        "(“window over” in the table); nothing is left out of the counts.",
        "At each step that may not be skipped: reached + dropped out + still open = began. "
        "Still open: not there yet, and a start may still go on after the data end.",
        _intervals(settings, confidence),
        "Time of a step: from the step before, over those who took it; half of them were faster.",
        "Time to finish: from the very first start to the last step, over everybody who began (Kaplan-Meier); "
        "people still watched count until then. A success after a later start counts only if it came within the "
        "window of the first, so this share can be lower than the funnel's.",
        "Where they went: the first event after the last step reached, within the window of that start.",
    ]  # fmt: skip
    if rules.entry_from is not None or rules.entry_to is not None:
        lines.append(f"Only starts from {span(log)} count; the later steps may lie beyond.")
    if segment is not None:
        lines.append(_breakdown(settings, segment, confidence))
    return tuple(lines)


def _steps(settings: Settings) -> Iterator[str]:
    c = settings.choices
    if c.get("like") is not None:
        tool = TOOLS[c["like"]]
        yield f"Counted as {tool.title} does.{' ' + tool.note if tool.note else ''}"
    skipped = dict.fromkeys(settings.optional, " (may be skipped)")
    named = (f"{k}. {step.name}{skipped.get(k, '')}" for k, step in enumerate(settings.steps, 1))
    yield f"Steps: {'; '.join(named)}."
    fixed = sentence_list([settings.steps[number - 1].name for number in sorted(settings.anchored)])
    words = {
        "repeats": "" if c["repeats"] == "break" else ", except a repeat of the step just done",
        "anchored": f", but {fixed} only after all steps before" if fixed else "",
    }
    yield _ORDERS[c["order"]].format(**words)


def _times(log: EventLog) -> Iterator[str]:
    settings, rules = log.settings, log.rules
    if rules.window is None:
        yield "No time limit: who had not gone on when the data end counts as dropped out."
    else:
        yield f"All steps within {duration(rules.window / 1e6)} of the first, this bound included."
    longest, shortest = settings.numbered
    for number, limit in longest.items():
        yield f"“{settings.steps[number - 1].name}” at most {duration(limit / 1e6)} after the step before."
    for number, gap in shortest.items():
        yield f"“{settings.steps[number - 1].name}” at least {duration(gap / 1e6)} after the step before."
    if rules.order != "any":
        yield _TIES[rules.ties]
    if rules.tolerance:
        early = duration(rules.tolerance / 1e6)
        yield f"A step may be stamped up to {early} before the one it follows, as clocks differ."


def _chains(settings: Settings) -> Iterator[str]:
    c = settings.choices
    yield "One event may serve several steps." if c["event_reuse"] else "One event serves one step."
    if c["reentry"] == "first":
        yield f"Only the first start of each {settings.counted.one} counts."
    if settings.optional:
        yield "A step that may be skipped counts where it lies in the chain of the others; skipping it costs nothing."
    if c.get("hold"):
        yield f"All steps must have the same {sentence_list([f'“{name}”' for name in c['hold']])}."
    if c.get("session") or c.get("session_gap"):
        cut = f"a pause of more than {c['session_gap']}" if c.get("session_gap") else f"“{c['session']}”"
        yield f"A visit is told by {cut}; all steps must be in one visit."
    if c.get("counting") == "attempts":
        yield (
            "Each attempt counts. One opens at a first step when none is open; it closes when it reaches the last "
            "step, or when none of its starts can go on."
        )
    each = {"person": "Each person"}.get(settings.counted.one, f"Each {settings.counted.one}")
    yield f"{each} counts once, with the chain that got furthest{'' if c['reentry'] == 'first' else ' from any start'}."


def _exclusions(settings: Settings) -> Iterator[str]:
    for one in settings.exclusions:
        after, before = settings.steps[one.after - 1].name, settings.steps[one.before - 1].name
        where = "on the way" if settings.choices["order"] == "any" else f"after “{after}” and before “{before}”"
        if settings.choices["on_exclusion"] == "drop_unit":
            yield (
                f"“{one.step.name}” {where} takes a {settings.counted.one} out of every step, unless a chain just as "
                "long goes without it."
            )
        else:
            yield f"“{one.step.name}” {where} ends a chain; the steps before it stay."


def _intervals(settings: Settings, confidence: float) -> str:
    if settings.counted is PEOPLE:
        return f"Intervals: Wilson, {share(confidence, 0)}."
    return (
        f"Intervals: {share(confidence, 0)}, Wilson on as many independent {settings.counted.many} as these are worth, "
        "because those of one person are alike."
    )


def _breakdown(settings: Settings, segment: str, confidence: float) -> str:
    at = settings.segment_at
    where = {1: "first event of the chain, before anything else is known", 0: "last step reached"}
    moment = where.get(at) or f"step “{settings.steps[at - 1].name}”"
    return (
        f"Groups: the value of “{segment}” at the {moment}; "
        "for the time to finish, at the first start. Differences of the share that finished against the largest "
        f"group: Newcombe interval, {share(confidence, 0)}; p-values adjusted by Holm. "
        "Shares of the step before are description only."
    )
