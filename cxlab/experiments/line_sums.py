"""Sums from which the spread about a line follows, so that no second look at each unit is needed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["line_products", "line_sums"]

_POWERS = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1))
"""1, x, x^2, y and xy: every residual, and every residual by its distance, is made of these."""


def line_sums(prefix: str, y: str, x: str) -> list[str]:
    """SQL of the sums of all products of 1, x, x^2, y and xy in pairs.

    Args:
        prefix: of their names.
        y: the value about its centre.
        x: the covariate about its centre.

    Examples:
        >>> line_sums("m0", "y", "x")[0]
        'sum(x) AS m0_line_10'
    """
    xx, yx, yy = f"{x} * {x}", f"{y} * {x}", f"{y} * {y}"
    terms = {
        "10": x, "01": y, "20": xx, "11": yx, "02": yy, "30": f"{x} * ({xx})", "21": f"{x} * ({yx})",
        "12": f"{y} * ({yx})", "40": f"({xx}) * ({xx})", "31": f"({xx}) * ({yx})", "22": f"({yx}) * ({yx})",
    }  # fmt: skip
    return [f"sum({term}) AS {prefix}_line_{powers}" for powers, term in terms.items()]


def line_products(prefix: str, n: int, record: Mapping[str, float]) -> NDArray[np.float64] | None:
    """The five by five products of a group, or None where they were not summed.

    Args:
        prefix: of their names.
        n: units of the group.
        record: the group's sums.
    """
    if f"{prefix}_line_10" not in record:
        return None

    def total(a: int, b: int) -> float:
        return float(record[f"{prefix}_line_{a}{b}"]) if a + b else float(n)

    return np.array([[total(a + c, b + d) for c, d in _POWERS] for a, b in _POWERS])
