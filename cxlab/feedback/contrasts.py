"""Groups compared: each segment with the others, and the last wave with the one before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.feedback.estimates import class_counts
from cxlab.feedback.groups import Group, Groups
from cxlab.feedback.instruments import Instrument
from cxlab.feedback.responses import ALL, NOT_GIVEN
from cxlab.stats.clusters import Products, cluster_covariance, effective_number, share_difference
from cxlab.stats.multiplicity import holm
from cxlab.stats.ordinal import mean_difference, nps_difference

__all__ = ["OTHERS", "SMALLEST_COMPARED", "change", "comparison", "publishable_groups"]

Floats = NDArray[np.float64]
OTHERS = "the others"
SMALLEST_COMPARED = 20


@dataclass(frozen=True)
class _Pair:
    """Two groups, the word for the second one, and how their means move together."""

    group: Group
    against: Group
    control: str
    covariance: float


def publishable_groups(shown: pd.DataFrame, groups: Sequence[Group]) -> list[Group]:
    """Which groups may be told? Differences of hidden ones would give them back.

    Args:
        shown: the score table with small groups hidden, row by row beside the groups.
        groups: the groups.

    Returns:
        Those with numbers.
    """
    return [group for group, n in zip(groups, shown["n"], strict=True) if n == n and group.n > 0]


def comparison(instrument: Instrument, groups: Groups, told: Sequence[Group], *, confidence: float) -> pd.DataFrame:
    """How far is each segment from the others, in the last wave?

    Args:
        instrument: the instrument.
        groups: all groups.
        told: those that may be told.
        confidence: level of the intervals.

    Returns:
        segment, control ("the others"), n, estimate, control_n, control_estimate, effect, ci_low, ci_high, p_value,
        p_adjusted (Holm over the rows) and reading ("better", "worse", "undecided", "too few").
    """
    last = groups.told
    whole = groups.of(last)
    segments = [g for g in told if g.wave == last and g.segment not in (ALL, NOT_GIVEN)]
    if whole is None or not segments:
        return _table(instrument, [], confidence)
    pairs = [_against_rest(instrument, groups, one, whole, confidence) for one in segments if one.n < whole.n]
    if len(pairs) == 2 and pairs[0].against.n == pairs[1].group.n:
        pairs = [replace(pairs[0], control=pairs[1].group.segment)]
    return _table(instrument, pairs, confidence)


def _against_rest(instrument: Instrument, groups: Groups, one: Group, whole: Group, confidence: float) -> _Pair:
    counts = whole.counts - one.counts
    rest = replace(whole, segment=OTHERS, counts=counts, respondents=int(counts.sum()), effective=float(counts.sum()))
    own, mixed = groups.products.get((one.key, one.key)), groups.products.get((one.key, whole.key))
    total = groups.products.get((whole.key, whole.key))
    if own is None or mixed is None or total is None:
        return _Pair(one, rest, OTHERS, 0.0)
    weights = instrument.weights
    mean1, mean0 = one.mean(weights), rest.mean(weights)
    inside = _minus(total, mixed, own)
    variance = float(counts @ (weights - mean0) ** 2) / rest.n
    clustered = cluster_covariance(inside, mean0, mean0, rest.n, rest.n)
    worth = effective_number(rest.n, variance, clustered, inside.customers, confidence=confidence)
    across = Products(mixed.ss - own.ss, mixed.sm - own.sm, mixed.ms - own.ms, mixed.mm - own.mm, mixed.beyond)
    moved = cluster_covariance(across, mean1, mean0, one.n, rest.n)
    return _Pair(one, replace(rest, respondents=inside.customers, effective=worth), OTHERS, moved)


def _minus(total: Products, mixed: Products, own: Products) -> Products:
    """The sums of everybody else: (t - g)(t - g) = tt - gt - tg + gg for each customer."""
    return Products(
        total.ss - 2 * mixed.ss + own.ss,
        total.sm - mixed.sm - mixed.ms + own.sm,
        total.ms - mixed.ms - mixed.sm + own.ms,
        total.mm - 2 * mixed.mm + own.mm,
        total.customers - own.customers + mixed.beyond,
    )


def change(instrument: Instrument, groups: Groups, told: Sequence[Group], *, confidence: float) -> pd.DataFrame:
    """How far has each group moved since the wave before the last?

    Args:
        instrument: the instrument.
        groups: all groups.
        told: those that may be told.
        confidence: level of the intervals.

    Returns:
        The columns of `comparison`; everybody's p-value stands alone, those of the segments are adjusted by Holm.
    """
    before, last = groups.before, groups.told
    if before is None:
        return _table(instrument, [], confidence)
    earlier = {group.segment: group for group in told if group.wave == before}
    now = [group for group in told if group.wave == last and group.segment in earlier]
    weights, name = instrument.weights, groups.names[before]
    pairs = [
        _Pair(one, earlier[one.segment], name, groups.covariance(one, earlier[one.segment], weights)) for one in now
    ]
    everybody = [pair for pair in pairs if pair.group.segment == ALL]
    segments = [pair for pair in pairs if pair.group.segment != ALL]
    tables = [_table(instrument, part, confidence) for part in (everybody, segments) if part]
    return pd.concat(tables, ignore_index=True) if tables else _table(instrument, [], confidence)


def _table(instrument: Instrument, pairs: Sequence[_Pair], confidence: float) -> pd.DataFrame:
    names = ["segment", "control", "n", "estimate", "control_n", "control_estimate", "effect", "ci_low", "ci_high",
             "p_value", "p_adjusted", "reading"]  # fmt: skip
    if not pairs:
        return pd.DataFrame({name: [] for name in names})
    effect, low, high, p = _differences(instrument, pairs, confidence)
    adjusted = holm(p)
    columns: dict[str, Any] = {
        "segment": [pair.group.segment for pair in pairs], "control": [pair.control for pair in pairs],
        "n": [pair.group.n for pair in pairs], "estimate": _values(instrument, [pair.group for pair in pairs]),
        "control_n": [pair.against.n for pair in pairs],
        "control_estimate": _values(instrument, [pair.against for pair in pairs]),
        "effect": effect, "ci_low": low, "ci_high": high, "p_value": p, "p_adjusted": adjusted,
    }  # fmt: skip
    clear = adjusted < 1 - confidence
    columns["reading"] = [
        _reading(pair, instrument.sign * d, c) for pair, d, c in zip(pairs, effect, clear, strict=True)
    ]
    return pd.DataFrame(columns)[names]


def _values(instrument: Instrument, groups: Sequence[Group]) -> list[float]:
    return [instrument.unit * group.mean(instrument.weights) for group in groups]


def _reading(pair: _Pair, gain: float, clear: bool) -> str:
    if min(pair.group.respondents, pair.against.respondents) < SMALLEST_COMPARED:
        return "too few"
    return ("better" if gain > 0 else "worse") if clear else "undecided"


def _differences(instrument: Instrument, pairs: Sequence[_Pair], confidence: float) -> tuple[Floats, ...]:
    """Difference, limits and p-value of each pair, in the score's own unit."""
    first = np.stack([pair.group.effective_counts for pair in pairs])
    second = np.stack([pair.against.effective_counts for pair in pairs])
    joint = np.array([pair.covariance for pair in pairs])
    classes1, classes0 = class_counts(instrument, first), class_counts(instrument, second)
    if instrument.kind == "nps":
        found = nps_difference(classes1, classes0, covariance=joint, confidence=confidence)
        return (*(100 * part for part in found[:3]), found[3])
    if instrument.kind == "csat":
        totals = classes1.sum(axis=1), classes0.sum(axis=1)
        return share_difference(
            classes1[:, 2], totals[0], classes0[:, 2], totals[1], covariance=joint, confidence=confidence
        )
    return mean_difference(first, second, instrument.answers, covariance=joint, confidence=confidence)
