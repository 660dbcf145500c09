"""From sums to effects: one row per metric, segment and variant, absolute and relative, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.errors import DataError
from cxlab.experiments.gates import gated
from cxlab.experiments.margins import against_margin, one_sided
from cxlab.experiments.measurement import Cell, Measurement
from cxlab.experiments.metrics import Metric
from cxlab.experiments.problems import by_rows, problem_of
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

__all__ = [
    "Comparison", "Effect", "Key", "Made", "Way", "adjust_p", "compare_by_t", "compare_cells", "effects_of",
    "effects_table",
]  # fmt: skip

_LARGE = 1000
_RARE = 5

Key: TypeAlias = tuple[int, str, str]
Arms: TypeAlias = dict[Key, Arm]


class Comparison(NamedTuple):
    """Two arms, their difference, the relative effect, and how it was reckoned."""

    difference: Difference
    treatment: Arm
    control: Arm
    relative: Relative
    method: str


@dataclass(frozen=True)
class Effect:
    """One variant against the control for one metric in one segment; what cannot be said is None.

    `arm_se` are the standard errors of the variant's and the control's own estimates.
    """

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
    arm_se: tuple[float, float] | None = None

    @property
    def adjusted(self) -> bool:
        """Did covariates take part in it?"""
        return "Lin" in self.method or "adjusted" in self.method


class Made(NamedTuple):
    """A comparison that a design has made, and the difference before covariates, caps or strata took part in it."""

    compared: Comparison
    raw: Difference | None = None


@dataclass(frozen=True)
class Way:
    """How arms are compared: the level of intervals, one- or two-sided, and comparisons that are made elsewhere.

    `made` are a design's own, None where it cannot tell; `compared` rest on more than sums.
    """

    confidence: float
    one_sided: bool = False
    made: Mapping[Key, Made | None] = field(default_factory=dict)
    compared: Mapping[Key, Comparison] = field(default_factory=dict)

    def tests(self, metric: Metric, compared: Comparison, cells: tuple[Cell, Cell] | None = None) -> Comparison:
        """The comparison with the p-value that was asked for: against a margin, one-sided, or as it is."""
        if metric.test != "superiority":
            alone = cells is not None and metric.form == "share" and not by_rows(metric, cells[0])
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
    return adjust_p(effects, measured, one_sided=way.one_sided)


def effects_table(effects: list[Effect]) -> pd.DataFrame:
    """The effects as a table, missing numbers as NaN."""
    frame = pd.DataFrame([asdict(effect) for effect in effects]).drop(columns="arm_se")
    words = ("metric", "segment", "variant", "method")
    return frame.astype({name: float for name in frame if name not in (*words, "n", "control_n")})


def _effect(measured: Measurement, adjusted: Arms, key: tuple[int, str, str], way: Way) -> Effect:
    index, segment, variant = key
    base = (index, segment, measured.control)
    metric, treatment, control = measured.metrics[index], measured.cells.get(key), measured.cells.get(base)
    sizes = [cell.values.n if cell else 0 for cell in (treatment, control)]
    empty = Effect(metric.name, segment, variant, sizes[0], control_n=sizes[1])
    problem = problem_of(metric, {variant: treatment, measured.control: control})
    if problem:
        if segment == ALL:
            raise DataError(problem)
        return empty
    assert treatment is not None
    assert control is not None
    if key in way.made:
        return _made(empty, metric, way.made[key], way)
    if metric.form == "distribution" and key not in way.compared:
        return empty
    plain = way.compared.get(key) or compare_cells(metric, treatment, control, way.confidence)
    found, raw = way.tests(metric, plain, (treatment, control)), _uncapped(treatment, control, way.confidence)
    if key in adjusted and base in adjusted:
        found, raw = way.tests(metric, _lin(adjusted[key], adjusted[base], way.confidence)), raw or plain
    if key in way.compared:
        empty = replace(empty, n=plain.treatment.n, control_n=plain.control.n)
    return _filled(empty, found) if raw is None else _with_raw(_filled(empty, found), raw.difference)


def _made(empty: Effect, metric: Metric, made: Made | None, way: Way) -> Effect:
    if made is None:
        return empty
    filled = _filled(empty, way.tests(metric, made.compared))
    return filled if made.raw is None else _with_raw(filled, made.raw)


def compare_cells(metric: Metric, treatment: Cell, control: Cell, confidence: float) -> Comparison:
    """Two variants' sums compared as their kind of metric is: shares, means, or ratios of sums."""
    sums = by_rows(metric, treatment)
    if metric.form == "share" and not sums:
        return _proportions(treatment, control, confidence)
    arm = ratio_arm if sums else _mean
    one, zero = arm(treatment.values), arm(control.values)
    method = "delta method" if sums else "Welch" if treatment.uncapped is None else "Welch, capped"
    return compare_by_t(one, zero, confidence, method)


def _uncapped(treatment: Cell, control: Cell, confidence: float) -> Comparison | None:
    """The means as they come, of a metric with a cap."""
    if treatment.uncapped is None or control.uncapped is None:
        return None
    return compare_by_t(_mean(treatment.uncapped), _mean(control.uncapped), confidence, "Welch")


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
        arm_se=(compared.treatment.variance**0.5, compared.control.variance**0.5),
    )


def _with_raw(effect: Effect, raw: Difference) -> Effect:
    return replace(effect, raw_effect=raw.effect, raw_ci_low=raw.ci_low, raw_ci_high=raw.ci_high)


def adjust_p(effects: list[Effect], measured: Measurement, *, one_sided: bool = False) -> list[Effect]:
    """Families: primary metrics (Holm), watched ones (Benjamini-Hochberg), one metric's segments (Holm).

    Beside two-sided tests a one-sided one against a margin counts double, because it must fall below half of alpha.
    """
    roles = {metric.name: metric.role for metric in measured.metrics}
    half = {metric.name for metric in measured.metrics if metric.test != "superiority" and not one_sided}
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
    clipped = np.minimum(plain * twice, 1.0)
    asked = [replace(effect, p_value=_known(p)) for effect, p in zip(effects, clipped, strict=True)]
    adjusted = gated(asked, roles, adjusted)
    adjusted = np.fmax(adjusted / twice, plain)
    return [replace(effect, p_adjusted=_known(p)) for effect, p in zip(effects, adjusted, strict=True)]


def _known(p_value: float) -> float | None:
    return None if np.isnan(p_value) else float(p_value)
