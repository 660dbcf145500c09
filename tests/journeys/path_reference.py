"""Paths counted slowly, event by event, in plain Python: what the engine's counts must equal."""

from collections import Counter, defaultdict
from itertools import pairwise

__all__ = ["counted", "placed", "walked"]


def counted(rows, *, gap=None, begin=None, goal=None, merge=False, until=None, pause=None):
    """Moves, sources, positions and loops of a log of (unit, time, event), all as counters.

    Args:
        rows: the log.
        gap: a longer pause begins a new path.
        begin: event that begins a path.
        goal: event that ends it.
        merge: count repeats in a row once.
        until: end of the log.
        pause: how long a path must be quiet to have ended.

    Returns:
        Moves by (source, target), people by (source, target), and people by (event, kind of loop).
    """
    moves, people, loops = Counter(), defaultdict(set), defaultdict(set)
    limit = until - pause
    for unit, path in walked(rows, gap=gap, begin=begin, goal=goal, merge=merge, until=until):
        names = [event for _, event in path]
        steps = [("(start)", names[0], None), *((a, b, t) for (t, a), b in zip(path, names[1:], strict=False))]
        if names[-1] != goal:
            steps.append((names[-1], "(end)", path[-1][0]))
        for source, target, time in steps:
            if time is None or time <= limit:
                moves[source, target] += 1
                people[source, target].add(unit)
        for event in set(names):
            _mark(loops, names, event, unit)
    return moves, {key: len(who) for key, who in people.items()}, {key: len(who) for key, who in loops.items()}


def walked(rows, *, gap=None, begin=None, goal=None, merge=False, until=None):
    """Each path as its person and (time, event) in order."""
    for unit, whole in _paths(rows, gap, until):
        path = _between(_once(whole) if merge else whole, begin, goal)
        if path:
            yield unit, path


def placed(paths, *, positions, goal, limit):
    """What paths are at each position, between positions, as a whole, and how long they wait: four mappings."""
    places, flows, wholes, waits = Counter(), Counter(), defaultdict(list), defaultdict(list)
    for unit, path in paths:
        names, times = [event for _, event in path], [time for time, _ in path]
        state = None if names[-1] == goal else "(end)" if times[-1] <= limit else "(open)"
        filled = names + [state or goal] * positions
        places.update(enumerate(filled[:positions], 1))
        onward = [*names, state] if state else names
        flows.update((place, *pair) for place, pair in enumerate(pairwise(onward[:positions]), 1))
        ending = ["…"] if len(names) > positions else [state] if state else []
        wholes[" → ".join([*names[:positions], *ending])].append(unit)
        for (first, source), (second, target) in pairwise(path):
            if first <= limit:
                waits[source, target].append(second - first)
    return places, flows, wholes, waits


def _paths(rows, gap, until):
    by_unit = defaultdict(list)
    for unit, time, event in rows:
        if time <= until:
            by_unit[unit].append((time, event))
    for unit, events in by_unit.items():
        path = []
        for time, event in sorted(events):
            if path and gap is not None and time - path[-1][0] > gap:
                yield unit, path
                path = []
            path.append((time, event))
        yield unit, path


def _once(path):
    return [one for place, one in enumerate(path) if not place or path[place - 1][1] != one[1]]


def _between(path, begin, goal):
    names = [event for _, event in path]
    if begin is not None:
        if begin not in names:
            return []
        path = path[names.index(begin) :]
    names = [event for _, event in path]
    return path[: names.index(goal) + 1] if goal in names else path


def _mark(loops, names, event, unit):
    places = [place for place, name in enumerate(names) if name == event]
    gaps = [later - earlier for earlier, later in pairwise(places)]
    for kind, found in (("repeated", bool(gaps)), ("in_a_row", 1 in gaps), ("returned", any(one > 1 for one in gaps))):
        if found:
            loops[event, kind].add(unit)
