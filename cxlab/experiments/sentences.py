"""The verdict in words: headline, reasons and the three numbers."""

from __future__ import annotations

from cxlab.experiments.amounts import Amounts, agreed, capital, opening
from cxlab.experiments.decision import Finding, Outcome
from cxlab.experiments.margin_words import margin_gain, margin_open
from cxlab.experiments.metrics import size
from cxlab.experiments.needed import more_customers, rounded
from cxlab.experiments.phrases import group_words, level_meaning, levels_sentence
from cxlab.experiments.plan import Plan
from cxlab.experiments.readings import PASSED, oriented, word
from cxlab.results import Check, Figure
from cxlab.wording import count, date, relative, sentence_list, share

__all__ = ["figures_of", "headline_of", "reasons_of", "trust_words"]


def headline_of(outcomes: tuple[Outcome, ...], checks: tuple[Check, ...], plan: Plan, control: str) -> str:
    """What was found, in one or two sentences that follow the verdict's word?

    Args:
        outcomes: one per variant, the leading one first.
        checks: the trust checks.
        plan: what was planned.
        control: the control's name.

    Returns:
        Plain words; no effect where the result cannot be used.
    """
    lead = outcomes[0]
    if lead.why == "broken":
        fault = next(check for check in checks if check.severity == "failure")
        return f"{_fault(fault)} No effect is shown."
    if lead.why == "more data":
        return f"{_until(plan)} {_so_far(lead, control)}"
    if lead.why == "harm":
        return _at_a_stop("Stop the test", _harm(lead, control), plan)
    if lead.why == "guardrail open":
        return f"{_guardrail_open(lead)} {_kept_needed(lead, plan)}".strip()
    if lead.why == "gain":
        return _at_a_stop("The test may stop", f"{_gain(lead, control)} {_guardrails_kept(lead)}".strip(), plan)
    return _no_gain(lead, plan)


def _at_a_stop(advice: str, found: str, plan: Plan) -> str:
    """A watched test that ends before its plan: first that it ends, then why."""
    return f"{advice}: {found[0].lower()}{found[1:]}" if plan.monitored and not plan.reached else found


def _fault(check: Check) -> str:
    message = check.message.split(":")[0] if check.name == "sample_ratio" else check.message.rstrip(".")
    words = {
        "sample_ratio": "The groups are not as large as planned",
        "missing_by_variant": "Values are missing",
    }
    return f"{words.get(check.name, 'A check failed')}: {message}."


def _levels(finding: Finding, variant: str, control: str) -> str:
    """With New, 60.5% placed an order instead of 58.2% with Old."""
    amounts, effect = Amounts(finding.metric, finding.effect), finding.effect
    new, old = amounts.level(effect.estimate), amounts.level(effect.control_estimate)
    return levels_sentence(finding.metric, new, old, variant, control)


def _gain(lead: Outcome, control: str) -> str:
    main = lead.main
    likely = Amounts(main.metric, main.effect).likely(main.effect)
    shown = margin_gain(main)
    return f"{_levels(main, lead.variant, control)}, likely {likely}.{f' {shown}.' if shown else ''}"


def _guardrails_kept(lead: Outcome) -> str:
    number = len(lead.of_role("guardrail"))
    if number == 0:
        return ""
    what = "The guardrail did not get" if number == 1 else f"None of the {number} guardrails got"
    return f"{what} worse by more than agreed."


def _harm(lead: Outcome, control: str) -> str:
    worse = next(f for f in (*lead.of_role("primary"), *lead.of_role("guardrail")) if f.reading == "worse")
    amounts = Amounts(worse.metric, worse.effect)
    limit = agreed(worse.metric, amounts)
    beyond = f", more than the {limit} agreed" if limit else ""
    return f"{_levels(worse, lead.variant, control)}: worse, likely {amounts.likely(worse.effect)}{beyond}."


