"""Effects adjusted for a covariate from before the experiment: Lin's regression, its variance summed in SQL.

Of many units the variance follows from the sums of the first pass; else, or where these leave more than a millionth of
it open, each unit is looked at once more.

Units without a covariate form a group of their own (the same as the mean with an indicator in the regression);
where a variant has fewer than two of them, they take the covariate's mean instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cxlab.data import ALL, Table, literal
from cxlab.experiments.measurement import Block, Cell, Measurement
from cxlab.stats.covariates import Line, fit_line, hc2_from_sums
from cxlab.stats.means import Arm
from cxlab.stats.moments import Moments
from cxlab.stats.ratios import linearise

__all__ = ["adjusted_arms"]

Vector = NDArray[np.float64]

_CLOSE = 1e-6  # of the variance; a standard error is then right to half of that


@dataclass(frozen=True)
class _Fit:
    """One variant's line, the weights that make value and covariate, and what stands beside it."""

    line: Line
    value: Vector
    covariate: Vector
    constant: float
    at: float
    outside: Arm | None
    outside_share: float
    fill: Vector | None
    parameters: int


def adjusted_arms(table: Table, measured: Measurement) -> dict[tuple[int, str, str], Arm]:
    """What is each variant's estimate after the covariate is taken into account?

    Args:
        table: the data.
        measured: the sums of the first pass.

    Returns:
        Adjusted arms by metric, segment and variant, for metrics with a covariate; the arm's `df` is what it
        adds to n - 2(p + 1). A group too small for a line is left out.

    Source:
        Lin (2013), Annals of Applied Statistics 7:295. Checked against R estimatr 1.0.0 lm_lin.
    """
    fits: dict[tuple[int, str, str], _Fit] = {}
    for index, block in enumerate(measured.blocks):
        for scope in (ALL, *measured.segments) if block.covariates else ():
            fits |= _fits(measured, index, block, scope)
    if not fits:
        return {}
    spread = _known_spread(measured, fits)
    for by_segment in (False, True):
        asked = {key: fit for key, fit in fits.items() if key not in spread and (key[1] != ALL) == by_segment}
        spread |= _spread(table, measured, asked, by_segment=by_segment) if asked else {}
    return {key: _arm(fit, spread[key]) for key, fit in fits.items()}


def _fits(measured: Measurement, index: int, block: Block, scope: str) -> dict[tuple[int, str, str], _Fit]:
    """The lines of all variants in one scope, read at their common mean of the covariate."""
    keys = [(index, scope, variant) for variant in measured.variants]
    cells = [measured.cells[key] for key in keys if key in measured.cells]
    if len(cells) < len(keys) or any(_joined(cell).n < 3 for cell in cells):
        return {}
    together = _total([_joined(cell) for cell in cells])
    means = together.mean[len(block.values) :]
    fill = means if _needs_fill(cells) else None
    lines = [_line(cell, block, means, fill) for cell in cells]
    at = float(sum(fit.line.n * fit.line.mean_covariate for fit in lines) / sum(fit.line.n for fit in lines))
    outside = 1 - sum(fit.line.n for fit in lines) / sum(cell.values.n for cell in cells)
    return {
        key: replace(fit, at=at, outside_share=outside, parameters=2 if outside > 0 else 1)
        for key, fit in zip(keys, lines, strict=True)
    }


def _joined(cell: Cell) -> Moments:
    assert cell.joined is not None
    return cell.joined


def _total(parts: list[Moments]) -> Moments:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _needs_fill(cells: list[Cell]) -> bool:
    absent = [cell.values.n - _joined(cell).n for cell in cells]
    return any(absent) and min(absent) < 2


def _line(cell: Cell, block: Block, means: Vector, fill: Vector | None) -> _Fit:
    joined = _joined(cell) if fill is None else _filled(cell, fill)
    constant, value = _value_weights(cell, block)
    covariate = _covariate_weights(means)
    line = fit_line(joined, np.append(value, 0 * covariate), np.append(0 * value, covariate), constant)
    outside = _outside(cell, joined, value, constant)
    return _Fit(line, value, covariate, constant, 0.0, outside, 0.0, fill, 1)


def _value_weights(cell: Cell, block: Block) -> tuple[float, Vector]:
    """A unit's value: the number itself, or its share of the ratio."""
    if len(block.values) == 1:
        return 0.0, np.ones(1)
    parts = linearise(float(cell.values.mean[0]), float(cell.values.mean[1]))
    return parts.constant, np.array([parts.numerator_weight, parts.denominator_weight])


def _covariate_weights(means: Vector) -> Vector:
    if len(means) == 1 or means[1] == 0:
        return np.eye(len(means))[0]
    parts = linearise(float(means[0]), float(means[1]))
    return np.array([parts.numerator_weight, parts.denominator_weight])


def _without(cell: Cell, size: int) -> Moments:
    """The units that have a value but no covariate."""
    joined, values = _joined(cell), cell.values
    products = values.products - joined.products[:size, :size]
    return Moments(values.centre, values.n - joined.n, values.sums - joined.sums[:size], products)


def _filled(cell: Cell, fill: Vector) -> Moments:
    """All units with a value, those without a covariate standing at its mean."""
    joined = _joined(cell)
    size = len(cell.values.sums)
    absent, shift = _without(cell, size), fill - joined.centre[size:]
    corner = np.outer(absent.sums, shift)
    products = np.block([[absent.products, corner], [corner.T, absent.n * np.outer(shift, shift)]])
    sums = np.concatenate([absent.sums, absent.n * shift])
    return joined + Moments(joined.centre, absent.n, sums, products)


