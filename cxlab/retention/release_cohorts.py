"""Cohorts before and after a release: how many of each came back at one age, counted as cohort retention counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL, NOT_GIVEN, Table
from cxlab.data.calendar import INSTANT, parse_instant, period_name
from cxlab.errors import DataError, ParameterError
from cxlab.results import Check
from cxlab.retention.cells import Counts, cells
from cxlab.retention.checks import log_checks
from cxlab.retention.masks import count_returns
from cxlab.retention.question import Question, ask
from cxlab.wording import count, sentence_list

__all__ = ["ENOUGH", "FEWEST_COHORTS", "Affects", "Cohorts", "read_cohorts"]

Affects = Literal["newcomers", "everybody"]
FEWEST_COHORTS, ENOUGH = 3, 8


@dataclass(frozen=True, kw_only=True)
class Cohorts:
    """One row per group and cohort in `rows`; `at` counts periods since the first one after the release."""

    rows: pd.DataFrame = field(repr=False)
    question: Question = field(repr=False)
    affected: str
    control: str | None
    mixed: str
    first_after: str
    checks: tuple[Check, ...] = field(repr=False)

    def of(self, group: str | None = None) -> pd.DataFrame:
        """One group's cohorts, in order; the affected one's if not given."""
        return self.rows[self.rows["group"] == (group or self.affected)].reset_index(drop=True)

    def pairs(self) -> pd.DataFrame:
        """Both groups' rows of the cohorts that both have."""
        both = self.rows.groupby("at")["group"].transform("nunique") == 2
        return self.rows[both].sort_values(["at", "group"]).reset_index(drop=True)


def read_cohorts(table: Table, given: dict[str, Any]) -> Cohorts:
    """How many of each cohort came back, before and after the release?

    Args:
        table: one row per event.
        given: the arguments by name.

    Returns:
        The cohorts whose cell at that age was seen whole; the one that the release cuts in two is left out.

    Raises:
        ParameterError: the release, the age or the group compared with is not usable.
        DataError: fewer than three cohorts on one side of the release.
    """
    question = ask(table, _asked(given))
    frame = count_returns(question)
    counts = Counts(frame)
    control, affected = _groups(counts, given)
    release = parse_instant(given["release"], argument="release", tz=table.tz)
    begins, cut = _first_after(question, release)
    named = {ALL: frame} if control is None else {name: frame[frame["segment"] == name] for name in (affected, control)}
    parts = [_cohorts(Counts(part), question, name, given, begins, cut) for name, part in named.items()]
    found = Cohorts(
        rows=pd.concat(parts, ignore_index=True), question=question, affected=affected, control=control,
        mixed=_named(question, begins - 1) if cut else "", first_after=_named(question, begins),
        checks=_kept_checks(question, counts),
    )  # fmt: skip
    _refuse_few(found, given)
    return found


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    """The same question as cohort retention would be asked."""
    if not isinstance(given["age"], int) or isinstance(given["age"], bool) or given["age"] < 1:
        raise ParameterError(f"`age` is {given['age']!r}; expected a whole number of periods from 1 up.")
    unset = dict.fromkeys(("cohort", "like", "clock", "brackets", "start_where", "return_where", "churn_after"))
    fixed = {"measure": "on", "anchor": "first_matching", "minimum": 1, "segment": given["comparison"]}
    return {**given, **unset, **fixed, "horizon": given["age"], "trend_age": given["age"]}


def _groups(counts: Counts, given: dict[str, Any]) -> tuple[str | None, str]:
    """The group compared with, and the one that got the release."""
    if given["comparison"] is None:
        if given["compared_with"] is not None:
            raise ParameterError(
                "`compared_with` names a group; name its column in `comparison` too, or leave both out."
            )
        return None, ALL
    names = sorted(set(counts.sizes["segment"]) - {NOT_GIVEN})
    listed = sentence_list([repr(name) for name in names[:8]])
    if len(names) != 2:
        raise ParameterError(
            f"`comparison` is {given['comparison']!r}, which has {count(len(names))} groups ({listed}); expected two, "
            "one with the release and one without."
        )
    if given["compared_with"] not in names:
        raise ParameterError(
            f"`compared_with` is {given['compared_with']!r}; expected the group without the release: {listed}."
        )
    return given["compared_with"], next(name for name in names if name != given["compared_with"])


def _first_after(question: Question, release: pd.Timestamp) -> tuple[int, bool]:
    """The first period that lies wholly after the release, and whether the release cuts the one before in two."""
    inside = question.number(release)
    cut = question.number(release - INSTANT) == inside
    return inside + int(cut), cut


def _cohorts(
    counts: Counts, question: Question, group: str, given: dict[str, Any], begins: int, cut: bool
) -> pd.DataFrame:
    """What of a group's cells lies at that age; for what reaches everybody the period of coming back counts."""
    every = cells(counts, question, "c")
    rows = every[(every["age"] == given["age"]) & (every["state"] == "complete") & (every["n"] > 0)]
    shift = given["age"] if given["affects"] == "everybody" else 0
    at = rows["group"].astype(int) + shift - begins
    kept = rows.assign(at=at, c=rows["group"].astype(int), group=group, returned=rows["returned"].astype(int))
    if cut:
        kept = kept[kept["at"] != -1]
    names = [_named(question, c) for c in kept["c"]]
    columns = ["group", "at", "c", "name", "n", "returned", "rate", "ci_low", "ci_high"]
    return kept.assign(name=names)[columns].reset_index(drop=True)


def _named(question: Question, number: int) -> str:
    return period_name(number, question.period, tz=question.table.tz, week_start=question.week_start)


def _kept_checks(question: Question, counts: Counts) -> tuple[Check, ...]:
    return tuple(check for check in log_checks(question, counts) if check is not None)


def _refuse_few(found: Cohorts, given: dict[str, Any]) -> None:
    at: NDArray[np.int64] = (found.of() if found.control is None else found.pairs())["at"].unique()
    before, after = int((at < 0).sum()), int((at >= 0).sum())
    if min(before, after) < FEWEST_COHORTS:
        raise DataError(
            f"{count(before)} cohorts before the release and {count(after)} after it were seen whole at age "
            f"{given['age']}; expected {FEWEST_COHORTS} or more on each side, better {ENOUGH}. Choose a shorter "
            "`period`, a younger `age`, or wait."
        )
