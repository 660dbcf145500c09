"""Who was at risk at each moment at which something happened, by stratum, from whichever entry on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxlab.errors import DataError
from cxlab.wording import count

__all__ = ["Lives", "RiskSets", "read_lives", "sums_by"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Lives:
    """Rows of people watched: from `entry` (not counting that moment) to `time`, and whether it ended with the event.

    Attributes:
        time: End of each row.
        happened: Whether the event came then.
        entry: Begin of each row; -inf where everybody is watched from the start.
        stratum: Number of each row's stratum.
        weight: How many people are alike in each row.
    """

    time: Floats
    happened: NDArray[np.bool_]
    entry: Floats
    stratum: Places
    weight: Floats


def read_lives(
    time: ArrayLike, event: ArrayLike, entry: ArrayLike | None, strata: ArrayLike | None, weights: ArrayLike | None
) -> Lives:
    """Are these times, flags, entries, strata and weights fit for use?

    Args:
        time: end of each row.
        event: 1 where the event came then, else 0.
        entry: begin of each row, or None.
        strata: stratum of each row, or None.
        weights: how many people are alike in each row, or None.

    Returns:
        The rows.

    Raises:
        DataError: lengths differ, a value cannot be used, or a row ends before it starts.
    """
    t, d = np.asarray(time, dtype=float), np.asarray(event, dtype=float)
    begins = np.full(t.shape, -np.inf) if entry is None else np.asarray(entry, dtype=float)
    w = np.ones(t.shape) if weights is None else np.asarray(weights, dtype=float)
    names = np.zeros(t.shape, dtype=int) if strata is None else np.asarray(strata)
    if t.ndim != 1 or not len(t) or any(one.shape != t.shape for one in (d, begins, w, names)):
        sizes = ", ".join(f"{len(np.atleast_1d(one))}" for one in (t, d, begins, names, w))
        raise DataError(f"Times, events, entries, strata and weights have {sizes} values; expected equally many.")
    _refuse("times", t, np.isfinite(t), "finite numbers are expected")
    _refuse("event flags", d, np.isin(d, (0, 1)), "1 for happened or 0 for not is expected")
    _refuse("weights", w, (w >= 0) & (w == np.floor(w)), "whole numbers from 0 up are expected")
    _refuse("rows", t, ~(begins >= t), "each must end after it starts; drop rows of no length")
    stratum = np.unique(names, return_inverse=True)[1].reshape(-1)
    return Lives(t, d == 1, begins, stratum.astype(np.intp), w)


def _refuse(what: str, values: Floats, good: NDArray[np.bool_], expected: str) -> None:
    bad = np.flatnonzero(~good)
    if bad.size:
        raise DataError(
            f"{count(bad.size)} of {count(values.size)} {what} cannot be used, the first is {values[bad[0]]:g} at "
            f"position {bad[0]}; {expected}."
        )


@dataclass(frozen=True)
class RiskSets:
    """Rows and the moments, ordered by stratum and time, at which they were at risk: `first` up to before `last`.

    Attributes:
        first: The first moment of each row.
        last: One after the last moment of each row.
        died: Places of the rows that end with the event.
        moment: The moment of each of these.
        time: The time of each moment.
        stratum: The stratum of each moment.
        deaths: How many people had the event at each moment.
    """

    first: Places
    last: Places
    died: Places
    moment: Places
    time: Floats
    stratum: Places
    deaths: Floats

    @staticmethod
    def of(lives: Lives) -> RiskSets:
        """When was each row at risk?

        Args:
            lives: the rows.

        Returns:
            The risk sets. A row that begins at a moment is not yet at risk then (R's convention).

        Raises:
            DataError: nobody had the event.
        """
        happened = lives.happened & (lives.weight > 0)
        if not happened.any():
            raise DataError(f"None of {count(len(lives.time))} rows ends with the event; at least one is needed.")
        times = np.unique(lives.time[happened])
        base = lives.stratum * (len(times) + 1)
        key = base + np.searchsorted(times, lives.time, side="right")
        moments, moment = np.unique(key[happened], return_inverse=True)
        begins = base + np.searchsorted(times, lives.entry, side="right")
        return RiskSets(
            first=np.searchsorted(moments, begins, side="right"), last=np.searchsorted(moments, key, side="right"),
            died=np.flatnonzero(happened), moment=moment.reshape(-1), time=times[moments % (len(times) + 1) - 1],
            stratum=moments // (len(times) + 1),
            deaths=sums_by(moment.reshape(-1), lives.weight[happened], len(moments)),
        )  # fmt: skip

    @cached_property
    def _parts(self) -> list[slice]:
        edges = [0, *(np.flatnonzero(np.diff(self.stratum)) + 1), len(self.time)]
        return [slice(int(a), int(b)) for a, b in pairwise(edges)]

    @cached_property
    def _ends(self) -> tuple[Places, Places]:
        """One after each row's last moment, and its first one; 0 where it has none, or is there from the start."""
        starts = np.isin(np.arange(len(self.time) + 1), [part.start for part in self._parts])
        ever = self.last > self.first
        return np.where(ever, self.last, 0), np.where(ever & ~starts[self.first], self.first, 0)

    def at_risk(self, values: Floats) -> Floats:
        """The sum, at each moment, over the rows at risk.

        Args:
            values: one value per row, or one row of values.

        Returns:
            The same for each moment.
        """
        leave, enter = self._ends
        leaving = self._sums(leave, values) - (self._sums(enter, values) if enter.any() else 0)
        total = np.empty_like(leaving)
        # Added up from the end, so that the few who are left late are not the rest of two large sums.
        for part in self._parts:
            total[part] = np.cumsum(leaving[part][::-1], axis=0)[::-1]
        return total

    def _sums(self, ends: Places, values: Floats) -> Floats:
        """Sums by the moment before the end; rows with 0 fall out."""
        return sums_by(ends, values, len(self.time) + 1)[1:]

    def of_dead(self, values: Floats) -> Floats:
        """The sum, at each moment, over those who had the event then.

        Args:
            values: one value per row that ends with the event, or one row of values.

        Returns:
            The same for each moment.
        """
        return sums_by(self.moment, values, len(self.time))

    def over(self, values: Floats) -> Floats:
        """The sum, for each row, over the moments at which it was at risk.

        Args:
            values: one value per moment, or one row of values.

        Returns:
            The same for each row.
        """
        before = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
        return np.asarray(before[self.last] - before[self.first])


def sums_by(place: Places, values: Floats, size: int) -> Floats:
    """What do the values add up to, place by place?

    Args:
        place: the place of each value, from 0 up.
        values: one value, or one row of values, for each.
        size: how many places there are.

    Returns:
        One sum, or one row of sums, per place.

    Examples:
        >>> sums_by(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]), 3)
        array([1., 0., 5.])
    """
    if values.ndim == 1:
        return np.bincount(place, values, minlength=size).astype(float)
    return np.stack([np.bincount(place, column, minlength=size) for column in values.T], axis=1).astype(float)
