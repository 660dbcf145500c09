"""Ratios of two sums over units (clicks per visit, value per order): the delta method at the unit."""

from __future__ import annotations

from typing import NamedTuple

from cxlab.stats.means import Arm
from cxlab.stats.moments import Moments


class Linearised(NamedTuple):
    """The weights that turn a unit's numerator and denominator into its share of the ratio.

    A unit's value is `constant + numerator_weight * numerator + denominator_weight * denominator`; the mean of
    these values is the ratio, and their variance divided by n is the ratio's variance.
    """

    constant: float
    numerator_weight: float
    denominator_weight: float


def linearise(mean_numerator: float, mean_denominator: float) -> Linearised:
    """Which values per unit behave like the ratio does?

    Args:
        mean_numerator: Mean of the numerator over the arm's units.
        mean_denominator: Mean of the denominator, not zero.

    Returns:
        The weights.

    Source:
        Deng, Knoblich & Lu (2018), KDD, section 2.2.

    Examples:
        >>> linearise(2.0, 4.0)
        Linearised(constant=0.5, numerator_weight=0.25, denominator_weight=-0.125)
    """
    ratio = mean_numerator / mean_denominator
    return Linearised(ratio, 1 / mean_denominator, -ratio / mean_denominator)


def ratio_arm(moments: Moments) -> Arm:
    """What is an arm's ratio of sums, and how sure is it?

    Args:
        moments: Sums of numerator and denominator (the first two variables) over the arm's units.

    Returns:
        The ratio with the delta-method variance.

    Assumes:
        Independent units; the denominator's mean is well away from zero.

    Source:
        Deng, Knoblich & Lu (2018), KDD. Checked against R sandwich 3.0.2 (cluster-robust, up to n/(n - 1)).

    Examples:
        >>> arm = ratio_arm(Moments.of([[1, 2, 3], [2, 4, 6]]))
        >>> arm.estimate, arm.variance
        (0.5, 0.0)
    """
    values = linearise(float(moments.mean[0]), float(moments.mean[1]))
    weights = [values.numerator_weight, values.denominator_weight] + [0.0] * (len(moments.sums) - 2)
    estimate, variance = moments.combine(weights, values.constant)
    return Arm(moments.n, estimate, variance / moments.n, moments.n - 1)
