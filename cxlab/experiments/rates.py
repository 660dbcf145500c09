"""Rates of rare events: exact comparisons where the events come one by one."""

from __future__ import annotations

import numpy as np

from cxlab.data import ALL
from cxlab.experiments.effects import Comparison, Key
from cxlab.experiments.kinds import Rate
from cxlab.experiments.measurement import Cell, Measurement
from cxlab.results import Check
from cxlab.stats.means import Arm, Difference
from cxlab.stats.rates import Dispersion, dispersion, exact_rate_ratio, poisson_interval
from cxlab.stats.relative import Relative
from cxlab.wording import count, sentence_list

__all__ = ["rare_checks", "rare_rates"]

_FEW = 10
_BURSTS = 0.05


def rare_rates(measured: Measurement, confidence: float) -> dict[Key, Comparison]:
    """Which rates rest on so few events that only an exact comparison keeps its level?

    Args:
        measured: the sums.
        confidence: level of the intervals, as a fraction.

    Returns:
        Exact comparisons, where fewer than ten events are expected in an arm and they do not come in bursts. The rest
        is left to Welch and the delta method, which hold with bursts too.
    """
    found: dict[Key, Comparison] = {}
    for index, metric in enumerate(measured.metrics):
        for segment in (ALL, *measured.segments) if isinstance(metric, Rate) else ():
            control = measured.cells.get((index, segment, measured.control))
            for variant in measured.treatments:
                treatment = measured.cells.get((index, segment, variant))
                if treatment and control and _rare(treatment, control) and not _bursts(treatment, control):
                    found[index, segment, variant] = _exact(treatment, control, confidence)
    return found


def _events(cell: Cell) -> tuple[float, float]:
    """How many events, over how much."""
    n, mean = cell.values.n, cell.values.mean
    return float(mean[0]) * n, float(mean[1]) * n if len(mean) > 1 else float(n)


def _rare(treatment: Cell, control: Cell) -> bool:
    if min(treatment.values.n, control.values.n) < 2:
        return False
    (x1, e1), (x0, e0) = _events(treatment), _events(control)
    whole = max(abs(x1 - round(x1)), abs(x0 - round(x0))) < 1e-6
    return whole and min(e1, e0) > 0 and x1 + x0 > 0 and (x1 + x0) * min(e1, e0) / (e1 + e0) < _FEW


def _dispersion(treatment: Cell, control: Cell) -> Dispersion:
    """The counts' spread about what their exposure lets expect, within the two arms."""
    total = freedom = events = 0.0
    for cell in (treatment, control):
        moments, weights = cell.values, [1.0]
        if len(moments.sums) > 1:
            weights = [1.0, -float(moments.mean[0] / moments.mean[1])]
        total += moments.combine(weights)[1] * (moments.n - 1)
        freedom += moments.n - 1
        events += float(moments.mean[0]) * moments.n
    n = treatment.values.n + control.values.n
    return dispersion(total / freedom, events / n, n)


def _bursts(treatment: Cell, control: Cell) -> bool:
    return _dispersion(treatment, control).p_value < _BURSTS


def _exact(treatment: Cell, control: Cell, confidence: float) -> Comparison:
    (x1, e1), (x0, e0) = _events(treatment), _events(control)
    k1, k0 = round(x1), round(x0)
    ratio = exact_rate_ratio(k1, e1, k0, e0, confidence=confidence)
    one = Arm(treatment.values.n, k1 / e1, k1 / e1**2, treatment.values.n - 1)
    zero = Arm(control.values.n, k0 / e0, k0 / e0**2, control.values.n - 1)
    (low1, high1), (low0, high0) = (poisson_interval(k, e, confidence=confidence) for k, e in ((k1, e1), (k0, e0)))
    effect = one.estimate - zero.estimate
    low = effect - float(np.hypot(one.estimate - low1, high0 - zero.estimate))
    high = effect + float(np.hypot(high1 - one.estimate, zero.estimate - low0))
    fraction = Relative(None, None, None)
    if ratio.ratio is not None and ratio.ci_low is not None and ratio.ci_high is not None:
        fraction = Relative(ratio.ratio - 1, ratio.ci_low - 1, ratio.ci_high - 1)
    low, high, fraction = _agreeing(low, high, fraction, certain=ratio.p_value < 1 - confidence)
    se = float(np.sqrt(one.variance + zero.variance))
    found = Difference(effect, se, one.df + zero.df, low, high, ratio.p_value, 0.0)
    return Comparison(found, one, zero, fraction, "exact Poisson")


def _agreeing(low: float, high: float, fraction: Relative, *, certain: bool) -> tuple[float, float, Relative]:
    """Interval, relative interval and test say the same about 0: where one leaves it open, all do."""
    if certain and (low > 0 or high < 0):
        return low, high, fraction
    if fraction.ci_low is not None and fraction.ci_high is not None:
        fraction = Relative(fraction.effect, min(fraction.ci_low, 0.0), max(fraction.ci_high, 0.0))
    return min(low, 0.0), max(high, 0.0), fraction


def rare_checks(measured: Measurement, rare: dict[Key, Comparison]) -> list[Check]:
    """Which rates rest on few events, and do these come one by one?"""
    exact: list[str] = []
    bursts: list[str] = []
    for index, metric in enumerate(measured.metrics):
        control = measured.cells[index, ALL, measured.control]
        pairs = [(name, measured.cells[index, ALL, name]) for name in measured.treatments]
        few = [(name, cell) for name, cell in pairs if isinstance(metric, Rate) and _rare(cell, control)]
        if not few:
            continue
        events = sentence_list([count(_events(cell)[0]) for cell in (*(cell for _, cell in few), control)])
        told = f"{metric.words}: {events} events"
        (exact if all((index, ALL, name) in rare for name, _ in few) else bursts).append(told)
    if bursts:
        message = f"{'; '.join(bursts)}, several from the same customers: the intervals rest on very few people."
        return [Check("rare_events", False, "warning", message)]
    return [Check("rare_events", True, "info", f"{'; '.join(exact)}, reckoned exactly.")] if exact else []
