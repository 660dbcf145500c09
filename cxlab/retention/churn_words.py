"""Who leaves sooner, and what goes with it, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.results import Figure
from cxlab.results.privacy import SMALLEST_GROUP
from cxlab.retention.churn_groups import Curves
from cxlab.retention.churn_hazards import Hazards
from cxlab.retention.churn_history import Churn
from cxlab.wording import count, interval, number, share

__all__ = [
    "Told",
    "churn_definitions",
    "churn_figures",
    "churn_headline",
    "churn_status",
    "ratio",
    "spell",
    "strongest",
]

_LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Told:
    """Everything there is to tell."""

    given: Mapping[str, Any]
    churn: Churn
    found: Curves
    hazards: Hazards | None
    table: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]

    @property
    def groups(self) -> pd.DataFrame:
        """The rows of groups large enough to be named, that of everybody left out."""
        rows = self.tables["groups"]
        return rows[(rows["group"] != ALL) & (rows["n"] >= SMALLEST_GROUP)]

    @property
    def level(self) -> str:
        """The intervals' level."""
        return f"{100 * self.given['confidence']:g}% interval"


def spell(periods: float, given: Mapping[str, Any]) -> str:
    """A time in words.

    Args:
        periods: how many.
        given: the arguments by name.

    Returns:
        Text.

    Examples:
        >>> spell(12, {"period": "month"}), spell(1, {"period": "day"})
        ('12 months', '1 day')
    """
    text = count(periods) if float(periods).is_integer() else f"{periods:.1f}"
    return f"{text} {given['period']}{'' if text == '1' else 's'}"


def ratio(value: float) -> str:
    """A hazard ratio in words.

    Args:
        value: the ratio.

    Returns:
        Two decimals below 10.

    Examples:
        >>> ratio(1.754), ratio(23.1)
        ('1.75', '23')
    """
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _still(row: pd.Series) -> str:
    return f"{share(row['estimate'], 0)}{_range(row, 'ci', lambda v: share(v, 0))}"


def strongest(table: pd.DataFrame) -> pd.DataFrame:
    """The levels told apart from chance, those first whose interval keeps furthest from 1.

    Args:
        table: one row per driver and level, with estimate, interval and p_adjusted.

    Returns:
        The rows.
    """
    found = table[(table["p_adjusted"] < _LEVEL) & (table["n"] >= SMALLEST_GROUP)]
    nearest = np.abs(np.log(found[["ci_low", "ci_high"]].to_numpy(float))).min(axis=1)
    return found.iloc[np.argsort(-nearest, kind="stable")]


def churn_headline(told: Told) -> str:
    """Who leaves sooner, how sure that is, and why customers left.

    Args:
        told: everything there is.

    Returns:
        Two or three sentences.
    """
    parts = [_drivers(told)] if told.hazards is not None else []
    parts += [_groups(told)] if told.given["group"] else []
    parts += [_everybody(told)] if not parts else []
    parts += [_why(told)] if told.given["reason"] and len(parts) == 1 else []
    return " ".join(part for part in parts if part)


def _everybody(told: Told) -> str:
    row = told.tables["groups"].iloc[0]
    after = spell(told.found.periods, told.given)
    half = (
        f" Half have left after {spell(round(row['median'], 1), told.given)}."
        if row["median"] == row["median"]
        else " Fewer than half have left within what was seen."
    )
    return f"After {after} {_still(row)} of {count(row['n'])} customers are still here.{half}"


def _groups(told: Told) -> str:
    rows = told.groups.dropna(subset=["estimate"])
    if len(rows) < 2:
        return _everybody(told)
    most, least = (rows.loc[pick(rows["estimate"])] for pick in (pd.Series.idxmax, pd.Series.idxmin))
    after, column = spell(told.found.periods, told.given), told.given["group"]
    here = (
        f"After {after} {_still(most)} of the customers with {column} “{most['group']}” are still here, "
        f"{_still(least)} of those with “{least['group']}”."
    )
    return here if told.hazards is not None else f"{here} {_difference(told, str(most['group']), str(least['group']))}"


def _difference(told: Told, most: str, least: str) -> str:
    pairs = told.tables["pairs"]
    pair = pairs[pairs[["group", "against"]].apply(frozenset, axis=1) == frozenset((most, least))].iloc[0]
    sign = 1 if pair["group"] == least else -1
    low, high = sorted((-sign * pair["ci_low"], -sign * pair["ci_high"]))
    first = spell(told.found.periods, told.given)
    gap = f"{-sign * pair['difference']:.1f} {told.given['period']}s ({low:.1f} to {high:.1f})"
    if not pair["p_adjusted"] < _LEVEL:
        return f"That difference may be chance: of the first {first} the latter stay less by {gap}."
    return f"Of the first {first} the latter stay {gap} less, which is more than chance explains."


def _drivers(told: Told) -> str:
    assert told.hazards is not None
    found = strongest(told.table)
    drivers = list(dict.fromkeys(told.table["driver"]))
    if found.empty:
        return f"None of {_listed(drivers)} goes together with leaving sooner or later beyond chance."
    row = found.iloc[0]
    also = [name for name in dict.fromkeys(found["driver"]) if name != row["driver"]]
    rest = [name for name in drivers if name not in set(found["driver"])]
    more = f" {_listed(also).capitalize()} {'goes' if len(also) == 1 else 'go'} with it too." if also else ""
    none = f" No such sign of {_listed(rest)}." if rest else ""
    return f"{_apart(told, row)}{more}{none}"


