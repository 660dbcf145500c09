"""A slow reference: every chain of one unit is written down, and the best is picked by sorting.

Independent of the package on purpose. An event is (time, row, names); a step is a set of names.
"""

from itertools import combinations, permutations


def fits(previous, event, ties, tolerance):
    if ties == "strict":
        return event[0] > previous[0]
    if ties == "row_order":
        return (event[0], event[1]) > (previous[0], previous[1])
    return event[0] >= previous[0] - tolerance


def adjacent(events, previous, event, step):
    low, high = sorted([previous[0], event[0]])
    return all(other[2] in step for other in events if low < other[0] < high)


def ordered_chains(events, steps, *, window, ties="step_order", tolerance=0, strict=False, admits=lambda t: True):
    """Every chain of every depth, grown one event at a time."""
    chains = [(event,) for event in events if event[2] in steps[0] and admits(event[0])]
    every = list(chains)
    for depth in range(1, len(steps)):
        chains = [
            (*chain, event)
            for chain in chains
            for event in events
            if event[2] in steps[depth]
            and event not in chain
            and fits(chain[-1], event, ties, tolerance)
            and (window is None or event[0] - chain[0][0] <= window)
            and (not strict or adjacent(events, chain[-1], event, steps[depth - 1]))
        ]
        every += chains
    return every


def best_chain(chains):
    """Deepest, earliest completion, latest start, earliest times between, lowest row of the start."""
    if not chains:
        return ()
    return min(
        chains,
        key=lambda c: (-len(c), c[-1][0], -c[0][0], [event[0] for event in c], c[0][1]),
    )


def any_order_sets(events, steps, *, window, admits=lambda t: True):
    """The events of the reported set by increasing time: largest, first window, earliest events."""
    useful = [event for event in events if any(event[2] in step for step in steps)]
    best = ()
    for first in useful:
        if not admits(first[0]):
            continue
        near = [e for e in useful if e[:2] >= first[:2] and (window is None or e[0] - first[0] <= window)]
        for size in range(len(steps), len(best), -1):
            sets = [s for s in combinations(near, size) if served(s, steps)]
            if sets:
                best = min(sets, key=lambda s: [(e[0], e[1]) for e in s])
                break
    return best


def served(events, steps):
    """Can these events each take a step of their own?"""
    return any(
        all(event[2] in steps[k] for event, k in zip(events, places, strict=True))
        for places in permutations(range(len(steps)), len(events))
    )


def may_go_on(events, chains, steps, *, window, data_end, strict):
    """Could any chain advance by an event after the end of the data?"""
    return any(
        len(chain) < len(steps)
        and chain[0][0] + window > data_end
        and (not strict or all(e[2] in steps[len(chain) - 1] for e in events if e[0] > chain[-1][0]))
        for chain in chains
    )


def taken_in_time(previous, event, step, step_windows, gaps):
    longest, shortest = step_windows.get(step), gaps.get(step, 0)
    took = event[0] - previous[0]
    return (longest is None or took <= longest) and (not shortest or took >= shortest)


def barred(events, exclusions, depth, low, high):
    """Does an excluded event for a chain at this depth lie after `low` and up to `high`?"""
    return any(
        low < e[0] <= high and e[2] == name
        for name, after, before in exclusions
        if after <= depth < before
        for e in events
    )


def foreign_between(events, previous, event, step, repeats):
    low, high = sorted([previous[0], event[0]])
    return any(low < e[0] < high and (repeats == "break" or e[2] not in step) for e in events)


def may_follow(events, steps, chain, event, o):
    """May this event carry on the chain, under all options but exclusions?"""
    depth, last = len(chain), chain[-1]
    return (
        event[2] in steps[depth]
        and (o["event_reuse"] or event not in chain)
        and fits(last, event, o["ties"], o["tolerance"])
        and (o["window"] is None or event[0] - chain[0][0] <= o["window"])
        and taken_in_time(last, event, depth + 1, o["step_windows"], o["min_gaps"])
        and not (o["strict"] and foreign_between(events, last, event, steps[depth - 1], o["repeats"]))
    )


def every_chain(events, steps, o, *, exclusions):
    """Every chain of required steps that meets none of these exclusions on its way."""
    starts = [e for e in events if e[2] in steps[0] and o["admits"](e[0])]
    if o["reentry"] == "first":
        starts = [e for e in starts if e[0] == starts[0][0]]
    chains = every = [(e,) for e in starts]
    for depth in range(1, len(steps)):
        chains = [
            (*chain, e)
            for chain in chains
            for e in events
            if may_follow(events, steps, chain, e, o) and not barred(events, exclusions, depth, chain[-1][0], e[0])
        ]
        every = every + chains
    return every


