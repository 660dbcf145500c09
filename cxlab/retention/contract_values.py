"""`cx.contract_value`: how long contracts will be held, and what they are worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from cxlab.data import as_table
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.results import Result
from cxlab.retention import contract_estimates as estimates
from cxlab.retention import contract_words as words
from cxlab.retention.contract_checks import TITLES, contract_checks
from cxlab.retention.contract_tracking import by_calendar, track_contracts
from cxlab.retention.renewals import ContractPeriod, read_contracts, read_survivors
from cxlab.stats.contract_models import CONTRACT_MODELS, ContractModelName
from cxlab.wording import count

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ContractResult", "contract_value"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ContractResult(Result):
    """How long contracts last and what they are worth: groups in `table`.

    `tables` holds "totals", "curve" (expected), "seen", "tracking", "calendar" and "parameters".
    """

    groups: list[estimates.ContractGroup] = field(repr=False)

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.retention.contract_pictures import contract_pictures

        return contract_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.retention.contract_display import contract_display

        return contract_display(self)

    def _check_titles(self) -> dict[str, str]:
        return TITLES


def contract_value(
    data: Any,
    *,
    unit: str = "unit",
    start: str = "start",
    end: str = "end",
    amount: str | None = None,
    currency: str | None = None,
    segment: str | None = None,
    survivors: str | None = None,
    renewal: str = "renewal",
    model: ContractModelName = "sbg",
    period: ContractPeriod = "month",
    horizon: int = 12,
    holdout: float = 0.33,
    observe_until: str | None = None,
    discount: float = 0.10,
    margin: float = 1.0,
    measured_in: str = "",
    question: str | None = None,
    confidence: float = 0.95,
) -> ContractResult:
    """How long do contracts last, and what is one worth?

    Args:
        data: one row per contract; or, with `survivors`, one row per renewal (and cohort).
        unit: column of the contract, or of the customer whose contracts begin at different times.
        start: column of the contract's start.
        end: column of its end; empty while it is held.
        amount: column of what is paid per period, 0 or more; None counts payments.
        currency: column of the currency; amounts in several are refused.
        segment: column whose values are shown side by side, each by a model of its own; with `survivors` the cohort.
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
        A ContractResult. `table`: a row for all and one per segment: segment, n, held, median (renewal by which half of
        new contracts are lost) with its interval, retention (chance of those held to be kept at the next renewal),
        value (mean of contracts held, discounted, without end), ci_low, ci_high, total_value, and new_value (of a new
        contract) with its interval. `tables`: "totals", "curve" (share expected to be held by age in renewals), "seen"
        (the same as seen), "tracking", "calendar" (losses by period, seen and expected) and "parameters".

    Raises:
        ParameterError: a choice, number or date is not usable.
        DataError: contracts end before they start or stand twice, amounts are negative or in several currencies, times
            lie in the future, survivors rise, or too few contracts were lost.

    Assumes:
        Independent contracts that end at renewals, and chances to be lost that do not depend on the calendar. Contracts
        that were lost long ago are in the table too.

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
    groups = estimates.contract_groups(contracts, given)
    whole = groups[0]
    found, tracking, calendar = estimates.group_table(groups), track_contracts(whole), by_calendar(whole)
    frames = {
        "totals": estimates.totals(whole), "curve": estimates.curve(groups), "seen": estimates.seen(groups),
        "tracking": tracking, "calendar": calendar, "parameters": estimates.parameters(groups),
    }  # fmt: skip
    return ContractResult(
        analysis="contract_value", title=question or "How long do contracts last, and what is one worth?", table=found,
        tables=frames, headline=words.contract_headline(found, frames, given),
        status=words.contract_status(whole, tracking), checks=contract_checks(groups, tracking, calendar),
        confidence=confidence, parameters=given, semantics=words.contract_definitions(given),
        figures=words.contract_figures(found, frames, given), data=table.note(None if survivors else start),
        scope=f"{count(contracts.size)} contracts, seen until {contracts.told}", groups=groups,
    )  # fmt: skip


def _check(given: dict[str, Any]) -> None:
    check_confidence(given["confidence"])
    choose("model", given["model"], CONTRACT_MODELS)
    choose("period", given["period"], get_args(ContractPeriod))
    for name, low, high in (("holdout", 0.05, 0.8), ("discount", 0.001, 0.999), ("margin", 0.001, 1.0)):
        if not low <= given[name] <= high:
            raise ParameterError(f"`{name}` is {given[name]!r}; expected a fraction from {low:g} to {high:g}.")
    if not isinstance(given["horizon"], int) or isinstance(given["horizon"], bool) or given["horizon"] < 1:
        raise ParameterError(f"`horizon` is {given['horizon']!r}; expected a whole number of renewals from 1 up.")
    for name in ("amount", "currency"):
        if given["survivors"] and given[name]:
            raise ParameterError(f"`{name}` belongs to single contracts; leave it out where `survivors` is given.")
