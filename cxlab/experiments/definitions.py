"""What the words on the page mean, and over whom the numbers are."""

from __future__ import annotations

from cxlab.experiments.distributions import kind_semantics
from cxlab.experiments.plan import Plan
from cxlab.experiments.quantile_effects import quantile_semantics
from cxlab.experiments.sides import Sides
from cxlab.experiments.studies import Study
from cxlab.wording import count, date, sentence_list

__all__ = ["scope_of", "semantics_of"]


def scope_of(plan: Plan) -> str:
    """How many customers, and when."""
    customers = f"{count(plan.n)} customers"
    if plan.first is None or plan.last is None:
        return f"{customers}."
    return f"{customers}, {_period(date(plan.first), date(plan.last))}."


def _period(first: str, last: str) -> str:
    """Two days with what they share written once: 4 to 31 May 2026."""
    if first == last:
        return last
    start, end = first.split(), last.split()
    while start and end and start[-1] == end[-1]:
        start.pop()
        end.pop()
    return f"{' '.join(start)} to {last}"


def semantics_of(study: Study, sides: Sides, segment: str | None) -> tuple[str, ...]:
    """The definitions used, in words.

    Args:
        study: the experiment as it was read.
        sides: one- or two-sided, at which level.
        segment: the column with the segments, or None.

    Returns:
        One sentence or two per definition.
    """
    metrics = study.measured.metrics
    lines = [
        f"Intervals hold the true value in {sides.level:.0%} of such tests; they are not widened for several measures.",
        "An effect is the variant minus the control; a relative effect divides it by the control (Fieller's interval).",
        "p, adjusted: Holm over primary measures and variants; Benjamini-Hochberg over watched ones.",
        "The verdict asks: trust checks passed? harm beyond a margin? plan reached? a gain, with every guardrail kept?",
    ]
    lines += kind_semantics(study.measured, methods=not study.own_methods)
    if any(metric.role == "secondary" for metric in metrics):
        lines.append("Secondary measures: asked in order, once all primary ones of the variant passed (gatekeeping).")
    lines += [*quantile_semantics(study), *study.semantics, *sides.semantics(metrics)]
    adjusted = [metric.words for metric in metrics if metric.covariates]
    if adjusted:
        lines.append(f"Adjusted for values from before ({sentence_list(adjusted)}): {study.adjustment}.")
    if segment:
        lines.append(
            f"Segments ({segment}): Cochran's Q asks whether effects differ, in their own size and in percent (log "
            "ratios). Percent decide where the plan states its sizes in percent, else the measure's own size. "
            "p adjusted by Holm over segments."
        )
    return tuple(lines)
