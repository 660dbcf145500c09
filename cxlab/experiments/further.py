"""What an A/B test tells beside its effects: splits by part, balance before the test, posterior numbers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxlab.data import Table
from cxlab.experiments.balance import balance_checks, balance_table
from cxlab.experiments.effects import Effect
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.priors import bayes_check, bayes_table, parse_prior
from cxlab.experiments.splits import split_checks, split_table
from cxlab.results import Check

__all__ = ["Further", "further_answers"]


@dataclass(frozen=True)
class Further:
    """Tables by name and checks, beside the effects."""

    tables: dict[str, pd.DataFrame]
    checks: tuple[Check, ...]


def further_answers(
    table: Table, measured: Measurement, planned: list[float], variant: str, time: str | None, prior: str | None,
    effects: list[Effect], confidence: float,
) -> Further:  # fmt: skip
    """Where do groups part from the plan, were they alike before, and what does the prior make of the effects?

    Args:
        table: the data.
        measured: the sums.
        planned: the planned ratio in the order of the variants.
        variant: column of the variant.
        time: column of the time of assignment; None where there is none, or where rows are not units.
        prior: what was known of the effect before, or None.
        effects: the effects.
        confidence: level of the intervals.

    Returns:
        Tables and checks.

    Raises:
        ParameterError: a prior that cannot be read.
    """
    before = parse_prior(prior) if prior is not None else None
    splits, balance = split_table(table, measured, planned, variant, time), balance_table(measured)
    checks = [*split_checks(splits), *balance_checks(balance), *([bayes_check(before)] if before else [])]
    tables = {"sample_ratio": splits} | ({} if balance.empty else {"balance": balance})

    if before is not None:
        tables["bayes"] = bayes_table(effects, measured.metrics, before, confidence)
    return Further(tables, tuple(checks))
