"""`cx.customer_lifecycle`: who is new, who returns, who is back after a break, who stays away, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from cxlab.data import DataNote, as_table
from cxlab.data.calendar import Period, WeekStart
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.results import Result
from cxlab.retention import lifecycle_words as words
from cxlab.retention.activity import Activity, lifecycle_rows, read_activity, stickiness_mean, stickiness_rows

if TYPE_CHECKING:
    import altair as alt

__all__ = ["LifecycleResult", "customer_lifecycle"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LifecycleResult(Result):
    """Periods in `table`; `tables` holds "stickiness" and "stickiness_mean"."""

    activity: Activity = field(repr=False)

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.retention.lifecycle_pictures import lifecycle_pictures

        return lifecycle_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        return words.lifecycle_display(self.table, dict(self.tables), self.activity, self.confidence)


def customer_lifecycle(
    data: Any,
    *,
    unit: str = "unit",
    time: str = "time",
    event: str | None = None,
    active_event: str | None = None,
    period: Period = "week",
    over: int | None = None,
    periods_from: str | None = None,
    week_start: WeekStart = "monday",
    observe_until: str | None = None,
    confidence: float = 0.95,
) -> LifecycleResult:
    """Who is new, who comes back, who stays away, and how often do customers come?

    Args:
        data: one row per event: a table, data frame or path.
        unit: column of the customer.
        time: column of the event's time.
        event: column of the event's name; needed only with an active_event.
        active_event: event that makes a customer active; any event if not set.
        period: customers are active or not in each of these.
        over: how many of the last periods are looked at for how often customers come; 7 days, 8 weeks or 6 months if
            not set.
        periods_from: first day of the first period shown; the log before it tells who is new.
        week_start: first day of a week.
        observe_until: last day or moment up to which the log is complete; the last event if not set.
        confidence: level of all intervals, as a fraction.

    Returns:
        A LifecycleResult. `table`: a row per whole period: period, n (active), new, returning (active in the period
        before as well), resurrected (active earlier, but not in the period before), dormant (active in the period
        before, not in this one), size (active in the period before), rate (returning of size), ci_low, ci_high, early
        (so near to the log's start that old customers can look new). `tables`: "stickiness" (active_periods, n, share,
        ci_low, ci_high) and "stickiness_mean" (n, periods, estimate, ci_low, ci_high, share).

    Raises:
        ParameterError: a choice, number or date is not usable.
        DataError: a column or event is not there, or fewer than two whole periods have been seen.

    Assumes:
        Customers are independent, and the log misses nothing from its start to observe_until.

    Source:
        Wilson 1927 for the intervals. States equal PostHog's published test of its lifecycle.

    Examples:
        >>> import pandas as pd
        >>> visits = pd.DataFrame({"unit": list("aabbac"), "time": ["2026-01-05", "2026-01-06", "2026-01-05",
        ...                        "2026-01-07", "2026-01-07", "2026-01-07"]})
        >>> found = customer_lifecycle(visits, period="day", observe_until="2026-01-07")
        >>> found.table[["n", "new", "returning", "resurrected", "dormant"]]
           n  new  returning  resurrected  dormant
        0  2    2          0            0        0
        1  1    0          1            0        1
        2  3    1          1            1        0
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _check(given)
    table = as_table(data)
    activity = read_activity(table, given)
    rows, often = lifecycle_rows(activity, confidence), stickiness_rows(activity, confidence)
    mean = stickiness_mean(often, confidence)
    return LifecycleResult(
        analysis="customer_lifecycle", title="Who comes, who stays away?", table=rows.drop(columns="p"),
        headline=words.lifecycle_headline(rows, mean, activity), status=words.lifecycle_status(rows, confidence),
        tables={"stickiness": often, "stickiness_mean": mean}, checks=words.lifecycle_checks(rows, activity),
        confidence=confidence, parameters=given, semantics=words.lifecycle_definitions(given, activity, confidence),
        figures=words.lifecycle_figures(rows, mean, activity), scope=words.lifecycle_scope(activity),
        data=_note(activity), activity=activity,
    )  # fmt: skip


def _check(given: dict[str, Any]) -> None:
    check_confidence(given["confidence"])
    choose("period", given["period"], get_args(Period))
    choose("week_start", given["week_start"], get_args(WeekStart))
    over = given["over"]
    if over is not None and (isinstance(over, bool) or not isinstance(over, int) or not 2 <= over <= 366):
        raise ParameterError(f"`over` is {over!r}; expected a whole number of periods from 2 to 366, such as 8.")


def _note(activity: Activity) -> DataNote:
    table = activity.table
    first, last = activity.local(activity.first_event), activity.local(activity.observe_until)
    return DataNote(table.rows, table.fingerprint, first, last)
