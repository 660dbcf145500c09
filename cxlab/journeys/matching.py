"""Distinct events for distinct steps: matching between events and steps, given as bit masks."""

from collections.abc import Iterator, Sequence

__all__ = ["assign", "augment", "matchable"]


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def augment(masks: Sequence[int], holder: dict[int, int], event: int, steps: int) -> bool:
    """Can one more event have a step of its own? Others move to another of their steps where needed.

    Args:
        masks: steps that each event serves, bit k for step k + 1.
        holder: step bit to event, changed in place when the event finds a step.
        event: position of the event.
        steps: bits of the steps that may be taken; those tried are struck out on the way.

    Returns:
        Whether it found one.

    Examples:
        >>> holder = {0b01: 0}
        >>> augment([0b11, 0b01], holder, 1, 0b11), holder
        (True, {1: 1, 2: 0})
    """
    return _place(masks, holder, event, [steps])


def _place(masks: Sequence[int], holder: dict[int, int], event: int, left: list[int]) -> bool:
    for bit in _bits(masks[event]):
        if not bit & left[0]:
            continue
        left[0] &= ~bit
        if bit not in holder or _place(masks, holder, holder[bit], left):
            holder[bit] = event
            return True
    return False


def matchable(masks: Sequence[int], steps: int) -> bool:
    """Can every one of these steps be served by an event of its own?

    Args:
        masks: steps that each event serves.
        steps: bits of the steps.

    Examples:
        >>> matchable([0b01, 0b11], 0b11), matchable([0b11], 0b11)
        (True, False)
    """
    holder: dict[int, int] = {}
    found = sum(augment(masks, holder, event, steps) for event in range(len(masks)))
    return found == steps.bit_count()


def assign(masks: Sequence[int], steps: int) -> int:
    """The lowest event for the first of these steps that leaves an event for each of the others.

    Args:
        masks: steps that each event serves; the steps are matchable.
        steps: bits of the steps.

    Examples:
        >>> assign([0b11, 0b01], 0b11)
        1
    """
    first = steps & -steps
    for event, mask in enumerate(masks):
        if mask & first and matchable([*masks[:event], *masks[event + 1 :]], steps & ~first):
            return event
    return -1
