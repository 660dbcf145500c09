"""The same test of users by tea-tasting, in an environment of its own; imports nothing of ours.

python tea.py users.parquet duckdb|polars
"""

import sys
from typing import Any

import tea_tasting as tt
from cost import print_cost


def table(path: str, engine: str) -> Any:
    """The file as tea-tasting reads it without loading it whole."""
    if engine == "polars":
        import polars as pl

        return pl.scan_parquet(path)
    import ibis

    return ibis.duckdb.connect().read_parquet(path)


def load(engine: str) -> None:
    """Import what reading needs, so that the work's time is the work's alone."""
    __import__("polars" if engine == "polars" else "ibis")
    if engine == "duckdb":
        import ibis

        ibis.duckdb.connect()


def analyse(path: str, engine: str) -> dict[str, str]:
    """A share, a mean with a covariate, a ratio and the sample ratio."""
    found = tt.Experiment(
        conversion=tt.Mean("converted"),
        revenue=tt.Mean("revenue", covariate="revenue_before"),
        carts=tt.RatioOfMeans("carts", "visits"),
        split=tt.SampleRatio(),
    ).analyze(table(path, engine), control="control")
    told = {}
    for name in ("conversion", "carts"):
        told[f"control {name}"] = f"{found[name].control:.9g}"
        told[f"treatment {name}"] = f"{found[name].treatment:.9g}"
    return told | {"revenue": f"{found['revenue'].effect_size:.6g}", "split": f"{found['split'].pvalue:.4g}"}


if __name__ == "__main__":
    path, engine = sys.argv[1:]
    load(engine)
    print_cost(lambda: analyse(path, engine))