def _guardrail_open(lead: Outcome) -> str:
    missed = [finding for finding in lead.of_role("guardrail") if finding.reading not in PASSED]
    gained = f"{capital(lead.main.metric.words)}: {margin_gain(lead.main, short=True) or 'a gain is shown'}"
    return f"{gained}. But {sentence_list([_may_be(finding) for finding in missed])}."


def _kept_needed(lead: Outcome, plan: Plan) -> str:
    """How many more it would take to show that every open guardrail is kept."""
    missed = [finding for finding in lead.of_role("guardrail") if finding.reading not in PASSED]
    needed = [rounded(more_customers(finding, plan, "margin") or 0.0) for finding in missed]
    return f"It would take about {count(max(needed))} more customers to know." if all(needed) else ""


def _may_be(finding: Finding) -> str:
    """A guardrail that is open: how bad it may be, beside what was agreed."""
    metric, amounts = finding.metric, Amounts(finding.metric, finding.effect)
    in_fraction = (size("margin", metric.margin) or (0.0, False))[1]
    span = oriented(metric, finding.effect, relative=in_fraction)
    if span is None:
        return f"“{metric.words}” cannot be set beside its limit of {agreed(metric, amounts)}"
    worst = share(-span[0]) if in_fraction else amounts.change(-span[0], sign=False)
    way = "lower" if metric.sign > 0 else "higher"
    return f"“{metric.words}” may be up to {worst} {way}, and {agreed(metric, amounts)} was agreed"


def _no_gain(lead: Outcome, plan: Plan) -> str:
    main, effect = lead.main, lead.main.effect
    amounts = Amounts(main.metric, effect)
    low, high = amounts.plain(effect.ci_low, sign=True), amounts.change(effect.ci_high)
    if lead.why == "no gain of that size":
        wanted = agreed(main.metric, amounts, "minimum_effect")
        tail = f"a gain of {wanted}, the size the test was built for, can be ruled out"
        return f"With {lead.variant}, the change in “{main.metric.words}” is between {low} and {high}; {tail}."
    if main.metric.test != "superiority":
        return margin_open(main, lead.variant)
    beginning = "The planned size is reached and it is still open" if plan.planned_n else "It is open"
    found = f"{beginning} whether {lead.variant} changes “{main.metric.words}”: {low} to {high}."
    return " ".join(part for part in (found, _needed(main, plan)) if part)


def _needed(finding: Finding, plan: Plan) -> str:
    """How many more it would take to see the size the test was built for, with a chance of 80 %."""
    more = rounded(more_customers(finding, plan, "minimum_effect") or 0.0)
    return f"It would take about {count(more)} more customers to know." if more else ""


def _until(plan: Plan) -> str:
    if plan.open_ended:
        return "Until a limit is crossed: no size was planned."
    when = f"Until about {date(plan.end)}" if plan.end else "Until the plan is reached"
    if plan.lacking:
        return f"{when}, with about {count(rounded(plan.lacking))} more customers."
    return f"{when}: the planned duration has not passed."


def _so_far(lead: Outcome, control: str) -> str:
    still = [finding for finding in lead.of_role("guardrail") if finding.reading not in PASSED]
    still_open = f" Open: {sentence_list([_may_be(finding) for finding in still])}." if still else ""
    found = _gain(lead, control)
    return f"So far: {found[0].lower()}{found[1:]}{still_open}"


def reasons_of(outcomes: tuple[Outcome, ...], checks: tuple[Check, ...], plan: Plan) -> tuple[str, ...]:
    """Why this verdict?

    Args:
        outcomes: one per variant.
        checks: the trust checks.
        plan: what was planned.

    Returns:
        One sentence per reason: trust, plan, then what each variant's primary and guardrail metrics say.
    """
    if outcomes[0].why == "broken":
        return _broken_reasons(checks)
    reasons = [trust_words(checks)]
    if plan.planned_n is not None:
        reasons.append(f"{count(plan.n)} of {count(plan.planned_n)} planned customers are in.")
    if len(outcomes) > 1:
        return (*reasons, *(_reason(outcome) for outcome in outcomes))
    return (*reasons, *(f"{capital(part)}." for part in _parts(outcomes[0])))


