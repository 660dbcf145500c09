"""Finished experiments, one row each: read, oriented so that more is better, and what each row says alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from cxlab.data import Relation, Table
from cxlab.errors import DataError, ParameterError
from cxlab.stats.sample_ratio import sample_ratio_test
from cxlab.wording import count, sentence_list

__all__ = ["BROKEN", "FEWEST", "Columns", "PastTests", "read_tests"]

Floats = NDArray[np.float64]

BROKEN = 0.001
FEWEST = 5
_MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column holds what, and how it is read."""

    experiment: str
    effect: str
    se: str | None
    ci_low: str | None
    ci_high: str | None
    interval_level: float
    shipped: str | None
    time: str | None
    n: str | None
    control_n: str | None
    planned_share: str | None
    sign: int
    threshold: float


@dataclass(frozen=True)
class PastTests:
    """The experiments in order of their end; effects turned so that more is better."""

    frame: pd.DataFrame
    threshold: float
    sign: int
    without_effect: int
    by_rule: bool

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Experiments whose groups are as large as planned; the others' effects say nothing."""
        return self.frame["counted"].to_numpy(bool)

    @property
    def shipped(self) -> NDArray[np.bool_]:
        """Changes that were shipped, of the counted experiments."""
        return (self.frame["shipped"] & self.frame["counted"]).to_numpy(bool)

    @property
    def passed(self) -> NDArray[np.bool_]:
        """Effects beyond the threshold."""
        return self.effects / self.ses > self.threshold

    @property
    def effects(self) -> Floats:
        """The effects."""
        return self.frame["effect"].to_numpy(float)

    @property
    def ses(self) -> Floats:
        """Their standard errors."""
        return self.frame["se"].to_numpy(float)

    @property
    def p_values(self) -> Floats:
        """Is the effect other than 0? Two-sided."""
        return np.asarray(2 * ndtr(-np.abs(self.effects / self.ses)))


def read_tests(table: Table, columns: Columns) -> PastTests:
    """Which experiments were there, and what did each find?

    Args:
        table: one row per finished experiment.
        columns: which column holds what.

    Returns:
        The experiments.

    Raises:
        ParameterError: no column tells how sure an effect is.
        DataError: an experiment stands twice, an interval or a standard error is none, or there are too few.
    """
    frame = table.query(f"SELECT * FROM {_typed(table, columns)} AS t LIMIT {_MOST + 1}")
    if len(frame) > _MOST:
        raise DataError(f"The table has more than {count(_MOST)} rows; expected one row per finished experiment.")
    _refuse_twice(frame, table.column(columns.experiment))
    known = frame["effect"].notna() & frame["spread"].notna()
    told = frame[known].copy()
    if len(told) < FEWEST:
        raise DataError(
            f"{count(len(told))} experiments have an effect; expected {FEWEST} or more. "
            "Bring all finished experiments, also those that were not shipped."
        )
    told["se"] = _standard_errors(told, columns)
    told["effect"] = columns.sign * told["effect"]
    told["shipped"] = (
        told["effect"] > columns.threshold * told["se"] if columns.shipped is None else told["shipped"] == 1
    )
    told["sample_ratio_p"] = _ratio_p(told)
    told["counted"] = ~(told["sample_ratio_p"] < BROKEN)
    if int(told["counted"].sum()) < FEWEST:
        raise DataError(
            f"Only {count(int(told['counted'].sum()))} of {count(len(told))} experiments are split as planned; "
            f"expected {FEWEST} or more. Check `planned_share`, then the assignment."
        )
    if columns.time is not None:
        told = told.sort_values("time", kind="stable")
    lost = int((~known).sum())
    return PastTests(told.reset_index(drop=True), columns.threshold, columns.sign, lost, columns.shipped is None)


def _typed(table: Table, columns: Columns) -> Relation:
    if columns.se is None and (columns.ci_low is None or columns.ci_high is None):
        raise ParameterError(
            "Neither `se` nor `ci_low` and `ci_high` is given; name the column of the standard errors, or both ends "
            "of the intervals, so that the analysis knows how sure each effect is."
        )
    kinds = {"experiment": (columns.experiment, "text"), "effect": (columns.effect, "number?")}
    if columns.se is not None:
        kinds["spread"] = (columns.se, "number?")
    else:
        kinds |= {"low": (str(columns.ci_low), "number?"), "spread": (str(columns.ci_high), "number?")}
    optional = {"shipped": "flag", "time": "time", "n": "number", "control_n": "number", "planned_share": "number"}
    given = {role: getattr(columns, role) for role in optional}
    kinds |= {role: (name, optional[role]) for role, name in given.items() if name is not None}
    if (columns.n is None) != (columns.control_n is None):
        raise ParameterError("`n` and `control_n` belong together: name both columns of group sizes, or neither.")
    return table.typed(**kinds)


def _refuse_twice(frame: pd.DataFrame, column: str) -> None:
    twice = frame.loc[frame["experiment"].duplicated(), "experiment"].unique()
    if len(twice):
        raise DataError(
            f"{count(len(twice))} experiments stand in several rows of '{column}', such as {twice[0]!r}; expected one "
            "row each. Keep the row of the measure and the variant that decided."
        )


def _standard_errors(frame: pd.DataFrame, columns: Columns) -> pd.Series:
    if columns.se is not None:
        se, fault = frame["spread"], "a standard error that is not above 0"
        wrong = se <= 0
    else:
        width = frame["spread"] - frame["low"]
        se, fault = (
            width / (2 * float(ndtri((1 + columns.interval_level) / 2))),
            "an interval that does not hold its effect",
        )
        wrong = ~(width > 0) | (frame["effect"] < frame["low"]) | (frame["effect"] > frame["spread"])
    if wrong.any():
        names = [repr(str(name)) for name in frame.loc[wrong, "experiment"].head(3)]
        raise DataError(f"{count(int(wrong.sum()))} experiments have {fault}: {sentence_list(names)}. Correct them.")
    return se


def _ratio_p(frame: pd.DataFrame) -> Floats:
    """Are the groups as large as planned? Missing where sizes are not known."""
    if "n" not in frame:
        return np.full(len(frame), np.nan)
    share = frame["planned_share"] if "planned_share" in frame else pd.Series(0.5, index=frame.index)
    wrong = frame.loc[~((share > 0) & (share < 1)), "experiment"]
    empty = frame.loc[
        ~((frame["n"] >= 0) & (frame["control_n"] >= 0) & (frame["n"] + frame["control_n"] > 0)), "experiment"
    ]
    if len(wrong) or len(empty):
        fault = "a planned share outside 0 to 1" if len(wrong) else "groups that are empty"
        raise DataError(
            f"Experiment {str([*wrong, *empty][0])!r} has {fault}; the share is the new version's, such as 0.5."
        )
    sizes = zip(frame["n"], frame["control_n"], share, strict=True)
    return np.array([sample_ratio_test([n, control], [part, 1 - part]).p_value for n, control, part in sizes])
