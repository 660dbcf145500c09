"""Do segments differ in their effect, in the metric's own size and in percent?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.amounts import capital
from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric, size
from cxlab.stats.heterogeneity import Heterogeneity, heterogeneity_test
from cxlab.stats.relative import LogRatio, log_ratio
from cxlab.wording import number, p_text

__all__ = ["decisive_scale", "heterogeneity_display", "heterogeneity_table", "segment_words", "shrunken_table"]

_CLEAR = 2.0
_SCALES = {"absolute": "In its own size", "relative": "In percent"}


def decisive_scale(metric: Metric) -> str:
    """On which scale do segments count as different? It follows from the plan, never from the data.

    Args:
        metric: what is measured.

    Returns:
        "relative" where the gain asked for (else the margin) was agreed in percent, otherwise "absolute".

    Examples:
        >>> from cxlab.experiments.metrics import Mean
        >>> decisive_scale(Mean("revenue", minimum_effect="5%")), decisive_scale(Mean("revenue"))
        ('relative', 'absolute')
    """
    agreed = size("minimum_effect", metric.minimum_effect) or size("margin", metric.margin)
    return "relative" if agreed is not None and agreed[1] else "absolute"


@dataclass(frozen=True)
class _Group:
    """The segments of one metric and variant whose effect is known."""

    metric: str
    variant: str
    inside: list[Effect]

    @cached_property
    def absolute(self) -> Heterogeneity:
        """Effects as differences."""
        return heterogeneity_test([e.effect or 0.0 for e in self.inside], [(e.se or 0.0) ** 2 for e in self.inside])

    @cached_property
    def relative(self) -> Heterogeneity | None:
        """Effects as ratios; None where one segment's level cannot be told from zero, or percent mean nothing."""
        ratios = [_ratio(effect) for effect in self.inside]
        known = [ratio for ratio in ratios if ratio is not None]
        if len(known) < len(ratios):
            return None
        return heterogeneity_test([ratio.estimate for ratio in known], [ratio.variance for ratio in known])

    def decides(self, wanted: str) -> str:
        """The scale that counts; where percent cannot be told, the absolute one."""
        return wanted if self.relative is not None else "absolute"

    def rows(self, scale: str) -> Iterator[tuple[object, ...]]:
        """One row of the table per scale that can be told."""
        for name, test in (("absolute", self.absolute), ("relative", self.relative)):
            if test is not None:
                told = (len(self.inside), test.q, test.df, test.p_value, name == scale)
                yield (self.metric, self.variant, name, *told)


def _ratio(effect: Effect) -> LogRatio | None:
    if effect.relative_effect is None or effect.arm_se is None:
        return None
    levels = (effect.estimate or 0.0, effect.control_estimate or 0.0)
    if any(level <= _CLEAR * se for level, se in zip(levels, effect.arm_se, strict=True)):
        return None
    one, zero = (se**2 for se in effect.arm_se)
    found = log_ratio(levels[0], one, levels[1], zero)
    return found if found.variance > 0 else None


def _groups(effects: list[Effect]) -> list[_Group]:
    found: dict[tuple[str, str], list[Effect]] = {}
    for effect in effects:
        if effect.segment != ALL and effect.effect is not None and effect.se:
            found.setdefault((effect.metric, effect.variant), []).append(effect)
    return [_Group(metric, variant, inside) for (metric, variant), inside in found.items()]


def heterogeneity_table(effects: list[Effect], metrics: Sequence[Metric]) -> pd.DataFrame:
    """Does the effect differ between segments, in its own size and in percent?

    Args:
        effects: the effects of all metrics, segments and variants.
        metrics: what is measured.

    Returns:
        One row per metric, variant and scale with two segments or more: metric, variant, scale ("absolute" or
        "relative"), segments, q, df, p_value, decides (is this the scale that counts, by the plan?). No relative row
        where a segment's level is not clearly above zero.
    """
    scales = {metric.name: decisive_scale(metric) for metric in metrics}
    rows = [row for g in _groups(effects) if len(g.inside) > 1 for row in g.rows(g.decides(scales[g.metric]))]
    columns = ["metric", "variant", "scale", "segments", "q", "df", "p_value", "decides"]
    return pd.DataFrame(rows, columns=columns)


def shrunken_table(effects: list[Effect]) -> pd.DataFrame:
    """Which effect is to be expected in each segment, given what the others show?

    Args:
        effects: the effects of all metrics, segments and variants.

    Returns:
        One row per metric, segment and variant: n, control_n, effect, shrunken_effect (drawn towards the common
        effect by as much as chance explains the differences), relative_effect, shrunken_relative_effect (the same on
        the scale of log ratios; missing where that cannot be told).
    """
    rows = []
    for group in _groups(effects):
        drawn = group.absolute.shrunken
        ratios = np.expm1(group.relative.shrunken) if group.relative else np.full(len(drawn), np.nan)
        for effect, own, ratio in zip(group.inside, drawn, ratios, strict=True):
            told = (effect.effect, float(own), effect.relative_effect, float(ratio))
            rows.append((group.metric, effect.segment, group.variant, effect.n, effect.control_n, *told))
    columns = [
        "metric", "segment", "variant", "n", "control_n", "effect", "shrunken_effect", "relative_effect",
        "shrunken_relative_effect",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"relative_effect": float})


def segment_words(table: pd.DataFrame, effect: Effect, alpha: float) -> tuple[str, str]:
    """Do segments differ: in words for a title, and what both scales say together, in a sentence for a note?

    Args:
        table: one row per metric, variant and scale.
        effect: the metric and variant that are asked about.
        alpha: level of the test.

    Returns:
        Words on the scale that decides, and a sentence; the sentence is empty where only one scale can be told.
    """
    found = table[(table["metric"] == effect.metric) & (table["variant"] == effect.variant)]
    if found.empty:
        return "too few segments to compare", ""
    row, p_values = found[found["decides"]].iloc[0], found.set_index("scale")["p_value"].to_dict()
    where = "in percent, " if row["scale"] == "relative" else ""
    both = _TOGETHER[p_values["absolute"] < alpha, p_values["relative"] < alpha] if len(p_values) > 1 else ""
    return f"{where}segments differ {_by(row['p_value'], alpha)}", both


def _by(p_value: float, alpha: float) -> str:
    return "by more than chance explains" if p_value < alpha else "no more than chance explains"


_TOGETHER = {
    (True, False): "The relative effect is the same in every segment as far as can be seen; the absolute one differs "
    "because segments start at different levels.",
    (False, True): "The absolute effect is the same in every segment as far as can be seen; the relative one differs "
    "because segments start at different levels.",
    (True, True): "Segments differ in the absolute and in the relative effect.",
    (False, False): "Neither the absolute nor the relative effect differs between segments by more than chance "
    "explains.",
}


def heterogeneity_display(table: pd.DataFrame, metric: Metric, alpha: float) -> dict[str, pd.DataFrame]:
    """Cochran's test of one metric on both scales, as text under its caption."""
    own = table[table["metric"] == metric.name]
    several = own["variant"].nunique() > 1
    rows = [
        {
            "Effect": _SCALES[row["scale"]],
            **({"Variant": row["variant"]} if several else {}),
            "Segments": number(row["segments"], 0),
            "Cochran's Q": number(row["q"], 1),
            "p": p_text(row["p_value"]),
            "Segments differ": _by(row["p_value"], alpha),
            "Decides": "yes" if row["decides"] else "no",
        }
        for row in own.to_dict("records")
    ]
    return {f"Do segments differ? {capital(metric.words)}": pd.DataFrame(rows)} if rows else {}
