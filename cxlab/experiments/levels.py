"""One experiment, compared at any level of its intervals: what was read is read once."""

from __future__ import annotations

from cxlab.experiments.distributions import Beyond
from cxlab.experiments.effects import Effect
from cxlab.experiments.studies import Study

__all__ = ["Levels"]


class Levels:
    """The effects of an experiment at whatever level is asked for."""

    def __init__(self, study: Study, *, one_sided: bool = False) -> None:
        """Compute nothing yet.

        Args:
            study: the experiment as it was read.
            one_sided: ask for changes for the better only.
        """
        self._study, self._one_sided = study, one_sided
        self._known: dict[float, Beyond] = {}

    def beyond(self, level: float) -> Beyond:
        """What is not made of sums, at a level.

        Args:
            level: level of the intervals, a fraction.

        Returns:
            Comparisons, tables and checks of metrics that need more than sums.
        """
        if level not in self._known:
            self._known[level] = self._study.beyond(level)
        return self._known[level]

    def effects(self, level: float) -> list[Effect]:
        """The effects with intervals of a level.

        Args:
            level: level of the intervals, a fraction.

        Returns:
            One effect per metric, segment and variant.
        """
        return self._study.effects(level, one_sided=self._one_sided, compared=self.beyond(level).compared)
