"""What values from before the experiment brought: how much smaller the variance is, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.effects import Effect
from cxlab.experiments.measurement import Cell, Measurement
from cxlab.results import Check
from cxlab.stats.ratios import ratio_arm
from cxlab.wording import count, sentence_list, share

__all__ = ["precision_check", "precision_table"]

_WORTH = 0.01


Raw: TypeAlias = Mapping[tuple[int, str, str], float]


def precision_table(measured: Measurement, effects: Sequence[Effect], raw: Raw) -> pd.DataFrame:
    """How much more is known because values from before the experiment were used?

    Args:
        measured: the sums.
        effects: the effects.
        raw: standard errors without covariates, where the design has its own.

    Returns:
        One row per adjusted metric and variant: metric, variant, covariates, raw_se, se, variance_reduction (negative
        where the adjustment cost more than it brought), worth (customers that the same interval would have needed
        beyond those there are).
    """
    rows = []
    for index, metric in enumerate(measured.metrics):
        for effect in effects:
            key = (index, ALL, effect.variant)
            if effect.metric == metric.name and effect.segment == ALL and effect.se and (effect.adjusted or key in raw):
                plain = raw.get(key) or _raw_se(measured, key)
                gain = 1 - (effect.se / plain) ** 2 if plain > 0 else 0.0
                worth = (effect.n + effect.control_n) * gain / (1 - gain)
                rows.append((metric.name, effect.variant, ", ".join(metric.covariates), plain, effect.se, gain, worth))
    columns = ["metric", "variant", "covariates", "raw_se", "se", "variance_reduction", "worth"]
    return pd.DataFrame(rows, columns=columns)


def _raw_se(measured: Measurement, key: tuple[int, str, str]) -> float:
    """The standard error without the covariate, of independent units."""
    cells = [measured.cells[key], measured.cells[key[0], ALL, measured.control]]
    return float(sum(_variance(cell) for cell in cells) ** 0.5)


def _variance(cell: Cell) -> float:
    moments = cell.values
    if len(moments.sums) > 1:
        return ratio_arm(moments).variance
    return max(float(moments.covariance[0, 0]), 0.0) / moments.n


def precision_check(measured: Measurement, effects: Sequence[Effect], raw: Raw) -> Check | None:
    """Could values from before be used, and did they help? An honest answer where they did not.

    Args:
        measured: the sums.
        effects: the effects.
        raw: standard errors without covariates, where the design has its own.

    Returns:
        The check "covariate"; None where no metric names one, or one could not be used.
    """
    wanted = {metric.name: metric.words for metric in measured.metrics if metric.covariates}
    there = {effect.metric for effect in effects if effect.segment == ALL and effect.adjusted}
    if not wanted or set(wanted) - there:
        return None
    best = precision_table(measured, effects, raw).groupby("metric", sort=False)[["variance_reduction", "worth"]].min()
    sentences = [_sentence(words, *best.loc[name]) for name, words in wanted.items()]
    return Check("covariate", True, "info", f"Adjusted for values from before the test: {sentence_list(sentences)}.")


def _sentence(words: str, gain: float, worth: float) -> str:
    if gain < _WORTH:
        return (
            f"{words} gained nothing (variance {share(max(gain, 0.0))} smaller), and the plain effect would do as well"
        )
    return f"{words} has a variance {share(gain, 0)} smaller, worth {count(worth)} more customers"
