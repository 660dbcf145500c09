"""Post-stratification: effects within strata known beforehand, put together by the strata's shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add

import pandas as pd

from cxlab.data import ALL, Table
from cxlab.errors import ParameterError
from cxlab.experiments.adjustment import adjusted_arms
from cxlab.experiments.cluster_checks import level_check
from cxlab.experiments.effects import Effect, Made, compare_by_t
from cxlab.experiments.measurement import Cell, Measurement, measure
from cxlab.experiments.metrics import Metric
from cxlab.experiments.rows import Rows
from cxlab.experiments.several import several_arms
from cxlab.experiments.studies import Key, Study, refuse_kinds
from cxlab.results import Check
from cxlab.stats.means import Arm, arm_difference, mean_arm
from cxlab.stats.moments import Moments
from cxlab.stats.multiplicity import holm
from cxlab.stats.post_stratification import stratified_arm
from cxlab.stats.ratios import ratio_arm
from cxlab.stats.sample_ratio import sample_ratio_test
from cxlab.wording import count, p_text

__all__ = ["StrataStudy", "merged_strata", "read_strata"]

_LEAST = 2


@dataclass(frozen=True, kw_only=True)
class StrataStudy(Study):
    """An experiment whose effect is put together from strata; within segments effects stay as they are."""

    strata: str
    parts: Measurement
    groups: dict[str, tuple[str, ...]]
    inside: dict[Key, Arm] = field(default_factory=dict)

    def made(self, confidence: float) -> Mapping[Key, Made | None]:
        """The effects over all units."""
        keys = [(i, ALL, v) for i in range(len(self.parts.metrics)) for v in self.parts.treatments]
        return {key: self._made(key, confidence) for key in keys} if len(self.groups) > 1 else {}

    def _made(self, key: Key, confidence: float) -> Made:
        index, _, variant = key
        treatment, control = self._arm(index, variant), self._arm(index, self.parts.control)
        adjusted = any((index, group, variant) in self.inside for group in self.groups)
        method = f"post-stratified{', Lin, HC2' if adjusted else ''}"
        cells = [self.parts.cells[index, ALL, name] for name in (variant, self.parts.control)]
        plain = arm_difference(*(_arm(cell, cell.uncapped) for cell in cells), confidence=confidence)
        return Made(compare_by_t(treatment, control, confidence, method), plain)

    def raw_errors(self) -> dict[Key, float]:
        """Standard errors without strata and covariates."""
        found: dict[Key, float] = {}
        for key in self.made(0.95):
            arms = (_arm(self.parts.cells[key[0], ALL, name]) for name in (key[2], self.parts.control))
            found[key] = arm_difference(*arms).se
        return found

    def _arm(self, index: int, variant: str) -> Arm:
        """One variant's estimate at the strata's shares."""
        cells = [self.cell(index, group, variant) for group in self.groups]
        weights = self.weights(index)
        if len(cells[0].values.sums) > 1:
            return _ratio(cells, weights)
        arms = [
            self.inside.get((index, group, variant)) or _arm(cell)
            for group, cell in zip(self.groups, cells, strict=True)
        ]
        return stratified_arm(arms, weights)

    def cell(self, index: int, group: str, variant: str) -> Cell:
        """One variant's sums in one group of strata."""
        return _cell(self.parts, self.groups[group], (index, variant))

    def weights(self, index: int) -> list[float]:
        """Each group's share of all units that have a value."""
        sizes = [sum(self.cell(index, group, v).values.n for v in self.parts.variants) for group in self.groups]
        return [size / sum(sizes) for size in sizes]

    def own_checks(self, planned: Sequence[float]) -> tuple[Check, ...]:
        """Is the ratio right within each stratum?"""
        p_values = [sample_ratio_test(self._sizes(group), [*planned]).p_value for group in self.groups]
        corrected = holm(p_values)
        worst = int(corrected.argmin())
        name, p_value = [*self.groups][worst], float(corrected[worst])
        message = f"Groups are as large as planned in each of {count(len(self.groups))} strata ('{self.strata}')."
        if p_value < 0.01:
            sizes = " and ".join(map(count, self._sizes(name)))
            message = f"In stratum '{name}' of '{self.strata}' the groups have {sizes} customers (p {p_text(p_value)})."
        return (level_check("sample_ratio_by_stratum", p_value, message),)

    def _sizes(self, group: str) -> list[int]:
        return [sum(self.parts.rows.get((s, v), 0) for s in self.groups[group]) for v in self.parts.variants]

    def tables(self, effects: Sequence[Effect], confidence: float) -> dict[str, pd.DataFrame]:
        """Beside the precision: each stratum's effect, share and sample ratio."""
        rows = [
            self._row(index, group, variant, weight)
            for index in range(len(self.parts.metrics))
            for group, weight in zip(self.groups, self.weights(index), strict=True)
            for variant in self.parts.treatments
        ]
        return {**super().tables(effects, confidence), "strata": pd.DataFrame(rows)}

    def _row(self, index: int, group: str, variant: str, weight: float) -> dict[str, object]:
        names = (variant, self.parts.control)
        one, zero = (self.inside.get((index, group, name)) or _arm(self.cell(index, group, name)) for name in names)
        found = arm_difference(one, zero)
        return {
            "metric": self.parts.metrics[index].name, "stratum": group, "variant": variant, "n": one.n,
            "control_n": zero.n, "weight": weight, "effect": found.effect, "se": found.se,
        }  # fmt: skip


