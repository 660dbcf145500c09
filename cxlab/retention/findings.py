"""What was found, gathered once so that sentence, numbers, tables and pictures tell the same."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from cxlab.data.calendar import period_key, period_name
from cxlab.retention.cells import Counts
from cxlab.retention.comparison import SMALLEST, well_observed
from cxlab.retention.question import Question

__all__ = ["Findings"]


@dataclass(frozen=True)
class Findings:
    """The frames of a retention analysis.

    `cells` are the cohorts' cells, `curve` everybody's curve, `groups` one curve per segment (or per cohort by
    property), `comparison` the pairs of these, `trend` newer cohorts against older ones, `slope` the trend over cohorts
    and `line` its points; `stays` and `stays_test` how long customers stay, `tools` and `matrix` what known tools would
    print. All but the first two may be empty.
    """

    question: Question
    counts: Counts
    cells: pd.DataFrame
    curve: pd.DataFrame
    groups: pd.DataFrame
    comparison: pd.DataFrame
    trend: pd.DataFrame
    slope: pd.DataFrame = field(default_factory=pd.DataFrame)
    line: pd.DataFrame = field(default_factory=pd.DataFrame)
    stays: pd.DataFrame = field(default_factory=pd.DataFrame)
    stays_test: pd.DataFrame = field(default_factory=pd.DataFrame)
    tools: pd.DataFrame = field(default_factory=pd.DataFrame)
    matrix: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def point(self) -> dict[str, Any] | None:
        """The curve's point that the headline tells: the last one well observed, else the last with fifty people."""
        good = well_observed(self.curve)
        if good.empty:
            good = self.curve[(self.curve["age"] > 0) & (self.curve["n"] >= SMALLEST)]
        return None if good.empty else good.iloc[-1].to_dict()

    @cached_property
    def pair(self) -> dict[str, Any] | None:
        """The pair of segments that differs most clearly."""
        if self.comparison.empty:
            return None
        order = self.comparison.sort_values(["p_adjusted", "p_value", "effect"], ascending=[True, True, False])
        return order.iloc[0].to_dict()

    @property
    def clear_pair(self) -> bool:
        """Do two segments differ by more than chance explains, all comparisons counted?"""
        if self.pair is None or self.pair["ci_low"] <= 0 <= self.pair["ci_high"]:
            return False
        return bool(self.pair["p_adjusted"] < 1 - self.question.confidence)

    @cached_property
    def change(self) -> dict[str, Any] | None:
        """Newer cohorts against older ones."""
        return None if self.trend.empty else self.trend.iloc[0].to_dict()

    @property
    def direction(self) -> str:
        """Do newer cohorts come back "more" or "less" often; "" where that is open or not asked."""
        if self.change is None:
            return ""
        return "more" if self.change["ci_low"] > 0 else "less" if self.change["ci_high"] < 0 else ""

    @cached_property
    def leaving(self) -> dict[str, Any] | None:
        """How many stay up to the last age at which fifty customers are still watched."""
        everybody = self.stays[self.stays["segment"] == "all"] if len(self.stays) else self.stays
        watched = everybody[everybody["n"] >= SMALLEST] if len(everybody) else everybody
        return None if watched.empty else watched.iloc[-1].to_dict()

    def ages(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame as programs read it: cells become the first of their ages, and brackets are named beside."""
        reckoning = self.question.reckoning
        cells = frame["age"].astype(int)
        if reckoning.brackets is None:
            return frame
        named = frame.assign(age=[reckoning.age(cell) for cell in cells])
        named.insert(named.columns.get_loc("age") + 1, "bracket", [reckoning.age_name(cell) for cell in cells])
        return named

    def age_name(self, cell: int) -> str:
        """The ages of a cell as readers read them: "3", or "4 to 7"."""
        return self.question.reckoning.age_name(cell)

    @property
    def large_cohorts(self) -> bool:
        """Is any cohort large enough to be drawn?"""
        return bool((self.cells["size"] >= SMALLEST).any())

    def key(self, group: Any) -> str:
        """A cohort as programs read it."""
        question = self.question
        if question.cohort:
            return str(group)
        return period_key(int(group), question.period, tz=question.table.tz, week_start=question.week_start)

    def name(self, group: Any) -> str:
        """A cohort as readers read it."""
        question = self.question
        if question.cohort:
            return str(group)
        return period_name(int(group), question.period, tz=question.table.tz, week_start=question.week_start)
