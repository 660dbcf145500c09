"""Rows of a long answer, divided into parts while they come, so that the answer is never there as a whole."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.engine import Engine

__all__ = ["divided"]


def divided(engine: Engine, sql: str, parts: int) -> Iterator[dict[str, NDArray[Any]]]:
    """Ask once, and get the rows part by part; each is let go of when the next one is asked for.

    Args:
        engine: is asked.
        sql: the query; its column `part` is the number of the part.
        parts: how many there are.

    Yields:
        The other columns of each part, in no order; a part without rows is empty.
    """
    small = np.min_scalar_type(parts)  # so that sorting is counting
    kept: list[list[dict[str, NDArray[Any]]]] = [[] for _ in range(parts)]
    empty: dict[str, NDArray[Any]] = {}

    def divide(found: dict[str, NDArray[Any]]) -> None:
        number = found.pop("part").astype(small)
        empty.update({name: column[:0] for name, column in found.items()})
        order, ends = np.argsort(number, kind="stable"), np.bincount(number, minlength=parts).cumsum()
        for part, rows in zip(kept, np.split(order, ends[:-1]), strict=True):
            if len(rows):
                part.append({name: column[rows] for name, column in found.items()})

    engine.each(sql, divide)
    for part in kept:
        whole = {name: np.concatenate([one[name] for one in part]) if part else none for name, none in empty.items()}
        part.clear()
        yield whole
