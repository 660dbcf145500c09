"""What each customer, each group and all together will buy and are worth, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from cxlab.retention.value_fit import ValueFit
from cxlab.stats.likelihood import two_sided
from cxlab.stats.purchase_models import PurchaseModel
from cxlab.stats.purchase_rows import PurchaseRows
from cxlab.stats.spend import GammaGamma

__all__ = ["Total", "Valuation", "about", "customer_table", "endless", "futures", "still_there", "valued"]

Floats = NDArray[np.float64]
_STEP, _AGES = 1e-3, 14
_MOST_DRAWN, _DRAWS, _FEWEST_DRAWS = 2_000_000, 300, 40


@dataclass(frozen=True)
class Total:
    """A total with its interval."""

    estimate: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Valuation:
    """Per customer: chance to be alive, purchases ahead, amount per purchase and value.

    Slopes are how purchases and value change with the parameters' logarithms.
    """

    fit: ValueFit = field(repr=False)
    confidence: float
    alive: Floats
    expected: Floats
    amount: Floats
    value: Floats
    expected_slopes: Floats
    value_slopes: Floats
    new_value: Total

    def interval(self, values: Any, slopes: Floats) -> tuple[Any, Any]:
        """Lower and upper ends of positive estimates: symmetric about the logarithm."""
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = slopes / np.asarray(values)[..., None]
            spread = np.sqrt(np.einsum("...i,ij,...j->...", relative, self.fit.covariance, relative))
        factor = np.exp(two_sided(self.confidence) * spread)
        return values / factor, values * factor

    def mean_value(self, chosen: NDArray[np.bool_]) -> Total:
        """The mean value of a group of customers."""
        return self._total(self.value[chosen], self.value_slopes[chosen], float(max(chosen.sum(), 1)))

    def total_value(self) -> Total:
        """The value of all customers together."""
        return self._total(self.value, self.value_slopes, 1.0)

    def _total(self, values: Floats, slopes: Floats, size: float) -> Total:
        whole = float(values.sum()) / size
        low, high = self.interval(np.array(whole), slopes.sum(axis=0) / size)
        return Total(whole, float(low), float(high))


def valued(
    fit: ValueFit, *, horizon: float, discount: float, margin: float, confidence: float, whole: bool = True
) -> Valuation:
    """What is each customer worth?

    Args:
        fit: the models.
        horizon: how many periods ahead purchases are counted.
        discount: continuous rate per period.
        margin: share of an amount that is gain.
        confidence: level of the intervals.
        whole: whether values are known: where the likelihood is flat they are not.

    Returns:
        The valuation.
    """
    known: dict[bytes, Any] = {}

    def at(logs: Floats) -> tuple[Floats, Floats, Floats, float]:
        model, spend = fit.models(logs)
        bought = known.setdefault(logs[:4].tobytes(), None) or _bought(fit, model, horizon, discount)
        known[logs[:4].tobytes()] = bought
        amount = margin * _amount(fit, spend)
        new = bought.new * margin * (spend.mean if spend is not None else 1.0)
        return bought.expected, amount, bought.value * amount, new

    expected, amount, value, new = at(fit.logs)
    alive, size = known[fit.logs[:4].tobytes()].alive, len(fit.logs)
    if not whole:
        unknown = np.full((len(expected), size), np.nan)
        none = Total(np.nan, np.nan, np.nan)
        return Valuation(fit, confidence, alive, expected, amount, value * np.nan, unknown, unknown, none)
    slopes: list[list[Any]] = [[], [], []]
    for step in _STEP * np.eye(size):
        up, down = at(fit.logs + step), at(fit.logs - step)
        for kept, place in zip(slopes, (0, 2, 3), strict=True):
            kept.append((np.asarray(up[place]) - np.asarray(down[place])) / (2 * _STEP))
    found = Valuation(fit, confidence, alive, expected, amount, value, np.array(slopes[0]).T, np.array(slopes[1]).T,
                      Total(new, np.nan, np.nan))  # fmt: skip
    low, high = found.interval(np.array(new), np.array(slopes[2]))
    return replace(found, new_value=Total(new, float(low), float(high)))


class _Bought(NamedTuple):
    """Per customer: chance to be alive, purchases within the horizon and without end; and those of a new one."""

    alive: Floats
    expected: Floats
    value: Floats
    new: float


def _bought(fit: ValueFit, model: PurchaseModel, horizon: float, discount: float) -> _Bought:
    rows = fit.rows
    alive = model.alive(rows)
    ahead = _over_ages(lambda x, age: model.ahead(x, age, horizon), rows)
    without_end = _over_ages(lambda x, age: model.discounted(x, age, discount), rows)
    fresh = float(model.discounted(0.0, 0.0, discount)) * float(model.alive(_new())[0])
    return _Bought(alive[rows.of], (alive * ahead)[rows.of], (alive * without_end)[rows.of], 1 + fresh)


def _over_ages(function: Callable[[Floats, Floats], Floats], rows: PurchaseRows) -> Floats:
    """A smooth function of purchases and age at every row; between many ages it is interpolated."""
    pairs, of = np.unique(np.column_stack([rows.x, rows.age]), axis=0, return_inverse=True)
    bought, which = np.unique(pairs[:, 0], return_inverse=True)
    if len(pairs) <= _AGES * len(bought):
        return np.asarray(function(pairs[:, 0], pairs[:, 1])[of.reshape(-1)])
    low, high = np.log1p(pairs[:, 1].min()), np.log1p(pairs[:, 1].max())
    angles = (np.arange(_AGES) + 0.5) * np.pi / _AGES
    nodes, signs = (low + high) / 2 - (high - low) / 2 * np.cos(angles), (-1.0) ** np.arange(_AGES) * np.sin(angles)
    values = np.log(function(bought[:, None], np.expm1(nodes)[None, :]))
    off = np.log1p(pairs[:, 1])[:, None] - nodes
    weights = signs / np.where(np.abs(off) < 1e-13, 1e-13, off)
    found = (weights * values[which]).sum(axis=1) / weights.sum(axis=1)
    return np.asarray(np.exp(found)[of.reshape(-1)])


def _new() -> PurchaseRows:
    zero = np.zeros(1)
    return PurchaseRows(zero, zero, zero, zero, np.zeros(1, np.intp))


def _amount(fit: ValueFit, spend: GammaGamma | None) -> Floats:
    if spend is None:
        return np.ones(len(fit.spell.x))
    return spend.expected(fit.spell.x, fit.spell.mean)


def futures(fit: ValueFit, horizon: float, seed: int, *, most: int = _DRAWS) -> tuple[Floats, Floats]:
    """Simulate what customers will do, each time with other parameters as likely as they are.

    Args:
        fit: the models.
        horizon: how many periods ahead.
        seed: of the random numbers.
        most: how many futures at most; fewer where customers are many.

    Returns:
        Purchases by draw and period, and amounts by draw.
    """
    rng, each = np.random.default_rng(seed), fit.each
    draws = int(np.clip(_MOST_DRAWN // max(len(each.x), 1), _FEWEST_DRAWS, most))
    size = int(np.ceil(horizon))
    counts, amounts = np.zeros((draws, size)), np.zeros(draws)
    for draw in range(draws):
        model, spend = fit.drawn(rng)
        bought = model.simulated(each, horizon, rng)
        counts[draw] = np.bincount(np.maximum(np.ceil(bought.time).astype(int) - 1, 0), minlength=size)[:size]
        if spend is not None:
            level = _level(spend, fit, rng)
            amounts[draw] = level[bought.owner].sum()
    return counts, amounts


def _level(spend: GammaGamma, fit: ValueFit, rng: np.random.Generator) -> Floats:
    return spend.simulated(fit.spell.x, fit.spell.mean, rng)


def about(estimate: float, drawn: Floats, confidence: float) -> Total:
    """An interval about a positive total, from its simulated spread.

    Args:
        estimate: the expected total.
        drawn: simulated totals.
        confidence: level.

    Returns:
        The total with an interval that is symmetric about its logarithm.
    """
    centre = float(drawn.mean())
    if centre <= 0 or estimate <= 0:
        return Total(estimate, np.nan, np.nan)
    factor = float(np.exp(two_sided(confidence) * np.sqrt(np.log1p((drawn.std(ddof=1) / centre) ** 2))))
    return Total(estimate, estimate / factor, estimate * factor)


def still_there(fit: ValueFit, seed: int, confidence: float, *, most: int = _DRAWS) -> Total:
    """How many are still customers?

    Args:
        fit: the models.
        seed: of the random numbers.
        confidence: level of the interval.
        most: how many draws at most; fewer where customers are many.

    Returns:
        The expected number; its interval allows for the parameters and for chance, and is symmetric about the odds.
    """
    rng, size, rows = np.random.default_rng([seed, 1]), len(fit.spell.x), fit.rows
    draws = int(np.clip(_MOST_DRAWN // max(size, 1), _FEWEST_DRAWS, most))
    counts = [rng.binomial(1, fit.drawn(rng)[0].alive(rows)[rows.of]).sum() for _ in range(draws)]
    share = float(fit.purchases.model.alive(rows)[rows.of].mean())
    if fit.flat or not 0 < share < 1:
        return Total(size * share, *((np.nan, np.nan) if fit.flat else (size * share, size * share)))
    reach = two_sided(confidence) * float(np.std(counts, ddof=1)) / size / (share * (1 - share))
    low, high = (float(expit(logit(share) + way * reach)) for way in (-1, 1))
    return Total(size * share, size * low, size * high)


def customer_table(history: Any, valuation: Valuation, key: Any) -> pd.DataFrame:
    """One row per customer, the most valuable first.

    Args:
        history: the purchases.
        valuation: what each is worth.
        key: a day's number as text.

    Returns:
        customer, first_purchase, frequency, recency, age, mean_amount, probability_alive, expected_purchases with its
        limits, expected_amount, value with its limits, and the segment where there is one.
    """
    spell = valuation.fit.spell
    low, high = valuation.interval(valuation.expected, valuation.expected_slopes)
    value_low, value_high = valuation.interval(valuation.value, valuation.value_slopes)
    group = {} if history.segment is None else {"segment": history.segment[spell.of]}
    frame = pd.DataFrame({
        "customer": history.ids[spell.of], **group,
        "first_purchase": [key(day) for day in history.first[spell.of]], "frequency": spell.x.astype(int),
        "recency": spell.t_x, "age": spell.age, "mean_amount": spell.mean, "probability_alive": valuation.alive,
        "expected_purchases": valuation.expected, "purchases_ci_low": low, "purchases_ci_high": high,
        "expected_amount": valuation.amount, "value": valuation.value, "value_ci_low": value_low,
        "value_ci_high": value_high,
    })  # fmt: skip
    order = "value" if np.isfinite(valuation.value).all() else "expected_purchases"
    return frame.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def endless(model: PurchaseModel) -> bool:
    """Is the mean lifetime under the model infinite?

    Args:
        model: the fitted model.

    Returns:
        True where the chance to leave is so unequal that some customers hardly ever do.
    """
    return bool(getattr(model, "a", getattr(model, "s", getattr(model, "gamma", 2.0))) < 1)
