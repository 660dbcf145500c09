"""Comparisons that rest on more than sums: quantiles, answers on a scale, times until an event, rare counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from cxlab.data import Table
from cxlab.experiments.answers import answers_of, compare_answers, odds_table
from cxlab.experiments.caps import cap_checks, caps_table
from cxlab.experiments.effects import Comparison, Effect, Key
from cxlab.experiments.followup import compare_times, curve_table, follow_up_checks, survival_table, times_of
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.outliers import outlier_checks
from cxlab.experiments.quantiles import compare_quantiles, quantile_checks, quantile_table, quantiles_of
from cxlab.experiments.rates import rare_checks, rare_rates
from cxlab.results import Check

__all__ = ["Beyond", "beyond_sums", "kind_semantics"]


@dataclass(frozen=True)
class Beyond:
    """What stands beside the sums: comparisons by metric, segment and variant, tables by name, and checks."""

    compared: Mapping[Key, Comparison]
    tables: Mapping[str, pd.DataFrame]
    checks: tuple[Check, ...]
    measured: Measurement = field(repr=False)
    single: bool = True

    def with_effects(self, effects: list[Effect]) -> tuple[Check, ...]:
        """The checks, what single customers and what caps did to the effects."""
        outliers = outlier_checks(self.measured) if self.single else []
        return (*outliers, *cap_checks(self.measured, effects), *self.checks)


def beyond_sums(
    table: Table, measured: Measurement, *, variant: str, segment: str | None, unit: str | None, confidence: float
) -> Beyond:
    """Which comparisons need more than sums, and what do they say?

    Args:
        table: the data.
        measured: the sums.
        variant: column of the variant.
        segment: column of the segment, or None.
        unit: column of the unit where rows repeat within it; None where each row is one.
        confidence: level of the intervals, as a fraction.

    Returns:
        Comparisons, tables ("quantile", "ordinal", "survival", "survival_curves", "caps", where there is something to
        say) and checks.

    Raises:
        DataError: over all units a quantile, an order or a time cannot be told.
    """
    quantiles = quantiles_of(table, measured, variant, segment, unit, confidence)
    answers = answers_of(table, measured)
    times = times_of(table, measured, confidence)
    rare = rare_rates(measured, confidence)
    compared = {
        **compare_quantiles(measured, quantiles, confidence),
        **compare_answers(measured, answers, confidence),
        **compare_times(measured, times, confidence),
        **rare,
    }
    tables = {
        "caps": caps_table(measured),
        "quantile": quantile_table(measured, quantiles),
        "ordinal": odds_table(measured, answers, confidence),
        "survival": survival_table(measured, times, confidence),
        "survival_curves": curve_table(measured, times),
    }
    checks = (
        *rare_checks(measured, rare),
        *quantile_checks(measured, quantiles),
        *follow_up_checks(measured, times),
    )
    return Beyond(compared, {name: frame for name, frame in tables.items() if not frame.empty}, checks, measured)


_SEMANTICS = {
    "proportion": "Shares: pooled z test; Newcombe's interval below 1,000 customers in a group, else Wald; "
    "Fisher's test where few did it.",
    "mean": "Means: Welch's t.",
    "ratio": "Ratios: sums divided by sums, delta method over customers.",
    "rate": "Rates: events divided by exposure, delta method over customers (without exposure Welch's t on counts); "
    "where few happened one by one: exact limits of Clopper and Pearson.",
    "quantile": "Quantiles: type 7; Woodruff's interval, over customers where rows repeat within them.",
    "nps": "Net promoter score: share of 9 and 10 minus share of 0 to 6, in points; Welch's t on 100, 0 and −100.",
    "top_box": "Best answers: a share of those who answered, with the methods of shares.",
    "ordinal": "Order: the chance that one of the variant answers higher than one of the control, ties counted half "
    "(0.5 means no difference); Brunner and Munzel's test and interval. Odds ratios: cumulative logit.",
    "time_to_event": "Times: area under the Kaplan-Meier curve until the horizon; its interval decides. Who is still "
    "watched counts for as long as we have seen them; the log-rank test stands beside it.",
}


def kind_semantics(measured: Measurement, *, methods: bool = True) -> list[str]:
    """How is each kind of metric reckoned, in words?

    Args:
        measured: the sums.
        methods: are the kinds' own methods used?

    Returns:
        One sentence per kind, and one about caps.
    """
    kinds = {metric.kind for metric in measured.metrics if methods}
    lines = [sentence for kind, sentence in _SEMANTICS.items() if kind in kinds]
    if measured.caps:
        lines.append(
            "Caps: larger values count as the cap, nobody is left out; a percentile is that of all variants together "
            "(of the values that are not 0 where few are not); a covariate takes the same percentile of its own values."
        )
    return lines
