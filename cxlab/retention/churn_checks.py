"""Can it be trusted who leaves sooner? Each check says what was found and what it does to the answer."""

from __future__ import annotations

import numpy as np

from cxlab.data import ALL, NOT_GIVEN
from cxlab.results import SMALLEST_DRAWN, Check
from cxlab.retention.churn_groups import WATCHED
from cxlab.retention.churn_words import Told, spell
from cxlab.wording import count, sentence_list

__all__ = ["CHECK_TITLES", "churn_checks"]

CHECK_TITLES = {
    "events_per_driver": "Enough who left", "proportional_hazards": "The same at all times", "follow_up": "Horizon",
    "known_at_start": "Known at the start", "repeated_units": "One row each", "left_out": "Not counted",
    "observe_until": "End of the table", "missing_reason": "Reasons", "missing_segment": "Groups",
    "small_groups": "Small groups",
}  # fmt: skip
_ENOUGH = 10


def churn_checks(told: Told) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?

    Args:
        told: everything there is.

    Returns:
        The checks.
    """
    found = [_until(told), _horizon(told), _small(told), _events(told), _proportional(told), _known(told),
             _repeated(told), _left_out(told), _reasons(told), _not_given(told)]  # fmt: skip
    return tuple(check for check in found if check is not None)


def _check(name: str, message: str, *, passed: bool) -> Check:
    return Check(name, passed, "info" if passed else "warning", message)


def _until(told: Told) -> Check:
    ends = "the last day in it; if it goes further, say so in observe_until" if told.churn.assumed else "as stated"
    later = told.churn.facts["later_ends"]
    more = f" Customers who end later and count as still here: {count(later)}." if later else ""
    return _check("observe_until", f"The table is taken as complete until {told.churn.until}, {ends}.{more}",
                  passed=True)  # fmt: skip


def _horizon(told: Told) -> Check:
    rows = told.tables["groups"]
    large = rows[(rows["group"] != ALL) & (rows["n"] >= SMALLEST_DRAWN)] if told.given["group"] else rows
    thin = large[large["watched"] < WATCHED]
    how = "a year, or as long as ten of every larger group were watched" if told.found.assumed else "as given"
    message = f"Time counts up to {spell(told.found.periods, told.given)}, {how}."
    if thin.empty:
        return _check("follow_up", message, passed=True)
    few = sentence_list([f"“{name}”" for name in thin["group"][:4]])
    return _check(
        "follow_up", f"{message} Fewer than {WATCHED} of {few} were still watched then, so that shares and means hang "
        "on few; a shorter horizon is safer.", passed=False,
    )  # fmt: skip


def _small(told: Told) -> Check | None:
    if told.hazards is not None:
        rows, what = told.table, "levels of drivers"
    elif told.given["group"]:
        rows, what = told.tables["groups"][told.tables["groups"]["group"] != ALL], "groups"
    else:
        return None
    small = int((rows["n"] < SMALLEST_DRAWN).sum())
    if not small:
        return _check("small_groups", f"All {what} have {SMALLEST_DRAWN} customers or more.", passed=True)
    return _check(
        "small_groups", f"{count(small)} of {count(len(rows))} {what} have fewer than {SMALLEST_DRAWN} customers; "
        "their intervals are wide, and curves are not drawn.", passed=True,
    )  # fmt: skip


def _events(told: Told) -> Check | None:
    if told.hazards is None:
        return None
    fit = told.hazards.fit
    each = fit.events / len(fit.names)
    message = f"{count(fit.events)} customers left, {each:.0f} for each of {count(len(fit.names))} hazard ratios."
    if each >= _ENOUGH:
        return _check("events_per_driver", message, passed=True)
    return _check(
        "events_per_driver", f"{message} With fewer than {_ENOUGH} for each, ratios tend to come out too far from 1; "
        "ask about fewer drivers, or put levels together.", passed=False,
    )  # fmt: skip


def _proportional(told: Told) -> Check | None:
    if told.hazards is None:
        return None
    changing = told.hazards.changing
    if not changing:
        return _check("proportional_hazards", "No sign that a hazard ratio changes over time.", passed=True)
    listed = sentence_list([f"“{name}”" for name in changing])
    return _check(
        "proportional_hazards", f"The hazard ratio of {listed} is not the same at all times, so that one number is "
        "only its average. The table of early and late ratios shows both; group= compares mean times without this "
        "assumption.", passed=False,
    )  # fmt: skip


def _known(told: Told) -> Check | None:
    if told.hazards is None and not told.given["group"]:
        return None
    return _check(
        "known_at_start", "Groups and drivers must be what was known when a customer began. What comes about later, "
        "such as a number of complaints, grows with the time a customer stays and looks as if it kept customers.",
        passed=True,
    )  # fmt: skip


def _repeated(told: Told) -> Check | None:
    again = told.churn.facts["repeated"]
    if not again:
        return None
    robust = " Hazard ratios allow for it." if told.churn.whose is not None else ""
    return _check(
        "repeated_units", f"{count(again)} rows are of customers who have another row; curves and their tests take "
        f"each row as a customer of its own.{robust}", passed=False,
    )  # fmt: skip


def _left_out(told: Told) -> Check | None:
    out = told.churn.facts["left_out"]
    if not out:
        return None
    return _check(
        "left_out", f"Customers who start after the table's end and are not counted: {count(out)}.", passed=True
    )


def _reasons(told: Told) -> Check | None:
    if not told.given["reason"]:
        return None
    churn = told.churn
    place = churn.reasons.index(NOT_GIVEN) + 1 if NOT_GIVEN in churn.reasons else -1
    missing, left = churn.n[churn.reason == place].sum(), churn.n[churn.reason > 0].sum()
    message = f"{count(missing)} of {count(left)} customers who left have no reason"
    if missing <= 0.2 * left:
        return _check("missing_reason", f"{message}; these count as a reason of their own.", passed=True)
    return _check(
        "missing_reason", f"{message}; these count as a reason of their own, and every other reason is told too low.",
        passed=False,
    )  # fmt: skip


def _not_given(told: Told) -> Check | None:
    group = told.churn.group
    missing = 0.0 if group is None else float(told.churn.n[np.asarray(group == NOT_GIVEN)].sum())
    if not missing:
        return None
    message = f"Customers without '{told.given['group']}': {count(missing)}; they form a group of their own."
    return _check("missing_segment", message, passed=True)
