"""What became of revenue, in words, and whether that can be trusted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxlab.results import Check, Figure
from cxlab.retention.amounts import money, signed_money
from cxlab.retention.revenue_history import Revenue
from cxlab.stats.ratio_of_sums import effective_number
from cxlab.wording import count, interval, share

__all__ = ["TITLES", "revenue_checks", "revenue_definitions", "revenue_figures", "revenue_headline", "revenue_status",
            "spell"]  # fmt: skip

TITLES = {
    "few_accounts": "Few customers hold much", "billing": "Rhythm of payments", "history_start": "Start of the log",
    "observe_until": "End of the log", "refunds": "Refunds",
}  # fmt: skip
_FEW, _LARGEST, _GAPS = 30, 0.2, 0.2


def spell(given: dict[str, Any]) -> str:
    """The span over which revenue is compared, in words.

    Args:
        given: the arguments by name.

    Returns:
        Text.

    Examples:
        >>> spell({"over": 12, "period": "month"})
        '12 months'
    """
    return f"{count(given['over'])} {given['period']}{'' if given['over'] == 1 else 's'}"


def _told(row: pd.Series, rate: str) -> str:
    if pd.isna(row[f"{rate}_ci_low"]):
        return "too few changes for an interval"
    return interval(row[f"{rate}_ci_low"], row[f"{rate}_ci_high"], share)


def revenue_headline(row: pd.Series, ends: tuple[str, str], given: dict[str, Any]) -> str:
    """How much stayed, how much the same customers pay now, and from what to what.

    Args:
        row: all customers' row.
        ends: the first and the last period, in words.
        given: the arguments by name.

    Returns:
        Two sentences.
    """
    if pd.isna(row["nrr"]):
        return f"Nobody paid in {ends[0]}, so there is no revenue that could have stayed until {ends[1]}."
    level = f"{100 * given['confidence']:g}% interval "
    became = f"{money(row['start'], given['measured_in'])} of {count(row['n'])} customers in {ends[0]} became"
    return (
        f"Over {spell(given)} {share(row['grr'])} of revenue stayed (gross; {level}{_told(row, 'grr')}). With what "
        f"they added, the same customers pay {share(row['nrr'])} (net; {_told(row, 'nrr')}): {became} "
        f"{money(row['later'], given['measured_in'])} in {ends[1]}."
    )


def revenue_status(row: pd.Series) -> str:
    """Do the same customers pay more or less than before, beyond chance?

    Args:
        row: all customers' row.

    Returns:
        "Growing", "Shrinking" or "Undecided".
    """
    if row["nrr_ci_low"] > 1:
        return "Growing"
    return "Shrinking" if row["nrr_ci_high"] < 1 else "Undecided"


def revenue_figures(row: pd.Series, given: dict[str, Any]) -> tuple[Figure, ...]:
    """The three numbers under the headline.

    Args:
        row: all customers' row.
        given: the arguments by name.

    Returns:
        Gross, net, and the difference in money.
    """
    if pd.isna(row["nrr"]):
        return ()
    return (
        Figure(share(row["grr"]), f"of revenue stayed over {spell(given)}, gross ({_told(row, 'grr')})"),
        Figure(share(row["nrr"]), f"with what the same customers added, net ({_told(row, 'nrr')})"),
        Figure(
            signed_money(row["later"] - row["start"], given["measured_in"]),
            f"is the difference in what {count(row['n'])} customers paid then and pay now",
        ),
    )


def revenue_definitions(given: dict[str, Any]) -> tuple[str, ...]:
    """Every definition, in words.

    Args:
        given: the arguments by name.

    Returns:
        Sentences.
    """
    period = given["period"]
    return (
        f"Revenue: what a customer paid in a {period}, refunds taken off; a {period} that was not seen whole is left "
        "out.",
        f"Gross: of each customer of {spell(given)} before, no more than was paid then. Net: all that the same "
        "customers pay now. New customers and those who came back count in neither.",
        "Expansion and contraction: paid more, or less, but something. Churned: paid then, nothing now. Reactivated: "
        "paid nothing then, but before. New: paid for the first time since.",
        "Start, new, reactivated, expansion, contraction and churned add up to the end; the last two are negative.",
        f"Intervals ({100 * given['confidence']:g}%): gross as a binomial share of the effective number of customers; "
        "net by bootstrap over customers, none where fewer than 10 customers or 5 changes stand behind it.",
    )


def revenue_checks(revenue: Revenue, given: dict[str, Any]) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?

    Args:
        revenue: amounts by customer and period.
        given: the arguments by name.

    Returns:
        The checks.
    """
    return (*_few(revenue, given["over"]), _billing(revenue, given["period"]), _history(revenue), _until(revenue),
            *_refunds(revenue))  # fmt: skip


def _check(name: str, message: str, *, passed: bool) -> Check:
    return Check(name, passed, "info" if passed else "warning", message)


def _few(revenue: Revenue, over: int) -> list[Check]:
    base = revenue.paid[:, revenue.periods - 1 - over]
    if not base.any():
        return []
    alike, largest, n = effective_number(base), float(base.max() / base.sum()), int((base > 0).sum())
    told = (
        f"{count(n)} customers paid at the start; the largest one holds {share(largest, 0)} of it, and the sum is as "
        f"steady as that of {count(max(round(alike), 1))} customers of equal size."
    )
    return [_check("few_accounts", told, passed=alike >= _FEW and largest <= _LARGEST)]


def _billing(revenue: Revenue, period: str) -> Check:
    """Invoices for more than one period look like customers who go and come back."""
    pays = revenue.paid > 0
    further = int(pays.sum()) - len(pays)  # every customer's payments but the first
    late = 1 - float((pays[:, 1:] & pays[:, :-1]).sum()) / further if further else 0.0
    told = f"{share(late, 0)} of payments come more than one {period} after the customer's last one."
    if late <= _GAPS:
        return _check("billing", told, passed=True)
    more = f"If invoices are for longer than a {period}, spread each over the {period}s it pays for"
    return _check("billing", f"{told} {more}, or choose a longer period.", passed=False)


def _history(revenue: Revenue) -> Check:
    early = int((revenue.first == 0).sum())
    told = (
        f"{count(early)} of {count(len(revenue.first))} customers paid in the log's first period already, so that it "
        "is not known when they began; the curve by age leaves them out. Somebody who paused then counts as new later."
    )
    return _check("history_start", told, passed=early < len(revenue.first))


def _until(revenue: Revenue) -> Check:
    ends = "its last payment; if it goes further, say so in observe_until" if revenue.assumed else "as stated"
    left = f" What was paid after {revenue.name(revenue.periods - 1)} is left out: its period is not over."
    told = f"The log is taken as complete until {revenue.until}, {ends}.{left if revenue.partial else ''}"
    return _check("observe_until", told, passed=True)


def _refunds(revenue: Revenue) -> list[Check]:
    if not revenue.refunds:
        return []
    told = f"{count(revenue.refunds)} of {count(revenue.rows)} rows are refunds; each was taken off within its period."
    return [_check("refunds", told, passed=True)]
