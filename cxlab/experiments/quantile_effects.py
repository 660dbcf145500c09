"""Where in the distribution an amount's change sits: quantiles of the variants, and the parts between them.

No row leaves the engine: it gives the values at a few ranks of each variant, and sums of what lies between some.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from cxlab.data import ALL, literal
from cxlab.experiments.metrics import Metric
from cxlab.experiments.quantile_parts import CUTS, PartRows, parts_table, spread_table
from cxlab.experiments.studies import Study
from cxlab.results import SMALLEST_DRAWN, Later
from cxlab.stats.quantile_differences import Place, QuantileDifference, place_of, quantile_difference
from cxlab.stats.simultaneous import simultaneous_quantile
from cxlab.stats.tail_means import PartMeans, part_means

__all__ = ["QUANTILES", "quantile_semantics", "quantile_tables", "spread_metrics", "with_quantiles"]

QUANTILES = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""The quantiles that are compared: fixed beforehand, so that nobody looks for the luckiest."""
NAMES = ("quantile_effects", "effect_parts", "effect_spread")
_COLUMNS = [
    "metric", "variant", "q", "n", "control_n", "size", "estimate", "control_estimate", "effect", "ci_low", "ci_high",
    "band_low", "band_high", "reading",
]  # fmt: skip


def with_quantiles(known: Mapping[str, pd.DataFrame], study: Study, confidence: float) -> Mapping[str, pd.DataFrame]:
    """The tables of a test, and beside them, once they are read, those that tell where an amount's change sits.

    Args:
        known: the tables that stand.
        study: the experiment as it was read.
        confidence: level of the intervals.

    Returns:
        All tables; the same ones where no measure is an amount per customer, or the design has another variance.
    """
    if not _plain(study) or not spread_metrics(study):
        return known
    return Later(known, NAMES, lambda: quantile_tables(study, confidence))


def _plain(study: Study) -> bool:
    """Were units assigned one by one, with one row each, and do all of them weigh the same?"""
    return type(study) is Study and not study.own_methods and study.unit is None and bool(study.measured.units)


def spread_metrics(study: Study) -> dict[int, Metric]:
    """Which measures are amounts per customer, by their place: means and counts, capped or not."""
    measured = study.measured
    return {
        index: metric
        for index, metric in enumerate(measured.metrics)
        if metric.kind in ("mean", "rate") and metric.form == "mean"
    }


def quantile_semantics(study: Study) -> list[str]:
    """How is it told where an amount's change sits, in words?"""
    if not spread_metrics(study):
        return []
    if not _plain(study):
        return ["Where in the distribution a change sits is told for tests that drew customers one by one, a row each."]
    return [
        "Where a change sits: quantiles of both groups compared (exact limits from ranks; the band holds for all of "
        "them together), and means of the parts between them, which add up to the change of the mean before any "
        "covariate. Groups are compared rank by rank, not the same customers. This holds for one look, and decides "
        "nothing."
    ]


@dataclass(frozen=True)
class _Read:
    """One measure: the values at the ranks that are needed, and the parts, by variant."""

    places: Mapping[str, list[Place]]
    values: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    def cuts(self, variant: str) -> list[float]:
        """The values at which a variant's distribution is cut into parts."""
        n = self.places[variant][0].n
        return [self.values[variant][_rank(n, cut)] for cut in CUTS]

    def differences(self, variant: str, control: str) -> Iterator[tuple[QuantileDifference, int]]:
        """Each quantile's difference, and how many customers lie beyond what it rests on."""
        for one, zero in zip(self.places[variant], self.places[control], strict=True):
            found = quantile_difference(one, self.values[variant].__getitem__, zero, self.values[control].__getitem__)
            yield found, min(one.beyond, zero.beyond)


def quantile_tables(study: Study, confidence: float) -> dict[str, pd.DataFrame]:
    """How far apart are the variants over the whole distribution, and which part of it brings the mean's change?

    Args:
        study: the experiment as it was read.
        confidence: level of intervals and bands.

    Returns:
        "quantile_effects": one row per metric, variant and quantile: metric, variant, q, n, control_n, size (customers
        at or beyond the outermost value that the row rests on, on the thinner side; 1 where a group has fewer than 50:
        a quantile is one customer's value, and rows with a size below 5 are hidden outside Python), estimate,
        control_estimate, effect, ci_low, ci_high (of this quantile), band_low, band_high (of all together), reading.
        "effect_parts" and "effect_spread": see `parts_table` and `spread_table`.
    """
    read = _read(study, confidence)
    parts = _parts(study, read)
    measured, rows = study.measured, []
    for index, one in read.items():
        for variant in measured.treatments:
            sizes = [one.places[name][0].n for name in (variant, measured.control)]
            for found, beyond in one.differences(variant, measured.control):
                known = beyond if min(sizes) >= SMALLEST_DRAWN else 1
                head = (measured.metrics[index].name, variant, found.share, *sizes, known)
                rows.append((*head, *found[1:]))
    asked = [
        PartRows(measured.metrics[index], variant, parts[index, variant], parts[index, measured.control], confidence)
        for index in read
        for variant in measured.treatments
    ]
    tables = (pd.DataFrame(rows, columns=_COLUMNS), parts_table(asked), spread_table(asked, 1 - confidence))
    return dict(zip(NAMES, tables, strict=True))


