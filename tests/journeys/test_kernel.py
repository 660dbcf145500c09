"""The kernel equals exhaustive search and the reference cases, under every order and every ties policy."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.journeys.kernel import chain_of, only_finished
from cxlab.journeys.rules import Rules
from tests.journeys.logs import CASES, STEPS, by_unit, expected

WINDOWS = [None, 0, 2, 5, 8]
KINDS = [("ordered", ties) for ties in ("step_order", "strict", "row_order")]
KINDS += [("strict", ties) for ties in ("step_order", "strict", "row_order")]
KINDS += [("any", "step_order")]


def kernel(events, steps, rules):
    masks = [sum(1 << k for k, step in enumerate(steps) if name in step) for _, _, name in events]
    chain = chain_of([tick for tick, _, _ in events], masks, rules)
    return chain.level, chain.times, chain.is_open


def as_lists(steps):
    return [[step] if isinstance(step, str) else step for step in steps]


def case_rules(case):
    options = case["options"]
    return Rules(
        steps=len(case["steps"]), order=case["mode"], window=options.get("window"),
        ties=options.get("ties", "step_order").replace("tolerance", "step_order"),
        tolerance=options.get("tolerance", 0),
        entry_from=options.get("entry_from"), entry_to=options.get("entry_to"), data_end=options.get("data_end"),
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference_case(case):
    rules = case_rules(case)
    if case["options"].get("open_units") == "exclude":
        rules = only_finished(rules)
    found = {u: kernel(e, as_lists(case["steps"]), rules) for u, e in by_unit([e[:3] for e in case["events"]]).items()}
    levels = [level for level, _, _ in found.values()]
    want = case["expected"]
    assert [sum(level >= k for level in levels) for k in range(1, rules.steps + 1)] == want["step_counts"]
    if "level" in want:
        assert {unit: level for unit, (level, _, _) in found.items()} == want["level"]
    if "open" in want:
        assert sorted(unit for unit, (_, _, still) in found.items() if still) == want["open"]
    for step, mean in want.get("step_time_mean", {}).items():
        taken = [
            times[int(step) - 1] - times[int(step) - 2] for level, times, _ in found.values() if level >= int(step)
        ]
        assert sum(taken) / len(taken) == pytest.approx(mean)
    for step, median in want.get("step_time_median", {}).items():
        taken = sorted(t[int(step) - 1] - t[int(step) - 2] for level, t, _ in found.values() if level >= int(step))
        assert (taken[(len(taken) - 1) // 2] + taken[len(taken) // 2]) / 2 == median


@pytest.mark.parametrize(("order", "ties"), KINDS)
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_equals_exhaustive_search_on_random_logs(order, ties, steps):
    rng = random.Random(f"{order} {ties} {steps}")
    for _ in range(250):
        events = sorted(
            (rng.randint(0, rng.choice([3, 10])), row, rng.choice("AABBCDX")) for row in range(rng.randint(1, 7))
        )
        tolerance = rng.choice([0, 0, 1, 2]) if ties == "step_order" and order != "any" else 0
        window, end = rng.choice(WINDOWS), events[-1][0] + rng.choice([0, 0, 2])
        entry = rng.choice([(None, None), (2, None), (None, 6)])
        rules = Rules(steps=len(steps), order=order, ties=ties, tolerance=tolerance, window=window,
                      entry_from=entry[0], entry_to=entry[1], data_end=end)  # fmt: skip
        want = expected(events, steps, order=order, ties=ties, tolerance=tolerance, window=window, entry=entry, end=end)
        assert kernel(events, steps, rules) == want, (events, rules)


events_of_a_unit = st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ABCX")), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(events_of_a_unit, st.sampled_from(KINDS), st.sampled_from(list(STEPS.values())), st.sampled_from(WINDOWS))
def test_equals_exhaustive_search_wherever_hypothesis_looks(rows, kind, steps, window):
    events = sorted((tick, row, name) for row, (tick, name) in enumerate(rows))
    rules = Rules(steps=len(steps), order=kind[0], ties=kind[1], window=window, data_end=6)
    assert kernel(events, steps, rules) == expected(events, steps, order=kind[0], ties=kind[1], window=window, end=6)


@settings(max_examples=100, deadline=None)
@given(events_of_a_unit, st.sampled_from([k for k in KINDS if k[1] != "row_order"]), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, kind, rng):
    rules = Rules(steps=3, order=kind[0], ties=kind[1], window=5)
    shuffled = rng.sample(rows, len(rows))
    one, other = ([(tick, row, name) for row, (tick, name) in enumerate(part)] for part in (rows, shuffled))
    assert kernel(sorted(one), STEPS["shared"], rules) == kernel(sorted(other), STEPS["shared"], rules)


@settings(max_examples=100, deadline=None)
@given(events_of_a_unit, st.sampled_from(KINDS))
def test_a_longer_window_never_loses_a_step(rows, kind):
    events = sorted((tick, row, name) for row, (tick, name) in enumerate(rows))
    levels = [
        kernel(events, STEPS["distinct"], Rules(steps=3, order=kind[0], ties=kind[1], window=w))[0] for w in range(8)
    ]
    assert all(a <= b for a, b in itertools.pairwise(levels))


def test_a_unit_with_very_many_events_is_quick():
    events = [(tick, tick, "AB"[tick % 2]) for tick in range(200_000)]
    assert kernel(events, STEPS["repeated"], Rules(steps=3, window=0))[0] == 1
