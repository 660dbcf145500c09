"""Whole clusters were assigned: shops, teams or regions decide how sure an effect is, not the customers in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.cluster_checks import few_check, missing_check, ratio_check
from cxlab.experiments.distributions import Beyond
from cxlab.experiments.effects import Comparison, Effect, Made
from cxlab.experiments.measurement import Cell
from cxlab.experiments.studies import Key, Study
from cxlab.experiments.trust import missing_table
from cxlab.results import Check
from cxlab.stats.cluster_robust import (
    ClusterSums,
    cluster_arm,
    cluster_difference,
    intraclass_correlation,
)
from cxlab.stats.means import Arm, Difference, arm_difference, mean_arm, t_difference
from cxlab.stats.ratios import ratio_arm
from cxlab.stats.relative import fieller
from cxlab.wording import count, sentence_list

__all__ = ["ClusterStudy", "Grouped"]

_LEAST = 2
METHOD = "CR2, Satterthwaite"


@dataclass(frozen=True)
class Grouped:
    """One metric in one arm and scope: its clusters, and the t test's view of their levels."""

    sums: ClusterSums
    means: Arm


@dataclass(frozen=True, kw_only=True)
class ClusterStudy(Study):
    """An experiment that assigned clusters as a whole."""

    cluster: str
    plain: dict[Key, Grouped] = field(default_factory=dict)
    adjusted_sums: dict[Key, Grouped] = field(default_factory=dict)
    uncapped_sums: dict[Key, Grouped] = field(default_factory=dict)
    slopes: dict[int, int] = field(default_factory=dict)
    missing: dict[int, float] = field(default_factory=dict)

    @cached_property
    def adjusted(self) -> dict[Key, Arm]:
        """Covariates enter through the clusters' sums."""
        return {}

    def made(self, confidence: float) -> Mapping[Key, Made | None]:
        """Every comparison rests on the clusters."""
        keys = [
            (index, scope, variant)
            for index in range(len(self.measured.metrics))
            for scope in (ALL, *self.measured.segments)
            for variant in self.measured.treatments
        ]
        return {key: self._made(key, confidence) for key in keys}

    def _made(self, key: Key, confidence: float) -> Made | None:
        plain, raw = self.compared(self.plain, key, confidence), self.compared(self.uncapped_sums, key, confidence)
        if plain is None or key[0] not in self.slopes:
            return None if plain is None else Made(plain, raw.difference if raw else None)
        adjusted = self.compared(self.adjusted_sums, key, confidence)
        assert adjusted is not None
        found, lost = adjusted.difference, self.slopes[key[0]]
        fewer = t_difference(found.effect, found.se, max(found.df - lost, 1.0), confidence=confidence)
        return Made(
            _comparison(adjusted.treatment, adjusted.control, fewer, f"{METHOD}, adjusted"), (raw or plain).difference
        )

    def raw_errors(self) -> dict[Key, float]:
        """Standard errors over the clusters without covariates."""
        found = {
            (i, ALL, variant): self.compared(self.plain, (i, ALL, variant), 0.95)
            for i in self.slopes
            for variant in self.measured.treatments
        }
        return {key: one.difference.se for key, one in found.items() if one is not None}

    def beyond(self, confidence: float) -> Beyond:
        """Single rows are not what an interval rests on."""
        return replace(super().beyond(confidence), single=False)

    def compared(self, groups: dict[Key, Grouped], key: Key, confidence: float) -> Comparison | None:
        """One variant against the control from the clusters' sums; None where an arm has fewer than two."""
        pair = [groups.get(one) for one in (key, (key[0], key[1], self.measured.control))]
        if any(one is None or one.sums.clusters < _LEAST for one in pair):
            return None
        treatment, control = (cluster_arm(one.sums) for one in pair if one is not None)
        found = cluster_difference(treatment, control, confidence=confidence)
        return _comparison(treatment.arm, control.arm, found, METHOD)

    def own_checks(self, planned: Sequence[float]) -> tuple[Check, ...]:
        """Trust is asked of the clusters: how many, and as many as planned?"""
        clusters = self._clusters()
        sizes = [clusters[variant] for variant in self.measured.variants]
        lacking = [missing_check(self.measured, self.missing)] if self.missing else []
        few = few_check(clusters, self._unevenness())
        return (
            ratio_check(sizes, planned, f"groups by '{self.cluster}'"),
            self._unit_of_analysis(sizes),
            few,
            *lacking,
        )

    def _clusters(self) -> dict[str, int]:
        return {variant: self.plain[0, ALL, variant].sums.clusters for variant in self.measured.variants}

    def _unevenness(self) -> float:
        """Coefficient of variation of the clusters' sizes, the largest of the arms."""
        sums = [self.plain[0, ALL, variant].sums for variant in self.measured.variants]
        return max(float(np.sqrt(max(s.clusters * s.square_weights / s.weight**2 - 1, 0.0))) for s in sums)

    def _unit_of_analysis(self, sizes: list[int]) -> Check:
        rows = sum(self.measured.rows[ALL, variant] for variant in self.measured.variants)
        message = (
            f"{count(rows)} rows in {count(sum(sizes))} groups by '{self.cluster}' "
            f"({sentence_list([*map(count, sizes)])}"
            "), assigned as a whole: intervals rest on the groups."
        )
        return Check("unit_of_analysis", True, "info", message)

    def tables(self, effects: Sequence[Effect], confidence: float) -> dict[str, pd.DataFrame]:
        """Beside the precision: the clusters, their design effect, and the t test on their levels."""
        rows = [self._row(effect, confidence) for effect in effects if effect.segment == ALL]
        lacking = missing_table(self.measured)
        for index, p_value in self.missing.items():
            lacking.loc[lacking["metric"] == self.measured.metrics[index].name, "p_value"] = p_value
        return {**super().tables(effects, confidence), "clusters": pd.DataFrame(rows), "missing": lacking}

    def _row(self, effect: Effect, confidence: float) -> dict[str, object]:
        index = next(i for i, metric in enumerate(self.measured.metrics) if metric.name == effect.metric)
        keys = [(index, ALL, variant) for variant in (effect.variant, self.measured.control)]
        one, zero = (self.plain[key] for key in keys)
        found = self.compared(self.plain, keys[0], confidence)
        assert found is not None
        alone = sum(_alone(self.measured.cells[key]) for key in keys)
        means = arm_difference(one.means, zero.means, confidence=confidence)
        return {
            "metric": effect.metric, "segment": ALL, "variant": effect.variant,
            "n": one.sums.clusters, "control_n": zero.sums.clusters,
            "rows_per_cluster": (one.sums.weight + zero.sums.weight) / (one.sums.clusters + zero.sums.clusters),
            "design_effect": found.difference.se**2 / alone if alone > 0 else None,
            "intraclass_correlation": self._alike(index), "df": found.difference.df,
            "effect": effect.effect, "ci_low": effect.ci_low, "ci_high": effect.ci_high, "p_value": effect.p_value,
            "means_effect": means.effect, "means_ci_low": means.ci_low, "means_ci_high": means.ci_high,
            "means_p_value": means.p_value,
        }  # fmt: skip

    def _alike(self, index: int) -> float | None:
        keys = [(index, ALL, variant) for variant in self.measured.variants]
        cells = [self.measured.cells[key].values for key in keys]
        if len(cells[0].sums) > 1:
            return None
        squares = sum(float(c.products[0, 0] + 2 * c.centre[0] * c.sums[0] + c.n * c.centre[0] ** 2) for c in cells)
        return intraclass_correlation([self.plain[key].sums for key in keys], squares)


def _comparison(treatment: Arm, control: Arm, found: Difference, method: str) -> Comparison:
    relative = fieller(
        treatment.estimate, treatment.variance, control.estimate, control.variance, quantile=found.quantile
    )
    return Comparison(found, treatment, control, relative, method)


def _alone(cell: Cell) -> float:
    """The variance that the rows would have, were they independent."""
    moments = cell.values
    if len(moments.sums) > 1:
        return ratio_arm(moments).variance
    return mean_arm(moments.n, 0.0, max(float(moments.covariance[0, 0]), 0.0)).variance