def trust_words(checks: tuple[Check, ...]) -> str:
    """Did every check pass, or which must be looked at first?"""
    asked = [check.name.replace("_", " ") for check in checks if not check.passed]
    return f"Look at first: {sentence_list(asked)}." if asked else "Every trust check passed."


def _reason(outcome: Outcome) -> str:
    return f"{opening(outcome.variant)} ({outcome.verdict}): {'; '.join(_parts(outcome))}."


def _parts(outcome: Outcome) -> list[str]:
    """What each metric that decides says."""
    return [
        f"{finding.metric.words}: {word(finding.metric, finding.reading).lower()}, "
        f"{Amounts(finding.metric, finding.effect).bracket(finding.effect)}"
        for finding in outcome.findings
        if finding.metric.role != "watched"
    ]


_CAUSES = {
    "sample_ratio": (
        "Likely causes: people who were assigned but not counted, a redirect that loses some, robots, or a "
        "changed ratio.",
        "What to do: compare the groups by day and platform to find where they part, mend it, and start anew.",
    ),
    "missing_by_variant": (
        "Likely causes: the change makes it easier or harder to answer, or logging failed in one group.",
        "What to do: find out who has no value; if no event means none, use missing='zero'.",
    ),
}


def _broken_reasons(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Causes and what to do; the first fault itself stands in the headline."""
    first, *others = [check for check in checks if check.severity == "failure"]
    reasons = [*_CAUSES.get(first.name, ())]
    for check in others:
        reasons += [check.message, *_CAUSES.get(check.name, ())]
    return tuple(reasons)


def figures_of(lead: Outcome, control: str, confidence: float) -> tuple[Figure, ...]:
    """Which three numbers stand under the verdict?

    Args:
        lead: the leading variant's outcome.
        control: the control's name.
        confidence: level of the intervals.

    Returns:
        Level, change with interval, and the change in people (for shares) or relative to the control; none
        where the result cannot be used.
    """
    if lead.why == "broken":
        return ()
    metric, effect = lead.main.metric, lead.main.effect
    amounts = Amounts(metric, effect)
    old = amounts.level(effect.control_estimate)
    level = Figure(amounts.level(effect.estimate), level_meaning(metric, lead.variant, control, old))
    low, high = amounts.plain(effect.ci_low, sign=True), amounts.plain(effect.ci_high, sign=True)
    change = Figure(amounts.change(effect.effect), f"likely between {low} and {high} ({confidence:.0%} interval)")
    third = _people(lead.main) if metric.form == "share" else _fraction(lead.main)
    return tuple(figure for figure in (level, change, third) if figure)


def _people(finding: Finding) -> Figure:
    effect = finding.effect
    largest = max(abs(effect.ci_low or 0.0), abs(effect.ci_high or 0.0))
    base = 1_000 if largest >= 0.002 else 10_000
    value, low, high = (round((end or 0.0) * base) for end in (effect.effect, effect.ci_low, effect.ci_high))
    if low < 0 < high:
        span = f"{count(-low)} fewer to {count(high)} more"
    else:
        ends = sorted((abs(low), abs(high)))
        span = f"{count(ends[0])} to {count(ends[1])} {'more' if high > 0 else 'fewer'}"
    amount = f"{count(abs(value))} {'more' if value >= 0 else 'fewer'}"
    return Figure(amount, f"of every {count(base)} {group_words(finding.metric)} {finding.metric.words} ({span})")


def _fraction(finding: Finding) -> Figure | None:
    effect = finding.effect
    if effect.relative_ci_low is None:
        return None
    span = f"{relative(effect.relative_ci_low)} to {relative(effect.relative_ci_high)}"
    return Figure(relative(effect.relative_effect), f"relative to the control ({span})")
