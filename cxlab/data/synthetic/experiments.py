"""Ten experiments and the effects that were put into them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cxlab.data.synthetic.chunks import Chunk, Columns, labels
from cxlab.data.synthetic.people import SEGMENT_SHARE, SEGMENTS
from cxlab.data.synthetic.rhythm import DAY, as_times, instant

__all__ = ["ASSIGNED_WITHIN_DAYS", "TRIALS", "Trial", "experiments_table", "experiments_truth", "trial"]

ASSIGNED_WITHIN_DAYS = 14
_UNITS = ("customer", "store", "time slot")
_METRICS = ("converted", "revenue", "visits", "orders / visits", "minutes", "contacted_support")


@dataclass(frozen=True)
class Trial:
    """One experiment: what it asked, how it was run, and what is true.

    Attributes:
        name: its name.
        question: what it was to find out.
        metric: the outcome that decides.
        start: first day.
        days: how long it ran.
        law: the numbers that its outcomes are drawn with.
        unit: what was randomised.
        guardrail: an outcome that must not get worse.
    """

    name: str
    question: str
    metric: str
    start: str
    days: int
    law: dict[str, Any] = field(default_factory=dict)
    unit: str = "customer"
    guardrail: str = ""


TRIALS = (
    Trial("aa_check", "Does the assignment itself change anything?", "converted", "2026-01-12", 28,
          {"kind": "A/A", "baseline": 0.20, "effect": 0.0}),
    Trial("checkout_button", "Do more people order with the new button?", "converted", "2026-02-09", 28,
          {"kind": "plain lift", "baseline": 0.20, "effect": 0.04, "habit_beta": [0.5, 1.5], "basket": 18.0,
           "returned_share": 0.09, "satisfied_share": 0.72, "answered_share": 0.56}),
    Trial("free_delivery", "Who orders more when delivery is free?", "converted", "2026-02-23", 28,
          {"kind": "effect differing by segment", "baseline": 0.22,
           "effect": {"consumer": 0.05, "student": 0.10, "business": -0.03}}),
    Trial("upsell_banner", "Does the banner sell more, and at what price?", "converted", "2026-03-02", 28,
          {"kind": "win that harms a guardrail", "baseline": 0.15, "effect": 0.04,
           "guardrail_baseline": 0.06, "guardrail_effect": 0.03}, guardrail="contacted_support"),
    Trial("new_homepage", "Does the new homepage keep its charm?", "visits", "2026-03-09", 28,
          {"kind": "novelty decay", "days": 14, "baseline_per_day": 0.12, "first_effect": 0.12,
           "decay_days": 4.0}),
    Trial("search_ranking", "Is the new ranking better?", "converted", "2026-03-23", 28,
          {"kind": "broken randomisation", "effect": 0.0, "baseline": {"web": 0.24, "app": 0.14},
           "planned_treatment_share": 0.5, "lost_from_treatment_on_app": 0.35}),
    Trial("loyalty_email", "Does the e-mail raise spending?", "revenue", "2026-04-06", 28,
          {"kind": "covariate with known correlation", "baseline": 60.0, "effect": 1.5, "sd": 12.0,
           "correlation_with_revenue_before": 0.6}),
    Trial("recommendations", "Do more visits end with an order?", "orders / visits", "2026-04-20", 28,
          {"kind": "ratio metric clustered in customers", "baseline": 0.30, "effect": 0.03,
           "visits_mean": 4.0, "visits_shape": 1.5, "correlation_within_customer": 1 / 7}),
    Trial("store_layout", "Do rearranged stores sell more?", "revenue", "2026-05-04", 28,
          {"kind": "cluster-randomised stores", "stores": 40, "baseline": 60.0, "effect": 8.0, "sd": 20.0,
           "intracluster_correlation": 0.05}, unit="store"),
    Trial("courier_routing", "Do couriers arrive sooner with the new routes?", "minutes", "2026-05-18", 28,
          {"kind": "switchback", "slot_hours": 6, "cities": 4, "baseline": 42.0, "effect": -2.0,
           "carry_over_to_next_slot": -0.5, "sd": 3.0, "autocorrelation": 0.3}, unit="time slot"),
)  # fmt: skip


def trial(name: str) -> Trial:
    """The experiment of this name."""
    return next(one for one in TRIALS if one.name == name)


def experiments_table(chunk: Chunk) -> Columns:
    """The table of experiments; it does not grow with the customers."""
    shown = TRIALS if chunk.number == 0 else ()
    order = np.arange(len(shown))
    starts = np.array([instant(one.start) for one in shown], dtype=np.int64)
    return {
        "experiment": labels(order, tuple(one.name for one in shown)),
        "question": labels(order, tuple(one.question for one in shown)),
        "unit": labels(np.array([_UNITS.index(one.unit) for one in shown], dtype=int), _UNITS),
        "started_at": as_times(starts),
        "ended_at": as_times(starts + np.array([one.days for one in shown], dtype=np.int64) * DAY),
        "planned_treatment_share": np.full(len(shown), 0.5),
        "primary_metric": labels(np.array([_METRICS.index(one.metric) for one in shown], dtype=int), _METRICS),
        "guardrail_metric": labels(
            np.array([_METRICS.index(one.guardrail) if one.guardrail else -1 for one in shown], dtype=int),
            _METRICS,
        ),
    }


def experiments_truth() -> dict[str, Any]:
    """What was put into each experiment."""
    found = {one.name: {"metric": one.metric, "unit": one.unit, **one.law} for one in TRIALS}
    plain, habit = found["checkout_button"], (1.0, 2.0, 5.0)  # moments of four times the habit's Beta law
    plain["effect_on_revenue"] = plain["effect"] * plain["basket"] * float(np.dot((0.6, 0.58, 0.12), habit))
    novelty, varied = found["new_homepage"], found["free_delivery"]
    lifts = novelty["first_effect"] * np.exp(-np.arange(novelty["days"]) / novelty["decay_days"])
    novelty["effect_on_days_with_a_click"] = float(lifts.sum())
    varied["effect"] = dict(varied["effect"])
    shares = zip(SEGMENTS, SEGMENT_SHARE, strict=True)
    varied["effect_overall"] = sum(share * varied["effect"][name] for name, share in shares)
    return found
