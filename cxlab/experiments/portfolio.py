"""`cx.experiment_portfolio`: what all tests brought together, without the winner's curse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from cxlab.data import as_table
from cxlab.errors import ParameterError, check_confidence, choose
from cxlab.experiments.past_tests import Columns, PastTests, read_tests
from cxlab.experiments.portfolio_checks import portfolio_checks, ratio_table
from cxlab.experiments.portfolio_words import Units, definitions, figures_of, headline_of, status_of
from cxlab.experiments.totals import Portfolio, portfolio_of
from cxlab.results import Result
from cxlab.wording import count, date

if TYPE_CHECKING:
    import altair as alt

__all__ = ["PortfolioResult", "experiment_portfolio"]

_TITLES = {
    "sample_ratio_over_time": "Splits over all tests", "unshipped_tests": "Tests that were not shipped",
    "shipping_rule": "What decided", "few_experiments": "Number of tests", "corrections_agree": "Two corrections",
    "missing_effects": "Left out",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PortfolioResult(Result):
    """What all experiments say together: one row each; `tables` holds "total", "cumulative" and "sample_ratio"."""

    found: Portfolio = field(repr=False)
    units: Units = field(repr=False)
    each: Units = field(repr=False)
    what: str = ""

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.experiments.portfolio_pictures import portfolio_pictures

        return portfolio_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.experiments.portfolio_display import portfolio_display

        return portfolio_display(self)

    def _check_titles(self) -> dict[str, str]:
        return _TITLES


def experiment_portfolio(
    data: Any,
    *,
    experiment: str = "experiment",
    effect: str = "effect",
    se: str | None = None,
    ci_low: str | None = None,
    ci_high: str | None = None,
    interval_level: float = 0.95,
    shipped: str | None = None,
    time: str | None = None,
    n: str | None = None,
    control_n: str | None = None,
    planned_share: str | None = None,
    direction: Literal["higher", "lower"] = "higher",
    threshold: float = 1.96,
    measured_in: str = "",
    label: str | None = None,
    question: str | None = None,
    confidence: float = 0.95,
) -> PortfolioResult:
    """What did all our tests bring together, and how much of what they showed was luck?

    Args:
        data: one row per finished experiment, also of those that were not shipped, all on one measure.
        experiment: column with the experiment's name.
        effect: column with the observed effect, the new version minus the control.
        se: column with the effect's standard error; else give `ci_low` and `ci_high`.
        ci_low: column with the lower end of the effect's interval.
        ci_high: column with the upper end of the effect's interval.
        interval_level: level of these intervals, as a fraction.
        shipped: column with 1 or yes where the change was shipped; None counts every effect beyond the threshold.
        time: column with the day the experiment ended.
        n: column with the number of customers who got the new version.
        control_n: column with the number of customers in the control.
        planned_share: column with the new version's planned share of customers; None means half.
        direction: "higher" or "lower": which way is better.
        threshold: how many standard errors an effect had to be better by to be shipped; 1.96 is p below 0.05.
        measured_in: unit of the effects: "points" for changes of a share, "%" for relative ones (both given as
            fractions), "€", "min" and the like.
        label: the measure in plain words, such as "the share that orders".
        question: the question in plain words, as the page's title.
        confidence: level of all intervals, as a fraction.

    Returns:
        PortfolioResult. `table`: experiment, time, n, control_n, effect, ci_low, ci_high, se, shipped, counted (split
        as planned), p_value, p_adjusted, shrunken_effect with its limits, chance_to_beat_control, conditional_effect
        with its limits and sample_ratio_p. `tables`: "total" (observed, corrected and shrunken sums), "cumulative"
        (with `time`) and "sample_ratio" (with `n` and `control_n`).

    Raises:
        ParameterError: no column tells how sure effects are.
        DataError: an experiment stands twice, a standard error is not above 0, or there are fewer than five.

    Assumes:
        Independent experiments on one measure whose effects add up, and true effects spread about normally.

    Source:
        Lee & Shen (2018), KDD, for the sum; Paule & Mandel (1982) and Morris (1983) for the prior and the effects drawn
        towards it; Zhong & Prentice (2008) for each effect alone; Benjamini & Hochberg (1995). The prior is checked
        against statsmodels 0.15.0, the sum by simulation.

    Examples:
        >>> import pandas as pd
        >>> tests = pd.DataFrame({"experiment": list("abcdefgh"), "se": 0.4,
        ...                       "effect": [1.2, 0.9, 0.3, 0.1, 0.0, -0.2, -0.4, 0.5]})
        >>> found = experiment_portfolio(tests, se="se")
        >>> found.tables["total"].set_index("method")["effect"].round(2).to_dict()
        {'observed': 2.1, 'corrected': 1.51, 'corrected, plug-in': 1.58, 'shrunken': 1.52}
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    _check(confidence, interval_level, direction, threshold)
    table = as_table(data)
    columns = Columns(
        experiment=experiment, effect=effect, se=se, ci_low=ci_low, ci_high=ci_high, interval_level=interval_level,
        shipped=shipped, time=time, n=n, control_n=control_n, planned_share=planned_share,
        sign=1 if direction == "higher" else -1, threshold=threshold,
    )  # fmt: skip
    found = portfolio_of(read_tests(table, columns), confidence)
    units, what = Units.of(measured_in, found.reach * found.total.se), label or "the measure"
    each = Units.of(measured_in, found.reach * float(np.median(found.tests.ses)) / 3)
    return PortfolioResult(
        analysis="experiment_portfolio",
        title=question or "What did all our tests bring?",
        headline=headline_of(found, units, what),
        status=status_of(found),
        table=found.table(),
        tables=_tables(found),
        checks=portfolio_checks(found),
        confidence=confidence,
        parameters=given,
        semantics=definitions(found, each, confidence),
        figures=figures_of(found, units),
        data=table.note(time),
        scope=_scope(found.tests),
        found=found,
        units=units,
        each=each,
        what=what,
    )


def _check(confidence: float, interval_level: float, direction: str, threshold: float) -> None:
    check_confidence(confidence)
    choose("direction", direction, ("higher", "lower"))
    if not 0.5 <= interval_level < 1:
        raise ParameterError(f"`interval_level` is {interval_level!r}; expected a fraction from 0.5 to below 1.")
    if not 0 <= threshold <= 6:
        raise ParameterError(
            f"`threshold` is {threshold!r}; expected a number of standard errors from 0 to 6, such as 1.96."
        )


def _tables(found: Portfolio) -> dict[str, pd.DataFrame]:
    tables = {"total": found.totals()}
    if "time" in found.tests.frame:
        tables["cumulative"] = found.running()
    if "n" in found.tests.frame:
        tables["sample_ratio"] = ratio_table(found.tests)
    return tables


def _scope(tests: PastTests) -> str:
    frame = tests.frame
    told = f"{count(len(frame))} experiments"
    if "time" not in frame:
        return f"{told}."
    return f"{told}, ended {date(str(frame['time'].iloc[0]))} to {date(str(frame['time'].iloc[-1]))}."
