"""Two groups compared over their whole distribution."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from cxlab.stats.quantile_differences import place_of, quantile_differences
from cxlab.stats.quantiles import order_statistic_interval
from cxlab.stats.simultaneous import simultaneous_quantile
from tests.stats.experiment_vectors import vector

GRID = [i / 20 for i in range(1, 20)]
VALUES = st.lists(st.sampled_from([0, 0, 0, 1, 2, 5, 9.5, 40]), min_size=2, max_size=60)


def test_ranks_and_quantile_are_rs():
    """R 4.2.2 qbinom and quantile(type = 7); generated data."""
    given_, expected, tolerance = vector("quantile_orderstat")
    place = place_of(len(given_["x"]), given_["q"], limit=2.8)
    assert (place.low, place.high) == (expected["lo_rank"], expected["hi_rank"])
    found = quantile_differences(given_["x"], np.zeros(200) + np.arange(200) * 1e-9, [given_["q"]])[0]
    assert found.estimate == pytest.approx(expected["q90_type7"], rel=tolerance)


def test_against_a_constant_group_the_interval_is_that_of_the_ranks():
    """With nothing to be unsure of in the control, what is left is the exact interval of one group."""
    x = np.random.default_rng(1).lognormal(0, 1, 400)
    for found in quantile_differences(x, np.full(400, 2.0), [0.1, 0.5, 0.9]):
        low, high = order_statistic_interval(x, found.share)
        assert (found.ci_low + 2, found.ci_high + 2) == pytest.approx((low, high))


def test_one_quantile_has_one_interval():
    rng = np.random.default_rng(2)
    found = quantile_differences(rng.normal(0, 1, 300), rng.normal(0, 1, 300), [0.5])[0]
    assert (found.band_low, found.band_high) == (found.ci_low, found.ci_high)
    assert simultaneous_quantile([0.5]) == pytest.approx(ndtri(0.975))


@settings(max_examples=60)
@given(VALUES, VALUES)
def test_no_interval_is_without_width_and_the_band_holds_each_interval(one, zero):
    for found in quantile_differences(one, zero, GRID):
        assert np.isnan(found.ci_low) or found.ci_low < found.ci_high
        assert np.isnan(found.band_low) or found.band_low < found.band_high
        if not np.isnan(found.ci_low + found.band_low):
            assert found.band_low <= found.ci_low <= found.effect <= found.ci_high <= found.band_high
        assert np.isnan(found.effect) == (found.reading == "same value")


@settings(max_examples=40)
@given(VALUES, VALUES)
def test_swapping_the_groups_flips_every_sign(one, zero):
    for there, back in zip(quantile_differences(one, zero, GRID), quantile_differences(zero, one, GRID), strict=True):
        ends = (back.effect, back.ci_low, back.ci_high, back.band_low, back.band_high)
        flipped = (-there.effect, -there.ci_high, -there.ci_low, -there.band_high, -there.band_low)
        assert ends == pytest.approx(flipped, nan_ok=True)


def test_where_both_groups_have_zero_nothing_is_told_and_at_its_edge_the_interval_is_lopsided():
    values = np.concatenate([np.zeros(560), np.linspace(5, 50, 440)])
    found = {one.share: one for one in quantile_differences(values, values, [0.3, 0.55, 0.9])}
    assert found[0.3].reading == "same value" and np.isnan([found[0.3].effect, found[0.3].band_low]).all()
    assert found[0.55].effect == 0 and found[0.55].ci_high > 5
    assert found[0.9].reading == "open"


def test_two_values_of_many_are_tied_not_sure():
    found = quantile_differences([3.0] * 300, [1.0] * 300, [0.5])[0]
    assert (found.effect, found.reading) == (2.0, "tied")
    assert np.isnan([found.ci_low, found.ci_high, found.band_low]).all()


def test_too_few_values_tell_no_tail():
    assert quantile_differences(range(20), range(20), [0.05])[0].reading == "too few"


def test_how_many_lie_beyond_what_a_quantile_rests_on():
    place = place_of(1000, 0.95, limit=2.8)
    assert place.beyond == 1001 - place.band_high
    assert place_of(20, 0.95, limit=2.8).beyond == 1
