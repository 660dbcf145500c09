"""A plan in words: headline, figures, definitions."""

from __future__ import annotations

import math

import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.amounts import Amounts
from cxlab.experiments.effects import Effect
from cxlab.experiments.planned import Planned
from cxlab.experiments.planned_sizes import Need
from cxlab.results import Figure
from cxlab.wording import count, share

__all__ = [
    "amounts_of",
    "figures_of",
    "frequency_words",
    "headline_of",
    "level_words",
    "semantics_of",
    "status_of",
    "weeks_words",
]


def amounts_of(need: Need, size: float) -> Amounts:
    """How are this measure's numbers written, where a change of this size matters?

    Args:
        need: the measure.
        size: a change in its own size; it decides the decimals.

    Returns:
        What writes them.
    """
    half = size / 4 if math.isfinite(size) else abs(need.spread.base) / 20
    base = need.spread.base
    return Amounts(need.metric, Effect(need.metric.name, ALL, "", 0, base, 0, base, 0.0, -half, half))


def weeks_words(weeks: float | None) -> str:
    """So many weeks in words.

    Examples:
        >>> weeks_words(1), weeks_words(6)
        ('1 week', '6 weeks')
    """
    if weeks is None or pd.isna(weeks):
        return "–"
    return f"{count(weeks)} week{'' if weeks == 1 else 's'}"


def level_words(plan: Planned, need: Need, amounts: Amounts) -> str:
    """Today's level with its interval: 30.6% (29.3% to 32.1%).

    Args:
        plan: the plan.
        need: the measure.
        amounts: writes its numbers.

    Returns:
        Text; without an interval where the level was stated.
    """
    low, high = need.spread.limits(plan.confidence)
    level = amounts.level(need.spread.base)
    return level if math.isnan(low) else f"{level} ({amounts.level(low)} to {amounts.level(high)})"


def frequency_words(power: float) -> str:
    """How often, as a number of tests.

    Examples:
        >>> frequency_words(0.8), frequency_words(0.855)
        ('8 of 10 tests', '855 of 1,000 tests')
    """
    for whole in (10, 100, 1000):
        if abs(power * whole - round(power * whole)) < 1e-9:
            return f"{round(power * whole)} of {count(whole)} tests"
    return f"{share(power)} of tests"


def headline_of(plan: Planned) -> str:
    """How large is the test, how long does it take, and what does it find?

    Args:
        plan: the plan.

    Returns:
        Two or three sentences.
    """
    need, often = plan.lead, frequency_words(plan.power)
    words = f"“{need.metric.words}”"
    if need.target is None:
        amounts = amounts_of(need, plan.detectable)
        least = amounts.change(plan.detectable, sign=False)
        told = (
            f"{weeks_words(plan.most_weeks)} bring {count(plan.n)} customers. With them a change of {words} by {least}"
        )
        return f"{told} or more is found in {often} (today {amounts.level(need.spread.base)})."
    amounts = amounts_of(need, need.target)
    what = f"{words} (today {amounts.level(need.spread.base)}) by {amounts.change(need.target, sign=False)}"
    if not plan.n:
        return f"No number of customers shows a change of {what} in {often}."
    aim = f"To find a change of {what} in {often}"
    if need.against_margin:
        aim = f"To show in {often} that a harm to {what} or more is ruled out"
    return f"{aim}, {count(plan.n)} customers are needed{_time(plan)}.{_decided(plan)}{_instead(plan, amounts)}"


def _time(plan: Planned) -> str:
    if plan.traffic is None:
        return ""
    if plan.weeks is None:
        return ", more than come in ten years"
    return f", who come in {weeks_words(plan.weeks)}"


def _decided(plan: Planned) -> str:
    """Which measure asks for the size, where it is not the leading one."""
    if plan.decider is plan.lead:
        return ""
    alone = count(math.ceil(plan.sizes[0]))
    return f" “{plan.decider.metric.words}” decides the size; the first measure alone needs {alone}."


def _instead(plan: Planned, amounts: Amounts) -> str:
    """What can be found in the time there is, where the plan takes longer."""
    if plan.in_time or plan.traffic is None:
        return ""
    least = plan.lead.detectable(plan.traffic.after(plan.most_weeks), plan.power)
    if not math.isfinite(least):
        return f" {weeks_words(plan.most_weeks)} are too short for any change."
    return f" In {weeks_words(plan.most_weeks)} only changes of {amounts.change(least, sign=False)} or more are found."


def status_of(plan: Planned) -> str:
    """The word on the badge."""
    if not plan.in_time or not plan.n:
        return "Takes too long"
    return weeks_words(plan.weeks) if plan.weeks else f"{count(plan.n)} customers"


def figures_of(plan: Planned, follow_up: str | None) -> tuple[Figure, ...]:
    """The three numbers under the headline.

    Args:
        plan: the plan.
        follow_up: time until a customer's values are in.

    Returns:
        Customers, time, and the smallest change that is found.
    """
    if not plan.n:
        return ()
    parts = plan.lead.parts
    figures = [Figure(count(plan.n), f"customers in {len(parts.names)} variants together")]
    if plan.traffic is not None:
        more = f", and {follow_up} more for the values of the last ones" if follow_up else ""
        figures.append(Figure(weeks_words(plan.weeks), f"until they have come{more}"))
    least = plan.detectable
    if math.isfinite(least):
        amounts = amounts_of(plan.lead, least)
        told = f"is found in {frequency_words(plan.power)}"
        figures.append(
            Figure(amounts.change(least, sign=False), f"{told}; today {level_words(plan, plan.lead, amounts)}")
        )
    return tuple(figures)


def semantics_of(plan: Planned) -> tuple[str, ...]:
    """The definitions used, in words.

    Args:
        plan: the plan.

    Returns:
        One sentence or two per definition.
    """
    need = plan.lead
    side = "in either direction" if need.sides == "two" else "in one direction"
    several = f", divided by {need.parts.treatments} comparisons" if need.parts.treatments > 1 else ""
    lines = [
        f"Power: how often a test of this size shows a change that is really there; wanted {plan.power:.0%}. False "
        f"alarms: {need.alpha * need.parts.treatments:.3g} {side}{several}.",
        "Level and spread are those of the test's own analysis on the history: the same cap, covariates, groups and "
        "unit, every customer set on both sides at once.",
        "An amount that grows is taken to spread in proportion; a capped one to keep its spread.",
        "Weeks are whole ones; a customer counts on the first day only, so that later weeks bring fewer new ones.",
        "A guardrail's size is what it takes to show no harm beyond its margin, where nothing changes.",
    ]
    if plan.monitoring != "none":
        lines.append(
            f"Looks: {plan.looks}, evenly spread. A test that stops early uses fewer customers than planned; a test "
            "without an effect uses nearly all."
        )
    return tuple(lines)
