"""How long contracts last and what they are worth, by group: fitted models, expectations and their intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from cxlab.data import ALL
from cxlab.retention.renewals import PERIODS, Contracts
from cxlab.stats.contract_models import Bdw, ContractFit, fit_contracts
from cxlab.stats.likelihood import two_sided
from cxlab.stats.survival import kaplan_meier

__all__ = ["ContractGroup", "contract_groups", "curve", "group_table", "parameters", "seen", "totals"]

Floats = NDArray[np.float64]
_STEP = 1e-4


@dataclass(frozen=True)
class ContractGroup:
    """Contracts with a model of their own; `fit` is None where they are too few for one."""

    name: str
    contracts: Contracts = field(repr=False)
    fit: ContractFit | None
    given: dict[str, Any] = field(repr=False)

    @property
    def rate(self) -> float:
        """The discount of one period."""
        months, days = PERIODS[self.given["period"]]
        years = months / 12 if months else days / 365.25
        return float((1 + self.given["discount"]) ** years - 1)

    def last_age(self) -> int:
        """Up to which renewal the curve is drawn: as far as was seen, and the horizon beyond."""
        return self.contracts.longest + int(self.given["horizon"])

    def interval(
        self, function: Callable[[Bdw], Any], *, extra: float = 0.0, share: bool = False
    ) -> tuple[Any, Any, Any]:
        """A quantity of the model with its interval: the delta method on logarithms, or on the odds of a share.

        `extra` is a variance of the logarithm that is not the model's.
        """
        fit = self.fit
        assert fit is not None
        value = np.asarray(function(fit.model), dtype=float)
        if fit.found.flat:
            return value, value * np.nan, value * np.nan
        scale, back = (_odds, expit) if share else (np.log, np.exp)
        moved = [(fit.at(fit.logs + step), fit.at(fit.logs - step)) for step in _STEP * np.eye(len(fit.logs))]
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = np.array([(scale(function(up)) - scale(function(down))) / (2 * _STEP) for up, down in moved])
            spread = np.sqrt(np.einsum("i...,ij,j...->...", slopes, fit.found.covariance, slopes) + extra)
            reach = two_sided(self.given["confidence"]) * spread
            return value, back(scale(value) - reach), back(scale(value) + reach)

    def new_value(self) -> tuple[float, float, float]:
        """The value of a new contract, its first payment included; how sure the mean amount is counts too."""
        mean, error = self.contracts.mean_amount()
        if not mean:
            return 0.0, float("nan"), float("nan")
        pays = self.given["margin"] * mean
        value, low, high = self.interval(lambda m: pays * m.lifetime(self.rate), extra=(error / mean) ** 2)
        return float(value), float(low), float(high)

    def held_value(self) -> tuple[float, float, float]:
        """The mean value of the contracts held: payments from the next renewal on."""
        held = self.contracts.part(self.contracts.held)
        if not held.size or not held.paid.any():
            return float("nan"), float("nan"), float("nan")
        pays, ages = self.given["margin"] * held.paid, held.seen + 1.0
        value, low, high = self.interval(lambda m: pays @ m.residual(ages, self.rate) / held.size)
        return float(value), float(low), float(high)

    def median(self) -> tuple[float, float, float]:
        """The first renewal after which half or fewer are held, as far as the curve goes; missing beyond."""
        assert self.fit is not None
        ages = np.arange(1.0, self.last_age() + 1)
        value, low, high = self.interval(lambda m: m.survival(ages), share=True)
        return _half(ages, value), _half(ages, low), _half(ages, high)

    def kept_next(self) -> float:
        """Of the contracts held, the share expected to be kept at the next renewal."""
        held = self.contracts.part(self.contracts.held)
        if self.fit is None or not held.size:
            return float("nan")
        return float(held.n @ self.fit.model.retention(held.seen + 1.0) / held.size)


def _odds(share: Any) -> Any:
    return logit(np.minimum(share, 1 - 1e-12))


def _half(ages: Floats, share: Floats) -> float:
    below = np.flatnonzero(share <= 0.5)
    return float(ages[below[0]]) if len(below) else float("nan")


def contract_groups(contracts: Contracts, given: dict[str, Any]) -> list[ContractGroup]:
    """All contracts, then each segment by itself.

    Args:
        contracts: the contracts.
        given: the arguments by name.

    Returns:
        The groups, the one of all first; each has a model of its own, fitted on its contracts alone.
    """
    names = [] if contracts.segment is None else sorted(set(contracts.segment))
    parts = [(ALL, contracts), *((name, contracts.part(np.asarray(contracts.segment == name))) for name in names)]
    return [ContractGroup(name, part, _fitted(part, given), given) for name, part in parts]


def _fitted(contracts: Contracts, given: dict[str, Any]) -> ContractFit | None:
    return fit_contracts(given["model"], contracts.rows_by_renewal()) if contracts.enough else None


def group_table(groups: list[ContractGroup]) -> pd.DataFrame:
    """One row per group.

    Args:
        groups: all contracts, and segments.

    Returns:
        segment, n, held, median with its interval, retention, value with its interval, total_value, new_value with its
        interval; a group too small for a model has its numbers of contracts alone.
    """
    return pd.DataFrame([_group_row(group) for group in groups])


def _group_row(group: ContractGroup) -> dict[str, Any]:
    held = int(group.contracts.n[group.contracts.held].sum())
    known = group.fit is not None
    missing = (float("nan"),) * 3
    median = group.median() if known else missing
    value, low, high = group.held_value() if known else missing
    new = group.new_value() if known else missing
    return {
        "segment": group.name, "n": group.contracts.size, "held": held, "median": median[0],
        "median_ci_low": median[1], "median_ci_high": median[2], "retention": group.kept_next(), "value": value,
        "ci_low": low, "ci_high": high, "total_value": value * held, "new_value": new[0], "new_ci_low": new[1],
        "new_ci_high": new[2],
    }  # fmt: skip


def totals(whole: ContractGroup) -> pd.DataFrame:
    """What all contracts together will do.

    Args:
        whole: all contracts.

    Returns:
        measure, estimate and its interval.
    """
    held, ahead = whole.contracts.part(whole.contracts.held), whole.given["horizon"]
    ages = held.seen.astype(float)
    nothing = (float("nan"),) * 3
    later = whole.interval(lambda m: held.n @ (m.survival(ages + ahead) / m.survival(ages))) if held.size else nothing
    found = {"contracts held after the horizon": later, "value of a new contract": whole.new_value(),
             "value of all contracts held": tuple(held.size * one for one in whole.held_value())}  # fmt: skip
    return pd.DataFrame([
        {"measure": name, "estimate": float(value), "ci_low": float(low), "ci_high": float(high)}
        for name, (value, low, high) in found.items()
    ])  # fmt: skip


def curve(groups: list[ContractGroup]) -> pd.DataFrame:
    """The share of contracts expected to be held after each renewal, as far as seen and the horizon beyond.

    Args:
        groups: all contracts, and segments.

    Returns:
        segment, age, expected and its interval.
    """
    return pd.concat([_curve(group) for group in groups if group.fit is not None], ignore_index=True)


def _curve(group: ContractGroup) -> pd.DataFrame:
    ages = np.arange(1.0, group.last_age() + 1)
    value, low, high = group.interval(lambda m: m.survival(ages), share=True)
    return pd.DataFrame({"segment": group.name, "age": ages.astype(int), "expected": value, "ci_low": low,
                         "ci_high": high})  # fmt: skip


def seen(groups: list[ContractGroup]) -> pd.DataFrame:
    """The share that was seen to be held after each renewal, of those who could be seen (Kaplan-Meier).

    Args:
        groups: all contracts, and segments.

    Returns:
        segment, age, n (could be lost at this renewal), lost, observed and its interval.
    """
    return pd.concat([_seen(group) for group in groups if group.contracts.size], ignore_index=True)


def _seen(group: ContractGroup) -> pd.DataFrame:
    own = group.contracts
    found = kaplan_meier(
        np.where(own.lost > 0, own.lost, own.seen), own.lost > 0, weights=own.n, confidence=group.given["confidence"]
    )
    ages = np.arange(1, own.longest + 1)
    place = np.searchsorted(found.time, ages)
    same = np.append(found.time, np.nan)[place] == ages
    share, low, high = found.at(ages)
    return pd.DataFrame({"segment": group.name, "age": ages, "n": found.watched(ages).astype(int),
                         "lost": np.where(same, np.append(found.events, 0)[place], 0).astype(int),
                         "observed": share, "ci_low": low, "ci_high": high})  # fmt: skip


def parameters(groups: list[ContractGroup]) -> pd.DataFrame:
    """What was fitted.

    Args:
        groups: all contracts, and segments.

    Returns:
        segment, model, parameter, estimate and its profile interval.
    """
    return pd.concat([_parameters(group) for group in groups if group.fit is not None], ignore_index=True)


def _parameters(group: ContractGroup) -> pd.DataFrame:
    fit = group.fit
    assert fit is not None
    ends = np.full((len(fit.logs), 2), np.nan) if fit.found.flat else fit.intervals(group.given["confidence"])
    return pd.DataFrame({"segment": group.name, "model": fit.model.name, "parameter": fit.model.parameters,
                         "estimate": fit.found.values, "ci_low": ends[:, 0], "ci_high": ends[:, 1]})  # fmt: skip
