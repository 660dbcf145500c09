"""Can the values be trusted? Each check says what was found and what it does to the answer."""

from __future__ import annotations

import numpy as np

from cxlab.results import Check
from cxlab.retention.amounts import rounded
from cxlab.retention.value_estimates import endless
from cxlab.retention.value_findings import ValueFindings
from cxlab.wording import count, date, number, share

__all__ = ["TITLES", "value_checks"]

TITLES = {
    "holdout": "The test", "flat_likelihood": "What the data determine", "frequency_and_value": "Often and much",
    "seasonality": "Seasons", "bought_once": "Bought once", "endless_lifetimes": "Long lifetimes",
    "zero_amounts": "Purchases of 0", "few_spenders": "Amounts", "spend_spread": "Spread of amounts",
    "few_repeaters": "Intervals of values",
}  # fmt: skip
_CORRELATED, _SWOLLEN, _SEASON, _BEYOND = 0.3, 1.5, 0.25, 4.0
_ENOUGH_BACK = 1_000
_BLOCK = {"day": 28, "week": 4, "month": 3}


def value_checks(found: ValueFindings) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?

    Args:
        found: the findings.

    Returns:
        The checks, those about the whole result first.
    """
    checks = [
        _flat(found), _holdout(found), _correlation(found), _seasons(found), _history(found), _until(found),
        _once(found), _narrow(found), _endless(found), _zeros(found), _spenders(found), _spread(found),
    ]  # fmt: skip
    return tuple(check for check in checks if check is not None)


def _check(name: str, message: str, *, passed: bool) -> Check:
    return Check(name, passed, "info" if passed else "warning", message)


def _flat(found: ValueFindings) -> Check:
    fit = found.valuation.fit
    if fit.alike and not fit.flat:
        message = (
            "Amounts differ no more between customers than between purchases of one customer: their mean is what is "
            "expected of each, and two parameters of Gamma-Gamma stay open, which changes no value."
        )
        return _check("flat_likelihood", message, passed=True)
    if not fit.flat:
        return _check("flat_likelihood", "The data determine every parameter of the model.", passed=True)
    which = "amounts" if not fit.purchases.found.flat else "purchases"
    message = (
        f"The likelihood of {which} is flat: very different parameters fit about equally well, so that values have no "
        "interval and are not shown. A longer log, more customers or a simpler model would tell."
    )
    return Check("flat_likelihood", False, "failure", message)


def _holdout(found: ValueFindings) -> Check:
    tracking = found.tracking
    low, high = (count(rounded(end)) for end in (tracking.expected.ci_low, tracking.expected.ci_high))
    told = (
        f"After {date(found.day(tracking.cut))} {count(tracking.came)} purchases came; the model, fitted before, "
        f"expected {count(rounded(tracking.expected.estimate))} ({low} to {high})."
    )
    if tracking.holds:
        return _check("holdout", told, passed=True)
    return _check(
        "holdout", f"{told} Something changed, or the model is wrong: what lies ahead is in doubt.", passed=False
    )


def _correlation(found: ValueFindings) -> Check | None:
    """Spend must not go with frequency: Gamma-Gamma takes them for independent."""
    fit = found.valuation.fit
    if fit.spend is None:
        return None
    x, mean = fit.spend.x, fit.spend.mean
    if np.ptp(x) == 0 or np.ptp(mean) == 0:
        return _check("frequency_and_value", "All repeat customers are alike in frequency or amount.", passed=True)
    size = float(np.corrcoef(x, mean)[0, 1])
    told = (
        f"How often customers buy and how much per purchase correlate by {number(size, 2)} (Pearson, {count(len(x))} "
        "customers)"
    )
    if abs(size) <= _CORRELATED:
        return _check("frequency_and_value", f"{told}; the model takes them for independent.", passed=True)
    who = "low" if size > 0 else "high"
    message = (
        f"{told}, but the model takes them for independent: values of frequent customers are too {who}. Ask groups of "
        "customers by themselves."
    )
    return _check("frequency_and_value", message, passed=False)


def _seasons(found: ValueFindings) -> Check | None:
    """Blocks of periods in which far more or fewer purchases came than the model follows."""
    rows = found.tracking.periods
    size = _BLOCK[found.period]
    block = np.arange(len(rows))[::-1] // size
    sums = rows.groupby(block)[["actual", "expected"]].sum()
    sums = sums[rows.groupby(block).size().eq(size) & (sums["expected"] >= 20)]
    if len(sums) < 3:
        return None
    ratio = sums["actual"] / sums["expected"]
    ratio = ratio / float(sums["actual"].sum() / sums["expected"].sum())
    beyond = (sums["actual"] - sums["expected"]).abs() / np.sqrt(sums["expected"])
    wild = ratio[((ratio - 1).abs() > _SEASON) & (beyond > _BEYOND)]
    if wild.empty:
        return _check("seasonality", "Purchases follow the model over the year; no season stands out.", passed=True)
    worst = wild.sub(1).abs().idxmax()
    end = rows["end"][block == worst].iloc[-1]
    message = (
        f"In {count(len(wild))} of {count(len(ratio))} stretches of {size} {found.period}s purchases were far from "
        f"what the model follows, most in that until {date(found.day(end))} ({share(float(wild[worst]), 0)} of it). "
        "The model knows no seasons: use whole years ahead, and do not read single periods."
    )
    return _check("seasonality", message, passed=False)


def _history(found: ValueFindings) -> Check:
    """Old customers look new where the log begins in the middle of their story."""
    first = found.history.first
    blocks = np.bincount((first - first.min()) // 28)
    if len(blocks) < 4:
        message = (
            f"All customers made their first purchase in the log's first {count(4 * len(blocks))} weeks: that they "
            "were new then cannot be seen from it, and must be known from elsewhere."
        )
        return _check("history_start", message, passed=True)
    usual = float(np.median(blocks[1:-1]))
    told = (
        f"{count(blocks[0])} customers made their first purchase in the log's first four weeks, later usually "
        f"{count(usual)}."
    )
    if blocks[0] > _SWOLLEN * usual and blocks[0] >= 50:
        return _check(
            "history_start", f"{told} Old customers probably look new in it: leave out who bought before.", passed=False
        )
    return _check("history_start", f"{told} There is no sign that old customers look new.", passed=True)


def _until(found: ValueFindings) -> Check:
    told = date(found.day(found.history.last))
    if found.history.assumed:
        message = (
            f"It was assumed that the log ends with its last purchase, on {told}. If it goes further, say so in "
            "observe_until."
        )
        return _check("observe_until", message, passed=True)
    later = f" {count(found.history.later)} later rows were not used." if found.history.later else ""
    return _check("observe_until", f"The log is taken as complete until {told}, as stated.{later}", passed=True)


def _once(found: ValueFindings) -> Check:
    fit = found.valuation.fit
    once = int((fit.spell.x == 0).sum())
    told = f"{count(once)} of {count(found.n)} customers bought once."
    if fit.purchases.model.name == "bg/nbd" and once:
        told += " BG/NBD takes each of them for a customer still; with mbg/nbd or pareto/nbd they may have left."
    return _check("bought_once", told, passed=True)


def _narrow(found: ValueFindings) -> Check | None:
    """Measured with 1,000 customers only; from how many on the intervals hold is a judgement, not yet simulated."""
    back, model = found.valuation.fit.spell.repeaters, found.valuation.fit.purchases.model.name
    if model != "mbg/nbd" or found.valuation.fit.flat or back >= _ENOUGH_BACK:
        return None
    message = (
        f"{count(back)} customers came back. With fewer than {count(_ENOUGH_BACK)}, intervals of values under MBG/NBD "
        "are a little too narrow: in simulations those of 95% held the truth in about 92 of 100 cases."
    )
    return _check("few_repeaters", message, passed=False)


def _endless(found: ValueFindings) -> Check | None:
    if not endless(found.valuation.fit.purchases.model):
        return None
    message = (
        "Chances to leave differ so much that the mean lifetime has no end under the model; purchases ahead and "
        "discounted values are finite all the same."
    )
    return _check("endless_lifetimes", message, passed=True)


def _zeros(found: ValueFindings) -> Check | None:
    zeros = found.history.zeros
    if not zeros:
        return None
    message = (
        f"{count(zeros)} of {count(found.history.rows)} rows have an amount of 0; they count as purchases and lower "
        "the amounts."
    )
    return _check("zero_amounts", message, passed=zeros <= 0.01 * found.history.rows)


def _spenders(found: ValueFindings) -> Check | None:
    if found.valuation.fit.spend is not None or found.history.amount is None:
        return None
    message = (
        "Fewer than 20 customers have a repeat purchase above 0, so that amounts are not modelled; values count "
        "purchases."
    )
    return _check("few_spenders", message, passed=False)


def _spread(found: ValueFindings) -> Check | None:
    fit = found.valuation.fit
    if fit.spend is None or fit.has_mean:
        return None
    message = (
        "Amounts differ so much between customers that their mean is infinite under Gamma-Gamma, so that no value is "
        "shown. Look for amounts in another unit or of another kind of customer."
    )
    return Check("spend_spread", False, "failure", message)
