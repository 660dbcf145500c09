"""Answers of repeated customers: fewer than they seem, never more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxlab.stats.clusters import Products, cluster_covariance, effective_number, share_difference
from cxlab.stats.proportions import newcombe_difference


def products(s1, m1, s0, m0) -> Products:
    s1, m1, s0, m0 = map(np.asarray, (s1, m1, s0, m0))
    return Products(float(s1 @ s0), float(s1 @ m0), float(m1 @ s0), float(m1 @ m0), len(s1))


def test_customers_who_answer_once_give_the_plain_variance() -> None:
    answers = np.array([1.0, 0, 0, 1, 1, 0, 1])
    ones = np.ones(7)
    found = cluster_covariance(products(answers, ones, answers, ones), answers.mean(), answers.mean(), 7, 7)
    assert found == pytest.approx(answers.var() / 7)


def test_a_twin_of_every_answer_is_worth_nothing() -> None:
    answers = np.tile([1.0, 0.0], 500)
    twins = products(2 * answers, 2 * np.ones(1000), 2 * answers, 2 * np.ones(1000))
    clustered = cluster_covariance(twins, 0.5, 0.5, 2000, 2000)
    assert effective_number(2000, 0.25, clustered, 1000) == pytest.approx(1000, rel=0.01)


@given(st.integers(2, 300), st.integers(2, 300), st.floats(0.01, 0.3), st.floats(1e-6, 0.1))
def test_the_effective_number_is_never_above_the_number(n, customers, variance, clustered) -> None:
    assert 0 < effective_number(n, variance, clustered, min(customers, n)) <= n


def test_answers_that_all_agree_count_as_one_each_customer() -> None:
    assert effective_number(40, 0.0, 0.0, 15) == 15
    assert effective_number(40, 0.5, 0.5, 1) == 1


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_without_covariance_the_difference_is_newcombes(n1, n0, data) -> None:
    x1, x0 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n0))
    assert np.allclose(share_difference(x1, n1, x0, n0)[:3], newcombe_difference(x1, n1, x0, n0), atol=1e-12)


def test_shares_that_move_together_have_a_narrower_difference() -> None:
    apart, together = (share_difference(60, 100, 50, 100, covariance=c) for c in (0.0, 0.001))
    assert together[0] == apart[0]
    assert together[2] - together[1] < apart[2] - apart[1]
    assert together[3] < apart[3]
