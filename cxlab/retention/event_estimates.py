"""An event and leaving: the answer, other ways to ask, and what a split by who ever had it would have said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxlab.errors import DataError
from cxlab.retention.event_regressions import (
    NOTHING,
    at_landmark,
    by_days_since,
    estimate_row,
    landmark_row,
    ratio_of,
    regress,
)
from cxlab.retention.known_at_start import KnownColumns, known_columns
from cxlab.retention.spells import FEWEST, Spells
from cxlab.stats.cox import CoxFit
from cxlab.stats.exposure_rows import ExposureRows, exposure_rows
from cxlab.stats.rates import poisson_interval
from cxlab.stats.survival import kaplan_meier

__all__ = ["MONTH", "EventEstimates", "event_estimates"]

MONTH = 30.0  # days in which rates are told
_POINTS = 120  # of a curve
ALONE = "time-varying, nothing held constant"


@dataclass(frozen=True, kw_only=True)
class EventEstimates:
    """What was found, table by table; `fit` is the time-varying regression, `moves` p of one ratio for all days."""

    table: pd.DataFrame
    since: pd.DataFrame
    rates: pd.DataFrame
    survival: pd.DataFrame
    covariates: pd.DataFrame
    immortal: pd.DataFrame
    rows: ExposureRows
    fit: CoxFit
    moves: float

    def tables(self) -> dict[str, pd.DataFrame]:
        """Those that stand beside the first."""
        known = {"covariates": self.covariates} if len(self.covariates) else {}
        return {"since_event": self.since, "rates": self.rates, "survival": self.survival, **known,
                "immortal_time": self.immortal}  # fmt: skip


def event_estimates(spells: Spells, given: dict[str, Any]) -> EventEstimates:
    """How many times as often do customers leave after the event?

    Args:
        spells: who stayed how long, and when the event came.
        given: the arguments by name.

    Returns:
        The estimates.

    Raises:
        DataError: too few left at the landmark that is to answer, or covariates cannot be told apart.
    """
    confidence = given["confidence"]
    known = known_columns(spells.known, spells.left, fewest=FEWEST)
    rows = exposure_rows(spells.held, spells.left, spells.waited)
    fit = regress(rows, spells, known, confidence)
    since, moves = by_days_since(spells, known, given["since"], confidence)
    return EventEstimates(
        table=_ways(spells, rows, fit, known, given), since=since, rates=_rates(rows, confidence),
        survival=_survival(spells, given["landmarks"], confidence), covariates=_covariates(fit, known),
        immortal=_immortal(spells, known, confidence), rows=rows, fit=fit, moves=moves,
    )  # fmt: skip


def _ways(spells: Spells, rows: ExposureRows, fit: CoxFit, known: KnownColumns, given: dict[str, Any]) -> pd.DataFrame:
    """The answer first."""
    varying = estimate_row("time-varying", np.nan, fit, spells, spells.ever)
    marks = [landmark_row(spells, float(day), given["confidence"]) for day in given["landmarks"]]
    found = [varying, *marks]
    if given["method"] == "landmark":
        if marks[0] is None:
            raise DataError(
                f"Too few customers left after day {given['landmarks'][0]}, the first landmark: expected {FEWEST} or "
                "more with the event by then, and as many without. Name another day in `landmarks`, or ask with "
                "method='time-varying'."
            )
        found = [marks[0], varying, *marks[1:]]
    if known.told:
        alone = regress(rows, spells, NOTHING, given["confidence"])
        found.append(estimate_row(ALONE, np.nan, alone, spells, spells.ever))
    return pd.DataFrame([row for row in found if row is not None])


def _rates(rows: ExposureRows, confidence: float) -> pd.DataFrame:
    """Who left in 30 days, of those before or without the event and of those after it; nothing held constant."""
    found = []
    for state, part in (("before or without it", ~rows.exposed), ("after it", rows.exposed)):
        days, left = float((rows.stop - rows.start)[part].sum()), int(rows.happened[part].sum())
        low, high = poisson_interval(left, days, confidence=confidence)
        found.append({"state": state, "n": len(np.unique(rows.of[part])), "days": days, "events": left,
                      "estimate": MONTH * left / days, "ci_low": MONTH * low, "ci_high": MONTH * high})  # fmt: skip
    return pd.DataFrame(found)


def _survival(spells: Spells, landmarks: list[int], confidence: float) -> pd.DataFrame:
    """Share still here, by days since each landmark, with the event by then and without."""
    found = []
    for day in landmarks:
        later, exposed = at_landmark(spells, float(day))
        for group, part in (("without it", ~exposed), ("with it", exposed)):
            if part.any():
                found.append(_curve(later.held[part], later.left[part], confidence).assign(landmark=day, group=group))
    if not found:
        return pd.DataFrame(columns=["landmark", "group", "time", "n", "estimate", "ci_low", "ci_high"])
    return pd.concat(found, ignore_index=True)[["landmark", "group", "time", "n", "estimate", "ci_low", "ci_high"]]


def _curve(held: Any, left: Any, confidence: float) -> pd.DataFrame:
    """The curve on whole days, so many of them that its steps stay visible."""
    curve = kaplan_meier(held, left, confidence=confidence)
    time = np.arange(0.0, np.floor(curve.time[-1]) + 1, max(np.ceil(curve.time[-1] / _POINTS), 1.0))
    share, low, high = curve.at(time)
    return pd.DataFrame({"time": time, "n": curve.watched(time), "estimate": share, "ci_low": low, "ci_high": high})


def _covariates(fit: CoxFit, known: KnownColumns) -> pd.DataFrame:
    return pd.DataFrame([
        {"covariate": name, "change": word, **ratio_of(fit, place)} for place, (name, word) in enumerate(known.told, 1)
    ])  # fmt: skip


def _immortal(spells: Spells, known: KnownColumns, confidence: float) -> pd.DataFrame:
    """What the split by who ever had the event would have said, and how much of its time lies before the event."""
    ever = spells.ever
    rows = exposure_rows(spells.held, spells.left, np.where(ever, 0.0, np.nan))
    fit = regress(rows, spells, known, confidence)
    days = float(spells.held[ever].sum())
    before = float(np.maximum(spells.waited[ever], 0).sum())
    return pd.DataFrame([{"method": "ever/never", "n": len(ever), "exposed": int(ever.sum()),
                          "wrong_estimate": float(fit.hazard_ratio[0]), "days": days, "days_before_it": before,
                          "share_before_it": before / days}])  # fmt: skip
