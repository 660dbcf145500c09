"""The stages of a journey: each has a name, and the events that belong to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cxlab.errors import DataError, ParameterError, choose, nearest
from cxlab.wording import sentence_list

__all__ = ["Stage", "parse_goal", "parse_stages", "refuse_empty_journey"]

_MOST = 12


@dataclass(frozen=True)
class Stage:
    """One stage: its name, its events, and whether people may skip it."""

    name: str
    events: tuple[str, ...]
    optional: bool = False


def parse_stages(stages: object, optional: object = None, seen: Collection[str] = ()) -> tuple[Stage, ...]:
    """Which events make each stage, and which stages may be skipped?

    Args:
        stages: the stages in their order; "Sign up: form|confirmed" is a name and its events.
        optional: names of stages that people may skip.
        seen: names of events in the data; one that itself holds a colon or a bar is taken as it is.

    Returns:
        The stages.

    Raises:
        ParameterError: not a list of two stages or more, a name or an event twice, an unknown or first optional stage.

    Examples:
        >>> [(stage.name, stage.events) for stage in parse_stages(["Discover: home|search", "order"])]
        [('Discover', ('home', 'search')), ('order', ('order',))]
    """
    if isinstance(stages, str) or not isinstance(stages, Sequence) or not 2 <= len(stages) <= _MOST:
        raise ParameterError(
            f"`stages` is {stages!r}; expected a list of two to {_MOST} stages in their order, such as "
            "['Discover: home|search', 'Order: paid']."
        )
    found = tuple(_stage(one, seen) for one in stages)
    _refuse_twice([stage.name for stage in found], "names the stage")
    _refuse_twice([event for stage in found for event in stage.events], "has in two places the event")
    return _with_optional(found, optional)


def _stage(text: object, seen: Collection[str]) -> Stage:
    if not isinstance(text, str):
        raise ParameterError(f"`stages` holds {text!r}; expected text such as 'Discover: home|search'.")
    if text in seen:
        return Stage(text, (text,))
    name, colon, events = text.partition(":")
    listed = tuple(dict.fromkeys(one.strip() for one in (events if colon else name).split("|")))
    if not name.strip() or not all(listed):
        raise ParameterError(f"`stages` holds {text!r}; expected a name and its events, 'Discover: home|search'.")
    return Stage(name.strip() if colon else sentence_list(listed, "or"), listed)


def _refuse_twice(names: Sequence[str], what: str) -> None:
    twice = next((name for name in names if list(names).count(name) > 1), None)
    if twice is not None:
        raise ParameterError(f"`stages` {what} {twice!r} twice; each may stand once.")


def _with_optional(stages: tuple[Stage, ...], optional: object) -> tuple[Stage, ...]:
    if optional is None:
        return stages
    if isinstance(optional, str) or not isinstance(optional, Sequence):
        raise ParameterError(f"`optional` is {optional!r}; expected a list of names of stages.")
    names = [stage.name for stage in stages]
    skipped = {choose("optional", name, names) for name in optional}
    if names[0] in skipped:
        raise ParameterError(f"`optional` holds {names[0]!r}, the first stage, with which every journey begins.")
    if len(skipped) > len(names) - 2:
        raise ParameterError("`optional` leaves fewer than two stages that are passed by all; name fewer.")
    return tuple(replace(stage, optional=stage.name in skipped) for stage in stages)


def parse_goal(goal: str | None, stages: Sequence[Stage], seen: Collection[str] = ()) -> tuple[str, ...]:
    """Which events mean that somebody has come through?

    Args:
        goal: the event, "a|b" for either of two; None for none.
        stages: the stages.
        seen: names of events in the data.

    Returns:
        The events; empty without a goal.

    Raises:
        ParameterError: an event that belongs to a stage, or no name.
    """
    if goal is None:
        return ()
    events = (goal,) if goal in seen else tuple(dict.fromkeys(one.strip() for one in str(goal).split("|")))
    of = {event: stage.name for stage in stages for event in stage.events}
    inside = next((event for event in events if event in of), None)
    if not all(events) or inside is not None:
        told = f"its event {inside!r} belongs to the stage {of[inside]!r}" if inside else "it names no event"
        raise ParameterError(f"`goal` is {goal!r}, but {told}; expected an event that comes after the last stage.")
    return events


def refuse_empty_journey(stages: Sequence[Stage], seen: Collection[str]) -> None:
    """Is there anything to map? Refused where nobody began, or no event of any stage is in the data.

    Args:
        stages: the stages.
        seen: names of events in the data.

    Raises:
        DataError: none of the events of the first stage occurs.
    """
    first = stages[0]
    if any(name in seen for name in first.events):
        return
    some = ", ".join(f"'{name}'" for name in list(seen)[:8])
    raise DataError(
        f"None of the events of the first stage {first.name!r} occurs in the data: "
        f"{sentence_list([repr(name) for name in first.events])}.{nearest(first.events[0], seen)} "
        f"Its most frequent events are {some}."
    )