def read_strata(
    table: Table,
    metrics: tuple[Metric, ...],
    variant: str,
    control: str,
    segment: str | None,
    rows: Rows,
    *,
    strata: str,
    notes: tuple[Check, ...] = (),
) -> StrataStudy:
    """Which sums has each stratum?

    Args:
        table: the data.
        metrics: what is measured.
        variant: the column with the variant.
        control: its value that all others are compared with.
        segment: a column known before the experiment, or None.
        rows: further columns to read.
        strata: the column with the stratum.
        notes: checks that were made before.

    Returns:
        The study.

    Raises:
        DataError: there are too many strata.
        ParameterError: a metric that strata cannot be put together for.
    """
    refuse_kinds(metrics, "strata")
    found = [metric.name for metric in metrics if metric.kind == "ratio" and metric.covariates]
    if found:
        raise ParameterError(
            f"`strata` cannot adjust the ratio {found[0]!r} for a covariate too; leave out the one or the other."
        )
    parts = measure(table, metrics, variant, control, strata, rows)
    measured = measure(table, metrics, variant, control, segment, rows) if segment else _whole(parts)
    arms = adjusted_arms(table, parts) | several_arms(table, parts)
    name = table.column(strata)
    words = f"Post-stratified by {name}: effects within strata, weighted by the strata's shares (Miratrix et al. 2013)."
    inside = " Within segments effects are not post-stratified." if segment else ""
    return StrataStudy(
        table=table, measured=measured, variant=variant, segment=segment, notes=notes,
        semantics=(words + inside,), strata=name, parts=parts,
        own_methods=not segment,
        groups=merged_strata(parts), inside={key: arm for key, arm in arms.items() if key[1] != ALL},
    )  # fmt: skip


def _whole(parts: Measurement) -> Measurement:
    """The same sums without the strata."""
    rows = {group: n for group, n in parts.rows.items() if group[0] == ALL}
    cells = {key: cell for key, cell in parts.cells.items() if key[1] == ALL}
    return replace(parts, segments=(), rows=rows, cells=cells)


def merged_strata(parts: Measurement) -> dict[str, tuple[str, ...]]:
    """Which strata stand together, so that every variant has two values of every metric in each?

    Args:
        parts: sums per stratum.

    Returns:
        Name of each group to its strata; small ones are joined, smallest first.
    """
    order = sorted(parts.segments, key=lambda name: _smallest(parts, (name,)))
    joined: tuple[str, ...] = ()
    while order and (_smallest(parts, (order[0],)) < _LEAST or (joined and _smallest(parts, joined) < _LEAST)):
        joined = (*joined, order.pop(0))
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in parts.segments if name in order}
    if len(joined) == 1:
        groups[joined[0]] = joined
    elif joined:
        groups[f"{', '.join(joined[:3])}{', …' if len(joined) > 3 else ''} (together)"] = joined
    return groups


def _smallest(parts: Measurement, names: tuple[str, ...]) -> int:
    counts = [
        sum(parts.cells[i, name, v].values.n for name in names if (i, name, v) in parts.cells)
        for i in range(len(parts.metrics))
        for v in parts.variants
    ]
    return min(counts)


def _cell(parts: Measurement, names: tuple[str, ...], place: tuple[int, str]) -> Cell:
    index, variant = place
    return reduce(add, [parts.cells[index, n, variant] for n in names if (index, n, variant) in parts.cells])


def _arm(cell: Cell, uncapped: Moments | None = None) -> Arm:
    moments = uncapped or cell.values
    if len(moments.sums) > 1:
        return ratio_arm(moments)
    return mean_arm(moments.n, float(moments.mean[0]), max(float(moments.covariance[0, 0]), 0.0))


def _ratio(cells: Sequence[Cell], weights: Sequence[float]) -> Arm:
    """A ratio of two post-stratified means, linearised about itself."""
    above, below = (sum(w * float(cell.values.mean[i]) for w, cell in zip(weights, cells, strict=True)) for i in (0, 1))
    ratio = above / below
    rests = [cell.values.combine([1.0, -ratio]) for cell in cells]
    arms = [
        Arm(cell.values.n, rest[0], rest[1] / cell.values.n, cell.values.n - 1)
        for cell, rest in zip(cells, rests, strict=True)
    ]
    found = stratified_arm(arms, weights)
    return Arm(found.n, ratio, found.variance / below**2, found.df)
