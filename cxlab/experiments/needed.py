"""How many more customers would it take to know?"""

from __future__ import annotations

from scipy.special import ndtri

from cxlab.experiments.decision import Finding
from cxlab.experiments.metrics import size
from cxlab.experiments.plan import Plan

__all__ = ["absolute_size", "more_customers", "rounded"]

_POWER = 0.8


def absolute_size(finding: Finding, argument: str) -> float | None:
    """How large is an agreed size in the metric's own unit? None where none was agreed, or where it cannot be told."""
    agreed = size(argument, getattr(finding.metric, argument))
    if agreed is None:
        return None
    found = agreed[0] * abs(finding.effect.control_estimate or 0.0) if agreed[1] else agreed[0]
    return found if found > 0 else None


def more_customers(finding: Finding, plan: Plan, argument: str) -> float | None:
    """How many more customers would settle an agreed size in 8 of 10 tests?

    Args:
        finding: a metric's finding.
        plan: how many customers there are.
        argument: "minimum_effect": to find a gain of that size; "margin": to show that there is no such harm,
            where nothing changes.

    Returns:
        The number beyond those that are in; None where it cannot be told, 0 where there are enough already.
    """
    target, se = absolute_size(finding, argument), finding.effect.se
    if target is None or not se:
        return None
    reach = float(ndtri((1 + plan.confidence) / 2) + ndtri(_POWER))
    return max(plan.n * ((reach * se / target) ** 2 - 1), 0.0)


def rounded(number: float) -> float:
    """Two digits are enough for an expectation.

    Examples:
        >>> rounded(12345.6), rounded(0.4)
        (12000.0, 0.0)
    """
    return round(number, 2 - len(str(int(number)))) if number >= 1 else 0.0
