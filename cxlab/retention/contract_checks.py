"""Can numbers of contracts be trusted? Each check says what was found and what it does to the answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cxlab.results import Check
from cxlab.retention.amounts import money
from cxlab.retention.contract_estimates import ContractGroup
from cxlab.retention.contract_words import holds, spell, tested_contracts
from cxlab.retention.renewals import FEWEST, FEWEST_LOST, Contracts
from cxlab.stats.contract_models import fit_contracts, groups_differ_p, same_hazard_p
from cxlab.wording import count, date, p_text, sentence_list, share

__all__ = ["TITLES", "contract_checks"]

TITLES = {
    "flat_likelihood": "What the data determine", "holdout": "The test", "same_hazard": "Chance to be lost",
    "calendar": "Losses through the calendar", "history_start": "Contracts lost long ago",
    "amount_and_loss": "Amount and loss", "groups": "Groups", "several_contracts": "Customers with several contracts",
    "zero_amounts": "Contracts at 0", "young_contracts": "Too young to tell",
}  # fmt: skip
_BEYOND, _FAR, _FEWEST_EXPECTED, _MISSING = 4.0, 0.25, 10.0, 10.0
_ODD, _DIFFERS = 0.01, 0.10


def contract_checks(groups: list[ContractGroup], tracking: pd.DataFrame, calendar: pd.DataFrame) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?

    Args:
        groups: all contracts, and segments.
        tracking: the test.
        calendar: losses by period.

    Returns:
        The checks, those about the whole result first.
    """
    whole = groups[0]
    return (
        _flat(whole), _holdout(whole, tracking), _hazard(whole), *_calendar(whole, calendar),
        *_history(whole, calendar), *_amounts(groups), *_groups(groups), *_several(whole), _until(whole),
        *_young(whole),
    )  # fmt: skip


def _check(name: str, message: str, *, passed: bool) -> Check:
    return Check(name, passed, "info" if passed else "warning", message)


def _flat(whole: ContractGroup) -> Check:
    assert whole.fit is not None
    if not whole.fit.found.flat:
        return _check("flat_likelihood", "The data determine every parameter of the model.", passed=True)
    message = (
        "The likelihood is flat: very different parameters fit about equally well, so that nothing has an interval and "
        "no value is shown. A longer log, more contracts or model='sbg' would tell."
    )
    return Check("flat_likelihood", False, "failure", message)


def _holdout(whole: ContractGroup, tracking: pd.DataFrame) -> Check:
    told, last = tested_contracts(tracking, whole.given), tracking.iloc[-1]
    found = holds(tracking)
    if found is None:
        return _check("holdout", f"{told}: bring a longer log, or choose a smaller `holdout`.", passed=False)
    range_told = f"{told} ({count(last['ci_low'])} to {count(last['ci_high'])} of {count(last['n'])} were possible)."
    if found:
        return _check("holdout", range_told, passed=True)
    return _check(
        "holdout", f"{range_told} Something changed, or the model is wrong: what lies ahead is in doubt.", passed=False
    )


def _hazard(whole: ContractGroup) -> Check:
    """Does each customer's own chance to be lost change with the contract's age?"""
    fit = whole.fit
    assert fit is not None
    other = fit_contracts("bdw" if fit.model.name == "sbg" else "sbg", fit.rows)
    sbg, bdw = (fit, other) if fit.model.name == "sbg" else (other, fit)
    p_value = same_hazard_p(sbg, bdw)
    told = f"That each customer's chance to be lost stays the same fits with p {p_text(p_value)} (likelihood ratio)"
    if p_value >= _ODD or fit.model.name == "bdw":
        return _check("same_hazard", f"{told}.", passed=True)
    way = "rises" if bdw.found.values[2] > 1 else "falls"
    return _check("same_hazard", f"{told}: it {way} with the contract's age. Ask with model='bdw'.", passed=False)


def _calendar(whole: ContractGroup, calendar: pd.DataFrame) -> Iterator[Check]:
    """A price rise or an outage takes contracts of all ages in the same period; no model of ages knows it."""
    rows = calendar[calendar["expected"] >= _FEWEST_EXPECTED]
    if whole.contracts.end is None or len(rows) < 3:
        return
    beyond = (rows["lost"] - rows["expected"]).abs() / np.sqrt(rows["expected"])
    ratio = rows["lost"] / rows["expected"]
    odd = rows[(beyond > _BEYOND) & ((ratio - 1).abs() > _FAR)]
    period = whole.given["period"]
    if odd.empty:
        yield _check("calendar", f"In no {period} were far more or fewer contracts lost than expected.", passed=True)
        return
    worst = odd.loc[beyond[odd.index].idxmax()]
    yield _check(
        "calendar",
        f"In {count(len(odd))} of {spell(len(rows), whole.given)} losses were far from what the model has, most in "
        f"that until {date(worst['until'])}: {count(worst['lost'])} lost, {count(worst['expected'])} expected. If "
        "something happened then that will not happen again, leave contracts that met it out.", passed=False,
    )  # fmt: skip


