"""Make survey_responses.csv: who was asked to recommend the company, and what they answered, with a known truth.

python data_samples/make_survey_responses.py            write the table
python data_samples/make_survey_responses.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import cxlab as cx

CUSTOMERS, SEED = 3300, 1

PATH = Path(__file__).with_name("survey_responses.csv")


def survey_responses(customers: int = CUSTOMERS, seed: int = SEED) -> pd.DataFrame:
    """Who was asked "Would you recommend us?", when, and what was the answer?

    Args:
        customers: how many customers the company has.
        seed: of the random numbers.

    Returns:
        One row per invitation: survey_id, customer_id, customer_type, platform, wave, sent_at, answered_at and score
        (0 to 10); the last two are missing where nobody answered.
    """
    company = cx.sample_company(customers, seed=seed, tables=["customers", "surveys"])
    asked = company["surveys"].query("instrument == 'nps'")
    platform = company["customers"].set_index("customer_id")["platform"]
    return pd.DataFrame({
        "survey_id": asked["survey_id"],
        "customer_id": asked["customer_id"],
        "customer_type": asked["segment"],
        "platform": asked["customer_id"].map(platform),
        "wave": asked["wave"].str.replace("Q", " Q"),
        "sent_at": asked["sent_at"],
        "answered_at": asked["answered_at"].dt.floor("min"),
        "score": asked["score"].astype("Int64"),
    })  # fmt: skip


def text(customers: int = CUSTOMERS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        customers: how many customers the company has.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    return survey_responses(customers, seed).to_csv(index=False, date_format="%Y-%m-%dT%H:%M", lineterminator="\n")


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
