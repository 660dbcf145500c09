"""Time up to a horizon: how long, on average, until something happens, when nobody is followed further?"""

from __future__ import annotations

import numpy as np

from cxlab.errors import DataError
from cxlab.stats.means import Arm
from cxlab.stats.survival import Survival

__all__ = ["restricted_mean", "survival_arm"]


def restricted_mean(curve: Survival, horizon: float) -> Arm:
    """How much time passes without the event until a horizon, on average?

    Args:
        curve: A Kaplan-Meier curve.
        horizon: Until when time counts, above 0 and not beyond the last time of the curve.

    Returns:
        The area under the curve up to the horizon, with its variance.

    Raises:
        DataError: The horizon lies beyond what was watched.

    Assumes:
        When watching ends has nothing to do with the event.

    Source:
        Irwin (1949), Journal of Hygiene 47:188; Royston & Parmar (2013), BMC Medical Research Methodology 13:152.
        Checked against R's survfit(…, print.rmean=TRUE) on the aml data.

    Examples:
        >>> from cxlab.stats.survival import kaplan_meier
        >>> arm = restricted_mean(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0]), 4)
        >>> arm.estimate, round(arm.variance, 4)
        (2.5, 0.3125)
    """
    last = float(curve.time[-1])
    if not 0 < horizon <= last:
        raise DataError(f"The horizon is {horizon:g}; expected a time above 0 and at most {last:g}, the last one seen.")
    inside = curve.time < horizon
    edges = np.concatenate([[0.0], curve.time[inside], [horizon]])
    level = np.concatenate([[1.0], curve.survival[inside]])
    areas = level * np.diff(edges)
    rest = np.cumsum(areas[::-1])[::-1][1:]
    events, at_risk = curve.events[inside], curve.at_risk[inside]
    left = at_risk - events
    terms = np.where(left > 0, rest**2 * events / (at_risk * np.maximum(left, 1)), 0.0)
    n = round(float(curve.at_risk[0]))
    return Arm(n, float(areas.sum()), float(terms.sum()), n - 1)


def survival_arm(curve: Survival, t: float) -> Arm:
    """What share is still without the event at a time?

    Args:
        curve: A Kaplan-Meier curve.
        t: The time, not beyond the last time of the curve.

    Returns:
        The share with Greenwood's variance; 0 where nobody or everybody has had the event.

    Source:
        Greenwood (1926).

    Examples:
        >>> from cxlab.stats.survival import kaplan_meier
        >>> arm = survival_arm(kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0]), 2)
        >>> arm.estimate, round(arm.variance, 4)
        (0.5, 0.0625)
    """
    place = int(np.searchsorted(curve.time, t, side="right")) - 1
    n = round(float(curve.at_risk[0]))
    if place < 0:
        return Arm(n, 1.0, 0.0, n - 1)
    error = float(curve.standard_error[place])
    return Arm(n, float(curve.survival[place]), 0.0 if np.isnan(error) else error**2, n - 1)
