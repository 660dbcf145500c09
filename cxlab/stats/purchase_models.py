"""Models of repeat purchases without a contract, by name, and their fit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxlab.stats.beta_geometric import BgNbd, MbgNbd
from cxlab.stats.bg_bb import BgBb
from cxlab.stats.likelihood import Maximum, maximum_likelihood, profile_intervals, two_sided
from cxlab.stats.pareto_nbd import ParetoNbd
from cxlab.stats.purchase_rows import PurchaseRows

__all__ = ["PURCHASE_MODELS", "PurchaseFit", "PurchaseModel", "PurchaseModelName", "fit_purchases"]

Floats = NDArray[np.float64]
PurchaseModel = BgNbd | MbgNbd | ParetoNbd | BgBb
PurchaseModelName = Literal["bg/nbd", "mbg/nbd", "pareto/nbd", "bg/bb"]

PURCHASE_MODELS: Mapping[str, Any] = MappingProxyType({one.name: one for one in (BgNbd, MbgNbd, ParetoNbd, BgBb)})
_MOST_PROFILED = 20_000  # beyond, the likelihood is a parabola and the profile gives what its curvature gives
_SURE = 0.05  # so small a standard error of every parameter's logarithm too
_PART = 2_000  # different customers on which the search for the maximum begins


class PurchaseFit(NamedTuple):
    """A fitted model and how sure it is."""

    model: PurchaseModel
    rows: PurchaseRows
    found: Maximum

    def at(self, logs: Floats) -> PurchaseModel:
        """The model with other parameters, given as logarithms."""
        return type(self.model)(*np.exp(logs))

    @property
    def logs(self) -> Floats:
        """The parameters' logarithms."""
        return np.asarray(np.log(self.found.values))

    def intervals(self, confidence: float = 0.95) -> Floats:
        """Lower and upper end of each parameter, by profile likelihood."""
        kind = type(self.model)
        if len(self.rows.x) > _MOST_PROFILED or _errors(self.found).max() < _SURE:
            return _curvature(self.found, confidence)
        return profile_intervals(
            lambda values: kind(*values).loglik(self.rows), self.rows.n, self.found, confidence=confidence
        )


def _errors(found: Maximum) -> Floats:
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(found.information))))


def _curvature(found: Maximum, confidence: float) -> Floats:
    half = two_sided(confidence) * _errors(found)
    return np.column_stack([found.values * np.exp(-half), found.values * np.exp(half)])


def fit_purchases(name: str, rows: PurchaseRows) -> PurchaseFit:
    """Which parameters of a purchase model make these customers most likely?

    Args:
        name: "bg/nbd", "mbg/nbd", "pareto/nbd" or "bg/bb".
        rows: the customers.

    Returns:
        The fitted model.

    Examples:
        >>> import numpy as np
        >>> from cxlab.stats.purchase_rows import purchase_rows, simulated_rows
        >>> rng, new = np.random.default_rng(1), purchase_rows(*[np.zeros(1)] * 3)
        >>> many = new._replace(**{k: np.zeros(3000) for k in ("x", "t_x", "age")})
        >>> seen = simulated_rows(BgNbd(0.8, 6.0, 0.8, 2.5).simulated(many, 40.0, rng), np.full(3000, 40.0))
        >>> fit = fit_purchases("bg/nbd", seen)
        >>> fit.found.flat, [round(float(v), 1) for v in fit.found.values]
        (False, [0.8, 5.7, 0.8, 2.6])
    """
    kind = PURCHASE_MODELS[name]
    starts = kind.starts(rows)
    if len(rows.x) > 8 * _PART:
        part = rows.every(len(rows.x) // _PART)
        near = maximum_likelihood(lambda values: kind(*values).loglik(part), part.n, starts)
        starts = [near.values.tolist(), *starts]
    found = maximum_likelihood(lambda values: kind(*values).loglik(rows), rows.n, starts)
    return PurchaseFit(kind(*found.values), rows, found)
