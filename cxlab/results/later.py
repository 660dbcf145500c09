"""Tables that stand at once, and some that are computed when one of them is first read."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

__all__ = ["Later"]


class Later(Mapping[str, pd.DataFrame]):
    """Tables by name; those that cost something and that not every reader asks for wait until they are read.

    They are what they would have been at once: whatever they are made of does not change any more.
    """

    def __init__(
        self, known: Mapping[str, pd.DataFrame], names: tuple[str, ...], made: Callable[[], Mapping[str, pd.DataFrame]]
    ) -> None:
        """Compute nothing yet.

        Args:
            known: the tables that stand.
            names: the names of the others, told before they are computed.
            made: computes them, all in one.

        Examples:
            >>> tables = Later({"a": pd.DataFrame()}, ("b",), lambda: {"b": pd.DataFrame({"x": [1]})})
            >>> list(tables), tables["b"]["x"].tolist()
            (['a', 'b'], [1])
        """
        self._known, self._names, self._made = dict(known), names, made

    @cached_property
    def _found(self) -> dict[str, pd.DataFrame]:
        return dict(self._made())

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._found[name] if name in self._names else self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._known, *self._names])

    def __len__(self) -> int:
        return len(self._known) + len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._names

    def __repr__(self) -> str:
        return f"Later({', '.join(self)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """What is copied or sent elsewhere is computed before."""
        return dict, (dict(self),)
