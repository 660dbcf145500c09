"""How a true change is built into the values of simulated tests: some answers turn, amounts grow, capped ones move."""

from __future__ import annotations

from dataclasses import dataclass

from cxlab.data import Engine
from cxlab.errors import ParameterError
from cxlab.experiments.planned_sizes import Need, scales
from cxlab.experiments.scales import TopBox

__all__ = ["Ends", "changed", "ends_of"]


@dataclass(frozen=True)
class Ends:
    """The lowest and the highest value of the history, and which share of values each is."""

    low: float
    low_share: float
    high: float
    high_share: float


def ends_of(engine: Engine, relation: str, value: str) -> Ends:
    """Where does a scale end?

    Args:
        engine: where the history lies.
        relation: the history.
        value: its column of numbers.

    Returns:
        The ends.
    """
    lowest = f"SELECT min({value}) AS low, max({value}) AS high FROM {relation}"
    shares = f"avg(({value} = low)::INT), high, avg(({value} = high)::INT)"
    return Ends(*engine.rows(f"SELECT low, {shares} FROM {relation}, ({lowest}) AS e GROUP BY low, high")[0])


def changed(need: Need, truth: float, ends: Ends, *, value: str, luck: str) -> str:
    """What becomes of a value where the change is there?

    Args:
        need: what shall be shown.
        truth: the change, in the metric's own size.
        ends: of the history's values.
        value: the value, as SQL.
        luck: a number between 0 and 1 of each unit, as SQL.

    Returns:
        SQL: shares, NPS and answers turn to one end of the scale for some units, amounts grow in proportion, and
        capped ones all by the same.

    Raises:
        ParameterError: so large a change of order cannot be reached by turning answers.
    """
    base, metric = need.spread.base, need.metric
    if metric.kind == "proportion":
        turned = (truth / (1 - base), 1.0) if truth > 0 else (-truth / base, 0.0)
        return _turned(value, luck, *turned)
    if isinstance(metric, TopBox):
        turned = (truth / (1 - base), float(metric.scale)) if truth > 0 else (-truth / base, 1.0)
        missed = f"{value} {'<' if truth > 0 else '>='} {metric.least}"
        return f"CASE WHEN {missed} THEN {_turned(value, luck, *turned)} ELSE {value} END"
    if metric.kind == "nps":
        turned = (truth / (100 - base), 10.0) if truth > 0 else (-truth / (100 + base), 0.0)
        return _turned(value, luck, *turned)
    if metric.kind == "ordinal":
        return _turned(value, luck, *_reordered(need, truth, ends))
    in_proportion = base and (scales(metric) or metric.kind == "quantile")
    return f"{value} * {1 + truth / base!r}" if in_proportion else f"{value} + {truth!r}"


def _turned(value: str, luck: str, chance: float, end: float) -> str:
    """Some of those who answered give the answer at the end."""
    return f"CASE WHEN {luck} < {chance!r} AND {value} IS NOT NULL THEN {end!r} ELSE {value} END"


def _reordered(need: Need, truth: float, ends: Ends) -> tuple[float, float]:
    """Whoever turns to the end is above (below) all but those who are there, and half of these."""
    end, share = (ends.high, ends.high_share) if truth > 0 else (ends.low, ends.low_share)
    chance = abs(truth) / (0.5 * (1 - share))
    if chance > 1:
        raise ParameterError(
            f"`effect` of {need.metric.name!r} is {abs(truth):g}, but answers that all turn to {end:g} change the "
            f"order by {0.5 * (1 - share):.3g} at most. Plan a smaller effect, or leave `simulations` at 0."
        )
    return chance, end
