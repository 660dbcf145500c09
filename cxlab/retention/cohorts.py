"""Cohort retention: who comes back, period after period."""

from typing import Any

import pandas as pd

from cxlab.data import DataNote, as_table, refuse_total
from cxlab.data.calendar import Period, WeekStart
from cxlab.errors import DataError
from cxlab.retention import words
from cxlab.retention.cells import Counts, cells, curve
from cxlab.retention.checks import retention_checks
from cxlab.retention.cohort_sql import cluster_sql
from cxlab.retention.cohort_trends import cohort_trend
from cxlab.retention.comparison import MOST_SEGMENTS, compared_segments, newer_against_older
from cxlab.retention.definition import Anchor, Clock, Measure, Tool
from cxlab.retention.findings import Findings
from cxlab.retention.masks import count_returns
from cxlab.retention.peers import by_tool, tool_matrix
from cxlab.retention.question import Question, ask
from cxlab.retention.result import RetentionResult
from cxlab.retention.semantics import defined, definitions
from cxlab.retention.stays import staying, staying_sql, staying_test

__all__ = ["cohort_retention"]


def cohort_retention(
    data: Any,
    *,
    unit: str = "unit",
    time: str = "time",
    event: str | None = None,
    start_event: str | None = None,
    return_event: str | None = None,
    cohort: str | None = None,
    period: Period = "week",
    measure: Measure | None = None,
    horizon: int | None = None,
    observe_until: str | None = None,
    cohorts_from: str | None = None,
    week_start: WeekStart | None = None,
    segment: str | None = None,
    anchor: Anchor | None = None,
    clock: Clock | None = None,
    like: Tool | None = None,
    minimum: int = 1,
    brackets: str | None = None,
    start_where: str | None = None,
    return_where: str | None = None,
    trend_age: int = 1,
    churn_after: int | None = None,
    confidence: float = 0.95,
) -> RetentionResult:
    """Do customers come back, and for how long?

    Args:
        data: one row per event: a table, data frame or path.
        unit: column of the customer.
        time: column of the event's time.
        event: column of the event's name; needed only with a start or return event.
        start_event: event that makes a customer start; any event if not set.
        return_event: event that counts as coming back; any event if not set.
        cohort: column to group customers by; if not set, by the period in which they started.
        period: length of a cohort and of a step of age.
        measure: "on" (if not set) counts who came back in that very period, "on_or_after" in that one or a later one,
            "on_or_before" in that one or an earlier one, "streak" in every one up to it.
        horizon: last age in periods; with "on_or_after" also the last age at which coming back counts.
        observe_until: last day or moment up to which the log is complete; the last event if not set.
        cohorts_from: first day of the first cohort; who started earlier is left out.
        week_start: first day of a week; Monday if not set.
        segment: column whose values are compared.
        anchor: "first_matching" (if not set) starts a customer once, "recurring" in every period with a start event,
            "first_ever" once and only if the very first such event has what start_where asks.
        clock: "calendar" (if not set) counts calendar periods, "elapsed" from the moment of the start, "hour_floored"
            from its full hour, "day_floored" from its day.
        like: count as this tool does; anchor, clock, measure and first day of a week are then its own.
        minimum: how often a customer must come back within a period.
        brackets: ages taken together, such as "0,1,2-3,4-7".
        start_where: property that a start must have: a column and its value, joined by an equals sign.
        return_where: property that a return must have: a column and its value, joined by an equals sign.
        trend_age: age at which cohorts are compared with each other.
        churn_after: periods without coming back after which a customer has left; draws how long customers stay.
        confidence: level of the intervals, as a fraction.

    Returns:
        A RetentionResult. `table` has one row per cohort and age: cohort, age, n, returned, rate, ci_low, ci_high,
        state, size, so_far; `tables["curve"]` one row per age; with a segment also "segments" (with rows for all) and
        "comparison", with churn_after "staying", with like "matrix" and "tools". `definition` says what was counted.

    Raises:
        ParameterError: a choice, number or date is not usable.
        DataError: a column or event is not there, a value is bad, a group is called "all", or nothing was seen before
            observe_until.

    Assumes:
        Customers are independent, and the log misses nothing before observe_until.

    Source:
        Wilson 1927; Newcombe 1998; Holm 1979. Counts equal PostHog's published test matrices.

    Examples:
        >>> import pandas as pd
        >>> visits = pd.DataFrame({
        ...     "unit": ["a", "a", "b", "b", "c"],
        ...     "time": ["2026-01-05", "2026-02-10", "2026-01-20", "2026-01-28", "2026-02-03"],
        ... })
        >>> result = cohort_retention(visits, period="month", observe_until="2026-03-31")
        >>> result.table[["cohort", "age", "n", "returned", "rate", "state"]].head(3)
               cohort  age  n  returned  rate         state
        0  2026-01-01    0  2         1   0.5      complete
        1  2026-01-01    1  2         1   0.5      complete
        2  2026-01-01    2  2         0   0.0      complete
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    table = as_table(data)
    question = ask(table, given)
    findings = _find(question, by_tool(table, given) if like else pd.DataFrame())
    return RetentionResult(
        analysis="cohort_retention", title="Do customers come back?", headline=words.headline(findings),
        table=_table(findings), tables=_tables(findings), confidence=confidence, parameters=given,
        checks=retention_checks(findings), semantics=definitions(question), figures=words.figures(findings),
        status=words.status(findings), scope=words.scope(findings), data=_note(question), findings=findings,
        definition=defined(question, unit),
    )  # fmt: skip


def _find(question: Question, tools: pd.DataFrame) -> Findings:
    counts = Counts(count_returns(question))
    if not counts.started:
        raise DataError(
            f"Nobody started{_from(question)}: {counts.units:,} customers have events before observe_until, but none "
            "begins in a cohort. Give an earlier `cohorts_from` or another `start_event`."
        )
    for role in ("cohort", "segment"):
        refuse_total(set(counts.sizes[role]), str(getattr(question, role)))
    cluster = None if question.once else question.table.query(cluster_sql(question))
    by_cohort = cells(counts, question, "cohort" if question.cohort else "c")
    groups = _groups(counts, question, cluster)
    return Findings(
        question=question, counts=counts, cells=by_cohort, curve=curve(counts, question, cluster), groups=groups,
        comparison=groups if groups.empty else compared_segments(groups, question.confidence), tools=tools,
        matrix=tool_matrix(by_cohort, question) if question.like else pd.DataFrame(),
        **_over_cohorts(question, by_cohort), **_staying(question),
    )  # fmt: skip


def _over_cohorts(question: Question, by_cohort: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Newer cohorts against older ones, and the trend over all; cohorts that share customers are not compared."""
    if question.cohort is not None or not question.once:
        return {"trend": pd.DataFrame()}
    age, confidence = question.trend_age, question.confidence
    slope, line = cohort_trend(by_cohort, confidence, age=age)
    return {"trend": newer_against_older(by_cohort, confidence, age=age), "slope": slope, "line": line}


