"""Make checkout_test.csv: the experiment with a plain lift, out of the company with known truth.

python data_samples/make_checkout_test.py            write the table
python data_samples/make_checkout_test.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from cxlab.data.synthetic import company_truth, sample_company

SEED = 1  # the company of the guides, and of the survey sample
CUSTOMERS = 16_500  # of the company; 12,391 of them were there when the test began
LAW = company_truth()["experiments"]["checkout_button"]
TRUTH = {"ordered": LAW["effect"], "revenue": LAW["effect_on_revenue"], "satisfied": 0.0, "returned / items": 0.0}
"""What the short checkout really changes: the share that orders, the revenue by that, and nothing else."""

PATH = Path(__file__).with_name("checkout_test.csv")


def checkout_test(customers: int = CUSTOMERS, seed: int = SEED) -> pd.DataFrame:
    """Which customers saw which checkout, and what did they do in the two weeks after?

    Args:
        customers: how many the company has.
        seed: of the company.

    Returns:
        One row per customer: customer_id, assigned_on, variant, device, ordered, orders, revenue, revenue_before,
        items, returned, satisfied (missing where the survey was not answered).
    """
    company = sample_company(customers, seed=seed, tables=["customers", "assignments"])
    found = company["assignments"].query("experiment == 'checkout_button'").drop(columns="customer_id")
    found = found.merge(company["customers"], left_on="unit_id", right_on="customer_id").sort_values("assigned_at")
    counts = found[["converted", "orders", "items", "returned", "satisfied"]].astype("Int64")
    return pd.DataFrame({
        "customer_id": "c" + found["customer_id"].astype(str),
        "assigned_on": found["assigned_at"].dt.normalize(),
        "variant": found["variant"].map({"control": "current checkout", "treatment": "short checkout"}),
        "device": found["platform"].map({"web": "computer", "app": "phone"}),
        "ordered": counts["converted"],
        "orders": counts["orders"],
        "revenue": found["revenue"],
        "revenue_before": found["revenue_before"],
        "items": counts["items"],
        "returned": counts["returned"],
        "satisfied": counts["satisfied"],
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
