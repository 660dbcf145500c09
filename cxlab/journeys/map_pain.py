"""The pain index: one number per stage from its parts, each a share of people or answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.errors import ParameterError, choose
from cxlab.journeys.map_counts import MapCounts
from cxlab.journeys.map_log import FOLDS, MapLog
from cxlab.stats.weighted_index import weighted_index

__all__ = ["COMPONENTS", "pain_table", "pain_weights", "with_pain"]

COMPONENTS = ("drop", "time", "dissatisfaction", "effort", "struggle")
_MEASURE = {
    "drop": "drop",
    "time": "late",
    "dissatisfaction": "satisfaction",
    "effort": "effort",
    "struggle": "struggle",
}
_NEEDS = {"time": "time_targets", "dissatisfaction": "satisfaction", "effort": "effort"}

Floats = NDArray[np.float64]


def pain_weights(given: Mapping[str, Any]) -> dict[str, float]:
    """How much does each part count?

    Args:
        given: the arguments of `journey_map`.

    Returns:
        Component -> weight, adding up to 1; without `weights` all parts count alike that the arguments ask for.

    Raises:
        ParameterError: an unknown part, a weight below 0, no weight at all, or a part that nothing is known of.
    """
    asked = [name for name in COMPONENTS if name not in _NEEDS or given[_NEEDS[name]]]
    weights = given["weights"]
    if weights is None:
        return {name: 1 / len(asked) if name in asked else 0.0 for name in COMPONENTS}
    found = {choose("weights", name, COMPONENTS): float(value) for name, value in weights.items()}
    if any(not 0 <= value < float("inf") for value in found.values()) or not sum(found.values()) > 0:
        raise ParameterError(f"`weights` is {weights!r}; expected numbers from 0, at least one of them above 0.")
    unknown = next((name for name, value in found.items() if value > 0 and name not in asked), None)
    if unknown is not None:
        raise ParameterError(
            f"`weights` counts {unknown!r}, but `{_NEEDS[unknown]}` is not given; name it, or leave it out."
        )
    return {name: found.get(name, 0.0) / sum(found.values()) for name in COMPONENTS}


def pain_table(stages: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Of what is the pain index made?

    Args:
        stages: the table of stages.
        weights: component -> weight.

    Returns:
        One row per stage and component with a weight: stage, component, n (people), estimate (share that hurts),
        ci_low, ci_high, weight, points (what it adds to the index; missing where it is not known).
    """
    rows = []
    for name in [one for one in COMPONENTS if weights[one] > 0]:
        of = _MEASURE[name]
        value, low, high = stages[of], stages[f"{of}_ci_low"], stages[f"{of}_ci_high"]
        if name == "dissatisfaction":
            value, low, high = 1 - value, 1 - high, 1 - low
        rows.append(pd.DataFrame({
            "stage": stages["stage"], "component": name, "n": stages[f"{of}_n"], "estimate": value, "ci_low": low,
            "ci_high": high, "weight": weights[name], "points": 100 * weights[name] * value,
        }))  # fmt: skip
    found = pd.concat(rows)
    order = {name: place for place, name in enumerate(stages["stage"])}
    return found.sort_values("stage", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)


def with_pain(
    stages: pd.DataFrame, log: MapLog, counts: MapCounts, weights: Mapping[str, float], *, confidence: float
) -> pd.DataFrame:
    """The table of stages with the pain index.

    Args:
        stages: the table of stages.
        log: the events.
        counts: what was counted.
        weights: component -> weight.
        confidence: level of the intervals.

    Returns:
        The table with pain_index (0 to 100), pain_index_ci_low, pain_index_ci_high and pain_index_n (the fewest people
        that any of its parts rests on). A stage without one of the parts has no index.
    """
    found, tried = _by_fold(log, counts)
    each = [
        weighted_index(found[:, place], tried[:, place], [weights[name] for name in COMPONENTS], confidence=confidence)
        for place in range(len(stages))
    ]
    sizes = np.min([stages[f"{_MEASURE[name]}_n"] for name in COMPONENTS if weights[name] > 0], axis=0)
    values = 100 * np.array(each)
    return stages.assign(
        pain_index=values[:, 0], pain_index_ci_low=values[:, 1], pain_index_ci_high=values[:, 2], pain_index_n=sizes
    )


def _by_fold(log: MapLog, counts: MapCounts) -> tuple[Floats, Floats]:
    """How often it hurt and how often it could have: by component, stage and random group of people."""
    settled = counts.visits[counts.visits["settled"]]
    last = np.array([log.ends(place) for place in range(len(log.stages))])
    timed = np.array([limit is not None for limit in log.late])
    n, gone, late = (_grid(settled, name, log) for name in ("n", "gone", "late"))
    asked = {name: counts.answers[counts.answers["question"] == name] for name in ("satisfaction", "effort")}
    said = {name: (_grid(rows, "y", log), _grid(rows, "m", log)) for name, rows in asked.items()}
    again, seen = (_grid(counts.repeats, name, log) for name in ("again", "n"))
    n, gone = np.where(last[:, None], 0, n), np.where(last[:, None], 0, gone)
    (good, answers), (hard, tries) = said["satisfaction"], said["effort"]
    return (
        np.array([n - gone, late, answers - good, hard, again]),
        np.array([n, np.where(timed[:, None], gone, 0), answers, tries, seen]),
    )


def _grid(rows: pd.DataFrame, name: str, log: MapLog) -> Floats:
    found = np.zeros((len(log.stages), FOLDS))
    inside = rows[rows["k"] > 0]
    found[inside["k"].to_numpy(int) - 1, inside["fold"].to_numpy(int)] = inside[name].to_numpy(float)
    return found
