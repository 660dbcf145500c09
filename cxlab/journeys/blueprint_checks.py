"""What does not fit: in the blueprint itself, and between it and the log."""

from __future__ import annotations

from collections.abc import Sequence

from cxlab.errors import nearest
from cxlab.journeys.blueprint_reading import LINKS, PLACES
from cxlab.journeys.blueprint_words import Drawn
from cxlab.journeys.blueprints import LANES, skipped_lanes
from cxlab.journeys.words import moment
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, Check
from cxlab.wording import count, date, sentence_list, share

__all__ = ["blueprint_checks"]

_OFTEN, _MANY, _LISTED = 0.05, 0.25, 5


def blueprint_checks(drawn: Drawn) -> tuple[Check, ...]:
    """Can the blueprint be trusted, and is it whole?

    Args:
        drawn: everything that was found.

    Returns:
        The checks, those of the blueprint first.
    """
    found = [*_started(drawn), _places(drawn), _links(drawn), _orphans(drawn), _skipped(drawn)]
    found += [_unseen(drawn), _unshown(drawn), _unmeasured(drawn), _other_ways(drawn), *_metrics(drawn)]
    return (*found, _observed(drawn), _open(drawn), _small(drawn))


def _told(name: str, problems: Sequence[str], good: str, *, advice: str = "", severe: bool = False) -> Check:
    """One check that lists what it found."""
    if not problems:
        return Check(name, True, "info", good)
    more = f" And {len(problems) - _LISTED} more." if len(problems) > _LISTED else ""
    message = " ".join(part for part in (*problems[:_LISTED], more.strip(), advice) if part)
    return Check(name, False, "failure" if severe else "warning", message)


def _started(drawn: Drawn) -> list[Check]:
    if not drawn.blueprint.made:
        return []
    message = (
        "No blueprint was given, so the log's events were put in their usual order. Take blueprint.yml along, change "
        "its stages, lanes, names and links, and give it as `blueprint`."
    )
    return [Check("starter", False, "warning", message)]


def _places(drawn: Drawn) -> Check:
    problems = [one.message for one in drawn.blueprint.problems if one.check == PLACES]
    advice = "Such nodes are counted but not drawn."
    return _told(PLACES, problems, "Every node is in a lane and a stage.", advice=advice, severe=True)


def _links(drawn: Drawn) -> Check:
    problems = [one.message for one in drawn.blueprint.problems if one.check == LINKS]
    return _told(LINKS, problems, "Every link leads to a node.", advice="Such links are left out.", severe=True)


def _orphans(drawn: Drawn) -> Check:
    plan = drawn.blueprint
    sources, targets = {one.source for one in plan.links}, {one.target for one in plan.links}
    problems = []
    for node in plan.nodes:
        said = f"“{node.name}” ({node.where})"
        if node.name not in sources | targets:
            problems.append(f"Nothing leads to or from {said}.")
        elif node.name not in targets and node.stage in plan.stages[1:]:
            problems.append(f"Nothing leads to {said}, although it is not in the first stage.")
    return _told("orphans", problems, "Every node hangs together with others.", advice="Draw the link with `to`.")


def _skipped(drawn: Drawn) -> Check:
    problems = []
    for source, target in drawn.blueprint.ends_of():
        lanes = [LANES[one].casefold() for one in skipped_lanes(source.lane, target.lane)]
        if lanes:
            problems.append(f"“{source.name}” leads to “{target.name}” past {sentence_list(lanes)}.")
    good = "No link jumps over a lane."
    return _told("skipped_lanes", problems, good, advice="Who is there to meet the customer? Draw that node, if any.")


def _unseen(drawn: Drawn) -> Check:
    problems = []
    for node in drawn.blueprint.nodes:
        for event in (*node.events, *node.ends):
            if event not in drawn.log.people:
                hint = nearest(event, drawn.log.people)
                problems.append(f"“{node.name}” ({node.where}) is shown by “{event}”, which never occurs.{hint}")
    return _told("unseen_events", problems, "Every event of the blueprint occurs in the log.")


