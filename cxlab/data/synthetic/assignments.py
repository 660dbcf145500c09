"""Who was in which arm of which experiment, and what they did there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk, Columns, labels, whole
from cxlab.data.synthetic.experiments import ASSIGNED_WITHIN_DAYS, TRIALS, Trial, trial
from cxlab.data.synthetic.outcomes import OUTCOMES, Arms, clicks, outcomes_of, store_plan
from cxlab.data.synthetic.people import SEGMENTS, people
from cxlab.data.synthetic.rhythm import DAY, HOUR, as_times, busy_moments, instant

__all__ = ["VARIANTS", "Enrolled", "assignments_table", "enrolled", "novelty_clicks"]

Numbers = NDArray[Any]
VARIANTS = ("control", "treatment")
CITIES = ("Berlin", "London", "Madrid", "Paris")
_STORES = tuple(f"S{number:02d}" for number in range(1, 1 + trial("store_layout").law["stores"]))
_CLUSTERS = _STORES + CITIES


@dataclass(frozen=True)
class Enrolled:
    """One group's part in one experiment; a unit that is no customer has no owner (-1)."""

    unit: Numbers
    owner: Numbers
    treated: Numbers
    time: Numbers
    cluster: Numbers
    outcomes: dict[str, Numbers]


def enrolled(chunk: Chunk, name: str) -> Enrolled:
    """One group's part in the experiment of this name."""
    one = trial(name)
    if one.unit == "time slot":
        return _slots(chunk, one)
    rng, who = chunk.rng(f"assignments.{name}"), chunk.made(people)
    start = instant(one.start)
    owner = np.flatnonzero((who.signed_up < start) & ~who.test)
    time = busy_moments(
        rng.random(len(owner)),
        np.full(len(owner), start),
        start + ASSIGNED_WITHIN_DAYS * DAY,
        who.place[owner],
    )
    if one.unit == "store":
        treated, cluster, found = _in_stores(chunk, one, len(owner), rng)
        return Enrolled(who.id[owner], owner, treated, time, cluster, found)
    treated = rng.random(len(owner)) < 0.5
    kept = _kept(one, who.platform[owner], treated, rng)
    arms = Arms(who, owner[kept], treated[kept])
    found = _visits(one, arms, rng) if name == "new_homepage" else outcomes_of(name, arms, rng)
    return Enrolled(who.id[arms.owner], arms.owner, arms.treated, time[kept], np.full(arms.n, -1), found)


def _kept(one: Trial, app: Numbers, treated: Numbers, rng: np.random.Generator) -> Numbers:
    """Broken randomisation: part of the treated app users never reach the log."""
    lost = one.law.get("lost_from_treatment_on_app", 0.0)
    return ~((rng.random(len(app)) < lost) & treated & (app == 1))


def _visits(one: Trial, arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    days = clicks(one.law, arms.treated, rng)
    return {"visits": days.sum(axis=1).astype(float), "_clicks": days}


def _in_stores(
    chunk: Chunk, one: Trial, n: int, rng: np.random.Generator
) -> tuple[Numbers, Numbers, dict[str, Numbers]]:
    plan, level = store_plan(chunk.seed)
    store = rng.integers(0, len(plan), n)
    own = one.law["sd"] * np.sqrt(1 - one.law["intracluster_correlation"]) * rng.standard_normal(n)
    revenue = one.law["baseline"] + one.law["effect"] * plan[store] + level[store] + own
    return plan[store], store, {"revenue": revenue}


def _slots(chunk: Chunk, one: Trial) -> Enrolled:
    """The switchback: each city's slots in turn, noise that lingers, and an effect that carries over."""
    law, rng = one.law, chunk.rng(f"assignments.{one.name}")
    per_city, cities = one.days * 24 // law["slot_hours"], law["cities"]
    treated = rng.random((cities, per_city)) < 0.5
    noise = rng.standard_normal((cities, per_city))
    for slot in range(1, per_city):
        noise[:, slot] = law["autocorrelation"] * noise[:, slot - 1] + noise[:, slot] * np.sqrt(
            1 - law["autocorrelation"] ** 2
        )
    before = np.pad(treated, ((0, 0), (1, 0)))[:, :-1]
    day = np.tile([-3.0, 1.0, 3.0, -1.0], per_city // 4) + np.array([-1.5, 2.0, 0.5, -1.0])[:, None]
    minutes = law["baseline"] + day + law["effect"] * treated + law["carry_over_to_next_slot"] * before
    n = treated.size if chunk.number == 0 else 0
    time = instant(one.start) + np.tile(np.arange(per_city) * law["slot_hours"] * HOUR, cities)
    city = np.repeat(np.arange(cities), per_city) + len(_STORES)
    value = (minutes + law["sd"] * noise).ravel()
    return Enrolled(
        np.arange(1, n + 1), np.full(n, -1), treated.ravel()[:n], time[:n], city[:n], {"minutes": value[:n]}
    )


def novelty_clicks(chunk: Chunk) -> tuple[Numbers, Numbers]:
    """Clicks on the new homepage: whose, and when (the day since exposure counts in whole days)."""
    held = chunk.made(_novelty)
    row, day = np.nonzero(held.outcomes["_clicks"])
    within = (chunk.rng("events.new_homepage").random(len(row)) * DAY).astype(np.int64)
    return held.owner[row], held.time[row] + day * DAY + within


def _novelty(chunk: Chunk) -> Enrolled:
    return enrolled(chunk, "new_homepage")


def assignments_table(chunk: Chunk) -> Columns:
    """The table of assignments: one row per experiment and unit, with what was measured."""
    who = chunk.made(people)
    parts = [chunk.made(_novelty) if one.name == "new_homepage" else enrolled(chunk, one.name) for one in TRIALS]
    owner = np.concatenate([part.owner for part in parts])
    known = owner >= 0
    codes = np.repeat(np.arange(len(parts)), [len(part.owner) for part in parts])
    segment = np.where(known, who.segment[owner], -1)
    return {
        "experiment": labels(codes, tuple(one.name for one in TRIALS)),
        "unit_id": np.concatenate([part.unit for part in parts]),
        "customer_id": whole(who.id[owner], known),
        "segment": labels(segment, SEGMENTS),
        "cluster": labels(np.concatenate([part.cluster for part in parts]), _CLUSTERS),
        "variant": _variants(parts),
        "assigned_at": as_times(np.concatenate([part.time for part in parts])),
        **{name: np.concatenate([_column(part, name) for part in parts]) for name in OUTCOMES},
    }


def _variants(parts: list[Enrolled]) -> pd.Categorical:
    return labels(np.concatenate([part.treated for part in parts]).astype(int), VARIANTS)


def _column(part: Enrolled, name: str) -> Numbers:
    return part.outcomes.get(name, np.full(len(part.owner), np.nan))
