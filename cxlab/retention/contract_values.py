"""`cx.contract_value`: how long contracts will be held, and what they are worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL, as_table
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.results import Figure, Result
from cxlab.retention.amounts import money
from cxlab.retention.contract_words import contract_checks, contract_definitions, contract_headline
from cxlab.retention.purchase_history import ValuePeriod
from cxlab.retention.renewals import Contracts, read_contracts, read_survivors
from cxlab.stats.contract_models import CONTRACT_MODELS, ContractFit, ContractModelName, fit_contracts
from cxlab.stats.likelihood import two_sided
from cxlab.wording import count

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ContractResult", "contract_value"]

Floats = NDArray[np.float64]
_YEARLY = {"day": 365.25, "week": 365.25 / 7, "month": 12.0}
_TITLES = {"holdout": "The test", "flat_likelihood": "What the data determine", "same_hazard": "Chance to be lost"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ContractResult(Result):
    """What contracts are worth: groups in `table`; `tables` holds "totals", "curve", "tracking" and "parameters"."""

    fit: ContractFit = field(repr=False)

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.retention.contract_pictures import contract_pictures

        return contract_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.retention.contract_pictures import contract_display

        return contract_display(self)

    def _check_titles(self) -> dict[str, str]:
        return _TITLES


def contract_value(
    data: Any,
    *,
    unit: str = "unit",
    start: str = "start",
    end: str = "end",
    amount: str | None = None,
    segment: str | None = None,
    survivors: str | None = None,
    renewal: str = "renewal",
    model: ContractModelName = "sbg",
    period: ValuePeriod = "month",
    horizon: int = 12,
    holdout: float = 0.33,
    observe_until: str | None = None,
    discount: float = 0.10,
    margin: float = 1.0,
    measured_in: str = "",
    question: str | None = None,
    confidence: float = 0.95,
) -> ContractResult:
    """How long will contracts be held, and what are they worth?

    Args:
        data: one row per contract; or, with `survivors`, one row per renewal (and cohort).
        unit: column of the contract or customer.
        start: column of the contract's start.
        end: column of its end; empty while it is held.
        amount: column of what is paid per period; None counts payments.
        segment: column whose values are shown side by side; with `survivors` the cohort.
        survivors: column of how many contracts were still held; then `unit`, `start` and `end` are not needed.
        renewal: with `survivors`, column of the renewal: 0 at the start, 1 after the first, and so on.
        model: "sbg" (each customer's chance to be lost stays the same) or "bdw" (it changes with the contract's age).
        period: from renewal to renewal.
        horizon: how many renewals ahead contracts are counted.
        holdout: share of the renewals, at the end, on which the model is tested.
        observe_until: last day up to which starts and ends are known; the last one seen if not set.
        discount: what money loses in a year, as a fraction.
        margin: share of an amount that counts as value.
        measured_in: unit of the amounts, such as "€".
        question: the question in plain words, as the page's title.
        confidence: level of all intervals, as a fraction.

    Returns:
        A ContractResult. `table`: a row for all and one per segment: segment, n, held, retention (chance to be kept at
        the next renewal), value (mean of contracts held, discounted, without end), ci_low, ci_high, total_value.
        `tables`: "totals", "curve" (share held by age in renewals), "tracking" and "parameters".

    Raises:
        ParameterError: a choice, number or date is not usable.
        DataError: contracts end before they start, survivors rise, or too few contracts were lost.

    Assumes:
        Independent contracts that end at renewals, and chances to be lost that do not depend on the calendar.

    Source:
        Fader & Hardie (2007, 2010) for sBG and its discounted values; Fader and others (2018) for BdW. Estimates and
        values equal the published ones.

    Examples:
        >>> import pandas as pd
        >>> held = pd.DataFrame({"renewal": range(8), "customers": [1000, 631, 468, 382, 326, 289, 262, 241]})
        >>> result = contract_value(held, survivors="customers", period="month", discount=0.1)
        >>> result.tables["parameters"][["parameter", "estimate"]].round(3).to_dict("records")
        [{'parameter': 'alpha', 'estimate': 0.704}, {'parameter': 'beta', 'estimate': 1.182}]
        >>> result.tables["curve"].set_index("age")["expected"].loc[[8, 12]].round(3).tolist()
        [0.22, 0.17]
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _check(given)
    table = as_table(data)
    contracts = read_survivors(table, given) if survivors else read_contracts(table, given)
    fit = fit_contracts(model, contracts.rows())
    tracking = _tracked(contracts, given)
    frames = {
        "totals": _totals(contracts, fit, given), "curve": _curve(contracts, fit, given), "tracking": tracking,
        "parameters": _parameters(fit, confidence),
    }  # fmt: skip
    groups = _groups(contracts, fit, given)
    return ContractResult(
        analysis="contract_value", title=question or "What are our contracts worth?", table=groups, tables=frames,
        headline=contract_headline(groups, frames, given), status=_status(fit, tracking),
        checks=contract_checks(contracts, fit, tracking), confidence=confidence, parameters=given,
        semantics=contract_definitions(given), figures=_figures(groups, frames, given),
        data=table.note(None if survivors else start),
        scope=f"{count(len(contracts.seen))} contracts, seen until {contracts.told}", fit=fit,
    )  # fmt: skip


