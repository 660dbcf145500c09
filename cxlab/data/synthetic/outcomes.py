"""What each experiment's customers did: one small function per experiment, each with its own law."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.experiments import trial
from cxlab.data.synthetic.people import PLATFORMS, SEGMENTS, People
from cxlab.data.synthetic.seeds import stream

__all__ = ["OUTCOMES", "Arms", "outcomes_of", "store_plan"]

Numbers = NDArray[Any]


@dataclass(frozen=True)
class Arms:
    """One experiment's customers in one group: which rows of the people, and who is treated."""

    who: People
    owner: Numbers
    treated: Numbers

    @property
    def n(self) -> int:
        """How many customers."""
        return len(self.owner)


def _hit(rng: np.random.Generator, share: Numbers) -> Numbers:
    return (rng.random(len(share)) < share).astype(float)


def _converted(law: dict[str, Any], arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    return {"converted": _hit(rng, law["baseline"] + law["effect"] * arms.treated)}


def _checkout(law: dict[str, Any], arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    """Orders, baskets and returns of people whose habit makes them order often or seldom, before the test too."""
    converted = _converted(law, arms, rng)["converted"]
    habit = _habit(law, converted > 0, law["baseline"] + law["effect"] * arms.treated, rng)
    basket = law["basket"] * (0.6 + 0.4 * habit)
    orders = converted * (1 + rng.poisson(0.3 * habit))
    items = orders + rng.poisson(1.1 * orders)
    noise = np.exp(0.35 * rng.standard_normal((2, arms.n)) - 0.35**2 / 2)
    answered, satisfied = rng.random((2, arms.n)) < [[law["answered_share"]], [law["satisfied_share"]]]
    return {
        "converted": converted,
        "orders": orders,
        "items": items.astype(float),
        "returned": rng.binomial(items.astype(int), law["returned_share"]).astype(float),
        "revenue": np.round(orders * basket * noise[0], 2),
        "revenue_before": np.round(rng.poisson(0.6 * habit) * basket * noise[1], 2),
        "satisfied": np.where(answered, satisfied, np.nan),
    }


def _habit(law: dict[str, Any], converted: Numbers, share: Numbers, rng: np.random.Generator) -> Numbers:
    """How many times as often as others each customer orders, given who did: the share is `share` times the habit.

    The habit is four times a Beta variable of mean 1/4. Given an order its first parameter is one higher; without
    one it is a mixture of the law itself and one whose second parameter is one higher.
    """
    a, b = law["habit_beta"]
    fewer = ~converted & (rng.random(len(share)) < 3 * share / (1 - share))
    return 4 * rng.beta(a + converted, b + fewer)


def _by_segment(law: dict[str, Any], arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    effect = np.array([law["effect"][name] for name in SEGMENTS])[arms.who.segment[arms.owner]]
    return {"converted": _hit(rng, law["baseline"] + effect * arms.treated)}


def _guarded(law: dict[str, Any], arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    harm = _hit(rng, law["guardrail_baseline"] + law["guardrail_effect"] * arms.treated)
    return {**_converted(law, arms, rng), "contacted_support": harm}


def _by_platform(law: dict[str, Any], arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    base = np.array([law["baseline"][name] for name in PLATFORMS])[arms.who.platform[arms.owner]]
    return {"converted": _hit(rng, base + law["effect"] * arms.treated)}


def _correlated(law: dict[str, Any], arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    before, own = rng.standard_normal((2, arms.n))
    known = law["correlation_with_revenue_before"]
    value = known * before + np.sqrt(1 - known**2) * own
    return {
        "revenue": law["baseline"] + law["effect"] * arms.treated + law["sd"] * value,
        "revenue_before": law["baseline"] + law["sd"] * before,
    }


def _ratio(law: dict[str, Any], arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    busy = rng.gamma(law["visits_shape"], (law["visits_mean"] - 1) / law["visits_shape"], arms.n)
    visits = 1 + rng.poisson(busy)
    mean, weight = law["baseline"] + law["effect"] * arms.treated, 1 / law["correlation_within_customer"] - 1
    orders = rng.binomial(visits, rng.beta(mean * weight, (1 - mean) * weight))
    return {"visits": visits.astype(float), "orders": orders.astype(float)}


def store_plan(seed: int) -> tuple[Numbers, Numbers]:
    """Which stores are rearranged, and by how much each store differs from the average."""
    law, rng = trial("store_layout").law, stream(seed, "experiments.stores")
    treated = rng.permutation(law["stores"]) < law["stores"] // 2
    spread = law["sd"] * np.sqrt(law["intracluster_correlation"])
    return treated, spread * rng.standard_normal(law["stores"])


def clicks(law: dict[str, Any], treated: Numbers, rng: np.random.Generator) -> Numbers:
    """Who clicks on which day since exposure: the effect fades."""
    lift = law["first_effect"] * np.exp(-np.arange(law["days"]) / law["decay_days"])
    found: Numbers = rng.random((len(treated), law["days"])) < law["baseline_per_day"] + lift * treated[:, None]
    return found


OUTCOMES = (
    "converted", "revenue", "revenue_before", "visits", "orders", "items", "returned", "satisfied",
    "contacted_support", "minutes",
)  # fmt: skip
_LAWS: dict[str, Callable[[dict[str, Any], Arms, np.random.Generator], dict[str, Numbers]]] = {
    "aa_check": _converted,
    "checkout_button": _checkout,
    "free_delivery": _by_segment,
    "upsell_banner": _guarded,
    "search_ranking": _by_platform,
    "loyalty_email": _correlated,
    "recommendations": _ratio,
}


def outcomes_of(name: str, arms: Arms, rng: np.random.Generator) -> dict[str, Numbers]:
    """What the customers of this experiment did, column by column."""
    return _LAWS[name](trial(name).law, arms, rng)
