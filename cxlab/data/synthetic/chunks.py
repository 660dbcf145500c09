"""Customers are made in groups of fixed size; what one group holds depends on seed and number alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data.synthetic.seeds import stream

__all__ = ["SIZE", "Chunk", "Columns", "chunks", "labels", "whole"]

SIZE = 10_000
Columns = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Chunk:
    """One group of customers, and what has been made of it so far.

    Attributes:
        seed: the company's seed.
        number: which group, from 0.
        size: how many customers.
    """

    seed: int
    number: int
    size: int
    _made: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def rng(self, name: str) -> np.random.Generator:
        """The random numbers of one name in this group."""
        return stream(self.seed, name, self.number)

    def made(self, part: Callable[["Chunk"], T]) -> T:
        """What `part` makes of this group; made once, however many tables rest on it."""
        if part not in self._made:
            self._made[part] = part(self)
        found: T = self._made[part]
        return found

    def ids(self, n: int, per_customer: int, first: int = 0) -> NDArray[np.int64]:
        """Ids for `n` rows that no other group can have, with room for so many per customer."""
        return np.arange(n, dtype=np.int64) + first + 1 + self.number * SIZE * per_customer


def chunks(customers: int, seed: int) -> Iterator[Chunk]:
    """The groups that make up a company."""
    for number, start in enumerate(range(0, customers, SIZE)):
        yield Chunk(seed, number, min(SIZE, customers - start))


def labels(codes: NDArray[np.integer[Any]], names: tuple[str, ...]) -> pd.Categorical:
    """Text by its number in a list; -1 is missing."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype="str"))


def whole(values: NDArray[np.integer[Any]], known: NDArray[np.bool_]) -> pd.arrays.IntegerArray:
    """Whole numbers of which some are missing."""
    return pd.arrays.IntegerArray(np.where(known, values, 0).astype(np.int64), ~known)
