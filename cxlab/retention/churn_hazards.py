"""Several characteristics at once: which go with leaving sooner, the others being equal, and does that last?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.errors import DataError, ParameterError, nearest
from cxlab.retention.churn_history import Churn
from cxlab.retention.purchase_history import DAYS
from cxlab.stats.cox import CoxFit, cox_regression
from cxlab.stats.multiplicity import holm
from cxlab.stats.proportional_hazards import Proportional, proportional_hazards

__all__ = ["Coded", "Hazards", "driver_rows", "fit_hazards", "proportional_rows", "spell_rows"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Coded:
    """One column of the regression: its driver, the level it stands for, how many have it and of them left."""

    driver: str
    level: str
    column: Floats
    n: int
    churned: int

    @property
    def name(self) -> str:
        """What the column is called in messages."""
        return f"{self.driver}: {self.level}"


@dataclass(frozen=True)
class Hazards:
    """The regression, its columns, the levels that others are held against, and whether hazards stay in proportion."""

    fit: CoxFit
    coded: tuple[Coded, ...]
    references: tuple[Coded, ...]
    tests: tuple[Proportional, ...]

    @property
    def changing(self) -> tuple[str, ...]:
        """Drivers whose hazard ratio changes over time, by the test of each (Holm over the drivers)."""
        own = [test for test in self.tests if test.name != "GLOBAL"]
        return tuple(test.name for test, p in zip(own, holm([one.p_value for one in own]), strict=True) if p < 0.05)


def fit_hazards(churn: Churn, given: dict[str, Any]) -> Hazards | None:
    """Which characteristics go with leaving sooner, the others being equal?

    Args:
        churn: the customers.
        given: the arguments by name.

    Returns:
        The regression; None where no drivers are asked for.

    Raises:
        DataError: a driver does not vary, follows from others, or separates who left from who did not.
        ParameterError: a reference is no level.
    """
    if not given["drivers"]:
        return None
    coded, references = [], []
    for name in given["drivers"]:
        own, against = _columns(churn, name, (given["reference"] or {}).get(name))
        coded += own
        references += against
    fit = _fit(churn, coded, given, None)
    tests = proportional_hazards(fit, terms=[one.driver for one in coded])
    return Hazards(fit, tuple(coded), tuple(references), tests)


def _fit(churn: Churn, coded: list[Coded], given: dict[str, Any], part: tuple[float, float] | None) -> CoxFit:
    """The regression over everybody's whole time, or over a stretch of it."""
    begin, end = part or (-np.inf, np.inf)
    rows = churn.days > begin
    days = np.minimum(churn.days, end)[rows]
    left = np.where(churn.days <= end, churn.left, 0.0)[rows]
    alone = churn.whose is None
    return cox_regression(
        days, left, np.stack([one.column for one in coded], axis=1)[rows], names=[one.name for one in coded],
        entry=None if begin == -np.inf else np.full(len(days), begin),
        strata=None if churn.strata is None else churn.strata[rows].astype(str),
        **({"weights": churn.n[rows]} if alone else _clustered(churn, rows)), confidence=given["confidence"],
    )  # fmt: skip


def _clustered(churn: Churn, rows: NDArray[np.bool_]) -> dict[str, Any]:
    assert churn.whose is not None
    return {"cluster": churn.whose[rows]}


def _columns(churn: Churn, name: str, stated: str | None) -> tuple[list[Coded], list[Coded]]:
    values = churn.drivers[name]
    if values.dtype != object:
        step = _step(values, churn.n)
        return [Coded(name, f"{step:g} more", values / step, churn.customers, _left(churn, None))], []
    sizes = pd.Series(churn.n).groupby(values).sum().sort_values(ascending=False, kind="stable")
    levels = [str(level) for level in sizes.index]
    if stated is not None and str(stated) not in levels:
        raise ParameterError(
            f"`reference` names {stated!r} for '{name}', which has no such level.{nearest(str(stated), levels)} "
            f"There are: {', '.join(levels[:12])}."
        )
    if len(levels) < 2:
        raise DataError(
            f"Every customer has the same '{name}', {levels[0]!r}, so nothing can go with it. Leave it out."
        )
    first = str(stated) if stated is not None else levels[0]
    made = [
        Coded(name, level, (values == level).astype(float), round(sizes[level]), _left(churn, values == level))
        for level in levels
    ]
    return [one for one in made if one.level != first], [one for one in made if one.level == first]


