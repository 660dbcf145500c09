"""Which days may be told of, so that nobody works back the few customers who came between two of them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.results import SMALLEST_GROUP

__all__ = ["TOO_SMALL", "Told", "splits_told", "told_days"]

TOO_SMALL = SMALLEST_GROUP


@dataclass(frozen=True)
class Told:
    """The smallest group that each day tells of, by itself or by its difference to the days told before and after.

    `cohort` is that of the units that completed the window.
    """

    sizes: dict[Hashable, int]
    cohort: int


def told_days(came: pd.DataFrame, until: pd.Timestamp | None) -> Told:
    """What is the smallest group of units that could be worked back from each day?

    Args:
        came: how many units had come by each day, a column per variant.
        until: the last day of assignment of the units that completed the window, or None.

    Returns:
        Sizes. Between two days whose size is five or more, either nobody or five or more came in each variant, and
        so between them and all units, and those who completed the window.

    Examples:
        >>> days = pd.DataFrame({"control": [6, 8, 12], "new": [7, 7, 13]}, index=["mon", "tue", "wed"])
        >>> told_days(days, None).sizes
        {'mon': 6, 'tue': 2, 'wed': 6}
    """
    numbers = came.to_numpy(int)
    place = None if until is None else int(came.index.get_indexer(pd.Index([until]))[0])
    whole, cohort = numbers[-1], _smallest(numbers[-1])
    if place is not None:
        cohort = min(_smallest(numbers[place]), _smallest(whole - numbers[place]), cohort)
    anchor = place if place is not None and cohort >= TOO_SMALL else None
    sizes, before = [], np.zeros_like(whole)
    for at, now in enumerate(numbers):
        after = [whole - now, *([numbers[anchor] - now] if anchor is not None and at <= anchor else [])]
        sizes.append(min(_smallest(now - before), _smallest(whole), *map(_smallest, after)))
        before = now if sizes[-1] >= TOO_SMALL else before
    return Told({day: min(size, _largest(now)) for day, size, now in zip(came.index, sizes, numbers, strict=True)},
                min(cohort, _largest(whole)))  # fmt: skip


def _smallest(groups: NDArray[np.int_]) -> int:
    """The smallest group with somebody in it."""
    return int(min(groups[groups > 0], default=np.iinfo(np.int64).max))


def _largest(groups: NDArray[np.int_]) -> int:
    return int(groups.max(initial=0))


def splits_told(splits: pd.DataFrame, by_day: pd.DataFrame | None) -> pd.DataFrame:
    """The sizes of the split by day, made as small as those of the table by day, so that neither gives the other away.

    Args:
        splits: the groups' sizes by part, with the column size.
        by_day: the effect by calendar day, with the column size; None where there is none.

    Returns:
        The splits; a day's newcomers are told only where it and the day before it are.
    """
    if by_day is None:
        return splits
    size = by_day.groupby("day")["size"].min()
    size = pd.concat([size, size.shift(1, fill_value=np.iinfo(np.int64).max)], axis=1).min(axis=1)
    limit = splits["group"].where(splits["part"] == "day").map(size)
    return splits.assign(size=np.fmin(splits["size"], limit).astype(int))
