"""What was planned before the data came, and how far the data are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cxlab.data import ALL, parse_duration
from cxlab.errors import DataError, ParameterError, nearest
from cxlab.experiments.measurement import Measurement
from cxlab.results import DataNote

__all__ = ["Plan", "planned_shares"]


@dataclass(frozen=True)
class Plan:
    """How many units were planned and how many there are; for how long, and since when."""

    planned_n: int | None
    n: int
    minimum: timedelta | None
    first: datetime | None
    last: datetime | None
    confidence: float = 0.95
    ratio_stated: bool = True
    monitored: bool = False

    @classmethod
    def of(cls, measured: Measurement, planned_n: int | None, minimum_duration: str | None, note: DataNote) -> Plan:
        """Set the plan beside the data."""
        if planned_n is not None and planned_n < 1:
            raise ParameterError(f"`planned_n` is {planned_n}; expected the planned number of units in all variants.")
        if minimum_duration is not None and note.first is None:
            raise ParameterError("`minimum_duration` needs the time of assignment; name its column with time=.")
        minimum = parse_duration(minimum_duration).to_pytimedelta() if minimum_duration else None
        total = sum(measured.rows[ALL, variant] for variant in measured.variants)
        ends = [datetime.fromisoformat(moment) if moment else None for moment in (note.first, note.last)]
        return cls(planned_n, total, minimum, ends[0], ends[1])

    @property
    def days(self) -> int | None:
        """Calendar days from the first assignment to the last, both counted."""
        return (self.last.date() - self.first.date()).days + 1 if self.first and self.last else None

    @property
    def lacking(self) -> int:
        """Units that the plan still waits for."""
        return max((self.planned_n or 0) - self.n, 0)

    @property
    def too_short(self) -> bool:
        """Has the planned duration not passed yet?"""
        return self.minimum is not None and timedelta(days=self.days or 0) < self.minimum

    @property
    def reached(self) -> bool:
        """Is everything in that was planned? A watched test without a size has no end of its own."""
        return not self.lacking and not self.too_short and not self.open_ended

    @property
    def open_ended(self) -> bool:
        """Is it watched until a limit is crossed, whenever that is?"""
        return self.monitored and self.planned_n is None

    @property
    def may_stop(self) -> bool:
        """May a clear answer end the test before its planned size?"""
        return self.monitored and not self.too_short

    @property
    def end(self) -> datetime | None:
        """When the plan will be reached at the pace so far."""
        if self.first is None or self.last is None or not self.days:
            return None
        more = self.lacking / (self.n / self.days)
        left = max((self.minimum or timedelta()) - timedelta(days=self.days), timedelta(days=more))
        return self.last + left


def planned_shares(planned_ratio: Mapping[str, float] | None, variants: tuple[str, ...]) -> list[float]:
    """Which ratio was planned, in the order of the variants?

    Args:
        planned_ratio: variant to its part; None means equal parts.
        variants: the variants in the data.

    Returns:
        One positive number per variant.

    Raises:
        DataError: a planned variant has no rows.
        ParameterError: a variant of the data has no part, or a part is not above 0.

    Examples:
        >>> planned_shares({"control": 9, "new": 1}, ("control", "new"))
        [9.0, 1.0]
    """
    if planned_ratio is None:
        return [1.0] * len(variants)
    empty = [name for name in planned_ratio if name not in variants]
    if empty:
        raise DataError(
            f"`planned_ratio` names {empty[0]!r}, but no row has this variant.{nearest(empty[0], variants)} "
            f"The data have {', '.join(map(repr, variants))}. Check the assignment before anything else."
        )
    lacking = [name for name in variants if name not in planned_ratio]
    bad = [name for name in variants if name in planned_ratio and not planned_ratio[name] > 0]
    if lacking or bad:
        fault = f"has no part for variant {lacking[0]!r}" if lacking else f"gives {bad[0]!r} no part above 0"
        raise ParameterError(f"`planned_ratio` {fault}; expected a number above 0 for each of {', '.join(variants)}.")
    return [float(planned_ratio[name]) for name in variants]
