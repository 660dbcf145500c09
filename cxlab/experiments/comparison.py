"""A/B test: any number of variants against a control, trust checks first, a verdict in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from cxlab.data import ALL, Table, as_table
from cxlab.errors import check_confidence
from cxlab.experiments.adjustment import adjusted_arms
from cxlab.experiments.decision import Finding, Outcome, decide
from cxlab.experiments.display import effects_display, missing_display, segments_display
from cxlab.experiments.distributions import beyond_sums
from cxlab.experiments.effects import Effect, adjust_p, effects_of, effects_table
from cxlab.experiments.labels import question_of, scope_of, semantics_of
from cxlab.experiments.looks import history_of, looks_check
from cxlab.experiments.lookviews import looks_display, looks_pictures
from cxlab.experiments.measurement import Measurement, measure
from cxlab.experiments.metrics import Metric, parse_metrics
from cxlab.experiments.outlook import decision_of
from cxlab.experiments.pictures import by_metric, draw_effects, draw_segments
from cxlab.experiments.plan import Plan, planned_shares
from cxlab.experiments.promise import by_plan
from cxlab.experiments.readings import reading_of
from cxlab.experiments.segments import difference_words, heterogeneity_table, shrunken_table
from cxlab.experiments.sentences import figures_of, headline_of
from cxlab.experiments.survival_picture import draw_survival
from cxlab.experiments.trust import checks_of, missing_table
from cxlab.experiments.units import all_quantiles, count_units, refuse_repeated_units
from cxlab.experiments.watch import Watch
from cxlab.results import Result, publishable

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ABTestResult", "ab_test"]


@dataclass(frozen=True, kw_only=True, repr=False)
class ABTestResult(Result):
    """What an A/B test found: effects, trust checks and a verdict.

    `table` has one row per metric, segment and variant other than the control. `tables` holds "missing" and, with
    a segment, "heterogeneity" and "segments"; "looks" where the test is watched.
    """

    control: str = field(repr=False)
    outcomes: tuple[Outcome, ...] = field(repr=False)
    parts: tuple[Finding, ...] = field(repr=False, default=())
    watch: Watch | None = field(repr=False, default=None)

    @property
    def broken(self) -> bool:
        """May the effects not be shown?"""
        return self.outcomes[0].why == "broken"

    def _pictures(self) -> dict[str, Callable[[int], alt.Chart]]:
        if self.broken:
            return {}
        shared: dict[str, Any] = {"control": self.control, "about": self.scope, "confidence": self.confidence}
        drawn: dict[str, Callable[[int], alt.Chart]] = {"effects": partial(self._effects, shared)}
        if self.parts:
            drawn["segments"] = partial(self._segments, shared)
        if "survival_curves" in self.tables:
            drawn["survival"] = partial(self._survival, shared)
        return drawn | looks_pictures(self)

    def _survival(self, shared: dict[str, Any], width: int) -> alt.Chart:
        return draw_survival(self.tables["survival_curves"], self.outcomes, width=width, **shared)

    def _effects(self, shared: dict[str, Any], width: int) -> alt.Chart:
        return draw_effects(self.outcomes, headline=self.headline, width=width, **shared)

    def _segments(self, shared: dict[str, Any], width: int) -> alt.Chart:
        whole = self._lead_whole()
        parts = [part for part in self.parts if part.effect.variant == whole.effect.variant]
        table, alpha = self.tables["heterogeneity"], 1 - self.confidence
        differs = difference_words(table, whole.metric.name, whole.effect.variant, alpha)
        return draw_segments(whole, parts, differs=differs, width=width, **shared)

    def _lead_whole(self) -> Finding:
        return self.outcomes[0].of_role("primary")[0]

    def _display(self) -> dict[str, pd.DataFrame]:
        metrics = [finding.metric for finding in self.outcomes[0].findings]
        lacking = missing_display(self.tables["missing"], metrics)
        missing = {} if lacking.empty else {"Values that are missing": lacking}
        if self.broken:
            return missing
        findings = by_metric(self.outcomes)
        found = {"Effects over all customers": effects_display(findings, self.control, self.confidence)}
        if self.parts:
            words = self._lead_whole().metric.words
            found[f"Segments: {words}"] = segments_display(self.parts, self._hidden())
        return found | looks_display(self) | missing

    def _hidden(self) -> frozenset[tuple[str, str, str]]:
        """Rows that are too small to leave Python."""
        shown = publishable(self.table)
        gone = shown[shown["n"].isna()]
        return frozenset(zip(gone["metric"], gone["segment"], gone["variant"], strict=True))


def ab_test(
    data: Any,
    *,
    metrics: list[str] | None = None,
    variant: str = "variant",
    control: str = "control",
    unit: str | None = None,
    segment: str | None = None,
    time: str | None = None,
    planned_ratio: dict[str, float] | None = None,
    planned_n: int | None = None,
    minimum_duration: str | None = None,
    monitoring: Literal["none", "obrien-fleming", "pocock", "hwang-shih-decani", "always-valid", "msprt"] = "none",
    looks: list[int] | None = None,
    plan: str | None = None,
    question: str | None = None,
    confidence: float = 0.95,
) -> ABTestResult:
    """Does the change help, and should it ship?

    Args:
        data: one row per customer (or other unit that was assigned), with the variant and what was measured.
        metrics: what is measured, such as "proportion('converted')" or cx.Mean("revenue"); the first primary one leads.
        variant: column with the variant each customer was assigned to.
        control: value of the variant column that all others are compared with.
        unit: column with the customer's id; each id may stand once. None takes the role `unit`, else counts rows.
        segment: column with a group known before the test; effects are shown in each, and whether they differ.
        time: column with the time of assignment, for the period and the expected end.
        planned_ratio: planned part of each variant, such as {"control": 9, "new": 1}; None means equal parts.
        planned_n: planned number of customers in all variants together; None reads the data as final.
        minimum_duration: shortest time the test should run, such as "14D"; needs `time`.
        monitoring: how false alarms are kept rare when results are looked at several times; "none" means one look.
        looks: numbers of customers at which results were or will be looked at; now is always the last of those so far.
        plan: YAML file of settings agreed before the data; what is given beside it and differs is told as a change.
        question: the question in plain words, as the page's title.
        confidence: level of all intervals, as a fraction.

    Returns:
        ABTestResult. `table`: metric, segment ("all" first), variant, n, estimate, control_n, control_estimate,
        effect, ci_low, ci_high, relative_effect, relative_ci_low, relative_ci_high, p_value, p_adjusted, se, method,
        and raw_effect, raw_ci_low, raw_ci_high beside effects that a covariate adjusted.
        `tables["looks"]`, where `monitoring` is set: one row per metric, variant and look.

    Raises:
        ParameterError: a metric or a plan that cannot be read.
        DataError: no control, one variant only, repeated units, an arm or a denominator without values.

    Assumes:
        Variants were assigned at random, unit by unit, and units do not influence each other.

    Source:
        Newcombe (1998) below 1,000 per arm, else Wald, for shares; Welch (1947) for means; Deng, Knoblich & Lu
        (2018) for ratios; Fieller (1954) for relative effects; Lin (2013) with HC2 for covariates; Holm (1979)
        over primary metrics; Lan & DeMets (1983) and Waudby-Smith et al. (2024) for several looks. Checked against
        R 4.2.2 (prop.test, t.test, p.adjust), estimatr, sandwich and rpact.

    Examples:
        >>> import pandas as pd
        >>> visits = pd.DataFrame({"variant": ["control"] * 500 + ["new"] * 500,
        ...                        "bought": [1, 0, 0, 0, 0] * 100 + [1, 0, 0, 0] * 125})
        >>> found = ab_test(visits, metrics=["proportion('bought')"])
        >>> found.table.loc[0, ["effect", "ci_low", "ci_high"]].astype(float).round(3).tolist()
        [0.05, -0.002, 0.101]
    """
    asked = dict(locals())
    if plan is not None:
        return by_plan(ab_test, asked)
    check_confidence(confidence)
    control = str(control)
    chosen, table = parse_metrics(metrics), as_table(data)
    unit = _role(table, "unit", unit)
    time = _role(table, "time", time)
    repeated = unit if unit and refuse_repeated_units(table, unit, variant, rows=all_quantiles(chosen)) else None
    measured = measure(table, chosen, variant, control, segment)
    if repeated:
        measured = count_units(table, measured, repeated, variant, segment)
    planned = planned_shares(planned_ratio, measured.variants)
    note = table.note(time)
    course = Plan.of(measured, planned_n, minimum_duration, note)
    history = history_of(
        table, monitoring, looks, n=course.n, planned_n=planned_n, confidence=confidence, metrics=chosen, time=time,
        unit=unit, last=note.last,
    )  # fmt: skip
    watch = history.watch
    course = replace(course, confidence=confidence, ratio_stated=planned_ratio is not None, monitored=watch.active)
    beyond_at = cache(partial(beyond_sums, table, measured, variant, segment, repeated))
    arms, beyond = adjusted_arms(table, measured), beyond_at(watch.shown_level)
    effects = watch.effects(lambda level: effects_of(measured, arms, level, beyond_at(level).compared))
    effects = adjust_p(effects, measured)
    asked |= {"metrics": [str(metric) for metric in chosen], "control": control, "unit": unit, "time": time}
    further = history.tables(effects, ab_test, asked)
    checks = (*checks_of(measured, planned, effects, course, unit), *beyond.with_effects(effects))
    checks += looks_check(history, further.get("looks"), chosen[0])
    whole = [effect for effect in effects if effect.segment == ALL]
    outcomes = decide(chosen, whole, checks, course, 1 - confidence)
    return ABTestResult(
        analysis="ab_test",
        title=question or question_of(measured),
        headline=headline_of(outcomes, checks, course, control),
        table=effects_table(effects),
        tables={**_tables(measured, effects), **beyond.tables, **further},
        checks=checks,
        confidence=confidence,
        parameters={name: value for name, value in asked.items() if name != "data"},
        semantics=(*semantics_of(measured, confidence, segment), *watch.semantics),
        figures=figures_of(outcomes[0], control, confidence),
        decision=decision_of(outcomes, checks, course, watch, further),
        data=note,
        scope=scope_of(course),
        control=control,
        outcomes=outcomes,
        parts=_parts(chosen, effects, 1 - confidence),
        watch=watch,
    )


def _role(table: Table, role: str, column: str | None) -> str | None:
    return column or (role if role in table.roles else None)


def _tables(measured: Measurement, effects: list[Effect]) -> dict[str, pd.DataFrame]:
    tables = {"missing": missing_table(measured)}
    if not measured.segments:
        return tables
    heterogeneity = heterogeneity_table(effects)
    return tables | {"heterogeneity": heterogeneity, "segments": shrunken_table(effects)}


def _parts(metrics: tuple[Metric, ...], effects: list[Effect], alpha: float) -> tuple[Finding, ...]:
    """The first primary metric in each segment."""
    main = metrics[0]
    inside = [effect for effect in effects if effect.metric == main.name and effect.segment != ALL]
    return tuple(Finding(main, effect, reading_of(main, effect, alpha)) for effect in inside)
