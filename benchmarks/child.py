"""One case in this process: prints its cost and its answer as one line of JSON.

python -m benchmarks.child "ab sql" events.parquet
"""

import json
import resource
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the case named by the first argument on the file named by the second."""
    case, path = sys.argv[1:]
    wall = time.perf_counter()
    from benchmarks.cases import CASES

    load(case)
    loaded = time.perf_counter() - wall
    wall, cpu = time.perf_counter(), time.process_time()
    answer = CASES[case](path)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        json.dumps(
            {"load_seconds": loaded, "seconds": wall, "cpu_seconds": cpu, "peak_mb": peak_mb(), "answer": answer}
        )
    )


def load(case: str) -> None:
    """Import what the case needs, so that its own time is the work's alone."""
    import duckdb  # noqa: F401

    if case.endswith("cxlab"):
        import cxlab

        for name in cxlab.__all__:
            getattr(cxlab, name)


def peak_mb() -> float:
    """Most memory of this process alone; the system's other count begins with what the parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
