"""Corrections for several questions against R."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from cxlab.stats.multiplicity import benjamini_hochberg, holm

# R 4.2.2 p.adjust
P = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
HOLM = [0.01, 0.072, 0.312, 0.312, 0.312, 0.312, 0.312, 0.615, 0.615, 0.615]
BH = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714285714286, 0.216, 0.216, 0.216]

LISTS = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_corrections_equal_r() -> None:
    assert np.allclose(holm(P), HOLM, rtol=1e-10)
    assert np.allclose(benjamini_hochberg(P), BH, rtol=1e-10)


@pytest.fixture(scope="module")
def no_sweeping():
    """The peer sweeps all of the suite's memory at each call, which takes half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gc.collect", lambda: 0)
        yield


@pytest.mark.usefixtures("no_sweeping")
@given(LISTS)
def test_corrections_equal_statsmodels_in_any_order(p: list[float]) -> None:
    assert np.allclose(holm(p), multipletests(p, method="holm")[1], atol=1e-12)
    assert np.allclose(benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1], atol=1e-12)


def test_missing_values_stay_missing_and_do_not_count() -> None:
    assert np.allclose(holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04], equal_nan=True)
    assert np.allclose(benjamini_hochberg([np.nan, 0.04, 0.02]), [np.nan, 0.04, 0.04], equal_nan=True)
