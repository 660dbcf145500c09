"""Time until an event in each variant, from counts: curves, restricted means, and the log-rank test beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxlab.data import ALL, Table
from cxlab.errors import DataError
from cxlab.experiments.effects import Comparison, Key
from cxlab.experiments.kinds import TimeToEvent
from cxlab.experiments.measurement import Measurement
from cxlab.results import Check
from cxlab.stats.curve_differences import log_rank
from cxlab.stats.means import arm_difference
from cxlab.stats.relative import Limits, fieller
from cxlab.stats.restricted_mean import restricted_mean
from cxlab.stats.survival import Survival, kaplan_meier
from cxlab.wording import count

__all__ = ["FollowUp", "compare_times", "curve_table", "follow_up_checks", "survival_table", "times_of"]

_MOST_TIMES, _GRID = 20_000, 10_000
_POINTS, _WATCHED = 120, 10


@dataclass(frozen=True)
class FollowUp:
    """One metric's times in all variants: until when they count, the counts behind them, and one curve per group."""

    metric: TimeToEvent
    horizon: float
    counts: pd.DataFrame
    curves: dict[tuple[str, str], Survival]
    rounded: float


def times_of(table: Table, measured: Measurement, confidence: float) -> dict[int, FollowUp]:
    """How long did it take in each variant, and until when was it watched?

    Args:
        table: the data.
        measured: the sums; their SQL of one row per unit is read again.
        confidence: level of the curves' bounds.

    Returns:
        Times by the metric's place. More than 20,000 different times are rounded to a ten-thousandth of the longest.

    Raises:
        DataError: the horizon lies beyond what a variant was watched, or nobody had the event.
    """
    found = {}
    for index, metric in enumerate(measured.metrics):
        if isinstance(metric, TimeToEvent) and _measurable(measured, index):
            horizon = _horizon(measured, index, metric)
            counts, rounded = _counts(table, measured, index)
            curves = dict(_curves(counts, measured, confidence))
            _refuse_without_events(metric, curves, horizon)
            found[index] = FollowUp(metric, horizon, counts, curves, rounded)
    return found


def _measurable(measured: Measurement, index: int) -> bool:
    """Has every variant two units or more? Where not, the effects say so."""
    return all(measured.cells[index, ALL, variant].values.n > 1 for variant in measured.variants)


def _horizon(measured: Measurement, index: int, metric: TimeToEvent) -> float:
    watched = {variant: measured.cells[index, ALL, variant].high for variant in measured.variants}
    shortest = min(watched, key=lambda variant: watched[variant])
    if metric.horizon is not None and metric.horizon > watched[shortest]:
        raise DataError(
            f"`horizon` of {metric.name!r} is {metric.horizon:g}, but variant {shortest!r} was watched until "
            f"{watched[shortest]:g} only; expected at most that. Choose a shorter horizon, or wait."
        )
    if watched[shortest] <= 0:
        raise DataError(f"Every {metric.column!r} of variant {shortest!r} is 0; a time above 0 is needed.")
    return float(metric.horizon if metric.horizon is not None else watched[shortest])