def _read(study: Study, confidence: float) -> dict[int, _Read]:
    """The values at the ranks of every measure and variant, in one scan."""
    limit, measured = simultaneous_quantile(QUANTILES, confidence), study.measured
    found: dict[int, _Read] = {}
    sql: list[str] = []
    for index in spread_metrics(study):
        places: dict[str, list[Place]] = {}
        for number, variant in enumerate(measured.variants):
            n = measured.cells[index, ALL, variant].values.n
            places[variant] = [place_of(n, share, confidence=confidence, limit=limit) for share in QUANTILES]
            listed = ", ".join(repr((rank - 0.5) / n) for rank in _ranks(places[variant]))
            value, where = measured.blocks[index].own[0], f"FILTER (WHERE variant = {literal(variant)})"
            sql.append(f"quantile_disc({value}, [{listed}]) {where} AS q{index}_{number}")
        found[index] = _Read(places)
    row = study.table.query(f"SELECT {', '.join(sql)} FROM {measured.units} AS units").iloc[0]
    return {index: _Read(one.places, _named(row, index, one)) for index, one in found.items()}


def _named(row: pd.Series, index: int, read: _Read) -> dict[str, dict[int, float]]:
    return {
        variant: dict(zip(_ranks(places), (float(v) for v in row[f"q{index}_{number}"]), strict=True))
        for number, (variant, places) in enumerate(read.places.items())
    }


def _ranks(places: list[Place]) -> list[int]:
    n = places[0].n
    return sorted({rank for place in places for rank in place.ranks} | {_rank(n, cut) for cut in CUTS})


def _rank(n: int, share: float) -> int:
    """The smallest rank at or below which a share lies."""
    return int(np.ceil(n * share - 1e-9))


def _parts(study: Study, read: Mapping[int, _Read]) -> dict[tuple[int, str], PartMeans]:
    """The parts of every measure and variant, in one scan."""
    measured = study.measured
    numbers = range(len(CUTS) + 1)
    cuts = [f"({literal(variant)}, {_listed(read, variant)})" for variant in measured.variants]
    names = ", ".join(f"c{index}_{place}" for index in read for place in range(len(CUTS)))
    sums: list[str] = []
    for index in read:
        inside = _inside(measured.blocks[index].own[0], index)
        sums += [f"sum({inside[i]}) AS s{index}_{i}" for i in numbers]
        sums += [f"sum({inside[i]} * {inside[j]}) AS p{index}_{i}_{j}" for i in numbers for j in numbers if i <= j]
    source = f"{measured.units} AS units JOIN (VALUES {', '.join(cuts)}) AS cuts(name, {names}) ON variant = name"
    frame = study.table.query(f"SELECT variant, {', '.join(sums)} FROM {source} GROUP BY variant").set_index("variant")
    return {
        (index, variant): _part_means(frame.loc[variant], index, one, variant)
        for index, one in read.items() for variant in measured.variants
    }  # fmt: skip


def _listed(read: Mapping[int, _Read], variant: str) -> str:
    return ", ".join(f"CAST({value!r} AS DOUBLE)" for one in read.values() for value in one.cuts(variant))


def _inside(value: str, index: int) -> list[str]:
    """SQL for what of a value lies in each part, measured from the part's cut."""
    cuts = [f"c{index}_{place}" for place in range(len(CUTS))]
    ends = [f"CASE WHEN {value} > {cut} THEN {value} - {cut} ELSE 0.0 END" for cut in cuts]
    first = f"CASE WHEN {value} < {cuts[0]} THEN {value} - {cuts[0]} ELSE 0.0 END"
    middle = [
        f"CASE WHEN {value} > {high} THEN {high} - {low} WHEN {value} > {low} THEN {value} - {low} ELSE 0.0 END"
        for low, high in pairwise(cuts)
    ]
    return [f"(CASE WHEN {value} IS NOT NULL THEN {one} END)" for one in (first, *middle, ends[-1])]


def _part_means(row: pd.Series, index: int, read: _Read, variant: str) -> PartMeans:
    numbers = range(len(CUTS) + 1)
    sums = [float(row[f"s{index}_{i}"]) for i in numbers]
    products = [[float(row[f"p{index}_{min(i, j)}_{max(i, j)}"]) for j in numbers] for i in numbers]
    return part_means(read.places[variant][0].n, CUTS, read.cuts(variant), sums, products)
