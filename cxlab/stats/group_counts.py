"""How many of each group leave at each time, with what, and how many are at risk: all that tests of curves need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxlab.errors import DataError
from cxlab.stats.risk_sets import sums_by

__all__ = ["GroupCounts", "group_counts"]

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


class GroupCounts(NamedTuple):
    """Counts by time and group, the times of each stratum in a row of their own.

    Attributes:
        groups: The groups, in order.
        at_risk: People still watched just before each time: one row per time, one column per group.
        events: The same for people who leave with each kind of event: kind 1 first.
        stratum: The stratum of each row.
    """

    groups: tuple
    at_risk: Floats
    events: tuple[Floats, ...]
    stratum: Labels

    def of(self, columns: list[int]) -> GroupCounts:
        """The same for some of the groups."""
        return GroupCounts(
            tuple(self.groups[k] for k in columns), self.at_risk[:, columns],
            tuple(kind[:, columns] for kind in self.events), self.stratum,
        )  # fmt: skip


def group_counts(
    time: ArrayLike, kind: ArrayLike, group: ArrayLike, *, kinds: int = 1, strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> GroupCounts:  # fmt: skip
    """How many of each group leave at each time, with which kind of event?

    Args:
        time: when each person had an event or was last watched.
        kind: which kind of event it was, from 1 up; 0 if watching ended first.
        group: the group of each person.
        kinds: how many kinds there are.
        strata: groups within which people are compared, or None.
        weights: how many people each entry stands for; one each if not given.

    Returns:
        The counts.

    Raises:
        DataError: there are fewer than two groups, lengths differ, or a value cannot be used.
    """
    t, k = np.asarray(time, dtype=float), np.asarray(kind, dtype=float)
    w = np.ones(t.shape) if weights is None else np.asarray(weights, dtype=float)
    label = np.zeros(t.shape, dtype=int) if strata is None else np.asarray(strata)
    whose = np.asarray(group)
    if t.ndim != 1 or not len(t) or any(one.shape != t.shape for one in (k, w, label, whose)):
        sizes = ", ".join(str(np.size(one)) for one in (t, k, whose, label, w))
        raise DataError(f"Times, events, groups, strata and weights have {sizes} values; expected equally many.")
    _refuse("times", t, np.isfinite(t) & (t >= 0), "finite numbers from 0 up are expected")
    _refuse("events", k, np.isin(k, np.arange(kinds + 1)), f"whole numbers from 0 to {kinds} are expected")
    _refuse("weights", w, np.isfinite(w) & (w >= 0), "finite numbers from 0 up are expected")
    names, member = np.unique(whose, return_inverse=True)
    if len(names) < 2:
        raise DataError(f"Found {len(names)} group for {len(t)} times; two or more groups are needed.")
    return _counted(t, k, w, np.unique(label, return_inverse=True)[1].reshape(-1), names, member.reshape(-1), kinds)


def _refuse(what: str, values: Floats, good: NDArray[np.bool_], expected: str) -> None:
    bad = np.flatnonzero(~good)
    if bad.size:
        raise DataError(
            f"{bad.size} of {values.size} {what} cannot be used, the first is {values[bad[0]]:g} at position "
            f"{bad[0]}; {expected}."
        )


def _counted(
    t: Floats, k: Floats, w: Floats, stratum: Labels, names: NDArray, member: Labels, kinds: int
) -> GroupCounts:
    times, place = np.unique(t, return_inverse=True)
    moments, row = np.unique(stratum * len(times) + place.reshape(-1), return_inverse=True)
    cell, shape = row.reshape(-1) * len(names) + member, (len(moments), len(names))

    def table(weight: Floats) -> Floats:
        return sums_by(cell, weight, shape[0] * shape[1]).reshape(shape)

    of = moments // len(times)
    events = tuple(table(w * (k == one)) for one in range(1, kinds + 1))
    left = np.cumsum(table(w)[::-1], axis=0)[::-1]
    # Whoever stands in a later stratum was counted too; whole numbers are taken off without rounding.
    after = np.vstack([left, np.zeros(len(names))])[np.searchsorted(of, of, side="right")]
    happened = sum(kind.sum(axis=1) for kind in events) > 0
    return GroupCounts(
        tuple(names.tolist()), (left - after)[happened], tuple(kind[happened] for kind in events), of[happened]
    )
