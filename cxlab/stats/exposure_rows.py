"""People who are exposed to something at some time: their time before it and after it, in rows of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ExposureRows", "exposure_rows"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class ExposureRows:
    """Stretches of time, each (start, stop]: who, how long since the exposure, and whether it ended with the event.

    Attributes:
        start: When the stretch begins, since the person's own start.
        stop: When it ends.
        happened: Whether the event happened at its end.
        band: 0 before the exposure or without one, else the place of the band of time since it, from 1 up.
        of: The person's place.
    """

    start: Floats
    stop: Floats
    happened: NDArray[np.bool_]
    band: Whole
    of: NDArray[np.intp]

    @property
    def exposed(self) -> NDArray[np.bool_]:
        """Does the stretch lie after the exposure?"""
        return self.band > 0

    def kept(self, chosen: NDArray[np.bool_]) -> ExposureRows:
        """Some of the stretches."""
        return ExposureRows(*(getattr(self, name)[chosen] for name in ("start", "stop", "happened", "band", "of")))


def exposure_rows(
    held: ArrayLike, happened: ArrayLike, waited: ArrayLike, *, edges: Sequence[float] = ()
) -> ExposureRows:
    """Which stretches of time lie before the exposure, and which after it?

    Args:
        held: how long each person was watched.
        happened: whether the watching ended with the event.
        waited: when the exposure came, since the person's start; nan for never, 0 or below for before the start.
        edges: where time since the exposure is split once more, in order.

    Returns:
        The stretches. An exposure at the very moment of the event counts as none; stretches of no length are dropped.

    Source:
        Counting-process rows after Andersen & Gill (1982); Therneau & Grambsch (2000), 3.7, for the order at ties.

    Examples:
        >>> rows = exposure_rows([10, 8, 6], [1, 0, 1], [4, np.nan, 6])
        >>> np.column_stack([rows.of, rows.start, rows.stop, rows.exposed, rows.happened]).astype(int).tolist()
        [[0, 0, 4, 0, 0], [0, 4, 10, 1, 1], [1, 0, 8, 0, 0], [2, 0, 6, 0, 1]]
    """
    length, ended, came = np.asarray(held, float), np.asarray(happened, bool), np.asarray(waited, float)
    before = np.where(np.isnan(came), np.inf, came)
    never = np.full((len(length), 1), np.inf)
    limits = np.hstack([-never, before[:, None] + np.array([0.0, *edges]), never])
    low, high, whole = limits[:, :-1], limits[:, 1:], length[:, None]
    start, stop = np.maximum(low, 0.0), np.minimum(high, whole)
    event = ended[:, None] & (low < whole) & (whole <= high)  # it belongs to the stretch that it ends
    real = stop > start
    of, band = np.nonzero(real)
    return ExposureRows(start[real], stop[real], event[real], band.astype(np.int64), of)
