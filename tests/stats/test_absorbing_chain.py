"""Removal effects where nothing is known to lead out of some places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxlab.stats.absorbing_chain import grouped_removal, removal_effects


def test_places_from_which_nobody_left_take_nobody_to_the_goal():
    # Of ten walks four go to the goal by a; six go to b and c, and to and fro between them until the data end.
    moves = [[4, 6, 0, 0, 0], [0, 0, 0, 4, 0], [0, 0, 6, 0, 0], [0, 5, 0, 0, 0]]
    found = removal_effects(moves)
    assert found.reached == pytest.approx(0.4)
    assert found.effect.tolist() == pytest.approx([1, 0, 0])
    assert found.credit.tolist() == pytest.approx([1, 0, 0])


def test_a_place_that_leads_to_itself_alone_takes_nobody_to_the_goal():
    found = removal_effects([[3, 1, 0, 0], [0, 0, 2, 1], [0, 4, 0, 0]])
    assert found.reached == pytest.approx(0.5)
    assert found.effect.tolist() == pytest.approx([1, 0])


@settings(max_examples=100, deadline=None)
@given(arrays(int, (6, 4, 5), elements=st.integers(0, 3)))
def test_whatever_was_counted_has_an_answer(moves):
    moves[:, 0, 0] += 1
    found, limits = grouped_removal(moves)
    assert 0 <= found.reached <= 1 + 1e-12
    assert np.all((found.effect >= 0) & (found.effect <= 1))
    assert np.isfinite([*limits.reached, *limits.effect[0], *limits.effect[1]]).all()
