"""Contracts that are renewed or not: shifted-beta-geometric and beta-discrete-Weibull."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, chdtrc

from cxlab.errors import DataError
from cxlab.stats.hypergeometric import with_one
from cxlab.stats.likelihood import Maximum, maximum_likelihood, profile_intervals

__all__ = [
    "CONTRACT_MODELS", "Bdw", "ContractFit", "ContractModelName", "ContractRows", "Sbg", "contract_rows",
    "fit_contracts", "groups_differ_p", "same_hazard_p",
]  # fmt: skip

Floats = NDArray[np.float64]
ContractModelName = Literal["sbg", "bdw"]


class ContractRows(NamedTuple):
    """By renewal: how many contracts were `lost` at the t-th, and of how many it was the last one seen `kept`."""

    t: Floats
    lost: Floats
    kept: Floats


def contract_rows(survivors: ArrayLike) -> ContractRows:
    """How many contracts of one cohort were lost at each renewal?

    Args:
        survivors: how many were held at the start, after the first renewal, after the second, and so on.

    Returns:
        One row per renewal.

    Raises:
        DataError: the numbers rise, are negative, or there are fewer than two.

    Examples:
        >>> contract_rows([1000, 631, 468]).lost.tolist()
        [0.0, 369.0, 163.0]
    """
    held = np.asarray(survivors, dtype=float)
    if len(held) < 2 or not np.isfinite(held).all() or (held < 0).any() or (np.diff(held) > 0).any():
        raise DataError(
            f"The survivors of a cohort are {held.tolist()}; expected two numbers or more that never rise, such as "
            "[1000, 631, 468]. Give how many contracts were still held after each renewal."
        )
    kept = np.zeros(len(held))
    kept[-1] = held[-1]
    return ContractRows(np.arange(len(held), dtype=float), np.append(0.0, -np.diff(held)), kept)


@dataclass(frozen=True)
class Bdw:
    """A chance to be lost at each renewal (beta `alpha`, `beta`) that rises with age (`c` above 1) or falls (below).

    Source:
        Fader, Hardie, Liu, Davin & Steenburgh (2018), Journal of Interactive Marketing 43:1; with c = 1 it is the sBG.

    Examples:
        >>> Bdw(0.7, 1.2, 1.3).survival([0, 1, 2]).round(3).tolist()
        [1.0, 0.632, 0.434]
    """

    alpha: float
    beta: float
    c: float = 1.0

    name: ClassVar[str] = "bdw"
    parameters: ClassVar[tuple[str, ...]] = ("alpha", "beta", "c")
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((1.0, 1.5, 1.0), (0.5, 5.0, 0.8), (3.0, 20.0, 1.3))

    def _log_survival(self, t: ArrayLike) -> Floats:
        age = np.power(np.asarray(t, dtype=float), self.c)
        return np.asarray(betaln(self.alpha, self.beta + age) - betaln(self.alpha, self.beta))

    def survival(self, t: ArrayLike) -> Floats:
        """The share that is still held after so many renewals."""
        return np.exp(self._log_survival(t))

    def retention(self, t: ArrayLike) -> Floats:
        """The share of those still held that is kept at the t-th renewal."""
        t = np.asarray(t, dtype=float)
        return np.exp(self._log_survival(t) - self._log_survival(t - 1))

    def loglik(self, rows: ContractRows) -> Floats:
        """The log-likelihood of each renewal's contracts."""
        after, before = self._log_survival(rows.t), self._log_survival(np.maximum(rows.t - 1, 0))
        with np.errstate(divide="ignore"):
            ends = before + np.log(-np.expm1(np.minimum(after - before, 0.0)))
        lost = np.where(rows.lost > 0, ends, 0.0) * rows.lost
        return np.asarray(lost + rows.kept * after)

    def lifetime(self, discount: float) -> float:
        """Discounted expected payments of a new contract, the first one (now) included."""
        return 1.0 + float(self.residual([1.0], discount)[0]) / (1 + discount)

    def residual(self, n: ArrayLike, discount: float) -> Floats:
        """Discounted expected payments of contracts about to be renewed for the n-th time, that one included."""
        n = np.asarray(n, dtype=float)
        far = np.arange(_terms(discount))
        stays = self._log_survival(n[..., None] + far) - self._log_survival(n - 1)[..., None]
        return np.asarray(np.exp(stays - far * np.log1p(discount)).sum(axis=-1))


