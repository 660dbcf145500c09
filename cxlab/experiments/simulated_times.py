"""Simulated tests of a time until an event: drawn from the history's two curves, longer or shorter where it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import Table
from cxlab.data.contracts import typed_expression
from cxlab.errors import ParameterError
from cxlab.experiments.kinds import TimeToEvent
from cxlab.experiments.planned_sizes import Need
from cxlab.experiments.spread import ARM
from cxlab.stats.survival import kaplan_meier

__all__ = ["PastTimes", "past_times"]

Vector = NDArray[np.float64]
_MOST_TIMES, _GRID = 20_000, 10_000


@dataclass(frozen=True)
class PastTimes:
    """When the event comes and when watching ends, each as the share of units still without it after each time.

    The two are taken to have nothing to do with each other, as the test's own analysis takes them. Who has no event
    on the last time seen has none in a simulated test either.
    """

    need: Need
    value: str
    event: str
    time: Vector
    without: Vector
    watched: Vector
    horizon: float

    @property
    def columns(self) -> dict[str, Any]:
        """What the simulated test is told of its columns: nothing, each row is one unit."""
        return {}

    def drawn(self, truth: float, changed_here: NDArray[np.bool_], rng: np.random.Generator) -> pd.DataFrame:
        """Times and events of one simulated test.

        Args:
            truth: change of the average time up to the horizon.
            changed_here: one entry per unit: is it in the variant with the change?
            rng: where luck comes from.

        Returns:
            The columns of variant, time and event, one row per unit.
        """
        longer = np.where(changed_here, self.factor(truth), 1.0)
        event = self._after(self.without, rng.random(len(longer))) * longer
        end = self._after(self.watched, rng.random(len(longer)))
        seen = {self.value: np.minimum(event, end), self.event: (event <= end).astype(int)}
        return pd.DataFrame({ARM: np.where(changed_here, "b", "a"), **seen})

    def _after(self, left: Vector, luck: Vector) -> Vector:
        """The first time after which a share smaller than this luck is left; never, where none is."""
        return np.append(self.time, np.inf)[np.searchsorted(-left, -luck, side="right")]

    def factor(self, truth: float) -> float:
        """By how much must times grow, so that their average up to the horizon changes by this much?"""
        if not truth:
            return 1.0
        from scipy.optimize import brentq

        def missed(log_factor: float) -> float:
            return self._average(float(np.exp(log_factor))) - self._average(1.0) - truth

        if missed(-14) > 0 or missed(14) < 0:
            low, high = (self._average(float(np.exp(end))) - self._average(1.0) for end in (-14, 14))
            raise ParameterError(
                f"`effect` of {self.need.metric.name!r} is {abs(truth):g}, but its average up to {self.horizon:g} can "
                f"change by {low:.3g} to {high:+.3g} at most. Plan a smaller effect, or leave `simulations` at 0."
            )
        return float(np.exp(brentq(missed, -14, 14)))

    def _average(self, factor: float) -> float:
        """Average time up to the horizon, all times being so many times as long."""
        edges = np.minimum(np.concatenate([[0.0], self.time * factor, [np.inf]]), self.horizon)
        return float(np.concatenate([[1.0], self.without]) @ np.diff(edges))


def past_times(table: Table, need: Need, value: str) -> PastTimes:
    """When did the event come in the history, and when did watching end?

    Args:
        table: the history.
        need: what shall be shown.
        value: name of the simulated column of times.

    Returns:
        Both curves. More than 20,000 different times are rounded to a ten-thousandth of the longest.
    """
    metric = need.metric
    assert isinstance(metric, TimeToEvent)
    time, event = (
        typed_expression(table, column, kind) for column, kind in zip(metric.parts, ("number?", "flag?"), strict=True)
    )
    counts = table.query(_counted(table, time, event))
    curve = kaplan_meier(counts["time"], counts["event"], weights=counts["n"])
    stayed = curve.at_risk - curve.events
    ended = stayed - np.append(curve.at_risk[1:], 0.0)
    watched = np.cumprod(1 - np.divide(ended, stayed, out=np.zeros_like(ended), where=stayed > 0))
    horizon = metric.horizon or float(curve.time[-1])
    return PastTimes(need, value, metric.event, curve.time, curve.survival, watched, horizon)


def _counted(table: Table, time: str, event: str) -> str:
    """How many units have the event, or are no longer watched, at each time."""
    source = f"(SELECT {time} AS time, CAST({event} AS INTEGER) AS event FROM {table.relation} AS whole) AS typed"
    known = f"{source} WHERE time IS NOT NULL AND event IS NOT NULL"
    different, longest = table.engine.rows(f"SELECT count(DISTINCT time), max(time) FROM {known}")[0]
    step = f"CAST({float(longest or 0) / _GRID!r} AS DOUBLE)"
    at = f"ceil(time / {step}) * {step}" if different > _MOST_TIMES else "time"
    return f"SELECT {at} AS time, event, count(*) AS n FROM {known} GROUP BY 1, 2 ORDER BY 1, 2"
