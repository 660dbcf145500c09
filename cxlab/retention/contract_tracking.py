"""Is the model of contracts right? On renewals it has not seen, and through the calendar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cxlab.data.calendar import INSTANT
from cxlab.errors import ParameterError
from cxlab.retention.contract_estimates import ContractGroup
from cxlab.retention.renewals import FEWEST_LOST, PERIODS, Contracts
from cxlab.stats.contract_models import fit_contracts
from cxlab.stats.likelihood import two_sided
from cxlab.wording import count

__all__ = ["by_calendar", "track_contracts"]

_FEWEST_RENEWALS = 2


def track_contracts(whole: ContractGroup) -> pd.DataFrame:
    """Does a model fitted without the last renewals foretell who is held after each of them?

    Args:
        whole: all contracts.

    Returns:
        ahead (renewals after the cut), n (contracts held at the cut), actual, expected and its range, which holds
        parameters and chance; without a range where too little was seen before the cut.

    Raises:
        ParameterError: too few renewals are left before the cut.
    """
    given, contracts = whole.given, whole.contracts
    back = max(round(contracts.longest * given["holdout"]), 1)
    _refuse_late(contracts.longest, back, given)
    before, later = contracts.until(back)
    fit = fit_contracts(given["model"], before.rows_by_renewal())
    held = before.held
    at_cut = ContractGroup("before the cut", before, fit, given)
    known = before.losses >= FEWEST_LOST and not fit.found.flat
    return pd.DataFrame([_ahead(at_cut, later[held], ahead, known=known) for ahead in range(1, back + 1)])


def _refuse_late(longest: int, back: int, given: dict[str, Any]) -> None:
    if longest - back < _FEWEST_RENEWALS:
        most = (longest - _FEWEST_RENEWALS) / longest
        raise ParameterError(
            f"`holdout` is {given['holdout']:g}, which leaves {count(longest - back)} of {count(longest)} renewals to "
            f"fit the model on; expected {_FEWEST_RENEWALS} or more, that is up to {np.floor(100 * most) / 100:g}."
        )


def _ahead(at_cut: ContractGroup, later: Any, ahead: int, *, known: bool) -> dict[str, Any]:
    held = at_cut.contracts.part(at_cut.contracts.held)
    ages, fit = held.seen.astype(float), at_cut.fit
    assert fit is not None
    value, low, _ = at_cut.interval(lambda m: held.n @ (m.survival(ages + ahead) / m.survival(ages)))
    chance = fit.model.survival(ages + ahead) / fit.model.survival(ages)
    luck = two_sided(at_cut.given["confidence"]) * np.sqrt(held.n @ (chance * (1 - chance)))
    spread = np.hypot(value - low, luck) if known else np.nan
    came = held.n[(later == 0) | (later > held.seen + ahead)].sum()
    ends = max(float(value - spread), 0.0), min(float(value + spread), float(held.size))
    return {"ahead": ahead, "n": held.size, "actual": int(came), "expected": float(value), "ci_low": ends[0],
            "ci_high": ends[1]}  # fmt: skip


def by_calendar(whole: ContractGroup) -> pd.DataFrame:
    """How many contracts were lost in each period before the end of the log, and how many the model has there?

    Args:
        whole: all contracts.

    Returns:
        ago (periods before the end), until (its last day, where days are known), n (contracts that were up for
        renewal), lost and expected, the longest ago first.
    """
    contracts, fit = whole.contracts, whole.fit
    assert fit is not None
    chance = 1 - fit.model.retention(np.arange(1.0, contracts.longest + 1))
    n, lost, expected = (np.zeros(contracts.longest) for _ in range(3))
    for seen, gone, size in zip(contracts.seen, contracts.lost, contracts.n, strict=True):
        ages = np.arange(1, (gone or seen) + 1)
        np.add.at(n, seen - ages, size)
        np.add.at(expected, seen - ages, size * chance[ages - 1])
        if gone:
            lost[seen - gone] += size
    ago = np.arange(contracts.longest)
    frame = pd.DataFrame({"ago": ago, "until": _ends(contracts, ago, whole.given), "n": n.astype(int),
                          "lost": lost.astype(int), "expected": expected})  # fmt: skip
    return frame.iloc[::-1].reset_index(drop=True)


def _ends(contracts: Contracts, ago: Any, given: dict[str, Any]) -> list[str | None]:
    if contracts.end is None:
        return [None] * len(ago)
    months, days = PERIODS[given["period"]]
    steps = [pd.DateOffset(months=months * int(one), days=days * int(one)) for one in ago]
    return [(contracts.end - step - INSTANT).date().isoformat() for step in steps]
