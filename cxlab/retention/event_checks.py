"""Can the effect of an event be trusted? Each check says what was found and what it does to the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxlab.results import Check
from cxlab.retention.event_words import STRICT, adjusted, days_since, reading, told_ratio
from cxlab.stats.proportional_hazards import proportional_hazards
from cxlab.wording import count, number, p_text, sentence_list, share

if TYPE_CHECKING:
    from cxlab.retention.event_estimates import EventEstimates
    from cxlab.retention.spells import Spells

__all__ = ["TITLES", "event_checks"]

TITLES = {
    "confounding": "Not the cause alone", "immortal_time": "Ever against never", "few_events": "How many left",
    "leaving_contact": "Part of leaving", "landmarks": "Other ways to ask", "since_event": "Days since it",
    "proportional_hazards": "Age of customers", "before_start": "Before the start", "repeated_units": "Several stays",
    "same_day": "Left at once", "not_started": "Left out",
}  # fmt: skip
_FEW, _PER_COEFFICIENT = 20, 10
_AT_ONCE, _SWOLLEN = 1.0, 3.0


def event_checks(spells: Spells, found: EventEstimates, given: dict[str, Any]) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?

    Args:
        spells: the customers.
        found: the estimates.
        given: the arguments by name.

    Returns:
        The checks.
    """
    row = found.table.iloc[0]
    return (
        _confounding(given), _immortal(row, found, given), _few(row, found), _leaving(found, given),
        *_landmarks(found.table, given), *_since(found), _proportional(found), *_before(spells, given),
        *_repeats(spells), *_at_once(spells), _until(spells),
    )  # fmt: skip


def _check(name: str, message: str, *, passed: bool) -> Check:
    return Check(name, passed, "info" if passed else "warning", message)


