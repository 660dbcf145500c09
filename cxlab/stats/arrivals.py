"""Who comes, and how soon do those come who do, when not everybody has been watched to the end?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from cxlab.stats.proportions import wilson_interval
from cxlab.stats.survival import kaplan_meier

__all__ = ["Arrivals", "arrivals"]

Floats = NDArray[np.float64]
Ends = tuple[float, float, float]
_FEWEST = 5  # arrivals from which a time is told


class Arrivals(NamedTuple):
    """The share that comes within the horizon, and the time within which half of these come; each with its limits."""

    share: Ends
    median: Ends


_NOTHING = (np.nan, np.nan, np.nan)


def arrivals(
    time: ArrayLike, came: ArrayLike, *, horizon: float, weights: ArrayLike | None = None, confidence: float = 0.95
) -> Arrivals:
    """Which share comes within a time, and when have half of those come?

    Args:
        time: time until somebody came, or for which we could watch without seeing it.
        came: 1 where somebody came, else 0.
        horizon: what happens later does not count.
        weights: how many people each entry stands for; one each by default.
        confidence: level of the intervals, as a fraction.

    Returns:
        The share by Kaplan and Meier at the horizon, and the first time t at which F(t) reaches half of it. No time is
        told with fewer than 5 who came.

    Assumes:
        People are independent, and how long somebody could be watched has nothing to do with coming. The horizon does
        not depend on who came.

    Source:
        Kaplan and Meier (1958), Greenwood (1926). The time's limits are those t for which S(t) - (1 + S(horizon)) / 2
        is within its standard error times z of 0, by the covariance of the curve at two times: the idea of Brookmeyer
        and Crowley (1982), for half of those who come. Where all come it is their interval of the median.

    Examples:
        >>> found = arrivals([1, 2, 3, 4, 5, 6, 9, 9, 9, 9], [1, 1, 1, 1, 1, 1, 0, 0, 0, 0], horizon=9)
        >>> round(found.share[0], 3), found.median[0]
        (0.6, 3.0)
    """
    t, d = np.asarray(time, float), np.asarray(came, float)
    w = np.ones_like(t) if weights is None else np.asarray(weights, float)
    seen = d * (t <= horizon)
    curve = kaplan_meier(np.minimum(t, horizon), seen, weights=w, confidence=confidence)
    left, spread = curve.survival, _spread(curve.at_risk, curve.events)
    share = _share(t, seen, w, horizon, confidence, (1 - left[-1], 1 - curve.ci_high[-1], 1 - curve.ci_low[-1]))
    if float((w * seen).sum()) < _FEWEST:
        return Arrivals(share, _NOTHING)
    return Arrivals(share, _half(curve.time, left, spread, confidence))


def _share(t: Floats, seen: Floats, w: Floats, horizon: float, confidence: float, ends: Ends) -> Ends:
    """Wilson's interval where everybody could be watched, or nobody or all came; else that of the curve."""
    open_ = (seen == 0) & (t < horizon)
    if open_.any() and 0 < ends[0] < 1:
        return tuple(map(float, ends))  # type: ignore[return-value]
    known = float(w[~open_].sum())
    low, high = wilson_interval(ends[0] * known, known, confidence=confidence)
    return float(ends[0]), float(low), float(high)


def _spread(at_risk: Floats, events: Floats) -> Floats:
    """Greenwood's sum; what follows the last one left is never asked for."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(at_risk > events, events / (at_risk * (at_risk - events)), 0.0)
    return np.asarray(np.cumsum(steps), float)


def _half(time: Floats, left: Floats, spread: Floats, confidence: float) -> Ends:
    """The time within which half of those come who come at all, and the times that the curve does not exclude."""
    end = left[-1]
    gap = (1 + end) / 2 - left  # below 0 before half have come, above 0 after
    variance = left**2 * spread + end**2 * spread[-1] / 4 - left * end * spread
    reach = float(ndtri((1 + confidence) / 2)) * np.sqrt(np.maximum(variance, 0.0))
    return _first(time, gap >= -1e-12), _first(time, gap >= -reach - 1e-12), _first(time, gap > reach)


def _first(time: Floats, reached: NDArray[np.bool_]) -> float:
    places = np.flatnonzero(reached)
    return float(time[places[0]]) if places.size else float("nan")
