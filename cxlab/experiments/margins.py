"""Tests against a margin: was harm beyond what was agreed ruled out, or any change that would matter?

"Not significant" is never "no harm": only an interval that keeps clear of the margin says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr

from cxlab.experiments.metrics import Metric, size
from cxlab.stats.means import Difference
from cxlab.stats.proportions import fisher_exact_test
from cxlab.stats.relative import Relative
from cxlab.stats.score_margin import (
    farrington_manning_test,
    miettinen_nurminen_interval,
    miettinen_nurminen_ratio,
)

if TYPE_CHECKING:
    from cxlab.experiments.effects import Comparison

__all__ = ["Counts", "against_margin", "one_sided"]

Counts = tuple[int, int, int, int]


def one_sided(metric: Metric, found: Difference, counts: Counts | None = None) -> Difference:
    """How often would chance alone show a change this good, where only a gain was asked for?

    Args:
        metric: what is measured; its direction says which way is good.
        found: the difference with a two-sided p-value of a symmetric test.
        counts: successes and size of both arms where Fisher's test, which is not symmetric, was taken.

    Returns:
        The difference with the one-sided p-value.
    """
    if counts is not None:
        return found._replace(p_value=fisher_exact_test(*counts, way="greater" if metric.sign > 0 else "less"))
    half = found.p_value / 2
    return found._replace(p_value=half if metric.sign * found.effect > 0 else 1 - half)


def against_margin(metric: Metric, compared: Comparison, counts: Counts | None, confidence: float) -> Comparison:
    """Is the change within the margin?

    Args:
        metric: what is measured, with its margin and test.
        compared: the two arms and their difference.
        counts: successes and size of both arms, for shares of independent units; else None.
        confidence: level of the interval.

    Returns:
        The same comparison with the p-value of the test against the margin; for shares also with the score intervals
        that belong to it.

    Source:
        Farrington & Manning (1990) and Miettinen & Nurminen (1985) for shares; Schuirmann (1987) for equivalence as
        two one-sided tests; for a margin relative to the control the contrast treatment - (1 - margin) control.
    """
    agreed = size("margin", metric.margin)
    assert agreed is not None
    margin, relative = agreed
    p_value = _p_value(metric, compared, counts, margin, relative=relative)
    label = "TOST" if metric.test == "equivalence" else "non-inferiority"
    if counts is None:
        found = compared.difference._replace(p_value=p_value)
        return compared._replace(difference=found, method=f"{compared.method}, {label}")
    low, high = miettinen_nurminen_interval(*counts, confidence=confidence)
    found = compared.difference._replace(ci_low=low, ci_high=high, p_value=p_value)
    ratio = miettinen_nurminen_ratio(*counts, confidence=confidence)
    ends = (None, None) if ratio is None else (ratio[0] - 1, ratio[1] - 1)
    fraction = Relative(compared.relative.effect, *ends)
    method = f"Miettinen-Nurminen, Farrington-Manning, {label}"
    return compared._replace(difference=found, relative=fraction, method=method)


def _p_value(metric: Metric, compared: Comparison, counts: Counts | None, margin: float, *, relative: bool) -> float:
    """Not worse: one test. Equivalent: the larger p of two, one for each side."""
    sides = (-1, 1) if metric.test == "equivalence" else (-metric.sign,)
    return max(_one_side(compared, counts, side * margin, relative=relative, above=side < 0) for side in sides)


def _one_side(compared: Comparison, counts: Counts | None, limit: float, *, relative: bool, above: bool) -> float:
    """How surely does the change lie above (or below) this limit?"""
    shift, factor = (0.0, 1 + limit) if relative else (limit, 1.0)
    if counts is not None and factor > 0:
        test = farrington_manning_test(*counts, margin=shift, ratio=factor)
        return test.p_above if above else test.p_below
    one, zero, found = compared.treatment, compared.control, compared.difference
    gap = one.estimate - factor * zero.estimate - shift if relative else found.effect - shift
    se = float(np.sqrt(one.variance + factor**2 * zero.variance)) if relative else found.se
    if se == 0:
        return float(gap <= 0) if above else float(gap >= 0)
    return float(stdtr(found.df, -gap / se if above else gap / se))
