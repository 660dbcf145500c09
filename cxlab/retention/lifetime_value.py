"""`cx.customer_value`: what customers without a contract will still buy and are worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from cxlab.data import DataNote, as_table
from cxlab.data.calendar import parse_instant, period_number
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.results import Result
from cxlab.retention import value_words as words
from cxlab.retention.purchase_history import DAYS, Columns, History, ValuePeriod, read_history, refuse_thin
from cxlab.retention.value_checks import TITLES, value_checks
from cxlab.retention.value_estimates import Total, Valuation, about, customer_table, futures, still_there, valued
from cxlab.retention.value_findings import ValueFindings
from cxlab.retention.value_fit import fit_value
from cxlab.retention.value_tracking import Tracking, track
from cxlab.stats.purchase_models import PURCHASE_MODELS, PurchaseModelName
from cxlab.wording import date

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ValueResult", "customer_value"]

_YEAR = {"day": 365.25, "week": 365.25 / 7, "month": 12.0}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ValueResult(Result):
    """What customers are worth: groups in `table`, single ones in `customers`, which no page, file or app shows."""

    found: ValueFindings = field(repr=False)

    @property
    def customers(self) -> pd.DataFrame:
        """One row per customer, the most valuable first; for your own use in Python, never published."""
        return customer_table(self.found.history, self.found.valuation, self.found.day)

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.retention.value_pictures import value_pictures

        return value_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.retention.value_display import value_display

        return value_display(self)

    def _check_titles(self) -> dict[str, str]:
        return TITLES


def customer_value(
    data: Any,
    *,
    unit: str = "unit",
    time: str = "time",
    amount: str | None = "amount",
    currency: str | None = None,
    segment: str | None = None,
    model: PurchaseModelName = "bg/nbd",
    period: ValuePeriod = "week",
    horizon: int = 52,
    holdout: float = 0.33,
    holdout_from: str | None = None,
    observe_until: str | None = None,
    discount: float = 0.10,
    margin: float = 1.0,
    measured_in: str = "",
    question: str | None = None,
    seed: int = 1,
    confidence: float = 0.95,
) -> ValueResult:
    """Which customers will buy again, and what are they worth?

    Args:
        data: one row per purchase of customers without a contract: a table, data frame or path.
        unit: column of the customer.
        time: column of the purchase's time.
        amount: column of what was paid, 0 or more; None counts purchases only.
        currency: column of the currency; amounts in several are refused.
        segment: column whose values are shown side by side; a customer's is that of the first purchase.
        model: "bg/nbd", "mbg/nbd" (may leave after the first purchase), "pareto/nbd" (may leave at any moment) or
            "bg/bb" (buys or not once a period).
        period: unit of the model's time.
        horizon: how many periods ahead purchases are counted.
        holdout: share of the log's time, at its end, on which the model is tested.
        holdout_from: first day of the test instead of a share.
        observe_until: last day or moment up to which the log is complete; the last purchase if not set.
        discount: what money loses in a year, as a fraction.
        margin: share of an amount that counts as value.
        measured_in: unit of the amounts, such as "€".
        question: the question in plain words, as the page's title.
        seed: of the simulated futures.
        confidence: level of all intervals, as a fraction.

    Returns:
        A ValueResult. `table`: a row for all and one per segment: segment, n, frequency, probability_alive,
        expected_purchases (within the horizon), expected_amount, value (mean, discounted, without end), ci_low,
        ci_high, total_value. `tables`: "totals", "tenths", "cohorts", "tracking", "frequency", "holdout" and
        "parameters". `customers` has one row per customer and stays in Python.

    Raises:
        ParameterError: a choice, number or date is not usable.
        DataError: negative amounts, mixed currencies, times in the future, too few customers or nobody who came back.

    Assumes:
        Independent customers whose rates stay the same until they leave, no seasons, and amounts that do not go with
        how often somebody buys. The log holds every customer's first purchase.

    Source:
        Fader, Hardie & Lee (2005) for BG/NBD, (2005b) for Pareto/NBD and Gamma-Gamma; Batislam and others (2007);
        Fader, Hardie & Shang (2010). Estimates equal the published ones on CDNOW.

    Examples:
        >>> import cxlab as cx
        >>> bought = cx.sample_company(customers=900, seed=3)["transactions"]
        >>> result = customer_value(bought, unit="customer_id", segment=None, horizon=26)
        >>> result.table[["segment", "n"]].to_dict("records")
        [{'segment': 'all', 'n': 260}]
        >>> list(result.customers.columns[:4])
        ['customer', 'first_purchase', 'frequency', 'recency']
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _check(given)
    table = as_table(data)
    columns = Columns(
        unit=unit, time=time, amount=amount, currency=currency, segment=segment, observe_until=observe_until
    )
    history = read_history(table, columns, period, discrete=PURCHASE_MODELS[model].discrete)
    tracking = _tested(history, given, table.tz)
    found = _found(history, tracking, given)
    first, last = found.day(float(history.first.min())), found.day(history.last)
    return ValueResult(
        analysis="customer_value", title=question or "What are our customers worth?", headline=words.headline(found),
        status=words.status(found), table=found.groups(), tables=_tables(found), checks=value_checks(found),
        confidence=confidence, parameters=given, semantics=words.definitions(found), figures=words.figures(found),
        data=DataNote(table.rows, table.fingerprint, first, last), scope=words.scope(found), found=found,
    )  # fmt: skip


