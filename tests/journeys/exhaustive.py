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
