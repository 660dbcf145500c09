"""A service blueprint: lanes, stages, nodes and links, as a designer writes them down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["LANES", "Blueprint", "Link", "Node", "Problem", "crossed_lines", "skipped_lanes"]

LANES: Mapping[str, str] = {
    "evidence": "Evidence", "customer": "Customer actions", "front": "Front stage", "back": "Back stage",
    "support": "Support processes",
}  # fmt: skip
"""The five lanes from top to bottom, and what readers call them."""

_LINES = ("line of interaction", "line of visibility", "line of internal interaction")
_DEPTH = {"evidence": 0, "customer": 0, "front": 1, "back": 2, "support": 3}


@dataclass(frozen=True)
class Node:
    """One box of the blueprint.

    Attributes:
        name: what it is called.
        lane: one of `LANES`; "" where the one given is none.
        stage: one of the stages; "" where the one given is none.
        events: events of the log that show it.
        ends: events of the log that show that it is finished.
        metric: column of the log with a measure of it, or None.
        measured_in: unit of that measure.
        where: line of the text, for messages.
    """

    name: str
    lane: str
    stage: str
    events: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    metric: str | None = None
    measured_in: str = ""
    where: str = ""

    @property
    def placed(self) -> bool:
        """Has it a lane and a stage, so that it can be drawn?"""
        return bool(self.lane and self.stage)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The events from which the time to the next node runs."""
        return self.ends or self.events


@dataclass(frozen=True)
class Link:
    """An arrow from one node to another, by their names."""

    source: str
    target: str


@dataclass(frozen=True)
class Problem:
    """What does not fit in a blueprint that can still be read: the check it belongs to, and what is wrong."""

    check: str
    message: str


@dataclass(frozen=True)
class Blueprint:
    """A blueprint as it was written.

    Attributes:
        service: what the service is called.
        stages: the stages in their order.
        nodes: the nodes in the order of the text.
        links: the links between nodes that are there.
        problems: what does not fit.
        text: the YAML.
        made: was it made from the log, as a start?
    """

    service: str
    stages: tuple[str, ...]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    problems: tuple[Problem, ...] = ()
    text: str = ""
    made: bool = False

    def node(self, name: str) -> Node:
        """The node of this name."""
        return next(one for one in self.nodes if one.name == name)

    def ends_of(self) -> Iterator[tuple[Node, Node]]:
        """Both nodes of every link."""
        by_name = {one.name: one for one in self.nodes}
        yield from ((by_name[link.source], by_name[link.target]) for link in self.links)


def crossed_lines(first: str, second: str) -> tuple[str, ...]:
    """Which lines does a link from one lane to another cross?

    Args:
        first: a lane.
        second: another lane.

    Returns:
        The lines, from the customer inwards.

    Examples:
        >>> crossed_lines("customer", "back")
        ('line of interaction', 'line of visibility')
        >>> crossed_lines("evidence", "customer")
        ()
    """
    if not first or not second:
        return ()
    low, high = sorted((_DEPTH[first], _DEPTH[second]))
    return _LINES[low:high]


def skipped_lanes(first: str, second: str) -> tuple[str, ...]:
    """Which lanes does a link jump over? What customers hold in their hands may come from any of them.

    Args:
        first: a lane.
        second: another lane.

    Returns:
        The lanes between.

    Examples:
        >>> skipped_lanes("customer", "support"), skipped_lanes("back", "evidence")
        (('front', 'back'), ())
    """
    if "evidence" in (first, second) or not first or not second:
        return ()
    low, high = sorted((_DEPTH[first], _DEPTH[second]))
    return tuple(lane for lane, depth in _DEPTH.items() if low < depth < high)
