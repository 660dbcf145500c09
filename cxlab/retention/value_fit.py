"""The models fitted on customers, and how their parameters vary together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.retention.purchase_history import FEWEST_REPEAT, Spell
from cxlab.stats.likelihood import known_inverse, no_narrower
from cxlab.stats.purchase_models import PurchaseFit, PurchaseModel, fit_purchases
from cxlab.stats.purchase_rows import PurchaseRows, purchase_rows
from cxlab.stats.spend import GammaGamma, SpendFit, fit_spend

__all__ = ["ValueFit", "fit_value"]

Floats = NDArray[np.float64]
_ALIKE = 20.0


@dataclass(frozen=True)
class ValueFit:
    """Both models on the customers of one spell; `spend` is None where no amounts are known."""

    spell: Spell
    purchases: PurchaseFit
    spend: SpendFit | None
    spenders: NDArray[np.bool_] = field(repr=False)

    @property
    def flat(self) -> bool:
        """Do the data leave parameters open?"""
        return self.purchases.found.flat or (self.spend is not None and self.spend.found.flat and not self.alike)

    @property
    def alike(self) -> bool:
        """Do amounts differ no more between customers than between purchases, so that their mean is all there is?"""
        return self.spend is not None and self.spend.found.flat and self.spend.model.q > _ALIKE

    @property
    def has_mean(self) -> bool:
        """Is the mean amount over customers finite?"""
        return self.spend is None or self.spend.model.q > 1

    @cached_property
    def logs(self) -> Floats:
        """Logarithms of all parameters, those of purchases first."""
        return np.concatenate([self.purchases.logs, *([] if self.spend is None else [self.spend.logs])])

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the logarithms, robust to a wrong model and to spend going with frequency."""
        parts = [self.purchases.found, *([] if self.spend is None else [self.spend.found])]
        size = len(self.logs)
        if self.flat:
            return np.full((size, size), np.nan)
        scores, bread = np.zeros((len(self.spell.x), size)), np.zeros((size, size))
        scores[:, :4] = parts[0].scores[self.purchases.rows.of]
        bread[:4, :4] = known_inverse(parts[0].information)
        if len(parts) > 1:
            scores[self.spenders, 4:] = parts[1].scores
            bread[4:, 4:] = known_inverse(parts[1].information)
        return no_narrower(bread @ scores.T @ scores @ bread, bread)

    @property
    def rows(self) -> PurchaseRows:
        """Different customers."""
        return self.purchases.rows

    @property
    def each(self) -> PurchaseRows:
        """Every customer a row."""
        spell = self.spell
        return PurchaseRows(spell.x, spell.t_x, spell.age, np.ones(len(spell.x)), np.arange(len(spell.x)))

    def models(self, logs: Floats) -> tuple[PurchaseModel, GammaGamma | None]:
        """Both models with other parameters."""
        spend = None if self.spend is None else GammaGamma(*np.exp(logs[4:]))
        return self.purchases.at(logs[:4]), spend

    def drawn(self, rng: np.random.Generator) -> tuple[PurchaseModel, GammaGamma | None]:
        """Both models with parameters as sure as they are; a mean that would be infinite is drawn again."""
        if self.flat:
            return self.models(self.logs)
        for _ in range(50):
            logs = rng.multivariate_normal(self.logs, self.covariance, method="eigh")
            if self.spend is None or not self.has_mean or logs[5] > 0:
                break
        return self.models(logs)

    def parameters(self, confidence: float) -> pd.DataFrame:
        """One row per parameter with its profile interval."""
        parts: list[tuple[str, PurchaseFit | SpendFit]] = [(self.purchases.model.name, self.purchases)]
        if self.spend is not None:
            parts.append(("gamma-gamma", self.spend))
        rows: list[dict[str, Any]] = []
        for name, fit in parts:
            ends = fit.intervals(confidence) if not fit.found.flat else np.full((len(fit.found.values), 2), np.nan)
            named = zip(fit.model.parameters, fit.found.values, ends, strict=True)
            rows += [{"model": name, "parameter": one, "estimate": float(value), "ci_low": float(low),
                      "ci_high": float(high)} for one, value, (low, high) in named]  # fmt: skip
        return pd.DataFrame(rows)


def fit_value(spell: Spell, model: str, *, amounts: bool) -> ValueFit:
    """Which models make these customers most likely?

    Args:
        spell: the customers.
        model: the purchase model's name.
        amounts: whether amounts are known.

    Returns:
        The fitted models; without spend where fewer than 20 customers have a repeat purchase above 0.
    """
    rows = purchase_rows(spell.x, spell.t_x, spell.age)
    spenders = (spell.x > 0) & (np.nan_to_num(spell.mean) > 0)
    spend = None
    if amounts and spenders.sum() >= FEWEST_REPEAT:
        spend = fit_spend(spell.x[spenders], spell.mean[spenders])
    return ValueFit(spell, fit_purchases(model, rows), spend, spenders)
