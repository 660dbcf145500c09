"""What a plan is asked about: its measures, what they are like today, and what shall be shown of them."""

from __future__ import annotations

from collections.abc import Mapping

from cxlab.data import Table
from cxlab.errors import ParameterError
from cxlab.experiments.metrics import Metric, parse_metric, parse_metrics
from cxlab.experiments.planned_sizes import Need, Parts, target_of
from cxlab.experiments.sides import Sides
from cxlab.experiments.spread import Spread, spread_of, stated_spread

__all__ = ["measures_of", "need_of", "spreads_of"]


def measures_of(metric: str | Metric | None, guardrails: list[str] | None) -> tuple[Metric, ...]:
    """What is measured: the leading metric and the guardrails.

    Args:
        metric: what shall change.
        guardrails: what must not get worse.

    Returns:
        The metrics, the leading one first.

    Raises:
        ParameterError: one cannot be read, or has another role.

    Examples:
        >>> [one.name for one in measures_of("proportion('ordered')", None)]
        ['ordered']
    """
    if metric is None:
        raise ParameterError("`metric` is not given; expected what shall change, such as \"proportion('ordered')\".")
    lead = parse_metric(metric)
    if lead.role != "primary":
        raise ParameterError(f"`metric` has the role {lead.role!r}; expected the primary one.")
    listed = parse_metrics([lead, *(guardrails or [])])
    other = next((one for one in listed[1:] if one.role != "guardrail"), None)
    if other is not None:
        raise ParameterError(f"`guardrails` has {other.name!r} with the role {other.role!r}; write role='guardrail'.")
    return listed


def spreads_of(
    table: Table | None, measures: tuple[Metric, ...], columns: Mapping[str, str | None],
    stated: tuple[float | None, float | None, float | None],
) -> list[Spread]:  # fmt: skip
    """Level and spread of each measure, from the history or as they were stated.

    Args:
        table: the history; None where there is none.
        measures: what is measured.
        columns: the columns `unit`, `cluster` and `strata`.
        stated: level, standard deviation and correlation with a covariate.

    Returns:
        One spread per measure.

    Raises:
        ParameterError: both were given, or what the numbers alone do not tell is asked for.
    """
    if table is not None and all(one is None for one in stated):
        return [spread_of(table, one, **columns) for one in measures]
    if table is not None:
        raise ParameterError("`base`, `sd` and `correlation` are read from `data`; give the one or the other.")
    if len(measures) > 1 or columns["cluster"] or columns["strata"]:
        raise ParameterError("`guardrails`, `cluster` and `strata` need `data`: customers from before the test.")
    return [stated_spread(measures[0], *stated)]


def need_of(spread: Spread, parts: Parts, sides: Sides, effect: str | None) -> Need:
    """What is to be shown of one measure, by which test?

    Args:
        spread: the measure before the test.
        parts: how units are divided.
        sides: one- or two-sided, at which level.
        effect: the wanted change; None takes the metric's own.

    Returns:
        The need; several variants share the error that is allowed.
    """
    margin = spread.metric.test != "superiority" or spread.metric.role == "guardrail"
    alpha = sides.tail if margin else sides.alpha
    shared = 1 if spread.metric.role == "guardrail" else parts.treatments
    one = margin or sides.one_sided
    return Need(spread, parts, alpha / shared, "one" if one else "two", target_of(spread, effect))
