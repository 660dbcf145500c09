"""Can the retention numbers be trusted? Each check says what was found and what it does to the answer."""

import pandas as pd

from cxlab.data import NOT_GIVEN
from cxlab.results import SMALLEST_GROUP, Check
from cxlab.retention.cells import Counts
from cxlab.retention.comparison import SMALLEST
from cxlab.retention.findings import Findings
from cxlab.retention.question import Question
from cxlab.wording import count, date, share

__all__ = ["log_checks", "retention_checks"]

SWOLLEN = 1.5


def retention_checks(findings: Findings) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?

    Args:
        findings: the findings.

    Returns:
        The checks, those about the whole result first.
    """
    question, counts, cells = findings.question, findings.counts, findings.cells
    found = [
        _like(findings),
        _open_ended(question),
        _until(question),
        _horizon(question),
        _history(question, counts),
        _small(cells),
        _partial(cells, question),
    ]
    found += [_staying(findings), _varying(question, counts), _not_given(question, counts), _left_out(question, counts)]
    return tuple(check for check in found if check is not None)


def log_checks(question: Question, counts: Counts) -> list[Check | None]:
    """Where does the log end, and does it begin inside the customers' history?

    Args:
        question: what is asked.
        counts: what was counted.

    Returns:
        The checks; the second may be missing.
    """
    return [_until(question), _history(question, counts)]


def _until(question: Question) -> Check:
    told = date(question.local(question.observe_until))
    if not question.assumed:
        later = f" {count(question.later_rows)} later rows were not used." if question.later_rows else ""
        return Check("observe_until", True, "info", f"The log is taken as complete until {told}, as stated.{later}")
    message = (
        f"It was assumed that the log ends with its last event, on {told}. If it goes further, say so in "
        "observe_until: more cells become complete."
    )
    return Check("observe_until", True, "info", message)


def _horizon(question: Question) -> Check | None:
    if not question.horizon_assumed:
        return None
    message = (
        f"Coming back counts up to {question.period} {question.horizon}, half of what the log spans. Name the horizon "
        "to fix it: with a later one more customers count as back, and fewer can be seen long enough."
    )
    return Check("horizon", True, "info", message)


def _like(findings: Findings) -> Check | None:
    """How far apart the known tools are on this very log."""
    if findings.tools.empty:
        return None
    told = [
        f"{share(row['rate']) if row['n'] >= SMALLEST else f'under {SMALLEST} customers'} as {row['tool']} counts"
        for row in findings.tools.to_dict("records")
    ]
    named = f"Back in {findings.question.period} 1 on this log, each tool by its own definition"
    return Check("definition", True, "info", f"{named}: {', '.join(told)}.")


def _open_ended(question: Question) -> Check | None:
    if not question.open_ended:
        return None
    message = (
        "Coming back counts up to the end of the log: older cohorts have had longer to come back, so newer ones look "
        "worse than they are. Name a horizon to give all cohorts the same time."
    )
    return Check("horizon", False, "warning", message)


def _staying(findings: Findings) -> Check | None:
    """How many have been watched long enough to be able to leave."""
    if findings.stays.empty and findings.question.churn_after is None:
        return None
    watched = int(findings.stays.loc[findings.stays["segment"] == "all", "n"].max()) if len(findings.stays) else 0
    after, period = findings.question.churn_after, findings.question.period
    periods = f"a {period}" if after == 1 else f"{after} {period}s"
    return Check(
        "watched", watched > 0, "info" if watched else "warning",
        f"{count(watched)} of {count(findings.counts.started)} customers were watched long enough for {periods} "
        "without coming back to be seen; the others are not in the curve of staying.",
    )  # fmt: skip


def _history(question: Question, counts: Counts) -> Check | None:
    """Old customers look new where the log begins in the middle of their story: the first cohort swells."""
    sizes = counts.sizes.groupby("c")["so_far"].sum().sort_index()
    first_logged = question.number(question.first_event)
    if question.first_period is not None and question.first_period > first_logged:
        return Check("history_start", True, "info", "The log reaches back beyond the first cohort.")
    if len(sizes) < 3 or not question.once:
        return None
    usual = float(sizes.iloc[1:].median())
    swollen = sizes.iloc[0] > SWOLLEN * usual and sizes.iloc[0] >= SMALLEST
    told = f"The log begins on {date(question.local(question.first_event))}; the first cohort has "
    told += f"{_people(sizes.iloc[0])} customers, later ones usually {_people(usual)}."
    if swollen:
        told += " Old customers probably look new in it; start later with cohorts_from."
    else:
        told += " There is no sign that old customers look new."
    return Check("history_start", not swollen, "warning" if swollen else "info", told)


def _people(size: float) -> str:
    """A number of customers as it may be published."""
    return f"under {SMALLEST_GROUP}" if 0 < size < SMALLEST_GROUP else count(size)


def _small(cells: pd.DataFrame) -> Check:
    sizes = cells.drop_duplicates("group")["size"]
    small = int(((sizes > 0) & (sizes < SMALLEST)).sum())
    if not small:
        return Check("small_groups", True, "info", f"Every cohort has {SMALLEST} customers or more.")
    return Check(
        "small_groups", True, "info",
        f"{count(small)} of {count(len(sizes))} cohorts have fewer than {SMALLEST} customers; they count in the curve "
        "but are not drawn. A longer period makes larger cohorts.",
    )  # fmt: skip


def _partial(cells: pd.DataFrame, question: Question) -> Check:
    running = int((cells["state"] == "partial").sum())
    message = f"Every {question.period} that has begun has ended."
    if running:
        message = (
            f"{count(running)} cells are still running: customers whose {question.period} is not over count neither "
            "as back nor as gone, in no rate and no curve."
        )
    return Check("open_windows", True, "info", message)


def _varying(question: Question, counts: Counts) -> Check | None:
    names = [name for name in (question.cohort, question.segment) if name]
    if not names:
        return None
    listed = " and ".join(f"'{name}'" for name in names)
    if not counts.varying:
        return Check("segment_varies", True, "info", f"No customer changes in {listed}.")
    who = "customers" if question.once else "starts are of customers who"
    share = counts.varying / max(counts.started, 1)
    return Check(
        "segment_varies", share <= 0.05, "warning" if share > 0.05 else "info",
        f"{count(counts.varying)} of {count(counts.started)} {who} change in {listed}; each counts with the value at "
        "the first start event.",
    )  # fmt: skip


def _not_given(question: Question, counts: Counts) -> Check | None:
    parts = []
    for role in ("cohort", "segment"):
        name = getattr(question, role)
        missing = int(counts.sizes.loc[counts.sizes[role] == NOT_GIVEN, "so_far"].sum()) if name else 0
        if missing:
            parts.append(f"{count(missing)} customers have no '{name}' at their start; they form a group of their own.")
    return Check("missing_segment", True, "info", " ".join(parts)) if parts else None


def _left_out(question: Question, counts: Counts) -> Check | None:
    if not question.once or (question.start_event is None and question.first_period is None):
        return None
    out = counts.units - counts.started
    reasons = [f"never had '{question.start_event}'"] if question.start_event else []
    reasons += ["started before the first cohort"] if question.first_period is not None else []
    message = f"{count(out)} of {count(counts.units)} customers are not in any cohort: they {' or '.join(reasons)}."
    return Check("not_started", True, "info", message)
