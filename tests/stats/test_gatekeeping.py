"""Primary questions first, secondary ones after."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxlab.stats.gatekeeping import gatekept
from cxlab.stats.multiplicity import holm

chance = st.floats(0.0, 1.0)


def test_one_variant_is_a_fixed_sequence_after_holm():
    """By hand: Holm over 0.01 and 0.02 gives 0.02 each; then 0.015 is carried up to 0.02, and 0.04 stands."""
    assert gatekept([[0.01, 0.02]], [[0.015, 0.04]])[0] == pytest.approx([0.02, 0.02, 0.02, 0.04])


def test_two_variants_share_the_level_and_pass_it_on():
    """By hand: first 2 x 0.01; then 2 x 0.005 carried up to 0.02; that variant is through, so 0.03 counts once."""
    first, second = gatekept([[0.01], [0.03]], [[0.005], [0.20]])
    assert first == pytest.approx([0.02, 0.02])
    assert second == pytest.approx([0.03, 0.20])


def test_a_closed_gate_holds_back_what_lies_behind_it():
    found = gatekept([[0.04, 0.30]], [[0.0001]])[0]
    assert found == pytest.approx([0.08, 0.30, 0.30])


def test_missing_p_values_stay_missing_and_do_not_count():
    found = gatekept([[0.01, np.nan]], [[np.nan, 0.02]])[0]
    assert found == pytest.approx([0.01, np.nan, np.nan, 0.02], nan_ok=True)


@given(st.lists(chance, min_size=1, max_size=5))
def test_without_secondary_questions_one_variant_is_holm(p):
    assert gatekept([p], [[]])[0] == pytest.approx(holm(p))


@given(st.lists(st.tuples(chance, chance), min_size=1, max_size=4))
def test_a_secondary_question_never_passes_before_its_primary_one(pairs):
    for primary, secondary in gatekept([[a] for a, _ in pairs], [[b] for _, b in pairs]):
        assert secondary >= primary


@pytest.mark.parametrize("effect", [0.0, 3.0])
def test_the_chance_of_any_false_finding_stays_at_the_level(effect):
    """Two variants, a primary and two secondary questions each; what is not true is null. 5,000 draws."""
    from scipy.special import ndtr

    rng = np.random.default_rng(9)
    z = rng.standard_normal((5_000, 2, 3))
    z[:, 0, 0] += effect  # the first variant's primary effect is real or not
    p = 2 * ndtr(-np.abs(z))
    wrong = 0
    for draw in p:
        found = gatekept(draw[:, :1].tolist(), draw[:, 1:].tolist())
        false = [found[0][1:], found[1]] if effect else found
        wrong += min(part.min() for part in false) <= 0.05
    assert wrong / len(p) <= 0.05 + 3.3 * (0.05 * 0.95 / len(p)) ** 0.5
