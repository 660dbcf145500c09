"""Purchases follow BG/NBD and their values Gamma-Gamma."""

import numpy as np
import pandas as pd
import pytest

from tests.data.synthetic.conftest import END
from tests.data.synthetic.estimates import bgnbd_loss, fitted, gamma_gamma_loss, likelihood_p

WEEK = pd.Timedelta("7D")


@pytest.fixture(scope="module")
def buyers(company) -> pd.DataFrame:
    per = company["transactions"].groupby("customer_id")
    return per.agg(first=("time", "min"), last=("time", "max"), n=("time", "size"), mean=("amount", "mean"))


def recovered(loss, start, true) -> None:
    logs, errors, best = fitted(loss, start)
    assert likelihood_p(loss, best, true) > 1e-4
    assert (np.abs(logs - np.log(true)) < 3 * errors).all(), np.exp(logs)


def test_purchases(company, buyers) -> None:
    truth = company.truth["transactions"]["purchases"]
    last, age = (buyers["last"] - buyers["first"]) / WEEK, (END - buyers["first"]) / WEEK
    loss = bgnbd_loss((buyers["n"] - 1).to_numpy(), last.to_numpy(), age.to_numpy())
    recovered(loss, [1.0, 5.0, 1.0, 2.0], [truth[name] for name in ("r", "alpha", "a", "b")])


def test_values(company, buyers) -> None:
    truth = company.truth["transactions"]["spend"]
    loss = gamma_gamma_loss(buyers["n"].to_numpy(), buyers["mean"].to_numpy())
    recovered(loss, [4.0, 3.0, 10.0], [truth[name] for name in ("p", "q", "v")])


def test_value_and_frequency_are_independent(buyers) -> None:
    assert abs(np.corrcoef(buyers["n"], np.log(buyers["mean"]))[0, 1]) < 4 / np.sqrt(len(buyers))


def test_the_first_purchase_is_the_first_order(company, buyers) -> None:
    ordered = company["events"].query("event == 'first_order'").set_index("customer_id")["time"]
    assert ordered.sort_index().equals(buyers["first"].rename("time").sort_index())
