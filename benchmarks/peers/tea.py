"""The same test of users by tea-tasting, in an environment of its own; imports nothing of ours.

python tea.py users.parquet duckdb|polars
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import tea_tasting as tt


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


def main() -> None:
    """Print seconds, processor seconds, peak memory and the estimates."""
    path, engine = sys.argv[1:]
    load(engine)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = analyse(path, engine)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"seconds": wall, "cpu_seconds": cpu, "peak_mb": peak_mb(), "answer": answer}))


def peak_mb() -> float:
    """Most memory of this process alone; the system's other count begins with what the parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
