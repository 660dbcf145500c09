"""How each kind of metric is told: its two levels in a sentence, and what a number under the verdict means."""

from __future__ import annotations

from cxlab.experiments.kinds import Quantile
from cxlab.experiments.metrics import Metric
from cxlab.experiments.scales import Ordinal
from cxlab.wording import sentence_list

__all__ = ["SURVEYS", "group_words", "level_meaning", "levels_sentence", "names_of"]

SURVEYS = ("nps", "top_box", "ordinal")
"""Kinds that only those who answered have."""

_MOST_NAMES = 5


def levels_sentence(metric: Metric, new: str, old: str, variant: str, control: str) -> str:
    """What are the two levels, as the beginning of a sentence?

    Args:
        metric: what is measured.
        new: the variant's level as text.
        old: the control's level as text.
        variant: the variant's name.
        control: the control's name.

    Returns:
        Plain words without a full stop.

    Examples:
        >>> levels_sentence(Quantile("minutes", q=0.9, measured_in="min"), "32 min", "34 min", "short", "long")
        'With short, the slowest tenth of minutes begins at 32 min instead of 34 min with long'
    """
    if metric.form == "share":
        return f"With {variant}, {new} {metric.words} instead of {old} with {control}"
    if isinstance(metric, Ordinal):
        pairs = f"a customer with {variant} answers higher than one with {control} in {new} of pairs"
        return f"On {metric.noun}, {pairs} (ties count half, {old} is even)"
    if isinstance(metric, Quantile):
        return f"With {variant}, {_cut(metric)} {new} instead of {old} with {control}"
    if metric.kind == "rate":
        return f"With {variant}, there are {new} {metric.words} instead of {old} with {control}"
    article = "the " if metric.label is None and metric.kind in ("nps", "time_to_event") else ""
    return f"With {variant}, {article}{metric.words} is {new} instead of {old} with {control}"


def _cut(metric: Quantile) -> str:
    """What lies on the one side of a quantile: the slowest tenth begins at, half of it is at most."""
    if metric.q == 0.5:
        return f"half of {metric.noun} is at most"
    if metric.rank.endswith("of 100"):
        return f"{metric.rank} values of {metric.noun} are at most"
    return f"the {metric.rank} of {metric.noun} {'begins at' if metric.q > 0.5 else 'ends at'}"


def level_meaning(metric: Metric, variant: str, control: str, old: str) -> str:
    """What does the first number under the verdict mean?

    Examples:
        >>> level_meaning(Ordinal("effort"), "new", "old", "50%")
        'of pairs: the customer with new answers higher on effort than the one with old (50% is even)'
    """
    if isinstance(metric, Ordinal):
        pair = f"the customer with {variant} answers higher on {metric.noun} than the one with {control}"
        return f"of pairs: {pair} ({old} is even)"
    return f"{metric.words} with {variant}, {old} with {control}"


def group_words(metric: Metric) -> str:
    """Of whom is a share, or a change in people?"""
    return "who answered" if metric.kind in SURVEYS else "customers"


def names_of(names: list[str], last: str = "and") -> str:
    """Several names in a sentence, at most five of them.

    Examples:
        >>> names_of(["a", "b", "c", "d", "e", "f", "g"])
        'a, b, c, d, e and 2 more'
    """
    if len(names) <= _MOST_NAMES + 1:
        return sentence_list(names, last)
    return sentence_list([*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} more"], last)