def _check(given: dict[str, Any]) -> None:
    check_confidence(given["confidence"])
    choose("model", given["model"], PURCHASE_MODELS)
    choose("period", given["period"], get_args(ValuePeriod))
    if not isinstance(given["horizon"], int) or isinstance(given["horizon"], bool) or given["horizon"] < 1:
        raise ParameterError(f"`horizon` is {given['horizon']!r}; expected a whole number of periods from 1 up.")
    if not 0.05 <= given["holdout"] <= 0.8:
        raise ParameterError(
            f"`holdout` is {given['holdout']!r}; expected a share of the log from 0.05 to 0.8, such as 0.33."
        )
    if not 0 < given["discount"] < 1:
        raise ParameterError(
            f"`discount` is {given['discount']!r}; expected a fraction above 0 and below 1, such as 0.1 for 10% a "
            "year. Without discounting, purchases without end would have no finite value."
        )
    if not 0 < given["margin"] <= 1:
        raise ParameterError(f"`margin` is {given['margin']!r}; expected a fraction above 0 and up to 1, such as 0.3.")


def _tested(history: History, given: dict[str, Any], tz: str) -> Tracking:
    """The model fitted on the first part of the log, and how it foretells the rest."""
    cut = _cut(history, given, tz)
    spell = history.spell(cut)
    refuse_thin(spell, date(str(_iso(cut))))
    fit = fit_value(spell, given["model"], amounts=False)
    return track(history, fit, cut, confidence=given["confidence"], seed=given["seed"])


def _iso(day: int) -> Any:
    return pd.Timestamp.fromordinal(day).date()


def _cut(history: History, given: dict[str, Any], tz: str) -> int:
    begins, size = int(history.first.min()), DAYS[given["period"]]
    if given["holdout_from"] is not None:
        start = parse_instant(given["holdout_from"], argument="holdout_from", tz=tz)
        cut = period_number(start, "day", tz=tz) - 1
    else:
        periods = max(round((history.last - begins + 1) * given["holdout"] / size), 1)
        cut = round(history.last - periods * size)
    if not begins < cut or not history.last - cut >= size:
        raise ParameterError(
            f"The test would begin after {date(str(_iso(cut)))}, but purchases are seen from {date(str(_iso(begins)))} "
            f"to {date(str(_iso(history.last)))}. Leave at least one {given['period']} on both sides: choose another "
            "`holdout` or `holdout_from`, or a shorter `period`."
        )
    return cut


def _found(history: History, tracking: Tracking, given: dict[str, Any]) -> ValueFindings:
    fit = fit_value(history.spell(history.last), given["model"], amounts=history.amount is not None)
    sure = not fit.flat and fit.has_mean
    valuation = valued(
        fit, horizon=given["horizon"], discount=float(np.log1p(given["discount"])) / _YEAR[given["period"]],
        margin=given["margin"], confidence=given["confidence"], whole=sure,
    )  # fmt: skip
    purchases, revenue = _ahead(valuation, given)
    return ValueFindings(
        history=history, valuation=valuation, tracking=tracking, parameters=fit.parameters(given["confidence"]),
        still=still_there(fit, given["seed"], given["confidence"]), purchases=purchases, revenue=revenue,
        period=given["period"], horizon=given["horizon"],
        discount=given["discount"], margin=given["margin"], measured_in=given["measured_in"],
        confidence=given["confidence"],
    )  # fmt: skip


def _ahead(valuation: Valuation, given: dict[str, Any]) -> tuple[Total, Total | None]:
    """Purchases and their amounts within the horizon, over simulated futures."""
    counts, amounts = futures(valuation.fit, given["horizon"], given["seed"])
    bought = about(float(valuation.expected.sum()), counts.sum(axis=1), given["confidence"])
    if valuation.fit.flat:
        bought = Total(bought.estimate, np.nan, np.nan)
    if valuation.fit.spend is None:
        return bought, None
    revenue = float((valuation.expected * valuation.amount).sum()) / given["margin"]
    return bought, about(revenue, amounts, given["confidence"])


def _tables(found: ValueFindings) -> dict[str, pd.DataFrame]:
    tracking = found.tracking
    periods = tracking.periods.assign(end=[found.day(day) for day in tracking.periods["end"]])
    return {
        "totals": found.totals(), "tenths": found.tenths(), "cohorts": found.cohorts(), "tracking": periods,
        "frequency": tracking.frequency, "holdout": tracking.holdout, "parameters": found.parameters,
    }  # fmt: skip
