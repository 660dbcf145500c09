"""Several ways to end, of which only the first comes about: what share has ended in each way by each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from cxlab.errors import DataError
from cxlab.stats.risk_sets import sums_by

__all__ = ["Incidence", "cumulative_incidence"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Incidence:
    """The share that has ended in one way: one entry per time at which somebody ended or was last watched.

    Attributes:
        time: The times, in order.
        at_risk: People still watched, without any end, just before each time.
        events: People who end in this way at each time.
        incidence: Share that has ended in this way up to each time.
        standard_error: Its standard error.
        ci_low: Lower bound of its interval; nan where the share is 0.
        ci_high: Upper bound of its interval; nan where the share is 0.
        confidence: The interval's level.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    incidence: Floats
    standard_error: Floats
    ci_low: Floats
    ci_high: Floats
    confidence: float

    def at(self, t: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """What share has ended in this way by these times?

        Args:
            t: One time or several.

        Returns:
            Share, lower and upper bound; nan past the last time while somebody was still watched then.

        Examples:
            >>> share, _, _ = cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0])[0].at([0, 3, 9])
            >>> share
            array([0. , 0.5, nan])
        """
        asked = np.atleast_1d(np.asarray(t, dtype=float))
        place = np.searchsorted(self.time, asked, side="right")
        unseen = asked > self.time[-1]

        def read(values: Floats, before: float) -> Floats:
            return np.where(unseen, np.nan, np.concatenate([[before], values])[place])

        return read(self.incidence, 0.0), read(self.ci_low, np.nan), read(self.ci_high, np.nan)


def cumulative_incidence(
    time: ArrayLike, cause: ArrayLike, *, causes: int | None = None, weights: ArrayLike | None = None,
    confidence: float = 0.95,
) -> tuple[Incidence, ...]:  # fmt: skip
    """What share has ended in each way by each time, when an end of one kind rules out the others?

    Args:
        time: when each person ended or was last watched.
        cause: in which way, from 1 up; 0 if watching ended first.
        causes: how many ways there are; as many as were seen if not given.
        weights: how many people each entry stands for; one each if not given.
        confidence: level of the intervals.

    Returns:
        One Incidence per way. They add up to the share that has ended at all (one minus Kaplan-Meier).

    Raises:
        DataError: nobody is given, lengths differ, or a value cannot be used.

    Assumes:
        People are independent, and when watching ends has nothing to do with the ends.

    Source:
        Aalen & Johansen (1978), Scand J Stat 5:141; variance by the delta method as in Marubini & Valsecchi (1995),
        Greenwood's for a single way; bounds on the log(-log) scale. Checked against R 4.2.2, survival 3.5-3, survfit.

    Examples:
        >>> left, ended = [1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 2, 1]
        >>> [round(float(way.incidence[-1]), 3) for way in cumulative_incidence(left, ended)]
        [0.583, 0.417]
    """
    t, c = np.asarray(time, dtype=float), np.asarray(cause, dtype=float)
    w = np.ones(t.shape) if weights is None else np.asarray(weights, dtype=float)
    ways = int(np.nanmax(c, initial=0)) if causes is None else causes
    _refuse(t, c, w, ways)
    moments, place = np.unique(t[w > 0], return_inverse=True)
    place, c, w = place.reshape(-1), c[w > 0], w[w > 0]
    at_risk = np.cumsum(sums_by(place, w, len(moments))[::-1])[::-1]
    ended = np.stack([sums_by(place, w * (c == way), len(moments)) for way in range(1, ways + 1)])
    before = np.concatenate([[1.0], np.cumprod(1 - ended.sum(axis=0) / at_risk)[:-1]])
    return tuple(_way(moments, at_risk, ended.sum(axis=0), own, before, confidence) for own in ended)


def _refuse(t: Floats, c: Floats, w: Floats, ways: int) -> None:
    if t.ndim != 1 or t.shape != c.shape or t.shape != w.shape or not len(t) or not w.sum() > 0:
        raise DataError(
            f"Found {t.size} times, {c.size} ends and {w.size} weights; expected as many of each, and some."
        )
    good = np.isfinite(t) & (t >= 0) & np.isin(c, np.arange(ways + 1)) & np.isfinite(w) & (w >= 0)
    if not good.all() or ways < 1:
        raise DataError(
            f"{int((~good).sum())} of {t.size} entries cannot be used; expected times from 0 up, ends from 0 to "
            f"{ways} (1 or more), and weights from 0 up."
        )


def _way(
    moments: Floats, at_risk: Floats, all_ended: Floats, own: Floats, before: Floats, confidence: float
) -> Incidence:
    share = np.cumsum(before * own / at_risk)
    error = np.sqrt(_variance(at_risk, all_ended, own, before, share))
    with np.errstate(all="ignore"):
        width = ndtri((1 + confidence) / 2) * error / (share * np.abs(np.log(share)))
        inside = (share > 0) & (share < 1)
        low, high = (np.where(inside, share ** np.exp(sign * width), np.nan) for sign in (1, -1))
    return Incidence(moments, at_risk, own, share, error, low, high, confidence)


def _variance(n: Floats, d: Floats, own: Floats, before: Floats, share: Floats) -> Floats:
    """Sums over earlier u of (F(t) - F(u))² g(u) + h(u) - 2 (F(t) - F(u)) k(u), taken apart so that one pass does."""
    left = n - d
    g = np.where(left > 0, d / (n * np.maximum(left, 1e-300)), 0.0)
    h = before**2 * own * (n - own) / n**3
    k = before * own / n**2
    f, total = share, np.cumsum
    first = f**2 * total(g) - 2 * f * total(g * share) + total(g * share**2)
    return np.maximum(first + total(h) - 2 * (f * total(k) - total(k * share)), 0.0)
