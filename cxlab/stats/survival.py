"""Time until something happens, when not everybody has been watched to the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from cxlab.errors import DataError

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Survival:
    """A survival curve: one entry per distinct time, in order.

    Attributes:
        time: The distinct times, of events and of ends of observation alike.
        at_risk: People still watched, without the event, just before each time.
        events: People with the event at each time.
        survival: Share still without the event right after each time.
        standard_error: Greenwood's standard error of that share.
        ci_low: Lower bound of its interval; nan where the share is 0 or 1.
        ci_high: Upper bound of its interval; nan where the share is 0 or 1.
        confidence: The interval's level.
    """

    time: Numbers
    at_risk: Numbers
    events: Numbers
    survival: Numbers
    standard_error: Numbers
    ci_low: Numbers
    ci_high: Numbers
    confidence: float

    def at(self, t: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
        """What share is still without the event at these times?

        Args:
            t: One time or several.

        Returns:
            Three arrays, one entry per time: share, lower and upper bound. The share before the
            first time is 1 and its bounds are nan; past the last time all three are nan, or the
            share 0 if nobody was left.

        Examples:
            >>> curve = kaplan_meier([1, 2, 2, 4], [1, 1, 0, 0])
            >>> share, low, high = curve.at([0.5, 2, 9])
            >>> share
            array([1. , 0.5, nan])
        """
        asked = np.atleast_1d(np.asarray(t, dtype=float))
        place = np.searchsorted(self.time, asked, side="right") - 1
        unseen = (asked > self.time[-1]) & (self.survival[-1] > 0)
        return (
            _step(self.survival, place, 1.0, unseen),
            _step(self.ci_low, place, np.nan, unseen),
            _step(self.ci_high, place, np.nan, unseen),
        )

    def watched(self, t: ArrayLike) -> Numbers:
        """How many people are still watched, without the event, just before these times?

        Args:
            t: One time or several.

        Returns:
            One number per time.

        Examples:
            >>> kaplan_meier([1, 2, 2, 4], [1, 1, 0, 0]).watched([1, 3])
            array([4., 1.])
        """
        place = np.searchsorted(self.time, np.atleast_1d(np.asarray(t, dtype=float)), side="left")
        return np.append(self.at_risk, 0.0)[place]

    def quantile(self, q: float = 0.5) -> tuple[float, float, float]:
        """By when have this share of people had the event?

        Args:
            q: The share, between 0 and 1; 0.5 asks for the median time.

        Returns:
            The first time at which the curve is at or under 1 - q, and the interval read off the
            curve's own bounds in the same way; nan where the curve or the bound never gets there.

        Examples:
            >>> kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0]).quantile(0.5)[0]
            2.0
        """
        if not 0 < q < 1:
            raise DataError(f"quantile: `q` is {q}; a share between 0 and 1 is expected.")
        low = np.where(self.survival <= 0, 0.0, self.ci_low)
        return (
            _first_time(self.time, self.survival, 1 - q),
            _first_time(self.time, low, 1 - q),
            _first_time(self.time, self.ci_high, 1 - q),
        )


def kaplan_meier(
    time: ArrayLike, event: ArrayLike, *, weights: ArrayLike | None = None, confidence: float = 0.95
) -> Survival:
    """What share of people are still without the event after each time?

    Args:
        time: One number per person: time until the event or until watching ended.
        event: One flag per person: 1 if the event was seen, 0 if watching ended first.
        weights: How many people each entry stands for; one each by default.
        confidence: Level of the intervals.

    Returns:
        A Survival: time, at_risk, events, survival, standard_error, ci_low, ci_high.

    Raises:
        DataError: If there are no entries, lengths differ, or a time or flag is not usable.

    Assumes:
        People are independent, and when watching ends has nothing to do with the event.

    Source:
        Kaplan and Meier 1958; Greenwood 1926; bounds on the log(-log) scale. Numbers checked against
        R 4.2.2, survival 3.5-3, survfit(conf.type = "log-log").

    Examples:
        >>> curve = kaplan_meier([6, 7, 10, 15, 19, 25], [1, 0, 1, 1, 0, 1])
        >>> curve.survival.round(3)
        array([0.833, 0.833, 0.625, 0.417, 0.417, 0.   ])
    """
    t, d, w = _checked(time, event, weights)
    moments, place = np.unique(t, return_inverse=True)
    leaving = np.bincount(place, weights=w, minlength=len(moments))
    events = np.bincount(place, weights=w * d, minlength=len(moments)).astype(float)
    at_risk = np.cumsum(leaving[::-1])[::-1].astype(float)
    survival = _product(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        low, high = _log_log(survival, greenwood, confidence)
        error = np.where(survival > 0, survival * np.sqrt(greenwood), np.nan)
    return Survival(moments, at_risk, events, survival, error, low, high, confidence)


def _checked(time: ArrayLike, event: ArrayLike, weights: ArrayLike | None) -> tuple[Numbers, Numbers, Numbers]:
    t = np.asarray(time, dtype=float)
    d = np.asarray(event, dtype=float)
    w = np.ones_like(t) if weights is None else np.asarray(weights, dtype=float)
    if t.ndim != 1 or t.shape != d.shape or t.shape != w.shape:
        raise DataError(f"survival: lengths differ: {t.size} times, {d.size} event flags, {w.size} weights.")
    if not t.size or not w.sum() > 0:
        raise DataError("survival: no times were given; at least one person is needed.")
    _usable("times", t, np.isfinite(t) & (t >= 0), "finite numbers from 0 up are expected")
    _usable("event flags", d, np.isin(d, (0, 1)), "1 for seen or 0 for not seen is expected")
    _usable("weights", w, np.isfinite(w) & (w >= 0), "finite numbers from 0 up are expected")
    kept = w > 0
    return t[kept], d[kept], w[kept]


def _usable(what: str, values: Numbers, good: NDArray[np.bool_], expected: str) -> None:
    bad = np.flatnonzero(~good)
    if bad.size:
        raise DataError(
            f"survival: {bad.size} of {values.size} {what} cannot be used, the first is "
            f"{values[bad[0]]} at position {bad[0]}; {expected}."
        )


def _product(factors: Numbers) -> Numbers:
    # A tiny rounding rest where everybody left would read as "some survive".
    return np.maximum(np.cumprod(factors), 0.0)


def _log_log(survival: Numbers, greenwood: Numbers, confidence: float) -> tuple[Numbers, Numbers]:
    inside = (survival > 0) & (survival < 1)
    width = ndtri((1 + confidence) / 2) * np.sqrt(greenwood) / np.abs(np.log(survival))
    low = np.where(inside, survival ** np.exp(width), np.nan)
    return low, np.where(inside, survival ** np.exp(-width), np.nan)


def _step(values: Numbers, place: NDArray[np.intp], before: float, unseen: NDArray[np.bool_]) -> Numbers:
    return np.where(unseen, np.nan, np.where(place < 0, before, values[np.maximum(place, 0)]))


def _first_time(time: Numbers, values: Numbers, level: float) -> float:
    # R's survfit uses the same tolerance, so that 1 - 0.1 - 0.4 counts as one half.
    reached = np.flatnonzero(values <= level + 1e-12)
    return float(time[reached[0]]) if reached.size else float("nan")
