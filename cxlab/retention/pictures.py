"""The findings made ready for the two pictures: which rows, which words."""

from typing import Any

import numpy as np
import pandas as pd

from cxlab.charts.cohort_trends import cohort_trend
from cxlab.charts.curves import MOST_LINES, retention_curves
from cxlab.charts.retention import retention_triangle
from cxlab.charts.survival import MOST_CURVES, survival_curves
from cxlab.charts.theme import is_narrow
from cxlab.retention.comparison import SMALLEST
from cxlab.retention.findings import Findings
from cxlab.retention.semantics import line
from cxlab.retention.words import finding, pair_title, period_of, slope_title, staying_sentence, trend_title, within
from cxlab.wording import count, date, interval, p_text, points, share

__all__ = ["curves", "staying", "trend", "triangle"]

WIDE_ROWS, NARROW_ROWS = 14, 6
WIDE_AGES, NARROW_AGES = 12, 6


def triangle(findings: Findings, headline: str, width: int) -> Any:
    """The triangle of cohorts and ages.

    Args:
        findings: the findings.
        headline: the result's headline, for the text alternative.
        width: width of the page in pixels.

    Returns:
        The chart.
    """
    rows = _triangle_rows(findings, is_narrow(width))
    question, period = findings.question, period_of(findings)
    return retention_triangle(
        rows, title=trend_title(findings), subtitle=_triangle_subtitle(findings),
        note=_triangle_note(findings, rows), description=f"Table of shares. {headline} Numbers in the table below.",
        row_title="Group" if question.cohort else "Started", age_title=f"{period} after the start",
        running="still running, can only rise" if question.cohort is None else "not all seen yet",
        smallest=SMALLEST, width=width, age_names=_age_names(findings),
    )  # fmt: skip


def _age_names(findings: Findings) -> dict[int, str]:
    """What stands at the ages where they are taken together."""
    brackets = findings.question.reckoning.brackets or ()
    return {cell: f"{a}" if a == b else f"{a}–{b}" for cell, (a, b) in enumerate(brackets)}


def _triangle_rows(findings: Findings, narrow: bool) -> pd.DataFrame:
    """The newest cohorts that have begun a period after their start; in a narrow picture the last six."""
    cells = findings.cells
    most_rows, most_ages = (NARROW_ROWS, NARROW_AGES) if narrow else (WIDE_ROWS, WIDE_AGES)
    kept = list(dict.fromkeys(cells["group"]))[-most_rows:]
    last = int(cells.loc[cells["group"].isin(kept) & (cells["state"] != "unobservable"), "age"].max())
    first = 0 if findings.question.starts_at_all else 1
    rows = cells[cells["group"].isin(kept) & cells["age"].between(first, min(max(last, 1), most_ages))]
    state = _states(rows, findings)
    running = (state == "partial") & (rows["n"] == 0)
    rate = rows["rate"].where(~running, (rows["so_far"].astype(float) / rows["size"].replace(0, np.nan)))
    rate = rate.where(~state.isin(["unobservable", "few"])).where(state != "start", 1.0)
    hidden = rows["size"] < SMALLEST
    return rows.assign(
        cohort=[findings.name(group) for group in rows["group"]], state=state, rate=rate,
        size=rows["size"].where(~hidden | (rows["size"] == 0), 1), n=rows["n"].where(~hidden, 0),
        **{end: rows[end].where(~hidden) for end in ("ci_low", "ci_high")},
    )[["cohort", "age", "size", "n", "rate", "ci_low", "ci_high", "state"]]  # fmt: skip


def _states(rows: pd.DataFrame, findings: Findings) -> pd.Series:
    """The four states as drawn, and the start, at which everybody counts."""
    thin = (rows["size"] < SMALLEST) | ((rows["n"] > 0) & (rows["n"] < SMALLEST))
    state = rows["state"]
    if findings.question.cohort:  # who has not begun the age would count as gone in a rate so far
        state = state.mask((state == "partial") & (rows["n"] == 0), "unobservable")
    state = state.where(state == "unobservable", state.mask(thin, "few"))
    return state.mask((rows["age"] == 0) & (rows["size"] >= SMALLEST), "start")


def _measured(findings: Findings) -> str:
    question = findings.question
    what = "an event" if question.return_event is None else f"{question.return_event!r}"
    period = question.period
    when = {"on": f"in the {period}", "on_or_after": f"in the {period} or later", "on_or_before": f"by the {period}",
            "streak": f"in every {period} up to that one"}[question.measure]  # fmt: skip
    return f"with {what} {when}"


