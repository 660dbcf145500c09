"""Do segments, or newer and older cohorts, differ by more than chance explains?"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxlab.errors import DataError
from cxlab.stats.multiplicity import holm
from cxlab.stats.proportions import newcombe_difference

__all__ = ["MOST_SEGMENTS", "SMALLEST", "compared_age", "compared_segments", "newer_against_older", "well_observed"]

SMALLEST = 50
MOST_SEGMENTS = 20
_COLUMNS = [
    "segment", "against", "age", "n", "estimate", "control_n", "control_estimate", "effect", "ci_low", "ci_high",
    "p_value", "p_adjusted",
]  # fmt: skip


def well_observed(curve: pd.DataFrame) -> pd.DataFrame:
    """Which points of a curve were reached by at least half of its people, and by fifty?

    Args:
        curve: a curve with age, n and share_observed.

    Returns:
        Those rows, without age 0.
    """
    return curve[(curve["age"] > 0) & (curve["share_observed"] >= 0.5) & (curve["n"] >= SMALLEST)]


def compared_age(segments: pd.DataFrame) -> int | None:
    """At which age are the segments compared: the last one that all large enough segments reached well?

    Args:
        segments: one curve a segment, the segment in `group`.

    Returns:
        The age, or None where fewer than two segments have one in common.
    """
    large = segments.groupby("group")["n"].transform("max") >= SMALLEST
    reached = [set(well_observed(rows)["age"]) for _, rows in segments[large].groupby("group")]
    common = set.intersection(*reached) if len(reached) > 1 else set()
    return max(common, default=None)


def compared_segments(segments: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """How far apart are each two segments at the last age that both reached well?

    Args:
        segments: one curve a segment, the segment in `group`.
        confidence: level of the intervals.

    Returns:
        One row per pair, the higher rate first: segment, against, age, n, estimate, control_n,
        control_estimate, effect, ci_low, ci_high, p_value, p_adjusted (Holm over all pairs).
    """
    found = segments["group"].nunique()
    if found > MOST_SEGMENTS:
        raise DataError(
            f"`segment` has {found} different values; at most {MOST_SEGMENTS} can be compared. "
            "Choose a column with fewer values, or join rare ones."
        )
    age = compared_age(segments)
    if age is None:
        return pd.DataFrame(columns=_COLUMNS)
    rows = segments[(segments["age"] == age) & (segments["n"] >= SMALLEST)].sort_values(
        ["rate", "group"], ascending=[False, True]
    )
    pairs = [_pair(a, b, confidence) for a, b in combinations(rows.to_dict("records"), 2)]
    table = pd.DataFrame(pairs)
    return table.assign(p_adjusted=holm(table["p_value"]))[_COLUMNS]


def _pair(a: dict, b: dict, confidence: float) -> dict[str, object]:
    first, second = ((r["rate"] * r["effective_n"], r["effective_n"]) for r in (a, b))
    return {
        "segment": a["group"], "against": b["group"], "age": a["age"], "n": a["n"], "estimate": a["rate"],
        "control_n": b["n"], "control_estimate": b["rate"], **_difference(first, second, confidence),
    }  # fmt: skip


def _difference(a: tuple[float, float], b: tuple[float, float], confidence: float) -> dict[str, float]:
    """Newcombe's interval, and the score test of equal shares; counts may be effective ones."""
    effect, low, high = (float(v) for v in newcombe_difference(*a, *b, confidence=confidence))
    pooled = (a[0] + b[0]) / (a[1] + b[1])
    error = np.sqrt(pooled * (1 - pooled) * (1 / a[1] + 1 / b[1]))
    p_value = float(2 * ndtr(-abs(effect) / error)) if error > 0 else 1.0
    return {"effect": effect, "ci_low": low, "ci_high": high, "p_value": p_value}


def _sums(rows: pd.DataFrame) -> tuple[float, float]:
    return float(rows["returned"].sum()), float(rows["n"].sum())


def newer_against_older(cohorts: pd.DataFrame, confidence: float, *, age: int = 1) -> pd.DataFrame:
    """Do newer cohorts come back more often than older ones, at one age fixed beforehand?

    Args:
        cohorts: the cells of cohorts by start period, in `group`.
        confidence: level of the interval.
        age: the age at which they are compared.

    Returns:
        One row, or none where a half has fewer than fifty people: since (first newer cohort), age, n, estimate,
        control_n, control_estimate, effect, ci_low, ci_high, p_value. The cohorts are cut where the halves are
        most alike in size; `control_` is the older half.
    """
    rows = cohorts[(cohorts["age"] == age) & (cohorts["state"] == "complete") & (cohorts["n"] > 0)]
    if len(rows) < 2:
        return pd.DataFrame()
    older_n = rows["n"].cumsum().to_numpy()[:-1]
    cut = int(np.argmin(np.abs(older_n - rows["n"].sum() / 2))) + 1
    (x1, n1), (x0, n0) = newer, older = [_sums(part) for part in (rows[cut:], rows[:cut])]
    if min(n1, n0) < SMALLEST:
        return pd.DataFrame()
    row = {"since": rows["group"].iloc[cut], "age": age, "n": int(n1), "estimate": x1 / n1}
    row |= {"control_n": int(n0), "control_estimate": x0 / n0}
    return pd.DataFrame([row | _difference(newer, older, confidence)])
