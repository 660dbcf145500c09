"""Adjusting an effect for what was known beforehand: CUPED, and Lin's regression with HC2 variance."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from cxlab.stats.means import Arm
from cxlab.stats.moments import Moments


class Line(NamedTuple):
    """The straight line of an arm's values on the covariate, and what its leverages need."""

    n: int
    mean_value: float
    mean_covariate: float
    slope: float
    spread: float

    def at(self, covariate: float) -> float:
        """The value the line expects at this covariate."""
        return self.mean_value + self.slope * (covariate - self.mean_covariate)


def fit_line(moments: Moments, value: object, covariate: object, constant: float = 0.0) -> Line:
    """How do an arm's values go with the covariate?

    Args:
        moments: The arm's sums.
        value: Weights that make the value from the variables.
        covariate: Weights that make the covariate from the variables.
        constant: Added to each value.

    Returns:
        The least-squares line; flat where the covariate does not vary.

    Examples:
        >>> fit_line(Moments.of([[1, 3, 5], [0, 1, 2]]), [1, 0], [0, 1]).slope
        2.0
    """
    v, x = np.asarray(value, dtype=float), np.asarray(covariate, dtype=float)
    spread = float(x @ moments.scatter @ x)
    flat = spread <= 1e-12 * max(float(x @ moments.products @ x), 1e-300)
    slope = 0.0 if flat else float(v @ moments.scatter @ x) / spread
    mean_value, mean_covariate = constant + float(v @ moments.mean), float(x @ moments.mean)
    return Line(moments.n, mean_value, mean_covariate, slope, 0.0 if flat else spread)


def hc2_variance(line: Line, at: float, values: object, covariate: object) -> float:
    """How sure is the line's value at a covariate, whatever the spread around it?

    Args:
        line: The arm's line.
        at: The covariate at which the line is read: its mean over all arms.
        values: The arm's values.
        covariate: The arm's covariate.

    Returns:
        The HC2 variance. The same sum is taken inside the database for large tables.

    Source:
        Lin (2013), Annals of Applied Statistics 7:295; MacKinnon & White (1985) for HC2.
        Checked against R estimatr 1.0.0 lm_lin.

    Examples:
        >>> line = fit_line(Moments.of([[1, 2, 4], [0, 1, 2]]), [1, 0], [0, 1])
        >>> round(hc2_variance(line, 1.0, [1, 2, 4], [0, 1, 2]), 4)
        0.0556
    """
    y, x = np.asarray(values, dtype=float), np.asarray(covariate, dtype=float)
    gap = x - line.mean_covariate
    scale = 1 / line.spread if line.spread else 0.0
    residual = y - line.mean_value - line.slope * gap
    weight = 1 / line.n + (at - line.mean_covariate) * gap * scale
    return float((weight**2 * residual**2 / (1 - 1 / line.n - gap**2 * scale)).sum())


def hc2_from_sums(
    line: Line, at: float, products: object, centre: tuple[float, float], ends: tuple[float, float]
) -> tuple[float, float]:
    """How sure is the line's value at a covariate, told from sums alone?

    Args:
        line: The arm's line.
        at: The covariate at which the line is read: its mean over all arms.
        products: Sums of all products of 1, x, x^2, y and xy in pairs: x the covariate, y the value, each about its
            centre.
        centre: The constants that were subtracted from value and covariate.
        ends: Numbers between which the covariate lies.

    Returns:
        The HC2 variance to the first order of the leverages, and by how much it can differ from `hc2_variance`,
        rounding included.

    Source:
        1 / (1 - h) lies between 1 + h and 1 + h + h^2 / (1 - H), H the largest leverage h that `ends` allow; residuals,
        and residuals by distance, are linear in the five. Rounding: Higham (2002), Accuracy and Stability of Numerical
        Algorithms, 4.2. Checked against `hc2_variance`.

    Examples:
        >>> x, y = np.arange(200.0), np.tile([1.0, 3.0, 2.0, 5.0], 50)
        >>> line = fit_line(Moments.of([y, x]), [1, 0], [0, 1])
        >>> parts = np.array([np.ones(200), x, x**2, y, x * y])
        >>> found, error = hc2_from_sums(line, 90.0, parts @ parts.T, (0.0, 0.0), (0.0, 199.0))
        >>> abs(found - hc2_variance(line, 90.0, y, x)) <= error < 0.01 * found
        True
    """
    sums, (cy, cx) = np.asarray(products, dtype=float), centre
    n, scale = line.n, 1 / line.spread if line.spread else 0.0
    tilt, reach = (at - line.mean_covariate) * scale, max(abs(end - line.mean_covariate) for end in ends)
    b, shift = line.slope, line.mean_covariate - cx
    c = line.mean_value - cy - b * shift
    residual = np.array([-c, -b, 0.0, 1.0, 0.0])
    by_distance = np.array([c * shift, b * shift - c, -b, -shift, 1.0])
    weighted = residual / n + tilt * by_distance
    plain, far = float(weighted @ sums @ weighted), float(by_distance @ sums @ by_distance) * scale
    most, lever = (1 / n + abs(tilt) * reach) ** 2, 1 / n + scale * reach**2
    beyond = far * (most - 1 / n**2) + lever * (plain / n + far * most) / (1 - lever) if lever < 1 else math.inf
    lengths = np.sqrt(np.diag(sums))
    rounded = float(abs(weighted) @ lengths) ** 2 + scale * float(abs(by_distance) @ lengths / n) ** 2
    return plain * (1 + 1 / n) + far / n**2, beyond + n * float(np.finfo(float).eps) * rounded


def cuped_theta(treatment: Moments, control: Moments, *, over: Literal["all", "arms"] = "all") -> float:
    """By how much does the value rise with the covariate?

    Args:
        treatment: Sums of value and covariate in the treatment.
        control: The same in the control.
        over: "all" takes all units together, "arms" pools the arms' own spreads.

    Returns:
        The slope.

    Source:
        Deng, Xu, Kohavi & Walker (2013), WSDM, section 3.

    Examples:
        >>> cuped_theta(Moments.of([[2, 4], [1, 2]]), Moments.of([[6, 8], [3, 4]]))
        2.0
    """
    pooled = (treatment + control).scatter if over == "all" else treatment.scatter + control.scatter
    return float(pooled[0, 1] / pooled[1, 1])


def cuped_arm(moments: Moments, theta: float, covariate_mean: float) -> Arm:
    """What is an arm's mean after the covariate is taken off?

    Args:
        moments: Sums of value and covariate.
        theta: The slope.
        covariate_mean: Mean of the covariate over all arms.

    Returns:
        The arm of the values y - theta (x - mean x).

    Source:
        Deng, Xu, Kohavi & Walker (2013), WSDM.

    Examples:
        >>> cuped_arm(Moments.of([[2, 4], [1, 2]]), 2.0, 1.0).estimate
        2.0
    """
    estimate, variance = moments.combine([1, -theta], theta * covariate_mean)
    return Arm(moments.n, estimate, variance / moments.n, moments.n - 1)
