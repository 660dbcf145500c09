"""What a purchase model needs of each customer, alike ones counted once."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Ahead", "PurchaseRows", "TimeGrid", "mean_rate", "purchase_rows", "simulated_rows"]

Floats = NDArray[np.float64]


class TimeGrid(NamedTuple):
    """The different numbers of purchases and moments among rows, and which of them each row has."""

    kinds: Floats
    kind: NDArray[np.intp]
    times: Floats
    begin: NDArray[np.intp]
    end: NDArray[np.intp]


class _Columns(NamedTuple):
    x: Floats
    t_x: Floats
    age: Floats
    n: Floats
    of: NDArray[np.intp]


class PurchaseRows(_Columns):
    """Customers by repeat purchases `x`, time `t_x` of the last one and `age`, both since the first purchase.

    `n` says how many customers are alike, `of` which row each customer is in.
    """

    @cached_property
    def grid(self) -> TimeGrid:
        """Days repeat: what depends on a number of purchases and one moment need not be computed for every row."""
        kinds, kind = np.unique(self.x, return_inverse=True)
        times, place = np.unique(np.concatenate([self.t_x, self.age]), return_inverse=True)
        begin, end = place.reshape(2, -1)
        return TimeGrid(kinds, kind.reshape(-1), times, begin, end)

    def every(self, step: int) -> PurchaseRows:
        """Some of the rows, evenly among them: enough to begin a search on."""
        x, t_x, age, n = (part[::step] for part in self[:4])
        return PurchaseRows(x, t_x, age, n, np.arange(len(x)))


class Ahead(NamedTuple):
    """Simulated purchases: whose, and when, counted from now on."""

    owner: NDArray[np.intp]
    time: Floats


def purchase_rows(x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> PurchaseRows:
    """Which different customers are there?

    Args:
        x: Repeat purchases of each customer.
        t_x: Time from the first to the last purchase, 0 where there is one only.
        age: Time from the first purchase to the end of what was seen.

    Returns:
        One row per different customer.

    Examples:
        >>> rows = purchase_rows([0, 2, 0], [0, 5.5, 0], [8, 9, 8])
        >>> rows.x.tolist(), rows.n.tolist(), rows.of.tolist()
        ([0.0, 2.0], [2.0, 1.0], [0, 1, 0])
    """
    columns = [np.asarray(part, dtype=float) for part in (x, t_x, age)]
    order = np.lexsort(columns[::-1])
    ordered = np.stack([column[order] for column in columns])
    first = np.append(True, (np.diff(ordered, axis=1) != 0).any(axis=0))
    of = np.empty(len(order), np.intp)
    of[order] = np.cumsum(first) - 1
    kinds = ordered[:, first]
    return PurchaseRows(kinds[0], kinds[1], kinds[2], np.bincount(of).astype(float), of)


def simulated_rows(ahead: Ahead, age: Floats) -> PurchaseRows:
    """Which customers did a simulation of new customers give?

    Args:
        ahead: their repeat purchases, as a model's `simulated` gives them for customers of age 0.
        age: how long each is followed.

    Returns:
        Their rows.

    Examples:
        >>> import numpy as np
        >>> rows = simulated_rows(Ahead(np.array([1, 1]), np.array([2.0, 3.5])), np.array([4.0, 6.0]))
        >>> rows.x.tolist(), rows.t_x.tolist()
        ([0.0, 2.0], [0.0, 3.5])
    """
    inside = ahead.time <= age[ahead.owner]
    owner, time = ahead.owner[inside], ahead.time[inside]
    last = np.zeros(len(age))
    np.maximum.at(last, owner, time)
    return purchase_rows(np.bincount(owner, minlength=len(age)), last, age)


def mean_rate(rows: PurchaseRows) -> float:
    """How many repeat purchases were there per customer and time?

    Args:
        rows: the customers.

    Returns:
        The rate, never 0.

    Examples:
        >>> mean_rate(purchase_rows([0, 2], [0, 3], [5, 5]))
        0.2
    """
    followed = float(np.dot(rows.n, rows.age))
    return max(float(np.dot(rows.n, rows.x)) / max(followed, 1e-9), 1e-3 / max(followed, 1e-9))
