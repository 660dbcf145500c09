"""From sums to effects: one row per metric, segment and variant, absolute and relative, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cxlab.data import ALL
from cxlab.errors import DataError
from cxlab.experiments.gates import gated
from cxlab.experiments.measurement import Cell, Measurement
from cxlab.experiments.metrics import Metric
from cxlab.stats.means import Arm, Difference, arm_difference, mean_arm
from cxlab.stats.moments import Moments
from cxlab.stats.multiplicity import benjamini_hochberg, holm
from cxlab.stats.proportions import (
    fisher_exact_test,
    newcombe_difference,
    pooled_z_test,
    wald_difference,
    wilson_interval,
)
from cxlab.stats.ratios import ratio_arm
from cxlab.stats.relative import Limits, Relative, fieller, relative_from_limits
from cxlab.wording import count

__all__ = ["Comparison", "Effect", "Key", "compare_sums", "effects_of", "effects_table"]

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


def effects_of(
    measured: Measurement, adjusted: Arms, confidence: float, compared: Mapping[Key, Comparison] | None = None
) -> list[Effect]:
    """How far is each variant from the control, for each metric, over all and in each segment?

    Args:
        measured: the sums.
        adjusted: arms adjusted for a covariate, where there are any.
        confidence: level of the intervals, as a fraction.
        compared: comparisons that rest on more than sums, by metric, segment and variant.

    Returns:
        Effects with adjusted p-values: Holm over primary metrics and variants, Benjamini-Hochberg over watched
        ones, none for guardrails; within segments Holm over the segments.

    Raises:
        DataError: over all units an arm is too small, does not vary, or its denominator is zero.
    """
    effects = [
        _effect(measured, adjusted, compared or {}, (index, segment, variant), confidence)
        for index in range(len(measured.metrics))
        for segment in (ALL, *measured.segments)
        for variant in measured.treatments
    ]
    return _adjust_p(effects, measured)


def effects_table(effects: list[Effect]) -> pd.DataFrame:
    """The effects as a table, missing numbers as NaN."""
    frame = pd.DataFrame([asdict(effect) for effect in effects])
    words = ("metric", "segment", "variant", "method")
    return frame.astype({name: float for name in frame if name not in (*words, "n", "control_n")})


def _effect(
    measured: Measurement, adjusted: Arms, compared: Mapping[Key, Comparison], key: Key, confidence: float
) -> Effect:
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
    if metric.form == "distribution" and key not in compared:
        return empty
    found = compared.get(key) or _compare(metric, treatment, control, confidence)
    raw = _uncapped(treatment, control, confidence) or found
    if key in adjusted and base in adjusted:
        found = _lin(adjusted[key], adjusted[base], confidence)
    filled = _filled(empty, found)
    return filled if raw is found else _with_raw(filled, raw.difference)


def compare_sums(metric: Metric, treatment: Moments, control: Moments, confidence: float) -> Comparison:
    """How far apart are two groups of which only the sums are known?"""
    cells = [Cell(sums.n, sums, None, 0.0) for sums in (treatment, control)]
    return _compare(metric, cells[0], cells[1], confidence)


def _problem(metric: Metric, cells: dict[str, Cell | None]) -> str:
    """Why no effect can be told, in words; empty where it can."""
    for variant, cell in cells.items():
        n = 0 if cell is None else cell.values.n
        if n < 2:
            return (
                f"Variant {variant!r} has {count(n)} unit{'' if n == 1 else 's'} with a value of {metric.name!r}; "
                "expected two or more. Wait for more data, or leave this variant or metric out."
            )
        if metric.form == "ratio" and cell is not None and cell.values.mean[1] == 0:
            return (
                f"In variant {variant!r} the denominator of {metric.name!r} adds up to 0; a ratio needs more. "
                "Check the column, or measure the numerator as a mean."
            )
    flat = [cell for cell in cells.values() if cell is not None and cell.values.scatter[0, 0] <= 0]
    if metric.form != "share" and len(flat) == len(cells) and _constant(flat):
        values = list(dict.fromkeys(f"{float(cell.values.mean[0]):g}" for cell in flat))
        where = "" if len(values) == 1 else " within its variant"
        return (
            f"Every unit has the same {metric.name!r}{where} ({' and '.join(values)}), so chance cannot be told from "
            "an effect. Check the column, or leave this metric out."
        )
    return ""


def _constant(cells: list[Cell]) -> bool:
    return all(len(cell.values.sums) == 1 or cell.values.scatter[1, 1] <= 0 for cell in cells)


def _compare(metric: Metric, treatment: Cell, control: Cell, confidence: float) -> Comparison:
    if metric.form == "share":
        return _proportions(treatment, control, confidence)
    arm = ratio_arm if metric.form == "ratio" else _mean
    one, zero = arm(treatment.values), arm(control.values)
    method = "delta method" if metric.form == "ratio" else "Welch" if treatment.uncapped is None else "Welch, capped"
    return _t(one, zero, confidence, method, None)


def _uncapped(treatment: Cell, control: Cell, confidence: float) -> Comparison | None:
    """The means as they come, of a metric with a cap."""
    if treatment.uncapped is None or control.uncapped is None:
        return None
    return _t(_mean(treatment.uncapped), _mean(control.uncapped), confidence, "Welch", None)


def _mean(moments: Moments) -> Arm:
    return mean_arm(moments.n, float(moments.mean[0]), max(float(moments.covariance[0, 0]), 0.0))


def _lin(treatment: Arm, control: Arm, confidence: float) -> Comparison:
    return _t(treatment, control, confidence, "Lin, HC2", treatment.df + control.df)


def _t(treatment: Arm, control: Arm, confidence: float, method: str, df: float | None) -> Comparison:
    found = arm_difference(treatment, control, confidence=confidence, df=df)
    relative = fieller(
        treatment.estimate, treatment.variance, control.estimate, control.variance, quantile=found.quantile
    )
    return Comparison(found, treatment, control, relative, method)


def _proportions(treatment: Cell, control: Cell, confidence: float) -> Comparison:
    x1, n1, x0, n0 = *_successes(treatment), *_successes(control)
    one, zero = _share(x1, n1), _share(x0, n0)
    small = min(n1, n0) < _LARGE
    rare = min(n1, n0) * min(x1 + x0, n1 + n0 - x1 - x0) / (n1 + n0) < _RARE
    interval: Callable[..., tuple[np.ndarray, ...]] = newcombe_difference if small or rare else wald_difference
    effect, low, high = (float(value) for value in interval(x1, n1, x0, n0, confidence=confidence))
    p_value = fisher_exact_test(x1, n1, x0, n0) if rare else pooled_z_test(x1, n1, x0, n0)[1]
    se = float(np.sqrt(one.variance + zero.variance))
    found = Difference(effect, se, n1 + n0 - 2, low, high, p_value, 0.0)
    reach = _wilson if small or rare else _wald
    relative = relative_from_limits(reach(x1, n1, confidence), reach(x0, n0, confidence))
    method = f"{'Newcombe' if small or rare else 'Wald'}, {'Fisher' if rare else 'pooled z'}"
    return Comparison(found, one, zero, relative, method)


def _successes(cell: Cell) -> tuple[int, int]:
    return round(float(cell.values.mean[0]) * cell.values.n), cell.values.n


def _share(x: int, n: int) -> Arm:
    return Arm(n, x / n, x / n * (1 - x / n) / n, n - 1)


def _wilson(x: int, n: int, confidence: float) -> Limits:
    low, high = wilson_interval(x, n, confidence=confidence)
    return Limits(x / n, x / n - float(low), float(high) - x / n)


def _wald(x: int, n: int, confidence: float) -> Limits:
    reach = float(ndtri((1 + confidence) / 2) * np.sqrt(_share(x, n).variance))
    return Limits(x / n, reach, reach)


def _filled(empty: Effect, compared: Comparison) -> Effect:
    found, relative = compared.difference, compared.relative
    return replace(
        empty,
        n=compared.treatment.n,
        control_n=compared.control.n,
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


def _adjust_p(effects: list[Effect], measured: Measurement) -> list[Effect]:
    """Families: primary metrics (Holm), watched ones (Benjamini-Hochberg), one metric's segments (Holm)."""
    roles = {metric.name: metric.role for metric in measured.metrics}
    adjusted = np.array([effect.p_value if effect.p_value is not None else np.nan for effect in effects])
    families: dict[tuple[str, ...], list[int]] = {}
    for i, effect in enumerate(effects):
        inside = effect.segment != ALL
        family: tuple[str, ...] = (effect.metric, effect.variant) if inside else (roles[effect.metric],)
        families.setdefault(family, []).append(i)
    for family, places in families.items():
        if family != ("guardrail",):
            correct = benjamini_hochberg if family == ("watched",) else holm
            adjusted[places] = correct(adjusted[places])
    adjusted = gated(effects, roles, adjusted)
    return [
        replace(effect, p_adjusted=None if np.isnan(p) else float(p))
        for effect, p in zip(effects, adjusted, strict=True)
    ]
