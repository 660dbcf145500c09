"""Were the groups alike before the test? What was measured before cannot differ by the change."""

from __future__ import annotations

import math

import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.measurement import Measurement
from cxlab.results import Check
from cxlab.stats.means import arm_difference, mean_arm
from cxlab.stats.moments import Moments
from cxlab.stats.multiplicity import holm
from cxlab.wording import number, p_text, sentence_list

__all__ = ["balance_checks", "balance_table"]

_WARN = 0.01
_COLUMNS = [
    "covariate", "variant", "n", "estimate", "control_n", "control_estimate", "effect", "standardised_difference",
    "p_value", "p_adjusted",
]  # fmt: skip


def balance_table(measured: Measurement) -> pd.DataFrame:
    """Do variants differ in what was measured before the test?

    Args:
        measured: the sums.

    Returns:
        One row per covariate and variant: covariate, variant, n, estimate, control_n, control_estimate, effect,
        standardised_difference (in standard deviations of the two groups), p_value (Welch) and p_adjusted (Holm over
        all rows).
    """
    rows: dict[tuple[str, str], tuple[object, ...]] = {}
    for index, block in enumerate(measured.blocks):
        for place, covariate in enumerate(block.covariates):
            for variant in measured.treatments:
                sums = [measured.cells[index, ALL, name].joined for name in (variant, measured.control)]
                known = [part for part in sums if part is not None and part.n > 1]
                if len(known) == 2 and (covariate, variant) not in rows:
                    rows[covariate, variant] = _row(covariate, variant, known, len(block.values) + place)
    frame = pd.DataFrame(list(rows.values()), columns=_COLUMNS[:-1])
    return frame.assign(p_adjusted=holm(frame["p_value"].to_numpy(float)))


def _row(covariate: str, variant: str, sums: list[Moments], at: int) -> tuple[object, ...]:
    arms = [mean_arm(part.n, float(part.mean[at]), max(float(part.covariance[at, at]), 0.0)) for part in sums]
    one, zero = arms
    found = arm_difference(one, zero)
    spread = math.sqrt((one.variance * one.n + zero.variance * zero.n) / 2)
    standardised = found.effect / spread if spread else math.nan
    return covariate, variant, one.n, one.estimate, zero.n, zero.estimate, found.effect, standardised, found.p_value


def balance_checks(balance: pd.DataFrame) -> list[Check]:
    """Were the groups alike before the test?

    Args:
        balance: what `balance_table` gives.

    Returns:
        One check where there are covariates.
    """
    if balance.empty:
        return []
    bad = balance[balance["p_adjusted"] < _WARN]
    if bad.empty:
        largest = number(float(balance["standardised_difference"].abs().max()), 2)
        return [Check("covariate_balance", True, "info",
                      f"Groups were alike before the test (at most {largest} standard deviations apart).")]  # fmt: skip
    named = [
        f"{row['covariate']}, {row['variant']}: {number(row['standardised_difference'], 2, sign=True)} standard "
        f"deviations (p {p_text(row['p_adjusted'])})"
        for row in bad.to_dict("records")
    ]
    message = (
        f"Groups differed before the test began ({sentence_list(named)}): the lot did not decide, or the value is from "
        "after the start."
    )
    return [Check("covariate_balance", False, "warning", message)]
