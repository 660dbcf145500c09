"""Why an effect cannot be told: too few units, nothing to divide by, or values that do not vary."""

from __future__ import annotations

import numpy as np

from cxlab.experiments.measurement import Cell
from cxlab.experiments.metrics import Metric
from cxlab.stats.moments import Moments
from cxlab.stats.ratios import ratio_arm
from cxlab.wording import count

__all__ = ["by_rows", "problem_of"]

_ROUNDING = 1e-13
"""What adding up in another order may leave of a spread that is none, as a part of what was added."""


def by_rows(metric: Metric, cell: Cell) -> bool:
    """Is a value per unit a sum by another sum: a ratio, or an average over a unit's rows?"""
    return metric.form != "distribution" and len(cell.values.sums) > 1


def problem_of(metric: Metric, cells: dict[str, Cell | None]) -> str:
    """Why no effect can be told, in words; empty where it can.

    Args:
        metric: what is measured.
        cells: its sums by variant; None where there are none.
    """
    for variant, cell in cells.items():
        n = 0 if cell is None else cell.values.n
        if n < 2:
            return (
                f"Variant {variant!r} has {count(n)} unit{'' if n == 1 else 's'} with a value of {metric.name!r}; "
                "expected two or more. Wait for more data, or leave this variant or metric out."
            )
        if cell is not None and by_rows(metric, cell) and cell.values.mean[1] == 0:
            return (
                f"In variant {variant!r} the denominator of {metric.name!r} adds up to 0; a ratio needs more. "
                "Check the column, or measure the numerator as a mean."
            )
    flat = [cell for cell in cells.values() if cell is not None and _flat(metric, cell)]
    if metric.form == "share" or len(flat) < len(cells) or not all(_constant(metric, cell) for cell in flat):
        return ""
    values = list(dict.fromkeys(f"{_level(metric, cell):g}" for cell in flat))
    where = "" if len(values) == 1 else " within its variant"
    return (
        f"Every unit has the same {metric.name!r}{where} ({' and '.join(values)}), so chance cannot be told from "
        "an effect. Check the column, or leave this metric out."
    )


def _averaged(metric: Metric, cell: Cell) -> bool:
    """Is it an average over the rows of each unit?"""
    return metric.form == "mean" and by_rows(metric, cell)


def _level(metric: Metric, cell: Cell) -> float:
    return float(cell.values.mean[0] / (cell.values.mean[1] if _averaged(metric, cell) else 1.0))


def _flat(metric: Metric, cell: Cell) -> bool:
    """Do the values not vary at all? Sums come in any order, so that a little is left where nothing should be."""
    values = cell.values
    if not _averaged(metric, cell):
        return _still(values, 0)
    weights = np.array([1.0, -ratio_arm(values).estimate])
    left = float(weights @ values.scatter @ weights)
    return bool(left <= _ROUNDING * float(weights**2 @ np.diag(values.products)))


def _still(values: Moments, at: int) -> bool:
    return bool(values.scatter[at, at] <= _ROUNDING * values.products[at, at])


def _constant(metric: Metric, cell: Cell) -> bool:
    """Does nothing beside the value vary either?"""
    return metric.form == "mean" or len(cell.values.sums) == 1 or _still(cell.values, 1)
