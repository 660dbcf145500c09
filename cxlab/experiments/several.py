"""Effects adjusted for several covariates: Lin's regression with all of them, summed in SQL in three passes.

A missing covariate stands at the covariate's mean, with an indicator beside it where every variant has two or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from cxlab.data import ALL, Table, literal
from cxlab.experiments.blocks import Block
from cxlab.experiments.measurement import Measurement
from cxlab.stats.means import Arm
from cxlab.stats.moments import Moments
from cxlab.stats.ratios import linearise
from cxlab.stats.regression import Plane, fit_plane, independent

__all__ = ["Predictors", "predictors_of", "several_arms"]

Vector = NDArray[np.float64]
Key = tuple[int, str, str]


@dataclass(frozen=True)
class Predictors:
    """One metric's values and covariates: their sums per segment and variant, and how a covariate is written in SQL."""

    block: Block
    terms: tuple[str, ...]
    moments: dict[tuple[str, str], Moments]

    @property
    def size(self) -> int:
        """How many variables the metric itself has; the covariates come after them."""
        return len(self.block.own)

    def scope(self, segment: str, variants: tuple[str, ...]) -> list[Moments]:
        """Each variant's sums in one segment, or over all."""
        return [self.moments[segment, variant] for variant in variants if (segment, variant) in self.moments]


@dataclass(frozen=True)
class _Fit:
    """One variant's plane, which terms it uses, how a value is made, and where it is read."""

    plane: Plane
    terms: tuple[str, ...]
    constant: float
    value: Vector
    at: Vector


def several_arms(table: Table, measured: Measurement) -> dict[Key, Arm]:
    """What is each variant's estimate after several covariates are taken into account?

    Args:
        table: the data.
        measured: the sums of the first pass.

    Returns:
        Adjusted arms by metric, segment and variant, for metrics with a list of covariates.

    Source:
        Lin (2013), Annals of Applied Statistics 7:295. Checked against statsmodels 0.15.0 OLS with HC2.
    """
    arms: dict[Key, Arm] = {}
    for index, block in enumerate(measured.blocks):
        if not block.several:
            continue
        found = predictors_of(table, measured, block)
        for scopes in ((ALL,), measured.segments):
            fits = {key: fit for scope in scopes for key, fit in _fits(measured, found, scope).items()}
            spread = _spread(table, measured, found, fits, by_segment=scopes != (ALL,)) if fits else {}
            arms |= {(index, *key): _arm(fit, spread[key]) for key, fit in fits.items()}
    return arms


def predictors_of(table: Table, measured: Measurement, block: Block) -> Predictors:
    """Which sums of values and covariates has each segment and variant?

    Args:
        table: the data.
        measured: the sums of the first pass.
        block: a metric with covariates that are read as they are.

    Returns:
        The sums, and the covariates as SQL terms that are never missing.
    """
    there = f"{block.own[0]} IS NOT NULL"
    asked = [f"avg({name}) AS a{i}, count(*) - count({name}) AS l{i}" for i, name in enumerate(block.beside)]
    frame = table.query(
        f"SELECT variant, count(*) AS n, {', '.join(asked)} FROM {measured.units} AS u WHERE {there} GROUP BY variant"
    )
    terms: list[str] = []
    for i, name in enumerate(block.beside):
        known = frame["n"] - frame[f"l{i}"]
        mean = float((frame[f"a{i}"].fillna(0.0) * known).sum() / max(known.sum(), 1))
        terms.append(f"coalesce({name} - {_number(mean)}, 0.0)")
        if frame[f"l{i}"].min() > 1:
            terms.append(f"(CASE WHEN {name} IS NULL THEN 1.0 ELSE 0.0 END)")
    return Predictors(block, tuple(terms), _moments(table, measured, block, terms))


def _number(value: float) -> str:
    return f"CAST({float(value)!r} AS DOUBLE)"


def _moments(table: Table, measured: Measurement, block: Block, terms: list[str]) -> dict[tuple[str, str], Moments]:
    """Sums per segment and variant, and those over all segments."""
    centres = [_centre(measured, block, place) for place in range(len(block.own))]
    values = [f"({name} - {_number(c)})" for name, c in zip(block.own, centres, strict=True)]
    listed = ", ".join(f"{sql} AS z{i}" for i, sql in enumerate([*values, *terms]))
    size = len(values) + len(terms)
    pairs = list(combinations_with_replacement(range(size), 2))
    sums = [f"sum(z{i}) AS s{i}" for i in range(size)] + [f"sum(z{i} * z{j}) AS p{i}_{j}" for i, j in pairs]
    rows = f"SELECT variant, segment, {listed} FROM {measured.units} AS u WHERE {block.own[0]} IS NOT NULL"
    frame = table.query(f"SELECT variant, segment, count(*) AS n, {', '.join(sums)} FROM ({rows}) AS z GROUP BY 1, 2")
    centre = np.array(centres + [0.0] * len(terms))
    found: dict[tuple[str, str], Moments] = {}
    for record in frame.to_dict("records"):
        one = _read(record, centre, pairs)
        for scope in dict.fromkeys((ALL, str(record["segment"]))):
            key = (scope, str(record["variant"]))
            found[key] = found[key] + one if key in found else one
    return found


def _centre(measured: Measurement, block: Block, place: int) -> float:
    index = measured.blocks.index(block)
    return float(measured.cells[index, ALL, measured.control].values.centre[place])


