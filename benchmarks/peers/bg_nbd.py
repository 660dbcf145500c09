"""BG/NBD fitted by lifetimes, in an environment of its own; imports nothing of ours.

python bg_nbd.py purchase-summaries.parquet
"""

import sys

import pandas as pd
from cost import print_cost
from lifetimes import BetaGeoFitter


def fitted(path: str) -> dict[str, str]:
    """The parameters."""
    seen = pd.read_parquet(path)
    fitter = BetaGeoFitter()
    fitter.fit(seen["frequency"], seen["recency"], seen["age"])
    return {name: f"{value:.2g}" for name, value in fitter.params_.items()}


if __name__ == "__main__":
    path = sys.argv[1]
    print_cost(lambda: fitted(path))
