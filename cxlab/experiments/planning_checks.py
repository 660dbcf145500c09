"""What a reader of a plan must know before believing it."""

from __future__ import annotations

import math

import pandas as pd

from cxlab.experiments.planned import Planned
from cxlab.results import Check
from cxlab.stats.power import best_control_share
from cxlab.wording import count, share

__all__ = ["planning_checks"]

_FEW_CLUSTERS = 10
_DEMANDING = 1.5


def planning_checks(plan: Planned, simulated: pd.DataFrame | None) -> tuple[Check, ...]:
    """Which assumptions does the plan rest on, and which of them are weak?

    Args:
        plan: the plan.
        simulated: what simulated tests found, where there were any.

    Returns:
        The checks.
    """
    found = [_history(plan), _traffic(plan), _guardrails(plan), _covariates(plan), _parts(plan), _clusters(plan)]
    found += [_simulation(plan, simulated)] if simulated is not None else []
    return tuple(check for check in found if check is not None)


def _history(plan: Planned) -> Check:
    n = plan.lead.spread.n
    if not n:
        told = "Level and spread were stated, not measured. With `data` from before the test they are read from it."
        return Check("history", True, "info", told)
    return Check("history", True, "info", f"Level and spread come from {count(n)} customers before the test.")


def _traffic(plan: Planned) -> Check | None:
    traffic, weeks = plan.traffic, plan.weeks
    if traffic is None or weeks is None or not traffic.seen:
        return None
    if weeks <= traffic.seen:
        return Check(
            "traffic", True, "info", f"The history shows {count(traffic.seen)} whole weeks, as long as the test."
        )
    told = (
        f"The test takes {count(weeks)} weeks and the history shows {count(traffic.seen)}: the weeks beyond were taken "
        "to bring as many new customers as the last one. They usually bring fewer, and the test takes longer."
    )
    return Check("traffic", False, "warning", told)


def _guardrails(plan: Planned) -> Check | None:
    if len(plan.needs) < 2 or not plan.sizes[0]:
        return None
    decider, most = plan.decider, max(plan.sizes)
    if decider is plan.lead:
        return Check("guardrail_size", True, "info", "The size is enough to show no harm to any guardrail, too.")
    if most <= _DEMANDING * plan.sizes[0]:
        told = f"“{decider.metric.words}” decides the size of the test."
        return Check("guardrail_size", True, "info", told)
    told = (
        f"To show no harm to “{decider.metric.words}” takes {most / plan.sizes[0]:.1f} times the customers that the "
        "first measure needs. A wider margin or a covariate would make the test smaller; without enough customers the "
        "verdict cannot be to ship."
    )
    return Check("guardrail_size", False, "warning", told)


def _covariates(plan: Planned) -> Check | None:
    need = plan.lead
    if need.spread.factor >= 1 or need.spread.cluster_size > 1:
        return None
    saved = share(1 - need.spread.factor, 0)
    told = f"What is known of customers from before saves {saved} of them for “{need.metric.words}”."
    return Check("covariate", True, "info", told)


def _parts(plan: Planned) -> Check | None:
    """With several variants a larger control needs fewer customers in all."""
    parts = plan.lead.parts
    best = best_control_share(parts.treatments)
    if parts.treatments < 2:
        return None
    told = f"The control gets {share(parts.control_share, 0)}; with {parts.treatments} other variants {share(best, 0)}"
    return Check("control_share", True, "info", f"{told} would need the fewest customers.")


def _clusters(plan: Planned) -> Check | None:
    need = plan.lead
    if need.spread.cluster_size <= 1:
        return None
    each = math.floor(plan.n * need.parts.control_share * min(need.parts.ratio, 1.0) / need.spread.cluster_size)
    told = (
        f"Whole groups of {need.spread.cluster_size:.0f} customers on average are assigned: {count(each)} or more per "
        f"variant. Each customer tells {1 / need.spread.factor:.2f} times what an independent one would."
    )
    if each >= _FEW_CLUSTERS:
        return Check("few_clusters", True, "info", told)
    return Check("few_clusters", False, "warning", f"{told} Fewer than {_FEW_CLUSTERS} per variant tell little.")


def _simulation(plan: Planned, simulated: pd.DataFrame) -> Check:
    """Do simulated tests find what the formula promises?"""
    wanted = plan.lead.alpha
    none, there = simulated.iloc[0], simulated.iloc[1]
    runs = int(there["runs"])
    promised = plan.lead.power(plan.lead.target or plan.detectable, plan.n)
    reach = 0.02 + 2.6 * math.sqrt(promised * (1 - promised) / runs)
    told = (
        f"{count(runs)} simulated tests on the history found the change in {share(there['found'], 0)} (planned "
        f"{share(promised, 0)}) and one where there was none in {share(none['found'])} ({share(wanted)} allowed)."
    )
    alarms = none["found"] > wanted + 2.6 * math.sqrt(wanted * (1 - wanted) / runs)
    if abs(there["found"] - promised) <= reach and not alarms:
        return Check("simulated_power", True, "info", told)
    return Check("simulated_power", False, "warning", f"{told} Trust the simulation more than the formula.")
