"""From sums to effects: one row per metric, segment and variant, absolute and relative, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.errors import DataError
from cxlab.experiments.margins import against_margin, one_sided
from cxlab.experiments.measurement import Cell, Measurement
from cxlab.experiments.metrics import Metric
from cxlab.experiments.shares import share_arm, successes, wald_limits, wilson_limits
from cxlab.stats.means import Arm, Difference, arm_difference, mean_arm
from cxlab.stats.moments import Moments
from cxlab.stats.multiplicity import benjamini_hochberg, holm
from cxlab.stats.proportions import (
    fisher_exact_test,
    newcombe_difference,
    pooled_z_test,
    wald_difference,
)
from cxlab.stats.ratios import ratio_arm
from cxlab.stats.relative import Relative, fieller, relative_from_limits
from cxlab.wording import count

__all__ = ["Comparison", "Effect", "Made", "Way", "compare_by_t", "effects_of", "effects_table"]

_LARGE = 1000
_RARE = 5

Arms: TypeAlias = dict[tuple[int, str, str], Arm]


class Comparison(NamedTuple):
    """Two arms, their difference, the relative effect, and how it was reckoned."""

    difference: Difference
    treatment: Arm
    control: Arm
    relative: Relative
    method: str


@dataclass(frozen=True)
class Effect:
    """One variant against the control for one metric in one segment; what cannot be said is None."""

    metric: str
    segment: str
    variant: str
    n: int
    estimate: float | None = None
    control_n: int = 0
    control_estimate: float | None = None
    effect: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    relative_effect: float | None = None
    relative_ci_low: float | None = None
    relative_ci_high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    se: float | None = None
    method: str = ""
    raw_effect: float | None = None
    raw_ci_low: float | None = None
    raw_ci_high: float | None = None


class Made(NamedTuple):
    """A comparison that a design has made, and the difference before a covariate took part in it."""

    compared: Comparison
    raw: Difference | None = None


@dataclass(frozen=True)
class Way:
    """How arms are compared: the level of intervals, one- or two-sided, and comparisons that a design has made."""

    confidence: float
    one_sided: bool = False
    made: Mapping[tuple[int, str, str], Made | None] = field(default_factory=dict)

    def tests(self, metric: Metric, compared: Comparison, cells: tuple[Cell, Cell] | None = None) -> Comparison:
        """The comparison with the p-value that was asked for: against a margin, one-sided, or as it is."""
        if metric.test != "superiority":
            alone = cells is not None and metric.kind == "proportion" and not _by_rows(cells[0])
            counts = (*successes(cells[0]), *successes(cells[1])) if cells and alone else None
            return against_margin(metric, compared, counts, self.confidence)
        if not self.one_sided:
            return compared
        counts = (*successes(cells[0]), *successes(cells[1])) if cells and "Fisher" in compared.method else None
        return compared._replace(difference=one_sided(metric, compared.difference, counts))


def effects_of(measured: Measurement, adjusted: Arms, way: Way | float) -> list[Effect]:
    """How far is each variant from the control, for each metric, over all and in each segment?

    Args:
        measured: the sums.
        adjusted: arms adjusted for a covariate, where there are any.
        way: how arms are compared; a number is the level of the intervals.

    Returns:
        Effects with adjusted p-values: Holm over primary metrics and variants, Benjamini-Hochberg over watched
        ones, none for guardrails; within segments Holm over the segments.

    Raises:
        DataError: over all units an arm is too small, does not vary, or its denominator is zero.
    """
    way = way if isinstance(way, Way) else Way(way)
    effects = [
        _effect(measured, adjusted, (index, segment, variant), way)
        for index in range(len(measured.metrics))
        for segment in (ALL, *measured.segments)
        for variant in measured.treatments
    ]
    return _adjust_p(effects, measured, way)


def effects_table(effects: list[Effect]) -> pd.DataFrame:
    """The effects as a table, missing numbers as NaN."""
    frame = pd.DataFrame([asdict(effect) for effect in effects])
    words = ("metric", "segment", "variant", "method")
    return frame.astype({name: float for name in frame if name not in (*words, "n", "control_n")})


def _effect(measured: Measurement, adjusted: Arms, key: tuple[int, str, str], way: Way) -> Effect:
    index, segment, variant = key
    base = (index, segment, measured.control)
    metric, treatment, control = measured.metrics[index], measured.cells.get(key), measured.cells.get(base)
    sizes = [cell.values.n if cell else 0 for cell in (treatment, control)]
    empty = Effect(metric.name, segment, variant, sizes[0], control_n=sizes[1])
    problem = _problem(metric, {variant: treatment, measured.control: control})
    if problem:
        if segment == ALL:
            raise DataError(problem)
        return empty
    assert treatment is not None
    assert control is not None
    if key in way.made:
        return _made(empty, metric, way.made[key], way)
    raw = _compare(metric, treatment, control, way.confidence)
    if key not in adjusted or base not in adjusted:
        return _filled(empty, way.tests(metric, raw, (treatment, control)))
    lin = way.tests(metric, _lin(adjusted[key], adjusted[base], way.confidence))
    return _with_raw(_filled(empty, lin), raw.difference)


def _made(empty: Effect, metric: Metric, made: Made | None, way: Way) -> Effect:
    if made is None:
        return empty
    filled = _filled(empty, way.tests(metric, made.compared))
    return filled if made.raw is None else _with_raw(filled, made.raw)


def _problem(metric: Metric, cells: dict[str, Cell | None]) -> str:
    """Why no effect can be told, in words; empty where it can."""
    for variant, cell in cells.items():
        n = 0 if cell is None else cell.values.n
        if n < 2:
            return (
                f"Variant {variant!r} has {count(n)} unit{'' if n == 1 else 's'} with a value of {metric.name!r}; "
                "expected two or more. Wait for more data, or leave this variant or metric out."
            )
        if cell is not None and _by_rows(cell) and cell.values.mean[1] == 0:
            return (
                f"In variant {variant!r} the denominator of {metric.name!r} adds up to 0; a ratio needs more. "
                "Check the column, or measure the numerator as a mean."
            )
    flat = [cell for cell in cells.values() if cell is not None and _flat(metric, cell)]
    if metric.kind != "proportion" and len(flat) == len(cells) and _constant(metric, flat):
        below = 1 if metric.kind == "mean" and _by_rows(flat[0]) else None
        levels = [cell.values.mean[0] / (1.0 if below is None else cell.values.mean[below]) for cell in flat]
        values = list(dict.fromkeys(f"{float(level):g}" for level in levels))
        where = "" if len(values) == 1 else " within its variant"
        return (
            f"Every unit has the same {metric.name!r}{where} ({' and '.join(values)}), so chance cannot be told from "
            "an effect. Check the column, or leave this metric out."
        )
    return ""


def _by_rows(cell: Cell) -> bool:
    """Is a value per unit a sum by another sum: a ratio, or an average over a unit's rows?"""
    return len(cell.values.sums) > 1