def _read(record: dict[str, float], centre: Vector, pairs: list[tuple[int, int]]) -> Moments:
    products = np.zeros((len(centre), len(centre)))
    for i, j in pairs:
        products[i, j] = products[j, i] = float(record[f"p{i}_{j}"])
    sums = np.array([float(record[f"s{i}"]) for i in range(len(centre))])
    return Moments(centre, int(record["n"]), sums, products)


def _fits(measured: Measurement, found: Predictors, scope: str) -> dict[tuple[str, str], _Fit]:
    """The planes of all variants in one scope, read at their common means; none where a variant is too small."""
    arms, first = found.scope(scope, measured.variants), found.size
    width = len(found.terms)
    if len(arms) < len(measured.variants) or min(arm.n for arm in arms) < width + 3:
        return {}
    places = [first + place for place in independent([arm.scatter[first:, first:] for arm in arms])]
    if not places:
        return {}
    total = sum(arm.n for arm in arms)
    at = np.sum([arm.mean[places] * arm.n for arm in arms], axis=0) / total
    terms = tuple(found.terms[place - first] for place in places)
    fits = {}
    for variant, arm in zip(measured.variants, arms, strict=True):
        constant, value = _value(arm, first)
        weights = np.concatenate([value, np.zeros(width)])
        fits[scope, variant] = _Fit(fit_plane(arm, weights, places, constant), terms, constant, value, at)
    return fits


def _value(arm: Moments, size: int) -> tuple[float, Vector]:
    """A unit's value: the number itself, or its share of the ratio."""
    if size == 1:
        return 0.0, np.ones(1)
    parts = linearise(float(arm.mean[0]), float(arm.mean[1]))
    return parts.constant, np.array([parts.numerator_weight, parts.denominator_weight])


def _arm(fit: _Fit, spread: float) -> Arm:
    n = fit.plane.n
    return Arm(n, fit.plane.at(fit.at), spread, n - len(fit.terms) - 1)


def _spread(
    table: Table, measured: Measurement, found: Predictors, fits: dict[tuple[str, str], _Fit], *, by_segment: bool
) -> dict[tuple[str, str], float]:
    """The HC2 variance of each plane at the common means, in one more pass."""
    width = max(len(fit.terms) for fit in fits.values())
    names = [name for name, _ in _constants(next(iter(fits.values())), width)]
    rows = [
        ", ".join([literal(segment), literal(variant), *(_number(v) for _, v in _constants(fit, width))])
        for (segment, variant), fit in fits.items()
    ]
    joined = "u.variant = k.variant" + (" AND u.segment = k.segment" if by_segment else "")
    values = f"(VALUES {', '.join(f'({row})' for row in rows)}) AS k(segment, variant, {', '.join(names)})"
    source = f"{measured.units} AS u JOIN {values} ON {joined} WHERE u.{found.block.own[0]} IS NOT NULL"
    gaps = _gaps(fits, width)
    value = " + ".join(f"k.v{i} * u.{name}" for i, name in enumerate(found.block.own))
    inner = f"SELECT k.*, {value} - k.mean AS rest, {', '.join(gaps)} FROM {source}"
    lever = " + ".join(f"k{i}_{j} * g{i} * g{j}" for i in range(width) for j in range(width))
    slope, tilt = (" + ".join(f"{letter}{i} * g{i}" for i in range(width)) for letter in "bt")
    parts = f"SELECT segment, variant, 1 - share - ({lever}) AS free, share + {tilt} AS w, rest - ({slope}) AS e"
    share = "sum(CASE WHEN free > 1e-9 THEN w * w * e * e / free END)"
    frame = table.query(
        f"SELECT segment, variant, {share} AS v FROM ({parts} FROM ({inner}) AS rows) AS parts GROUP BY 1, 2"
    )
    return {(str(r["segment"]), str(r["variant"])): float(r["v"]) for r in frame.to_dict("records")}


def _gaps(fits: dict[tuple[str, str], _Fit], width: int) -> list[str]:
    """Each unit's distances from its variant's means; segments may use different terms."""
    listed = []
    for i in range(width):
        terms = {key: fit.terms[i] if i < len(fit.terms) else "0.0" for key, fit in fits.items()}
        if len(set(terms.values())) == 1:
            term = next(iter(terms.values()))
        else:
            cases = [f"WHEN k.segment = {literal(s)} THEN {term}" for (s, _), term in dict.fromkeys(terms.items())]
            term = f"CASE {' '.join(cases)} ELSE 0.0 END"
        listed.append(f"{term} - k.x{i} AS g{i}")
    return listed


def _constants(fit: _Fit, width: int) -> list[tuple[str, float]]:
    """What a unit needs to know of its variant's plane; unused terms weigh nothing."""
    plane, lacking = fit.plane, width - len(fit.terms)
    means, slopes = (np.append(part, np.zeros(lacking)) for part in (plane.means, plane.slopes))
    tilt = np.append(plane.inverse @ (fit.at - plane.means), np.zeros(lacking))
    inverse = np.pad(plane.inverse, (0, lacking))
    named = [("mean", plane.mean_value - fit.constant), ("share", 1 / plane.n)]
    named += [(f"v{i}", float(weight)) for i, weight in enumerate(fit.value)]
    for letter, part in (("x", means), ("b", slopes), ("t", tilt)):
        named += [(f"{letter}{i}", float(number)) for i, number in enumerate(part)]
    return named + [(f"k{i}_{j}", float(inverse[i, j])) for i in range(width) for j in range(width)]
