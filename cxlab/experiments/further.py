"""What an A/B test tells beside its effects: splits by part, balance before the test, posterior numbers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxlab.experiments.balance import balance_checks, balance_table
from cxlab.experiments.effects import Effect
from cxlab.experiments.priors import bayes_check, bayes_table, parse_prior
from cxlab.experiments.splits import split_checks, split_table
from cxlab.experiments.studies import Study
from cxlab.results import Check

__all__ = ["Further", "further_answers"]


@dataclass(frozen=True)
class Further:
    """Tables by name and checks, beside the effects."""

    tables: dict[str, pd.DataFrame]
    checks: tuple[Check, ...]


def further_answers(
    study: Study, planned: list[float], time: str | None, prior: str | None, effects: list[Effect], confidence: float,
    *, one_by_one: bool,
) -> Further:  # fmt: skip
    """Where do groups part from the plan, were they alike before, and what does the prior make of the effects?

    Args:
        study: the experiment as it was read.
        planned: the planned ratio in the order of the variants.
        time: column of the time of assignment, or None.
        prior: what was known of the effect before, or None.
        effects: the effects.
        confidence: level of the intervals.
        one_by_one: were units assigned one by one, and do all of them count? Else chance is not that of these tests.

    Returns:
        Tables and checks.

    Raises:
        ParameterError: a prior that cannot be read, or does not fit the design.
    """
    tables: dict[str, pd.DataFrame] = {}
    checks: list[Check] = []
    single = one_by_one and study.unit is None and not study.own_methods
    if single:
        splits, balance = split_table(study, planned, time), balance_table(study.measured)
        tables = {"sample_ratio": splits} | ({} if balance.empty else {"balance": balance})
        checks = [*split_checks(splits), *balance_checks(balance)]
    if prior is not None:
        before = parse_prior(prior)
        tables["bayes"] = bayes_table(effects, study.measured.metrics, before, confidence, counted=single)
        checks.append(bayes_check(before))
    return Further(tables, tuple(checks))
