"""One measurement, compared at any level of its intervals: what was read is read once."""

from __future__ import annotations

from functools import cached_property

from cxlab.data import Table
from cxlab.experiments.adjustment import adjusted_arms
from cxlab.experiments.distributions import Beyond, beyond_sums
from cxlab.experiments.effects import Arms, Effect, effects_of
from cxlab.experiments.measurement import Measurement

__all__ = ["Levels"]


class Levels:
    """The effects of an experiment at whatever level is asked for."""

    def __init__(
        self, table: Table, measured: Measurement, *, variant: str, segment: str | None, unit: str | None
    ) -> None:
        """Compute nothing yet.

        Args:
            table: the data.
            measured: the sums.
            variant: column with the variant.
            segment: column with the segment.
            unit: column of units that stand in several rows, or None.
        """
        self._table, self._measured, self._unit = table, measured, unit
        self._variant, self._segment = variant, segment
        self._known: dict[float, Beyond] = {}

    @cached_property
    def _arms(self) -> Arms:
        return adjusted_arms(self._table, self._measured)

    def beyond(self, level: float) -> Beyond:
        """What is not made of sums, at a level.

        Args:
            level: level of the intervals, a fraction.

        Returns:
            Comparisons, tables and checks of metrics that need more than sums.
        """
        if level not in self._known:
            self._known[level] = beyond_sums(
                self._table, self._measured, variant=self._variant, segment=self._segment, unit=self._unit,
                confidence=level,
            )  # fmt: skip
        return self._known[level]

    def effects(self, level: float) -> list[Effect]:
        """The effects with intervals of a level.

        Args:
            level: level of the intervals, a fraction.

        Returns:
            One effect per metric, segment and variant.
        """
        return effects_of(self._measured, self._arms, level, self.beyond(level).compared)
