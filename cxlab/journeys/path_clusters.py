"""Groups of ways: do people go a few different ways, or is it all one?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL, literal
from cxlab.journeys.path_log import PathLog
from cxlab.journeys.path_shares import clustered_shares
from cxlab.stats.partitions import best_partition, one_cloud_silhouette, stability, tf_idf

__all__ = ["LEAST_STABLE", "Clusters", "cluster_table", "find_clusters"]

LEAST_STABLE = 0.8
"""Average adjusted Rand index below which groups of ways are not told."""
_MOST, _FEWEST = 800, 100
_RARE = 0.02  # a pair of events in fewer of the paths does not help to tell them apart
_NAMED = 2

Words = NDArray[np.float64]


@dataclass(frozen=True)
class Clusters:
    """Groups of ways, or why there are none.

    Attributes:
        paths: u, segment, reached (the goal), cluster (number from 0, or -1 where there are no groups), length.
        names: what each group does more often than the others.
        stable: average adjusted Rand index over samples of people.
        apart: average silhouette.
        cloud: largest average silhouette in clouds of the same spread without groups.
        of: how many paths could have been grouped.
    """

    paths: pd.DataFrame
    names: tuple[str, ...]
    stable: float
    apart: float
    cloud: float
    of: int

    @property
    def found(self) -> bool:
        """Are there groups that other people would have given too?"""
        return self.stable >= LEAST_STABLE and self.apart > self.cloud


def find_clusters(log: PathLog) -> Clusters:
    """Which groups of ways are there?

    Args:
        log: the paths.

    Returns:
        The groups, of at most 800 paths with two events or more before the goal.
    """
    rows, of = _sampled(log)
    paths = rows.groupby("path", sort=True).agg(u=("u", "first"), segment=("segment", "first"), length=("k", "size"))
    told = np.asarray(rows.groupby("path", sort=True)["reached"].first(), bool)
    paths = paths.assign(reached=told, cluster=-1)
    if len(paths) < _FEWEST:
        return Clusters(paths, (), np.nan, np.nan, np.nan, of)
    walks = [one.to_numpy() for _, one in rows.groupby("path", sort=True)["place"]]
    counts = _words(walks, len(log.places))
    kept = (counts > 0).mean(axis=0) >= _RARE
    features = tf_idf(counts[:, kept])
    best = best_partition(features)
    people = np.unique(paths["u"], return_inverse=True)[1]
    return Clusters(
        paths.assign(cluster=best.labels), _names(log, counts, best.labels), stability(features, people, best),
        best.silhouette, one_cloud_silhouette(features), of,
    )  # fmt: skip


def _sampled(log: PathLog) -> tuple[pd.DataFrame, int]:
    """The events before the goal of some paths, drawn by a hash of their ids."""
    goal = "FALSE" if log.goal is None else f"e = {literal(log.goal)}"
    whole = (
        f"SELECT u, p, count(CASE WHEN {goal} THEN NULL ELSE 1 END) AS own, "
        f"max(CASE WHEN {goal} THEN 1 ELSE 0 END) AS reached FROM {log.steps} GROUP BY 1, 2"
    )
    order = "row_number() OVER (ORDER BY hash(u, p), u, p)"
    drawn = f"SELECT * FROM (SELECT u, p, reached, {order} AS path FROM ({whole}) AS w WHERE own > 1) AS l"
    read = log.table.engine.arrays(
        "SELECT s.u AS u, s.segment AS segment, d.path AS path, d.reached AS reached, s.k AS k, s.e AS e "
        f"FROM {log.steps} AS s JOIN ({drawn} WHERE path <= {_MOST}) AS d ON s.u = d.u AND s.p = d.p "
        f"WHERE NOT ({goal}) ORDER BY path, k"
    )
    of = log.table.engine.rows(f"SELECT count(*) FROM ({whole}) AS w WHERE own > 1")[0][0]
    places = {name: place for place, name in enumerate(log.places)}
    rows = pd.DataFrame(read)
    return rows.assign(place=rows["e"].map(places)), int(of)


def _words(walks: list[NDArray[np.intp]], places: int) -> Words:
    """How often each path has each event and each pair of events."""
    found = np.zeros((len(walks), places + places * places))
    for row, walk in enumerate(walks):
        np.add.at(found[row], walk, 1)
        np.add.at(found[row], places + walk[:-1] * places + walk[1:], 1)
    return found


def _names(log: PathLog, counts: Words, labels: NDArray[np.intp]) -> tuple[str, ...]:
    """What each group has in far more of its paths than the others."""
    words = [*log.places, *(f"{a} → {b}" for a in log.places for b in log.places)]
    has = counts > 0
    names: list[str] = []
    for group in range(labels.max() + 1):
        own, others = has[labels == group].mean(axis=0), has[labels != group].mean(axis=0)
        lift = np.where(own >= 0.25, own / np.maximum(others, 0.02), 0) * (own > others)
        top = [place for place in np.argsort(-lift, kind="stable")[:_NAMED] if lift[place] > 1]
        names.append(", ".join(words[place] for place in top) or f"way {group + 1}")
    return tuple(f"{name} ({number})" if names.count(name) > 1 else name for number, name in enumerate(names, 1))


def cluster_table(found: Clusters, *, goal: bool, confidence: float) -> pd.DataFrame:
    """How large is each group of ways, and how many of them reach the goal?

    Args:
        found: the groups.
        goal: is there a goal?
        confidence: level of the intervals.

    Returns:
        One row per segment and group: segment, cluster (what it has more often), n (people), paths, rate (of the paths
        that were grouped), ci_low, ci_high, length (events, median), with a goal goal_rate, goal_ci_low, goal_ci_high;
        effective, size.
    """
    paths = found.paths
    parts = [(ALL, paths)]
    if set(paths["segment"]) != {ALL}:
        parts += [(str(name), rows) for name, rows in paths.groupby("segment")]
    tables = [_sizes(rows, found, goal, confidence).assign(segment=name) for name, rows in parts]
    table = pd.concat(tables, ignore_index=True)
    goals = ["goal_rate", "goal_ci_low", "goal_ci_high"] if goal else []
    columns = ["segment", "cluster", "n", "paths", "rate", "ci_low", "ci_high", "length", *goals, "effective", "size"]
    return table[columns]


def _sizes(rows: pd.DataFrame, found: Clusters, goal: bool, confidence: float) -> pd.DataFrame:
    """The groups among some of the paths."""
    everybody = rows.groupby("u").size()
    told = []
    for number, name in enumerate(found.names):
        own = rows[rows["cluster"] == number]
        size = _share(own.groupby("u").size(), everybody, confidence)
        line = {"cluster": name, "n": own["u"].nunique(), "paths": len(own), "length": own["length"].median(), **size}
        if goal and len(own):
            part = _share(own.groupby("u")["reached"].sum(), own.groupby("u").size(), confidence)
            line |= {f"goal_{key}": part[key] for key in ("rate", "ci_low", "ci_high")}
        told.append(line)
    return pd.DataFrame(told).assign(size=len(everybody))


def _share(did: pd.Series, could: pd.Series, confidence: float) -> dict[str, float]:
    y = did.reindex(could.index).fillna(0).to_numpy(float)
    m = could.to_numpy(float)
    sums = pd.DataFrame(
        {"y": [y.sum()], "yy": [y @ y], "ym": [y @ m], "m": [m.sum()], "mm": [m @ m], "people": [len(m)]}
    )
    return dict(clustered_shares(sums, confidence).iloc[0][["rate", "ci_low", "ci_high", "effective"]])
