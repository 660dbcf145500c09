"""Make running_test.csv: the first half of an experiment in the company with known truth, as it stood after a week.

python data_samples/make_running_test.py            write the table
python data_samples/make_running_test.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from cxlab.data.synthetic import company_truth, sample_company

SEED = 2
CUSTOMERS = 7_000  # of the company
SEEN_UNTIL = pd.Timestamp("2026-03-02")  # the first of two weeks is over
TRUTH = company_truth()["experiments"]["free_delivery"]["effect_overall"]
"""What free delivery really changes: the share that orders."""

PATH = Path(__file__).with_name("running_test.csv")


def running_test(customers: int = CUSTOMERS, seed: int = SEED) -> pd.DataFrame:
    """Which customers have seen which delivery so far, and did they order?

    Args:
        customers: how many the company has.
        seed: of the company.

    Returns:
        One row per customer: customer_id, assigned_at, variant, customer_type, ordered.
    """
    company = sample_company(customers, seed=seed, tables=["customers", "assignments"])
    found = company["assignments"].query("experiment == 'free_delivery' and assigned_at < @SEEN_UNTIL")
    found = found.sort_values(["assigned_at", "unit_id"])
    return pd.DataFrame({
        "customer_id": "c" + found["unit_id"].astype(str),
        "assigned_at": found["assigned_at"].dt.floor("min"),
        "variant": found["variant"].map({"control": "paid delivery", "treatment": "free delivery"}),
        "customer_type": found["segment"],
        "ordered": found["converted"].astype("Int64"),
    })  # fmt: skip


def text(customers: int = CUSTOMERS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        customers: how many customers the company has.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    return running_test(customers, seed).to_csv(index=False, date_format="%Y-%m-%dT%H:%M", lineterminator="\n")


def main(arguments: list[str]) -> int:
    """Write the table, or compare it.

    Args:
        arguments: `--check` compares instead of writing.

    Returns:
        0, or 1 where the table differs.
    """
    if "--check" in arguments:
        return int(PATH.read_text(encoding="utf-8") != text())
    PATH.write_text(text(), encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
