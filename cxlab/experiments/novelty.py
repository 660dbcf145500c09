"""Does an effect fade or grow with the days since assignment? The check, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.amounts import Amounts
from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric
from cxlab.experiments.told_days import TOO_SMALL
from cxlab.results import Check
from cxlab.wording import p_text

__all__ = ["WARN", "amounts_of", "daily", "days_words", "direction", "half_words", "novelty_check"]

WARN = 0.05
"""Level of the novelty test, over all primary measures and variants together."""


def novelty_check(tables: Mapping[str, pd.DataFrame], metrics: Sequence[Metric]) -> Check:
    """Does an effect change with the days since assignment?

    Args:
        tables: what `over_time` gives.
        metrics: what is measured.

    Returns:
        The check "novelty": a warning where the late effect of a primary metric is not the early one.
    """
    rows = tables.get("novelty", pd.DataFrame(columns=["p_adjusted", "size"]))
    asked = rows[rows["p_adjusted"].notna() & (rows["size"] >= TOO_SMALL)]
    if asked.empty:
        message = "Too early to say whether the effect changes over time: too few customers were followed for two days."
        return Check("novelty", True, "info", message)
    days, half = int(asked["days"].iloc[0]), int(asked["early_days"].iloc[0])
    bad = asked[asked["p_adjusted"] < WARN].sort_values("p_adjusted")
    if bad.empty:
        message = (
            f"No sign that the effect changes over a customer's first {days} days (early against late half, p "
            f"{p_text(float(asked['p_adjusted'].min()))}). That does not prove that it lasts."
        )
        return Check("novelty", True, "info", message)
    by_name = {metric.name: metric for metric in metrics}
    told = [_told(by_name[row["metric"]], row, half) for row in bad.to_dict("records")]
    message = f"{'; '.join(told)}. The effect over the whole test is not the one to expect later."
    return Check("novelty", False, "warning", message)


def _told(metric: Metric, row: Mapping[Any, Any], half: int) -> str:
    early, late = half_words(metric, row)
    return (
        f"“{metric.words}”, {row['variant']}: the effect {direction(row)}, from {early} in a customer's first "
        f"{days_words(half)} to {late} in the last {half} of {row['days']} (p {p_text(row['p_adjusted'])})"
    )


def days_words(number: int) -> str:
    """So many days.

    Examples:
        >>> days_words(1), days_words(7)
        ('day', '7 days')
    """
    return "day" if number == 1 else f"{number} days"


def direction(row: Mapping[Any, Any]) -> str:
    """Does the effect fade, grow or turn round?

    Examples:
        >>> direction({"early_effect": 0.3, "late_effect": 0.1}), direction({"early_effect": 0.1, "late_effect": -0.3})
        ('fades', 'turns round')
    """
    early, late = row["early_effect"], row["late_effect"]
    if early * late < 0 and abs(late) > abs(early) / 2:
        return "turns round"
    return "fades" if abs(late) < abs(early) else "grows"


def daily(metric: Metric) -> str:
    """What stands behind an amount that is one day's."""
    return " a day" if metric.form == "mean" else ""


def amounts_of(metric: Metric, row: Mapping[Any, Any]) -> Amounts:
    """How the changes of a row with an interval are written."""
    low, high = float(row["ci_low"]), float(row["ci_high"])
    effect = Effect(metric.name, ALL, str(row["variant"]), int(row["n"]), ci_low=low, ci_high=high)
    return Amounts(metric, effect)


def half_words(metric: Metric, row: Mapping[Any, Any]) -> tuple[str, str]:
    """The early and the late effect, written out."""
    amounts, unit = amounts_of(metric, row), daily(metric)
    return amounts.change(row["early_effect"]) + unit, amounts.change(row["late_effect"]) + unit