def _history(whole: ContractGroup, calendar: pd.DataFrame) -> Iterator[Check]:
    """Where only contracts that lived to see the log stand in it, those lost before are missing, and all look loyal."""
    if whole.contracts.end is None:
        return
    before = (calendar["lost"] > 0).cumsum() == 0
    missing = float(calendar.loc[before, "expected"].sum())
    if missing <= _MISSING:
        yield _check("history_start", "Losses are seen from the first contracts on.", passed=True)
        return
    first = date(calendar.loc[~before, "until"].iloc[0])
    yield _check(
        "history_start",
        f"Nothing was lost in the {spell(int(before.sum()), whole.given)} before the one until {first}, where about "
        f"{count(missing)} losses were to be expected. Contracts lost before probably are not in the table, so that "
        "all others look more loyal than they are: leave out what started earlier.", passed=False,
    )  # fmt: skip


def _amounts(groups: list[ContractGroup]) -> Iterator[Check]:
    """A value is a length times an amount: the two must not go together."""
    own, given = groups[0].contracts, groups[0].given
    if not given["amount"]:
        return
    held, lost = own.mean_amount(own.held)[0], own.mean_amount(~own.held)[0]
    told = (
        f"Contracts held pay {money(held, given['measured_in'])} on average, lost ones paid "
        f"{money(lost, given['measured_in'])}"
    )
    apart = _apart(own)
    within = apart and len(groups) > 2 and not any(_apart(group.contracts) for group in groups[1:])
    if within:
        told += "; within groups they pay alike, so trust the groups' values more than those of all together"
    elif apart:
        told += "; the model takes length and amount for independent, so that values of new contracts are too "
        told += f"{'low' if held > lost else 'high'}. Ask groups by themselves, such as price plans, with `segment`"
    yield _check("amount_and_loss", f"{told}.", passed=within or not apart)
    if own.free:
        message = f"{count(own.free)} of {count(own.rows)} contracts have an amount of 0; they lower the values."
        yield _check("zero_amounts", message, passed=own.free <= 0.01 * own.rows)


def _apart(own: Contracts) -> bool:
    """Do contracts held pay clearly more or less than those lost paid?"""
    (held, held_error), (lost, lost_error) = own.mean_amount(own.held), own.mean_amount(~own.held)
    return bool(abs(held - lost) > max(3 * float(np.hypot(held_error, lost_error)), _DIFFERS * lost))


def _groups(groups: list[ContractGroup]) -> Iterator[Check]:
    parts = groups[1:]
    small = [group.name for group in parts if group.fit is None]
    if small:
        yield _check(
            "small_groups",
            f"{sentence_list(small[:6])} {'has' if len(small) == 1 else 'have'} fewer than {FEWEST} contracts or "
            f"{FEWEST_LOST} losses, too few for a model of their own.", passed=True,
        )  # fmt: skip
    if len(parts) < 2 or small:
        return
    p_value = groups_differ_p(groups[0].fit, [group.fit for group in parts])  # type: ignore[arg-type,misc]
    differ = p_value < _ODD
    told = f"{'Groups differ' if differ else 'That all groups are lost alike fits'}"
    why = " in how long their contracts last; the row for all mixes them, as they were" if differ else ""
    yield _check("groups", f"{told}{why} (p {p_text(p_value)}, likelihood ratio).", passed=True)


def _several(whole: ContractGroup) -> Iterator[Check]:
    own = whole.contracts
    if not own.shared:
        return
    part = own.shared / own.rows
    yield _check(
        "several_contracts",
        f"{count(own.shared)} of {count(own.rows)} contracts are a further one of the same '{whole.given['unit']}'; "
        "each counts by itself, so that intervals are a little too narrow where one customer's contracts end together.",
        passed=part <= 0.2,
    )  # fmt: skip


def _until(whole: ContractGroup) -> Check:
    own = whole.contracts
    ends = ", its last start or end; if it goes further, say so in observe_until." if own.assumed else ", as stated."
    return _check("observe_until", f"The log is taken as complete until {own.told}{ends}", passed=True)


def _young(whole: ContractGroup) -> Iterator[Check]:
    own = whole.contracts
    if own.young:
        message = (
            f"{count(own.young)} of {count(own.rows)} contracts began too late for a renewal and are left out "
            f"({share(own.young / own.rows, 0)})."
        )
        yield _check("young_contracts", message, passed=True)
