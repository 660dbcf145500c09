"""Groups of answers: everybody and each segment, wave by wave, with their numbers of answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data.calendar import period_key, period_name, period_number
from cxlab.errors import DataError
from cxlab.feedback.instruments import Instrument
from cxlab.feedback.responses import ALL, NOT_GIVEN, Key, Responses
from cxlab.stats.clusters import Products, cluster_covariance, effective_number
from cxlab.wording import count

__all__ = ["Group", "Groups", "gather", "wave_key"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """One group in one wave: how many gave each answer, how many none, a code or an invalid one."""

    wave: Any
    segment: str
    counts: Floats
    missing: int
    codes: int
    invalid: int
    respondents: int
    effective: float

    @property
    def key(self) -> Key:
        """Wave and segment."""
        return self.wave, self.segment

    @property
    def n(self) -> int:
        """Valid answers."""
        return int(self.counts.sum())

    @property
    def effective_counts(self) -> Floats:
        """The counts at the number of independent answers that they are worth."""
        return self.counts * (self.effective / self.n if self.n else 0.0)

    def mean(self, weights: Floats) -> float:
        """The mean of what each answer adds to the score."""
        return float(self.counts @ weights / self.n)


@dataclass(frozen=True)
class Groups:
    """All groups in order: wave by wave, everybody first, then the segments by size; and which wave is told."""

    every: tuple[Group, ...]
    waves: tuple[Any, ...]
    focus: int
    names: dict[Any, str]
    products: dict[tuple[Key, Key], Products]

    @property
    def told(self) -> Any:
        """The last wave that is over: the one that the words are about."""
        return self.waves[self.focus]

    @property
    def before(self) -> Any:
        """The wave before it; None where there is none."""
        return self.waves[self.focus - 1] if self.focus > 0 else None

    def of(self, wave: Any, segment: str = ALL) -> Group | None:
        """The group of a wave and segment, where there is one."""
        return next((group for group in self.every if group.key == (wave, segment)), None)

    def covariance(self, first: Group, second: Group, weights: Floats) -> float:
        """How the two means move together through customers who answered in both."""
        found = self.products.get((first.key, second.key))
        if found is None:
            return 0.0
        return cluster_covariance(found, first.mean(weights), second.mean(weights), first.n, second.n)


def gather(responses: Responses, counts: pd.DataFrame, confidence: float) -> Groups:
    """Which groups are there, in which order, and what is in them?

    Args:
        responses: the question.
        counts: the engine's counts.
        confidence: level of the intervals.

    Returns:
        The groups.

    Raises:
        DataError: no answer is valid.
    """
    frame = counts.assign(wave=[wave if isinstance(wave, str) else _number(wave) for wave in counts["wave"]])
    if not (frame["state"] == "valid").any():
        raise DataError(_nothing_valid(responses, frame))
    waves: list[Any] = sorted(set(frame["wave"].tolist()), key=_natural) if responses.wave else [None]
    segments = [] if responses.segment is None else _by_size(frame)
    keys = [(wave, segment) for wave in waves for segment in (ALL, *segments)]
    made = [_group(frame, key, responses.instrument) for key in keys]
    groups = [group for group in made if group.segment == ALL or group.n + group.missing + group.invalid]
    named = {wave: _name(responses, wave) for wave in waves}
    products = {} if responses.unit is None else responses.products(_pairs(groups, waves))
    weights = responses.instrument.weights
    counted = tuple(_clustered(group, products, weights, confidence) for group in groups)
    return Groups(counted, tuple(waves), _focus(responses, waves), named, products)


def _focus(responses: Responses, waves: Sequence[Any]) -> int:
    """The place of the last wave; of the one before, where the last period is not over."""
    running = len(waves) > 1 and responses.periodic and not _over(responses, waves[-1])
    return len(waves) - 1 - running


def _over(responses: Responses, last: Any) -> bool:
    """Does the data reach to the period's end, but for a day (an hour of a day)?"""
    period: Any = responses.wave
    latest = responses.table.note(responses.time).last
    moment = pd.Timestamp(latest).tz_convert("UTC").tz_localize(None) + pd.Timedelta("1h" if period == "day" else "1D")
    return period_number(moment, period, tz=responses.table.tz) > last


