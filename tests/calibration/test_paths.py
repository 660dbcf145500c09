"""Do intervals of moves and of removal effects hold the truth, where a person moves several times?

Seeds were fixed before the first run; bounds allow for the number of replicates at a level that holds for all checks
here together (99.9 %).
"""

import numpy as np
import pytest

from cxlab.stats.absorbing_chain import grouped_removal, removal_effects
from cxlab.stats.repeated_shares import repeated_shares

BELOW = 3.9  # standard errors, for a dozen checks


def covered(hits, runs, least=0.95):
    assert hits / runs >= least - BELOW * np.sqrt(least * (1 - least) / runs), hits / runs


@pytest.mark.parametrize(("people", "share"), [(40, 0.3), (150, 0.1), (400, 0.5)])
def test_intervals_of_repeated_moves_cover(people, share):
    """Each person has a chance of its own (beta) and moves one to nine times."""
    draw, runs, hits = np.random.default_rng(20261127 + people), 600, 0
    for _ in range(runs):
        m = draw.integers(1, 10, people)
        y = draw.binomial(m, draw.beta(4 * share, 4 * (1 - share), people))
        found = repeated_shares(
            y.sum(), m.sum(), squares=(y**2).sum(), products=(y * m).sum(), tried_squares=(m**2).sum(), people=people
        )
        hits += bool(found.ci_low <= share <= found.ci_high)
    covered(hits, runs, 0.94)


CHANCE = np.array([
    [0.5, 0.4, 0.1, 0.0, 0.0], [0.1, 0.3, 0.2, 0.1, 0.3], [0.2, 0.1, 0.1, 0.3, 0.3], [0.0, 0.2, 0.2, 0.4, 0.2],
])  # fmt: skip


def walked(draw, walks):
    """Moves of walks through three places."""
    moves, here = np.zeros(CHANCE.shape), np.zeros(walks, int)
    while len(here):
        there = (draw.random(len(here))[:, None] > CHANCE[here].cumsum(axis=1)).sum(axis=1)
        np.add.at(moves, (here, there), 1)
        here = there[there < 3] + 1
    return moves


def test_intervals_of_removal_effects_cover():
    """People in 40 random groups; truth from the chain itself."""
    truth = removal_effects(CHANCE)
    draw, runs = np.random.default_rng(20261127), 300
    hits = np.zeros(7)
    for _ in range(runs):
        groups = np.array([walked(draw, walks) for walks in draw.multinomial(1200, np.full(40, 1 / 40))])
        _, limits = grouped_removal(groups)
        low = np.concatenate([[limits.reached[0]], limits.effect[0], limits.credit[0]])
        high = np.concatenate([[limits.reached[1]], limits.effect[1], limits.credit[1]])
        wanted = np.concatenate([[truth.reached], truth.effect, truth.credit])
        hits += (low <= wanted) & (wanted <= high)
    for one in hits:
        covered(one, runs, 0.94)
