"""An event and leaving by Cox regression: exposure that varies in time, landmarks, and days since the event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc

from cxlab.retention.known_at_start import KnownColumns, known_columns
from cxlab.retention.spells import FEWEST, Spells
from cxlab.stats.cox import CoxFit, cox_regression
from cxlab.stats.exposure_rows import ExposureRows, exposure_rows

__all__ = ["at_landmark", "by_days_since", "estimate_row", "landmark_row", "ratio_of", "regress"]

EVENT = "the event"
NOTHING = KnownColumns(np.zeros((0, 0)), ())
Chosen = NDArray[np.bool_]


def regress(
    rows: ExposureRows, spells: Spells, known: KnownColumns, confidence: float, *, bands: Sequence[int] = ()
) -> CoxFit:
    """How many times as often do customers leave after the event, what is known of them being equal?

    Args:
        rows: stretches of time before and after the event.
        spells: the customers they belong to.
        known: what was known at the start; `NOTHING` holds nothing constant.
        confidence: level of the intervals.
        bands: bands of time since the event with a ratio of their own each; one ratio for all if not given.

    Returns:
        The regression, the event's coefficients first.
    """
    if bands:
        exposed, names = np.column_stack([rows.band == band for band in bands]), [f"{EVENT} ({band})" for band in bands]
    else:
        exposed, names = rows.exposed[:, None], [EVENT]
    columns = [exposed.astype(float), *([known.values[rows.of]] if known.told else [])]
    return cox_regression(
        rows.stop, rows.happened, np.hstack(columns), names=[*names, *(f"{name}: {word}" for name, word in known.told)],
        entry=rows.start, cluster=spells.unit[rows.of] if spells.repeats else None, confidence=confidence,
    )  # fmt: skip


def ratio_of(fit: CoxFit, place: int) -> dict[str, float]:
    """A hazard ratio with its interval.

    Args:
        fit: the regression.
        place: of the coefficient.

    Returns:
        estimate, ci_low, ci_high and p_value.
    """
    return {"estimate": float(fit.hazard_ratio[place]), "ci_low": float(fit.hazard_ratio_low[place]),
            "ci_high": float(fit.hazard_ratio_high[place]), "p_value": float(fit.p_value[place])}  # fmt: skip


def estimate_row(method: str, day: float, fit: CoxFit, spells: Spells, exposed: Chosen) -> dict[str, Any]:
    """One way to ask: who stands behind it, and what it says.

    Args:
        method: the way, in words.
        day: of the landmark, else missing.
        fit: its regression.
        spells: the customers.
        exposed: who counts as having had the event.

    Returns:
        A row of the first table.
    """
    sizes = {"n": len(exposed), "exposed": int(exposed.sum()), "events": int(spells.left.sum()),
             "exposed_events": int((exposed & spells.left).sum())}  # fmt: skip
    return {"method": method, "landmark": day, **sizes, **ratio_of(fit, 0)}


def at_landmark(spells: Spells, day: float) -> tuple[Spells, Chosen]:
    """Who is still here on a day, and had the event by then?

    Args:
        spells: the customers.
        day: days after the start.

    Returns:
        Those still here, their time counted from that day; whether each had the event by then.
    """
    later = spells.still_here(day)
    return later, later.waited <= 0


def landmark_row(spells: Spells, day: float, confidence: float) -> dict[str, Any] | None:
    """Do those who had the event by a day leave sooner afterwards than the others who were still here?

    Args:
        spells: the customers.
        day: the landmark, in days after the start.
        confidence: level of the interval.

    Returns:
        A row of the first table; None where too few left afterwards, with the event by then or without.
    """
    later, exposed = at_landmark(spells, day)
    if min((exposed & later.left).sum(), (~exposed & later.left).sum()) < FEWEST:
        return None
    rows = exposure_rows(later.held, later.left, np.where(exposed, 0.0, np.nan))
    fit = regress(rows, later, known_columns(later.known, later.left, fewest=FEWEST), confidence)
    return estimate_row("landmark", day, fit, later, exposed)


def by_days_since(
    spells: Spells, known: KnownColumns, edges: Sequence[int], confidence: float
) -> tuple[pd.DataFrame, float]:
    """Does the ratio change with the days since the event?

    Args:
        spells: the customers.
        known: what was known at the start.
        edges: days since the event at which its ratio is asked anew.
        confidence: level of the intervals.

    Returns:
        One row per band of days, and p of the ratio being the same in all of them.
    """
    begins, ends = [0, *edges], [*map(float, edges), np.nan]
    rows = exposure_rows(spells.held, spells.left, spells.waited, edges=edges)
    left = np.bincount(rows.band[rows.happened], minlength=len(begins) + 1)[1:]
    seen = [band for band, gone in enumerate(left, 1) if gone >= FEWEST]
    if not seen:
        return _bands(rows, begins, ends, left, {}), float("nan")
    # Days on which too few left say nothing; without their rows the others' ratios are what they would be.
    fit = regress(rows.kept(np.isin(rows.band, [0, *seen])), spells, known, confidence, bands=seen)
    ratios = {band: ratio_of(fit, place) for place, band in enumerate(seen)}
    return _bands(rows, begins, ends, left, ratios), _same(fit, len(seen))


def _bands(
    rows: ExposureRows, begins: list[int], ends: list[float], left: Any, ratios: dict[int, dict[str, float]]
) -> pd.DataFrame:
    unknown = dict.fromkeys(("estimate", "ci_low", "ci_high", "p_value"), np.nan)
    return pd.DataFrame([
        {"from_day": begin, "to_day": end, "n": len(np.unique(rows.of[rows.band == band])), "events": int(gone),
         **ratios.get(band, unknown)}
        for band, (begin, end, gone) in enumerate(zip(begins, ends, left, strict=True), 1)
    ])  # fmt: skip


def _same(fit: CoxFit, bands: int) -> float:
    """The p value of one ratio for all bands (Wald)."""
    if bands < 2:
        return float("nan")
    contrast = np.column_stack([-np.ones(bands - 1), np.eye(bands - 1)])
    apart = contrast @ fit.coefficient[:bands]
    spread = contrast @ fit.covariance[:bands, :bands] @ contrast.T
    return float(chdtrc(bands - 1, apart @ np.linalg.solve(spread, apart)))
