"""A/B test: any number of variants against a control, trust checks first, a verdict in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import ALL, Table, as_table
from cxlab.errors import check_confidence
from cxlab.experiments.adjustment import adjusted_arms
from cxlab.experiments.decision import Finding, Outcome, decide
from cxlab.experiments.display import effects_display, missing_display, segments_display
from cxlab.experiments.distributions import beyond_sums, kind_semantics
from cxlab.experiments.effects import Effect, effects_of, effects_table
from cxlab.experiments.further import further_answers
from cxlab.experiments.measurement import Measurement, measure
from cxlab.experiments.metrics import Metric, parse_metrics
from cxlab.experiments.pictures import by_metric, draw_effects, draw_segments
from cxlab.experiments.plan import Plan, planned_shares
from cxlab.experiments.readings import reading_of
from cxlab.experiments.segments import difference_words, heterogeneity_table, shrunken_table
from cxlab.experiments.sentences import figures_of, headline_of, reasons_of
from cxlab.experiments.survival_picture import draw_survival
from cxlab.experiments.trust import checks_of, missing_table
from cxlab.experiments.units import all_quantiles, count_units, refuse_repeated_units
from cxlab.results import Decision, Result, publishable
from cxlab.wording import count, date, sentence_list

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ABTestResult", "ab_test"]


@dataclass(frozen=True, kw_only=True, repr=False)
class ABTestResult(Result):
    """What an A/B test found: effects, trust checks and a verdict.

    `table` has one row per metric, segment and variant other than the control. `tables` holds "missing",
    "sample_ratio", with a segment "heterogeneity" and "segments", with covariates "balance", with a prior "bayes".
    """

    control: str = field(repr=False)
    outcomes: tuple[Outcome, ...] = field(repr=False)
    parts: tuple[Finding, ...] = field(repr=False, default=())

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
        return drawn

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
        return found | missing

    def _hidden(self) -> frozenset[tuple[str, str, str]]:
        """Rows that are too small to leave Python."""
        shown = publishable(self.table)
        gone = shown[shown["n"].isna()]
        return frozenset(zip(gone["metric"], gone["segment"], gone["variant"], strict=True))


def ab_test(
    data: Any,
    *,
    metrics: list[str],
    variant: str = "variant",
    control: str = "control",
    unit: str | None = None,
    segment: str | None = None,
    time: str | None = None,
    planned_ratio: dict[str, float] | None = None,
    planned_n: int | None = None,
    minimum_duration: str | None = None,
    prior: str | None = None,
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
        prior: what was known before, for tables["bayes"]: "normal(0, 0.02)" in the leading measure's size,
            "normal(0%, 5%)" relative to the control, "beta(1, 1)" for shares, or "uniform".
        question: the question in plain words, as the page's title.
        confidence: level of all intervals, as a fraction.

    Returns:
        ABTestResult. `table`: metric, segment ("all" first), variant, n, estimate, control_n, control_estimate,
        effect, ci_low, ci_high, relative_effect, relative_ci_low, relative_ci_high, p_value, p_adjusted, se, method,
        and raw_effect, raw_ci_low, raw_ci_high beside effects that a covariate adjusted.

    Raises:
        ParameterError: a metric or a plan that cannot be read.
        DataError: no control, one variant only, repeated units, an arm or a denominator without values.

    Assumes:
        Variants were assigned at random, unit by unit, and units do not influence each other.

    Source:
        Newcombe (1998) below 1,000 per arm, else Wald, for shares; Welch (1947) for means; Deng, Knoblich & Lu
        (2018) for ratios; Fieller (1954) for relative effects; Lin (2013) with HC2 for covariates; Holm (1979)
        over primary metrics. Checked against R 4.2.2 (prop.test, t.test, p.adjust), estimatr and sandwich.

    Examples:
        >>> import pandas as pd
        >>> visits = pd.DataFrame({"variant": ["control"] * 500 + ["new"] * 500,
        ...                        "bought": [1, 0, 0, 0, 0] * 100 + [1, 0, 0, 0] * 125})
        >>> found = ab_test(visits, metrics=["proportion('bought')"])
        >>> found.table.loc[0, ["effect", "ci_low", "ci_high"]].astype(float).round(3).tolist()
        [0.05, -0.002, 0.101]
    """
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
    plan = Plan.of(measured, planned_n, minimum_duration, note)
    plan = replace(plan, confidence=confidence, ratio_stated=planned_ratio is not None)
    beyond = beyond_sums(table, measured, variant=variant, segment=segment, unit=repeated, confidence=confidence)
    effects = effects_of(measured, adjusted_arms(table, measured), confidence, beyond.compared)
    dated = None if repeated else time
    further = further_answers(table, measured, planned, variant, dated, prior, effects, confidence)
    checks = (*checks_of(measured, planned, effects, plan, unit), *beyond.with_effects(effects), *further.checks)
    whole = [effect for effect in effects if effect.segment == ALL]
    outcomes = decide(chosen, whole, checks, plan, 1 - confidence)
    return ABTestResult(
        analysis="ab_test",
        title=question or _question(measured),
        headline=headline_of(outcomes, checks, plan, control),
        table=effects_table(effects),
        tables={**_tables(measured, effects), **beyond.tables, **further.tables},
        checks=checks,
        confidence=confidence,
        parameters={
            "metrics": [str(metric) for metric in chosen], "variant": variant, "control": control, "unit": unit,
            "segment": segment, "time": time, "planned_ratio": planned_ratio, "planned_n": planned_n,
            "minimum_duration": minimum_duration, "prior": prior, "question": question, "confidence": confidence,
        },
        semantics=_semantics(measured, confidence, segment),
        figures=figures_of(outcomes[0], control, confidence),
        decision=Decision(outcomes[0].verdict, reasons_of(outcomes, checks, plan)),
        data=note,
        scope=_scope(plan),
        control=control,
        outcomes=outcomes,
        parts=_parts(chosen, effects, 1 - confidence),
    )  # fmt: skip


