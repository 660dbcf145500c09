"""The decision with what would change it, and whether it only explores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cxlab.experiments.amounts import Amounts, agreed, capital
from cxlab.experiments.decision import Finding, Outcome
from cxlab.experiments.looks import stopped_early
from cxlab.experiments.metrics import size
from cxlab.experiments.needed import more_customers, rounded
from cxlab.experiments.plan import Plan
from cxlab.experiments.readings import PASSED, oriented
from cxlab.experiments.sentences import reasons_of
from cxlab.experiments.watch import Watch
from cxlab.results import Check, Decision, Figure
from cxlab.wording import count, share

__all__ = ["EXPLORED", "decision_of", "figures_after_a_stop", "is_exploratory"]

EXPLORED = "Found by looking around: a reason to test, not to decide."
_UNPLANNED = ("looks", "plan_changed")


def is_exploratory(checks: Sequence[Check]) -> bool:
    """Was something looked at, or changed, that the plan did not foresee?"""
    return any(check.name in _UNPLANNED and not check.passed for check in checks)


def decision_of(
    outcomes: tuple[Outcome, ...], checks: tuple[Check, ...], plan: Plan, watch: Watch,
    tables: Mapping[str, pd.DataFrame],
) -> Decision:  # fmt: skip
    """The verdict with its reasons, and what would change it.

    Args:
        outcomes: one per variant, the leading one first.
        checks: the trust checks.
        plan: what was planned.
        watch: how the test is watched.
        tables: with the table "looks", where it is.

    Returns:
        The decision; exploratory where looks or settings were not planned.
    """
    lead, explored = outcomes[0], is_exploratory(checks)
    reasons = reasons_of(outcomes, checks, plan)
    if lead.why != "broken" and "looks" in tables:
        reasons += _after_a_stop(lead, tables["looks"])
    if explored and lead.why != "broken":
        reasons = (EXPLORED, *reasons)
    return Decision(lead.verdict, reasons, _changes(lead, plan, watch), explored)


def _after_a_stop(lead: Outcome, looks: pd.DataFrame) -> tuple[str, ...]:
    """A test that stops at a good moment shows too large a change: what it is without that."""
    main = lead.main
    stop = stopped_early(looks, main.metric.name, lead.variant)
    if stop is None:
        return ()
    amounts = Amounts(main.metric, main.effect)
    told = f"{capital(main.metric.words)}: the limit is crossed at {share(stop['information'], 0)} of the planned size"
    if pd.isna(stop["adjusted_effect"]):
        return (f"{told}; a change seen at a stop tends to be too large.",)
    span = f"{amounts.plain(stop['adjusted_ci_low'])} to {amounts.plain(stop['adjusted_ci_high'])}"
    return (
        f"{told}. A change seen at a stop tends to be too large: allowing for the looks it is about "
        f"{amounts.change(stop['adjusted_effect'])} ({span}).",
    )


def figures_after_a_stop(
    figures: tuple[Figure, ...], lead: Outcome, tables: Mapping[str, pd.DataFrame]
) -> tuple[Figure, ...]:
    """Which numbers stand under the verdict of a test that stops early?

    Args:
        figures: level, change, and the change in people or relative to the control.
        lead: the leading variant's outcome.
        tables: with the table "looks", where it is.

    Returns:
        Beside the change, what is left of it after allowing for the looks; the figures as they are where nothing
        stopped.
    """
    main = lead.main
    stop = stopped_early(tables["looks"], main.metric.name, lead.variant) if figures and "looks" in tables else None
    if stop is None or pd.isna(stop["adjusted_effect"]):
        return figures
    amounts = Amounts(main.metric, main.effect)
    low, high = (amounts.plain(stop[end], sign=True) for end in ("adjusted_ci_low", "adjusted_ci_high"))
    meaning = f"allowing for the early stop, likely between {low} and {high}"
    return (*figures[:2], Figure(amounts.change(stop["adjusted_effect"]), meaning))


def _changes(lead: Outcome, plan: Plan, watch: Watch) -> tuple[str, ...]:
    """What would turn the verdict, most important first."""
    if lead.why == "broken":
        return ("Nothing in these data: mend the cause and start anew.",)
    if lead.why == "harm":
        worse = next(f for f in lead.findings if f.reading == "worse")
        return (f"Another version, tested anew. More customers would not make “{worse.metric.words}” good.",)
    guardrails = [finding for finding in lead.of_role("guardrail") if finding.reading not in PASSED]
    if lead.why == "gain":
        near = [told for one in lead.of_role("guardrail") if (told := _distance(one))]
        return tuple(near) or ("A harm that no guardrail watches.",)
    if lead.why == "more data":
        still = _waiting(plan) if plan.lacking or plan.too_short else ()
        return (*still, *_limit(lead.main, watch), *(_guardrail(one, plan) for one in guardrails))
    if lead.why == "guardrail open":
        return tuple(_guardrail(one, plan) for one in guardrails)
    return (_gain(lead.main, plan, ruled_out=lead.why == "no gain of that size"),)


def _distance(finding: Finding) -> str:
    """How far a guardrail that is kept is from its limit; nothing where it did not get worse at all."""
    amounts, (_, relative) = (
        Amounts(finding.metric, finding.effect),
        size("margin", finding.metric.margin) or (0, False),
    )
    span = oriented(finding.metric, finding.effect, relative=relative)
    worst = max(-span[0], 0.0) if span else 0.0
    if not worst:
        return ""
    told = share(worst) if relative else amounts.change(worst, sign=False)
    way = "lower" if finding.metric.sign > 0 else "higher"
    limit = agreed(finding.metric, amounts)
    return f"“{finding.metric.words}” turning out worse: now at most {told} {way}, and {limit} was agreed."


def _waiting(plan: Plan) -> tuple[str, ...]:
    if plan.lacking:
        return (f"The {count(plan.lacking)} customers that the plan still waits for.",)
    return ("The rest of the planned duration.",)


def _limit(main: Finding, watch: Watch) -> tuple[str, ...]:
    """Where the limit of this look lies, beside what is seen."""
    if not watch.active or not main.effect.se or main.reading in PASSED or main.metric.test != "superiority":
        return ()
    amounts = Amounts(main.metric, main.effect)
    needed = watch.reach(len(watch.sizes) - 1, main.effect) * main.effect.se
    return (
        f"“{main.metric.words}” crossing its limit: {amounts.change(main.metric.sign * needed)} at this look, "
        f"{amounts.change(main.effect.effect)} is seen.",
    )


def _guardrail(finding: Finding, plan: Plan) -> str:
    """How many more would show that a guardrail is kept."""
    limit = agreed(finding.metric, Amounts(finding.metric, finding.effect))
    more = more_customers(finding, plan, "margin")
    if more is None:
        return f"“{finding.metric.words}” shown to stay within {limit}."
    if not rounded(more):
        return f"“{finding.metric.words}” looks worse than it may be: more customers alone may not clear it."
    return f"About {count(rounded(more))} more customers, to show that “{finding.metric.words}” stays within {limit}."


def _gain(main: Finding, plan: Plan, *, ruled_out: bool) -> str:
    if main.metric.test != "superiority":
        return _guardrail(main, plan)
    amounts = Amounts(main.metric, main.effect)
    wanted = agreed(main.metric, amounts, "minimum_effect")
    if ruled_out:
        return f"A gain below {wanted} being worth having: then plan a larger test."
    more = more_customers(main, plan, "minimum_effect")
    if more is None:
        return "A smallest gain worth having (`minimum_effect`): then it can be told how many customers find it."
    if not rounded(more):
        return f"Nothing that these customers can show: a gain of {wanted} would have been found in 8 of 10 tests."
    return f"About {count(rounded(more))} more customers, to find a gain of {wanted} in 8 of 10 tests."
