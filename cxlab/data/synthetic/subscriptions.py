"""Who pays regularly and who stops: a box renewed every 30 days, and a care plan that may end on any day.

The box follows the shifted-beta-geometric law in each quarter's cohort, with one shock when its price rises.
The plan ends with a daily hazard that trouble raises and a support contact changes: trouble also causes
contacts, so that the plain comparison of customers with and without a contact misleads.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk, Columns, labels
from cxlab.data.synthetic.contacts import first_contact_after
from cxlab.data.synthetic.people import SEGMENTS, people, pick
from cxlab.data.synthetic.rhythm import DAY, END, MISSING, START, as_times, instant

__all__ = ["COHORTS", "PRODUCTS", "renewals", "subscriptions_table", "subscriptions_truth"]

Numbers = NDArray[Any]
PRODUCTS = ("box", "care plan")
PRICES = (24.0, 39.0)
SUBSCRIBING = 0.70
STARTS_AFTER_DAYS = 10.0
RENEWAL_DAYS = 30
COHORTS = ("2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2")
ALPHA = (0.70, 0.70, 0.75, 0.80, 0.90, 0.90, 1.00, 1.00)
BETA = (4.0, 4.0, 4.0, 4.0, 6.0, 6.0, 6.0, 6.0)
SHOCK = instant("2025-10-01")
SHOCK_CHURN = 0.12
DAILY_HAZARD = 0.0015
PROBLEM_HAZARD_RATIO = 3.0
CONTACT_HAZARD_RATIO = 0.70
_REASONS = ("cancelled", "price rise")
_QUARTER_STARTS = np.array([instant(f"{q[:4]}-{3 * int(q[5]) - 2:02d}-01") for q in COHORTS])


@dataclass(frozen=True)
class Contracts:
    """One group's subscriptions: whose, which product, from when to when."""

    owner: Numbers
    product: Numbers
    started: Numbers
    ended: Numbers
    shocked: Numbers


def contracts(chunk: Chunk) -> Contracts:
    """The subscriptions of one group; an end after the last day is not known yet."""
    who, rng = chunk.made(people), chunk.rng("subscriptions")
    chosen = rng.random(len(who.real)) < SUBSCRIBING
    started = who.signed_up[who.real] + (rng.exponential(STARTS_AFTER_DAYS, len(who.real)) * DAY).astype(np.int64)
    kept = chosen & (started < END)
    owner, started = who.real[kept], started[kept]
    product = pick(rng, (0.5, 0.5), len(owner))
    box_end, shocked = _box_ends(rng, started)
    ended = np.where(product == 0, box_end, _plan_ends(chunk, rng, owner, started))
    over = ended < END
    return Contracts(owner, product, started, np.where(over, ended, MISSING), shocked & over & (product == 0))


def renewals(chunk: Chunk) -> tuple[Numbers, Numbers, Numbers]:
    """Payments for boxes: whose, which renewal (0 is the start), and when; the last day of a box is not paid for."""
    held = chunk.made(contracts)
    box = held.product == 0
    owner, started = held.owner[box], held.started[box]
    until = np.where(held.ended[box] == MISSING, END, held.ended[box])
    count = -(-(until - started) // (RENEWAL_DAYS * DAY))
    row = np.repeat(np.arange(len(owner)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return owner[row], number, started[row] + number * RENEWAL_DAYS * DAY


def _cohort(started: Numbers) -> Numbers:
    return np.searchsorted(_QUARTER_STARTS, started, side="right") - 1


def _box_ends(rng: np.random.Generator, started: Numbers) -> tuple[Numbers, Numbers]:
    """The renewal at which each box is given up, and whether the price rise was why."""
    cohort = _cohort(started)
    leaving = rng.beta(np.array(ALPHA)[cohort], np.array(BETA)[cohort])
    renewals = rng.geometric(np.clip(leaving, 1e-4, 1.0))
    first_after = np.maximum(-(-(SHOCK - started) // (RENEWAL_DAYS * DAY)), 0)
    hit = (started < SHOCK) & (renewals > first_after) & (rng.random(len(started)) < SHOCK_CHURN)
    return started + np.where(hit, first_after, renewals) * RENEWAL_DAYS * DAY, hit


def _plan_ends(chunk: Chunk, rng: np.random.Generator, owner: Numbers, started: Numbers) -> Numbers:
    """The day each plan ends: one hazard before the first contact, another after it."""
    problem = chunk.made(people).problem[owner]
    hazard = DAILY_HAZARD * np.where(problem, PROBLEM_HAZARD_RATIO, 1.0)
    needed = rng.standard_exponential(len(owner)) / hazard
    contact = (first_contact_after(chunk, owner, started) - started) / DAY
    days = np.where(needed <= contact, needed, contact + (needed - contact) / CONTACT_HAZARD_RATIO)
    return started + (np.minimum(days, 5000) * DAY).astype(np.int64)


def subscriptions_table(chunk: Chunk) -> Columns:
    """The table of subscriptions."""
    who, held = chunk.made(people), chunk.made(contracts)
    reason = np.where(held.ended == MISSING, -1, held.shocked.astype(int))
    return {
        "subscription_id": chunk.ids(len(held.owner), 1, first=500_000_000),
        "customer_id": who.id[held.owner],
        "product": labels(held.product, PRODUCTS),
        "segment": labels(who.segment[held.owner], SEGMENTS),
        "cohort": labels(_cohort(held.started), COHORTS),
        "started_at": as_times(held.started),
        "ended_at": as_times(held.ended),
        "end_reason": labels(reason, _REASONS),
        "monthly_price": np.array(PRICES)[held.product],
    }


def subscriptions_truth() -> dict[str, Any]:
    """What was put into the table of subscriptions."""
    return {
        "box": {
            "law": "shifted-beta-geometric by cohort of the start's quarter",
            "renewal_days": RENEWAL_DAYS,
            "events": ["box_started", "box_renewed"],
            "alpha": dict(zip(COHORTS, ALPHA, strict=True)),
            "beta": dict(zip(COHORTS, BETA, strict=True)),
            "shock": {"from": "2025-10-01", "extra_churn_at_next_renewal": SHOCK_CHURN},
        },
        "care plan": {
            "daily_hazard": DAILY_HAZARD,
            "problem_hazard_ratio": PROBLEM_HAZARD_RATIO,
            "contact_hazard_ratio": CONTACT_HAZARD_RATIO,
            "exposed_from": "first ticket opened after the plan's start",
        },
        "subscribing_share": SUBSCRIBING,
        "observe_until": str(np.datetime64(END, "us").astype("M8[s]")),
        "first_day": str(np.datetime64(START, "us").astype("M8[D]")),
    }
