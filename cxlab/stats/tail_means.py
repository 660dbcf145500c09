"""Where in the distribution a mean's change sits: means of the parts between quantiles, and what each adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr

from cxlab.stats.multiplicity import holm

__all__ = ["EqualParts", "PartMeans", "carrying_p", "equal_parts", "log_parts", "part_means", "part_means_of"]

Floats = NDArray[np.float64]


class PartMeans(NamedTuple):
    """The mean of each part of a distribution, from the lowest part up, and how sure these are together."""

    n: int
    means: Floats
    covariance: Floats
    widths: Floats


class EqualParts(NamedTuple):
    """Is a change the same in all parts? The chi-square, its degrees of freedom and p value."""

    statistic: float
    df: int
    p_value: float


def part_means(
    n: int, cuts: Sequence[float], values: Sequence[float], sums: ArrayLike, products: ArrayLike
) -> PartMeans:
    """What is the mean between two quantiles, such as that of the highest tenth?

    Args:
        n: Number of independent values.
        cuts: Shares at which the distribution is cut, rising, between 0 and 1.
        values: The values at the cuts.
        sums: Sum over all values of what lies in each part: min(y, first) - first, then min(max(y, a), b) - a for each
            pair of neighbouring cut values a and b, last max(y, last) - last.
        products: Sums of the products of these.

    Returns:
        Means of the parts. Times their widths they add up to the mean of all values. Where many values are equal to a
        cut, they are shared out between its two sides as the widths say.

    Assumes:
        Independent values. That the cuts are estimated adds nothing to the variance in large samples.

    Source:
        Rockafellar & Uryasev (2000), Journal of Risk 2:21 (the tail mean as the least of (1 - p) q + E max(y - q, 0),
        which is flat where it is least, so that an estimated q costs nothing).

    Examples:
        >>> part_means_of([0, 0, 0, 0, 0, 1, 2, 3, 4, 10], [0.5, 0.9]).means.round(2).tolist()
        [0.0, 2.5, 10.0]
    """
    edges = np.array([0.0, *cuts, 1.0])
    widths, at = np.diff(edges), np.asarray(values, dtype=float)
    total, square = np.asarray(sums, dtype=float), np.asarray(products, dtype=float)
    left = (1 - np.asarray(cuts)) * at
    # What lies in a part, measured from its cut, and the part's own share of the cut's value.
    sizes = total / n + np.array([at[0] - left[0], *(left[:-1] - left[1:]), left[-1]])
    covariance = (square - np.outer(total, total) / n) / max(n - 1, 1) / n
    return PartMeans(n, sizes / widths, covariance / np.outer(widths, widths), widths)


def part_means_of(values: ArrayLike, cuts: Sequence[float]) -> PartMeans:
    """The means of the parts of these values; the same sums are taken inside the database for large tables.

    Args:
        values: Independent values.
        cuts: Shares at which the distribution is cut, rising.

    Returns:
        Means of the parts.

    Source:
        As `part_means`.

    Examples:
        >>> part_means_of(range(100), [0.5]).means.tolist()
        [24.5, 74.5]
    """
    y = np.sort(np.asarray(values, dtype=float))
    at = [float(y[int(np.ceil(len(y) * cut - 1e-9)) - 1]) for cut in cuts]
    ends = zip(at, [*at[1:], np.inf], strict=True)
    parts = np.array([np.minimum(y, at[0]) - at[0], *(np.clip(y, a, b) - a for a, b in ends)])
    return part_means(len(y), cuts, at, parts.sum(axis=1), parts @ parts.T)


def equal_parts(change: ArrayLike, covariance: ArrayLike) -> EqualParts | None:
    """Is a change the same in every part, as far as can be seen?

    Args:
        change: The change in each part.
        covariance: The covariance of these.

    Returns:
        Wald's test that all are one value; None where fewer than two parts vary.

    Source:
        Wald (1943); with independent parts it is Cochran's Q.

    Examples:
        >>> equal_parts([1.0, 3.0], [[0.5, 0.0], [0.0, 0.5]]).statistic
        4.0
    """
    d, v = np.asarray(change, dtype=float), np.asarray(covariance, dtype=float)
    if len(d) < 2:
        return None
    contrasts = np.eye(len(d))[1:] - np.eye(len(d))[0]
    moved, spread = contrasts @ d, contrasts @ v @ contrasts.T
    scale = np.sqrt(np.where(np.diag(spread) > 0, np.diag(spread), 1.0))
    statistic = float(
        (moved / scale) @ np.linalg.pinv(spread / np.outer(scale, scale), hermitian=True) @ (moved / scale)
    )
    return EqualParts(statistic, len(d) - 1, float(chdtrc(len(d) - 1, statistic)))


def log_parts(treatment: PartMeans, control: PartMeans, places: ArrayLike) -> tuple[Floats, Floats]:
    """How many times the control's is the treatment's mean in each part, as logarithms?

    Args:
        treatment: The treatment's parts.
        control: The control's parts.
        places: Which parts, all with means clearly above zero.

    Returns:
        The log ratios and their covariance by the delta method.

    Source:
        Katz, Baptista, Azen & Pike (1978), Biometrics 34:469, for each ratio.

    Examples:
        >>> one, zero = part_means_of(range(1, 101), [0.5]), part_means_of(range(2, 201, 2), [0.5])
        >>> log_parts(zero, one, [0, 1])[0].round(3).tolist()
        [0.693, 0.693]
    """
    at = np.asarray(places)
    ratios = np.log(treatment.means[at] / control.means[at])
    variance = sum(
        arm.covariance[np.ix_(at, at)] / np.outer(arm.means[at], arm.means[at]) for arm in (treatment, control)
    )
    return ratios, np.asarray(variance)


def carrying_p(treatment: PartMeans, control: PartMeans) -> Floats:
    """Does one part bring more of the mean's change than all others together?

    Args:
        treatment: The treatment's parts.
        control: The control's parts.

    Returns:
        Two-sided p values, one per part, by Holm over the parts: that what it adds exceeds what the others add, in the
        direction of the part's own change. 1 where a part does not vary.

    Source:
        A contrast of part means with the normal distribution; Holm (1979).

    Examples:
        >>> import numpy as np
        >>> old = np.arange(1000.0)
        >>> new = np.where(old >= 900, old + 500, old)
        >>> carrying_p(part_means_of(new, [0.5, 0.9]), part_means_of(old, [0.5, 0.9])).round(3).tolist()
        [1.0, 1.0, 0.0]
    """
    widths = treatment.widths
    adds = (treatment.means - control.means) * widths
    covariance = (treatment.covariance + control.covariance) * np.outer(widths, widths)
    p_values = []
    for place, own in enumerate(adds):
        weights = np.where(np.arange(len(adds)) == place, 1.0, -1.0)
        lead, spread = float(np.sign(own) * (weights @ adds)), float(weights @ covariance @ weights)
        varies = covariance[place, place] > 0 and spread > 0
        p_values.append(min(2 * float(ndtr(-lead / np.sqrt(spread))), 1.0) if varies else 1.0)
    return holm(p_values)