def _counts(table: Table, measured: Measurement, index: int) -> tuple[pd.DataFrame, float]:
    """How many left, with and without the event, at each time; and the step to which times were rounded, or 0."""
    time, event = measured.blocks[index].own
    source = f"{measured.units} AS units WHERE {time} IS NOT NULL"
    different = table.query(f"SELECT count(DISTINCT {time}) AS n, max({time}) AS longest FROM {source}").iloc[0]
    groups = len(measured.variants) * max(len(measured.segments), 1)
    step = 0.0
    if different["n"] * groups > _MOST_TIMES:
        step = float(different["longest"]) / max(min(_GRID, 2 * _MOST_TIMES // groups), 100)
        time = f"ceil({time} / CAST({step!r} AS DOUBLE)) * CAST({step!r} AS DOUBLE)"
    sql = (
        f"SELECT variant, segment, {time} AS time, {event} AS event, count(*) AS n FROM {source} "
        f"GROUP BY variant, segment, {time}, {event} ORDER BY segment, variant, time"
    )
    return table.query(sql), step


def _curves(
    counts: pd.DataFrame, measured: Measurement, confidence: float
) -> Iterator[tuple[tuple[str, str], Survival]]:
    for segment in (ALL, *measured.segments):
        inside = counts if segment == ALL else counts[counts["segment"] == segment]
        for variant in measured.variants:
            rows = inside[inside["variant"] == variant]
            if rows["n"].sum() > 1:
                yield (
                    (segment, variant),
                    kaplan_meier(rows["time"], rows["event"], weights=rows["n"], confidence=confidence),
                )


def _refuse_without_events(metric: TimeToEvent, curves: dict[tuple[str, str], Survival], horizon: float) -> None:
    whole = [curve for (segment, _), curve in curves.items() if segment == ALL]
    if not any(curve.events[curve.time < horizon].sum() for curve in whole):
        raise DataError(
            f"Nobody has {metric.event!r} before {horizon:g}, so no time until it can be told. "
            "Choose a longer horizon, or wait."
        )


def _pairs(measured: Measurement, found: dict[int, FollowUp]) -> Iterator[tuple[Key, FollowUp, Survival, Survival]]:
    """Groups that were watched until the horizon, beside their control."""
    for index, times in found.items():
        for segment in (ALL, *measured.segments):
            control = times.curves.get((segment, measured.control))
            for variant in measured.treatments:
                treatment = times.curves.get((segment, variant))
                if treatment and control and min(treatment.time[-1], control.time[-1]) >= times.horizon - 1e-12:
                    yield (index, segment, variant), times, treatment, control


def compare_times(measured: Measurement, found: dict[int, FollowUp], confidence: float) -> dict[Key, Comparison]:
    """How much longer does it take in each variant, up to the horizon?

    Args:
        measured: the sums.
        found: the times.
        confidence: level of the intervals, as a fraction.

    Returns:
        Comparisons of restricted means; a segment that was not watched until the horizon has none.
    """
    compared: dict[Key, Comparison] = {}
    for key, times, treatment, control in _pairs(measured, found):
        one, zero = restricted_mean(treatment, times.horizon), restricted_mean(control, times.horizon)
        if one.variance + zero.variance > 0:
            moved = arm_difference(one, zero, confidence=confidence)
            fraction = fieller(*one[1:3], *zero[1:3], quantile=moved.quantile)
            compared[key] = Comparison(moved, one, zero, fraction, "restricted mean")
    return compared


def survival_table(measured: Measurement, found: dict[int, FollowUp], confidence: float) -> pd.DataFrame:
    """Which share is still without the event at the horizon, and do the whole curves differ?

    Args:
        measured: the sums.
        found: the times.
        confidence: level of the intervals, as a fraction.

    Returns:
        One row per metric, segment and variant: metric, segment, variant, horizon, n, events, control_n,
        control_events, estimate and control_estimate (shares without the event at the horizon), effect, ci_low,
        ci_high, log_rank (the chi-square), p_value (of the log-rank test over all times).
    """
    rows = []
    for (index, segment, variant), times, treatment, control in _pairs(measured, found):
        one, zero = (_limits(curve, times.horizon, confidence) for curve in (treatment, control))
        effect = one.estimate - zero.estimate
        ends = (effect - float(np.hypot(one.down, zero.up)), effect + float(np.hypot(one.up, zero.down)))
        inside = times.counts if segment == ALL else times.counts[times.counts["segment"] == segment]
        inside = inside[inside["variant"].isin([variant, measured.control])]
        test = log_rank(inside["time"], inside["event"], inside["variant"], weights=inside["n"])
        sizes = [round(float(v)) for c in (treatment, control) for v in (c.at_risk[0], c.events.sum())]
        shares = (one.estimate, zero.estimate, effect, *ends)
        name = measured.metrics[index].name
        rows.append((name, segment, variant, times.horizon, *sizes, *shares, test.statistic, test.p_value))
    columns = [
        "metric", "segment", "variant", "horizon", "n", "events", "control_n", "control_events", "estimate",
        "control_estimate", "effect", "ci_low", "ci_high", "log_rank", "p_value",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _limits(curve: Survival, t: float, confidence: float) -> Limits:
    """A share with its bounds; where nobody or everybody has had the event, the exact bound of those at risk."""
    value, low, high = (float(v[0]) for v in curve.at(t))
    if np.isnan(low) or np.isnan(high):
        tail = ((1 - confidence) / 2) ** (1 / max(float(curve.at_risk[0]), 1.0))
        low, high = (tail, 1.0) if value > 0 else (0.0, 1 - tail)
    return Limits(value, value - low, high - value)


def curve_table(measured: Measurement, found: dict[int, FollowUp]) -> pd.DataFrame:
    """The curves over all units, at most 120 times each.

    Args:
        measured: the sums.
        found: the times.

    Returns:
        One row per metric, variant and time: metric, variant, time, n (still watched), estimate (share without the
        event), ci_low, ci_high.
    """
    frames = []
    for times in found.values():
        for variant in measured.variants:
            curve = times.curves[ALL, variant]
            seen = curve.time[(curve.time > 0) & (curve.time <= times.horizon)]
            many = len(seen) > _POINTS
            at = np.linspace(0, times.horizon, _POINTS + 1) if many else np.unique([0.0, *seen, times.horizon])
            share, low, high = curve.at(at)
            frames.append(pd.DataFrame({
                "metric": times.metric.name, "variant": variant, "time": at, "n": curve.watched(at).astype(int),
                "estimate": share, "ci_low": np.where(share == 1, 1.0, low), "ci_high": np.where(share == 1, 1.0, high),
            }))  # fmt: skip
    columns = ["metric", "variant", "time", "n", "estimate", "ci_low", "ci_high"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def follow_up_checks(measured: Measurement, found: dict[int, FollowUp]) -> list[Check]:
    """Until when was time counted, and were enough still watched then?"""
    told, few = [], []
    for times in found.values():
        unit = f" {times.metric.measured_in}" if times.metric.measured_in else ""
        left = {variant: float(times.curves[ALL, variant].watched(times.horizon)[0]) for variant in measured.variants}
        least = min(left, key=lambda variant: left[variant])
        whose = "as given" if times.metric.horizon else "the longest that every variant was watched"
        step = f"; times rounded up to steps of {times.rounded:.3g}" if times.rounded else ""
        told.append(f"{times.metric.words}: counted until {times.horizon:g}{unit}, {whose}{step}")
        if left[least] < _WATCHED:
            few.append(f"{times.metric.words}: only {count(left[least])} of {least} were still watched at the horizon")
    if few:
        return [Check("follow_up", False, "warning", f"{'; '.join(few)}; choose a shorter one.")]
    return [Check("follow_up", True, "info", f"{'; '.join(told)}.")] if told else []
