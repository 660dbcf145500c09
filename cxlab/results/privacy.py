"""Small groups are hidden wherever a result leaves Python."""

import numpy as np
import pandas as pd

__all__ = ["SMALLEST_DRAWN", "SMALLEST_GROUP", "publishable"]

SMALLEST_GROUP = 5
SMALLEST_DRAWN = 50
_SIZES = ("n", "control_n", "size", "respondents")
_KEYS = ("age", "step", "answer")


def publishable(frame: pd.DataFrame, *, smallest: int = SMALLEST_GROUP) -> pd.DataFrame:
    """Which numbers of a table may leave Python?

    Args:
        frame: one row per group, with its size in `mature_n`, or in `n`, `control_n`, `size` and `respondents`.
        smallest: groups with fewer people are hidden.

    Returns:
        The table with every number of a hidden group missing. Where one segment alone is hidden beside a row
        for all, the next smallest is hidden too, so that subtraction does not give it back.

    Examples:
        >>> import pandas as pd
        >>> shown = publishable(pd.DataFrame({"segment": ["a", "b"], "n": [3, 40], "rate": [0.5, 0.25]}))
        >>> shown.rate.tolist()
        [nan, 0.25]
    """
    sizes = ["mature_n"] if "mature_n" in frame else [c for c in _SIZES if c in frame]
    if not sizes or frame.empty:
        return frame
    group = frame[sizes].min(axis=1)
    # Any size counts: a cohort of three of whom nobody could be seen yet (n = 0) is as small as one with n = 3.
    hidden = ((frame[sizes] > 0) & (frame[sizes] < smallest)).any(axis=1).to_numpy(bool)
    hidden = hidden | _complement(frame, group, hidden)
    numbers = [c for c in frame.select_dtypes("number").columns if c not in _KEYS]
    masked = {c: frame[c].astype(float).mask(hidden) for c in numbers} if hidden.any() else {}
    return frame.assign(**masked)


def _complement(frame: pd.DataFrame, group: pd.Series, hidden: np.ndarray) -> np.ndarray:
    """The next smallest segment, where exactly one segment is hidden and a row for all stands beside it."""
    more = np.zeros(len(frame), bool)
    if "segment" not in frame or not hidden.any():
        return more
    keys = [c for c in ("metric", "variant", "step", "age", "cohort", "wave", "answer") if c in frame]
    blocks = frame.groupby(keys, dropna=False, sort=False).indices.values() if keys else [np.arange(len(frame))]
    for rows in blocks:
        whole = (frame["segment"].iloc[rows] == "all").to_numpy(bool)
        parts = rows[~whole]
        if whole.any() and hidden[parts].sum() == 1 and len(parts) > 1:
            rest = parts[~hidden[parts]]
            more[rest[np.argmin(group.to_numpy()[rest])]] = True
    return more