def _seen(findings: Findings) -> str:
    question = findings.question
    return f"seen until {date(question.local(question.observe_until))}"


def _who(findings: Findings) -> str:
    return "customers" if findings.question.once else "starts of customers"


def _triangle_subtitle(findings: Findings) -> list[str]:
    question = findings.question
    first = f"{question.start_event!r}" if question.start_event else "first event"
    by = question.cohort or f"{question.period} of the {first}"
    return [f"Share of customers {_measured(findings)}, by {by}; {_seen(findings)}.", line(question)]


def _triangle_note(findings: Findings, rows: pd.DataFrame) -> str:
    shown, total = rows["cohort"].nunique(), findings.cells["group"].nunique()
    period = findings.question.period
    but = "" if findings.question.cohort else ", except in dashed cells"
    note = f"Rates count only customers seen for the whole {period}{but}. Intervals are in the table."
    return note if shown == total else f"{note} Drawn: the last {count(shown)} of {count(total)} cohorts."


def curves(findings: Findings, headline: str, width: int) -> Any:
    """The curve of everybody, or of each segment.

    Args:
        findings: the findings.
        headline: the result's headline, for the text alternative.
        width: width of the page in pixels.

    Returns:
        The chart.
    """
    rows = _curve_rows(findings)
    level, period = f"{100 * findings.question.confidence:g}%", findings.question.period
    subtitle = [
        f"Share {_measured(findings)}. Band: {level} interval. {count(findings.counts.started)} {_who(findings)}, "
        f"{_seen(findings)}.",
        line(findings.question),
    ]
    remark, age = _remark(findings)
    return retention_curves(
        rows, title=pair_title(findings), subtitle=subtitle, note=_curve_note(findings, rows), value_title="Share back",
        age_title=f"{period_of(findings)}s after the start", remark=remark, remark_age=age, width=width,
        age_names=_age_names(findings),
        description=f"Curve of the share back by {period}. {headline} Numbers in the table below.",
    )  # fmt: skip


def _drawn_groups(findings: Findings) -> list[Any]:
    """The compared pair first, then the largest groups."""
    sizes = findings.groups.drop_duplicates("group").set_index("group")["size"].sort_values(ascending=False)
    pair = findings.pair or {}
    first = [pair[name] for name in ("segment", "against") if pair]
    return list(dict.fromkeys([*first, *sizes[sizes >= SMALLEST].index]))[:MOST_LINES]


def _curve_rows(findings: Findings) -> pd.DataFrame:
    source = findings.curve
    if not findings.groups.empty:
        drawn = _drawn_groups(findings)
        order = {group: place for place, group in enumerate(drawn)}
        kept = findings.groups[findings.groups["group"].isin(drawn)]
        source = kept.sort_values(["group", "age"], key=lambda c: c.map(order) if c.name == "group" else c)
    rows = source[(source["n"] >= SMALLEST) & (source["age"] > 0)]
    if findings.question.starts_at_all or rows.empty:
        rows = source[(source["n"] >= SMALLEST) | (source["age"] == 0)]
    rows = rows.assign(observed=source["share_observed"] >= 0.5)
    start = rows["age"] == 0
    return rows.assign(
        rate=rows["rate"].where(~start, 1.0), observed=rows["observed"] | start,
        ci_low=rows["ci_low"].where(~start, 1.0), ci_high=rows["ci_high"].where(~start, 1.0),
    )[["group", "age", "n", "rate", "ci_low", "ci_high", "observed"]]  # fmt: skip


def _remark(findings: Findings) -> tuple[str, int | None]:
    pair, point = findings.pair, findings.point
    period = period_of(findings)
    if pair is not None:
        likely = interval(pair["ci_low"], pair["ci_high"], points)
        return (
            f"{period} {findings.age_name(int(pair['age']))}: {pair['segment']} against\n{pair['against']} {likely}",
            int(pair["age"]),
        )
    if point is None:
        return "", None
    words = finding(findings).rstrip(".").replace(" (", "\n(")
    age = int(point["age"])
    told = f"{words.partition(' customers')[0]}{words[words.find(chr(10)) :]}"
    return f"{period} {findings.age_name(age)}: {told}", age


