"""Why customers left: the share gone for each reason, none of which would have waited for the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.retention.churn_groups import Curves, grid
from cxlab.retention.churn_history import Churn
from cxlab.stats.curve_differences import LogRank
from cxlab.stats.incidence import Incidence, cumulative_incidence
from cxlab.stats.incidence_tests import IncidenceTest, gray_test
from cxlab.stats.multiplicity import holm

__all__ = ["incidence_rows", "made_tests", "reason_rows", "reason_tests"]


def _ways(churn: Churn, found: Curves, name: str, confidence: float) -> tuple[Incidence, ...]:
    rows = found.of[name]
    return cumulative_incidence(
        churn.days[rows], churn.reason[rows], causes=len(churn.reasons), weights=churn.n[rows], confidence=confidence
    )


def reason_rows(churn: Churn, found: Curves, confidence: float) -> pd.DataFrame:
    """Which share of everybody, and of each group, has left for each reason by the horizon?

    Args:
        churn: the customers.
        found: their curves.
        confidence: level of the intervals.

    Returns:
        One row per group (and "all") and reason: group, reason, size (of the group), n (who left for this reason, at
        any time), estimate (share gone for it by the horizon), ci_low, ci_high.
    """
    rows = []
    for name, curve in found.curves.items():
        size = round(float(curve.at_risk[0]))
        for reason, way in zip(churn.reasons, _ways(churn, found, name, confidence), strict=True):
            share, low, high = (float(one[0]) for one in way.at(min(found.horizon, _until(curve.survival, way))))
            rows.append([name, reason, size, round(float(way.events.sum())), share, low, high])
    return pd.DataFrame(rows, columns=["group", "reason", "size", "n", "estimate", "ci_low", "ci_high"])


def _until(survival: np.ndarray, way: Incidence) -> float:
    """Where everybody has left, nothing changes any more."""
    return float(way.time[-1]) if survival[-1] <= 0 else np.inf


def incidence_rows(churn: Churn, found: Curves, confidence: float) -> pd.DataFrame:
    """Which share has left for each reason over time?

    Args:
        churn: the customers.
        found: their curves.
        confidence: level of the intervals.

    Returns:
        One row per group (and "all"), reason and time: group, reason, time (in periods), n (still watched then), size
        (who left for this reason, at any time), estimate (share gone for it), ci_low, ci_high.
    """
    frames = []
    for name, curve in found.curves.items():
        at = grid(curve.time, found.horizon)
        watched = curve.watched(at).astype(int)
        for reason, way in zip(churn.reasons, _ways(churn, found, name, confidence), strict=True):
            share, low, high = way.at(at)
            frames.append(pd.DataFrame({
                "group": name, "reason": reason, "time": at / found.size, "n": watched,
                "size": round(float(way.events.sum())), "estimate": share,
                "ci_low": np.where(share == 0, 0.0, low), "ci_high": np.where(share == 0, 0.0, high),
            }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def reason_tests(churn: Churn) -> list[tuple[str, IncidenceTest]]:
    """Do the groups differ in the share that leaves for each reason?

    Args:
        churn: the customers.

    Returns:
        Reason and Gray's test.
    """
    if churn.group is None or len(set(churn.group)) < 2:
        return []
    strata = None if churn.strata is None else churn.strata.astype(str)
    return [
        (reason, gray_test(churn.days, churn.reason, churn.group.astype(str), of=place + 1, strata=strata,
                           weights=churn.n))
        for place, reason in enumerate(churn.reasons)
    ]  # fmt: skip


def made_tests(
    curves: list[tuple[str, LogRank]], reasons: list[tuple[str, IncidenceTest]], strata: str | None
) -> pd.DataFrame:
    """Which tests were made over all groups?

    Args:
        curves: tests of the curves of everybody who left, by name.
        reasons: tests of each reason.
        strata: column within whose values customers were compared, or None.

    Returns:
        One row per test: test, reason ("all" where none is set apart), statistic, df, p_value, p_adjusted (Holm, over
        the reasons).
    """
    within = f" within {strata}" if strata else ""
    rows = [[name, ALL, test.statistic, test.df, test.p_value, test.p_value] for name, test in curves]
    adjusted = holm([test.p_value for _, test in reasons])
    rows += [
        [f"Gray{within}", reason, test.statistic, test.df, test.p_value, float(p)]
        for (reason, test), p in zip(reasons, adjusted, strict=True)
    ]
    return pd.DataFrame(rows, columns=["test", "reason", "statistic", "df", "p_value", "p_adjusted"])
