"""What a purchase model needs of each customer, alike ones counted once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Ahead", "PurchaseRows", "mean_rate", "purchase_rows", "simulated_rows"]

Floats = NDArray[np.float64]


class PurchaseRows(NamedTuple):
    """Customers by repeat purchases `x`, time `t_x` of the last one and `age`, both since the first purchase.

    `n` says how many customers are alike, `of` which row each customer is in.
    """

    x: Floats
    t_x: Floats
    age: Floats
    n: Floats
    of: NDArray[np.intp]


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
    each = np.column_stack([np.asarray(part, dtype=float) for part in (x, t_x, age)])
    found, of, n = np.unique(each, axis=0, return_inverse=True, return_counts=True)
    return PurchaseRows(found[:, 0], found[:, 1], found[:, 2], n.astype(float), np.asarray(of).reshape(-1))


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
