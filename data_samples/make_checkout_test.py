"""Make checkout_test.csv: a synthetic test of a shorter checkout, with a known truth.

python data_samples/make_checkout_test.py            write the table
python data_samples/make_checkout_test.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20260504
CUSTOMERS = 12_406
TRUTH = {"ordered": 0.03, "satisfied": 0.005, "return_rate": 0.0, "basket": 0.0}
"""What the short checkout really changes: the share that orders, that is satisfied, that returns, the basket."""

PATH = Path(__file__).with_name("checkout_test.csv")


def checkout_test(customers: int = CUSTOMERS, seed: int = SEED) -> pd.DataFrame:
    """Which customers saw which checkout, and what did they do in the two weeks after?

    Args:
        customers: how many.
        seed: of the random numbers.

    Returns:
        One row per customer: customer_id, assigned_on, variant, device, ordered, orders, revenue, revenue_before,
        items, returned, satisfied (missing where the survey was not answered).
    """
    rng = np.random.default_rng(seed)
    short = rng.random(customers) < 0.5
    habit = rng.gamma(1.2, 1.0, customers)
    before = np.where(
        rng.random(customers) < 0.85, np.round(30 * habit**1.5 * rng.lognormal(0.0, 0.3, customers), 2), 0.0
    )
    device = rng.choice(["phone", "computer", "tablet"], customers, p=[0.55, 0.36, 0.09])
    ease = np.where(device == "computer", 0.05, 0.0)
    chance = np.clip(0.10 + 0.17 * habit + ease + TRUTH["ordered"] * short, 0, 0.95)
    orders = np.where(rng.random(customers) < chance, 1 + rng.poisson(0.3 * habit, customers), 0)
    items = np.where(orders > 0, orders + rng.poisson(1.1 * orders), 0)
    basket = 9.0 * (1 + 0.5 * habit) * rng.lognormal(0.0, 0.35, customers) * (1 + TRUTH["basket"] * short)
    returned = rng.binomial(items, 0.09 + TRUTH["return_rate"] * short)
    answered = rng.random(customers) < np.where(orders > 0, 0.72, 0.48)
    satisfied = rng.random(customers) < 0.68 + 0.08 * (orders > 0) + TRUTH["satisfied"] * short
    day = np.sort(rng.integers(0, 28, customers))
    return pd.DataFrame({
        "customer_id": [f"c{number:05d}" for number in range(1, customers + 1)],
        "assigned_on": pd.Timestamp("2026-05-04").to_datetime64() + day.astype("timedelta64[D]"),
        "variant": np.where(short, "short checkout", "current checkout"),
        "device": device,
        "ordered": (orders > 0).astype(int),
        "orders": orders,
        "revenue": np.round(items * basket, 2),
        "revenue_before": before,
        "items": items,
        "returned": returned,
        "satisfied": pd.array(np.where(answered, satisfied, np.nan)).astype("Int64"),
    })  # fmt: skip


def main() -> int:
    """Write the table, or compare it with what is there."""
    text = checkout_test().to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    if "--check" not in sys.argv[1:]:
        PATH.write_text(text, encoding="utf-8", newline="")
        return 0
    same = PATH.is_file() and PATH.read_text(encoding="utf-8") == text
    if not same:
        sys.stderr.write(f"{PATH.name} is not what {Path(__file__).name} makes; run it without --check.\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
