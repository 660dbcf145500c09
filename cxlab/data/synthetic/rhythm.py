"""When things happen: two years of local days with their hours, weeks and seasons.

Times are whole microseconds since 1970 in UTC. "Busy time" runs fast when people are awake and slowly at
night; over a week, and over the two years, it runs as fast as the clock.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "DAY", "END", "HOUR", "MISSING", "START", "ZONES", "after_busy_days", "as_times", "busy_days",
    "busy_moments", "instant", "moments_between",
]  # fmt: skip

Micro = NDArray[np.int64]
HOUR = 3_600_000_000
DAY = 24 * HOUR
MISSING = np.iinfo(np.int64).min
_MARGIN = 3 * DAY
ZONES = (
    "Europe/London", "America/New_York", "America/Los_Angeles", "Europe/Berlin", "Europe/Paris",
    "Europe/Madrid", "Asia/Tokyo", "America/Sao_Paulo", "Asia/Taipei",
)  # fmt: skip
_HOURS = np.array([3, 2, 1, 1, 1, 2, 5, 9, 13, 15, 16, 16, 17, 16, 15, 15, 15, 16, 18, 20, 21, 19, 13, 7], dtype=float)
_WEEK = np.array([1.08, 1.06, 1.04, 1.02, 0.98, 0.86, 0.96])
_YEAR = np.array([0.98, 0.94, 0.97, 0.98, 0.97, 0.95, 0.9, 0.92, 1.0, 1.03, 1.18, 1.18])


def instant(text: str) -> int:
    """Microseconds since 1970 of a UTC time."""
    return int(np.datetime64(text, "us").astype(np.int64))


START, END = instant("2024-07-01"), instant("2026-07-01")


def as_times(moments: Micro) -> NDArray[Any]:
    """Microseconds as times, down to the millisecond; MISSING becomes a missing time."""
    return np.where(moments == MISSING, MISSING, moments - moments % 1000).view("M8[us]")


@lru_cache(maxsize=1)
def _offsets() -> NDArray[np.int64]:
    """Offset from UTC by zone and hour."""
    hours = pd.DatetimeIndex(np.arange(START - _MARGIN, END + _MARGIN, HOUR).view("M8[us]"), tz="UTC")
    plain = hours.tz_localize(None)
    found = [(hours.tz_convert(zone).tz_localize(None) - plain).to_numpy().astype("m8[us]") for zone in ZONES]
    return np.stack(found).astype(np.int64)


def _offset(utc: Micro, zone: NDArray[Any]) -> Micro:
    hour = np.clip((utc - START + _MARGIN) // HOUR, 0, _offsets().shape[1] - 1)
    return _offsets()[zone, hour]


def _to_utc(local: Micro, zone: NDArray[Any]) -> Micro:
    near = local - _offset(local, zone)
    return local - _offset(near, zone)


@lru_cache(maxsize=2)
def _busy(*, yearly: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Local microseconds since the grid's start, and busy microseconds passed until then."""
    starts = np.arange(START - _MARGIN, END + _MARGIN, HOUR)
    local = pd.DatetimeIndex(starts.view("M8[us]"))
    weight = _HOURS[local.hour] / _HOURS.mean() * _WEEK[local.day_of_week] / _WEEK.mean()
    if yearly:
        weight = weight * (_YEAR / _YEAR.mean())[local.month - 1]
    passed = np.append(0.0, np.cumsum(weight) * HOUR)
    return np.append(starts, END + _MARGIN).astype(float) - (START - _MARGIN), passed


def _to_busy(utc: Micro, zone: NDArray[Any], *, yearly: bool) -> NDArray[np.float64]:
    clock, busy = _busy(yearly=yearly)
    return np.interp((utc + _offset(utc, zone) - START + _MARGIN).astype(float), clock, busy)


def _from_busy(passed: NDArray[np.float64], zone: NDArray[Any], *, yearly: bool) -> Micro:
    clock, busy = _busy(yearly=yearly)
    local = np.interp(passed, busy, clock).astype(np.int64) + START - _MARGIN
    return _to_utc(local, zone)


def busy_days(first: Micro, last: Micro | int, zone: NDArray[Any]) -> NDArray[np.float64]:
    """How many days of ordinary business lie between two times, with week and season counted?"""
    until = np.full(len(first), last, dtype=np.int64) if isinstance(last, int) else last
    return np.maximum(_to_busy(until, zone, yearly=True) - _to_busy(first, zone, yearly=True), 0) / DAY


def busy_moments(part: NDArray[np.float64], first: Micro, last: Micro | int, zone: NDArray[Any]) -> Micro:
    """The moment at which this part (0 to 1) of the business between `first` and `last` is done."""
    until = np.full(len(first), last, dtype=np.int64) if isinstance(last, int) else last
    low, high = _to_busy(first, zone, yearly=True), _to_busy(until, zone, yearly=True)
    found = _from_busy(low + part * (high - low), zone, yearly=True)
    return np.clip(found, first, until - 1)


def after_busy_days(start: Micro, days: NDArray[np.float64], zone: NDArray[Any]) -> Micro:
    """The moment after so many busy days; the week has its rhythm, the year none: rates stay level."""
    passed = _to_busy(start, zone, yearly=False) + days * DAY
    return np.maximum(_from_busy(passed, zone, yearly=False), start + 1)


def moments_between(
    rng: np.random.Generator, first: Micro, zone: NDArray[Any], rate: NDArray[np.float64]
) -> tuple[NDArray[np.int64], Micro]:
    """A stream of moments for each row until the end: which row, and when.

    Args:
        rng: random numbers.
        first: where each stream begins.
        zone: each row's number in ZONES.
        rate: moments per busy day.
    """
    count = rng.poisson(rate * busy_days(first, END, zone))
    owner = np.repeat(np.arange(len(first)), count)
    return owner, busy_moments(rng.random(len(owner)), first[owner], END, zone[owner])