def _outside(cell: Cell, joined: Moments, value: Vector, constant: float) -> Arm | None:
    if joined.n == cell.values.n:
        return None
    absent = _without(cell, len(value))
    mean, variance = absent.combine(value, constant)
    return Arm(absent.n, mean, variance / absent.n, absent.n - 1)


def _arm(fit: _Fit, spread: float) -> Arm:
    inside, share = fit.line.at(fit.at), fit.outside_share
    n = fit.line.n + (fit.outside.n if fit.outside else 0)
    if fit.outside is None:
        return Arm(n, inside, spread, n - fit.parameters - 1)
    estimate = (1 - share) * inside + share * fit.outside.estimate
    variance = (1 - share) ** 2 * spread + share**2 * fit.outside.variance
    return Arm(n, estimate, variance, n - fit.parameters - 1)


def _known_spread(measured: Measurement, fits: dict[tuple[int, str, str], _Fit]) -> dict[tuple[int, str, str], float]:
    """The HC2 variances that follow from the sums alone, so closely that nobody could tell."""
    found: dict[tuple[int, str, str], float] = {}
    for key, fit in fits.items():
        cell, block = measured.cells[key], measured.blocks[key[0]]
        if cell.line is not None and block.ends is not None:
            y, x = _joined(cell).centre
            variance, error = hc2_from_sums(fit.line, fit.at, cell.line, (float(y), float(x)), block.ends)
            found |= {key: variance} if error <= _CLOSE * variance else {}
    return found


def _spread(
    table: Table, measured: Measurement, fits: dict[tuple[int, str, str], _Fit], *, by_segment: bool
) -> dict[tuple[int, str, str], float]:
    """The HC2 variance of each line at the common covariate, in one more pass."""
    groups = sorted({(scope, variant) for _, scope, variant in fits})
    indexes = sorted({index for index, _, _ in fits})
    blocks = {index: measured.blocks[index] for index in indexes}
    rows = ", ".join(_constants(group, indexes, fits) for group in groups)
    names = ", ".join(f"c{index}_{name}" for index in indexes for name in _NAMES)
    joined = "u.variant = k.variant" + (" AND u.segment = k.segment" if by_segment else "")
    inner = ", ".join(part for index, block in blocks.items() for part in _row_terms(index, block))
    source = f"{measured.units} AS u JOIN (VALUES {rows}) AS k(segment, variant, {names}) ON {joined}"
    sums = ", ".join(f"sum({_share(index)}) AS v{index}" for index in indexes)
    kept = ", ".join(f"k.c{index}_share, k.c{index}_tilt, k.c{index}_scale" for index in indexes)
    rows_sql = f"SELECT k.segment, k.variant, {kept}, {inner} FROM {source}"
    told, keys = ("segment, variant",) * 2 if by_segment else (f"'{ALL}' AS segment, variant", "variant")
    frame = table.query(f"SELECT {told}, {sums} FROM ({rows_sql}) AS lines GROUP BY {keys}")
    found = {(r["segment"], r["variant"]): r for r in frame.to_dict("records")}
    return {key: float(found[key[1:]][f"v{key[0]}"]) for key in fits}


_NAMES = ("mean", "v0", "v1", "x0", "x1", "gap", "slope", "share", "tilt", "scale", "fill0", "fill1")


def _constants(group: tuple[str, str], indexes: list[int], fits: dict[tuple[int, str, str], _Fit]) -> str:
    """One row of constants: what each metric's line in this group needs per unit."""
    quoted = [literal(word) for word in group]
    numbers: list[float | None] = []
    for index in indexes:
        fit = fits.get((index, *group))
        numbers += _numbers(fit) if fit else [None] * len(_NAMES)
    return f"({', '.join(quoted + [_sql(number) for number in numbers])})"


def _sql(number: float | None) -> str:
    return f"CAST({'NULL' if number is None else repr(float(number))} AS DOUBLE)"


def _numbers(fit: _Fit) -> list[float | None]:
    line = fit.line
    scale = 1 / line.spread if line.spread else 0.0
    tilt = (fit.at - line.mean_covariate) * scale
    weights = [*_pair(fit.value), *_pair(fit.covariate)]
    fill = [None, None] if fit.fill is None else _pair(fit.fill)
    return [
        line.mean_value - fit.constant,
        *weights,
        line.mean_covariate,
        line.slope,
        1 / line.n,
        tilt,
        scale,
        *fill,
    ]


def _pair(numbers: Vector) -> list[float | None]:
    """One or two numbers as two."""
    return [float(numbers[0]), float(numbers[1]) if len(numbers) > 1 else 0.0]


def _row_terms(index: int, block: Block) -> list[str]:
    """Per unit: its distance from the covariate's mean, and from the line."""
    values, covariates = block.own, block.joined[len(block.values) :]
    value = " + ".join(f"k.c{index}_v{i} * {name}" for i, name in enumerate(values))
    filled = [f"coalesce({name}, k.c{index}_fill{i})" for i, name in enumerate(covariates)]
    covariate = " + ".join(f"k.c{index}_x{i} * {name}" for i, name in enumerate(filled))
    gap = f"({covariate} - k.c{index}_gap)"
    return [f"{gap} AS gap{index}", f"({value} - k.c{index}_mean - k.c{index}_slope * {gap}) AS rest{index}"]


def _share(index: int) -> str:
    """A unit's part of the HC2 variance; a unit that alone fixes the line has no residual and adds nothing."""
    leverage = f"(1 - c{index}_share - gap{index} * gap{index} * c{index}_scale)"
    weight = f"(c{index}_share + c{index}_tilt * gap{index})"
    part = f"{weight} * {weight} * rest{index} * rest{index} / {leverage}"
    return f"CASE WHEN {leverage} > 1e-9 THEN {part} END"
