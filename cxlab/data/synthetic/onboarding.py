"""How newcomers become buyers: a funnel whose rates, delays and shift of mix are known."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk
from cxlab.data.synthetic.people import APP_SHARE, PLATFORMS, RELAUNCH, people
from cxlab.data.synthetic.rhythm import DAY, END

__all__ = ["STEPS", "first_orders", "onboarding_truth", "rate_within", "steps_taken"]

Numbers = NDArray[Any]
STEPS = ("signed_up", "email_verified", "profile_completed", "first_order")
VERIFIED = ((0.80, 0.84), (0.50, 0.54))  # web, app; before and after the relaunch
LATER = (0.75, 0.65)
DELAY_DAYS = (0.25, 2.0, 3.0)
_WINDOWS = (1, 3, 7, 14, 30)


@dataclass(frozen=True)
class Steps:
    """One group's steps; a step not taken has a time after the end."""

    owner: Numbers
    times: tuple[Numbers, ...]


def steps_taken(chunk: Chunk) -> Steps:
    """When each customer took each step."""
    who, rng = chunk.made(people), chunk.rng("events.onboarding")
    owner = who.real
    late = (who.signed_up[owner] >= RELAUNCH).astype(int)
    first_share = np.array(VERIFIED)[who.platform[owner], late]
    time = who.signed_up[owner]
    times = [time]
    for share, delay in zip((first_share, *LATER), DELAY_DAYS, strict=True):
        done = rng.random(len(owner)) < share
        waited = (rng.exponential(delay, len(owner)) * DAY).astype(np.int64) + 1
        time = np.where(done & (time < END), time + waited, END)
        times.append(time)
    return Steps(owner, tuple(times))


def first_orders(chunk: Chunk) -> tuple[Numbers, Numbers]:
    """Who ordered before the end, and when first."""
    steps = chunk.made(steps_taken)
    done = steps.times[-1] < END
    return steps.owner[done], steps.times[-1][done]


def rate_within(days: float, steps: int = len(DELAY_DAYS)) -> float:
    """Of those who will ever take so many steps after the first: what share has done so within so many days?"""
    rates = [1 / delay for delay in DELAY_DAYS[:steps]]
    weights = [np.prod([b / (b - a) for b in rates if b != a]) for a in rates]
    left = sum(weight * np.exp(-rate * days) for weight, rate in zip(weights, rates, strict=True))
    return float(1 - left)


def onboarding_truth() -> dict[str, Any]:
    """What was put into the onboarding funnel."""
    by_platform = {
        name: {"before": VERIFIED[place][0], "after": VERIFIED[place][1]} for place, name in enumerate(PLATFORMS)
    }
    return {
        "steps": list(STEPS),
        "email_verified_by_platform": by_platform,
        "email_verified_overall": {when: _overall(late) for late, when in enumerate(("before", "after"))},
        "step_rates_after": {
            f"{a} to {b}": share for (a, b), share in zip(list(pairwise(STEPS))[1:], LATER, strict=True)
        },
        "mean_delay_days": dict(zip(STEPS[1:], DELAY_DAYS, strict=True)),
        "share_of_final_rate_within_days": {str(days): rate_within(days) for days in _WINDOWS},
        "relaunch": "2025-07-01",
    }


def _overall(late: int) -> float:
    """Each platform improves while the whole gets worse: the mix moves to the app."""
    app = APP_SHARE[late]
    return (1 - app) * VERIFIED[0][late] + app * VERIFIED[1][late]