def _apart(told: Told, row: pd.Series) -> str:
    against = [one.level for one in told.hazards.references if one.driver == row["driver"]] if told.hazards else []
    often = f"{ratio(row['estimate'])} times as often ({told.level} {interval(row['ci_low'], row['ci_high'], _plain)})"
    if against:
        return (
            f"Customers with {row['driver']} “{row['level']}” leave {often} as those with “{against[0]}”, at any time, "
            "the other drivers being equal."
        )
    return (
        f"With {row['level']} of {row['driver']} customers leave {often}, at any time, the other drivers being equal."
    )


def _plain(value: float | None) -> str:
    return ratio(float(value or 0))


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _why(told: Told) -> str:
    rows = told.tables["reasons"]
    own = rows[rows["group"] == ALL].sort_values("estimate", ascending=False)
    shown = own[own["n"] >= SMALLEST_GROUP].head(3)
    if shown.empty:
        return ""
    parts = [f"{share(row['estimate'], 0)} for “{row['reason']}”" for _, row in shown.iterrows()]
    after = spell(told.found.periods, told.given)
    return f"After {after} are gone: {', '.join(parts)}."


def churn_status(told: Told) -> str:
    """Is anything told apart from chance?

    Args:
        told: everything there is.

    Returns:
        "Differs", "Undecided", or nothing where nothing is compared.
    """
    if told.hazards is not None:
        return "Differs" if len(strongest(told.table)) else "Undecided"
    tests = told.tables["tests"]
    curves = tests[tests["test"].str.startswith("log-rank")]
    if curves.empty:
        return ""
    return "Differs" if curves["p_value"].iloc[-1] < _LEVEL else "Undecided"


def churn_figures(told: Told) -> tuple[Figure, ...]:
    """The three numbers under the headline.

    Args:
        told: everything there is.

    Returns:
        Who is still here, by when half have left, and the largest hazard ratio or difference.
    """
    row, after = told.tables["groups"].iloc[0], spell(told.found.periods, told.given)
    here = f"of {count(row['n'])} customers are still here after {after}{_range(row, 'ci', lambda v: share(v, 0))}"
    figures = [Figure(share(row["estimate"], 0), here)]
    if row["median"] == row["median"]:
        figures.append(
            Figure(
                spell(round(row["median"], 1), told.given),
                f"until half have left{_range(row, 'median_ci', lambda v: number(v, 1))}",
            )
        )
    else:
        figures.append(Figure(count(row["churned"]), "have left so far: fewer than half, so that no median is known"))
    if told.hazards is not None and len(found := strongest(told.table)):
        first = found.iloc[0]
        against = [f" against “{one.level}”" for one in told.hazards.references if one.driver == first["driver"]]
        told_range = interval(first["ci_low"], first["ci_high"], _plain)
        who = f"customers with {first['driver']} “{first['level']}”{(against or [''])[0]}"
        if not against:
            who = f"customers with {first['level']} {first['driver']}"
        figures.append(Figure(f"{ratio(first['estimate'])}×", f"as often: {who} ({told_range})"))
    return tuple(figures)


def _range(row: pd.Series, name: str, write: Callable[[float | None], str]) -> str:
    """An interval in brackets, where both ends are known."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return "" if pd.isna(low) or pd.isna(high) else f" ({interval(low, high, write)})"


def churn_definitions(told: Told) -> tuple[str, ...]:
    """Every definition, in words.

    Args:
        told: everything there is.

    Returns:
        Sentences.
    """
    given, found = told.given, told.found
    until = f"the end of the table, {told.churn.until}"
    lines = [
        f"Time: whole days from start to end; who is still here counts as far as {until} (Kaplan-Meier). "
        f"A {given['period']} is {number(found.size, 1 if found.size % 1 else 0)} days.",
        f"Intervals: {100 * given['confidence']:g}%; of shares on the log(-log) scale. Horizon: "
        f"{spell(found.periods, given)}.",
    ]
    if given["group"]:
        within = f", within values of {given['strata']}" if given["strata"] else ""
        lines.append(
            f"Groups: log-rank test over all{within}, then of each two with Holm's correction; mean time within the "
            f"horizon, minus that of “{found.reference}”."
        )
    if told.hazards is not None:
        within = f" Within values of {given['strata']} (stratified)." if given["strata"] else ""
        lines.append(
            "Drivers: Cox regression, Efron's account of ties. A hazard ratio says how many times as often customers "
            f"leave, at any time, as those they are held against, the other drivers being equal.{within} Corrected for "
            "several by Holm."
        )
        lines.append("Early and late: the same until half of those who left had left, and after it.")
    if given["reason"]:
        lines.append(
            "Reasons: cumulative incidence (Aalen-Johansen): who left for another reason cannot leave for this one any "
            "more. Groups: Gray's test for each reason, corrected by Holm."
        )
    return (*lines, "Nobody was assigned to anything here: what goes together need not be cause and effect.")
