"""Steps in order, any events between: the latest-start rule, one pass over the events of a unit."""

from collections.abc import Iterator, Sequence

from cxlab.journeys.matching import assign, matchable
from cxlab.journeys.rules import NO_CHAIN, Chain, Rules

__all__ = ["ordered_chain"]

Group = tuple[int, int, int]  # time, first position, position after the last


def ordered_chain(times: Sequence[int], masks: Sequence[int], rules: Rules) -> Chain:
    """Which chain did this unit get furthest with?

    The latest start of every depth is kept: what can still follow depends on the start alone, and a later start
    is feasible whenever an earlier one is. Events of one instant serve a run of consecutive steps, each by an
    event of its own.

    Args:
        times: times of the events, rising.
        masks: steps that each event serves, bit k for step k + 1.
        rules: window, ties, range.

    Returns:
        The deepest chain; then the earliest to finish, the latest to start, the earliest times between.
    """
    level, start = _deepest(times, masks, rules)
    still = level < rules.steps and any(rules.unfinished(times[i]) for i in rules.starts(times, masks))
    if level == 0:
        return NO_CHAIN
    found, position = _replay(times, masks, rules, level, start)
    return Chain(level, found, position, is_open=still)


def _groups(times: Sequence[int], rules: Rules) -> Iterator[Group]:
    """Events of one instant together; one by one where their rows decide."""
    low = 0
    for high in range(1, len(times) + 1):
        if high == len(times) or times[high] != times[low] or rules.ties == "row_order":
            yield times[low], low, high
            low = high


def _run(masks: Sequence[int], group: Group, done: int, most: int, rules: Rules) -> int:
    """The depth that the events of one instant bring a chain to that has done `done` steps."""
    _, low, high = group
    if high - low == 1 or rules.ties != "step_order":
        served = done < most and any(mask >> done & 1 for mask in masks[low:high])
        return done + served
    reached = done
    while reached < most and matchable(masks[low:high], (2 << reached) - (1 << done)):
        reached += 1
    return reached


def _deepest(times: Sequence[int], masks: Sequence[int], rules: Rules) -> tuple[int, int]:
    """Greatest depth, and the latest start of the chains that are the first to reach it."""
    latest: list[int | None] = [None] * (rules.steps + 1)
    first: dict[int, tuple[int, int]] = {}
    for group in _groups(times, rules):
        if rules.steps in first and first[rules.steps][0] < group[0]:
            break
        for depth, start in _moves(masks, group, latest, rules).items():
            latest[depth] = start
            if depth not in first or first[depth][0] == group[0]:
                first[depth] = group[0], start
    level = max(first, default=0)
    return level, first[level][1] if level else 0


def _moves(masks: Sequence[int], group: Group, latest: list[int | None], rules: Rules) -> dict[int, int]:
    """Depths gained at one instant, each with its latest start: the shallower a chain, the later it began."""
    time = group[0]
    moved: dict[int, int] = {}
    for done in range(rules.steps):
        start = latest[done] if done else (time if rules.admits(time) else None)
        if start is None or not rules.within(start, time):
            continue
        for depth in range(done + 1, _run(masks, group, done, rules.steps, rules) + 1):
            moved.setdefault(depth, start)
    return moved


def _replay(
    times: Sequence[int], masks: Sequence[int], rules: Rules, level: int, start: int
) -> tuple[tuple[int, ...], int]:
    """Times of the chain from `start` that takes every step as early as it can, and its first event."""
    found: list[int] = []
    position = -1
    for group in _groups(times, rules):
        reached = _run(masks, group, len(found), level, rules)
        if group[0] < start or reached == len(found):
            continue
        if not found:
            position = group[1] + assign(masks[group[1] : group[2]], (1 << reached) - 1)
        found += [group[0]] * (reached - len(found))
        if len(found) == level:
            break
    return tuple(found), position
