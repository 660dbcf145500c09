"""Which part of the distribution brings an amount's change: the lower half, the next quarter, the top tenth?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cxlab.experiments.metrics import Metric
from cxlab.results import SMALLEST_GROUP
from cxlab.stats.means import Arm, Difference, arm_difference
from cxlab.stats.multiplicity import holm
from cxlab.stats.tail_means import EqualParts, PartMeans, carrying_p, equal_parts, log_parts

__all__ = ["CUTS", "PARTS", "PartRows", "parts_table", "spread_table"]

CUTS = (0.5, 0.75, 0.9)
"""Where the distribution is cut: fixed beforehand."""
PARTS = ("lower half", "next 25%", "next 15%", "top 10%")
_CLEAR = 2.0


@dataclass(frozen=True)
class PartRows:
    """One metric of one variant: the parts of both groups, and what follows from them."""

    metric: Metric
    variant: str
    treatment: PartMeans
    control: PartMeans
    confidence: float

    @property
    def size(self) -> int:
        """Customers in the smallest part of the smaller group; one part gives away the others, so it counts for all."""
        return max(int(min(self.treatment.n, self.control.n) * float(self.treatment.widths.min())), 1)

    @cached_property
    def varying(self) -> list[int]:
        """The parts in which anything varies; in the others all have one value, and nothing can be seen."""
        spread = np.diag(self.treatment.covariance) + np.diag(self.control.covariance)
        return [place for place, variance in enumerate(spread) if variance > 0]

    @cached_property
    def differences(self) -> list[Difference]:
        """Each varying part's change per customer of the part."""
        arms = [[_arm(parts, place) for parts in (self.treatment, self.control)] for place in self.varying]
        return [arm_difference(one, zero, confidence=self.confidence) for one, zero in arms]

    @cached_property
    def absolute(self) -> EqualParts | None:
        """Is the change the same in all parts, in the metric's own size?"""
        at = self.varying
        change = (self.treatment.means - self.control.means)[at]
        return equal_parts(change, (self.treatment.covariance + self.control.covariance)[np.ix_(at, at)])

    @cached_property
    def relative(self) -> EqualParts | None:
        """Is it in percent? Of the parts whose means are clearly above zero."""
        at = [place for place in self.varying if all(_clear(arm, place) for arm in (self.treatment, self.control))]
        return equal_parts(*log_parts(self.treatment, self.control, at)) if len(at) > 1 else None

    @cached_property
    def carrying(self) -> np.ndarray:
        """The p values of bringing more than all other parts together."""
        return carrying_p(self.treatment, self.control)


def _arm(parts: PartMeans, place: int) -> Arm:
    return Arm(parts.n, float(parts.means[place]), float(parts.covariance[place, place]), max(parts.n - 1, 1))


def _clear(arm: PartMeans, place: int) -> bool:
    se = float(arm.covariance[place, place]) ** 0.5
    return se > 0 and float(arm.means[place]) > _CLEAR * se


def parts_table(asked: Sequence[PartRows]) -> pd.DataFrame:
    """What did each part of the distribution change, and what does that add to the mean?

    Args:
        asked: the parts by metric and variant.

    Returns:
        One row per metric, variant and part: metric, variant, part, from_share, to_share, n, control_n, size (customers
        in the smallest part of the smaller group), estimate and control_estimate (means within the part), effect,
        ci_low, ci_high, p_value, p_adjusted (Holm over the parts), contribution (what it adds to the mean's change),
        carrying_p (of adding more than all other parts together; Holm over the parts). What cannot be told is missing.
    """
    rows = []
    for one in asked:
        edges = (0.0, *CUTS, 1.0)
        found = dict(zip(one.varying, one.differences, strict=True))
        adjusted = dict(zip(one.varying, holm([d.p_value for d in one.differences]), strict=True))
        for place, part in enumerate(PARTS):
            levels = (float(one.treatment.means[place]), float(one.control.means[place]))
            head = (one.metric.name, one.variant, part, edges[place], edges[place + 1])
            sizes = (one.treatment.n, one.control.n, one.size)
            rows.append((*head, *sizes, *levels, *_told(found.get(place), adjusted.get(place), one, place)))
    columns = [
        "metric", "variant", "part", "from_share", "to_share", "n", "control_n", "size", "estimate", "control_estimate",
        "effect", "ci_low", "ci_high", "p_value", "p_adjusted", "contribution", "carrying_p",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _told(found: Difference | None, adjusted: float | None, one: PartRows, place: int) -> tuple[float, ...]:
    if found is None or adjusted is None:
        return (np.nan,) * 7
    width = float(one.treatment.widths[place])
    ends = (found.effect, found.ci_low, found.ci_high, found.p_value, float(adjusted))
    return (*ends, found.effect * width, float(one.carrying[place]))


def spread_table(asked: Sequence[PartRows], alpha: float) -> pd.DataFrame:
    """Is the change the same for low and high amounts, or does one part bring most of it?

    Args:
        asked: the parts by metric and variant.
        alpha: level of the tests.

    Returns:
        One row per metric, variant and scale: metric, variant, scale ("absolute" in the metric's own size, which
        decides; "relative" in percent), n, control_n, size, parts (how many vary), statistic, df, p_value, p_adjusted
        (Holm over metrics and variants of a scale), reading (in words).
    """
    rows = []
    for scale in ("absolute", "relative"):
        tests = [getattr(one, scale) for one in asked]
        adjusted = holm([np.nan if test is None else test.p_value for test in tests])
        for one, test, p_adjusted in zip(asked, tests, adjusted, strict=True):
            numbers = (np.nan, np.nan, np.nan) if test is None else test
            parts = len(one.varying) if scale == "absolute" or test is None else test.df + 1
            told = _reading(one, float(p_adjusted), scale, alpha)
            sizes = (one.treatment.n, one.control.n, one.size)
            rows.append((one.metric.name, one.variant, scale, *sizes, parts, *numbers, p_adjusted, told))
    columns = [
        "metric", "variant", "scale", "n", "control_n", "size", "parts", "statistic", "df", "p_value", "p_adjusted",
        "reading",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _reading(one: PartRows, p_adjusted: float, scale: str, alpha: float) -> str:
    if one.size < SMALLEST_GROUP:
        return "too few customers to say where the change sits"
    if np.isnan(p_adjusted):
        return "too many equal values to say where the change sits"
    if p_adjusted >= alpha:
        return "no sign that the change differs between low and high amounts"
    carrier = _carrier(one, alpha) if scale == "absolute" else None
    return (
        "the change differs between low and high amounts"
        if carrier is None
        else f"most of the change comes from the {carrier}"
    )


def _carrier(one: PartRows, alpha: float) -> str | None:
    """The part that brings more than all others together, and whose own change is shown."""
    shown = holm([difference.p_value for difference in one.differences])
    found = [
        PARTS[place] for place, p_value in zip(one.varying, shown, strict=True)
        if p_value < alpha and one.carrying[place] < alpha
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None
