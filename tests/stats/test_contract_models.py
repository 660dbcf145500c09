"""sBG and BdW against published values, series and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.errors import DataError
from cxlab.stats.contract_models import Bdw, ContractRows, Sbg, contract_rows, fit_contracts, same_hazard_p

# Fader & Hardie (2007), Table 1, 1,000 customers of each segment: after each of twelve renewals.
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
REGULAR_LATER = [0.223, 0.207, 0.194, 0.183, 0.173]


@pytest.fixture(scope="module")
def regular():
    return fit_contracts("sbg", contract_rows(REGULAR))


def test_sbg_estimates_are_the_published_ones(regular):
    """Published .704 and 1.182; maximum by scipy 1.17.1 and R 4.2.2."""
    assert regular.found.values == pytest.approx([0.7040773043781499, 1.1820430450471398], rel=1e-3)
    assert regular.found.loglik == pytest.approx(-1680.2651884632864, rel=1e-6)


def test_sbg_projections_are_the_published_ones(regular):
    assert regular.model.survival([1, 7, 12]) == pytest.approx([0.62670606, 0.23902361, 0.17003745], rel=1e-3)
    assert regular.model.retention([1, 2, 12]) == pytest.approx([0.62670606, 0.75604714, 0.94536156], rel=1e-3)
    assert regular.model.survival([8, 9, 10, 11, 12]) == pytest.approx(REGULAR_LATER, abs=0.005)


def test_discounted_values_are_the_closed_forms():
    """Fader & Hardie (2010); the series of 20,000 terms agrees to 1e-13."""
    model = Sbg(0.8, 2.5)
    wanted = [3.60509203051478, 4.209768057913039, 4.672640847688351, 5.043732460417339, 5.35065022558269]
    assert model.lifetime(0.12) == pytest.approx(4.218832170102475, rel=1e-9)
    assert model.residual([1, 2, 3, 4, 5], 0.12) == pytest.approx(wanted, rel=1e-9)


@settings(max_examples=25)
@given(st.floats(0.1, 8), st.floats(0.1, 30), st.floats(0.02, 0.5))
def test_bdw_with_c_of_one_is_the_sbg(alpha, beta, discount):
    sbg, bdw = Sbg(alpha, beta), Bdw(alpha, beta, 1.0)
    assert bdw.survival(np.arange(9)) == pytest.approx(sbg.survival(np.arange(9)))
    assert bdw.residual([1.0, 4.0], discount) == pytest.approx(sbg.residual([1.0, 4.0], discount), rel=1e-7)
    assert bdw.lifetime(discount) == pytest.approx(sbg.lifetime(discount), rel=1e-7)


@given(st.floats(0.1, 8), st.floats(0.1, 30), st.floats(0.5, 2))
def test_survival_falls_and_chances_add_up(alpha, beta, c):
    model = Bdw(alpha, beta, c)
    survival = model.survival(np.arange(40))
    assert survival[0] == 1 and (np.diff(survival) <= 0).all() and survival[-1] >= 0
    lost = np.exp([model.loglik(ContractRows(*(np.array([float(v)]) for v in (t, 1, 0))))[0] for t in range(1, 40)])
    assert lost.sum() + survival[-1] == pytest.approx(1)


def test_bdw_finds_what_was_put_in():
    model, rng = Bdw(0.8, 6.0, 1.6), np.random.default_rng(5)
    lost = rng.multinomial(60_000, np.append(-np.diff(model.survival(np.arange(13))), model.survival(12)))
    survivors = 60_000 - np.append(0, np.cumsum(lost[:-1]))
    rows = contract_rows(survivors)
    bdw, sbg = fit_contracts("bdw", rows), fit_contracts("sbg", rows)
    ends = bdw.intervals()
    assert (ends[:, 0] < [0.8, 6.0, 1.6]).all() and (ends[:, 1] > [0.8, 6.0, 1.6]).all()
    assert same_hazard_p(sbg, bdw) < 1e-6


def test_cohorts_add_up():
    """Two cohorts, one seen longer: the likelihood of the sum is the sum of the likelihoods."""
    model = Bdw(0.7, 3.0, 1.2)
    old, young = contract_rows([500, 400, 350, 320]), contract_rows([300, 250])
    pad = [np.pad(part, (0, 2)) for part in young[1:]]
    both = ContractRows(old.t, old.lost + pad[0], old.kept + pad[1])
    assert model.loglik(both).sum() == pytest.approx(model.loglik(old).sum() + model.loglik(young).sum())


@pytest.mark.parametrize("survivors", [[100], [100, 120], [100, -1], [100, float("nan")]])
def test_survivors_that_cannot_be_are_refused(survivors):
    with pytest.raises(DataError, match="never rise"):
        contract_rows(survivors)


def test_nobody_lost_is_flat():
    assert fit_contracts("sbg", contract_rows([100, 100, 100])).found.flat
