"""Make checkout_history.csv: eight weeks of visits before the checkout test, out of the company with known truth.

python data_samples/make_checkout_history.py            write the table
python data_samples/make_checkout_history.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from cxlab.data.synthetic import sample_company

SEED, CUSTOMERS = 1, 16_500  # the company of the checkout test
START, WEEKS = pd.Timestamp("2025-12-01"), 8
VISITS = ("home", "homepage_click", "product", "search", "basket", "purchase")
AFTER, BEFORE = pd.Timedelta("14D"), pd.Timedelta("28D")

PATH = Path(__file__).with_name("checkout_history.csv")


def checkout_history(customers: int = CUSTOMERS, seed: int = SEED) -> pd.DataFrame:
    """Who came to the shop, and what did they do in the two weeks after?

    Args:
        customers: how many the company has.
        seed: of the company.

    Returns:
        One row per customer, at the first visit of the period: customer_id, visited_on, device, ordered, revenue,
        revenue_before.
    """
    company = sample_company(customers, seed=seed, tables=["customers", "events", "transactions"])
    events = company["events"]
    inside = events["time"].between(START, START + pd.Timedelta(weeks=WEEKS), inclusive="left")
    visits = events[inside & events["event"].isin(VISITS)]
    first = visits.groupby("customer_id", as_index=False)["time"].min().merge(company["customers"], on="customer_id")
    sold = first[["customer_id", "time"]].merge(company["transactions"], on="customer_id", suffixes=("", "_paid"))
    gap = sold["time_paid"] - sold["time"].dt.normalize()
    after = sold[gap.between(pd.Timedelta(0), AFTER, inclusive="left")].groupby("customer_id")["amount"].sum()
    before = sold[gap.between(-BEFORE, pd.Timedelta(0), inclusive="left")].groupby("customer_id")["amount"].sum()
    revenue = first["customer_id"].map(after)
    found = pd.DataFrame({
        "customer_id": "c" + first["customer_id"].astype(str),
        "visited_on": first["time"].dt.normalize(),
        "device": first["platform"].map({"web": "computer", "app": "phone"}),
        "ordered": revenue.notna().astype(int),
        "revenue": revenue.fillna(0).round(2),
        "revenue_before": first["customer_id"].map(before).fillna(0).round(2),
    })  # fmt: skip
    return found.sort_values(["visited_on", "customer_id"], ignore_index=True)


def main() -> int:
    """Write the table, or compare it with what is there."""
    text = checkout_history().to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    if "--check" not in sys.argv[1:]:
        PATH.write_text(text, encoding="utf-8", newline="")
        return 0
    same = PATH.is_file() and PATH.read_text(encoding="utf-8") == text
    if not same:
        sys.stderr.write(f"{PATH.name} is not what {Path(__file__).name} makes; run it without --check.\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