@dataclass(frozen=True)
class Sbg(Bdw):
    """A chance to be lost at each renewal that stays the same for a customer and differs between them (beta).

    Source:
        Fader & Hardie (2007), Journal of Interactive Marketing 21:76; (2010), Marketing Science 29:85, for the
        discounted values in closed form. Both papers' numbers are in the tests.

    Examples:
        >>> round(Sbg(0.8, 2.5).lifetime(0.12), 6)
        4.218832
    """

    name: ClassVar[str] = "sbg"
    parameters: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((1.0, 1.5), (0.5, 5.0), (3.0, 20.0))

    def lifetime(self, discount: float) -> float:
        """Discounted expected payments of a new contract, the first one (now) included."""
        return float(with_one(self.beta, self.alpha + self.beta, 1 / (1 + discount)))

    def residual(self, n: ArrayLike, discount: float) -> Floats:
        """Discounted expected payments of contracts about to be renewed for the n-th time, that one included."""
        at = self.beta + np.asarray(n, dtype=float)
        whole = with_one(at, self.alpha + at, 1 / (1 + discount))
        return np.asarray((at - 1) / (self.alpha + at - 1) * whole)


def _terms(discount: float) -> int:
    return int(min(np.ceil(32 / np.log1p(discount)), 200_000)) + 1


CONTRACT_MODELS: Mapping[str, Any] = MappingProxyType({"sbg": Sbg, "bdw": Bdw})


class ContractFit(NamedTuple):
    """A fitted model and how sure it is."""

    model: Bdw
    rows: ContractRows
    found: Maximum

    @property
    def logs(self) -> Floats:
        """The parameters' logarithms."""
        return np.asarray(np.log(self.found.values))

    def at(self, logs: Floats) -> Bdw:
        """The model with other parameters, given as logarithms."""
        return type(self.model)(*np.exp(logs))

    def intervals(self, confidence: float = 0.95) -> Floats:
        """Lower and upper end of each parameter, by profile likelihood."""
        kind, ones = type(self.model), np.ones(len(self.rows.t))
        return profile_intervals(lambda v: kind(*v).loglik(self.rows), ones, self.found, confidence=confidence)


def fit_contracts(name: str, rows: ContractRows) -> ContractFit:
    """Which parameters of a contract model make these losses most likely?

    Args:
        name: "sbg" or "bdw".
        rows: losses by renewal, cohorts added up.

    Returns:
        The fitted model; its covariance is the inverse information, as rows are sums over customers.

    Examples:
        >>> fit = fit_contracts("sbg", contract_rows([1000, 631, 468, 382, 326, 289, 262, 241]))
        >>> [round(float(v), 3) for v in fit.found.values], round(fit.found.loglik, 1)
        ([0.704, 1.182], -1680.3)
    """
    kind = CONTRACT_MODELS[name]
    found = maximum_likelihood(lambda values: kind(*values).loglik(rows), np.ones(len(rows.t)), kind.starts)
    covariance = found.covariance if found.flat else np.asarray(np.linalg.inv(found.information))
    return ContractFit(kind(*found.values), rows, found._replace(covariance=covariance))


def same_hazard_p(sbg: ContractFit, bdw: ContractFit) -> float:
    """Does each customer's own chance to be lost change with the contract's age?

    Args:
        sbg: the model in which it does not.
        bdw: the model in which it may.

    Returns:
        The p value of the likelihood-ratio test of c = 1.

    Examples:
        >>> rows = contract_rows([1000, 631, 468, 382, 326, 289, 262, 241])
        >>> round(same_hazard_p(fit_contracts("sbg", rows), fit_contracts("bdw", rows)), 2)
        0.25
    """
    return float(chdtrc(1, max(2 * (bdw.found.loglik - sbg.found.loglik), 0.0)))


def groups_differ_p(together: ContractFit, apart: Sequence[ContractFit]) -> float:
    """Do groups of contracts differ in how they are lost?

    Args:
        together: the model of all of them.
        apart: the same model of each group.

    Returns:
        The p value of the likelihood-ratio test of one model for all.

    Examples:
        >>> parts = [contract_rows([1000, 631, 468, 382]), contract_rows([1000, 869, 743, 653])]
        >>> both = ContractRows(parts[0].t, *(a + b for a, b in zip(parts[0][1:], parts[1][1:])))
        >>> groups_differ_p(fit_contracts("sbg", both), [fit_contracts("sbg", one) for one in parts]) < 0.001
        True
    """
    gain = sum(one.found.loglik for one in apart) - together.found.loglik
    more = (len(apart) - 1) * len(together.model.parameters)
    return float(chdtrc(more, max(2 * gain, 0.0)))
