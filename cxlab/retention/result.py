"""What a retention analysis returns."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import Result
from cxlab.retention.findings import Findings
from cxlab.retention.semantics import Definition

if TYPE_CHECKING:
    import altair as alt

__all__ = ["RetentionResult"]


@dataclass(frozen=True, kw_only=True, repr=False)
class RetentionResult(Result):
    """Who came back, by cohort and age.

    Attributes:
        table: one row per cohort and age: cohort, age (0 = the start period), n (customers observable for the
            whole cell), returned, rate, ci_low, ci_high, state ("complete", "partial" or "unobservable"), size
            (of the cohort), so_far (returned among all of them, whole cell or not).
        tables: "curve" (age, n, returned, rate, ci_low, ci_high, share_observed, size) and, where they apply,
            "segments" (the same per segment), "comparison" (pairs of segments), "trend" (newer cohorts
            against older ones), "trend_over_cohorts" (the slope of one age), "staying" (how long customers
            stay, and which share leaves at each age), "tools" and "matrix" (what known tools would print).
        definition: what exactly was counted; its text is the line under every picture's title.
    """

    findings: Findings
    definition: Definition

    def _pictures(self) -> "dict[str, Callable[[int], alt.Chart]]":
        from cxlab.retention import pictures

        drawn: dict[str, Any] = {"triangle": pictures.triangle, "curves": pictures.curves}
        names = ["curves", "triangle"] if self.findings.pair else list(drawn)
        if not self.findings.large_cohorts:
            names = ["curves"]
        line = self.findings.line if self.findings.large_cohorts else pd.DataFrame()
        more = {"trend": (line, pictures.trend), "staying": (self.findings.stays, pictures.staying)}
        drawn |= {name: picture for name, (frame, picture) in more.items() if not frame.empty}
        names += [name for name in more if name in drawn]
        return {name: partial(drawn[name], self.findings, self.headline) for name in names}

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.retention.display import displayed

        return displayed(self.findings)
