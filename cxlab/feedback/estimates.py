"""Scores and their intervals, one row per group."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.feedback.groups import Group
from cxlab.feedback.instruments import Instrument
from cxlab.stats.ordinal import mean_interval, nps_interval
from cxlab.stats.proportions import wilson_interval

__all__ = ["class_counts", "distribution", "score_limits", "score_table"]

Floats = NDArray[np.float64]


def class_counts(instrument: Instrument, counts: Floats) -> Floats:
    """How many answers lie in the bad, middle and good class?

    Args:
        instrument: the instrument.
        counts: how many gave each answer, along the last axis.

    Returns:
        Three counts along the last axis.
    """
    return np.stack([counts[..., instrument.places == place].sum(axis=-1) for place in range(3)], axis=-1)


def score_limits(instrument: Instrument, counts: Floats, *, confidence: float) -> tuple[Floats, Floats, Floats]:
    """How high is the score, and between which values does it lie?

    Args:
        instrument: the instrument.
        counts: how many gave each answer, along the last axis.
        confidence: level of the interval.

    Returns:
        Score, lower and upper limit in the score's own unit.
    """
    classes = class_counts(instrument, counts)
    if instrument.kind == "nps":
        value, low, high = nps_interval(classes, confidence=confidence)
        return 100 * value, 100 * low, 100 * high
    if instrument.kind == "csat":
        return _share(classes, confidence)
    return mean_interval(counts, instrument.answers, confidence=confidence)


def _share(classes: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    good, total = classes[..., 2], classes.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (np.asarray(good / total), *wilson_interval(good, total, confidence=confidence))


def score_table(
    instrument: Instrument, groups: Sequence[Group], waves: dict[Any, str] | None, *, unit: bool, confidence: float
) -> pd.DataFrame:
    """What is the score of each group?

    Args:
        instrument: the instrument.
        groups: the groups.
        waves: how each wave is written; None where there are no waves.
        unit: whether customers were named.
        confidence: level of the intervals.

    Returns:
        segment, wave, n, missing, invalid, value, ci_low, ci_high, codes (part of missing), respondents, effective_n,
        mean, the counts of the three classes and, for effort scores, the share of good answers with its interval.
    """
    counts = np.stack([group.counts for group in groups])
    worth = np.stack([group.effective_counts for group in groups])
    value, low, high = score_limits(instrument, worth, confidence=confidence)
    columns: dict[str, Any] = {"segment": [group.segment for group in groups]}
    if waves is not None:
        columns["wave"] = [waves[group.wave] for group in groups]
    columns |= {name: [getattr(group, name) for group in groups] for name in ("n", "missing", "invalid")}
    columns |= {"value": value, "ci_low": low, "ci_high": high, "codes": [group.codes for group in groups]}
    if unit:
        columns["respondents"] = [group.respondents for group in groups]
        columns["effective_n"] = [group.effective for group in groups]
    return pd.DataFrame(columns | _classes(instrument, counts, worth, confidence))


def _classes(instrument: Instrument, counts: Floats, worth: Floats, confidence: float) -> dict[str, Any]:
    classes = class_counts(instrument, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns: dict[str, Any] = {"mean": counts @ instrument.answers / counts.sum(axis=1)}
    columns |= {name: classes[:, place].astype(int) for place, name in enumerate(instrument.classes)}
    if instrument.kind in ("ces1", "ces2"):
        share, low, high = _share(class_counts(instrument, worth), confidence)
        columns |= {"share": share, "share_ci_low": low, "share_ci_high": high}
    return columns


def distribution(
    instrument: Instrument, groups: Sequence[Group], waves: dict[Any, str] | None, *, unit: bool
) -> pd.DataFrame:
    """How many of each group gave each answer?

    Args:
        instrument: the instrument.
        groups: the groups.
        waves: how each wave is written; None where there are no waves.
        unit: whether customers were named.

    Returns:
        segment, wave, answer, class, n (of the group), respondents, count, share.
    """
    rows = [
        {"segment": group.segment, "wave": "" if waves is None else waves[group.wave], "answer": int(answer),
         "class": instrument.classes[place], "n": group.n, "respondents": group.respondents, "count": int(found),
         "share": found / group.n if group.n else np.nan}
        for group in groups
        for answer, place, found in zip(instrument.answers, instrument.places, group.counts, strict=True)
    ]  # fmt: skip
    spare = [*(["wave"] if waves is None else []), *([] if unit else ["respondents"])]
    return pd.DataFrame(rows).drop(columns=spare)
