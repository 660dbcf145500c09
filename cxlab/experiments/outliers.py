"""Does one row decide a mean?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxlab.data import ALL
from cxlab.experiments.measurement import Cell, Measurement
from cxlab.results import Check
from cxlab.wording import number, share

__all__ = ["Outlier", "outlier_checks", "outlier_of"]

_DECIDES = 0.25
_FEWEST = 10


class Outlier(NamedTuple):
    """The row that moves an effect most: its place and value, the effect with and without it, its part of variance."""

    variant: str
    value: float
    effect: float
    effect_without: float
    variance_share: float


def outlier_of(treatment: Cell, control: Cell, names: tuple[str, str]) -> Outlier | None:
    """Which single value moves the difference of two means most, and by how much?

    Args:
        treatment: sums of the treatment, with its extremes.
        control: the same of the control.
        names: the two variants.

    Returns:
        The row that moves it most; None where a group has fewer than ten values or nothing varies.
    """
    cells = (treatment.values, control.values)
    variance = sum(float(m.covariance[0, 0]) / m.n for m in cells) if min(m.n for m in cells) >= _FEWEST else 0.0
    if variance <= 0:
        return None
    effect = float(cells[0].mean[0] - cells[1].mean[0])
    found = []
    for cell, name, sign in zip((treatment, control), names, (1, -1), strict=True):
        n, mean = cell.values.n, float(cell.values.mean[0])
        top = mean if cell.uncapped is not None else cell.high  # a capped value decides nothing
        for value in (cell.low, top):
            moved = sign * (value - mean) / (n - 1)
            found.append(Outlier(name, value, effect, effect - moved, (value - mean) ** 2 / n**2 / variance))
    return max(found, key=lambda one: one.variance_share)


def outlier_checks(measured: Measurement) -> list[Check]:
    """Is there a metric that one row decides?

    Args:
        measured: the sums.

    Returns:
        The check `outlier`: a warning where one row makes a quarter or more of an effect's variance, so that the effect
        moves by half its standard error or more without it; nothing where no mean is measured.
    """
    asked, sentences = [], []
    for index, metric in enumerate(measured.metrics):
        if metric.kind not in ("mean", "rate") or metric.form != "mean" or not _single(measured, index):
            continue
        asked.append(metric.words)
        control = measured.cells[index, ALL, measured.control]
        rows = [
            outlier_of(measured.cells[index, ALL, name], control, (name, measured.control))
            for name in measured.treatments
        ]
        known = [row for row in rows if row is not None]
        worst = max(known, key=lambda row: row.variance_share, default=None)
        if worst is not None and worst.variance_share >= _DECIDES:
            sentences.append(f"{metric.words}: {_words(worst)}")
    if sentences:
        advice = "See whether the value is real; cap='p99' keeps the row and limits its weight."
        message = f"{' '.join(sentences)} {advice}"
        return [Check("outlier", False, "warning", message)]
    return [Check("outlier", True, "info", "No single customer decides a mean.")] if asked else []


def _single(measured: Measurement, index: int) -> bool:
    """Were single values read, one per customer?"""
    cells = [measured.cells[index, ALL, name] for name in measured.variants]
    return all(len(cell.values.sums) == 1 and not np.isnan(cell.high) for cell in cells)


def _words(worst: Outlier) -> str:
    digits = _digits(worst)
    now, then = (number(value, digits, sign=True) for value in (worst.effect, worst.effect_without))
    return (
        f"one customer in {worst.variant} with {number(worst.value, 0 if worst.value.is_integer() else None)} makes "
        f"{share(worst.variance_share, 0)} of the uncertainty; without this row the change is {then}, not {now}."
    )


def _digits(worst: Outlier) -> int:
    moved = abs(worst.effect - worst.effect_without)
    return min(max(2 - int(np.floor(np.log10(moved))), 0), 6) if moved > 0 else 2
