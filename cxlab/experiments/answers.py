"""Answers on a scale: the chance of a higher one, and the odds above each cut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL, Table
from cxlab.errors import DataError
from cxlab.experiments.effects import Comparison, Key
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.scales import Ordinal
from cxlab.stats.means import Arm, Difference
from cxlab.stats.odds import LogOdds, cut_odds, proportional_odds
from cxlab.stats.relative import Relative
from cxlab.stats.superiority import brunner_munzel, mann_whitney
from cxlab.wording import count

__all__ = ["Answers", "answers_of", "compare_answers", "odds_table"]

_MOST = 50

Counts = NDArray[np.float64]


def _by_level(rows: pd.DataFrame, levels: list[float]) -> Counts:
    return np.asarray(rows.set_index("level")["n"].reindex(levels, fill_value=0), dtype=float)


class Answers:
    """How many gave each answer, per segment and variant, for one metric."""

    def __init__(self, metric: Ordinal, frame: pd.DataFrame) -> None:
        """Lay the counts out by answer.

        Args:
            metric: what is measured.
            frame: one row per segment, variant and answer with its count.
        """
        self.metric = metric
        self.levels = sorted(frame["level"].unique())
        self._counts = {
            (str(segment), str(variant)): _by_level(rows, self.levels)
            for (segment, variant), rows in frame.groupby(["segment", "variant"])
        }

    def of(self, segment: str, variant: str) -> Counts:
        """Counts by answer, lowest first; of all segments together for "all"."""
        found = [n for (part, name), n in self._counts.items() if name == variant and segment in (ALL, part)]
        return np.asarray(sum(found, np.zeros(len(self.levels))))

    def word(self, place: int) -> str:
        """An answer as readers see it."""
        level = self.levels[place]
        return self.metric.levels[int(level) - 1] if self.metric.levels else f"{level:g}"


def answers_of(table: Table, measured: Measurement) -> dict[int, Answers]:
    """How many gave each answer?

    Args:
        table: the data.
        measured: the sums; their SQL of one row per unit is read again.

    Returns:
        The counts, by the metric's place.

    Raises:
        DataError: there are more than 50 different answers.
    """
    found = {}
    for index, metric in enumerate(measured.metrics):
        if not isinstance(metric, Ordinal):
            continue
        value = measured.blocks[index].own[0]
        sql = (
            f"SELECT variant, segment, {value} AS level, count(*) AS n FROM {measured.units} AS units "
            f"WHERE {value} IS NOT NULL GROUP BY variant, segment, {value}"
        )
        frame = table.query(sql)
        answers = Answers(metric, frame)
        if len(answers.levels) > _MOST:
            raise DataError(
                f"Column {metric.column!r} has {count(len(answers.levels))} different answers; expected at most "
                f"{_MOST}. For a number take mean({metric.column!r}) or quantile({metric.column!r})."
            )
        found[index] = answers
    return found


def _pairs(measured: Measurement, found: dict[int, Answers]) -> Iterator[tuple[Key, Answers, Counts, Counts]]:
    for index, answers in found.items():
        for segment in (ALL, *measured.segments):
            control = answers.of(segment, measured.control)
            for variant in measured.treatments:
                treatment = answers.of(segment, variant)
                if min(control.sum(), treatment.sum()) >= 2:
                    yield (index, segment, variant), answers, treatment, control


def compare_answers(measured: Measurement, found: dict[int, Answers], confidence: float) -> dict[Key, Comparison]:
    """How likely does one of the variant answer higher than one of the control?

    Args:
        measured: the sums.
        found: the counts.
        confidence: level of the intervals, as a fraction.

    Returns:
        Comparisons whose estimate is the chance of a higher answer, ties counted half, whose control is one half and
        whose effect is what lies above it.

    Raises:
        DataError: over all units the answers of the two groups do not overlap.
    """
    compared: dict[Key, Comparison] = {}
    for key, answers, treatment, control in _pairs(measured, found):
        test = brunner_munzel(treatment, control, confidence=confidence)
        if test.se > 0:
            n1, n0 = int(treatment.sum()), int(control.sum())
            ends = (test.ci_low - 0.5, test.ci_high - 0.5)
            moved = Difference(test.probability - 0.5, test.se, test.df, *ends, test.p_value, 0.0)
            one = Arm(n1, test.probability, test.se**2, test.df)
            half = Arm(n0, 0.5, 0.0, n0 - 1)
            compared[key] = Comparison(moved, one, half, Relative(None, None, None), "Brunner-Munzel")
        elif key[1] == ALL and (treatment + control > 0).sum() > 1:
            raise DataError(
                f"No answer to {answers.metric.column!r} is given by both {key[2]!r} and {measured.control!r}, so "
                "chance cannot be told from an effect. Wait for more answers, or check the column."
            )
    return compared


def odds_table(measured: Measurement, found: dict[int, Answers], confidence: float) -> pd.DataFrame:
    """By how much do the odds of a higher answer rise, at all cuts together and at each?

    Args:
        measured: the sums.
        found: the counts.
        confidence: level of the intervals, as a fraction.

    Returns:
        One row per metric, segment, variant and cut: metric, segment, variant, cut ("all": proportional odds; else the
        lowest answer above the cut, "4 or higher"), n, estimate and control_estimate (shares above the cut),
        control_n, log_odds_ratio, se, odds_ratio, ci_low, ci_high (of the odds ratio), p_value (for "all": of the
        Mann-Whitney test), p_same ("all" only: is one ratio right for all cuts?).
    """
    rows = []
    for key, answers, treatment, control in _pairs(measured, found):
        head = (answers.metric.name, *key[1:])
        sizes = (int(treatment.sum()), int(control.sum()))
        whole = proportional_odds(treatment, control, confidence=confidence)
        if whole is not None:
            p_value = mann_whitney(treatment, control)[1]
            rows.append((*head, "all", *sizes, np.nan, np.nan, *_odds(whole.odds), p_value, whole.p_same))
        for cut in range(1, len(answers.levels)):
            above1, above0 = float(treatment[cut:].sum()), float(control[cut:].sum())
            odds = cut_odds(above1, sizes[0] - above1, above0, sizes[1] - above0, confidence=confidence)
            shares = (above1 / sizes[0], above0 / sizes[1])
            rows.append((*head, f"{answers.word(cut)} or higher", *sizes, *shares, *_odds(odds), np.nan, np.nan))
    columns = [
        "metric", "segment", "variant", "cut", "n", "control_n", "estimate", "control_estimate", "log_odds_ratio", "se",
        "odds_ratio", "ci_low", "ci_high", "p_value", "p_same",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _odds(odds: LogOdds) -> tuple[float, ...]:
    return (odds.value, odds.se, *(float(np.exp(v)) for v in (odds.value, odds.ci_low, odds.ci_high)))
