"""Windows of steps, gaps, barriers, re-entry, reuse, repeats, optional steps and attempts equal exhaustive search."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from cxlab.journeys.kernel import chain_of, chains_of
from cxlab.journeys.rules import Barrier, Rules, SkippedStep
from tests.journeys.exhaustive import advances, every_attempt, every_chain, reported, with_optional
from tests.journeys.logs import STEPS

PLAIN = {
    "ties": "step_order", "tolerance": 0, "window": None, "step_windows": {}, "min_gaps": {}, "strict": False,
    "repeats": "tolerate", "event_reuse": False, "reentry": "latest", "exclusions": [], "on_exclusion": "stop_chain",
    "admits": lambda _: True,
}  # fmt: skip


def drawn(rng, *, steps):
    """Random options; every one of them is on in a good part of the draws."""
    o = dict(PLAIN)
    o["strict"] = rng.random() < 0.3
    o["ties"] = rng.choice(["step_order", "strict", "row_order"])
    o["window"] = rng.choice([None, 3, 5, 8])
    if o["ties"] == "step_order" and rng.random() < 0.2:
        o["tolerance"] = rng.choice([1, 2])
    if rng.random() < 0.5:
        o["step_windows"] = {rng.randint(2, steps): rng.randint(0, 4)}
    if rng.random() < 0.4:
        o["min_gaps"] = {rng.randint(2, steps): rng.randint(1, 3)}
    o["reentry"] = rng.choice(["latest", "latest", "first"])
    o["repeats"] = rng.choice(["tolerate", "break"])
    if rng.random() < 0.5:
        after = rng.randint(1, steps - 1)
        o["exclusions"] = [("X", after, rng.randint(after + 1, steps))]
    return o


def rules_of(o, steps, **more):
    bit = 1 << (len(steps) + 4)
    return Rules(
        steps=len(steps), order="strict" if o["strict"] else "ordered", ties=o["ties"], tolerance=o["tolerance"],
        window=o["window"], step_windows=tuple(o["step_windows"].get(k) for k in range(1, len(steps) + 1)),
        gaps=tuple(o["min_gaps"].get(k, 0) for k in range(1, len(steps) + 1)), first_only=o["reentry"] == "first",
        reuse=o["event_reuse"], breaks_at_repeat=o["repeats"] == "break", drops=o["on_exclusion"] == "drop_unit",
        barriers=tuple(Barrier(bit, after, before) for _, after, before in o["exclusions"]), **more,
    )  # fmt: skip


def masks_of(events, steps, skippable=()):
    parts = [*steps, *(names for _, names in skippable)]
    served = [sum(1 << k for k, step in enumerate(parts) if name in step) for _, _, name in events]
    return [mask | (name == "X") << (len(steps) + 4) for mask, (_, _, name) in zip(served, events, strict=True)]


def log(rng, letters="AABBCX", longest=7):
    span = rng.choice([3, 10])
    return sorted((rng.randint(0, span), row, rng.choice(letters)) for row in range(rng.randint(1, longest)))


def may_still_convert(events, steps, best, end, o):
    chains = every_chain(events, steps, o, exclusions=o["exclusions"])
    alive = any(advances(events, steps, chain, end + 1, o) for chain in chains)
    return o["window"] is not None and len(best) < len(steps) and alive


@pytest.mark.parametrize("name", STEPS)
def test_all_options_equal_exhaustive_search(name):
    steps, rng, deeper = STEPS[name], random.Random(f"options {name}"), 0
    for _ in range(1_200):
        o, events = drawn(rng, steps=len(steps)), log(rng)
        want, end = tuple(e[0] for e in reported(events, steps, o)), events[-1][0] + rng.choice([0, 0, 2])
        rules = rules_of(o, steps, data_end=end)
        found = chain_of([e[0] for e in events], masks_of(events, steps), rules)
        still = may_still_convert(events, steps, want, end, o)
        assert (found.level, found.times, found.is_open) == (len(want), want, still), (events, rules)
        deeper += found.level > 1
    assert deeper > 100


@pytest.mark.parametrize("name", ["distinct", "two", "either"])
def test_units_are_dropped_as_exhaustive_search_says(name):
    steps, rng, dropped = STEPS[name], random.Random(f"dropped {name}"), 0
    for _ in range(1_500):
        o, events = drawn(rng, steps=len(steps)) | {"on_exclusion": "drop_unit"}, log(rng)
        want = tuple(e[0] for e in reported(events, steps, o))
        rules = rules_of(o, steps)
        found = chain_of([e[0] for e in events], masks_of(events, steps), rules)
        assert (found.level, found.times) == (len(want), want), (events, rules)
        dropped += not want and any(e[2] in steps[0] for e in events)
    assert dropped > 30


@pytest.mark.parametrize("name", STEPS)
def test_an_event_may_serve_several_steps_where_asked(name):
    steps, rng = STEPS[name], random.Random(f"reuse {name}")
    for _ in range(500):
        o = drawn(rng, steps=len(steps)) | {"event_reuse": True, "ties": "step_order", "tolerance": 0}
        events = log(rng)
        want = tuple(e[0] for e in reported(events, steps, o))
        found = chain_of([e[0] for e in events], masks_of(events, steps), rules_of(o, steps))
        assert (found.level, found.times) == (len(want), want), (events, o)


SKIPPABLE = [[(1, ["D"])], [(1, ["D"]), (2, ["E"])], [(1, ["D"]), (1, ["E"])], [(2, ["D", "E"])]]


@pytest.mark.parametrize("skippable", SKIPPABLE, ids=str)
def test_optional_steps_equal_exhaustive_search(skippable):
    steps, rng, taken = STEPS["distinct"], random.Random(f"optional {skippable}"), 0
    for _ in range(1_000):
        o = drawn(rng, steps=3) | {"strict": False}
        events = log(rng, letters="AABBCDDEEX", longest=8)
        want, chosen = with_optional(events, steps, skippable, o)
        optional = tuple(SkippedStep(1 << (3 + k), after) for k, (after, _) in enumerate(skippable))
        rules = rules_of(o, steps, optional=optional)
        found = chain_of([e[0] for e in events], masks_of(events, steps, skippable), rules)
        nothing = (None,) * len(skippable)
        assert (found.times, found.optional or nothing) == (want, chosen or nothing), (events, rules)
        taken += any(time is not None for time in found.optional)
    assert taken > 50


@pytest.mark.parametrize("name", ["distinct", "two", "either"])
def test_attempts_equal_going_through_the_instants(name):
    steps, rng, several = STEPS[name], random.Random(f"attempts {name}"), 0
    for _ in range(1_500):
        o = drawn(rng, steps=len(steps)) | {"tolerance": 0}
        events = log(rng, longest=9)
        want = [tuple(e[0] for e in chain) for chain in every_attempt(events, steps, o)]
        rules, number = rules_of(o, steps), len(events)
        unit, time = np.zeros(number, np.int64), np.array([e[0] for e in events])
        mask = np.array(masks_of(events, steps))
        found, _ = chains_of(unit, time, mask, rules, attempts=True)
        times = [tuple(row[:level]) for row, level in zip(found.times.tolist(), found.level.tolist(), strict=True)]
        assert times == want, (events, rules)
        several += len(want) > 1
    assert several > 100


def sets_in_any_order(events, steps, anchored, o):
    """The largest set of steps done, by trying every choice of events for every set of steps."""
    best = 0
    for size in range(1, len(steps) + 1):
        for chosen in itertools.permutations([e for e in events if e[2] != "X"], size):
            if any(a[:2] > b[:2] for a, b in itertools.pairwise(chosen)):
                continue
            low, high = chosen[0][0], chosen[-1][0]
            inside = o["window"] is None or high - low <= o["window"]
            barred = o["exclusions"] and any(e[2] == "X" and low < e[0] <= high for e in events)
            if inside and not barred and placed_in_blocks(chosen, steps, anchored):
                best = size
    return best


def placed_in_blocks(chosen, steps, anchored):
    """Do these events, which rise, do steps so that an anchored one comes when all before it are done?"""
    for places in itertools.permutations(range(len(steps)), len(chosen)):
        fits = all(e[2] in steps[k] for e, k in zip(chosen, places, strict=True))
        in_order = all(
            all(done in places[:turn] for done in range(place))
            if place in anchored
            else all(done in places[:turn] for one in anchored if one < place for done in range(one + 1))
            for turn, place in enumerate(places)
        )
        if fits and in_order:
            return True
    return False


@pytest.mark.parametrize("anchored", [(), (0,), (2,), (0, 3), (1,)], ids=str)
def test_any_order_with_anchors_and_exclusions_equals_every_choice(anchored):
    steps, rng, found = [["A"], ["B"], ["C"], ["D"]], random.Random(f"anchored {anchored}"), set()
    for _ in range(150):
        o = PLAIN | {"window": rng.choice([None, 4, 8]), "exclusions": rng.choice([[], [("X", 1, 4)]])}
        ticks = rng.sample(range(12), rng.randint(1, 6))
        events = [(tick, row, rng.choice("ABCDABCDX")) for row, tick in enumerate(sorted(ticks))]
        rules = replace(rules_of(o, steps), order="any", anchored=frozenset(one + 1 for one in anchored))
        chain = chain_of([e[0] for e in events], masks_of(events, steps), rules)
        assert chain.level == sets_in_any_order(events, steps, set(anchored), o), (events, rules)
        found.add(chain.level)
    assert found >= {0, 1, 2, 3}


@pytest.mark.parametrize("reentry", ["latest", "first"])
def test_finished_attempts_stand_beside_their_own(reentry):
    """Attempts over starts whose window is over are the first of all attempts, each at most as far as the whole."""
    steps, rng, shorter = STEPS["distinct"], random.Random(f"finished {reentry}"), 0
    for _ in range(2_000):
        o = drawn(rng, steps=3) | {"tolerance": 0, "window": 4, "reentry": reentry}
        events = log(rng, letters="AAABBC", longest=12)
        end = events[-1][0]
        time, mask = np.array([e[0] for e in events]), np.array(masks_of(events, steps))
        whole, finished = chains_of(np.zeros(len(events), np.int64), time, mask, rules_of(o, steps, data_end=end),
                                    attempts=True)  # fmt: skip
        inside = [e for e in whole.opened.tolist() if e + 4 <= end]
        assert finished.opened.tolist() == inside, (events, o)
        pairs = list(zip(finished.level.tolist(), whole.level.tolist(), strict=False))
        assert all(some <= every for some, every in pairs), (events, o)
        shorter += any(some < every for some, every in pairs)
    assert shorter > 3 or reentry == "first"