def _curve_note(findings: Findings, rows: pd.DataFrame) -> str:
    parts = []
    if not rows["observed"].all():
        parts.append(f"Dashed: fewer than half have reached this {findings.question.period}.")
    whole = "Everybody counts at the start; a" if findings.question.starts_at_all else "A"
    parts.append(f"{whole} change in who starts can look like a change in coming back.")
    total = findings.groups["group"].nunique() if not findings.groups.empty else 0
    if total > rows["group"].nunique():
        parts.append(f"Drawn: {count(rows['group'].nunique())} of {count(total)} groups; all are in the table.")
    return " ".join(parts)


def trend(findings: Findings, headline: str, width: int) -> Any:
    """One age over all cohorts, with the line through it.

    Args:
        findings: the findings.
        headline: the result's headline, for the text alternative.
        width: width of the page in pixels.

    Returns:
        The chart.
    """
    row, level = findings.slope.iloc[0], f"{100 * findings.question.confidence:g}%"
    rows = findings.line.assign(cohort=[findings.name(group) for group in findings.line["group"]])
    rows.loc[rows["n"] < SMALLEST, ["rate", "ci_low", "ci_high"]] = np.nan
    where = within(findings, int(row["age"]))
    likely = interval(row["ci_low"], row["ci_high"], points)
    return cohort_trend(
        rows[["cohort", "n", "rate", "ci_low", "ci_high", "fitted", "fitted_low", "fitted_high"]],
        title=slope_title(findings),
        subtitle=[f"Share back {where}, by cohort. Bars and band: {level} interval; {_seen(findings)}.",
                  line(findings.question)],
        note=f"From the first to the last cohort on the line: {likely} (p {p_text(row['p_value'])}). Who starts may "
        f"change as well. Cohorts under {SMALLEST} have no point.",
        description=f"Points and line of the share back {where} by cohort. {headline} Numbers in the table below.",
        value_title="Share back", cohort_title="Started", width=width,
    )  # fmt: skip


def staying(findings: Findings, headline: str, width: int) -> Any:
    """How long customers stay.

    Args:
        findings: the findings.
        headline: the result's headline, for the text alternative.
        width: width of the page in pixels.

    Returns:
        The chart.
    """
    question, level = findings.question, f"{100 * findings.question.confidence:g}%"
    gone = f"{question.churn_after} {question.period}s in a row" if question.churn_after != 1 else question.period
    return survival_curves(
        _staying_rows(findings), title=staying_sentence(findings).partition(" (")[0].rstrip("."),
        subtitle=[f"Share not yet gone: gone from the first {gone} without coming back on. Band: {level} interval; "
                  f"{_seen(findings)}.", line(question)],
        note=_staying_note(findings),
        description=f"Steps of the share that stays. {staying_sentence(findings)} {headline}",
        value_title="Share that stays", time_title=f"{period_of(findings)}s after the start", width=width,
        whole=True,
    )  # fmt: skip


def _staying_rows(findings: Findings) -> pd.DataFrame:
    """The curves from the start on, where fifty are still watched; segments if asked for, at most four."""
    rows = findings.stays[findings.stays["n"] >= SMALLEST]
    if findings.question.segment:
        sizes = rows[rows["segment"] != "all"].groupby("segment")["n"].max().sort_values(ascending=False)
        rows = rows[rows["segment"].isin(sizes.index[:MOST_CURVES])] if len(sizes) else rows
    rows = rows.rename(columns={"segment": "group", "age": "time"})
    rows = rows.assign(**{end: rows[end].fillna(rows["estimate"]) for end in ("ci_low", "ci_high")})
    first = rows.groupby("group", sort=False).head(1).assign(time=0, estimate=1.0, ci_low=1.0, ci_high=1.0)
    both = pd.concat([first, rows]).sort_values(["group", "time"], kind="stable")
    return both[["group", "time", "n", "estimate", "ci_low", "ci_high"]]


def _staying_note(findings: Findings) -> str:
    everybody = findings.stays[(findings.stays["segment"] == "all") & (findings.stays["n"] >= SMALLEST)]
    note = "A customer who comes back after that counts as gone all the same."
    if len(everybody):
        worst = everybody.loc[everybody["hazard"].idxmax()]
        note = (
            f"Most leave in {findings.question.period} {worst['age']}: {share(worst['hazard'], 0)} of those "
            f"still there ({interval(worst['hazard_low'], worst['hazard_high'], share)}). {note}"
        )
    if len(findings.stays_test):
        note += f" Groups compared: log-rank p {p_text(findings.stays_test['p_value'].iloc[0])}."
    return note
