"""Writes doctor_visits.csv, which the tutorials read: the RAND Health Insurance Experiment as statsmodels has it."""

import numpy as np
import pandas as pd
from statsmodels.datasets import randhie

PLANS = {0: "no fee", 25: "25% fee", 50: "50% fee", 95: "95% fee"}


def doctor_visits() -> pd.DataFrame:
    """One row per person and year in the four plans that had no deductible of their own."""
    raw = randhie.load_pandas().data
    paid = np.expm1(raw["lncoins"]).round().astype(int)  # stored as a logarithm
    health = np.select([raw["hlthp"] == 1, raw["hlthf"] == 1, raw["hlthg"] == 1], ["poor", "fair", "good"], "excellent")
    years = pd.DataFrame(
        {
            "variant": paid.map(PLANS),
            "health": health,
            "diseases": raw["disea"],
            "visits": raw["mdvis"].astype(int),
            "went": (raw["mdvis"] > 0).astype(int),
        }
    )
    return years[raw["idp"] == 0]


if __name__ == "__main__":
    doctor_visits().to_csv("doctor_visits.csv", index=False)
