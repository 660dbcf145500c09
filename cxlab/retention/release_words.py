"""What changed at a release, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import Figure
from cxlab.wording import count, interval, number, p_text, points, share

if TYPE_CHECKING:
    from cxlab.retention.release_cohorts import Cohorts
    from cxlab.retention.release_estimates import ReleaseEstimates

__all__ = [
    "reading", "release_definitions", "release_figures", "release_headline", "release_question", "told_effect",
]  # fmt: skip


def release_question(given: dict[str, Any]) -> str:
    """The question as a page's title."""
    return f"Do more customers come back since {given['label']}?"


def reading(row: pd.Series) -> str:
    """Do more or fewer come back, beyond chance?"""
    none = 1.0 if row["scale"] == "odds" else 0.0
    if row["ci_low"] > none:
        return "Up"
    return "Down" if row["ci_high"] < none else "Undecided"


def told_effect(row: Any) -> str:
    """The change with its interval.

    Args:
        row: scale, effect, ci_low and ci_high.

    Returns:
        Text such as "+5.1 points (+2.2 to +8.0 points)".
    """
    if row["scale"] == "odds":
        return f"odds {number(row['effect'], 2)} times ({interval(row['ci_low'], row['ci_high'], _two)})"
    return f"{points(row['effect'])} ({interval(row['ci_low'], row['ci_high'], points)})"


def _two(value: float | None) -> str:
    return number(value, 2)


def _age(given: dict[str, Any]) -> str:
    return f"in {given['period']} {count(given['age'])}"


def release_headline(seen: Cohorts, found: ReleaseEstimates, given: dict[str, Any]) -> str:
    """How many come back, how many would have without it, and what that rests on."""
    row = found.table.iloc[0]
    level = f"{100 * given['confidence']:g}% interval"
    if seen.control is not None:
        rests = f"had they moved as {seen.control!r} did"
        who = f"Since {given['label']}, {share(row['estimate'])} of {seen.affected!r} come back {_age(given)}"
    else:
        rests = "had the trend before gone on"
        who = (
            f"Right after {given['label']} (from {seen.first_after}), {share(row['estimate'])} come back {_age(given)}"
        )
    change = told_effect(row).replace("(", f"({level} ", 1)
    verdict = {"Up": "More come back", "Down": "Fewer come back", "Undecided": "Undecided"}[reading(row)]
    return (
        f"{verdict}. {who}; {share(row['control_estimate'])} would, {rests}: {change}. Whatever else began with "
        f"{given['label']} is in it."
    )


def release_figures(found: ReleaseEstimates, given: dict[str, Any]) -> tuple[Figure, ...]:
    """The three numbers under the headline."""
    row = found.table.iloc[0]
    bend = found.coefficients.iloc[2]
    effect = told_effect(row).partition(" (")
    return (
        Figure(share(row["estimate"]), f"come back {_age(given)} since {given['label']}"),
        Figure(effect[0], f"against {share(row['control_estimate'])} expected without it ({effect[2]}"),
        Figure(f"{number(bend['estimate'], 2)} times", f"the odds each {given['period']}, beyond the trend before "
               f"({interval(bend['ci_low'], bend['ci_high'], _two)}, p {p_text(bend['p_value'])})"),
    )  # fmt: skip


def release_definitions(seen: Cohorts, given: dict[str, Any]) -> tuple[str, ...]:
    """Every definition, in words."""
    period, age = given["period"], count(given["age"])
    who = {
        "newcomers": f"cohorts that start in a {period} after it",
        "everybody": f"customers whose {period} {age} lies after it, whenever they started",
    }[given["affects"]]
    scale = {"difference": "in points", "odds": "as an odds ratio"}[given["scale"]]
    against = (
        f"Against {seen.control!r}: each cohort has a level of its own, so that what moves both groups alike is taken "
        f"out; the change is the affected group's beyond it, {scale}."
    )
    return (
        f"Come back: at least one event in {period} {age} after the {period} of the start, of customers whose whole "
        f"{period} {age} was seen.",
        f"After the release: {who}. The {period} in which it lies is left out unless it begins with it.",
        "Broken trend: log odds go straight before the release, jump at it and go on with another slope; the change "
        f"is that of the first {period} after it, {scale}.",
        *([against] if seen.control is not None else []),
        f"Intervals ({100 * given['confidence']:g}%): shares may vary by more than chance (Pearson's dispersion, "
        "with t quantiles), never by less. Seasons are not taken out.",
    )
