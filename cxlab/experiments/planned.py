"""A plan of a test: its measures, its size and how long it takes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from cxlab.experiments.planned_sizes import Need
from cxlab.experiments.traffic import Traffic
from cxlab.experiments.watch import SPENDINGS, Monitoring
from cxlab.stats.always_valid import mixture_weight, reach, sprt_weight
from cxlab.stats.crossings import HIGHEST
from cxlab.stats.sequential import spending_bounds
from cxlab.stats.sequential_power import LookingCost, looking_cost

__all__ = ["WATCHED", "Planned", "cost_of", "watched_needs"]

WATCHED: tuple[Monitoring, ...] = ("none", "obrien-fleming", "pocock", "always-valid")
_SHARES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
_POINTS = 25
_ONE_LOOK = LookingCost(0.0, 1.0, 1.0, 1.0)


def cost_of(monitoring: Monitoring, looks: int, *, power: float, alpha: float) -> LookingCost:
    """What do these limits cost, at evenly spread looks?

    Args:
        monitoring: how false alarms are kept rare.
        looks: how many looks there are.
        power: wanted chance to find the effect.
        alpha: two-sided error.

    Returns:
        How many more units are planned, and how many are used on average.

    Examples:
        >>> round(cost_of("obrien-fleming", 5, power=0.8, alpha=0.05).inflation, 3)
        1.025
    """
    if monitoring == "none":
        return _ONE_LOOK
    times = [(look + 1) / looks for look in range(looks)]

    def limits(drift: float) -> list[float]:
        if monitoring in SPENDINGS:
            return [float(one) for one in spending_bounds(times, alpha=alpha / 2, spending=monitoring)]  # type: ignore[arg-type]
        mixed = monitoring == "msprt"
        weights = [
            sprt_weight(time**-0.5, scale=max(drift, 1e-3)) if mixed else mixture_weight(time, tuning=1.0, alpha=alpha)
            for time in times
        ]
        return [min(reach(weight, alpha=alpha), HIGHEST) for weight in weights]

    return looking_cost(times, limits, power=power, alpha=alpha)


@dataclass(frozen=True)
class Planned:
    """What shall be shown, how often, and how customers come; the first need leads."""

    needs: tuple[Need, ...]
    power: float
    traffic: Traffic | None
    most_weeks: int
    monitoring: Monitoring
    looks: int
    confidence: float = 0.95

    @property
    def lead(self) -> Need:
        """The measure that decides."""
        return self.needs[0]

    @cached_property
    def sizes(self) -> tuple[float, ...]:
        """Units that each measure needs; 0 where nothing was to be shown of it."""
        return tuple(need.needed(self.power) for need in self.needs)

    @cached_property
    def n(self) -> int:
        """Units in all variants together: what the most demanding measure needs, or all that come in time."""
        if self.lead.target is None and self.traffic is not None:
            return math.floor(self.traffic.after(self.most_weeks))
        most = max(self.sizes)
        return math.ceil(most - 1e-9) if math.isfinite(most) else 0

    @cached_property
    def weeks(self) -> int | None:
        """Whole weeks until they have come; None where that is not known or takes ten years."""
        return self.traffic.weeks_for(self.n) if self.traffic is not None and self.n else None

    @property
    def in_time(self) -> bool:
        """Do they come within the longest time that was allowed?"""
        return self.traffic is None or (self.weeks is not None and self.weeks <= self.most_weeks)

    @property
    def decider(self) -> Need:
        """The measure whose need is the size of the test."""
        return self.needs[self.sizes.index(max(self.sizes))]

    @cached_property
    def detectable(self) -> float:
        """The smallest change of the leading measure that the planned size finds."""
        return self.lead.detectable(self.n, self.power)

    def look_sizes(self) -> list[int]:
        """Numbers of customers at which results are looked at."""
        return [math.ceil(self.n * (look + 1) / self.looks) for look in range(self.looks)]

    def course(self) -> pd.DataFrame:
        """What does the test find after so many weeks, or with so many customers?"""
        if self.traffic is not None:
            last = max(self.most_weeks, min(self.weeks or 0, 2 * self.most_weeks))
            return self._rows((week, self.traffic.after(week)) for week in range(1, last + 1))
        return self._rows((None, self.n * part) for part in _SHARES)

    def _rows(self, places: Iterable[tuple[int | None, float]]) -> pd.DataFrame:
        need, base = self.lead, abs(self.lead.spread.base)
        rows = []
        for weeks, units in places:
            found = need.detectable(units, self.power)
            chance = need.power(need.target, units) if need.target else math.nan
            relative = found / base if base else math.nan
            rows.append((weeks, math.floor(units), chance, found, relative, units >= self.n))
        names = ["weeks", "n", "power", "detectable", "relative_detectable", "planned"]
        return pd.DataFrame(rows, columns=names).astype({"weeks": float, "planned": bool})

    def curve(self) -> pd.DataFrame:
        """How often is a change of so much found with the planned size?"""
        top = 2 * max(self.lead.target or 0.0, self.detectable)
        if self.lead.metric.form == "share" and not self.lead.against_margin:
            base = self.lead.spread.base
            top = min(top, 0.999 * (1 - base if self.lead.metric.sign > 0 else base))
        effects = [top * place / _POINTS for place in range(1, _POINTS + 1)]
        base = abs(self.lead.spread.base)
        return pd.DataFrame({
            "point": range(1, _POINTS + 1), "effect": effects,
            "relative_effect": [one / base if base else math.nan for one in effects],
            "power": [self.lead.power(one, self.n) for one in effects],
        })  # fmt: skip

    def measures(self) -> pd.DataFrame:
        """What does each measure need, and how often is it shown with the planned size?"""
        rows = [self._measure(need, size) for need, size in zip(self.needs, self.sizes, strict=True)]
        names = [
            "metric",
            "role",
            "base",
            "base_ci_low",
            "base_ci_high",
            "sd",
            "target",
            "n_needed",
            "power",
            "detectable",
        ]
        return pd.DataFrame(rows, columns=names)

    def _measure(self, need: Need, size: float) -> tuple[object, ...]:
        chance = need.power(need.target, self.n) if need.target else math.nan
        target = math.nan if need.target is None else need.target
        spread = need.spread
        found = need.detectable(self.n, self.power)
        level = (spread.base, *spread.limits(self.confidence))
        return need.metric.name, need.metric.role, *level, spread.sd, target, size or math.nan, chance, found

    def looking(self) -> pd.DataFrame:
        """What do several looks cost, and what do they save?"""
        alone = max(need.needed(self.power) / need.inflation for need in self.needs)
        if self.lead.target is None:
            alone = self.n / self.lead.inflation
        kinds = dict.fromkeys((*WATCHED, self.monitoring))
        rows = [self._watched(kind, alone) for kind in kinds]
        names = ["monitoring", "looks", "n", "weeks", "expected_n", "expected_n_without_effect", "chosen"]
        return pd.DataFrame(rows, columns=names).astype({"weeks": float})

    def _watched(self, kind: Monitoring, alone: float) -> tuple[object, ...]:
        alpha = self.lead.alpha if self.lead.sides == "two" else 2 * self.lead.alpha
        cost = cost_of(kind, self.looks, power=self.power, alpha=alpha)
        n = math.ceil(alone * cost.inflation - 1e-9)
        weeks = self.traffic.weeks_for(n) if self.traffic is not None else None
        used = (round(n * cost.expected), round(n * cost.expected_null))
        return kind, 1 if kind == "none" else self.looks, n, weeks, *used, kind == self.monitoring


def watched_needs(needs: Iterable[Need], cost: LookingCost) -> tuple[Need, ...]:
    """The same needs, each with the price of looking early.

    Args:
        needs: what shall be shown.
        cost: what looking costs.

    Returns:
        The needs.
    """
    return tuple(replace(need, inflation=cost.inflation) for need in needs)
