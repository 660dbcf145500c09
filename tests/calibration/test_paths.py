"""Do intervals of moves and of removal effects hold the truth, where a person moves several times?

Seeds were fixed before the first run; bounds allow for the number of replicates at a level that holds for all checks
here together (99.9 %).
"""

import numpy as np
import pytest

from cxlab.stats.absorbing_chain import grouped_removal, removal_effects
from cxlab.stats.clusters import share_difference
from cxlab.stats.repeated_shares import repeated_shares

BELOW = 3.9  # standard errors, for a dozen checks


def covered(hits, runs, least=0.95):
    assert hits / runs >= least - BELOW * np.sqrt(least * (1 - least) / runs), hits / runs


def moved(draw, people, share):
    """Each person has a chance of its own (beta) and moves one to nine times."""
    m = draw.integers(1, 10, people)
    y = draw.binomial(m, draw.beta(4 * share, 4 * (1 - share), people))
    sums = {"squares": (y**2).sum(), "products": (y * m).sum(), "tried_squares": (m**2).sum()}
    return repeated_shares(y.sum(), m.sum(), people=people, **sums)


@pytest.mark.parametrize("runs", [150, pytest.param(4_000, marks=pytest.mark.calibrate)])
@pytest.mark.parametrize(("people", "share"), [(40, 0.3), (150, 0.1), (400, 0.5)])
def test_intervals_of_repeated_moves_cover(people, share, runs):
    draw, hits = np.random.default_rng(20261127 + people), 0
    for _ in range(runs):
        found = moved(draw, people, share)
        hits += bool(found.ci_low <= share <= found.ci_high)
    print(people, share, hits / runs)
    covered(hits, runs, 0.94)


def worth(draw, people, share):
    """A share of repeated moves, and on how many independent ones it rests."""
    found = moved(draw, people, share)
    return found.share * found.effective, found.effective


@pytest.mark.parametrize("runs", [200, pytest.param(4_000, marks=pytest.mark.calibrate)])
@pytest.mark.parametrize(("people", "others", "share"), [(40, 150, 0.1), (400, 400, 0.5), (20, 300, 0.05)])
def test_groups_that_go_the_same_ways_are_told_apart_as_rarely_as_said(people, others, share, runs):
    draw = np.random.default_rng(20261128 + people)
    p = np.array([
        float(share_difference(*worth(draw, people, share), *worth(draw, others, share))[3]) for _ in range(runs)
    ])  # fmt: skip
    print(people, others, share, (p < 0.05).mean())
    assert (p < 0.05).mean() <= 0.055 + BELOW * np.sqrt(0.055 * 0.945 / runs)


CHANCE = np.array([
    [0.5, 0.4, 0.1, 0.0, 0.0], [0.1, 0.3, 0.2, 0.1, 0.3], [0.2, 0.1, 0.1, 0.3, 0.3], [0.0, 0.2, 0.2, 0.4, 0.2],
])  # fmt: skip


def walked(draw, walks, groups):
    """Moves of walks through three places, by random group of people."""
    moves, here, of = np.zeros((groups, *CHANCE.shape)), np.zeros(walks, int), draw.integers(0, groups, walks)
    while len(here):
        there = (draw.random(len(here))[:, None] > CHANCE[here].cumsum(axis=1)).sum(axis=1)
        np.add.at(moves, (of, here, there), 1)
        on = there < 3
        here, of = there[on] + 1, of[on]
    return moves


@pytest.mark.parametrize("runs", [80, pytest.param(1_000, marks=pytest.mark.calibrate)])
@pytest.mark.parametrize("walks", [60, 1200])
def test_intervals_of_removal_effects_cover(walks, runs):
    """People in 40 random groups; truth from the chain itself."""
    truth = removal_effects(CHANCE)
    draw = np.random.default_rng(20261127)
    hits = np.zeros(7)
    for _ in range(runs):
        _, limits = grouped_removal(walked(draw, walks, 40))
        low = np.concatenate([[limits.reached[0]], limits.effect[0], limits.credit[0]])
        high = np.concatenate([[limits.reached[1]], limits.effect[1], limits.credit[1]])
        wanted = np.concatenate([[truth.reached], truth.effect, truth.credit])
        hits += (low <= wanted) & (wanted <= high)
    print(walks, hits / runs)
    for one in hits:
        covered(one, runs, 0.94)