def _role(table: Table, role: str, column: str | None) -> str | None:
    return column or (role if role in table.roles else None)


def _question(measured: Measurement) -> str:
    if len(measured.treatments) == 1:
        return f"Is “{measured.treatments[0]}” better than “{measured.control}”?"
    return f"Is one of {len(measured.treatments)} variants better than “{measured.control}”?"


def _tables(measured: Measurement, effects: list[Effect]) -> Mapping[str, pd.DataFrame]:
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


def _scope(plan: Plan) -> str:
    customers = f"{count(plan.n)} customers"
    if plan.first is None or plan.last is None:
        return f"{customers}."
    return f"{customers}, {_period(date(plan.first), date(plan.last))}."


def _period(first: str, last: str) -> str:
    """Two days with what they share written once: 4 to 31 May 2026."""
    if first == last:
        return last
    start, end = first.split(), last.split()
    while start and end and start[-1] == end[-1]:
        start.pop()
        end.pop()
    return f"{' '.join(start)} to {last}"


def _semantics(measured: Measurement, confidence: float, segment: str | None) -> tuple[str, ...]:
    lines = [
        f"Intervals hold the true value in {confidence:.0%} of such tests; they are not widened for several measures.",
        "An effect is the variant minus the control; a relative effect divides it by the control (Fieller's interval).",
        "p, adjusted: Holm over primary measures and variants; Benjamini-Hochberg over watched ones.",
        "The verdict asks: trust checks passed? harm beyond a margin? plan reached? a gain, with every guardrail kept?",
    ]
    lines += kind_semantics(measured)
    if any(metric.role == "secondary" for metric in measured.metrics):
        lines.append("Secondary measures: asked in order, once all primary ones of the variant passed (gatekeeping).")
    adjusted = [metric.words for metric in measured.metrics if metric.covariate]
    if adjusted:
        lines.append(f"Adjusted for values from before ({sentence_list(adjusted)}): Lin's regression, HC2 variance.")
    if segment:
        lines.append(
            f"Segments ({segment}): Cochran's Q asks whether effects differ; p adjusted by Holm over segments."
        )
    return tuple(lines)
