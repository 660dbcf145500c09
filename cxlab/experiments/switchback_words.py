"""A switchback's result in words: periods stand where other designs speak of customers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxlab.experiments.comparison import ABTestResult

__all__ = ["of_periods"]


def of_periods(result: ABTestResult) -> ABTestResult:
    """The same result, with periods as what was assigned, planned and counted.

    Args:
        result: in words of customers.

    Returns:
        It in words of periods.
    """
    decision = result.decision
    if decision is not None:
        reasons, changes = (tuple(map(_said, lines)) for lines in (decision.reasons, decision.changes))
        decision = replace(decision, reasons=reasons, changes=changes)
    return replace(
        result, headline=_said(result.headline), scope=_said(result.scope), decision=decision, counted="periods",
        checks=tuple(replace(check, message=_said(check.message)) for check in result.checks),
    )  # fmt: skip


def _said(text: str) -> str:
    return text.replace("customer", "period").replace("Customer", "Period")
