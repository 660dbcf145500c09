"""Reading an experiment that assigned clusters: their totals in SQL, one row per arm and scope."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxlab.data import ALL, Table
from cxlab.errors import DataError, ParameterError
from cxlab.experiments.clusters import ClusterStudy, Grouped
from cxlab.experiments.measurement import Measurement, measure
from cxlab.experiments.metrics import Metric
from cxlab.experiments.rows import Rows
from cxlab.experiments.several import predictors_of
from cxlab.experiments.studies import Key, refuse_kinds
from cxlab.experiments.units import repeats_of
from cxlab.results import Check
from cxlab.stats.cluster_robust import ClusterSums, cluster_arm, cluster_difference
from cxlab.stats.means import mean_arm
from cxlab.stats.regression import independent, pooled_slopes
from cxlab.wording import count

__all__ = ["read_clusters"]

_WORDS = (
    "Groups that were assigned as a whole ({cluster}): variance over the groups, CR2 with Satterthwaite's degrees of "
    "freedom (Bell & McCaffrey 2002); every row weighs the same. Table “clusters”: the t test on the groups' averages "
    "beside it, in which every group weighs the same."
)


def read_clusters(
    table: Table,
    metrics: tuple[Metric, ...],
    variant: str,
    control: str,
    segment: str | None,
    rows: Rows,
    *,
    cluster: str,
    notes: tuple[Check, ...] = (),
) -> ClusterStudy:
    """How do the clusters of each variant add up?

    Args:
        table: the data, several rows per cluster.
        metrics: what is measured.
        variant: the column with the variant.
        control: its value that all others are compared with.
        segment: a column known before the experiment, or None.
        rows: further columns to read.
        cluster: the column with the cluster.
        notes: checks that were made before.

    Returns:
        The study.

    Raises:
        DataError: a cluster stands in two variants, or a variant has fewer than two.
        ParameterError: a metric that clusters cannot be analysed for.
    """
    refuse_kinds(metrics, "cluster")
    _refuse_ratio_covariates(metrics)
    repeats_of(table, cluster, variant, what="cluster")
    keyed = Rows(rows.keys | {"cluster": (cluster, "id")}, apart=True, exposed=rows.exposed)
    measured = measure(table, metrics, variant, control, segment, keyed)
    plain: dict[Key, Grouped] = {}
    adjusted: dict[Key, Grouped] = {}
    uncapped: dict[Key, Grouped] = {}
    slopes: dict[int, int] = {}
    missing: dict[int, float] = {}
    for index, block in enumerate(measured.blocks):
        weight = block.own[1] if len(block.own) > 1 else "1.0"
        plain |= _grouped(table, measured, index, block.own[0], weight)
        if (index, "own") in measured.caps:
            uncapped |= _grouped(table, measured, index, block.uncapped, weight)
        correction, used = _correction(table, measured, index)
        if used:
            adjusted |= _grouped(table, measured, index, f"{block.own[0]} - ({correction})", weight)
            slopes[index] = used
        p_value = _missing(table, measured, index)
        missing |= {} if p_value is None else {index: p_value}
    _refuse_few(measured, plain, table.column(cluster))
    return ClusterStudy(
        table=table, measured=measured, variant=variant, segment=segment, notes=notes,
        semantics=(_WORDS.format(cluster=table.column(cluster)),),
        own_methods=True, adjustment="slopes pooled within variants, taken off every row",
        cluster=table.column(cluster), plain=plain, adjusted_sums=adjusted, uncapped_sums=uncapped,
        slopes=slopes, missing=missing,
    )  # fmt: skip


def _refuse_ratio_covariates(metrics: Sequence[Metric]) -> None:
    found = [metric for metric in metrics if metric.kind == "ratio" and metric.covariates]
    if found:
        raise ParameterError(
            f"`cluster` cannot adjust the ratio {found[0].name!r} for a covariate; leave the covariate out, or measure "
            "the numerator as a mean per row."
        )


def _refuse_few(measured: Measurement, plain: dict[Key, Grouped], cluster: str) -> None:
    for variant in measured.variants:
        for index, metric in enumerate(measured.metrics):
            one = plain.get((index, ALL, variant))
            n = 0 if one is None else one.sums.clusters
            if n < 2:
                raise DataError(
                    f"Variant {variant!r} has {count(n)} group{'' if n == 1 else 's'} by '{cluster}' with a value of "
                    f"{metric.name!r}; expected two or more, better ten. With one group nobody can tell the "
                    "change from "
                    "the group: assign more of them."
                )


def _grouped(
    table: Table, measured: Measurement, index: int, value: str, weight: str, there: str | None = None
) -> dict[Key, Grouped]:
    """The clusters' sums over all rows, and within segments."""
    wanted = f"{there or measured.blocks[index].own[0] + ' IS NOT NULL'}"
    found: dict[Key, Grouped] = {}
    for segment in (f"'{ALL}'", "segment") if measured.segments else (f"'{ALL}'",):
        inner = (
            f"SELECT variant, {segment} AS part, cluster, CAST(sum({value}) AS DOUBLE) AS t, "
            f"CAST(sum({weight}) AS DOUBLE) AS w FROM {measured.units} AS u WHERE {wanted} GROUP BY 1, 2, 3"
        )
        frame = table.query(_cluster_sql(inner))
        found |= {(index, str(r["part"]), str(r["variant"])): _read(r, measured, index) for _, r in frame.iterrows()}
    return found


