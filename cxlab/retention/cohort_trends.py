"""One age over all cohorts: does coming back rise or fall from cohort to cohort?"""

import math

import pandas as pd

from cxlab.stats.share_trends import share_trend

__all__ = ["cohort_trend", "trend_points"]


def cohort_trend(cohorts: pd.DataFrame, confidence: float, *, age: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Does coming back at one age rise or fall from cohort to cohort?

    Args:
        cohorts: the cells of cohorts by start period, in `group`.
        confidence: level of the intervals.
        age: the cell at which they are compared.

    Returns:
        Two frames, both empty with fewer than five complete cohorts or where all or none came back. One row: since and
        until (first and last cohort), cohorts, age, n, control_estimate and estimate (first and last on the line),
        effect, ci_low, ci_high, odds_ratio (from one period to the next), dispersion, p_value. And one row per cohort:
        group, n, rate, ci_low, ci_high, fitted, fitted_low, fitted_high.
    """
    rows = trend_points(cohorts, age)
    places = rows["group"].astype(int) - int(rows["group"].min()) if len(rows) else []
    trend = share_trend(places, rows["returned"].astype(float), rows["n"], confidence=confidence)
    if trend is None:
        return pd.DataFrame(), pd.DataFrame()
    row = {
        "since": rows["group"].iloc[0], "until": rows["group"].iloc[-1], "cohorts": len(rows), "age": age,
        "n": int(rows["n"].sum()), "control_estimate": trend.fitted[0], "estimate": trend.fitted[-1],
        "effect": trend.effect, "ci_low": trend.effect_low, "ci_high": trend.effect_high,
        "odds_ratio": math.exp(trend.slope), "dispersion": trend.dispersion, "p_value": trend.p_value,
    }  # fmt: skip
    fitted = {"fitted": trend.fitted, "fitted_low": trend.fitted_low, "fitted_high": trend.fitted_high}
    points = rows[["group", "n", "rate", "ci_low", "ci_high"]].assign(**fitted)
    return pd.DataFrame([row]), points.reset_index(drop=True)


def trend_points(cohorts: pd.DataFrame, age: int) -> pd.DataFrame:
    """Which cohorts have been seen whole at this age?

    Args:
        cohorts: the cells of cohorts.
        age: the cell.

    Returns:
        Their rows.
    """
    return cohorts[(cohorts["age"] == age) & (cohorts["state"] == "complete") & (cohorts["n"] > 0)]
