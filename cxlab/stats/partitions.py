"""Groups of alike rows: are there any, how many, and would other people have given the same ones?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Partition",
    "adjusted_rand",
    "best_partition",
    "k_means",
    "one_cloud_silhouette",
    "silhouette",
    "stability",
    "tf_idf",
]

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]
_STARTS, _ROUNDS, _MOST = 3, 60, 6


class Partition(NamedTuple):
    """Rows divided into groups: the group of each, the centres, and how well groups are apart."""

    labels: Labels
    centres: Floats
    silhouette: float


def tf_idf(counts: ArrayLike) -> Floats:
    """How much does each word tell of each row?

    Args:
        counts: how often each row (such as a path) has each word (such as an event or a pair of events).

    Returns:
        Counts weighted by how rare the word is over the rows, each row of length 1.

    Source:
        Salton and Buckley (1988), Information Processing & Management 24:513; with 1 added to rows and frequencies, as
        in scikit-learn's TfidfTransformer.

    Examples:
        >>> tf_idf([[1, 1], [1, 0]]).round(3).tolist()
        [[0.58, 0.815], [1.0, 0.0]]
    """
    tf = np.asarray(counts, float)
    weight = np.log((1 + len(tf)) / (1 + (tf > 0).sum(axis=0))) + 1
    told = tf * weight
    length = np.sqrt((told**2).sum(axis=1, keepdims=True))
    return np.asarray(told / np.where(length > 0, length, 1.0))


def k_means(rows: ArrayLike, k: int, *, seed: int = 1, starts: int = _STARTS) -> tuple[Labels, Floats]:
    """Which k groups lie closest around their centres?

    Args:
        rows: one row of numbers per thing.
        k: how many groups.
        seed: of the random starts.
        starts: how many of them are tried.

    Returns:
        The group of each row, and the centres of the best start.

    Source:
        Lloyd (1982), IEEE Transactions on Information Theory 28:129; starts by Arthur and Vassilvitskii (2007).

    Examples:
        >>> labels, centres = k_means([[0.0], [0.1], [5.0], [5.1]], 2)
        >>> sorted(centres.round(2).ravel().tolist())
        [0.05, 5.05]
    """
    x, draw = np.asarray(rows, float), np.random.default_rng(seed)
    found = [_descended(x, _begun(x, k, draw)) for _ in range(starts)]
    labels, centres, _ = min(found, key=lambda one: one[2])
    return labels, centres


def _squares(x: Floats, centres: Floats) -> Floats:
    """Squared distance of each row from each centre."""
    return np.maximum((x**2).sum(axis=1)[:, None] - 2 * x @ centres.T + (centres**2).sum(axis=1), 0)


def _begun(x: Floats, k: int, draw: np.random.Generator) -> Floats:
    """Rows that lie far from each other."""
    places = [int(draw.integers(len(x)))]
    for _ in range(k - 1):
        away = _squares(x, x[places]).min(axis=1)
        total = away.sum()
        places.append(int(draw.choice(len(x), p=away / total)) if total > 0 else int(draw.integers(len(x))))
    return x[places].copy()


def _descended(x: Floats, centres: Floats) -> tuple[Labels, Floats, float]:
    """Rows go to the nearest centre, centres to the middle of their rows, until nothing moves."""
    labels = np.full(len(x), -1)
    for _ in range(_ROUNDS):
        away = _squares(x, centres)
        nearest = away.argmin(axis=1)
        if (nearest == labels).all():
            break
        labels = nearest
        own = np.eye(len(centres))[labels]
        sizes = own.sum(axis=0)
        middle = own.T @ x / np.maximum(sizes, 1)[:, None]
        centres = np.where(sizes[:, None] > 0, middle, centres)
    away = _squares(x, centres)
    return away.argmin(axis=1), centres, float(away.min(axis=1).sum())


def silhouette(rows: ArrayLike, labels: ArrayLike, *, distances: Floats | None = None) -> float:
    """How much closer is each row to its own group than to the next one?

    Args:
        rows: one row of numbers per thing.
        labels: the group of each row.
        distances: distances between the rows, where they are known.

    Returns:
        The average silhouette, from -1 to 1; 0 for a row alone in its group.

    Source:
        Rousseeuw (1987), Journal of Computational and Applied Mathematics 20:53.

    Examples:
        >>> round(silhouette([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1]), 4)
        0.8997
    """
    away = _apart(np.asarray(rows, float)) if distances is None else distances
    kinds, place = np.unique(np.asarray(labels), return_inverse=True)
    if len(kinds) < 2:
        return -1.0
    own = np.eye(len(kinds))[place]
    sums, sizes = away @ own, own.sum(axis=0)
    mine = sizes[place]
    inside = sums[np.arange(len(place)), place] / np.maximum(mine - 1, 1)
    outside = np.where(own > 0, np.inf, sums / sizes).min(axis=1)
    larger = np.maximum(inside, outside)
    score = np.where((mine > 1) & (larger > 0), (outside - inside) / np.where(larger > 0, larger, 1), 0.0)
    return float(score.mean())


def _apart(x: Floats) -> Floats:
    return np.sqrt(_squares(x, x))


def best_partition(rows: ArrayLike, *, most: int = _MOST, seed: int = 1) -> Partition:
    """Into how many groups do the rows fall most clearly?

    Args:
        rows: one row of numbers per thing.
        most: the most groups that are tried; two are the fewest.
        seed: of the random starts.

    Returns:
        The partition with the largest average silhouette, groups in order of size.

    Examples:
        >>> best_partition([[0.0], [1.0], [10.0], [11.0], [12.0]], most=3).labels.tolist()
        [1, 1, 0, 0, 0]
    """
    x = np.asarray(rows, float)
    away = _apart(x)
    found = []
    for k in range(2, min(most, len(x) - 1) + 1):
        labels, centres = k_means(x, k, seed=seed)
        found.append(Partition(labels, centres, silhouette(x, labels, distances=away)))
    best = max(found, key=lambda one: one.silhouette)
    order = np.argsort(-np.bincount(best.labels, minlength=len(best.centres)), kind="stable")
    return Partition(np.argsort(order)[best.labels], best.centres[order], best.silhouette)


def adjusted_rand(one: ArrayLike, other: ArrayLike) -> float:
    """Do two partitions of the same rows agree more than chance would have it?

    Args:
        one: the group of each row.
        other: the group of each row in the other partition.

    Returns:
        1 where both are the same, about 0 where they have nothing to do with each other.

    Source:
        Hubert and Arabie (1985), Journal of Classification 2:193; equal to scikit-learn's adjusted_rand_score.

    Examples:
        >>> round(adjusted_rand([0, 0, 1, 2], [0, 0, 1, 1]), 4)
        0.5714
    """
    _, a = np.unique(np.asarray(one), return_inverse=True)
    _, b = np.unique(np.asarray(other), return_inverse=True)
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    both, rows, columns = (_pairs(v) for v in (table, table.sum(axis=1), table.sum(axis=0)))
    chance = rows * columns / max(_pairs(np.array([len(a)])), 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == chance else float((both - chance) / (most - chance))


def _pairs(counts: Floats) -> float:
    return float((counts * (counts - 1) / 2).sum())


def stability(rows: ArrayLike, people: Sequence[int] | NDArray[np.intp], partition: Partition, *, draws: int = 20,
              seed: int = 1) -> float:  # fmt: skip
    """Would other people of the same kind have given the same groups?

    Args:
        rows: one row of numbers per thing.
        people: the person of each row, who is drawn with all of theirs.
        partition: the groups.
        draws: how many samples of people are drawn with replacement.
        seed: of the draws.

    Returns:
        The average adjusted Rand index between the groups and those that the centres of a drawn sample make.

    Source:
        Hennig (2007), Computational Statistics & Data Analysis 52:258 (bootstrap stability of clusters).

    Examples:
        >>> rows = [[0.0], [1.0], [10.0], [11.0], [12.0]]
        >>> stability(rows, range(5), best_partition(rows, most=2)) > 0.8
        True
    """
    x, (_, who) = np.asarray(rows, float), np.unique(np.asarray(people), return_inverse=True)
    draw, k = np.random.default_rng(seed), len(partition.centres)
    found = []
    for number in range(draws):
        times = np.bincount(draw.integers(who.max() + 1, size=who.max() + 1), minlength=who.max() + 1)
        drawn = np.repeat(np.arange(len(x)), times[who])
        _, centres = k_means(x[drawn], k, seed=seed + number)
        found.append(adjusted_rand(partition.labels, _squares(x, centres).argmin(axis=1)))
    return float(np.mean(found))


def one_cloud_silhouette(rows: ArrayLike, *, draws: int = 19, most: int = _MOST, seed: int = 1) -> float:
    """How clearly would rows fall into groups that are one cloud of the same spread?

    Args:
        rows: one row of numbers per thing.
        draws: how many clouds are imagined.
        most: the most groups that are tried.
        seed: of the clouds.

    Returns:
        The largest average silhouette of the clouds; rows with groups lie above it, at a level of 1 in draws + 1.

    Source:
        Liu, Hayes, Nobel and Marron (2008), JASA 103:1281 (clusters against one normal distribution), with the
        silhouette as measure.

    Examples:
        >>> one_cloud_silhouette([[0.0], [1.0], [10.0], [11.0], [12.0]], draws=3) < 1
        True
    """
    x = np.asarray(rows, float)
    _, spread, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    draw = np.random.default_rng(seed)
    clouds = (draw.standard_normal((len(x), len(spread))) * spread / np.sqrt(len(x)) for _ in range(draws))
    return max(best_partition(cloud, most=most, seed=seed).silhouette for cloud in clouds)
