"""A company with no fault in it, and small clean tables of every kind."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxlab.data.synthetic import Company, sample_company


@pytest.fixture(scope="session")
def company() -> Company:
    return sample_company(400, seed=5)


def _days(n: int, start: str = "2026-01-01", every: str = "7h12min") -> pd.DatetimeIndex:
    return pd.date_range(start, periods=n, freq=every)


@pytest.fixture
def events() -> pd.DataFrame:
    """300 events of 60 people, one after the other, to the last day of March."""
    rng = np.random.default_rng(1)
    names = np.array(["visit", "view", "basket", "pay"])
    return pd.DataFrame({
        "event_id": np.arange(300) + 1, "user_id": np.arange(300) // 5 + 1000,
        "time": _days(300) + pd.to_timedelta(rng.integers(0, 3_000, 300), "s"),
        "event": names[rng.integers(0, 4, 300)],
    }).astype({"event": "str"})  # fmt: skip


@pytest.fixture
def tickets() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    created = _days(200)
    solved = pd.Series(created + pd.to_timedelta(rng.lognormal(10, 1, 200), "s"))
    solved[rng.random(200) < 0.1] = pd.NaT
    closed = solved + pd.to_timedelta(rng.lognormal(11, 1, 200), "s")
    channel = np.array(["email", "phone", "chat"])[rng.integers(0, 3, 200)]
    return pd.DataFrame({
        "ticket_id": np.arange(200), "customer_id": rng.integers(0, 90, 200), "created_at": created,
        "solved_at": solved, "closed_at": closed, "channel": channel,
        "status": np.where(solved.isna(), "open", "solved"),
    }).astype({"channel": "str", "status": "str"})  # fmt: skip


@pytest.fixture
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame({
        "response_id": np.arange(400), "customer_id": np.arange(400),
        "score": rng.choice(np.arange(11), 400, p=[0.02] * 5 + [0.05, 0.1, 0.15, 0.2, 0.2, 0.2])})  # fmt: skip


@pytest.fixture
def assignments() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame({
        "user_id": np.arange(1_000), "variant": np.array(["control", "new"])[rng.integers(0, 2, 1_000)],
        "converted": rng.random(1_000) < 0.3, "revenue": rng.gamma(2, 30, 1_000),
    }).astype({"variant": "str"})  # fmt: skip


@pytest.fixture
def purchases() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    return pd.DataFrame({
        "order_id": np.arange(500), "customer_id": np.arange(500) // 5,
        "time": _days(500, every="4h19min"), "amount": rng.gamma(2, 20, 500).round(2) + 1})  # fmt: skip


def found(result: Any) -> dict[str, tuple[str, int]]:
    """Finding -> column and rows."""
    return {row.finding: (row.column, row.rows) for row in result.table.itertuples()}
