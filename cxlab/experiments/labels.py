"""What stands around a test's numbers: its question, its scope, its definitions."""

from __future__ import annotations

from cxlab.experiments.distributions import kind_semantics
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.plan import Plan
from cxlab.wording import count, date, sentence_list

__all__ = ["question_of", "scope_of", "semantics_of"]


def question_of(measured: Measurement) -> str:
    """The question that the page asks where none was given."""
    if len(measured.treatments) == 1:
        return f"Is “{measured.treatments[0]}” better than “{measured.control}”?"
    return f"Is one of {len(measured.treatments)} variants better than “{measured.control}”?"


def scope_of(plan: Plan) -> str:
    """Whom the data are about, and since when."""
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


def semantics_of(measured: Measurement, confidence: float, segment: str | None) -> tuple[str, ...]:
    """The definitions used, in words.

    Args:
        measured: the sums.
        confidence: level of the intervals.
        segment: column of the segment, or None.

    Returns:
        One sentence per definition.
    """
    lines = [
        f"Intervals hold the true value in {confidence:.0%} of such tests; they are not widened for several measures.",
        "An effect is the variant minus the control; a relative effect divides it by the control (Fieller's interval).",
        "p, adjusted: Holm over primary measures and variants; Benjamini-Hochberg over watched ones.",
        "The verdict asks: trust checks passed? harm beyond a margin? plan reached? a gain, with every guardrail kept?",
    ]
    lines += kind_semantics(measured)
    if any(metric.role == "secondary" for metric in measured.metrics):
        lines.append("Secondary measures: asked in order, once all primary ones of the variant passed (gatekeeping).")
    adjusted = [metric.words for metric in measured.metrics if metric.covariate]
    if adjusted:
        lines.append(f"Adjusted for values from before ({sentence_list(adjusted)}): Lin's regression, HC2 variance.")
    if segment:
        lines.append(
            f"Segments ({segment}): Cochran's Q asks whether effects differ; p adjusted by Holm over segments."
        )
    return tuple(lines)