def _left(churn: Churn, rows: NDArray[np.bool_] | None) -> int:
    weight = churn.n * churn.left
    return round(float(weight.sum() if rows is None else weight[rows].sum()))


def _step(values: Floats, n: Floats) -> float:
    """A round number about as large as customers usually differ by."""
    mean = np.average(values, weights=n)
    spread = float(np.sqrt(np.average((values - mean) ** 2, weights=n)))
    if not spread > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(spread))
    return float(max(step for step in (1.0, 2.0, 5.0) if step * power <= spread * (1 + 1e-9)) * power)


def driver_rows(hazards: Hazards) -> pd.DataFrame:
    """How much more often do customers of each kind leave, at any time, than those they are held against?

    Args:
        hazards: the regression.

    Returns:
        One row per driver and level, the reference first: driver, level, n, churned, estimate (hazard ratio; 1 for the
        reference), ci_low, ci_high, p_value and p_adjusted (Holm, over all rows).
    """
    fit = hazards.fit
    adjusted = holm(fit.p_value)
    rows = []
    for driver in dict.fromkeys(one.driver for one in hazards.coded):
        own = [one for one in hazards.references if one.driver == driver]
        rows += [[driver, one.level, one.n, one.churned, 1.0, *[np.nan] * 4] for one in own]
        for k, one in enumerate(hazards.coded):
            if one.driver == driver:
                numbers = (fit.hazard_ratio, fit.hazard_ratio_low, fit.hazard_ratio_high, fit.p_value, adjusted)
                rows.append([driver, one.level, one.n, one.churned, *(float(column[k]) for column in numbers)])
    columns = ["driver", "level", "n", "churned", "estimate", "ci_low", "ci_high", "p_value", "p_adjusted"]
    return pd.DataFrame(rows, columns=columns)


def proportional_rows(hazards: Hazards) -> pd.DataFrame:
    """Does each driver's hazard ratio stay the same over time?

    Args:
        hazards: the regression.

    Returns:
        One row per driver, and one for all together: driver, statistic, df, p_value, p_adjusted (Holm, over drivers).
    """
    own = [test for test in hazards.tests if test.name != "GLOBAL"]
    adjusted = [*holm([test.p_value for test in own]), hazards.tests[-1].p_value]
    return pd.DataFrame(
        [["all" if test.name == "GLOBAL" else test.name, test.statistic, test.df, test.p_value, float(p)]
         for test, p in zip(hazards.tests, adjusted, strict=True)],
        columns=["driver", "statistic", "df", "p_value", "p_adjusted"],
    )  # fmt: skip


def spell_rows(churn: Churn, hazards: Hazards, given: dict[str, Any]) -> pd.DataFrame:
    """What are the hazard ratios early, until half of those who left had left, and what later?

    Args:
        churn: the customers.
        hazards: the regression over all the time.
        given: the arguments by name.

    Returns:
        One row per driver, level and spell: driver, level, spell ("early" or "late"), until (periods: where the early
        spell ends), n (customers of that level still here as the spell begins), churned (in it), estimate, ci_low,
        ci_high. A spell in which a ratio cannot be told is left out.
    """
    cut = _half(churn)
    frames = []
    for spell, (begin, end) in {"early": (-np.inf, cut), "late": (cut, np.inf)}.items():
        try:
            fit = _fit(churn, list(hazards.coded), given, (begin, end))
        except DataError:
            continue
        here = churn.days > begin
        gone = here & (churn.days <= end) & (churn.left > 0)
        for k, one in enumerate(hazards.coded):
            own = one.column > 0 if one.n < churn.customers else np.ones(len(here), dtype=bool)
            frames.append([
                one.driver, one.level, spell, cut / DAYS[given["period"]], round(churn.n[here & own].sum()),
                round(churn.n[gone & own].sum()), float(fit.hazard_ratio[k]), float(fit.hazard_ratio_low[k]),
                float(fit.hazard_ratio_high[k]),
            ])  # fmt: skip
    columns = ["driver", "level", "spell", "until", "n", "churned", "estimate", "ci_low", "ci_high"]
    return pd.DataFrame(frames, columns=columns)


def _half(churn: Churn) -> float:
    """By when had half of those who left, left?"""
    order = np.argsort(churn.days, kind="stable")
    gone = np.cumsum((churn.n * churn.left)[order])
    return float(churn.days[order][np.searchsorted(gone, gone[-1] / 2)])
