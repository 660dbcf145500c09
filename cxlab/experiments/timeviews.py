"""The way of an effect as readers see it: by days since assignment, early against late, and the picture of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.experiments.amounts import capital
from cxlab.experiments.decision import Finding
from cxlab.experiments.metrics import Metric
from cxlab.experiments.novelty import WARN, amounts_of, daily, days_words, direction, half_words
from cxlab.results import SMALLEST_DRAWN, publishable
from cxlab.wording import MISSING, count, p_text

if TYPE_CHECKING:
    import altair as alt

    from cxlab.experiments.comparison import ABTestResult

__all__ = ["time_display", "time_pictures"]


def _shown(result: ABTestResult, name: str) -> pd.DataFrame:
    """The rows of a table that may leave Python."""
    table = result.tables.get(name)
    return pd.DataFrame() if table is None else publishable(table).dropna(subset=["n", "effect"])


def _own(result: ABTestResult, name: str, main: Finding) -> pd.DataFrame:
    shown = _shown(result, name)
    if shown.empty:
        return shown
    return shown[(shown["metric"] == main.metric.name) & (shown["variant"] == main.effect.variant)]


def time_display(result: ABTestResult) -> dict[str, pd.DataFrame]:
    """Early against late for every measure, and the leading variant by day, or by time since a switch, as text."""
    halves, main = _shown(result, "novelty"), result.outcomes[0].main
    switched = _own(result, "since_switch", main)
    if not switched.empty:
        table = pd.DataFrame([_quarter_row(main.metric, row, result.confidence) for row in _records(switched)])
        return {f"By time since a switch: {main.metric.words}": table}
    if halves.empty:
        return {}
    metrics = {finding.metric.name: finding.metric for finding in result.outcomes[0].findings}
    several = halves["variant"].nunique() > 1
    rows = [_half_row(metrics[row["metric"]], row, result.confidence, several=several) for row in _records(halves)]
    days = _own(result, "by_age", main)
    found = {"Does the effect change over time?": pd.DataFrame(rows)}
    if not days.empty:
        table = pd.DataFrame([_day_row(main.metric, row, result.confidence) for row in _records(days)])
        found[f"By days since assignment: {main.metric.words}"] = table
    return found


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def _half_row(metric: Metric, row: Mapping[Any, Any], confidence: float, *, several: bool) -> dict[str, str]:
    early, late = half_words(metric, row)
    amounts, half = amounts_of(metric, row), int(row["early_days"])
    return {
        "Measure": capital(metric.words),
        **({"Variant": str(row["variant"])} if several else {}),
        "Customers": count(row["n"] + row["control_n"]),
        f"Effect, first {days_words(half)}": early,
        f"Last {half} of {int(row['days'])} days": late,
        "Late minus early": amounts.change(row["effect"]),
        f"{confidence:.0%} interval": _span(amounts, row),
        "p, adjusted": MISSING if pd.isna(row["p_adjusted"]) else p_text(row["p_adjusted"]),
    }


def _day_row(metric: Metric, row: Mapping[Any, Any], confidence: float) -> dict[str, str]:
    amounts = amounts_of(metric, row)
    return {
        "Days since assignment": count(row["age"]),
        "Customers": count(row["n"] + row["control_n"]),
        "Change": amounts.change(row["effect"]),
        f"{confidence:.0%} interval": _span(amounts, row),
    }


_QUARTERS = {1: "first quarter", 2: "second quarter", 3: "third quarter", 4: "last quarter"}


def _quarter_row(metric: Metric, row: Mapping[Any, Any], confidence: float) -> dict[str, str]:
    amounts = amounts_of(metric, row)
    return {
        "Part of the period": _QUARTERS[int(row["quarter"])],
        "Periods": count(row["n"]),
        "Change": amounts.change(row["effect"]),
        f"{confidence:.0%} interval": _span(amounts, row),
    }


def _span(amounts: Any, row: Mapping[Any, Any]) -> str:
    return f"{amounts.plain(row['ci_low'], sign=True)} to {amounts.plain(row['ci_high'], sign=True)}"


def time_pictures(result: ABTestResult) -> dict[str, Callable[[int], alt.Chart]]:
    """The effect by days since assignment, where enough customers were followed."""
    main = result.outcomes[0].main
    days, halves = _own(result, "by_age", main), _own(result, "novelty", main)
    if len(days) < 2 or halves.empty or days[["n", "control_n"]].min(axis=None) < SMALLEST_DRAWN:
        return {}
    return {"over_time": partial(_draw, result, days, halves.iloc[0].to_dict())}


def _draw(result: ABTestResult, days: pd.DataFrame, row: dict[Any, Any], width: int) -> alt.Chart:
    from cxlab.charts.over_time import effect_by_age

    main = result.outcomes[0].main
    metric, amounts = main.metric, amounts_of(main.metric, row)
    scale = 100.0 if amounts.share else 1.0
    numbers = {name: days[name] * scale for name in ("effect", "ci_low", "ci_high")}
    unit = "points" if amounts.points else metric.measured_in or "in its own size"
    title, customers = _title(metric, row), count(row["n"] + row["control_n"])
    return effect_by_age(
        days.assign(**numbers),
        _levels(metric, row, scale),
        title=title,
        subtitle=f"Change in “{metric.words}”, {main.effect.variant} against {result.control}, by days since a "
        f"customer's assignment, with {result.confidence:.0%} intervals. {customers} customers: those who were "
        f"followed for all {int(row['days'])} days.",
        note="Always the same customers, so that no day differs by who is in it. Day 0 is the day of assignment, and "
        "may be a part of a day. Dark lines: the level of the first and the last half.",
        description=f"Dots and bars of the change in {metric.words} on {len(days)} days since assignment. {title}. "
        "Numbers in the table below.",
        value_title=f"Change{daily(metric)}, {unit}",
        width=width,
    )


def _title(metric: Metric, row: Mapping[Any, Any]) -> str:
    found = pd.notna(row["p_adjusted"]) and row["p_adjusted"] < WARN
    said = f"the effect {direction(row)}" if found else "no sign that the effect changes"
    title = f"{capital(metric.words)}: {said} over {int(row['days'])} days"
    return title if len(title) <= 90 else f"{title[:89]}…"


def _levels(metric: Metric, row: Mapping[Any, Any], scale: float) -> pd.DataFrame:
    days, half = int(row["days"]), int(row["early_days"])
    early, late = half_words(metric, row)
    return pd.DataFrame({
        "start": [0, days - half], "end": [half - 1, days - 1],
        "effect": [row["early_effect"] * scale, row["late_effect"] * scale],
        "label": [f"First {days_words(half)}\n{early}", f"Last {days_words(half)}\n{late}"],
    })  # fmt: skip