def _number(wave: Any) -> int | None:
    return None if wave is None or wave != wave else int(wave)


def _natural(wave: Any) -> tuple[Any, ...]:
    """Wave 2 comes before wave 10."""
    if not isinstance(wave, str):
        return (wave,)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", wave))


def _by_size(frame: pd.DataFrame) -> list[str]:
    valid = frame[frame["state"] == "valid"].groupby("segment")["rows"].sum()
    sizes = {segment: int(valid.get(segment, 0)) for segment in frame["segment"].unique()}
    return sorted(sizes, key=lambda segment: (segment == NOT_GIVEN, -sizes[segment], segment))


def _group(frame: pd.DataFrame, key: Key, instrument: Instrument) -> Group:
    wave, segment = key
    inside = np.ones(len(frame), bool) if wave is None else (frame["wave"] == wave).to_numpy(bool)
    if segment != ALL:
        inside = inside & (frame["segment"] == segment).to_numpy(bool)
    rows = frame[inside]
    valid = rows[rows["state"] == "valid"].groupby("answer")["rows"].sum()
    counts = np.array([float(valid.get(answer, 0)) for answer in instrument.answers])
    missing, codes, invalid = (int(rows.loc[rows["state"] == s, "rows"].sum()) for s in ("missing", "code", "invalid"))
    n = int(counts.sum())
    return Group(wave, segment, counts, missing + codes, codes, invalid, n, float(n))


def _pairs(groups: Sequence[Group], waves: Sequence[Any]) -> list[tuple[Key, Key]]:
    """Each group with itself, with everybody in its wave, and with the wave before."""
    before: dict[Any, Any] = dict(zip(waves[1:], waves[:-1], strict=True))
    found: dict[tuple[Key, Key], None] = {}
    for wave, segment in (group.key for group in groups):
        found[(wave, segment), (wave, segment)] = None
        found[(wave, segment), (wave, ALL)] = None
        if wave in before:
            found[(wave, segment), (before[wave], segment)] = None
    return list(found)


def _clustered(group: Group, products: dict[tuple[Key, Key], Products], weights: Floats, confidence: float) -> Group:
    """The group with the customers behind its answers, and the independent answers that these are worth."""
    own = products.get((group.key, group.key))
    if own is None:
        return group
    mean = group.mean(weights)
    variance = float(group.counts @ (weights - mean) ** 2) / group.n
    clustered = cluster_covariance(own, mean, mean, group.n, group.n)
    worth = effective_number(group.n, variance, clustered, own.customers, confidence=confidence)
    return replace(group, respondents=own.customers, effective=worth)


def _name(responses: Responses, wave: Any) -> str:
    if wave is None:
        return ""
    if not responses.periodic:
        return str(wave)
    period: Any = responses.wave
    return period_name(wave, period, tz=responses.table.tz)


def wave_key(responses: Responses, wave: Any) -> str:
    """A wave as the tables write it: a period by its first day, another wave by its own name."""
    if not responses.periodic:
        return str(wave)
    period: Any = responses.wave
    return period_key(wave, period, tz=responses.table.tz)


def _nothing_valid(responses: Responses, frame: pd.DataFrame) -> str:
    rows = frame.groupby("state")["rows"].sum()
    counted = {state: int(rows.get(state, 0)) for state in ("missing", "code", "invalid")}
    most = frame.loc[frame["state"] == "invalid"]
    seen = f" The invalid ones lie between {most['least'].min():g} and {most['most'].max():g}." if len(most) else ""
    return (
        f"No row of '{responses.table.column(responses.score)}' holds a valid answer, a whole number from "
        f"{responses.instrument.scale}: {count(counted['missing'])} are empty, {count(counted['code'])} hold a code "
        f"for no answer, {count(counted['invalid'])} are invalid.{seen} Name the right column in score, or the scale."
    )
