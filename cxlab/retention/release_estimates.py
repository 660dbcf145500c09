"""What changed at a release: a broken trend over cohorts, the same against a comparison group, and placebos of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtr, stdtrit

from cxlab.retention.release_cohorts import FEWEST_COHORTS, Cohorts
from cxlab.stats.binomial_regression import BinomialFit, Link, binomial_regression
from cxlab.stats.odds import cut_odds
from cxlab.stats.proportions import newcombe_difference

__all__ = ["ReleaseEstimates", "against_row", "leads_by_cohort", "release_estimates"]

Floats = NDArray[np.float64]
_LINKS: dict[str, Link] = {"difference": "identity", "odds": "logit"}
SEGMENTED, AGAINST = "broken trend", "against comparison group"


@dataclass(frozen=True, kw_only=True)
class ReleaseEstimates:
    """What was found, table by table; `fit` is the broken trend's, `parallel` p of equal trends before."""

    table: pd.DataFrame
    cohorts: pd.DataFrame
    coefficients: pd.DataFrame
    placebo: pd.DataFrame
    leads: pd.DataFrame
    fit: BinomialFit
    parallel: float

    def tables(self) -> dict[str, pd.DataFrame]:
        """Those that stand beside the first."""
        known = {"coefficients": self.coefficients, "cohorts": self.cohorts, "placebo": self.placebo}
        return known | ({"leads": self.leads} if len(self.leads) else {})


def release_estimates(found: Cohorts, given: dict[str, Any]) -> ReleaseEstimates:
    """What changed at the release?

    Args:
        found: cohorts before and after it.
        given: the arguments by name.

    Returns:
        The estimates.
    """
    confidence, own = given["confidence"], found.of()
    fit = _broken(own, 0)
    rows = [_jump_row(own, fit, given["scale"], confidence)]
    leads, parallel = pd.DataFrame(), float("nan")
    if found.control is not None:
        rows.insert(0, against_row(found, given["scale"], confidence))
        leads, parallel = leads_by_cohort(found, given["scale"], confidence)
    return ReleaseEstimates(
        table=pd.DataFrame(rows), cohorts=_drawn(found, fit), coefficients=_coefficients(fit, confidence),
        placebo=_placebo(own, given["scale"], confidence), leads=leads, fit=fit, parallel=parallel,
    )  # fmt: skip


def _design(at: Floats) -> Floats:
    """Level and trend before, jump, and change of the trend, all at the first period after the release."""
    after = (at >= 0).astype(float)
    return np.column_stack([np.ones(len(at)), at, after, at * after])


def _broken(rows: pd.DataFrame, cut: int) -> BinomialFit:
    return binomial_regression(_design(rows["at"].to_numpy(float) - cut), rows["returned"], rows["n"])


def _sizes(rows: pd.DataFrame, cut: int = 0) -> dict[str, int]:
    late = rows["at"] >= cut
    return {"n": int(rows.loc[late, "n"].sum()), "control_n": int(rows.loc[~late, "n"].sum())}


def _jump_row(rows: pd.DataFrame, fit: BinomialFit, scale: str, confidence: float) -> dict[str, Any]:
    """The share right after the release, and what the trend before would have made it."""
    without, with_it = expit(fit.coefficient[0]), expit(fit.coefficient[0] + fit.coefficient[2])
    value, low, high, p_value = fit.contrast([0, 0, 1, 0], confidence=confidence)
    if scale == "odds":
        effect, low, high = np.exp([value, low, high])
    else:
        slopes = np.array([with_it * (1 - with_it) - without * (1 - without), 0, with_it * (1 - with_it), 0])
        change = float(with_it - without)
        error = float(np.sqrt(slopes @ fit.covariance @ slopes))
        half = float(stdtrit(fit.t_df, (1 + confidence) / 2)) * error
        effect, low, high = change, change - half, change + half
        p_value = float(2 * stdtr(fit.t_df, -abs(change) / error))
    return {"method": SEGMENTED, "scale": scale, **_sizes(rows), "estimate": float(with_it),
            "control_estimate": float(without), "effect": float(effect), "ci_low": float(low), "ci_high": float(high),
            "p_value": p_value}  # fmt: skip


def _paired(rows: pd.DataFrame, affected: str) -> tuple[Floats, Floats]:
    """A level per cohort, the groups' difference before, and the affected group's rows after the release."""
    place = np.unique(rows["at"], return_inverse=True)[1]
    treated = (rows["group"] == affected).to_numpy(float)
    return np.column_stack([np.eye(place.max() + 1)[place], treated]), treated


