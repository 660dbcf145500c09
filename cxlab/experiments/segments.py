"""Do segments differ in their effect?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.effects import Effect
from cxlab.stats.heterogeneity import heterogeneity_test

__all__ = ["difference_words", "heterogeneity_table", "shrunken_table"]


def _groups(effects: list[Effect]) -> Iterator[tuple[str, str, list[Effect]]]:
    """The segments of each metric and variant whose effect is known."""
    found: dict[tuple[str, str], list[Effect]] = {}
    for effect in effects:
        if effect.segment != ALL and effect.effect is not None and effect.se:
            found.setdefault((effect.metric, effect.variant), []).append(effect)
    for (metric, variant), inside in found.items():
        yield metric, variant, inside


def _test(inside: list[Effect]) -> tuple[int, float, float, np.ndarray]:
    test = heterogeneity_test([e.effect or 0.0 for e in inside], [(e.se or 0.0) ** 2 for e in inside])
    return test.df, test.q, test.p_value, test.shrunken


def heterogeneity_table(effects: list[Effect]) -> pd.DataFrame:
    """Does the effect differ between segments?

    Args:
        effects: the effects of all metrics, segments and variants.

    Returns:
        One row per metric and variant with two segments or more: metric, variant, segments, q, df, p_value.
    """
    rows = []
    for metric, variant, inside in _groups(effects):
        if len(inside) > 1:
            df, q, p_value, _ = _test(inside)
            rows.append((metric, variant, len(inside), q, df, p_value))
    return pd.DataFrame(rows, columns=["metric", "variant", "segments", "q", "df", "p_value"])


def shrunken_table(effects: list[Effect]) -> pd.DataFrame:
    """Which effect is to be expected in each segment, given what the others show?

    Args:
        effects: the effects of all metrics, segments and variants.

    Returns:
        One row per metric, segment and variant: n, control_n, effect, shrunken_effect (drawn towards the common
        effect by as much as chance explains the differences).
    """
    rows = []
    for metric, variant, inside in _groups(effects):
        shrunken = _test(inside)[3]
        for effect, drawn in zip(inside, shrunken, strict=True):
            rows.append((metric, effect.segment, variant, effect.n, effect.control_n, effect.effect, float(drawn)))
    columns = ["metric", "segment", "variant", "n", "control_n", "effect", "shrunken_effect"]
    return pd.DataFrame(rows, columns=columns)


def difference_words(table: pd.DataFrame, metric: str, variant: str, alpha: float) -> str:
    """Do segments differ, in words for a title?"""
    found = table[(table["metric"] == metric) & (table["variant"] == variant)]
    if found.empty:
        return "too few segments to compare"
    p_value = float(found["p_value"].iloc[0])
    if p_value < alpha:
        return "segments differ by more than chance explains"
    return "segments differ no more than chance explains"