def reported(events, steps, o):
    """The reported chain of required steps under all options."""
    chains = every_chain(events, steps, o, exclusions=o["exclusions"])
    if o["on_exclusion"] == "drop_unit":
        free = every_chain(events, steps, o, exclusions=[])
        deepest = max(map(len, free), default=0)
        chains = [c for c in chains if len(c) == deepest and not left_tainted(events, steps, c, o)]
    return best_chain(chains)


def left_tainted(events, steps, chain, o):
    limit = float("inf") if o["window"] is None else chain[0][0] + o["window"]
    return len(chain) < len(steps) and barred(events, o["exclusions"], len(chain), chain[-1][0], limit)


def with_optional(events, steps, skippable, o):
    """Required times and times of optional steps; `skippable` holds (after, names) in order."""
    chains = every_chain(events, steps, o, exclusions=o["exclusions"])
    best = best_chain(chains)
    alike = [c for c in chains if best and (len(c), c[-1][0], c[0][0]) == (len(best), best[-1][0], best[0][0])]
    ways = [(chain, chosen) for chain in alike for chosen in fillings(events, steps, chain, skippable, o)]
    if not ways:
        return (), ()
    chain, chosen = min(ways, key=preference)
    return tuple(e[0] for e in chain), tuple(None if e is None else e[0] for e in chosen)


def preference(way):
    chain, chosen = way
    return (
        -sum(e is not None for e in chosen), [e[0] for e in chain],
        [e is None for e in chosen], [e[0] for e in chosen if e is not None],
    )  # fmt: skip


def fillings(events, steps, chain, skippable, o):
    """Every choice of events for the optional steps of one chain."""
    ways = [()]
    for after, names in skippable:
        options = [None] + [e for e in events if e[2] in names and after <= len(chain)]
        ways = [
            (*way, e)
            for way in ways
            for e in options
            if e is None or stands(events, steps, chain, way, skippable, e, o)
        ]
    return ways


def stands(events, steps, chain, way, skippable, event, o):
    """May this event come after what is chosen so far, and before the next required step?"""
    after = skippable[len(way)][0]
    before = [e for e, (place, _) in zip(way, skippable, strict=False) if e is not None and place == after]
    previous = before[-1] if before else chain[after - 1]
    if not fits(previous, event, o["ties"], o["tolerance"]):
        return False
    if after < len(chain):
        return fits(event, chain[after], o["ties"], o["tolerance"])
    in_window = o["window"] is None or event[0] <= chain[0][0] + o["window"]
    return in_window and not barred(events, o["exclusions"], after, chain[-1][0], event[0])


def every_attempt(events, steps, o):
    """Best chain of one attempt after the other, by going through the instants with all chains at hand."""
    done, alive, seen = [], [], []
    for time in sorted({e[0] for e in events}):
        alive = [c for c in alive if advances(events, steps, c, time, o)]
        if seen and not alive:
            done, seen = [*done, best_chain(seen)], []
        here = [e for e in events if e[0] == time]
        if not seen or o["reentry"] == "latest":
            begun = [(e,) for e in here if e[2] in steps[0] and o["admits"](time)]
            alive, seen = alive + begun, seen + begun
        if not seen:
            continue
        fresh = alive
        while fresh:
            fresh = [(*c, e) for c in fresh if len(c) < len(steps) for e in here if may_follow(events, steps, c, e, o)]
            alive, seen = alive + fresh, seen + fresh
        if any(len(c) == len(steps) for c in alive):
            done, alive, seen = [*done, best_chain(seen)], [], []
    return [*done, best_chain(seen)] if seen else done


def advances(events, steps, chain, time, o):
    """Could an event at this time still carry on the chain?"""
    if len(chain) == len(steps) or (o["window"] is not None and chain[0][0] + o["window"] < time):
        return False
    longest = o["step_windows"].get(len(chain) + 1)
    if longest is not None and chain[-1][0] + longest < time:
        return False
    broken = o["strict"] and foreign_between(
        events, chain[-1], (time, 0, ""), steps[len(chain) - 1], o["repeats"]
    )  # fmt: skip
    return not broken and not barred(events, o["exclusions"], len(chain), chain[-1][0], time)