def against_row(found: Cohorts, scale: str, confidence: float) -> dict[str, Any]:
    """By how much did the affected group's share move beyond the comparison group's, cohort by cohort?

    Args:
        found: the cohorts of both groups.
        scale: "difference" or "odds".
        confidence: level of the interval.

    Returns:
        A row of the first table.
    """
    rows = found.pairs()
    levels, treated = _paired(rows, found.affected)
    after = (rows["at"] >= 0).to_numpy(float)
    fit = binomial_regression(
        np.column_stack([levels, treated * after]), rows["returned"], rows["n"], link=_LINKS[scale]
    )
    pick = np.append(np.zeros(len(fit.coefficient) - 1), 1.0)
    value, low, high, p_value = fit.contrast(pick, confidence=confidence)
    own = rows[(rows["group"] == found.affected) & (rows["at"] >= 0)]
    with_it = float(own["returned"].sum() / own["n"].sum())
    without = float(expit(logit(with_it) - value)) if scale == "odds" else with_it - value
    if scale == "odds":
        value, low, high = (float(np.exp(one)) for one in (value, low, high))
    return {"method": AGAINST, "scale": scale, **_sizes(found.of()), "estimate": with_it, "control_estimate": without,
            "effect": value, "ci_low": low, "ci_high": high, "p_value": p_value}  # fmt: skip


def leads_by_cohort(found: Cohorts, scale: str, confidence: float) -> tuple[pd.DataFrame, float]:
    """How far apart are the groups, cohort by cohort, and had that a trend before the release?

    Args:
        found: the cohorts of both groups.
        scale: "difference" or "odds".
        confidence: level of the intervals.

    Returns:
        One row per cohort, and p of no trend before the release.
    """
    rows = found.pairs()
    before = rows[rows["at"] < 0].reset_index(drop=True)
    levels, treated = _paired(before, found.affected)
    trend = np.column_stack([levels, treated * before["at"].to_numpy(float)])
    p_value = float("nan")
    if len(before) > trend.shape[1]:
        fit = binomial_regression(trend, before["returned"], before["n"], link=_LINKS[scale])
        p_value = fit.contrast(np.append(np.zeros(trend.shape[1] - 1), 1.0), confidence=confidence)[3]
    wide = rows.pivot(index="at", columns="group", values=["n", "returned", "name"])
    told = [_apart(at, row, found, scale, confidence) for at, row in wide.iterrows()]
    return pd.DataFrame(told), p_value


def _apart(at: Any, row: Any, found: Cohorts, scale: str, confidence: float) -> dict[str, Any]:
    """One cohort's difference between the groups, by chance alone."""
    n1, x1 = (int(row[(name, found.affected)]) for name in ("n", "returned"))
    n0, x0 = (int(row[(name, found.control)]) for name in ("n", "returned"))
    if scale == "odds":
        odds = cut_odds(x1, n1 - x1, x0, n0 - x0, confidence=confidence)
        effect, low, high = (float(np.exp(one)) for one in (odds.value, odds.ci_low, odds.ci_high))
    else:
        effect, low, high = (float(one) for one in newcombe_difference(x1, n1, x0, n0, confidence=confidence))
    return {"cohort": row[("name", found.affected)], "at": int(at), "n": n1, "control_n": n0, "effect": effect,
            "ci_low": low, "ci_high": high}  # fmt: skip


def _placebo(rows: pd.DataFrame, scale: str, confidence: float) -> pd.DataFrame:
    """The same jump asked at each cohort before the release, from these alone: nothing should be found."""
    before = rows[rows["at"] < 0].reset_index(drop=True)
    cuts = before["at"].to_numpy()[FEWEST_COHORTS : len(before) - FEWEST_COHORTS + 1]
    told = []
    for cut in cuts if len(before) > 2 * FEWEST_COHORTS else []:
        row = _jump_row(before, _broken(before, int(cut)), scale, confidence)
        name = before.loc[before["at"] == cut, "name"].iloc[0]
        told.append({"cohort": name, "at": int(cut), **_sizes(before, int(cut)),
                     **{key: row[key] for key in ("effect", "ci_low", "ci_high", "p_value")}})  # fmt: skip
    return pd.DataFrame(told, columns=["cohort", "at", "n", "control_n", "effect", "ci_low", "ci_high", "p_value"])


def _drawn(found: Cohorts, fit: BinomialFit) -> pd.DataFrame:
    """Every cohort with its share, and for the affected group the broken trend and the trend without the release."""
    at = found.rows["at"].to_numpy(float)
    own = (found.rows["group"] == found.affected).to_numpy()
    fitted = np.where(own, expit(_design(at) @ fit.coefficient), np.nan)
    without = np.where(own & (at >= 0), expit(fit.coefficient[0] + fit.coefficient[1] * at), np.nan)
    rows = found.rows.rename(columns={"group": "segment", "name": "cohort"}).drop(columns="c")
    return rows.assign(fitted=fitted, without_release=without)


def _coefficients(fit: BinomialFit, confidence: float) -> pd.DataFrame:
    """The broken trend as odds ratios."""
    told = []
    for place, term in ((1, "trend before, per period"), (2, "jump"), (3, "change of the trend, per period")):
        value, low, high, p_value = fit.contrast(np.eye(4)[place], confidence=confidence)
        told.append({"term": term, "estimate": float(np.exp(value)), "ci_low": float(np.exp(low)),
                     "ci_high": float(np.exp(high)), "p_value": p_value})  # fmt: skip
    return pd.DataFrame(told)
