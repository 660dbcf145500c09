"""One-sided or two-sided: at which level intervals are drawn, and below which p-value a finding stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.experiments.metrics import Metric
from cxlab.wording import share

__all__ = ["Alternative", "Sides"]

Alternative: TypeAlias = Literal["two-sided", "one-sided"]


@dataclass(frozen=True)
class Sides:
    """The level of the intervals shown, and the chances of a false finding that go with it."""

    one_sided: bool
    confidence: float

    @classmethod
    def of(cls, alternative: Alternative, confidence: float) -> Sides:
        """Read both from what was asked.

        Examples:
            >>> round(Sides.of("one-sided", 0.95).level, 2), round(Sides.of("two-sided", 0.95).tail, 3)
            (0.9, 0.025)
        """
        choose("alternative", alternative, ("two-sided", "one-sided"))
        check_confidence(confidence)
        if alternative == "one-sided" and confidence < 0.75:
            raise ParameterError(
                f"`confidence` is {confidence!r}; expected 0.75 or more with alternative='one-sided', such as 0.95."
            )
        return cls(alternative == "one-sided", confidence)

    @property
    def level(self) -> float:
        """Level of the intervals: each end of a one-sided test's interval is a limit at the confidence itself."""
        return round(2 * self.confidence - 1, 12) if self.one_sided else self.confidence

    @property
    def alpha(self) -> float:
        """Below which p-value a gain is shown."""
        return 1 - self.confidence

    @property
    def tail(self) -> float:
        """Below which p-value a test against a margin, which always looks one way, is passed."""
        return (1 - self.level) / 2

    def semantics(self, metrics: Sequence[Metric]) -> list[str]:
        """What readers must know about it."""
        lines = []
        if self.one_sided:
            lines.append(
                f"One-sided: p asks only for a change for the better, at {share(self.alpha, 0)}; either end of a "
                f"{share(self.level, 0)} interval is a limit at {share(self.confidence, 0)}."
            )
        tests = {metric.test for metric in metrics} - {"superiority"}
        if tests:
            lines.append(
                f"Tests against a margin look one way at {share(self.tail)} per side: passed where the interval keeps "
                "clear of the margin. Shares: Farrington-Manning test, Miettinen-Nurminen intervals. Finding no change "
                "is never read as no harm."
            )
        return lines
