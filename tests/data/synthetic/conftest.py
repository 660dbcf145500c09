"""One company for all tests that look for what was planted."""

import pandas as pd
import pytest

from cxlab.data.synthetic import Company, sample_company

END = pd.Timestamp("2026-07-01")


@pytest.fixture(scope="session")
def company() -> Company:
    return sample_company(30_000, seed=1)


@pytest.fixture(scope="session")
def small() -> Company:
    return sample_company(1000, seed=2)
