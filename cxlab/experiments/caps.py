"""Caps: values above a percentile of all variants together count as that, so that few of them do not decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from cxlab.data import ALL, Table
from cxlab.experiments.metrics import Mean, Metric
from cxlab.experiments.sizes import cap_share
from cxlab.experiments.values import value_sql
from cxlab.results import Check
from cxlab.wording import number, share

if TYPE_CHECKING:
    from cxlab.experiments.effects import Effect
    from cxlab.experiments.measurement import Measurement

__all__ = ["Caps", "cap_checks", "caps_of", "caps_table", "unadjusted_width"]

Caps: TypeAlias = Mapping[tuple[int, str], float]
"""The cap of a metric's own values ("own") and of its covariates' ("covariate 0", …), by the metric's place."""

_RARE = 0.01


def caps_of(table: Table, metrics: tuple[Metric, ...], exposed: str | None = None) -> dict[tuple[int, str], float]:
    """At which value does each capped metric end, and its covariate?

    Args:
        table: one row per unit.
        metrics: what is measured.
        exposed: column with 1 for the units that count; None counts all.

    Returns:
        The caps. A percentile is that of all variants together, never one per variant; where fewer than 1 % of values
        (or fewer than lie above it) are not 0, that of the values that are not 0. A covariate takes the same percentile
        of its own values, or the same number.
    """
    caps: dict[tuple[int, str], float] = {}
    wanted: dict[tuple[int, str], tuple[str, float]] = {}
    typed: dict[str, tuple[str, str]] = {}
    for index, metric in enumerate(metrics):
        for use, name in _columns(metric):
            share = cap_share(metric.cap) if isinstance(metric, Mean) else None
            if share is None:
                caps[index, use] = float(getattr(metric, "cap", None) or 0.0)
                continue
            column = f"c{index}_{use.replace(' ', '_')}"
            typed[column] = (name, "number?")
            value = value_sql(metric, column) if use == "own" else column
            wanted[index, use] = (f"CASE WHEN exposed = 1.0 THEN {value} END" if exposed else value, share)
    if exposed:
        typed["exposed"] = (exposed, "flag")
    return caps | (_percentiles(table, typed, wanted) if wanted else {})


def _columns(metric: Metric) -> list[tuple[str, str]]:
    """The columns of a capped metric that take its cap."""
    if not isinstance(metric, Mean) or metric.cap is None:
        return []
    return [("own", metric.column), *((f"covariate {i}", name) for i, name in enumerate(metric.covariates))]


def _percentiles(
    table: Table, typed: dict[str, tuple[str, str]], wanted: dict[tuple[int, str], tuple[str, float]]
) -> dict[tuple[int, str], float]:
    source = f"{table.typed(**typed)} AS typed"
    keys = list(wanted)
    parts = []
    for place, key in enumerate(keys):
        value, share = wanted[key]
        parts += [
            f"quantile_cont({value}, {share!r}) AS q{place}", f"count({value}) AS n{place}",
            f"count(CASE WHEN {value} <> 0 THEN 1 END) AS k{place}",
        ]  # fmt: skip
    found = table.query(f"SELECT {', '.join(parts)} FROM {source}").iloc[0]
    caps: dict[tuple[int, str], float] = {}
    rare: dict[tuple[int, str], float] = {}
    for place, key in enumerate(keys):
        share = wanted[key][1]
        few = found[f"k{place}"] < max(_RARE, 1 - share) * found[f"n{place}"]
        (rare if few else caps)[key] = _known(found[f"q{place}"])
    return caps | _percentiles_of_some(table, source, {key: wanted[key] for key in rare})


def _percentiles_of_some(
    table: Table, source: str, wanted: dict[tuple[int, str], tuple[str, float]]
) -> dict[tuple[int, str], float]:
    """The percentiles of the values that are not 0, where few are not."""
    if not wanted:
        return {}
    parts = [
        f"quantile_cont(CASE WHEN {value} <> 0 THEN {value} END, {share!r}) AS q{place}"
        for place, (value, share) in enumerate(wanted.values())
    ]
    found = table.query(f"SELECT {', '.join(parts)} FROM {source}").iloc[0]
    return {key: _known(found[f"q{place}"]) for place, key in enumerate(wanted)}


def _known(value: float) -> float:
    return float(value) if pd.notna(value) else 0.0


def caps_table(measured: Measurement) -> pd.DataFrame:
    """What did each cap do in each variant?

    Args:
        measured: the sums.

    Returns:
        One row per capped metric and variant: metric, variant, cap, n, capped (units above the cap), mean,
        uncapped_mean, largest (the largest value).
    """
    rows = []
    for (index, use), cap in measured.caps.items():
        for variant in measured.variants if use == "own" else ():
            cell = measured.cells[index, ALL, variant]
            if cell.uncapped is not None and cell.values.n:
                mean, uncapped = float(cell.values.mean[0]), float(cell.uncapped.mean[0])
                name = measured.metrics[index].name
                rows.append((name, variant, cap, cell.values.n, cell.capped, mean, uncapped, cell.high))
    columns = ["metric", "variant", "cap", "n", "capped", "mean", "uncapped_mean", "largest"]
    return pd.DataFrame(rows, columns=columns)


def unadjusted_width(measured: Measurement, effect: Effect) -> float | None:
    """How wide would a capped effect's interval be without its covariate? None for a metric without a cap.

    Args:
        measured: the sums.
        effect: the adjusted effect over all units.
    """
    names = [metric.name for metric in measured.metrics]
    index = names.index(effect.metric)
    if (index, "own") not in measured.caps or not effect.se:
        return None
    cells = (measured.cells[index, ALL, name].values for name in (effect.variant, measured.control))
    se = sum(float(moments.covariance[0, 0]) / moments.n for moments in cells) ** 0.5
    return ((effect.ci_high or 0.0) - (effect.ci_low or 0.0)) * se / effect.se


def cap_checks(measured: Measurement, effects: list[Effect]) -> list[Check]:
    """What a cap was, how many it concerned, and what the effect is without it."""
    table, sentences = caps_table(measured), []
    for metric in measured.metrics:
        rows = table[table["metric"] == metric.name]
        if rows.empty:
            continue
        whole = next(effect for effect in effects if effect.metric == metric.name)
        part = share(rows["capped"].sum() / rows["n"].sum())
        raw = f"{number(whole.raw_effect, sign=True)} ({number(whole.raw_ci_low)} to {number(whole.raw_ci_high)})"
        sentences.append(
            f"{metric.words}: values above {number(rows['cap'].iloc[0])} count as that ({part} of customers); "
            f"as it comes, the change is {raw}"
        )
    return [Check("cap", True, "info", f"{'; '.join(sentences)}.")] if sentences else []
