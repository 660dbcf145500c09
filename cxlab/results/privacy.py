"""Small groups are hidden wherever a result leaves Python."""

import numpy as np
import pandas as pd

__all__ = ["SMALLEST_DRAWN", "SMALLEST_GROUP", "publishable"]

SMALLEST_GROUP = 5
SMALLEST_DRAWN = 50
_SIZES = ("n", "control_n", "size", "respondents", "arrived", "people", "control_people")
_KEYS = ("age", "step", "answer", "position", "active_periods", "landmark")
_BLOCKS = ("metric", "variant", "step", "age", "cohort", "wave", "answer")


def publishable(frame: pd.DataFrame, *, smallest: int = SMALLEST_GROUP) -> pd.DataFrame:
    """Which numbers of a table may leave Python?

    Args:
        frame: one row per group, with its size in `mature_n`, or in `n`, `control_n`, `size`, `respondents`
            and `arrived`; where `n` counts what people did several times, with the people behind it in `people`.
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
    known = ("mature_n", "people") if "mature_n" in frame else _SIZES
    sizes = [c for c in known if c in frame]
    if not sizes or frame.empty:
        return frame
    if {"group", "time", "size"} <= set(frame):
        return _curves(frame, smallest)
    group = frame[sizes].min(axis=1)
    # Any size counts: a cohort of three of whom nobody could be seen yet (n = 0) is as small as one with n = 3.
    hidden = ((frame[sizes] > 0) & (frame[sizes] < smallest)).any(axis=1).to_numpy(bool)
    hidden = hidden | _complement(frame, group, hidden)
    frame = _measures(frame, smallest)
    keys = (*_KEYS, "time") if "landmark" in frame else _KEYS  # from a landmark on, times are those of a grid
    numbers = [c for c in frame.select_dtypes("number").columns if c not in keys]
    masked = {c: frame[c].astype(float).mask(hidden) for c in numbers} if hidden.any() else {}
    return frame.assign(**masked)


def _measures(frame: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """Several measures in one row, each with people of its own: what few stand behind is hidden, the rest stays.

    An index is made of the other measures: where one of them is hidden, it would give that one back.
    """
    sized = [one.removesuffix("_n") for one in frame if one.endswith("_n")]
    names = [one for one in sized if f"{one}_ci_low" in frame]
    masked: dict[str, pd.Series] = {}
    some = np.zeros(len(frame), bool)
    for name in sorted(names, key=lambda one: one.endswith("_index")):
        size = frame[f"{name}_n"].astype(float).to_numpy()
        hidden = (size > 0) & (size < smallest)
        seen = np.flatnonzero(~hidden & (size > 0))
        if hidden.sum() == 1 and len(seen):  # all of them together may be told elsewhere
            hidden[seen[np.argmin(size[seen])]] = True
        some |= hidden
        hidden = some if name.endswith("_index") else hidden
        own = [one for one in frame if (one == name or one.startswith(f"{name}_")) and frame[one].dtype.kind in "if"]
        masked |= {one: frame[one].astype(float).mask(hidden) for one in own} if hidden.any() else {}
    return frame.assign(**masked)


def _complement(frame: pd.DataFrame, group: pd.Series, hidden: np.ndarray) -> np.ndarray:
    """The next smallest group, where exactly one is hidden and a total stands beside it or in another table."""
    more = np.zeros(len(frame), bool)
    if not hidden.any():
        return more
    for rows in _blocks(frame):
        seen = rows[~hidden[rows] & (group.to_numpy()[rows] > 0)]
        if hidden[rows].sum() == 1 and len(seen):
            more[seen[np.argmin(group.to_numpy()[seen])]] = True
    return more


def _blocks(frame: pd.DataFrame) -> list[np.ndarray]:
    """Groups that add up to a published total: segments beside a row for all, cohorts of one age beside the curve.

    Changes from a start to an end add up within each segment or period, and over segments; moves from one source
    add up to all of them, and customers by how often they came or when they first began.
    """
    known = _sums_of(frame)
    if known is not None:
        return known
    if "segment" in frame:
        keys, whole = [c for c in _BLOCKS if c in frame], (frame["segment"] == "all").to_numpy(bool)
    elif {"cohort", "age"} <= set(frame):
        keys, whole = ["age"], np.zeros(len(frame), bool)
    else:
        return []
    found = frame.groupby(keys, dropna=False, sort=False).indices.values() if keys else [np.arange(len(frame))]
    return [rows[~whole[rows]] for rows in found if whole[rows].any() or "segment" not in frame]


def _sums_of(frame: pd.DataFrame) -> list[np.ndarray] | None:
    """Which rows add up, in tables that are known by their columns?"""
    if "change" in frame:
        return _changes(frame)
    if {"source", "target", "rate"} <= set(frame):
        return list(frame.groupby(["segment", "source"], sort=False).indices.values())
    if "segment" in frame and {"way", "cluster", "measure", "signal"} & set(frame) and "control" not in frame:
        return _ways(frame)
    if {"driver", "level"} <= set(frame) or ("group" in frame and not {"part", "against"} & set(frame)):
        return _parts(frame)
    return _added_up(frame)


def _added_up(frame: pd.DataFrame) -> list[np.ndarray] | None:
    """The same for tables whose rows add up within one column, or all together."""
    if "stage" in frame and {"channel", "destination", "question", "component"} & set(frame):
        key = next((name for name in ("question", "component") if name in frame), "stage")
        return list(frame.groupby(key, sort=False).indices.values())
    if {"part", "group"} <= set(frame):
        found = frame.groupby(["part", "variant"], sort=False).indices
        return [rows for (part, _), rows in found.items() if part != "all"]
    whole = "active_periods" in frame or {"cohort", "size", "finished"} <= set(frame)
    return [np.arange(len(frame))] if whole else None


def _ways(frame: pd.DataFrame) -> list[np.ndarray]:
    """Segments add up to all; within a segment the ways, or what was done at each event to what was done at any."""
    keys = [name for name in ("way", "cluster", "stage", "event", "measure", "signal") if name in frame]
    parts = np.flatnonzero((frame["segment"] != "all").to_numpy(bool))
    across = [parts[rows] for rows in frame.iloc[parts].groupby(keys, sort=False).indices.values()]
    if "signal" in frame:
        return across
    single = np.flatnonzero((frame[keys[0]] != "(any)").to_numpy(bool))
    whole = ["segment", *(["measure"] if "measure" in frame else [])]
    return [*across, *(single[rows] for rows in frame.iloc[single].groupby(whole, sort=False).indices.values())]


def _curves(frame: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """Curves over time: a whole one is hidden with its group, and every moment at which few were watched."""
    keys = [name for name in ("group", "reason") if name in frame]
    groups = frame.drop_duplicates(keys)[[*keys, "size"]]
    shown = publishable(groups.rename(columns={"size": "n"}), smallest=smallest)["n"].notna().to_numpy()
    small = pd.MultiIndex.from_frame(groups.loc[~shown, keys])
    hidden = pd.MultiIndex.from_frame(frame[keys]).isin(small) | ((frame["n"] > 0) & (frame["n"] < smallest)).to_numpy()
    numbers = frame.select_dtypes("number").columns.drop("time")
    return frame.assign(**{name: frame[name].astype(float).mask(hidden) for name in numbers})


def _parts(frame: pd.DataFrame) -> list[np.ndarray]:
    """Levels that add up within a driver; groups that add up to everybody, and reasons within each and over all."""
    if "driver" in frame:
        keys = [name for name in ("driver", "spell") if name in frame]
        return list(frame.groupby(keys, sort=False).indices.values())
    places = np.flatnonzero((frame["group"] != "all").to_numpy(bool))
    if "reason" not in frame:
        return [places]
    across = frame.iloc[places].groupby("reason", sort=False).indices
    return [*frame.groupby("group", sort=False).indices.values(), *(places[rows] for rows in across.values())]


def _changes(frame: pd.DataFrame) -> list[np.ndarray]:
    keys = [name for name in ("segment", "period") if name in frame]
    within = list(frame.groupby(keys, sort=False).indices.values())
    if "segment" not in frame:
        return within
    parts = frame[frame["segment"] != "all"].groupby("change", sort=False).indices
    places = np.flatnonzero((frame["segment"] != "all").to_numpy(bool))
    return [*within, *(places[rows] for rows in parts.values())]