def _unshown(drawn: Drawn) -> Check:
    shown = {event for node in drawn.blueprint.nodes for event in (*node.events, *node.ends)}
    least = max(_OFTEN * drawn.log.everybody, SMALLEST_GROUP)
    missing = [(event, n) for event, n in drawn.log.people.items() if event not in shown and n >= least]
    problems = [f"“{event}” happens with {share(n / drawn.log.everybody, 0)} of people." for event, n in missing]
    good = f"Every event of {share(_OFTEN, 0)} of people or more is in the blueprint."
    return _told("unshown_events", problems, good, advice="No node shows it; does it belong in the blueprint?")


def _unmeasured(drawn: Drawn) -> Check:
    names = [f"“{name}”" for name in drawn.nodes.loc[drawn.nodes["state"] == "not measured", "node"]]
    if not names:
        return Check("unmeasured", True, "info", "Every node has events or a measure.")
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    told = f"{sentence_list(names[:_LISTED])}{more}" if not more else f"{', '.join(names[:_LISTED])}{more}"
    return Check("unmeasured", True, "info", f"Drawn without numbers, as nothing in the log shows them: {told}.")


def _other_ways(drawn: Drawn) -> Check:
    first = {one.name for one in drawn.blueprint.nodes if one.stage in drawn.blueprint.stages[:1]}
    sums = drawn.counts.nodes.drop(index=first, errors="ignore")
    rows = sums[(sums["n"] >= SMALLEST_DRAWN) & (sums["other"] > _MANY * sums["n"])]
    problems = [
        f"{share(row.other / row.n, 0)} of the people of “{row.Index}” were at none of the nodes that lead to it."
        for row in rows.itertuples()
    ]
    good = f"At least {share(1 - _MANY, 0)} of each node's people came by one of its links."
    return _told("other_ways", problems, good, advice="Is a link missing?")


def _metrics(drawn: Drawn) -> list[Check]:
    named = [one for one in drawn.blueprint.nodes if one.metric is not None]
    if not named:
        return []
    columns = drawn.log.table.columns
    problems = [
        f"“{one.name}” ({one.where}) is measured by “{one.metric}”, which is no column.{nearest(one.metric, columns)}"
        for one in named if one.metric not in columns
    ]  # fmt: skip
    empty = [one.name for one in named if one.metric in columns and not drawn.counts.metrics["n"].get(one.name, 0)]
    problems += [f"The measure of “{name}” has no value in the rows of its events." for name in empty]
    return [_told("metrics", problems, "Every measure is a column with values.")]


def _observed(drawn: Drawn) -> Check:
    until = date(moment(drawn.log.until, drawn.log.table.tz))
    if drawn.given["observe_until"] is None:
        message = f"Taken from the data: seen until {until}, the last event. Give observe_until if it was later."
    else:
        message = f"People were seen until {until}, as given."
    return Check("observe_until", True, "info", message)


def _open(drawn: Drawn) -> Check:
    """Who might still come: the log ended before the time that a link is followed."""
    begun = waiting = 0
    for link, frame in drawn.counts.waits.items():
        begun += int(frame["n"].sum())
        waiting += int(frame.loc[(frame["came"] == 0) & (frame["wait"] < drawn.counts.horizons[link]), "n"].sum())
    part = waiting / max(begun, 1)
    if not waiting:
        return Check("open_windows", True, "info", "Nobody is still on the way from one node to another.")
    told = f"{share(part)} of all ways from one node to another may still be gone; times allow for it, shares do not."
    return Check("open_windows", part < _MANY, "info" if part < _MANY else "warning", told)


def _small(drawn: Drawn) -> Check:
    rows = drawn.nodes[(drawn.nodes["state"] == "measured") & (drawn.nodes["n"] < SMALLEST_DRAWN)]
    problems = [f"“{name}”" for name in rows["node"]]
    if not problems:
        return Check(
            "small_groups", True, "info", f"Every node that the log shows has {SMALLEST_DRAWN} people or more."
        )
    named = sentence_list(problems[:_LISTED])
    more = f" and {count(len(problems) - _LISTED)} more" if len(problems) > _LISTED else ""
    told = f"Fewer than {SMALLEST_DRAWN} people: {named}{more}. Such shares say little."
    return Check("small_groups", False, "warning", told)
