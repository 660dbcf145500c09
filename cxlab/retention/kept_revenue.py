"""`cx.revenue_retention`: how much of its revenue a company keeps, and how much the same customers add."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from cxlab.data import as_table
from cxlab.data.calendar import WeekStart
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.results import Result
from cxlab.retention import revenue_words as words
from cxlab.retention.revenue_history import Revenue, RevenuePeriod, read_revenue
from cxlab.retention.revenue_sums import changes, cohort_cells, curve, groups, over_time, steps
from cxlab.wording import count

if TYPE_CHECKING:
    import altair as alt

__all__ = ["RevenueResult", "revenue_retention"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RevenueResult(Result):
    """What became of revenue: groups in `table`; `tables` holds "changes", "steps", "over_time", "curve", "cohorts"."""

    revenue: Revenue = field(repr=False)

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.retention.revenue_pictures import revenue_pictures

        return revenue_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.retention.revenue_display import revenue_display

        return revenue_display(self)

    def _check_titles(self) -> dict[str, str]:
        return words.TITLES


def revenue_retention(
    data: Any,
    *,
    unit: str = "unit",
    time: str = "time",
    amount: str = "amount",
    currency: str | None = None,
    segment: str | None = None,
    period: RevenuePeriod = "month",
    over: int = 12,
    week_start: WeekStart = "monday",
    observe_until: str | None = None,
    measured_in: str = "",
    question: str | None = None,
    seed: int = 1,
    confidence: float = 0.95,
) -> RevenueResult:
    """How much of our revenue do we keep, and how much do the same customers add?

    Args:
        data: one row per payment: a table, data frame or path.
        unit: column of the customer.
        time: column of the payment's time.
        amount: column of what was paid; refunds are negative.
        currency: column of the currency; amounts in several are refused.
        segment: column whose values are shown side by side; a customer's is that of the first payment.
        period: "month" or "week": customers pay once in each.
        over: how many periods lie between the revenue that is compared.
        week_start: first day of a week.
        observe_until: last day or moment up to which the log is complete; the last payment if not set.
        measured_in: unit of the amounts, such as "€".
        question: the question in plain words, as the page's title.
        seed: of the bootstrap's random numbers.
        confidence: level of all intervals, as a fraction.

    Returns:
        A RevenueResult. `table`: a row for all and one per segment, from `over` periods ago to the last whole one:
        segment, n (customers who paid then), start, later (paid by the same customers), grr and nrr (fractions) with
        ci_low and ci_high. `tables`: "changes" (segment, change, n, amount: start, new, reactivated, expansion,
        contraction, churned, end), "steps" (the same from each period to the next), "over_time" (both rates for each
        end), "curve" (by age, of what customers paid at first) and "cohorts" (the same by first period).

    Raises:
        ParameterError: a choice, number or date is not usable, or the log is too short for `over`.
        DataError: mixed currencies, times in the future, or refunds that exceed what was paid in their period.

    Assumes:
        Independent customers, fixed rates of exchange, and payments that each stand in the period they are for.

    Source:
        Gross and net revenue retention as defined for contracts; Cochran (1977) for the variance of a ratio of sums,
        Efron & Tibshirani (1993) for the studentised bootstrap. Its coverage was simulated.

    Examples:
        >>> import pandas as pd
        >>> paid = pd.DataFrame({"unit": list("abcdeabcde"), "time": ["2026-01-05"] * 5 + ["2026-02-05"] * 5,
        ...                      "amount": [10, 10, 10, 10, 10, 10, 10, 12, 8, 0]})
        >>> found = revenue_retention(paid, over=1, observe_until="2026-02-28")
        >>> found.table[["start", "later", "grr", "nrr"]].round(2).values.tolist()
        [[50.0, 40.0, 0.76, 0.8]]
        >>> found.tables["changes"]["amount"].tolist()
        [50.0, 0.0, 0.0, 2.0, -2.0, -10.0, 40.0]
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _check(given)
    table = as_table(data)
    revenue = read_revenue(table, given)
    _refuse_short(revenue, over)
    settings = {"confidence": confidence, "seed": seed}
    found = groups(revenue, over, settings)
    last = revenue.periods - 1
    row, ends = found.iloc[0], (revenue.name(last - over), revenue.name(last))
    return RevenueResult(
        analysis="revenue_retention", title=question or "How much of our revenue do we keep?", table=found,
        headline=words.revenue_headline(row, ends, given), status=words.revenue_status(row),
        tables={"changes": changes(revenue, over), "steps": steps(revenue),
                "over_time": over_time(revenue, over, settings), "curve": curve(revenue, settings),
                "cohorts": cohort_cells(revenue, settings)},
        checks=words.revenue_checks(revenue, given), confidence=confidence, parameters=given,
        semantics=words.revenue_definitions(given), figures=words.revenue_figures(row, given), data=table.note(time),
        scope=f"{count(len(revenue.first))} customers, {revenue.name(0)} to {ends[1]}", revenue=revenue,
    )  # fmt: skip


def _check(given: dict[str, Any]) -> None:
    check_confidence(given["confidence"])
    choose("period", given["period"], get_args(RevenuePeriod))
    if not isinstance(given["over"], int) or isinstance(given["over"], bool) or given["over"] < 1:
        raise ParameterError(f"`over` is {given['over']!r}; expected a whole number of periods from 1 up, such as 12.")


def _refuse_short(revenue: Revenue, over: int) -> None:
    if over >= revenue.periods:
        raise ParameterError(
            f"`over` is {over}, but {count(revenue.periods)} whole {revenue.period}s are seen, {revenue.name(0)} to "
            f"{revenue.name(revenue.periods - 1)}; expected 1 to {revenue.periods - 1}."
        )
