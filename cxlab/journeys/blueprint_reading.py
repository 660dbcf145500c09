"""From YAML to a blueprint: what cannot be read is refused with its line, what does not fit is told as a problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxlab.errors import ParameterError, nearest
from cxlab.journeys.blueprint_yaml import Lined, read_yaml, yaml_text
from cxlab.journeys.blueprints import LANES, Blueprint, Link, Node, Problem
from cxlab.wording import sentence_list

__all__ = ["LINKS", "PLACES", "read_blueprint"]

PLACES, LINKS = "places", "links"
_TOP = ("service", "stages", "nodes")
_KEYS = ("name", "lane", "stage", "events", "ends", "metric", "measured_in", "to")
_MOST_STAGES, _MOST_NODES = 12, 80
_LANE_WORDS = {
    "evidence": ("evidence", "physical evidence"), "customer": ("customer", "customers", "customer actions"),
    "front": ("front", "front stage", "frontstage", "onstage"), "back": ("back", "back stage", "backstage"),
    "support": ("support", "support processes", "support process"),
}  # fmt: skip


def read_blueprint(blueprint: str | Mapping[str, Any]) -> Blueprint:
    """What does the designer's blueprint say?

    Args:
        blueprint: the path of a YAML file, YAML text, or a mapping.

    Returns:
        The blueprint. Unknown lanes and stages, and links to nodes that are not there, are its problems.

    Raises:
        ParameterError: it cannot be read; the message names the line.

    Examples:
        >>> drawn = read_blueprint(
        ...     "stages: [ask]\\nnodes:\\n- {name: Form, lane: customer, stage: ask, events: sent, to: Reply}\\n"
        ...     "- {name: Reply, lane: front, stage: ask, events: replied}\\n"
        ... )
        >>> drawn.links
        (Link(source='Form', target='Reply'),)
    """
    text = yaml_text(blueprint)
    numbered = not isinstance(blueprint, Mapping)
    content = read_yaml(text)
    if not isinstance(content, Lined):
        raise ParameterError("The blueprint has no keys; expected `stages:` and `nodes:`. A start: give no blueprint.")
    _only_known(content, _TOP, "The blueprint")
    stages, entries = _stages(content), _entries(content)
    problems: list[Problem] = []
    nodes = [_node(one, place, numbered, stages, problems) for place, one in enumerate(entries, 1)]
    _refuse_twins(nodes)
    links = _links(nodes, entries, problems)
    return Blueprint(
        _one(content, "service", "The blueprint") or "", stages, tuple(nodes), links, tuple(problems), text
    )


def _stages(content: Lined) -> tuple[str, ...]:
    stages = _several(content, "stages", "The blueprint")
    if not stages:
        raise ParameterError("The blueprint has no `stages`; expected a list, such as stages: [ask, wait, solve].")
    twice = next((one for one in stages if stages.count(one) > 1), None)
    if twice is not None:
        raise ParameterError(f"The stage {twice!r} stands twice (line {content.lines['stages']}); leave one out.")
    if len(stages) > _MOST_STAGES:
        raise ParameterError(f"The blueprint has {len(stages)} stages; expected at most {_MOST_STAGES}. Split it.")
    return stages


def _entries(content: Lined) -> list[Lined]:
    entries = content.get("nodes")
    if not isinstance(entries, list) or not entries:
        raise ParameterError(
            "The blueprint has no `nodes`; expected a list under `nodes:`, each with name, lane, stage."
        )
    if len(entries) > _MOST_NODES:
        raise ParameterError(f"The blueprint has {len(entries)} nodes; expected at most {_MOST_NODES}. Split it.")
    for place, entry in enumerate(entries, 1):
        if not isinstance(entry, Lined):
            raise ParameterError(f"Node {place} is {entry!r}; expected keys such as `name:`, `lane:` and `stage:`.")
    return entries


def _only_known(entry: Lined, known: Sequence[str], place: str) -> None:
    for key in entry:
        if key not in known:
            raise ParameterError(
                f"{place} has `{key}` (line {entry.lines[key]}), which nothing reads.{nearest(key, known)} "
                f"Allowed are: {', '.join(known)}."
            )


def _one(entry: Lined, key: str, place: str) -> str | None:
    value = entry.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise ParameterError(f"{place}: `{key}` (line {entry.lines[key]}) is {value!r}; expected one text.")
    return None if value is None else " ".join(value.split())


def _several(entry: Lined, key: str, place: str) -> tuple[str, ...]:
    value = entry.get(key)
    listed = value if isinstance(value, list) else [] if value is None else [value]
    if any(not isinstance(one, str) or not one.strip() for one in listed):
        raise ParameterError(
            f"{place}: `{key}` (line {entry.lines[key]}) is {value!r}; expected a text or a list of texts."
        )
    return tuple(dict.fromkeys(listed) if key != "stages" else listed)


def _node(entry: Lined, place: int, numbered: bool, stages: tuple[str, ...], problems: list[Problem]) -> Node:
    where = f"line {entry.line}" if numbered else f"node {place}"
    _only_known(entry, _KEYS, f"Node {place}")
    name = _one(entry, "name", f"Node {place}")
    if name is None:
        raise ParameterError(f"Node {place} ({where}) has no `name`; give it one.")
    said = f"“{name}” ({where})"
    ends, events = _several(entry, "ends", said), _several(entry, "events", said)
    if ends and not events:
        raise ParameterError(f"{said} has `ends` but no `events`; name the events that show it first.")
    return Node(
        name, _lane(entry, said, problems), _stage(entry, said, stages, problems), events, ends,
        _one(entry, "metric", said), _one(entry, "measured_in", said) or "", where,
    )  # fmt: skip


def _lane(entry: Lined, said: str, problems: list[Problem]) -> str:
    given = _one(entry, "lane", said)
    word = (given or "").casefold().replace("_", " ").replace("-", " ")
    lane = next((lane for lane, words in _LANE_WORDS.items() if word in words), "")
    if not lane:
        problems.append(Problem(PLACES, _misplaced(said, "lane", given, list(LANES))))
    return lane


def _stage(entry: Lined, said: str, stages: tuple[str, ...], problems: list[Problem]) -> str:
    given = _one(entry, "stage", said)
    if given not in stages:
        problems.append(Problem(PLACES, _misplaced(said, "stage", given, stages)))
        return ""
    return given


def _misplaced(said: str, key: str, given: str | None, known: Sequence[str]) -> str:
    if given is None:
        return f"{said} has no {key}; expected one of {', '.join(known)}."
    return f"{said} is in the {key} “{given}”, which is none.{nearest(given, known)} There are: {', '.join(known)}."


def _refuse_twins(nodes: Iterable[Node]) -> None:
    seen: dict[str, Node] = {}
    for one in nodes:
        if one.name in seen:
            raise ParameterError(
                f"Two nodes are called “{one.name}” ({sentence_list([seen[one.name].where, one.where])}); links could "
                "not tell them apart. Give them different names."
            )
        seen[one.name] = one


def _links(nodes: Sequence[Node], entries: Sequence[Lined], problems: list[Problem]) -> tuple[Link, ...]:
    names, found = [one.name for one in nodes], []
    for node, entry in zip(nodes, entries, strict=True):
        for target in (" ".join(one.split()) for one in _several(entry, "to", f"“{node.name}” ({node.where})")):
            if target == node.name:
                problems.append(Problem(LINKS, f"“{node.name}” ({node.where}) leads to itself; leave that link out."))
            elif target in names:
                found.append(Link(node.name, target))
            else:
                told = f"“{node.name}” ({node.where}) leads to “{target}”, which is no node."
                problems.append(Problem(LINKS, f"{told}{nearest(target, names)}"))
    return tuple(dict.fromkeys(found))
