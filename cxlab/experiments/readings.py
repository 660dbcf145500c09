"""What one interval says about one metric: gain shown, no harm, worse or undecided."""

from __future__ import annotations

from typing import Literal, TypeAlias

from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric, size

__all__ = ["WORDS", "Reading", "oriented", "reading_of", "ruled_out"]

Reading: TypeAlias = Literal["gain", "no harm", "worse", "undecided"]

WORDS: dict[tuple[str, str], str] = {
    ("primary", "gain"): "Gain shown",
    ("secondary", "gain"): "Gain shown",
    ("guardrail", "no harm"): "No harm beyond the margin",
    ("guardrail", "worse"): "Harm beyond the margin",
    ("watched", "gain"): "Better",
}
"""Words for readers by role and reading; `Worse` and `Undecided` need no table."""


def oriented(metric: Metric, effect: Effect, *, relative: bool) -> tuple[float, float] | None:
    """Between which values does the effect lie, turned so that higher is better?

    Args:
        metric: what is measured.
        effect: the effect.
        relative: take the relative interval.

    Returns:
        Lower and upper limit; None where the interval is not known.
    """
    low, high = (effect.relative_ci_low, effect.relative_ci_high) if relative else (effect.ci_low, effect.ci_high)
    if low is None or high is None:
        return None
    return (low, high) if metric.sign > 0 else (-high, -low)


def reading_of(metric: Metric, effect: Effect, alpha: float) -> Reading:
    """What does this interval say?

    Args:
        metric: what is measured, with its role, direction and margin.
        effect: the effect over all units or in a segment.
        alpha: chance of a false finding that is accepted, 1 - confidence.

    Returns:
        "gain": better beyond chance (for primary metrics after the correction for several); "no harm": a
        guardrail's interval lies wholly above minus the margin; "worse": wholly beyond the margin, or below 0
        where there is none; else "undecided".
    """
    margin, relative = size("margin", metric.margin) or (0.0, False)
    span = oriented(metric, effect, relative=relative)
    if span is None:
        return "undecided"
    if span[1] < -margin:
        return "worse"
    if metric.role == "guardrail":
        return "no harm" if span[0] > -margin else "undecided"
    corrected = effect.p_adjusted if metric.role in ("primary", "secondary") else effect.p_value
    return "gain" if span[0] > 0 and (corrected or 0.0) <= alpha else "undecided"


def word(metric: Metric, reading: str) -> str:
    """The reading as readers see it.

    Examples:
        >>> from cxlab.experiments.metrics import Proportion
        >>> word(Proportion("bought"), "gain"), word(Proportion("bought"), "undecided")
        ('Gain shown', 'Undecided')
    """
    return WORDS.get((metric.role, reading), reading.capitalize())


def ruled_out(metric: Metric, effect: Effect) -> bool:
    """Can a gain of the size the test was built for be ruled out?"""
    wanted = size("minimum_effect", metric.minimum_effect)
    span = oriented(metric, effect, relative=wanted[1]) if wanted else None
    return bool(wanted and span and span[1] < wanted[0])
