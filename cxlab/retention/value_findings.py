"""Everything a customer-value analysis found, gathered once so that sentence, tables and pictures tell the same."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL
from cxlab.data.calendar import period_key
from cxlab.retention.amounts import money, rounded
from cxlab.retention.purchase_history import History, ValuePeriod
from cxlab.retention.value_estimates import Total, Valuation
from cxlab.retention.value_tracking import Tracking
from cxlab.wording import count, number

__all__ = ["ValueFindings"]

_TENTHS = 10


@dataclass(frozen=True, kw_only=True)
class ValueFindings:
    """The frames and totals of a customer-value analysis, and how they are written."""

    history: History = field(repr=False)
    valuation: Valuation = field(repr=False)
    tracking: Tracking = field(repr=False)
    parameters: pd.DataFrame
    still: Total
    purchases: Total
    revenue: Total | None
    period: ValuePeriod
    horizon: int
    discount: float
    margin: float
    measured_in: str
    confidence: float

    @property
    def flat(self) -> bool:
        """Do the data leave the model open, so that no value is told?"""
        return not np.isfinite(self.valuation.value).all()

    @property
    def n(self) -> int:
        """How many customers are there?"""
        return len(self.valuation.alive)

    @property
    def level(self) -> str:
        """The level of all intervals, in words."""
        return f"{100 * self.confidence:g}%"

    def money(self, value: float) -> str:
        """An amount as it is written; without amounts a number of purchases."""
        if self.revenue is None:
            return number(value) if value < 100 else count(rounded(value))
        return money(value, self.measured_in)

    def day(self, day: float) -> str:
        """A day's number as ISO text."""
        return period_key(int(day), "day")

    def ahead(self) -> str:
        """The horizon in words."""
        return f"{count(self.horizon)} {self.period}{'' if self.horizon == 1 else 's'}"

    def groups(self) -> pd.DataFrame:
        """One row for all customers and one per segment."""
        everybody = np.ones(self.n, bool)
        rows = [self._row({"segment": ALL}, everybody)]
        segment = self.history.segment
        if segment is not None:
            own = segment[self.valuation.fit.spell.of]
            rows += [self._row({"segment": str(one)}, own == one) for one in sorted(set(own))]
        return pd.DataFrame(rows)

    def cohorts(self) -> pd.DataFrame:
        """One row per month of the first purchase."""
        first = self.history.first[self.valuation.fit.spell.of]
        month = np.array([self.day(day)[:7] for day in first])
        return pd.DataFrame([self._row({"cohort": one}, month == one) for one in sorted(set(month))])

    def tenths(self) -> pd.DataFrame:
        """Customers in ten groups of about equal size, the most valuable first."""
        order = np.argsort(-self._worth, kind="stable")
        place = np.empty(self.n, int)
        place[order] = np.arange(self.n) * _TENTHS // self.n + 1
        rows = [self._row({"tenth": int(one)}, place == one) for one in np.unique(place)]
        frame = pd.DataFrame(rows)
        return frame.assign(share=frame["total_value"] / max(float(frame["total_value"].sum()), 1e-300))

    @property
    def _worth(self) -> NDArray[np.float64]:
        return self.valuation.expected if self.flat else self.valuation.value

    def _row(self, key: dict[str, object], chosen: NDArray[np.bool_]) -> dict[str, object]:
        found = self.valuation
        mean = found.mean_value(chosen)
        return {
            **key, "n": int(chosen.sum()), "frequency": float(found.fit.spell.x[chosen].mean()),
            "probability_alive": float(found.alive[chosen].mean()),
            "expected_purchases": float(found.expected[chosen].mean()),
            "expected_amount": float(found.amount[chosen].mean()), "value": mean.estimate, "ci_low": mean.ci_low,
            "ci_high": mean.ci_high, "total_value": float(found.value[chosen].sum()),
        }  # fmt: skip

    def totals(self) -> pd.DataFrame:
        """One row per total: what it measures, estimate and interval."""
        found = {"purchases ahead": self.purchases, "revenue ahead": self.revenue, "still customers": self.still,
                 "value of all customers": self.valuation.total_value(),
                 "value of a new customer": self.valuation.new_value,
                 "purchases expected in the test": self.tracking.expected}  # fmt: skip
        return pd.DataFrame([
            {"measure": name, "estimate": one.estimate, "ci_low": one.ci_low, "ci_high": one.ci_high}
            for name, one in found.items() if one is not None
        ])  # fmt: skip
