"""Groups of customers side by side: how many are still here, for how long on average, and which differ."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cxlab.data import ALL
from cxlab.errors import DataError, ParameterError, nearest
from cxlab.results import SMALLEST_DRAWN
from cxlab.retention.churn_history import Churn
from cxlab.retention.purchase_history import DAYS
from cxlab.stats.curve_differences import LogRank, log_rank, log_rank_pairs
from cxlab.stats.means import Arm, arm_difference
from cxlab.stats.restricted_mean import restricted_mean
from cxlab.stats.survival import Survival, kaplan_meier

__all__ = ["WATCHED", "Curves", "curve_rows", "grid", "group_rows", "group_tests", "pair_rows", "read_curves"]

WATCHED = 10
_POINTS = 120


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Everybody's curve and each group's, the group that others are held against, and until when times count.

    `size` is the number of days in a period, `horizon` is in days; `of` says which places are whose.
    """

    curves: dict[str, Survival]
    of: dict[str, np.ndarray]
    reference: str
    size: float
    horizon: float
    assumed: bool

    @property
    def groups(self) -> list[str]:
        """The groups, the largest first; none where customers are not split."""
        return [name for name in self.curves if name != ALL]

    @property
    def periods(self) -> float:
        """The horizon in periods."""
        return self.horizon / self.size


def read_curves(churn: Churn, given: dict[str, Any]) -> Curves:
    """Which share of everybody, and of each group, is still here after each day?

    Args:
        churn: the customers.
        given: the arguments by name.

    Returns:
        The curves.

    Raises:
        DataError: nobody, or not all groups, were watched until the horizon.
        ParameterError: the reference is no group.
    """
    of = {ALL: np.ones(len(churn.days), dtype=bool)}
    if churn.group is not None:
        sizes = pd.Series(churn.n).groupby(churn.group).sum().sort_values(ascending=False, kind="stable")
        of |= {str(name): churn.group == name for name in sizes.index}
    curves = {
        name: kaplan_meier(
            churn.days[rows], churn.left[rows], weights=churn.n[rows], confidence=given["confidence"]
        )
        for name, rows in of.items()
    }  # fmt: skip
    size = DAYS[given["period"]]
    horizon, assumed = _horizon(curves, given, size)
    return Curves(
        curves=curves, of=of, reference=_reference(curves, given), size=size, horizon=horizon, assumed=assumed
    )


def _reference(curves: dict[str, Survival], given: dict[str, Any]) -> str:
    groups = [name for name in curves if name != ALL]
    stated = (given["reference"] or {}).get(given["group"]) if given["group"] else None
    if stated is not None and stated not in groups:
        raise ParameterError(
            f"`reference` names {stated!r} for '{given['group']}', which has no such group.{nearest(stated, groups)} "
            f"There are: {', '.join(groups[:12])}."
        )
    return stated or next(iter(groups), ALL)


def _horizon(curves: dict[str, Survival], given: dict[str, Any], size: float) -> tuple[float, bool]:
    """As given, or a year; where ten of every larger group were not watched so long, as long as they were."""
    if given["horizon"] is not None:
        days = given["horizon"] * size
        short = [name for name, curve in curves.items() if curve.time[-1] < days and curve.at_risk[0] >= SMALLEST_DRAWN]
        if curves[ALL].time[-1] < days or short:
            first = (short or [ALL])[0]
            who = "customers were" if first == ALL else f"the group {first!r} was"
            raise DataError(
                f"`horizon` is {given['horizon']} {given['period']}s, but {who} watched for "
                f"{curves[first].time[-1] / size:.1f} only. Choose a shorter horizon."
            )
        return days, False
    large = [curve for curve in curves.values() if curve.at_risk[0] >= SMALLEST_DRAWN] or [curves[ALL]]
    last = min(float(curve.time[curve.at_risk >= min(WATCHED, curve.at_risk[0])][-1]) for curve in large)
    return (np.floor(min(last, 366) / size) * size if last >= size else max(last, 1.0)), True


def _mean(curve: Survival, horizon: float) -> Arm | None:
    """The mean time until the horizon; none where the group was not watched so long and somebody is still here."""
    if curve.time[-1] >= horizon:
        return restricted_mean(curve, horizon)
    if curve.survival[-1] > 0:
        return None
    return restricted_mean(curve, float(curve.time[-1])) if curve.time[-1] > 0 else None


