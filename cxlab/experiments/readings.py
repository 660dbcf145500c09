"""What one interval says about one metric: gain shown, no harm, worse or undecided."""

from __future__ import annotations

from typing import Literal, TypeAlias

from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric, size

__all__ = ["PASSED", "WORDS", "Reading", "oriented", "reading_of", "ruled_out"]

Reading: TypeAlias = Literal["gain", "no harm", "equivalent", "worse", "different", "undecided"]

PASSED: frozenset[str] = frozenset({"gain", "no harm", "equivalent"})
"""Readings of a primary metric with which it has passed its own test."""

WORDS: dict[tuple[str, str], str] = {
    ("primary", "gain"): "Gain shown",
    ("primary", "no harm"): "Not worse beyond the margin",
    ("secondary", "gain"): "Gain shown",
    ("secondary", "no harm"): "Not worse beyond the margin",
    ("guardrail", "no harm"): "No harm beyond the margin",
    ("guardrail", "worse"): "Harm beyond the margin",
    ("watched", "gain"): "Better",
    ("watched", "no harm"): "Not worse beyond the margin",
    **{(role, "equivalent"): "Same within the margin" for role in ("primary", "secondary", "guardrail", "watched")},
    **{(role, "different"): "Differs beyond the margin" for role in ("primary", "secondary", "guardrail", "watched")},
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


def reading_of(metric: Metric, effect: Effect, alpha: float, tail: float | None = None) -> Reading:
    """What does this interval say?

    Args:
        metric: what is measured, with its role, direction and margin.
        effect: the effect over all units or in a segment.
        alpha: chance of a false finding that is accepted, 1 - confidence.
        tail: the same for a test against a margin, which looks one way; None takes half of alpha.

    Returns:
        "gain": better beyond chance (for primary metrics after the correction for several); "no harm": a
        guardrail's interval lies wholly above minus the margin; "worse": wholly beyond the margin, or below 0
        where there is none; for tests against a margin "no harm", "equivalent" or "different"; else "undecided".
    """
    margin, relative = size("margin", metric.margin) or (0.0, False)
    span = oriented(metric, effect, relative=relative)
    if metric.test != "superiority":
        return _against_margin(metric, effect, span, margin, alpha / 2 if tail is None else tail)
    if span is None:
        return "undecided"
    if span[1] < -margin:
        return "worse"
    if metric.role == "guardrail":
        return "no harm" if span[0] > -margin else "undecided"
    corrected = effect.p_adjusted if metric.role in ("primary", "secondary") else effect.p_value
    return "gain" if span[0] > 0 and (corrected or 0.0) <= alpha else "undecided"


def _against_margin(
    metric: Metric, effect: Effect, span: tuple[float, float] | None, margin: float, tail: float
) -> Reading:
    """The interval must keep clear of the margin, and the p-value must stand among several primary metrics."""
    if span is not None and span[1] < -margin:
        return "worse"
    both = metric.test == "equivalence"
    if both and span is not None and span[0] > margin:
        return "different"
    p_value = effect.p_adjusted if metric.role in ("primary", "secondary") else effect.p_value
    clear = span is None or (span[0] > -margin and (not both or span[1] < margin))
    if p_value is None or not clear or p_value > tail:
        return "undecided"
    return "equivalent" if both else "no harm"


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
