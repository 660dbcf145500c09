"""Gauss's hypergeometric function where the library loses digits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import hyp2f1

__all__ = ["at_negative", "with_one"]

Floats = NDArray[np.float64]
_NEAR = 1e-6


def at_negative(first: ArrayLike, second: ArrayLike, third: ArrayLike, z: ArrayLike) -> Floats:
    """Gauss's function F(first, second; third; -z) for z of 0 or more.

    Args:
        first: first parameter, above 0.
        second: second parameter.
        third: third parameter, above 0.
        z: the argument without its sign.

    Returns:
        The value, by Pfaff's transformation: beyond the unit circle the library loses digits.

    Examples:
        >>> round(float(at_negative(1.0, 1.0, 2.0, 3.0)), 6)  # log(1 + z) / z
        0.462098
    """
    a, b, c, z = (np.asarray(part, dtype=float) for part in (first, second, third, z))
    a, b = np.maximum(a, b), np.minimum(a, b)  # the power of the smaller one overflows last
    whole = np.abs(a - b - np.rint(a - b)) < _NEAR  # there the library's formula near 1 divides 0 by 0
    off = np.where(whole, 2 * _NEAR, 0.0)
    found = _pfaff(a, b + off, c, z)
    return np.asarray((found + _pfaff(a, b - off, c, z)) / 2 if whole.any() else found)


def _pfaff(a: Floats, b: Floats, c: Floats, z: Floats) -> Floats:
    return np.asarray((1 + z) ** -b * hyp2f1(b, c - a, c, z / (1 + z)))


def with_one(second: ArrayLike, third: ArrayLike, z: float) -> Floats:
    """Gauss's function F(1, second; third; z) for z from 0 to below 1.

    Args:
        second: second parameter, above 0 and at most the third.
        third: third parameter.
        z: the argument.

    Returns:
        The value, by Gauss's continued fraction: for large parameters the library gives none.

    Examples:
        >>> round(float(with_one(1.0, 2.0, 0.5)), 6)  # -log(1 - z) / z
        1.386294
    """
    b, c = np.broadcast_arrays(np.asarray(second, dtype=float), np.asarray(third, dtype=float))
    found = np.ones(b.shape)
    for m in range(int(20 / np.sqrt(1 - z)) + 60, 0, -1):
        even = m * (c - b + m - 1) / ((c + 2 * m - 2) * (c + 2 * m - 1))
        odd = b / c if m == 1 else (b + m - 1) * (c + m - 2) / ((c + 2 * m - 3) * (c + 2 * m - 2))
        found = 1 - odd * z / (1 - even * z / found)
    return np.asarray(1 / found)