def _cluster_sql(inner: str) -> str:
    """One row per arm and scope from one row per cluster."""
    over = "OVER (PARTITION BY variant, part)"
    shared = f"SELECT *, sum(w) {over} AS n, sum(t) {over} AS total FROM ({inner}) AS clusters"
    split = (
        "SELECT variant, part, w, t, n, total, t / nullif(w, 0) AS level, "
        f"t - total / nullif(n, 0) * w AS e, nullif(1 - w / nullif(n, 0), 0) AS free FROM ({shared}) AS shared"
    )
    return (
        "SELECT variant, part, count(nullif(w, 0)) AS clusters, min(w) AS least, max(n) AS weight, "
        "max(total) AS total, "
        "sum(e * e / free) AS squares, sum(w * w) AS square_weights, sum(w * w / free) AS leveraged, "
        "sum(w * w * w * w / (free * free)) AS leveraged_squares, sum(t * level) AS levels, "
        f"avg(level) AS mean_level, var_samp(level) AS spread FROM ({split}) AS split GROUP BY 1, 2"
    )


def _read(record: pd.Series, measured: Measurement, index: int) -> Grouped:
    if record["least"] < 0:
        raise DataError(
            f"The denominator of {measured.metrics[index].name!r} adds up to less than 0 in a group; a "
            "ratio over groups "
            "needs denominators of 0 or more. Check the column."
        )
    numbers = [float(record[name]) if pd.notna(record[name]) else 0.0 for name in ClusterSums._fields[1:]]
    sums = ClusterSums(int(record["clusters"]), *numbers)
    spread = float(record["spread"]) if pd.notna(record["spread"]) else 0.0
    return Grouped(sums, mean_arm(max(sums.clusters, 1), float(record["mean_level"] or 0.0), spread))


def _correction(table: Table, measured: Measurement, index: int) -> tuple[str, int]:
    """What covariates take off a row's value, as SQL, and how many slopes that took."""
    block = measured.blocks[index]
    if not block.several:
        return "", 0
    found = predictors_of(table, measured, block)
    arms, first = found.scope(ALL, measured.variants), found.size
    places = [first + place for place in independent([np.sum([a.scatter[first:, first:] for a in arms], axis=0)])]
    if not places:
        return "", 0
    value = [1.0] + [0.0] * len(found.terms)
    slopes = pooled_slopes(arms, value, places)
    total = sum(arm.n for arm in arms)
    means = np.sum([arm.mean[places] * arm.n for arm in arms], axis=0) / total
    parts = [
        f"CAST({float(slope)!r} AS DOUBLE) * ({found.terms[place - first]} - CAST({float(mean)!r} AS DOUBLE))"
        for slope, place, mean in zip(slopes, places, means, strict=True)
    ]
    return " + ".join(parts), len(places)


def _missing(table: Table, measured: Measurement, index: int) -> float | None:
    """Do rows without a value differ between the variants, over clusters? None where there are none."""
    cells = [measured.cells[index, ALL, variant] for variant in measured.variants]
    if measured.metrics[index].missing == "zero" or not any(cell.missing for cell in cells):
        return None
    name = measured.blocks[index].own[0]
    groups = _grouped(table, measured, index, f"CASE WHEN {name} IS NULL THEN 1.0 ELSE 0.0 END", "1.0", "TRUE")
    control, *others = (cluster_arm(groups[index, ALL, variant].sums) for variant in measured.variants)
    smallest = min(cluster_difference(other, control).p_value for other in others)
    return min(smallest * len(others), 1.0)
