"""Steps that may be skipped: which of them lie on a chain of required steps."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations

from cxlab.errors import DataError
from cxlab.journeys.layers import NEVER, Layers
from cxlab.journeys.rules import Chain

__all__ = ["with_skipped"]

_MOST = 2_000  # ways to choose one step of a chain


def with_skipped(own: Layers, alive: Sequence[Sequence[int]]) -> Chain:
    """The chain with the most optional steps; then the earliest required steps, then the earliest optional ones.

    Args:
        own: the unit's events.
        alive: events of every required step that lie on one of the chains to choose from.

    Raises:
        DataError: there are too many chains to choose from.
    """
    if max(map(len, alive)) > _MOST:
        raise DataError(
            f"One customer has {max(map(len, alive)):,} events that could be the same step; expected at most {_MOST:,} "
            "where steps are optional. Leave `optional` out, or keep robots and test accounts out of the data."
        )
    level, began = len(alive), own.times[alive[0][0]]

    @cache
    def best(depth: int, event: int) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """Optional steps from here on (negative), required times and events from here on."""
        if depth == level:
            return -_number(_between(own, depth, event, None, began)), (own.times[event],), (event,)
        first, last = _onward(own, depth, event, alive[depth])
        ways = (_joined(own, depth, event, best(depth + 1, following), began) for following in alive[depth][first:last])
        return min(ways)

    _, times, path = min(best(1, event) for event in alive[0])
    chosen = [_between(own, depth, event, onward, began) for depth, (event, onward) in enumerate(_pairs(path), 1)]
    taken = [time for part in chosen for time in part]
    missing = [None] * (len(own.rules.optional) - len(taken))
    return Chain(level, times, path[0], is_open=False, optional=(*taken, *missing))


def _pairs(path: Sequence[int]) -> Iterator[tuple[int, int | None]]:
    yield from zip(path, [*path[1:], None], strict=True)


def _onward(own: Layers, depth: int, event: int, layer: Sequence[int]) -> tuple[int, int]:
    """The part of the next layer that can follow this event; what can lies together."""
    fits = [i for i, following in enumerate(layer) if (s := own.links(depth, [event], following))[0] < s[1]]
    return (fits[0], fits[-1] + 1) if fits else (0, 0)


def _joined(
    own: Layers, depth: int, event: int, onward: tuple[int, tuple[int, ...], tuple[int, ...]], began: int
) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    more, times, path = onward
    here = _number(_between(own, depth, event, path[0], began))
    return more - here, (own.times[event], *times), (event, *path)


def _number(times: Sequence[int | None]) -> int:
    return sum(time is not None for time in times)


def _between(own: Layers, depth: int, event: int, onward: int | None, began: int) -> tuple[int | None, ...]:
    """Times of the optional steps after step `depth`: as many as can be, the first of them first, each the earliest."""
    bits = [step.bit for step in own.rules.optional if step.after == depth]
    if not bits:
        return ()
    spare = _spare(own, depth, event, onward, began)
    for size in range(len(bits), 0, -1):
        for chosen in combinations(range(len(bits)), size):
            times = _in_turn(own, [bits[i] for i in chosen], spare, event, onward)
            if times is not None:
                found = dict(zip(chosen, times, strict=True))
                return tuple(found.get(i) for i in range(len(bits)))
    return (None,) * len(bits)


def _spare(own: Layers, depth: int, event: int, onward: int | None, began: int) -> range:
    """Positions of the events between this required step and the next, or until nothing may follow any more."""
    rules, times = own.rules, own.times
    slack = rules.tolerance * len(rules.optional)
    low = bisect_left(times, times[event] - slack)
    if onward is not None:
        return range(low, bisect_right(times, times[onward] + slack))
    limit = NEVER if rules.window is None else began + rules.window
    barred = own.barred(depth)
    following = bisect_right(barred, times[event])
    limit = min(limit, barred[following] - 1) if following < len(barred) else limit
    return range(low, bisect_right(times, limit))


def _in_turn(own: Layers, bits: Sequence[int], spare: range, event: int, onward: int | None) -> list[int] | None:
    """Times of the earliest events that serve these steps between two required ones; None where there are none."""
    found, last = [], event
    for bit in bits:
        nxt = next((i for i in spare if own.masks[i] & bit and _follows(own, last, i)), None)
        if nxt is None:
            return None
        found.append(own.times[nxt])
        last = nxt
    return found if onward is None or _follows(own, last, onward) else None


def _follows(own: Layers, earlier: int, later: int) -> bool:
    one, other = own.times[earlier], own.times[later]
    if own.rules.ties == "row_order":
        return later > earlier
    return other > one if own.rules.ties == "strict" else other >= one - own.rules.tolerance