def _flat(metric: Metric, cell: Cell) -> bool:
    """Do the values not vary at all?"""
    if metric.kind != "mean" or not _by_rows(cell):
        return bool(cell.values.scatter[0, 0] <= 0)
    arm = ratio_arm(cell.values)
    return arm.variance <= 1e-24 * max(arm.estimate**2, 1e-300)


def _constant(metric: Metric, cells: list[Cell]) -> bool:
    return metric.kind == "mean" or all(cell.values.scatter[1, 1] <= 0 for cell in cells)


def _compare(metric: Metric, treatment: Cell, control: Cell, confidence: float) -> Comparison:
    by_rows = _by_rows(treatment)
    if metric.kind == "proportion" and not by_rows:
        return _proportions(treatment, control, confidence)
    arm = ratio_arm if by_rows else _mean
    one, zero = arm(treatment.values), arm(control.values)
    method = "delta method" if by_rows else "Welch"
    return compare_by_t(one, zero, confidence, method)


def _mean(moments: Moments) -> Arm:
    return mean_arm(moments.n, float(moments.mean[0]), max(float(moments.covariance[0, 0]), 0.0))


def _lin(treatment: Arm, control: Arm, confidence: float) -> Comparison:
    return compare_by_t(treatment, control, confidence, "Lin, HC2", treatment.df + control.df)