def _check(given: dict[str, Any]) -> None:
    check_confidence(given["confidence"])
    choose("model", given["model"], CONTRACT_MODELS)
    choose("period", given["period"], get_args(ValuePeriod))
    for name, low, high in (("holdout", 0.05, 0.8), ("discount", 0.001, 0.999), ("margin", 0.001, 1.0)):
        if not low <= given[name] <= high:
            raise ParameterError(f"`{name}` is {given[name]!r}; expected a fraction from {low:g} to {high:g}.")
    if not isinstance(given["horizon"], int) or given["horizon"] < 1:
        raise ParameterError(f"`horizon` is {given['horizon']!r}; expected a whole number of renewals from 1 up.")
    if given["survivors"] and given["amount"]:
        raise ParameterError("`amount` belongs to single contracts; leave it out where `survivors` is given.")


def _interval(fit: ContractFit, function: Callable[[Any], Any], confidence: float) -> tuple[Any, Any, Any]:
    """A positive quantity with its interval: the delta method on logarithms."""
    value = np.asarray(function(fit.model), dtype=float)
    if fit.found.flat:
        return value, value * np.nan, value * np.nan
    step = 1e-4 * np.eye(len(fit.logs))
    slopes = np.array([
        (np.log(function(fit.at(fit.logs + one))) - np.log(function(fit.at(fit.logs - one)))) / 2e-4 for one in step
    ])  # fmt: skip
    spread = np.sqrt(np.einsum("i...,ij,j...->...", slopes, fit.found.covariance, slopes))
    factor = np.exp(two_sided(confidence) * spread)
    return value, value / factor, value * factor


def _rate(given: dict[str, Any]) -> float:
    return float((1 + given["discount"]) ** (1 / _YEARLY[given["period"]]) - 1)


def _groups(contracts: Contracts, fit: ContractFit, given: dict[str, Any]) -> pd.DataFrame:
    names = [] if contracts.segment is None else sorted(set(contracts.segment))
    whole = np.ones(len(contracts.seen), bool)
    chosen = [(ALL, whole), *((name, np.asarray(contracts.segment == name)) for name in names)]
    return pd.DataFrame([_group(name, part, contracts, fit, given) for name, part in chosen])


def _group(name: str, part: Any, contracts: Contracts, fit: ContractFit, given: dict[str, Any]) -> dict[str, Any]:
    held = part & contracts.held
    ages, of = np.unique(contracts.seen[held], return_inverse=True)
    pays = given["margin"] * (np.ones(int(held.sum())) if contracts.amount is None else contracts.amount[held])
    weight = np.bincount(of, pays, minlength=len(ages))
    number = max(int(held.sum()), 1)
    value, low, high = (
        _interval(fit, lambda model: weight @ model.residual(ages + 1.0, _rate(given)) / number, given["confidence"])
        if held.any()
        else (np.nan,) * 3
    )
    kept = np.bincount(of, minlength=len(ages)) @ fit.model.retention(ages + 1.0) / number if held.any() else np.nan
    return {"segment": name, "n": int(part.sum()), "held": int(held.sum()), "retention": float(kept),
            "value": float(value), "ci_low": float(low), "ci_high": float(high),
            "total_value": float(value) * int(held.sum())}  # fmt: skip


