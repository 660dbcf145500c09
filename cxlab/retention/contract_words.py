"""How long contracts last and what they are worth, in words: headline, figures, definitions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxlab.results import Figure
from cxlab.retention.amounts import money, rounded
from cxlab.retention.contract_estimates import ContractGroup
from cxlab.wording import count, share

__all__ = [
    "contract_definitions", "contract_figures", "contract_headline", "contract_status", "half_lost", "holds", "spell",
    "tested_contracts", "told_median",
]  # fmt: skip

Frames = dict[str, pd.DataFrame]


def spell(number: float, given: dict[str, Any]) -> str:
    """So many periods, in words.

    Args:
        number: how many.
        given: the arguments by name.

    Returns:
        Text.

    Examples:
        >>> spell(1, {"period": "month"}), spell(12, {"period": "month"})
        ('1 month', '12 months')
    """
    return f"{count(number)} {given['period']}{'' if number == 1 else 's'}"


def told_median(row: Any) -> str:
    """The interval of the median, which may have no upper end within the curve.

    Args:
        row: a group's row.

    Returns:
        Text without brackets.

    Examples:
        >>> told_median({"median_ci_low": 9.0, "median_ci_high": 11.0})
        '9 to 11'
    """
    low, high = row["median_ci_low"], row["median_ci_high"]
    if pd.isna(low):
        return "not known"
    return f"{count(low)} or later" if pd.isna(high) else f"{count(low)} to {count(high)}"


def half_lost(row: Any, curve: pd.DataFrame, given: dict[str, Any]) -> str:
    """By when half of new contracts are lost; where that lies beyond the curve, how many are left at its end.

    Args:
        row: a group's row.
        curve: the expected shares of that group.
        given: the arguments by name.

    Returns:
        A sentence without its full stop.
    """
    if not pd.isna(row["median"]):
        span = "" if pd.isna(row["median_ci_low"]) else f" ({told_median(row)})"
        return f"Half of new contracts are lost by {given['period']} {count(row['median'])}{span}"
    last = curve.iloc[-1]
    span = "" if pd.isna(last["ci_low"]) else f" ({share(last['ci_low'], 0)} to {share(last['ci_high'], 0)})"
    return f"After {spell(last['age'], given)} {share(last['expected'], 0)} of new contracts will still be held{span}"


def contract_headline(groups: pd.DataFrame, frames: Frames, given: dict[str, Any]) -> str:
    """How long contracts last, what a new one is worth, how many of those held stay, and whether the model was right.

    Args:
        groups: all contracts' row first.
        frames: the other tables by name.
        given: the arguments by name.

    Returns:
        Three or four sentences.
    """
    row, curve = groups.iloc[0], frames["curve"]
    lasts = half_lost(row, curve[curve["segment"] == row["segment"]], given)
    if pd.isna(row["new_ci_low"]):
        return f"{lasts}, but these data do not tell how long the others stay, so no value is shown."
    what = "" if given["amount"] else " payments"
    worth = (
        f"A new contract is worth about {money(row['new_value'], given['measured_in'])}{what} "
        f"({money(row['new_ci_low'], given['measured_in'])} to {money(row['new_ci_high'], given['measured_in'])})"
    )
    stay = ""
    ahead = frames["totals"].iloc[0]
    if row["held"]:
        span = f"{count(rounded(ahead['ci_low']))} to {count(rounded(ahead['ci_high']))}"
        stay = (
            f"Of {count(row['held'])} contracts held, about {count(rounded(ahead['estimate']))} ({span}) will still be "
            f"in {spell(given['horizon'], given)}. "
        )
    return f"{lasts}. {worth}. {stay}{tested_contracts(frames['tracking'], given)}."


def holds(tracking: pd.DataFrame) -> bool | None:
    """Were as many held in the end as the model takes for possible? None where it could not be tested.

    Args:
        tracking: the test.

    Returns:
        Yes, no, or not known.
    """
    last = tracking.iloc[-1]
    return None if pd.isna(last["ci_low"]) else bool(last["ci_low"] <= last["actual"] <= last["ci_high"])


def tested_contracts(tracking: pd.DataFrame, given: dict[str, Any]) -> str:
    """The test in one sentence.

    Args:
        tracking: the test.
        given: the arguments by name.

    Returns:
        The sentence without its full stop.
    """
    last, told = tracking.iloc[-1], {True: "as near as chance makes it", False: "more than chance explains"}
    found = holds(tracking)
    when = f"In the last {spell(len(tracking), given).removeprefix('1 ')}"
    expected = f"{when}, which it had not seen, the model expected {count(last['expected'])} to be held"
    were = f"{expected}; {count(last['actual'])} were"
    return f"{were}, {told[found]}" if found is not None else f"{were}, but too few had been lost before to test it"


def contract_status(whole: ContractGroup, tracking: pd.DataFrame) -> str:
    """The badge.

    Args:
        whole: all contracts.
        tracking: the test.

    Returns:
        "On track", "Off track" or "Undecided".
    """
    found = holds(tracking)
    if found is None or whole.fit is None or whole.fit.found.flat:
        return "Undecided"
    return "On track" if found else "Off track"


def contract_figures(groups: pd.DataFrame, frames: Frames, given: dict[str, Any]) -> tuple[Figure, ...]:
    """The three numbers under the headline.

    Args:
        groups: all contracts' row first.
        frames: the other tables by name.
        given: the arguments by name.

    Returns:
        How long contracts last, what a new one is worth and all held ones together.
    """
    row, unit, level = groups.iloc[0], given["measured_in"], f"{100 * given['confidence']:g}% interval"
    lasts = Figure(
        f"{given['period'].capitalize()} {count(row['median'])}",
        f"is when half of new contracts are lost, {told_median(row)} ({level})",
    )
    if pd.isna(row["median"]):
        last = frames["curve"].query("segment == @row.segment").iloc[-1]
        lasts = Figure(share(last["expected"], 0), f"of new contracts will be held after {spell(last['age'], given)}")
    held = Figure(f"{count(row['held'])} of {count(row['n'])}", "contracts are held")
    if pd.isna(row["new_ci_low"]):
        return (lasts, held)
    new = Figure(
        money(row["new_value"], unit),
        f"is a new contract worth, {money(row['new_ci_low'], unit)} to {money(row['new_ci_high'], unit)}",
    )
    if pd.isna(row["ci_low"]):
        return (lasts, new, held)
    together = [money(row[name] * row["held"], unit) for name in ("ci_low", "ci_high")]
    return (
        lasts, new,
        Figure(money(row["total_value"], unit),
               f"still to come from {count(row['held'])} contracts held, discounted, {together[0]} to {together[1]}"),
    )  # fmt: skip


def contract_definitions(given: dict[str, Any]) -> tuple[str, ...]:
    """Every definition, in words.

    Args:
        given: the arguments by name.

    Returns:
        Sentences.
    """
    name = "shifted-beta-geometric" if given["model"] == "sbg" else "beta-discrete-Weibull"
    gain = f", times the margin of {share(given['margin'], 0)}" if given["margin"] != 1 else ""
    day = "the same day of each" if given["period"] not in ("day", "week") else "every"
    return (
        f"Renewal: {day} {given['period']} after the start. A contract that ends between two renewals, or on the day "
        "of one, is lost at the later one; a contract that began too late for a renewal is left out.",
        f"Model: {name}; chances to be lost differ between customers, so that the share kept rises with age even where "
        "nobody grows loyal. Each group has a model of its own; groups need not add up to all exactly.",
        f"Value: payments expected without end, discounted by {share(given['discount'], 0)} a year{gain}: of a "
        "contract held those from the next renewal on, of a new one the first too.",
        f"Test: the model fitted without the last {share(given['holdout'], 0)} of the renewals foretells who is held "
        "after each of them. All other numbers come from all renewals.",
        f"Intervals ({100 * given['confidence']:g}%): parameters by profile likelihood, the rest by the delta method "
        "on logarithms or odds; what was seen by Kaplan-Meier; the test's range holds chance too.",
    )
