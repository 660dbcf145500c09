"""What contracts are worth, in words, and whether that can be trusted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxlab.results import Check
from cxlab.retention.amounts import money, rounded
from cxlab.retention.renewals import Contracts
from cxlab.stats.contract_models import ContractFit, fit_contracts, same_hazard_p
from cxlab.wording import count, p_text, share

__all__ = ["contract_checks", "contract_definitions", "contract_headline", "tested_contracts"]


def contract_headline(groups: pd.DataFrame, frames: dict[str, pd.DataFrame], given: dict[str, Any]) -> str:
    """How many are held, how many will be, what a new one is worth, and whether the model has been right."""
    row, (ahead, new) = groups.iloc[0], frames["totals"].to_dict("records")
    later = f"of {count(row['held'])} contracts held, about {count(rounded(ahead['estimate']))} will be after"
    later = f"{later} {count(given['horizon'])} more renewals"
    if pd.isna(new["ci_low"]):
        return f"O{later[1:]}, but these data do not tell how long the others stay, so no interval is shown."
    span = f"{count(rounded(ahead['ci_low']))} to {count(rounded(ahead['ci_high']))}"
    worth = f"{money(new['ci_low'], given['measured_in'])} to {money(new['ci_high'], given['measured_in'])}"
    what = "payments" if given["amount"] is None else ""
    value = f"A new contract is worth about {money(new['estimate'], given['measured_in'])} {what}".rstrip()
    return f"O{later[1:]} ({span}). {value} ({worth}). {tested_contracts(frames['tracking'])}."


def tested_contracts(tracking: pd.DataFrame) -> str:
    """The test in one sentence."""
    last = tracking.iloc[-1]
    renewals = "renewal" if len(tracking) == 1 else f"{count(len(tracking))} renewals"
    told = f"In the last {renewals}, which it had not seen, the model expected {count(last['expected'])} to be held"
    return f"{told}; {count(last['actual'])} were"


def contract_checks(contracts: Contracts, fit: ContractFit, tracking: pd.DataFrame) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?"""
    if fit.found.flat:
        message = (
            "The likelihood is flat: very different parameters fit about equally well, so that nothing has an interval."
        )
        flat = Check("flat_likelihood", False, "failure", message)
    else:
        flat = Check("flat_likelihood", True, "info", "The data determine every parameter of the model.")
    last = tracking.iloc[-1]
    holds = bool(last["ci_low"] <= last["actual"] <= last["ci_high"])
    told = f"{tested_contracts(tracking)} ({count(last['ci_low'])} to {count(last['ci_high'])} expected)."
    until = f"The log is taken as complete until {contracts.told}"
    assumed = (
        ", its last start or end; if it goes further, say so in observe_until." if contracts.assumed else ", as stated."
    )
    return (
        flat, Check("holdout", holds, "info" if holds else "warning", told), *_hazard(contracts, fit),
        Check("observe_until", True, "info", until + assumed),
    )  # fmt: skip


def _hazard(contracts: Contracts, fit: ContractFit) -> list[Check]:
    """Does each customer's own chance to be lost change with the contract's age?"""
    other = fit_contracts("bdw" if fit.model.name == "sbg" else "sbg", contracts.rows())
    sbg, bdw = (fit, other) if fit.model.name == "sbg" else (other, fit)
    p_value = same_hazard_p(sbg, bdw)
    told = f"That each customer's chance to be lost stays the same fits with p {p_text(p_value)} (likelihood ratio)"
    if p_value >= 0.01 or fit.model.name == "bdw":
        return [Check("same_hazard", True, "info", f"{told}.")]
    way = "rises" if bdw.found.values[2] > 1 else "falls"
    return [Check("same_hazard", False, "warning", f"{told}: it {way} with the contract's age. Ask with model='bdw'.")]


def contract_definitions(given: dict[str, Any]) -> tuple[str, ...]:
    """Every definition, in words."""
    name = "shifted-beta-geometric" if given["model"] == "sbg" else "beta-discrete-Weibull"
    gain = f", times the margin of {share(given['margin'], 0)}" if given["margin"] != 1 else ""
    return (
        f"Renewal: every {given['period']} after the start. A contract that ends within a {given['period']} is lost at "
        "the renewal that ends it; one that began too late for a renewal is left out.",
        f"Model: {name}; chances to be lost differ between customers, so that the share kept rises with age even where "
        "nobody grows loyal.",
        f"Value: payments expected without end, discounted by {share(given['discount'], 0)} a year{gain}: of a "
        "contract held those from the next renewal on, of a new one the first too.",
        f"Intervals ({100 * given['confidence']:g}%): parameters by profile likelihood, the rest by the delta method "
        "on logarithms; the test's range holds chance too.",
    )
