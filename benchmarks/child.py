"""One case in this process: prints its cost and its answer as one line of JSON.

python -m benchmarks.child "ab sql" events.parquet
"""

import json
import resource
import sys
import time


def main() -> None:
    """Run the case named by the first argument on the file named by the second."""
    from benchmarks.cases import CASES

    case, path = sys.argv[1:]
    wall = time.perf_counter()
    load(case)
    loaded = time.perf_counter() - wall
    wall, cpu = time.perf_counter(), time.process_time()
    answer = CASES[case](path)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"load_seconds": loaded, "seconds": wall, "cpu_seconds": cpu, "peak_mb": peak, "answer": answer}
        )
    )


def load(case: str) -> None:
    """Import what the case needs, so that its own time is the work's alone."""
    import duckdb  # noqa: F401

    if case.endswith("cxlab"):
        import cxlab

        for name in cxlab.__all__:
            getattr(cxlab, name)


if __name__ == "__main__":
    main()
