"""`cx.churn_drivers`: which customers leave sooner, and what goes with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from cxlab.data import as_table
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.results import Result
from cxlab.retention import churn_words as words
from cxlab.retention.churn_checks import CHECK_TITLES, churn_checks
from cxlab.retention.churn_groups import Curves, curve_rows, group_rows, group_tests, pair_rows, read_curves
from cxlab.retention.churn_hazards import Hazards, driver_rows, fit_hazards, proportional_rows, spell_rows
from cxlab.retention.churn_history import Churn, read_churn
from cxlab.retention.churn_reasons import incidence_rows, made_tests, reason_rows, reason_tests
from cxlab.retention.purchase_history import ValuePeriod
from cxlab.wording import count

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ChurnResult", "churn_drivers"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ChurnResult(Result):
    """Who leaves sooner: drivers in `table`, or groups where no drivers are asked for; more in `tables`."""

    churn: Churn = field(repr=False)
    found: Curves = field(repr=False)
    hazards: Hazards | None = field(repr=False)

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.retention.churn_pictures import churn_pictures

        return churn_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.retention.churn_display import churn_display

        return churn_display(self)

    def _check_titles(self) -> Mapping[str, str]:
        return CHECK_TITLES


def churn_drivers(
    data: Any,
    *,
    unit: str = "unit",
    start: str = "start",
    end: str = "end",
    group: str | None = None,
    drivers: list[str] | None = None,
    reason: str | None = None,
    strata: str | None = None,
    reference: dict[str, str] | None = None,
    horizon: int | None = None,
    period: ValuePeriod = "month",
    observe_until: str | None = None,
    question: str | None = None,
    confidence: float = 0.95,
) -> ChurnResult:
    """Which customers leave sooner, and what goes with it?

    Args:
        data: one row per customer or contract.
        unit: column of the customer.
        start: column of the day a customer began.
        end: column of the day a customer left; empty while still here.
        group: column whose groups are compared, such as the plan at the start.
        drivers: columns looked at together, known when a customer began; numbers, or categories.
        reason: column of why a customer left; reasons are competing ends.
        strata: column within whose values customers are compared, such as the channel they came by.
        reference: column to the value that others are held against; the most frequent one if not named.
        horizon: periods up to which time counts; a year, or as long as enough were watched, if not set.
        period: "day", "week" or "month": the unit of time in tables and pictures.
        observe_until: last day up to which the table is complete; the last day in it if not set.
        question: the question in plain words, as the page's title.
        confidence: level of all intervals, as a fraction.

    Returns:
        A ChurnResult. `table` with drivers: one row per driver and level: driver, level, n, churned, estimate (hazard
        ratio: how many times as often they leave, at any time, the other drivers being equal), ci_low, ci_high,
        p_value, p_adjusted. Without: one row for all and per group: group, n, churned, watched, estimate (share still
        here at the horizon), ci_low, ci_high, median, mean (time within the horizon) and difference (to the
        reference's) with intervals, p_value, p_adjusted. `tables`: "groups", "curves", "pairs", "tests"; with reasons
        "reasons" and "incidence"; with drivers "proportional_hazards" and "spells" (early and late).

    Raises:
        ParameterError: a choice, number, date or reference is not usable.
        DataError: a customer ends before starting, or in the future; a driver is missing for some, never varies,
            follows from others, or has levels that nobody left; nobody left at all.

    Assumes:
        Independent customers, whose time here is cut off only by the end of the table; drivers known at the start.

    Source:
        Kaplan & Meier (1958), Mantel (1966), Holm (1979), Irwin (1949) for mean times, Cox (1972) with Efron's ties,
        Grambsch & Therneau (1994), Aalen & Johansen (1978), Gray (1988). Checked against R 4.2.2, survival and cmprsk.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"unit": range(40), "start": "2026-01-01", "plan": ["month", "year"] * 20})
        >>> days = pd.to_timedelta([5 * k + 60 * (k % 2) for k in range(40)], unit="D")
        >>> rows["end"] = (pd.Timestamp("2026-01-10") + days).where(days < pd.Timedelta("150D"))
        >>> found = churn_drivers(rows, group="plan", period="day", horizon=90, observe_until="2026-06-30")
        >>> found.table[["group", "n", "churned", "estimate"]].round(2).values.tolist()
        [['all', 40, 24, 0.72], ['month', 20, 15, 0.55], ['year', 20, 9, 0.9]]
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _check(given)
    table = as_table(data)
    churn = read_churn(table, given)
    found = read_curves(churn, given)
    hazards = fit_hazards(churn, given)
    pairs = pair_rows(churn, found, confidence)
    rows = group_rows(found, pairs, confidence)
    tables = {"groups": rows, "curves": curve_rows(found), **_more(churn, found, hazards, pairs, given)}
    main = rows if hazards is None else driver_rows(hazards)
    shown = tables if hazards is not None else {name: one for name, one in tables.items() if name != "groups"}
    told = words.Told(given=given, churn=churn, found=found, hazards=hazards, table=main, tables=tables)
    return ChurnResult(
        analysis="churn_drivers", title=question or "Which customers leave sooner, and what goes with it?", table=main,
        tables={name: one for name, one in shown.items() if not one.empty}, headline=words.churn_headline(told),
        status=words.churn_status(told), checks=churn_checks(told), confidence=confidence, parameters=given,
        semantics=words.churn_definitions(told), figures=words.churn_figures(told), data=table.note(start),
        scope=f"{count(churn.customers)} customers, seen until {churn.until}", churn=churn, found=found,
        hazards=hazards,
    )  # fmt: skip


def _check(given: dict[str, Any]) -> None:
    check_confidence(given["confidence"])
    choose("period", given["period"], get_args(ValuePeriod))
    horizon = given["horizon"]
    if horizon is not None and (isinstance(horizon, bool) or not isinstance(horizon, int) or horizon < 1):
        raise ParameterError(f"`horizon` is {horizon!r}; expected a whole number of periods from 1 up, such as 12.")
    named = [given[one] for one in ("unit", "start", "end", "reason")] + list(given["drivers"] or ())
    twice = {name for name in named if name is not None and named.count(name) > 1}
    if twice:
        raise ParameterError(f"Column {min(twice)!r} is named twice; each can play one part only.")
    loose = set(given["reference"] or {}) - {given["group"], *(given["drivers"] or ())}
    if loose:
        raise ParameterError(
            f"`reference` names {min(map(str, loose))!r}, which is neither the group nor among the drivers."
        )


def _more(
    churn: Churn, found: Curves, hazards: Hazards | None, pairs: pd.DataFrame, given: dict[str, Any]
) -> dict[str, pd.DataFrame]:
    """The further tables; those that were not asked for are empty."""
    tables = {"pairs": pairs}
    tests = reason_tests(churn) if given["reason"] else []
    tables["tests"] = made_tests(group_tests(churn, given), tests, given["strata"])
    if given["reason"]:
        tables |= {"reasons": reason_rows(churn, found, given["confidence"]),
                   "incidence": incidence_rows(churn, found, given["confidence"])}  # fmt: skip
    if hazards is not None:
        tables |= {
            "proportional_hazards": proportional_rows(hazards),
            "spells": spell_rows(churn, hazards, given),
        }
    return tables
