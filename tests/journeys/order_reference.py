"""Paths against an order, and signs of struggle, told slowly, event by event, in plain Python."""

from collections import Counter, defaultdict
from itertools import pairwise

from tests.journeys.path_reference import _between, _paths

__all__ = ["ordered", "struggled", "switched"]


def ordered(rows, stages, *, gap=None, goal=None, until, pause):
    """Moves back by stage, time lost by stage, and ways of whole paths.

    Returns:
        Counter of (stage, moves and moves back), lists of lost seconds by stage (None where never regained), ways.
    """
    limit, place = until - pause, {name: number for number, name in enumerate(stages)}
    back, lost, ways = defaultdict(Counter), defaultdict(list), Counter()
    for _, whole in _paths(rows, gap, until):
        path = _between(whole, None, goal)
        own = [(time, place[name]) for time, name in path if name in place]
        for (time, here), (_, there) in pairwise(own):
            if here != there and time <= limit:
                back[stages[here]]["moves"] += 1
                back[stages[here]]["back"] += there < here
        for stage, time, seconds in _lost(own):
            if time <= limit:
                lost[stages[stage]].append(seconds)
        ways[_way([name for _, name in path], own, place, len(stages), path[-1], goal, limit)] += 1
    return back, lost, ways


def _lost(own):
    """Falls from the furthest stage so far, one after another."""
    place = 0
    while place < len(own):
        furthest = own[place][1]
        onward = next((at for at in range(place + 1, len(own)) if own[at][1] >= furthest), None)
        if onward != place + 1 and place + 1 < len(own):
            yield furthest, own[place][0], None if onward is None else own[onward][0] - own[place][0]
        if onward is None:
            return
        place = onward


def _way(names, own, place, count, last, goal, limit):
    if last[1] != goal and last[0] > limit:
        return "open"
    if not own:
        return "none"
    order = [stage for _, stage in own]
    if any(b < a for a, b in pairwise(order)):
        return "out_of_order"
    if set(order) != set(range(max(order) + 1)):
        return "skips"
    inner = names[names.index(next(n for n in names if n in place)) :]
    while inner[-1] not in place:
        inner = inner[:-1]
    if any(name not in place for name in inner):
        return "detours"
    return "wholly" if max(order) == count - 1 else "stopped"


def struggled(rows, *, times, within, errors, goal, until, gap=None):
    """People by (event, sign), without long waits."""
    found = defaultdict(set)
    for unit, whole in _paths(rows, gap, until):
        own = _between(whole, None, goal)
        for k, (time, name) in enumerate(own):
            same = [t for t, n in own[: k + 1] if n == name]
            if len(same) >= times and time - same[-times] <= within:
                found[name, "repeated"].add(unit)
            if k >= 3 and _swings(own[k - 3 : k + 1], within, errors, goal):
                found[name, "back_and_forth"].add(unit)
                found[own[k - 1][1], "back_and_forth"].add(unit)
            if k + 1 < len(own) and own[k + 1][1] in errors:
                found[name, "error"].add(unit)
                later = [t for t, n in own[k + 1 :] if n == name]
                if later and later[0] - own[k + 1][0] <= within:
                    found[name, "error_again"].add(unit)
    return {key: len(who) for key, who in found.items() if key[0] not in {*errors, goal}}


def _swings(four, within, errors, goal):
    (t0, a), (_, b), (_, c), (t3, d) = four
    return a == c and b == d and a != b and t3 - t0 <= within and not {a, b} & {*errors, goal}


def switched(rows, *, until, pause):
    """Changes of channel by event, and what comes after stays; rows are (unit, time, event, channel) in order."""
    by_unit, switches, stays = defaultdict(list), defaultdict(Counter), Counter()
    for unit, time, event, channel in rows:
        if time <= until:
            by_unit[unit].append((time, event, channel))
    for path in by_unit.values():
        path.sort()
        for k, (time, event, channel) in enumerate(path):
            if time > until - pause:
                continue
            onward = path[k + 1][2] if k + 1 < len(path) else None
            if onward is not None:
                switches[event]["moves"] += 1
                switches[event]["away"] += onward != channel
            if onward != channel:
                stays[channel, onward or "(end)"] += 1
    return switches, stays
