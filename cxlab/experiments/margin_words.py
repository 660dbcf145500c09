"""What a test against a margin has shown, in words."""

from __future__ import annotations

from cxlab.experiments.amounts import Amounts, agreed
from cxlab.experiments.decision import Finding

__all__ = ["margin_gain", "margin_open"]

_RULED_OUT = "is ruled out"


def margin_gain(main: Finding, *, short: bool = False) -> str:
    """What was shown about the margin, for a metric that passed such a test; else nothing."""
    metric = main.metric
    limit = agreed(metric, Amounts(metric, main.effect))
    if main.reading == "equivalent":
        return f"{'a' if short else 'A'} change of {limit} or more, either way, {_RULED_OUT}"
    if main.reading == "no harm" and metric.test != "superiority":
        return f"{'harm' if short else 'Harm'} of {limit} or more {_RULED_OUT}"
    return ""


def margin_open(main: Finding, variant: str) -> str:
    """What is not known, where a test against a margin was not passed."""
    metric, effect = main.metric, main.effect
    amounts = Amounts(metric, effect)
    limit = agreed(metric, amounts)
    span = f"{amounts.plain(effect.ci_low, sign=True)} to {amounts.change(effect.ci_high)}"
    if main.reading == "different":
        return f"With {variant}, “{metric.words}” changed by more than the {limit} agreed: {span}."
    change = f"changes “{metric.words}” by" if metric.test == "equivalence" else f"makes “{metric.words}” worse by"
    note = "That no change was found does not mean that there is none."
    return f"It is open whether {variant} {change} {limit} or more: {span}. {note}"
