"""What an A/B test tells beside its effects: splits, balance before the test, posterior numbers, the way by day."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxlab.experiments.balance import balance_checks, balance_table
from cxlab.experiments.effects import Effect
from cxlab.experiments.novelty import novelty_check
from cxlab.experiments.over_time import over_time
from cxlab.experiments.priors import bayes_check, bayes_table, parse_prior
from cxlab.experiments.splits import split_checks, split_table
from cxlab.experiments.studies import Study
from cxlab.experiments.told_days import splits_told
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
    """Where do groups part from the plan, were they alike before, what does the prior say, does the effect last?

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
    if study.days is not None:
        found = over_time(study.days, study.measured.variants, confidence)
        if "sample_ratio" in tables:
            tables["sample_ratio"] = splits_told(tables["sample_ratio"], found.get("by_day"))
        tables, checks = tables | found, [*checks, novelty_check(found, study.days.metrics)]
    if prior is not None:
        before = parse_prior(prior)
        tables["bayes"] = bayes_table(effects, study.measured.metrics, before, confidence, counted=single)
        checks.append(bayes_check(before))
    return Further(tables, tuple(checks))