def _staying(question: Question) -> dict[str, pd.DataFrame]:
    if question.churn_after is None:
        return {}
    ends = question.table.query(staying_sql(question))
    return {"stays": staying(ends, question), "stays_test": staying_test(ends, question)}


def _from(question: Question) -> str:
    return " from the first cohort asked for on" if question.first_period is not None else ""


def _groups(counts: Counts, question: Question, cluster: pd.DataFrame | None) -> pd.DataFrame:
    """One curve per segment, or per cohort where cohorts are a property."""
    if question.segment:
        return curve(counts, question, cluster, "segment")
    few = counts.sizes["cohort"].nunique() <= MOST_SEGMENTS
    if question.cohort and few and cluster is None:
        return curve(counts, question, None, "cohort")
    return pd.DataFrame()


def _table(findings: Findings) -> pd.DataFrame:
    first = ["cohort", "age", "n", "returned", "rate", "ci_low", "ci_high", "state"]
    groups = findings.cells["group"]
    keys = {group: findings.key(group) for group in groups.unique()}
    named = findings.cells.assign(cohort=[keys[group] for group in groups])
    return findings.ages(named[[*first, "size", "so_far"]])


def _tables(findings: Findings) -> dict[str, pd.DataFrame]:
    columns = ["age", "n", "returned", "rate", "ci_low", "ci_high", "share_observed", "size"]
    tables = {"curve": findings.ages(findings.curve[columns])}
    if not findings.groups.empty:
        together = pd.concat([findings.curve, findings.groups], ignore_index=True)
        tables["segments"] = findings.ages(together.rename(columns={"group": "segment"})[["segment", *columns]])
        tables["comparison"] = findings.ages(findings.comparison)
    if not findings.trend.empty:
        tables["trend"] = findings.ages(_dated(findings, findings.trend))
    if not findings.slope.empty:
        tables["trend_over_cohorts"] = findings.ages(_dated(findings, findings.slope))
    return tables | _asked(findings)


def _dated(findings: Findings, frame: pd.DataFrame) -> pd.DataFrame:
    dates = [name for name in ("since", "until") if name in frame]
    return frame.assign(**{name: [findings.key(group) for group in frame[name]] for name in dates})


def _asked(findings: Findings) -> dict[str, pd.DataFrame]:
    """The tables that are there only when asked for."""
    found = {"staying": findings.stays, "staying_test": findings.stays_test, "tools": findings.tools}
    if not findings.matrix.empty:
        cohort = [findings.key(group) for group in findings.matrix["group"]]
        matrix = findings.matrix.assign(cohort=cohort)[["cohort", "age", "size", "returned", "share", "running"]]
        found["matrix"] = findings.ages(matrix)
    return {name: frame for name, frame in found.items() if not frame.empty}


def _note(question: Question) -> DataNote:
    table = question.table
    last = question.local(question.observe_until)
    return DataNote(table.rows, table.fingerprint, question.local(question.first_event), last)