def _totals(contracts: Contracts, fit: ContractFit, given: dict[str, Any]) -> pd.DataFrame:
    ages = contracts.seen[contracts.held].astype(float)
    pays = given["margin"] * (1.0 if contracts.amount is None else float(contracts.amount.mean()))
    found = {
        "contracts held after the horizon": lambda m: (m.survival(ages + given["horizon"]) / m.survival(ages)).sum(),
        "value of a new contract": lambda m: pays * m.lifetime(_rate(given)),
    }
    rows = []
    for name, function in found.items():
        value, low, high = (float(one) for one in _interval(fit, function, given["confidence"]))
        rows.append({"measure": name, "estimate": value, "ci_low": low, "ci_high": high})
    return pd.DataFrame(rows)


def _curve(contracts: Contracts, fit: ContractFit, given: dict[str, Any]) -> pd.DataFrame:
    seen = contracts.observed()
    ages = np.arange(1.0, len(seen) + given["horizon"] + 1)
    value, low, high = _interval(fit, lambda model: model.survival(ages), given["confidence"])
    expected = pd.DataFrame({"age": ages.astype(int), "expected": value, "ci_low": low,
                             "ci_high": np.minimum(high, 1.0)})  # fmt: skip
    return expected.merge(seen, how="left", on="age")[["age", "n", "lost", "observed", "expected", "ci_low", "ci_high"]]


def _tracked(contracts: Contracts, given: dict[str, Any]) -> pd.DataFrame:
    """Fitted without the last renewals, held against them: contracts held then and expected."""
    back = max(round(int(contracts.seen.max()) * given["holdout"]), 1)
    before, of = contracts.until(back)
    fit = fit_contracts(given["model"], before.rows())
    ages = before.seen[before.held].astype(float)
    then = contracts.lost[of][before.held]
    rows = []
    for ahead in range(1, back + 1):

        def held(model: Any, ahead: int = ahead) -> Any:
            return (model.survival(ages + ahead) / model.survival(ages)).sum()

        value, low, _ = _interval(fit, held, given["confidence"])
        chance = fit.model.survival(ages + ahead) / fit.model.survival(ages)
        luck = two_sided(given["confidence"]) * np.sqrt((chance * (1 - chance)).sum()) / value
        spread = np.hypot(np.log(value / low), luck)
        came = int(((then == 0) | (then > ages + ahead)).sum())
        low, high = float(value / np.exp(spread)), float(min(value * np.exp(spread), len(ages)))
        rows.append({"ahead": ahead, "n": len(ages), "actual": came, "expected": float(value), "ci_low": low,
                     "ci_high": high})  # fmt: skip
    return pd.DataFrame(rows)


def _parameters(fit: ContractFit, confidence: float) -> pd.DataFrame:
    ends = np.full((len(fit.logs), 2), np.nan) if fit.found.flat else fit.intervals(confidence)
    return pd.DataFrame({"model": fit.model.name, "parameter": fit.model.parameters, "estimate": fit.found.values,
                         "ci_low": ends[:, 0], "ci_high": ends[:, 1]})  # fmt: skip


def _status(fit: ContractFit, tracking: pd.DataFrame) -> str:
    if fit.found.flat:
        return "Undecided"
    last = tracking.iloc[-1]
    return "On track" if last["ci_low"] <= last["actual"] <= last["ci_high"] else "Off track"


def _figures(groups: pd.DataFrame, frames: dict[str, pd.DataFrame], given: dict[str, Any]) -> tuple[Figure, ...]:
    row, new = groups.iloc[0], frames["totals"].iloc[1]
    factor = row["held"]
    unit = given["measured_in"]
    level = f"{100 * given['confidence']:g}% interval"
    span = f"{money(row['ci_low'] * factor, unit)} to {money(row['ci_high'] * factor, unit)}"
    return (
        Figure(money(row["total_value"], unit), f"still to come from contracts held, discounted, {span} ({level})"),
        Figure(money(new["estimate"], unit),
               f"is a new contract worth, {money(new['ci_low'], unit)} to {money(new['ci_high'], unit)}"),
        Figure(f"{count(row['held'])} of {count(row['n'])}", "contracts are held"),
    )  # fmt: skip
