"""A table of numbers as readers see it: plain headings, texts in its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from cxlab.wording import MISSING, interval

__all__ = ["text_rows"]


def text_rows(frame: pd.DataFrame, columns: Mapping[str, tuple[Any, Callable[[Any], str]]]) -> pd.DataFrame:
    """How is each cell written?

    Args:
        frame: one row per row; numbers of small groups are missing.
        columns: heading to the column, or the two columns of an interval, and what writes a number.

    Returns:
        The texts.

    Examples:
        >>> import pandas as pd
        >>> shown = pd.DataFrame({"n": [12, None], "rate": [0.5, None]})
        >>> text_rows(shown, {"People": ("n", str), "Rate": ("rate", str)})
            People Rate
        0     12.0  0.5
        1  under 5    –
    """
    return pd.DataFrame([
        {heading: _cell(row, key, write) for heading, (key, write) in columns.items()}
        for row in frame.to_dict("records")
    ])  # fmt: skip


def _cell(row: dict[Any, Any], key: Any, write: Callable[[Any], str]) -> str:
    if isinstance(key, tuple):
        return MISSING if pd.isna(row[key[0]]) or pd.isna(row[key[1]]) else interval(row[key[0]], row[key[1]], write)
    if pd.isna(row[key]):
        return "under 5" if key == "n" else MISSING
    return write(row[key])
