"""`cx.effect_of_release`: do more customers come back since a release?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from cxlab.data import DataNote, as_table
from cxlab.data.calendar import Period, WeekStart
from cxlab.errors import choose
from cxlab.results import Result
from cxlab.retention import release_words as words
from cxlab.retention.release_checks import TITLES, release_checks
from cxlab.retention.release_cohorts import Affects, Cohorts, read_cohorts
from cxlab.retention.release_estimates import ReleaseEstimates, release_estimates
from cxlab.wording import count

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ReleaseResult", "effect_of_release"]

Scale = Literal["difference", "odds"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReleaseResult(Result):
    """What changed at a release; `tables`: "coefficients", "cohorts", "placebo" and, with a comparison, "leads"."""

    found: ReleaseEstimates = field(repr=False)
    seen: Cohorts = field(repr=False)

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.retention.release_pictures import release_pictures

        return release_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.retention.release_display import release_display

        return release_display(self)

    def _check_titles(self) -> dict[str, str]:
        return TITLES


def effect_of_release(
    data: Any,
    *,
    release: str,
    unit: str = "unit",
    time: str = "time",
    event: str | None = None,
    start_event: str | None = None,
    return_event: str | None = None,
    label: str = "the release",
    age: int = 1,
    period: Period = "week",
    affects: Affects = "newcomers",
    comparison: str | None = None,
    compared_with: str | None = None,
    scale: Scale = "difference",
    cohorts_from: str | None = None,
    observe_until: str | None = None,
    week_start: WeekStart = "monday",
    question: str | None = None,
    confidence: float = 0.95,
) -> ReleaseResult:
    """Do more customers come back since a release, beyond the trend before it?

    Args:
        data: one row per event: a table, data frame or path.
        release: day or moment of the release.
        unit: column of the customer.
        time: column of the event's time.
        event: column of the event's name; needed only with a start or return event.
        start_event: event that makes a customer start; any event if not set.
        return_event: event that counts as coming back; any event if not set.
        label: what the release is called, such as "the new onboarding".
        age: periods after the start at which customers count as back; chosen before looking.
        period: length of a cohort and of a step of age.
        affects: "newcomers" (cohorts that start after the release) or "everybody" (who comes back after it).
        comparison: column with two groups, one of which did not get the release.
        compared_with: the value of that column for the group without the release.
        scale: "difference" (in points) or "odds" (odds ratio); chosen before looking, as both can disagree.
        cohorts_from: first day of the first cohort; who started earlier is left out.
        observe_until: last day or moment up to which the log is complete; the last event if not set.
        week_start: first day of a week.
        question: the question in plain words, as the page's title.
        confidence: level of all intervals, as a fraction.

    Returns:
        A ReleaseResult. `table`: the answer first: method, scale, n and control_n (customers who started after and
        before), estimate (share that comes back), control_estimate (the share expected without the release), effect
        (their difference as a fraction, or their odds ratio), ci_low, ci_high, p_value. `tables`: "coefficients"
        (odds ratios of trend, jump and change of trend), "cohorts", "placebo" (the same jump where nothing happened),
        and "leads" (the groups' difference by cohort).

    Raises:
        ParameterError: a choice, number, date or group is not usable.
        DataError: fewer than three cohorts on one side of the release, or a share that is 0 or 1 throughout.

    Assumes:
        A trend that would have gone on straight (in log odds), or as the comparison group's did, and nothing else that
        began with the release. Seasons are not taken out.

    Source:
        Wagner and others (2002), segmented regression, with Pearson's dispersion and t quantiles (McCullagh & Nelder
        1989); difference in differences with a level for each cohort. Coverage was simulated.

    Examples:
        >>> import pandas as pd
        >>> days = pd.date_range("2026-01-05", periods=20, freq="7D")
        >>> visits = pd.DataFrame([(f"{w}-{k}", day + pd.Timedelta(7 * back, unit="D")) for w, day in enumerate(days)
        ...     for k in range(50) for back in (0, 1) if not back or k < 20 + 5 * (w >= 10) + w % 2],
        ...     columns=["unit", "time"])
        >>> found = effect_of_release(visits, release="2026-03-16", observe_until="2026-06-07")
        >>> found.table[["method", "n", "control_n", "estimate", "control_estimate"]].round(2).values.tolist()
        [['broken trend', 500, 500, 0.51, 0.41]]
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    choose("affects", affects, get_args(Affects))
    choose("scale", scale, get_args(Scale))
    table = as_table(data)
    seen = read_cohorts(table, given)
    return _told(seen, release_estimates(seen, given), given)


def _told(seen: Cohorts, found: ReleaseEstimates, given: dict[str, Any]) -> ReleaseResult:
    asked, own = seen.question, seen.of()
    last = asked.local(asked.observe_until)
    note = DataNote(asked.table.rows, asked.table.fingerprint, asked.local(asked.first_event), last)
    return ReleaseResult(
        analysis="effect_of_release", title=given["question"] or words.release_question(given), table=found.table,
        headline=words.release_headline(seen, found, given), status=words.reading(found.table.iloc[0]),
        tables=found.tables(), checks=release_checks(seen, found, given), confidence=given["confidence"],
        parameters=given, semantics=words.release_definitions(seen, given),
        figures=words.release_figures(found, given), data=note, found=found, seen=seen,
        scope=f"{count(own['n'].sum())} customers in {count(len(own))} cohorts, {own['name'].iloc[0]} to "
        f"{own['name'].iloc[-1]}",
    )  # fmt: skip
