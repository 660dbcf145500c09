"""What was known of customers at their start, as columns that a regression can hold constant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.wording import number

__all__ = ["KnownColumns", "known_columns"]

_OTHER = "other"


@dataclass(frozen=True)
class KnownColumns:
    """A column per number and per group but the largest one; `told` says what each stands for."""

    values: NDArray[np.float64] = field(repr=False)
    told: tuple[tuple[str, str], ...]

    def of(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """The values of some rows, a row several times where it is asked for so."""
        return self.values[rows]


def known_columns(known: Mapping[str, NDArray[Any]], left: NDArray[np.bool_], *, fewest: int) -> KnownColumns:
    """How do covariates enter a regression?

    Args:
        known: values by covariate, numbers as floats and groups as texts.
        left: who left.
        fewest: groups in which fewer left are put together, as nothing can be said of each.

    Returns:
        Numbers in standard deviations about their mean; groups against the largest one.

    Examples:
        >>> left = np.array([True] * 4)
        >>> known_columns({"plan": np.array(["a", "b", "a", "a"])}, left, fewest=1).told
        (('plan', 'b instead of a'),)
    """
    parts: list[NDArray[np.float64]] = []
    told: list[tuple[str, str]] = []
    for name, values in known.items():
        if values.dtype == object or values.dtype.kind in "US":
            columns, words = _groups(values, left, fewest)
        else:
            columns, words = _number(values)
        parts += columns
        told += [(name, word) for word in words]
    empty = np.zeros((len(left), 0))
    return KnownColumns(np.column_stack(parts) if parts else empty, tuple(told))


def _number(values: NDArray[np.float64]) -> tuple[list[NDArray[np.float64]], list[str]]:
    spread = float(values.std())
    if not spread > 0:
        return [], []
    return [(values - values.mean()) / spread], [f"{number(spread)} more"]


def _groups(values: NDArray[Any], left: NDArray[np.bool_], fewest: int) -> tuple[list[NDArray[np.float64]], list[str]]:
    names, place = np.unique(values.astype(str), return_inverse=True)
    gone = np.bincount(place, weights=left, minlength=len(names))
    rare = gone < fewest
    label = np.where(rare[place], _OTHER, names[place])
    # Nothing can be said of the others either where too few of them left: they go with the largest group.
    if rare.any() and not rare.all() and gone[rare].sum() < fewest:
        label[rare[place]] = names[int(np.argmax(np.where(rare, 0, np.bincount(place))))]
    groups, size = np.unique(label, return_counts=True)
    largest = groups[int(np.argmax(size))]
    others = [str(name) for name in groups if name != largest]
    return [(label == name).astype(float) for name in others], [f"{name} instead of {largest}" for name in others]
