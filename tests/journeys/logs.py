"""Random logs and the translation between ticks and tables, for the tests of this folder."""

import json
import random
from pathlib import Path

import pandas as pd

from tests.journeys.exhaustive import any_order_sets, best_chain, may_go_on, ordered_chains

START = pd.Timestamp("2026-01-01")
CASES = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))["cases"]
STEPS = {
    "distinct": [["A"], ["B"], ["C"]],
    "two": [["A"], ["B"]],
    "either": [["A"], ["B", "C"], ["D"]],
    "repeated": [["A"], ["A"], ["B"]],
    "shared": [["A", "B"], ["B"], ["A"]],
    "there and back": [["A"], ["B"], ["A"]],
}


def moment(tick):
    return START + pd.Timedelta(tick, "s")


def frame(events):
    """A table from (unit, tick, name) rows, in that order."""
    columns = pd.DataFrame([event[:3] for event in events], columns=["unit", "tick", "event"])
    return columns.assign(time=START + pd.to_timedelta(columns["tick"], unit="s")).drop(columns="tick")


def random_units(seed, units, *, longest=8, span=10, letters="AABBCDX"):
    """Short logs of many units, rows shuffled, with many ties."""
    rng = random.Random(seed)
    rows = [
        (f"u{unit:05d}", rng.randint(0, rng.choice([3, span])), rng.choice(letters))
        for unit in range(units)
        for _ in range(rng.randint(1, longest))
    ]
    rng.shuffle(rows)
    return rows


def by_unit(rows):
    """unit -> its events as (tick, row, name), in time."""
    found = {}
    for row, (unit, tick, name) in enumerate(rows):
        found.setdefault(unit, []).append((tick, row, name))
    return {unit: sorted(events) for unit, events in found.items()}


def expected(
    events, steps, *, order="ordered", ties="step_order", tolerance=0, window=None, entry=(None, None), end=None
):
    """Level, times and openness of one unit by exhaustive search."""
    low, high = entry

    def admits(tick):
        return (low is None or tick >= low) and (high is None or tick < high)

    if order == "any":
        best = any_order_sets(events, steps, window=window, admits=admits)
        firsts = [[e] for e in events if admits(e[0]) and any(e[2] in step for step in steps)]
        still = window is not None and end is not None and any(e[0] + window > end for (e,) in firsts)
    else:
        chains = ordered_chains(
            events, steps, window=window, ties=ties, tolerance=tolerance, strict=order == "strict", admits=admits
        )
        best = best_chain(chains)
        still = window is not None and end is not None and may_go_on(
            events, chains, steps, window=window, data_end=end, strict=order == "strict"
        )  # fmt: skip
    return len(best), tuple(e[0] for e in best), bool(still and len(best) < len(steps))