def group_rows(found: Curves, pairs: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """How many of each group are still here at the horizon, when has half of it left, and how long does one stay?

    Args:
        found: the curves.
        pairs: differences of each two groups.
        confidence: level of the intervals.

    Returns:
        One row for all, then one per group: group, n, churned, watched (still watched at the horizon), estimate (share
        still here then), ci_low, ci_high; median with its interval, mean (time within the horizon) with its interval,
        all in periods; difference (of the mean to the reference's) with its interval, p_value and p_adjusted.
    """
    width = ndtri((1 + confidence) / 2)
    rows = []
    for name, curve in found.curves.items():
        (share,), (low,), (high,) = curve.at(found.horizon)
        median, arm = curve.quantile(), _mean(curve, found.horizon)
        mean, error = (np.nan, np.nan) if arm is None else (arm.estimate, np.sqrt(arm.variance))
        told = {
            "group": name, "n": round(float(curve.at_risk[0])), "churned": round(float(curve.events.sum())),
            "watched": round(float(curve.watched(found.horizon)[0])), "estimate": share, "ci_low": low, "ci_high": high,
        }  # fmt: skip
        times = {"median": median[0], "median_ci_low": median[1], "median_ci_high": median[2],
                 "mean": mean, "mean_ci_low": max(mean - width * error, 0.0) if error > 0 else np.nan,
                 "mean_ci_high": min(mean + width * error, found.horizon) if error > 0 else np.nan}  # fmt: skip
        rows.append(told | {key: days / found.size for key, days in times.items()})
    frame = pd.DataFrame(rows)
    if len(frame) == 1:
        return frame
    return frame.merge(_against(pairs, found.reference), on="group", how="left")


def _against(pairs: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Each group against the reference, whichever way round the pair stands."""
    straight = pairs[pairs["against"] == reference]
    turned = pairs[pairs["group"] == reference]
    turned = turned.assign(
        group=turned["against"], difference=-turned["difference"],
        ci_low=-turned["ci_high"], ci_high=-turned["ci_low"],
    )  # fmt: skip
    both = pd.concat([straight, turned])[["group", "difference", "ci_low", "ci_high", "p_value", "p_adjusted"]]
    return both.rename(columns={"ci_low": "difference_ci_low", "ci_high": "difference_ci_high"})


def pair_rows(churn: Churn, found: Curves, confidence: float) -> pd.DataFrame:
    """Which two groups differ, and by how much time until the horizon?

    Args:
        churn: the customers.
        found: their curves.
        confidence: level of the intervals.

    Returns:
        One row for each two groups: group, against, n, control_n (customers of the other), difference (of mean times
        until the horizon, in periods) with ci_low and ci_high; statistic, p_value (log-rank, within strata where there
        are some) and p_adjusted (Holm, over all pairs).
    """
    columns = ["group", "against", "n", "control_n", "difference", "ci_low", "ci_high", "statistic", "p_value",
               "p_adjusted"]  # fmt: skip
    if churn.group is None or len(found.groups) < 2:
        return pd.DataFrame(columns=columns)
    tests = log_rank_pairs(churn.days, churn.left, churn.group.astype(str), strata=_strata(churn), weights=churn.n)
    by_pair = {frozenset((test.group, test.against)): test for test in tests}
    rows = []
    for against, group in combinations(found.groups, 2):
        one, other = (_mean(found.curves[name], found.horizon) for name in (group, against))
        moved = [np.nan] * 3
        if one and other and one.variance + other.variance > 0:
            gap = arm_difference(one, other, confidence=confidence)
            moved = [days / found.size for days in (gap.effect, gap.ci_low, gap.ci_high)]
        test = by_pair[frozenset((group, against))]
        sizes = [round(float(found.curves[name].at_risk[0])) for name in (group, against)]
        rows.append([group, against, *sizes, *moved, test.statistic, test.p_value, test.p_adjusted])
    return pd.DataFrame(rows, columns=columns)


def _strata(churn: Churn) -> Any:
    return None if churn.strata is None else churn.strata.astype(str)


def group_tests(churn: Churn, given: dict[str, Any]) -> list[tuple[str, LogRank]]:
    """Do the groups' curves differ at all: over everybody, and within strata?

    Args:
        churn: the customers.
        given: the arguments by name.

    Returns:
        Name of each test and the test.
    """
    if churn.group is None or len(set(churn.group)) < 2:
        return []
    named = churn.group.astype(str)
    tests = [("log-rank", log_rank(churn.days, churn.left, named, weights=churn.n))]
    if churn.strata is not None:
        within = log_rank(churn.days, churn.left, named, strata=_strata(churn), weights=churn.n)
        tests.append((f"log-rank within {given['strata']}", within))
    return tests


def curve_rows(found: Curves) -> pd.DataFrame:
    """Which share is still here over time?

    Args:
        found: the curves.

    Returns:
        One row per group (or "all") and time: group, time (in periods), n (still watched then), size (of the group),
        estimate (share still here), ci_low, ci_high.
    """
    frames = []
    for name in found.groups or [ALL]:
        curve = found.curves[name]
        at = grid(curve.time, found.horizon)
        share, low, high = curve.at(at)
        frames.append(pd.DataFrame({
            "group": name, "time": at / found.size, "n": curve.watched(at).astype(int),
            "size": round(float(curve.at_risk[0])), "estimate": share,
            "ci_low": np.where(share == 1, 1.0, low), "ci_high": np.where(share == 1, 1.0, high),
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def grid(time: np.ndarray, horizon: float) -> np.ndarray:
    """At which times is a curve told: at all and at the horizon, or at equal steps where there are very many.

    Args:
        time: the curve's times.
        horizon: until when time counts.

    Returns:
        Times from 0 to the last one.

    Examples:
        >>> import numpy as np
        >>> grid(np.array([2.0, 5.0]), 4.0)
        array([0., 2., 4., 5.])
    """
    last = float(time[-1])
    also = np.array([0.0, *([horizon] if horizon < last else [])])
    every = np.unique(np.concatenate([time, also]))
    return every if len(every) <= _POINTS else np.unique(np.append(np.linspace(0, last, _POINTS + 1), also))
