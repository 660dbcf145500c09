"""A/B test: any number of variants against a control, trust checks first, a verdict in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.data import ALL, Table, as_table
from cxlab.experiments.decision import Finding, Outcome, decide
from cxlab.experiments.definitions import scope_of, semantics_of
from cxlab.experiments.design import Design
from cxlab.experiments.display import bayes_display, effects_display, missing_display, segments_display
from cxlab.experiments.effects import Effect, adjust_p, effects_table
from cxlab.experiments.further import further_answers
from cxlab.experiments.levels import Levels
from cxlab.experiments.looks import history_of, looks_check
from cxlab.experiments.lookviews import looks_display, looks_pictures
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.metrics import Metric, parse_metrics
from cxlab.experiments.outlook import decision_of, figures_after_a_stop
from cxlab.experiments.pictures import by_metric, draw_effects, draw_segments
from cxlab.experiments.plan import Plan, planned_shares
from cxlab.experiments.promise import by_plan
from cxlab.experiments.quantile_effects import with_quantiles
from cxlab.experiments.quantile_views import quantile_display, quantile_pictures
from cxlab.experiments.readings import reading_of
from cxlab.experiments.segments import heterogeneity_display, heterogeneity_table, segment_words, shrunken_table
from cxlab.experiments.sentences import figures_of, headline_of
from cxlab.experiments.sides import Alternative, Sides
from cxlab.experiments.studies import Study
from cxlab.experiments.survival_picture import draw_survival
from cxlab.experiments.timeviews import time_display, time_pictures
from cxlab.experiments.trust import checks_of, missing_table
from cxlab.experiments.watch import Monitoring, Watch
from cxlab.results import Result, publishable

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ABTestResult", "ab_test"]


@dataclass(frozen=True, kw_only=True, repr=False)
class ABTestResult(Result):
    """What an A/B test found: effects, trust checks and a verdict.

    `table` has one row per metric, segment and variant other than the control. `tables` holds "missing" and, with
    a segment, "heterogeneity" and "segments"; "sample_ratio" by segment and day, "balance" beside a covariate, "bayes"
    with a prior; "looks" where the test is watched; "by_age", "by_day", "cumulative" and "novelty" with a day;
    "quantile_effects", "effect_parts" and "effect_spread" with an amount, computed when one of them is first read.
    """

    control: str = field(repr=False)
    outcomes: tuple[Outcome, ...] = field(repr=False)
    parts: tuple[Finding, ...] = field(repr=False, default=())
    watch: Watch | None = field(repr=False, default=None)
    counted: str = field(repr=False, default="customers")

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
        return self._in_order(drawn | time_pictures(self) | quantile_pictures(self), looks_pictures(self))

    def _in_order(self, whole: dict[str, Any], looks: dict[str, Any]) -> dict[str, Any]:
        """Where results were looked at before, the path leads: it says whether the test may stop."""
        before = self.watch is not None and len(self.watch.sizes) > 1
        return looks | whole if before else whole | looks

    def _survival(self, shared: dict[str, Any], width: int) -> alt.Chart:
        return draw_survival(self.tables["survival_curves"], self.outcomes, width=width, **shared)

    def _effects(self, shared: dict[str, Any], width: int) -> alt.Chart:
        return draw_effects(self.outcomes, headline=self.headline, width=width, **shared)

    def _segments(self, shared: dict[str, Any], width: int) -> alt.Chart:
        whole = self._lead_whole()
        parts = [part for part in self.parts if part.effect.variant == whole.effect.variant]
        differs, scales = segment_words(self.tables["heterogeneity"], whole.effect, 1 - self.confidence)
        return draw_segments(whole, parts, differs=differs, scales=scales, width=width, **shared)

    def _lead_whole(self) -> Finding:
        return self.outcomes[0].of_role("primary")[0]

    def _display(self) -> dict[str, pd.DataFrame]:
        metrics = [finding.metric for finding in self.outcomes[0].findings]
        lacking = missing_display(self.tables["missing"], metrics)
        missing = {} if lacking.empty else {"Values that are missing": lacking}
        if self.broken:
            return missing
        findings = by_metric(self.outcomes)
        shown = effects_display(findings, self.control, self.confidence, counted=self.counted)
        found = {f"Effects over all {self.counted}": shown}
        if "bayes" in self.tables:
            prior = self.tables["bayes"]["prior"].iloc[0]
            known = bayes_display(self.tables["bayes"], findings, self.confidence)
            found |= {} if known.empty else {f"With what was known before: {prior}": known}
        if self.parts:
            main = self._lead_whole().metric
            found[f"Segments: {main.words}"] = segments_display(self.parts, self._hidden())
            found |= heterogeneity_display(self.tables["heterogeneity"], main, 1 - self.confidence)
        return self._in_order(found | time_display(self) | quantile_display(self), looks_display(self)) | missing

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
    monitoring: Monitoring = "none",
    looks: list[int] | None = None,
    plan: str | None = None,
    prior: str | None = None,
    question: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    exposed: str | None = None,
    day: str | None = None,
    counts: str | None = None,
    switchback: str | None = None,
    carry_over: str | None = None,
    alternative: Alternative = "two-sided",
    confidence: float = 0.95,
) -> ABTestResult:
    """Does the change help, and should it ship?

    Args:
        data: rows with the variant and what was measured, one or several per customer (or other unit assigned).
        metrics: what is measured, such as "proportion('converted')" or cx.Mean("revenue"); the first primary one leads.
        variant: column with the variant each customer was assigned to.
        control: value of the variant column that all others are compared with.
        unit: column with the customer's id; several rows of one are taken together. None takes the role `unit`, else
            each row counts as one.
        segment: column with a group known before the test; effects are shown in each, and whether they differ.
        time: column with the time of assignment, for the period and the expected end.
        planned_ratio: planned part of each variant, such as {"control": 9, "new": 1}; None means equal parts.
        planned_n: planned number of customers in all variants together; None reads the data as final.
        minimum_duration: shortest time the test should run, such as "14D"; needs `time`.
        monitoring: how false alarms are kept rare when results are looked at several times; "none" means one look.
        looks: numbers of customers at which results were or will be looked at; now is always the last of those so far.
        plan: YAML file with the plan; what it holds is taken from it, and what differs is told as a change.
        prior: what was known before, for tables["bayes"]: "normal(0, 0.02)" in the leading measure's size,
            "normal(0%, 5%)" relative to the control, "beta(1, 1)" for shares, or "uniform".
        question: the question in plain words, as the page's title.
        cluster: column with the group that was assigned as a whole, such as the shop.
        strata: column with a group known before the test; effects within the groups are weighted by their shares.
        exposed: column with 1 for who could see the change (in the control: would have); only they are compared.
        day: column with the calendar day of a row, where there is one per customer and day: rows are added up per
            customer from `time` on, and tables tell how the effect unfolds and whether it fades.
        counts: column with the number of customers a row stands for, where the data are sums instead of rows.
        switchback: length of the periods for which a variant was drawn, such as "2h", where places (`cluster`) or,
            without it, everything switched between variants; needs `time`.
        carry_over: time after a switch whose rows are left out, such as "15min"; with `switchback`.
        alternative: "two-sided", or "one-sided" where only a change for the better counts.
        confidence: level of all intervals, as a fraction; a one-sided test errs in 1 minus this at most.

    Returns:
        ABTestResult. `table`: metric, segment ("all" first), variant, n, estimate, control_n, control_estimate,
        effect, ci_low, ci_high, relative_effect, relative_ci_low, relative_ci_high, p_value, p_adjusted, se, method,
        and raw_effect, raw_ci_low, raw_ci_high beside effects that a covariate or strata adjusted. `tables`: "missing",
        "precision" beside covariates, "clusters" and "strata" by design, "looks" where `monitoring` is set: one row per
        metric, variant and look; "sample_ratio" by segment and day, "balance" of covariates, "bayes" with a prior;
        with `day` "by_day", "cumulative", "by_age" and "novelty"; with a mean or a count per customer
        "quantile_effects", "effect_parts" and "effect_spread", which tell where the change sits; with `switchback`
        "switchback" and "since_switch".

    Raises:
        ParameterError: a metric or a plan that cannot be read, parts of a design that do not go together.
        DataError: no control, one variant only, a unit or cluster in two, an arm or a denominator without values.

    Assumes:
        Variants were assigned at random, unit by unit (or cluster by cluster, where one is named), and these
        do not influence each other.

    Source:
        Newcombe (1998) below 1,000 per arm, else Wald, for shares; Welch (1947) for means; Deng, Knoblich & Lu
        (2018) for ratios; Fieller (1954) for relative effects; Lin (2013) with HC2 for covariates; Holm (1979)
        over primary metrics; Lan & DeMets (1983) and Waudby-Smith et al. (2024) for several looks; Bell & McCaffrey
        (2002) for clusters; Miratrix, Sekhon & Yu (2013) for strata; Farrington & Manning (1990) and Miettinen &
        Nurminen (1985) for shares against a margin; Bojinov, Simchi-Levi & Zhao (2023) for switchbacks. Checked against
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
    sides = Sides.of(alternative, confidence)
    control, chosen, table = str(control), parse_metrics(metrics), as_table(data)
    unit, time = _role(table, "unit", unit), _role(table, "time", time)
    design = Design(
        variant=variant, control=control, unit=unit, segment=segment, cluster=cluster, strata=strata,
        exposed=exposed, counts=counts, day=day, time=time, switchback=switchback, carry_over=carry_over,
    )  # fmt: skip
    design.refuse_looks(chosen, monitoring, looks, alternative)
    study = design.read(table, chosen)
    measured = study.measured
    planned, note = planned_shares(planned_ratio, measured.variants), table.note(time)
    course = Plan.of(measured, planned_n, minimum_duration, note)
    history = history_of(
        table, monitoring, looks, n=course.n, planned_n=planned_n, confidence=sides.level, metrics=chosen,
        time=time, unit=unit, last=note.last, again=design.may_look_again,
    )  # fmt: skip
    watched = history.watch.active
    course = replace(course, confidence=sides.level, ratio_stated=planned_ratio is not None, monitored=watched)
    levels = Levels(study, one_sided=sides.one_sided)
    beyond = levels.beyond(sides.level)
    effects = adjust_p(history.watch.effects(levels.effects), measured, one_sided=sides.one_sided)
    asked |= {"metrics": [str(metric) for metric in chosen], "control": control, "unit": unit, "time": time}
    watching = history.tables(effects, ab_test, asked)
    further = further_answers(study, planned, time, prior, effects, sides.level, one_by_one=design.one_by_one)
    found = (*checks_of(measured, planned, effects, course, unit), *beyond.with_effects(effects), *further.checks)
    checks = (*study.checked(found, planned, effects), *looks_check(history, watching.get("looks"), chosen[0]))
    outcomes = decide(chosen, [e for e in effects if e.segment == ALL], checks, course, sides.alpha, sides.tail)
    result = ABTestResult(
        analysis="ab_test",
        title=question or _question(measured),
        headline=headline_of(outcomes, checks, course, control),
        table=effects_table(effects),
        tables=_tables(study, effects, sides.level, {**beyond.tables, **further.tables, **watching}),
        checks=checks,
        confidence=sides.level,
        parameters={name: value for name, value in asked.items() if name != "data"},
        semantics=(*semantics_of(study, sides, segment), *history.watch.semantics),
        figures=figures_after_a_stop(figures_of(outcomes[0], control, sides.level), outcomes[0], watching),
        decision=decision_of(outcomes, checks, course, history.watch, watching),
        data=note,
        scope=scope_of(course),
        control=control,
        outcomes=outcomes,
        parts=_parts(chosen, effects, sides),
        watch=history.watch,
    )
    return study.told(result)


def _role(table: Table, role: str, column: str | None) -> str | None:
    return column or (role if role in table.roles else None)


def _question(measured: Measurement) -> str:
    if len(measured.treatments) == 1:
        return f"Is “{measured.treatments[0]}” better than “{measured.control}”?"
    return f"Is one of {len(measured.treatments)} variants better than “{measured.control}”?"


def _tables(
    study: Study, effects: list[Effect], confidence: float, more: Mapping[str, pd.DataFrame]
) -> Mapping[str, pd.DataFrame]:
    tables = {"missing": missing_table(study.measured)} | study.tables(effects, confidence)
    if study.measured.segments:
        heterogeneity = heterogeneity_table(effects, study.measured.metrics)
        tables |= {"heterogeneity": heterogeneity, "segments": shrunken_table(effects)}
    return with_quantiles({**tables, **more}, study, confidence)


def _parts(metrics: tuple[Metric, ...], effects: list[Effect], sides: Sides) -> tuple[Finding, ...]:
    """The first primary metric in each segment."""
    main = metrics[0]
    inside = [effect for effect in effects if effect.metric == main.name and effect.segment != ALL]
    return tuple(Finding(main, effect, reading_of(main, effect, sides.alpha, sides.tail)) for effect in inside)
