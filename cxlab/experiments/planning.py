"""`cx.plan_ab_test`: how large must a test be, how long does it take, and what will it find?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from cxlab.data import Table, as_table, parse_duration
from cxlab.errors import ParameterError, choose
from cxlab.experiments.design import Design
from cxlab.experiments.planned import Planned, cost_of, watched_needs
from cxlab.experiments.planned_sizes import parts_of
from cxlab.experiments.planning_checks import planning_checks
from cxlab.experiments.planning_measures import measures_of, need_of, spreads_of
from cxlab.experiments.planning_words import figures_of, headline_of, semantics_of, status_of
from cxlab.experiments.promise import plan_text
from cxlab.experiments.sides import Alternative, Sides
from cxlab.experiments.simulation import simulated_tests
from cxlab.experiments.traffic import Traffic, steady_traffic, traffic_of
from cxlab.experiments.watch import Monitoring
from cxlab.results import DataNote, Result
from cxlab.wording import count, date

if TYPE_CHECKING:
    import altair as alt

__all__ = ["PlanResult", "plan_ab_test"]

_TITLES = {
    "history": "Where the numbers come from", "traffic": "Customers per week", "guardrail_size": "Guardrails",
    "covariate": "Known from before", "control_share": "The control's part",
    "few_clusters": "Groups", "simulated_power": "Simulated tests",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PlanResult(Result):
    """What a test needs and finds, week by week.

    `tables` holds "metrics", "power", "looking" and, where simulated, "simulation"; `settings` are what `ab_test` is
    told by the plan.
    """

    plan: Planned = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def plan_text(self) -> str:
        """The plan as the file that `ab_test(plan=...)` reads."""
        return plan_text(self.settings, question=self._asked, promise=self.headline)

    @property
    def _asked(self) -> str:
        names = self.plan.lead.parts.names
        other = f"“{names[1]}”" if len(names) == 2 else f"one of {count(len(names) - 1)} variants"
        return f"Is {other} better than “{names[0]}”?"

    def save_plan(self, path: str | Path) -> Path:
        """Write the plan as a file, whole or not at all.

        Args:
            path: where, such as "plan.yml".

        Returns:
            The file.
        """
        target = Path(path)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(self.plan_text)
        os.replace(name, target)
        return target

    def files(self) -> dict[str, str]:
        """The plan as `ab_test(plan=...)` reads it.

        Returns:
            "plan.yml" and its text.
        """
        return {"plan.yml": self.plan_text}

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        from cxlab.experiments.planning_display import planning_pictures

        return planning_pictures(self)

    def _display(self) -> dict[str, pd.DataFrame]:
        from cxlab.experiments.planning_display import planning_display

        return planning_display(self)

    def _check_titles(self) -> dict[str, str]:
        return _TITLES


def plan_ab_test(
    data: Any = None,
    *,
    metric: str | None = None,
    guardrails: list[str] | None = None,
    effect: str | None = None,
    power: float = 0.8,
    base: float | None = None,
    sd: float | None = None,
    correlation: float | None = None,
    unit: str | None = None,
    time: str | None = None,
    per_week: float | None = None,
    share: float = 1.0,
    follow_up: str | None = None,
    most_weeks: int = 8,
    control: str = "control",
    planned_ratio: dict[str, float] | None = None,
    monitoring: Monitoring = "none",
    number_of_looks: int = 5,
    cluster: str | None = None,
    strata: str | None = None,
    alternative: Alternative = "two-sided",
    simulations: int = 0,
    seed: int = 1,
    question: str | None = None,
    confidence: float = 0.95,
) -> PlanResult:
    """How many customers does a test need, how long does that take, and which change will it find?

    Args:
        data: customers from before the test, with what will be measured; None where `base` is stated instead.
        metric: what shall change, such as "proportion('ordered')", with the covariate and cap that the test will have.
        guardrails: what must not get worse, such as "mean('revenue', role='guardrail', margin='5%')".
        effect: smallest change worth finding, such as "0.02" or "5%" of today's level; None takes the metric's
            `minimum_effect`, and without one tells what can be found in `most_weeks`.
        power: how often that change is to be found, as a fraction.
        base: today's level of the metric, where there are no data.
        sd: standard deviation of one customer, where there are no data.
        correlation: of the metric with a covariate from before, where there are no data.
        unit: column with the customer's id; None takes the role `unit`, else each row counts as one.
        time: column with the time of a visit, for how many different customers come in a week.
        per_week: number of new customers in a week, where there is no history of visits.
        share: part of the customers that will be in the test, as a fraction.
        follow_up: time until a customer's values are in, such as "14D".
        most_weeks: longest time the test may take, in weeks.
        control: name of the control.
        planned_ratio: planned part of each variant, such as {"control": 1, "new": 1}.
        monitoring: how false alarms are kept rare when results are looked at several times; "none" means one look.
        number_of_looks: how many looks there will be, evenly spread; needs `monitoring`.
        cluster: column with the group that will be assigned as a whole, such as the shop.
        strata: column with a group known before the test, by which effects will be weighted.
        alternative: "two-sided", or "one-sided" where only a change for the better counts.
        simulations: number of simulated tests on the history, without and with the change; 0 means none.
        seed: of the simulated tests.
        question: the question in plain words, as the page's title.
        confidence: level of the test's intervals, as a fraction.

    Returns:
        PlanResult. `table`: weeks, n, power (of the wanted change), detectable (smallest change found),
        relative_detectable, planned. `tables`: "metrics" (base with its interval, sd, target, n_needed, power,
        detectable of each measure), "power" by the size of the change, "looking" (what limits for early looks cost
        and save) and "simulation". `save_plan(path)` writes the file that `ab_test(plan=...)` reads.

    Raises:
        ParameterError: a metric that cannot be read, nothing to plan from, or parts that do not go together.
        DataError: a history without spread, or shorter than a week.

    Assumes:
        The test's customers are like those of the history.

    Source:
        Noncentral t and pooled z (R power.t.test, power.prop.test); Jennison & Turnbull (2000)
        for looks. Sizes are checked against R 4.2.2, the cost of looks against Jennison & Turnbull's tables, power by
        simulation.

    Examples:
        >>> found = plan_ab_test(metric="proportion('ordered')", base=0.1, effect="0.01")
        >>> found.plan.n
        29502
    """
    asked = {name: value for name, value in locals().items() if name != "data"}
    _check(power, share, most_weeks, number_of_looks, simulations)
    sides = Sides.of(alternative, confidence)
    measures, parts = measures_of(metric, guardrails), parts_of(planned_ratio, str(control))
    choose("monitoring", monitoring, get_args(Monitoring))
    Design(variant="", control=parts.names[0], cluster=cluster).refuse_looks(measures, monitoring, None, alternative)
    table = None if data is None else as_table(data)
    columns = {"unit": _role(table, "unit", unit), "cluster": cluster, "strata": strata}
    spreads = spreads_of(table, measures, columns, (base, sd, correlation))
    needs = tuple(need_of(one, parts, sides, effect if place == 0 else None) for place, one in enumerate(spreads))
    traffic = _traffic(table, _role(table, "time", time), columns["unit"], per_week, share)
    if needs[0].target is None and traffic is None:
        raise ParameterError(
            "Neither `effect` nor how many customers come is known. Give `effect` (the smallest change worth finding), "
            "or `time` (column with the time of a visit) or `per_week`."
        )
    cost = cost_of(monitoring, number_of_looks, power=power, alpha=(1 - sides.level) / parts.treatments)
    plan = Planned(watched_needs(needs, cost), power, traffic, most_weeks, monitoring, number_of_looks, sides.level)
    simulated = _simulated(table, plan, columns, simulations, seed)
    later = None if follow_up is None else f"{parse_duration(follow_up, argument='follow_up').days:,} days"
    note = DataNote(0, "") if table is None else table.note(_role(table, "time", time))
    return PlanResult(
        analysis="plan_ab_test",
        title=question or "How long must the test run?",
        headline=headline_of(plan),
        status=status_of(plan),
        table=plan.course(),
        tables=_tables(plan, simulated),
        checks=planning_checks(plan, simulated),
        confidence=sides.level,
        parameters=asked | {"metric": str(measures[0]), "guardrails": [str(one) for one in measures[1:]] or None},
        semantics=semantics_of(plan),
        figures=figures_of(plan, later),
        data=note,
        scope=_scope(note),
        plan=plan,
        settings=_settings(plan, asked, effect),
    )


def _check(power: float, share: float, most_weeks: int, looks: int, simulations: int) -> None:
    if not 0.05 < power < 1:
        raise ParameterError(f"`power` is {power!r}; expected a fraction above 0.05 and below 1, such as 0.8.")
    if not 0 < share <= 1:
        raise ParameterError(f"`share` is {share!r}; expected a fraction above 0, at most 1.")
    for name, value, least, most in (
        ("most_weeks", most_weeks, 1, 520), ("number_of_looks", looks, 1, 60), ("simulations", simulations, 0, 20_000),
    ):  # fmt: skip
        if isinstance(value, bool) or value != int(value) or not least <= value <= most:
            raise ParameterError(f"`{name}` is {value!r}; expected a whole number from {least} to {most}.")


def _role(table: Table | None, role: str, column: str | None) -> str | None:
    return column or (role if table is not None and role in table.roles else None)


def _traffic(
    table: Table | None, time: str | None, unit: str | None, per_week: float | None, share: float
) -> Traffic | None:
    if per_week is not None:
        return steady_traffic(per_week, share)
    return traffic_of(table, time, unit, share) if table is not None and time is not None else None


def _simulated(
    table: Table | None, plan: Planned, columns: Mapping[str, str | None], runs: int, seed: int
) -> pd.DataFrame | None:
    if not runs:
        return None
    if table is None:
        raise ParameterError("`simulations` draws tests from `data`, and none was given.")
    effect = plan.lead.target or plan.detectable
    return simulated_tests(table, plan.lead, plan.n, effect=effect, runs=runs, seed=seed, **columns)


def _tables(plan: Planned, simulated: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    tables = {"metrics": plan.measures(), "power": plan.curve(), "looking": plan.looking()}
    return tables if simulated is None else tables | {"simulation": simulated}


def _settings(plan: Planned, asked: Mapping[str, Any], effect: str | None) -> dict[str, Any]:
    """What `ab_test` is told."""
    lead = plan.lead.metric if effect is None else replace(plan.lead.metric, minimum_effect=effect)
    parts, watched = plan.lead.parts, plan.monitoring != "none"
    found = {
        "metrics": [str(lead), *(str(need.metric) for need in plan.needs[1:])],
        "control": parts.names[0],
        "planned_ratio": asked["planned_ratio"] or dict.fromkeys(parts.names, 1.0),
        "planned_n": plan.n or None,
        "minimum_duration": None if plan.weeks is None else f"{7 * plan.weeks}D",
        "confidence": asked["confidence"],
        "monitoring": plan.monitoring if watched else None,
        "looks": plan.look_sizes() if watched else None,
        "cluster": asked["cluster"], "strata": asked["strata"],
        "alternative": asked["alternative"] if asked["alternative"] != "two-sided" else None,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def _scope(note: DataNote) -> str:
    if not note.rows:
        return "Stated numbers."
    span = f", {date(note.first)} to {date(note.last)}" if note.first else ""
    return f"History of {count(note.rows)} rows{span}."
