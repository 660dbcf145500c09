"""Quantiles of two groups compared over the whole distribution, from the values at a few ranks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from cxlab.stats.quantiles import order_statistic_ranks
from cxlab.stats.simultaneous import simultaneous_quantile

__all__ = ["Place", "QuantileDifference", "place_of", "quantile_difference", "quantile_differences"]


class Place(NamedTuple):
    """Where a quantile lies among n sorted values (ranks from 1): itself between two, and the ends of its intervals.

    `low` and `high` end its own interval, `band_low` and `band_high` the one that holds for all quantiles together; 0
    and n + 1 mean that no value ends it.
    """

    n: int
    share: float
    below: int
    above: int
    part: float
    low: int
    high: int
    band_low: int
    band_high: int

    @property
    def ranks(self) -> tuple[int, ...]:
        """The ranks at which values are needed."""
        wanted = {self.below, self.above, self.low, self.high, self.band_low, self.band_high}
        return tuple(sorted(rank for rank in wanted if 1 <= rank <= self.n))

    @property
    def beyond(self) -> int:
        """How many values lie at or beyond the outermost one that is used, on the thinner side; 1 at least."""
        return max(min(self.ranks[0], self.n + 1 - self.ranks[-1]), 1)


class QuantileDifference(NamedTuple):
    """One quantile of two groups: estimates, difference, its interval, the band, and what the band says.

    What cannot be told is NaN. `reading` is "higher" or "lower" (the band keeps clear of zero), "open", "same value"
    (both quantiles are one and the same value of many), "tied" (two values of many) or "too few".
    """

    share: float
    estimate: float
    control_estimate: float
    effect: float
    ci_low: float
    ci_high: float
    band_low: float
    band_high: float
    reading: str


def place_of(n: int, share: float, *, confidence: float = 0.95, limit: float) -> Place:
    """At which ranks does one read a quantile and its intervals?

    Args:
        n: Number of independent values.
        share: The quantile's share, between 0 and 1.
        confidence: Level of its own interval, as a fraction.
        limit: Limit that holds for all quantiles together, in standard errors.

    Returns:
        The place: type 7, and exact binomial ranks for both levels.

    Source:
        Hyndman & Fan (1996), type 7; David & Nagaraja (2003), Order Statistics, section 7.1.

    Examples:
        >>> place_of(200, 0.9, limit=2.8).ranks
        (167, 171, 180, 181, 189, 192)
    """
    at = (n - 1) * share
    below = int(np.floor(at)) + 1
    own = order_statistic_ranks(n, share, confidence)
    band = order_statistic_ranks(n, share, 2 * float(ndtr(limit)) - 1)
    return Place(n, share, below, min(below + 1, n), float(at - np.floor(at)), *own, *band)


class _Arm(NamedTuple):
    estimate: float
    low: float
    high: float
    band_low: float
    band_high: float


def _arm(place: Place, value: Callable[[int], float]) -> _Arm:
    known = {rank: float(value(rank)) for rank in place.ranks}
    low = known[place.below]
    estimate = low + place.part * (known[place.above] - low) if place.part else low
    return _Arm(estimate, *(known.get(rank, np.nan) for rank in place[5:]))


def quantile_difference(
    treatment: Place, treatment_value: Callable[[int], float], control: Place, control_value: Callable[[int], float]
) -> QuantileDifference:
    """How far apart are one quantile of two groups?

    Args:
        treatment: The treatment's place.
        treatment_value: The treatment's value at a rank.
        control: The control's place, of the same share.
        control_value: The control's value at a rank.

    Returns:
        The difference. Its limits put the groups' own limits together, each side by itself, so that a quantile at the
        edge of many equal values has a lopsided interval; an interval without width is none, and is not told.

    Assumes:
        Independent units in independent groups. The quantile's own interval holds whatever the distribution; the
        difference's is right for large groups.

    Source:
        David & Nagaraja (2003), section 7.1, for each group; Donner & Zou (2012), Statistical Methods in Medical
        Research 21:347, for the difference.

    Examples:
        >>> place, values = place_of(200, 0.5, limit=2.8), [*range(200)]
        >>> found = quantile_difference(place, lambda r: values[r - 1] + 30.0, place, lambda r: values[r - 1])
        >>> found.effect, round(found.ci_low, 1), found.reading
        (30.0, 9.5, 'higher')
    """
    one, zero = _arm(treatment, treatment_value), _arm(control, control_value)
    effect = one.estimate - zero.estimate
    own = _ends(one.estimate, zero.estimate, one[1:3], zero[1:3])
    band = _ends(one.estimate, zero.estimate, one[3:], zero[3:])
    reading = _reading(effect, band)
    told = np.nan if reading == "same value" else effect
    levels = (treatment.share, one.estimate, zero.estimate)
    return QuantileDifference(*levels, told, *_told(own), *_told(band), reading)


def _ends(treatment: float, control: float, own: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, float]:
    down = float(np.hypot(treatment - own[0], other[1] - control))
    up = float(np.hypot(own[1] - treatment, control - other[0]))
    return treatment - control - down, treatment - control + up


def _told(ends: tuple[float, float]) -> tuple[float, float]:
    return ends if ends[1] > ends[0] else (np.nan, np.nan)


def _reading(effect: float, band: tuple[float, float]) -> str:
    if any(np.isnan(band)):
        return "too few"
    if band[0] == band[1]:
        return "tied" if effect else "same value"
    return "higher" if band[0] > 0 else "lower" if band[1] < 0 else "open"


def quantile_differences(
    treatment: ArrayLike, control: ArrayLike, shares: Sequence[float], *, confidence: float = 0.95
) -> list[QuantileDifference]:
    """How far apart are two groups over their whole distribution?

    Args:
        treatment: Independent values of the treatment.
        control: Independent values of the control.
        shares: The quantiles' shares, rising.
        confidence: Level of intervals and band, as a fraction.

    Returns:
        One difference per share. The same ranks are read inside the database for large tables.

    Source:
        Doksum & Sievers (1976), Biometrika 63:421.

    Examples:
        >>> import numpy as np
        >>> new, old = np.arange(1000.0) + 100, np.arange(1000.0)
        >>> [difference.effect for difference in quantile_differences(new, old, [0.1, 0.5, 0.9])]
        [100.0, 100.0, 100.0]
    """
    one, zero = np.sort(np.asarray(treatment, dtype=float)), np.sort(np.asarray(control, dtype=float))
    limit = simultaneous_quantile(shares, confidence)
    found = []
    for share in shares:
        places = [place_of(len(arm), share, confidence=confidence, limit=limit) for arm in (one, zero)]
        found.append(quantile_difference(places[0], lambda r: one[r - 1], places[1], lambda r: zero[r - 1]))
    return found
