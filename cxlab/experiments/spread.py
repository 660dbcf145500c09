"""What a metric is like before the test: its level and the variance of one unit, by the test's own analysis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from scipy.special import ndtri

from cxlab.data import Table
from cxlab.data.engine import literal, quote
from cxlab.errors import DataError, ParameterError
from cxlab.experiments.comparison import ab_test
from cxlab.experiments.metrics import Metric
from cxlab.stats.power import covariate_deflation
from cxlab.stats.proportions import wilson_interval

__all__ = ["ARM", "CLUSTER", "UNIT", "Spread", "spread_of", "stated_spread"]

ARM, UNIT, CLUSTER = "cxlab_arm", "cxlab_unit", "cxlab_cluster"


@dataclass(frozen=True)
class Spread:
    """One metric before the test.

    Args:
        metric: what is measured.
        base: its level.
        variance: of one unit, without covariates, strata and clusters.
        factor: what these make of it.
        n: units it was read from; 0 where it was stated.
        cluster_size: units that are assigned together, on average.
    """

    metric: Metric
    base: float
    variance: float
    factor: float = 1.0
    n: int = 0
    cluster_size: float = 1.0

    @property
    def sd(self) -> float:
        """Standard deviation that counts per unit."""
        return float((self.variance * self.factor) ** 0.5)

    def limits(self, confidence: float) -> tuple[float, float]:
        """Between which values does today's level lie? Both missing where it was stated."""
        if not self.n:
            return math.nan, math.nan
        n = self.n / max(self.factor, 1.0)  # likeness within clusters tells here as well; what is known before does not
        if self.metric.form == "share":
            low, high = wilson_interval(self.base * n, n, confidence=confidence)
            return float(low), float(high)
        reach = float(ndtri((1 + confidence) / 2)) * math.sqrt(self.variance / n)
        return self.base - reach, self.base + reach


def stated_spread(metric: Metric, base: float | None, sd: float | None, correlation: float | None) -> Spread:
    """The level and spread as they were told, where there is no history.

    Args:
        metric: what is measured.
        base: its level.
        sd: standard deviation of one unit.
        correlation: with a covariate from before.

    Returns:
        The spread.

    Raises:
        ParameterError: one is lacking or out of range.

    Examples:
        >>> from cxlab.experiments.metrics import Proportion
        >>> round(stated_spread(Proportion("bought"), 0.1, None, 0.5).sd, 4)
        0.2598
    """
    if metric.form == "share" and base is not None and not 0 < base < 1:
        raise ParameterError(f"`base` is {base!r}; expected a share above 0 and below 1, such as 0.12.")
    if correlation is not None and not -1 < correlation < 1:
        raise ParameterError(f"`correlation` is {correlation!r}; expected a number between -1 and 1, such as 0.4.")
    if sd is not None and not sd > 0:
        raise ParameterError(f"`sd` is {sd!r}; expected a standard deviation above 0.")
    if base is None or (sd is None and metric.form != "share"):
        lacking = "base" if base is None else "sd"
        raise ParameterError(
            f"`{lacking}` of {metric.name!r} is not known. Give `data`, a table of customers from before the test, or "
            "`base` (today's level) and, for all but shares, `sd` (standard deviation of one customer)."
        )
    variance = base * (1 - base) if sd is None else sd**2
    return Spread(metric, base, variance, covariate_deflation(correlation or 0.0))


def spread_of(
    table: Table, metric: Metric, *, unit: str | None = None, cluster: str | None = None, strata: str | None = None
) -> Spread:
    """How does a metric vary from unit to unit, as the test's own analysis sees it?

    All units are set on both sides of a test at once, so that nothing hangs on a random split.

    Args:
        table: customers from before the test.
        metric: what is measured, with its cap and covariates.
        unit: column with the customer's id, where one may have several rows.
        cluster: column with the group that is assigned as a whole.
        strata: column with a group known before.

    Returns:
        Level and variance.

    Raises:
        DataError: the values do not vary, or mean nothing for the metric.
    """
    doubled = _doubled(table, unit, cluster)
    asked = replace(metric, role="primary", margin=None, minimum_effect=None, test="superiority", direction="higher")
    given: dict[str, Any] = {"variant": ARM, "control": "a", "unit": UNIT if unit else None}
    plain = ab_test(doubled, metrics=[str(replace(asked, covariate=None))], **given).table.iloc[0]
    n, variance = int(plain["n"]), float(plain["se"]) ** 2 / 2 * int(plain["n"])
    if not variance > 0:
        raise DataError(f"{metric.name!r} does not vary in {table.source}; a plan needs data in which it does.")
    factor, size = 1.0, 1.0
    if metric.covariates or cluster or strata:
        given |= {"cluster": CLUSTER if cluster else None, "strata": strata}
        found = ab_test(doubled, metrics=[str(asked)], **given)
        factor = float(found.table.iloc[0]["se"]) ** 2 / 2 * n / variance
        size = n / float(found.tables["clusters"]["n"].iloc[0]) if cluster else 1.0
    return Spread(metric, float(plain["control_estimate"]), variance, factor, n, size)


def _doubled(table: Table, unit: str | None, cluster: str | None) -> Table:
    """Every row once in each arm, under ids that are told apart."""
    ids = {UNIT: unit, CLUSTER: cluster}
    halves = [_half(table, arm, {new: old for new, old in ids.items() if old}) for arm in ("a", "b")]
    types: Mapping[str, str] = MappingProxyType({**table.types, ARM: "VARCHAR", UNIT: "VARCHAR", CLUSTER: "VARCHAR"})
    relation = f"({' UNION ALL '.join(halves)})"
    return replace(table, relation=relation, rows=2 * table.rows, types=types, roles=_without_unit(table))


def _half(table: Table, arm: str, ids: Mapping[str, str]) -> str:
    named = [
        f"concat({literal(arm)}, CAST({quote(table.column(old))} AS VARCHAR)) AS {new}" for new, old in ids.items()
    ]
    return f"SELECT *, {', '.join([f'{literal(arm)} AS {ARM}', *named])} FROM {table.relation} AS half"


def _without_unit(table: Table) -> Mapping[str, str]:
    return MappingProxyType({role: column for role, column in table.roles.items() if role != "unit"})
