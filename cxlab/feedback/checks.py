"""Can the scores be trusted? Each check says what was found and what it does to the answer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxlab.errors import DataError
from cxlab.feedback.groups import Group, Groups
from cxlab.feedback.instruments import Instrument
from cxlab.feedback.responses import NOT_GIVEN, Responses
from cxlab.results import SMALLEST_DRAWN, Check
from cxlab.wording import count, date, number, sentence_list, share

__all__ = ["refuse_foreign_scale", "score_checks"]

_FOREIGN, _BIASED, _GROUPLESS, _ENOUGH = 0.2, 0.2, 0.05, 30


def refuse_foreign_scale(instrument: Instrument, counts: pd.DataFrame) -> None:
    """Are these answers on another scale? Then no score is made of the few that happen to fit.

    Args:
        instrument: the instrument.
        counts: the engine's counts.

    Raises:
        DataError: more than a fifth of the answers given are outside the scale or not whole.
    """
    given = counts[counts["state"] != "missing"]
    invalid, total = given.loc[given["state"] == "invalid", "rows"].sum(), given["rows"].sum()
    if invalid <= _FOREIGN * total:
        return
    low, high = given["least"].min(), given["most"].max()
    raise DataError(
        f"{count(invalid)} of {count(total)} answers are not whole numbers from {instrument.scale}: all lie between "
        f"{_code(low)} and {_code(high)}. This looks like another question or another column. "
        f"{_hint(instrument, low, high)}"
    )


def _hint(instrument: Instrument, low: float, high: float) -> str:
    """What to do about answers between these two; which question was asked, only their owner knows."""
    fits = {
        "kind='nps' for “would you recommend us?”": instrument.kind != "nps" and low >= 0 and 7 < high <= 10,
        "kind='ces2' for ease": instrument.kind != "ces2" and low >= 1 and 5 < high <= 7,
        f"kind='csat' and scale='1-{high:.0f}' for satisfaction": low >= 1 and instrument.high < high <= 11,
    }
    listed = [words for words, fit in fits.items() if fit]
    return f"Name {'the column of the answers in score' if not listed else ', or '.join(listed)}."


def score_checks(
    responses: Responses, counts: pd.DataFrame, groups: Groups, shown: pd.DataFrame, last: str | None
) -> tuple[Check, ...]:
    """What should a reader know before trusting the scores?

    Args:
        responses: the question.
        counts: the engine's counts.
        groups: the groups.
        shown: the score table with small groups hidden.
        last: the last moment in the data, ISO text.

    Returns:
        The checks.
    """
    found = [
        _codes(responses, counts), _invalid(responses.instrument, counts), _missing(counts),
        _scale_used(responses.instrument, groups), _customers(responses, groups), _small(groups.every, shown),
        _segment(responses, counts), _running(responses, groups, last),
    ]  # fmt: skip
    return tuple(check for check in found if check is not None)


def _rows(counts: pd.DataFrame, state: str) -> int:
    return int(counts.loc[counts["state"] == state, "rows"].sum())


def _codes(responses: Responses, counts: pd.DataFrame) -> Check:
    found = counts[counts["state"] == "code"].groupby("answer")["rows"].sum()
    if found.empty:
        return Check("sentinel_codes", True, "info", "No code for “no answer”, such as 99, stands among the answers.")
    listed = sentence_list([f"{_code(code)} ({count(rows)} times)" for code, rows in found.items()])
    one = responses.instrument
    inside = [_code(code) for code in found.index if one.low <= code <= one.high]
    more = f" But {sentence_list(inside)} can be a real answer on {one.scale}." if inside else ""
    return Check(
        "sentinel_codes", False, "warning",
        f"Codes for “no answer” were left out and count as missing: {listed}.{more} As answers they would be wrong.",
    )  # fmt: skip


def _code(code: Any) -> str:
    return number(code, 0 if float(code).is_integer() else 2)


def _invalid(instrument: Instrument, counts: pd.DataFrame) -> Check:
    rows = _rows(counts, "invalid")
    if not rows:
        return Check("invalid_answers", True, "info", f"Every answer is a whole number from {instrument.scale}.")
    bad = counts[counts["state"] == "invalid"]
    return Check(
        "invalid_answers", False, "warning",
        f"{count(rows)} answers are not whole numbers from {instrument.scale} (between {number(bad['least'].min())} "
        f"and {number(bad['most'].max())}); they were left out and counted apart.",
    )  # fmt: skip


def _missing(counts: pd.DataFrame) -> Check:
    rows, total = _rows(counts, "missing") + _rows(counts, "code"), int(counts["rows"].sum())
    told = f"{count(rows)} of {count(total)} rows ({share(rows / total)}) have no answer."
    if rows <= _BIASED * total:
        return Check("missing_answers", True, "info", told)
    more = " The score speaks for those who answered; the others may think differently."
    return Check("missing_answers", False, "warning", told + more)


def _scale_used(instrument: Instrument, groups: Groups) -> Check | None:
    """Answers of a shorter scale fit into a longer one and give a wrong score without any error."""
    total = np.sum([group.counts for group in groups.every], axis=0)
    if total.sum() < _ENOUGH:
        return None
    used = instrument.answers[total > 0]
    ends = (
        used.max() >= instrument.high - 1 - (instrument.kind == "nps"),
        used.min() <= (instrument.low + instrument.high) / 2,
    )
    told = f"Answers from {used.min():g} to {used.max():g} were given on the scale from {instrument.scale}."
    if all(ends):
        return Check("scale_used", True, "info", told)
    return Check("scale_used", False, "warning", told + " Make sure that the question was not asked on another scale.")


def _customers(responses: Responses, groups: Groups) -> Check | None:
    whole = [group for group in groups.every if group.segment == "all"]
    if responses.unit is None:
        message = "Every answer counts as another customer's. Name the customers in unit if somebody may answer twice."
        return Check("repeated_customers", True, "info", message)
    answers, people = sum(group.n for group in whole), sum(group.respondents for group in whole)
    nameless = responses.nameless()
    extra = f" {count(nameless)} answers bear no customer and count singly." if nameless else ""
    if answers == people:
        where = " in any wave" if responses.wave else ""
        return Check("repeated_customers", True, "info", f"Nobody answered twice{where}.{extra}")
    return Check(
        "repeated_customers", True, "info",
        f"{count(answers)} answers came from {count(people)} customers{' wave by wave' if responses.wave else ''}; a "
        f"customer's answers are taken together, so the intervals are right.{extra}",
    )  # fmt: skip


def _small(groups: Sequence[Group], shown: pd.DataFrame) -> Check:
    few = sum(group.respondents < SMALLEST_DRAWN for group in groups)
    hidden = int(shown["n"].isna().sum())
    if not few:
        return Check("small_groups", True, "info", f"Every group has {SMALLEST_DRAWN} customers or more.")
    told = f"Fewer than {SMALLEST_DRAWN} customers, so not drawn: {count(few)} of {count(len(groups))} groups."
    if hidden:
        told += f" The numbers of {count(hidden)} are hidden outside Python, so that nobody can be recognised."
    return Check("small_groups", True, "info", told)


def _segment(responses: Responses, counts: pd.DataFrame) -> Check | None:
    rows = int(counts.loc[counts["segment"] == NOT_GIVEN, "rows"].sum())
    if responses.segment is None or not rows:
        return None
    few = rows <= _GROUPLESS * int(counts["rows"].sum())
    told = f"{count(rows)} rows have no '{responses.segment}'; they form a group of their own and are not compared."
    return Check("missing_segment", few, "info" if few else "warning", told)


def _running(responses: Responses, groups: Groups, last: str | None) -> Check | None:
    """Is the last period's end not in the data yet?"""
    if not responses.periodic or last is None:
        return None
    told = f"The last answer is from {date(last)}"
    if groups.told == groups.waves[-1] and len(groups.waves) > 1:
        return Check("partial_wave", True, "info", f"{told}; the last {responses.wave} is over.")
    if len(groups.waves) == 1:
        return Check("partial_wave", False, "warning", f"{told}: the only {responses.wave} may not be over yet.")
    more = f"The result is told for {groups.names[groups.told]}, the last one that is over."
    return Check("partial_wave", True, "info", f"{told}: the last {responses.wave} may not be over yet. {more}")