def _confounding(given: dict[str, Any]) -> Check:
    told = f"{_capital(given['label'])} was not given by lot: what brings it about may also make customers leave."
    if not given["covariates"]:
        more = "Nothing is held constant; name in `covariates` what was known at the start, such as plan or usage."
        return _check("confounding", f"{told} {more}", passed=False)
    return _check("confounding", f"{told} Held constant: {adjusted(given, before='')}; the rest is not.", passed=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _immortal(row: pd.Series, found: EventEstimates, given: dict[str, Any]) -> Check:
    """What the tempting split would have said, on these data."""
    told = found.immortal.iloc[0]
    wrong = float(told["wrong_estimate"])
    message = (
        f"A split by who ever had {given['label']} would have said {number(wrong)} instead of "
        f"{number(row['estimate'])}. That is immortal time: whoever had it stayed until then, and "
        f"{share(told['share_before_it'], 0)} of the days which that split counts as theirs lie before it."
    )
    return _check("immortal_time", message, passed=bool(row["ci_low"] <= wrong <= row["ci_high"]))


def _few(row: pd.Series, found: EventEstimates) -> Check:
    after, coefficients = int(row["exposed_events"]), len(found.fit.names)
    rest = int(row["events"]) - after
    told = f"{count(row['events'])} of {count(row['n'])} customers left, {count(after)} of them after the event."
    if min(after, rest) < _FEW:
        return _check("few_events", f"{told} Fewer than {_FEW} on one side: the interval is rough.", passed=False)
    if row["events"] < _PER_COEFFICIENT * coefficients:
        more = f"That is few for {count(coefficients)} columns; hold less constant."
        return _check("few_events", f"{told} {more}", passed=False)
    return _check("few_events", told, passed=True)


def _leaving(found: EventEstimates, given: dict[str, Any]) -> Check:
    """Somebody who calls to cancel has the event because of leaving."""
    rows = found.rows
    after = rows.exposed
    fresh = after & rows.happened & (rows.stop - rows.start <= _AT_ONCE)
    first, later = int(fresh.sum()), int((after & rows.happened).sum() - fresh.sum())
    length = (rows.stop - rows.start)[after]
    days = float(np.minimum(length, _AT_ONCE).sum()), float(np.maximum(length - _AT_ONCE, 0).sum())
    told = f"{count(first)} of {count(first + later)} who left after {given['label']} left within a day of it"
    usual = later / days[1] * days[0] if days[1] > 0 else first
    if first < 5 or first <= _SWOLLEN * usual:
        return _check("leaving_contact", f"{told}, about as many as on other days.", passed=True)
    more = f"; on other days after it {number(usual, 1)} would have."
    advice = " It may be part of leaving, such as a call to cancel; leave such events empty."
    return _check("leaving_contact", told + more + advice, passed=False)


def _landmarks(table: pd.DataFrame, given: dict[str, Any]) -> list[Check]:
    marks = table[table["method"] == "landmark"]
    missing = [count(day) for day in given["landmarks"] if day not in set(marks["landmark"])]
    none = f"Too few left for day {sentence_list(missing)}." if missing else ""
    if marks.empty:
        return [_check("landmarks", none, passed=True)]
    listed = sentence_list([f"day {count(row['landmark'])}: {told_ratio(row)}" for _, row in marks.iterrows()])
    answers = {reading(row) for _, row in pd.concat([table.head(1), marks]).iterrows()} - {"Undecided"}
    told = f"By who had had {given['label']} by a day, among those still here: {listed}. {none}".rstrip()
    if len(answers) > 1:
        return [_check("landmarks", f"{told} The ways to ask contradict each other.", passed=False)]
    return [_check("landmarks", f"{told} Nothing contradicts the answer.", passed=True)]


def _since(found: EventEstimates) -> list[Check]:
    rows = found.since.dropna(subset=["estimate"])
    if not np.isfinite(found.moves) or len(rows) < 2:
        return []
    first, last = rows.iloc[0], rows.iloc[-1]
    told = (
        f"Ratio by days since the event: {told_ratio(first)} on days {days_since(first)}, {told_ratio(last)} on days "
        f"{days_since(last)}"
    )
    if found.moves < STRICT:
        more = f"; more apart than chance explains (p {p_text(found.moves)}). The one ratio is an average over them."
        return [_check("since_event", told + more, passed=False)]
    return [_check("since_event", f"{told}; chance explains the difference (p {p_text(found.moves)}).", passed=True)]


def _proportional(found: EventEstimates) -> Check:
    """Is the ratio the same for new customers and for old ones?"""
    test = proportional_hazards(found.fit)[0]
    told = "whether the ratio is the same for new customers as for old ones (proportional hazards)"
    if test.p_value < STRICT:
        more = "it is not, so that the one ratio is an average over ages"
        return _check("proportional_hazards", f"Tested {told}: {more} (p {p_text(test.p_value)}).", passed=False)
    return _check("proportional_hazards", f"Tested {told}: nothing speaks against it (p {p_text(test.p_value)}).",
                  passed=True)  # fmt: skip


def _before(spells: Spells, given: dict[str, Any]) -> list[Check]:
    early = int((spells.waited < 0).sum())
    if not early:
        return []
    told = (
        f"{count(early)} customers had {given['label']} before they started; they count with it from their first day."
    )
    return [_check("before_start", told, passed=True)]


def _repeats(spells: Spells) -> list[Check]:
    if not spells.repeats:
        return []
    told = (
        f"{count(len(spells.unit))} stays are of {count(spells.customers)} customers; each stay's time counts from its "
        "own start, and intervals allow for stays of one customer being alike."
    )
    return [_check("repeated_units", told, passed=True)]


def _at_once(spells: Spells) -> list[Check]:
    if not spells.at_once:
        return []
    few = spells.at_once <= 0.05 * (len(spells.unit) + spells.at_once)
    told = f"{count(spells.at_once)} customers were here for no time at all; they are left out."
    more = "" if few else " That is many; give times instead of days."
    return [_check("same_day", told + more, passed=few)]


def _until(spells: Spells) -> Check:
    ends = "the last moment in the data; if it goes further, say so in observe_until" if spells.assumed else "as stated"
    later = f" {count(spells.not_seen)} customers who started later are left out." if spells.not_seen else ""
    return _check("observe_until", f"Ends and events are taken as known until {spells.until}, {ends}.{later}",
                  passed=True)  # fmt: skip