def compare_by_t(treatment: Arm, control: Arm, confidence: float, method: str, df: float | None = None) -> Comparison:
    """Two arms compared by Student's t, with Fieller's relative effect at the same quantile."""
    found = arm_difference(treatment, control, confidence=confidence, df=df)
    relative = fieller(
        treatment.estimate, treatment.variance, control.estimate, control.variance, quantile=found.quantile
    )
    return Comparison(found, treatment, control, relative, method)


def _proportions(treatment: Cell, control: Cell, confidence: float) -> Comparison:
    x1, n1, x0, n0 = *successes(treatment), *successes(control)
    one, zero = share_arm(x1, n1), share_arm(x0, n0)
    small = min(n1, n0) < _LARGE
    rare = min(n1, n0) * min(x1 + x0, n1 + n0 - x1 - x0) / (n1 + n0) < _RARE
    interval: Callable[..., tuple[np.ndarray, ...]] = newcombe_difference if small or rare else wald_difference
    effect, low, high = (float(value) for value in interval(x1, n1, x0, n0, confidence=confidence))
    p_value = fisher_exact_test(x1, n1, x0, n0) if rare else pooled_z_test(x1, n1, x0, n0)[1]
    se = float(np.sqrt(one.variance + zero.variance))
    found = Difference(effect, se, n1 + n0 - 2, low, high, p_value, 0.0)
    reach = wilson_limits if small or rare else wald_limits
    relative = relative_from_limits(reach(x1, n1, confidence), reach(x0, n0, confidence))
    method = f"{'Newcombe' if small or rare else 'Wald'}, {'Fisher' if rare else 'pooled z'}"
    return Comparison(found, one, zero, relative, method)


def _filled(empty: Effect, compared: Comparison) -> Effect:
    found, relative = compared.difference, compared.relative
    return replace(
        empty,
        estimate=compared.treatment.estimate,
        control_estimate=compared.control.estimate,
        effect=found.effect,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        relative_effect=relative.effect,
        relative_ci_low=relative.ci_low,
        relative_ci_high=relative.ci_high,
        p_value=found.p_value,
        se=found.se,
        method=compared.method,
    )


def _with_raw(effect: Effect, raw: Difference) -> Effect:
    return replace(effect, raw_effect=raw.effect, raw_ci_low=raw.ci_low, raw_ci_high=raw.ci_high)


def _adjust_p(effects: list[Effect], measured: Measurement, way: Way) -> list[Effect]:
    """Families: primary metrics (Holm), watched ones (Benjamini-Hochberg), one metric's segments (Holm).

    Beside two-sided tests a one-sided one against a margin counts double, because it must fall below half of alpha.
    """
    roles = {metric.name: metric.role for metric in measured.metrics}
    half = {metric.name for metric in measured.metrics if metric.test != "superiority" and not way.one_sided}
    plain = np.array([effect.p_value if effect.p_value is not None else np.nan for effect in effects])
    twice = np.array([2.0 if effect.metric in half else 1.0 for effect in effects])
    adjusted = plain * twice
    families: dict[tuple[str, ...], list[int]] = {}
    for i, effect in enumerate(effects):
        inside = effect.segment != ALL
        family: tuple[str, ...] = (effect.metric, effect.variant) if inside else (roles[effect.metric],)
        families.setdefault(family, []).append(i)
    for family, places in families.items():
        if family != ("guardrail",):
            correct = benjamini_hochberg if family == ("watched",) else holm
            adjusted[places] = correct(adjusted[places])
    adjusted = np.fmax(adjusted / twice, plain)
    return [
        replace(effect, p_adjusted=None if np.isnan(p) else float(p))
        for effect, p in zip(effects, adjusted, strict=True)
    ]
